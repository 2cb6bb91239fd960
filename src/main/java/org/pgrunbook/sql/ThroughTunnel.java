package org.pgrunbook.sql;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import javax.net.SocketFactory;

/**
 * Sockets that end at a tunnel, whatever address they are told. The driver still believes to talk
 * to the server itself, so {@code sslmode=verify-full} compares the certificate with the server's
 * name.
 *
 * <p>Public only because the driver makes it by name.
 *
 * @see <a href="https://jdbc.postgresql.org/documentation/use/">socketFactory</a>
 */
public final class ThroughTunnel extends SocketFactory {
  private final InetSocketAddress entrance;

  /** Made by the driver, from its property {@code socketFactoryArg}. */
  public ThroughTunnel(String port) {
    entrance = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  @Override
  public Socket createSocket() {
    return new Socket() {
      @Override
      public void connect(SocketAddress ignored, int timeout) throws IOException {
        super.connect(entrance, timeout);
      }
    };
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw onlyUnconnected();
  }

  private static IOException onlyUnconnected() {
    return new SocketException("a socket through a tunnel is made unconnected");
  }
}
