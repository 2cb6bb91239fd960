package org.pgrunbook.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * What the process does on a signal, in place of what the virtual machine would.
 *
 * <p>It is {@code sun.misc.Signal}, which has no successor: a shutdown hook hears of the first
 * signal only. By reflection, because the compiler can be told of no exception to its warning.
 */
final class OnSignal implements AutoCloseable {
  private final Object signal;
  private final Object before;

  private OnSignal(Object signal, Object before) {
    this.signal = signal;
    this.before = before;
  }

  /**
   * Has a signal handled until this is closed.
   *
   * @param name without its SIG, {@code INT}
   * @param handler gets the signal's number, in a thread of its own
   */
  static OnSignal handle(String name, IntConsumer handler) {
    Object signal = named(name);
    Object proxy =
        Proxy.newProxyInstance(
            type("SignalHandler").getClassLoader(),
            new Class<?>[] {type("SignalHandler")},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    handler.accept((Integer) call("getNumber", arguments[0]));
                    yield null;
                  }
                  case "equals" ->
                      System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                  case "hashCode" -> System.identityHashCode(self);
                  default -> "handler of SIG" + name;
                });
    return new OnSignal(signal, install(signal, proxy));
  }

  @Override
  public void close() {
    install(signal, before);
  }

  private static Object install(Object signal, Object handler) {
    try {
      return type("Signal")
          .getMethod("handle", type("Signal"), type("SignalHandler"))
          .invoke(null, signal, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object call(String method, Object signal) {
    try {
      return type("Signal").getMethod(method).invoke(signal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object named(String name) {
    try {
      return type("Signal").getConstructor(String.class).newInstance(name);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("this system has no SIG" + name, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName("sun.misc." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
