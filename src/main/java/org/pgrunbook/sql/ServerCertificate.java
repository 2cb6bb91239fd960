package org.pgrunbook.sql;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.pgrunbook.Problem;

/**
 * A server's certificate.
 *
 * @param subject whose it is
 * @param issuer who signed it
 * @param serial its number, in hexadecimal digits
 * @param notBefore from when on it is valid
 * @param notAfter until when
 * @see <a href="https://www.postgresql.org/docs/current/ssl-tcp.html">Secure TCP/IP connections</a>
 */
public record ServerCertificate(
    String subject, String issuer, String serial, Instant notBefore, Instant notAfter) {
  private static final int SSL_REQUEST = 80877103;
  private static final int REQUEST_LENGTH = 8;

  /**
   * Reads a file of certificates, of which the first is the server's own.
   *
   * @throws Problem with exit 1 if it is none
   */
  public static ServerCertificate parse(byte[] pem) {
    try {
      return of(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(pem)));
    } catch (CertificateException e) {
      throw Problem.failed("this is no certificate: " + e.getMessage()).because(e);
    }
  }

  /**
   * The one that a server shows to whoever begins TLS; empty if it does not speak TLS. Nobody logs
   * in, and nothing of it is believed: an expired one is to be seen too.
   */
  static Optional<ServerCertificate> shown(Socket socket, String host, int port)
      throws IOException, GeneralSecurityException {
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(REQUEST_LENGTH);
    out.writeInt(SSL_REQUEST);
    out.flush();
    if (new DataInputStream(socket.getInputStream()).readByte() != 'S') {
      return Optional.empty();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Onlooker()}, null);
    try (SSLSocket tls =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true)) {
      tls.startHandshake();
      return Optional.of(of((X509Certificate) tls.getSession().getPeerCertificates()[0]));
    }
  }

  private static ServerCertificate of(X509Certificate certificate) {
    return new ServerCertificate(
        certificate.getSubjectX500Principal().getName(),
        certificate.getIssuerX500Principal().getName(),
        certificate.getSerialNumber().toString(16),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant());
  }

  /** Looks at every certificate, and sends nothing to whoever showed it. */
  private static final class Onlooker implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
