package org.pgrunbook.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * How the process ends: at once. Java's own ways out, all of them, wait 0.3 s for threads that are
 * in a system call, and one that waits for what comes over a network always is.
 */
final class Ending {
  private Ending() {}

  /**
   * Ends the process when all is written and nothing is left to do: what was to be done at the end
   * of Java is not done.
   */
  static void end(int status) {
    try {
      exit().invokeExact(status);
    } catch (Throwable e) {
      Runtime.getRuntime().halt(status);
    }
  }

  /** Of the operating system. */
  @SuppressWarnings("restricted") // it takes a number, and returns nothing
  static MethodHandle exit() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("_exit"),
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
  }
}
