package org.pgrunbook.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What of S3 a training run asks for, over HTTPS and in memory: a backup's first second would
 * otherwise go into loading what talks to the repository.
 */
final class TrainingStore implements AutoCloseable {
  private static final String PASSWORD = "training";
  private static final Pattern KEY = Pattern.compile("<Key>(.*?)</Key>");

  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpsServer server;

  /** Begins to answer, with a certificate that this Java trusts from now on. */
  TrainingStore(Path folder) throws IOException, GeneralSecurityException {
    Path certificate = certificate(folder);
    System.setProperty("javax.net.ssl.trustStore", certificate.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server = HttpsServer.create(anyPort, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity(certificate)));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static Path certificate(Path folder) throws IOException {
    Path file = folder.resolve("store.jks");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    String what =
        "-genkeypair -alias store -keyalg RSA -keysize 2048 -dname CN=127.0.0.1 -ext"
            + " san=ip:127.0.0.1 -storetype JKS -keystore store.jks -storepass training -keypass"
            + " training";
    Process process =
        new ProcessBuilder((keytool + " " + what).split(" "))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!Files.exists(file)) {
      throw new IOException("keytool made no certificate: " + said);
    }
    return file;
  }

  private static SSLContext identity(Path certificate)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance(certificate.toFile(), PASSWORD.toCharArray());
    var managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext identity = SSLContext.getInstance("TLS");
    identity.init(managers.getKeyManagers(), null, null);
    return identity;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] content = content(exchange);
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    String key = exchange.getRequestURI().getPath().replaceFirst("^/[^/]*/?", "");
    switch (exchange.getRequestMethod()) {
      case "PUT" -> put(exchange, key, query, content);
      case "POST" -> post(exchange, key, query, content);
      case "DELETE" -> {
        objects.remove(key);
        send(exchange, 204, new byte[0]);
      }
      default -> {
        byte[] found = key.isEmpty() ? listing() : objects.get(key);
        if (found == null) {
          send(exchange, 404, "<Error><Code>NoSuchKey</Code></Error>");
        } else {
          send(exchange, 200, found);
        }
      }
    }
  }

  private void put(HttpExchange exchange, String key, String query, byte[] content)
      throws IOException {
    String from = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
    if (from != null) {
      objects.put(key, objects.get(from.replaceFirst("^[^/]*/", "")));
      send(exchange, 200, "<CopyObjectResult><ETag>\"copy\"</ETag></CopyObjectResult>");
      return;
    }
    if (query.contains("partNumber=")) {
      objects.merge(key, content, TrainingStore::joined);
    } else {
      objects.put(key, content);
    }
    send(exchange, 200, new byte[0]);
  }

  private void post(HttpExchange exchange, String key, String query, byte[] content)
      throws IOException {
    if (query.startsWith("delete")) {
      Matcher names = KEY.matcher(new String(content, UTF_8));
      while (names.find()) {
        objects.remove(names.group(1));
      }
      send(exchange, 200, "<DeleteResult/>");
    } else {
      boolean begins = query.startsWith("uploads");
      if (begins) {
        objects.put(key, new byte[0]);
      }
      String answer = begins ? "InitiateMultipartUpload" : "CompleteMultipartUpload";
      send(
          exchange,
          200,
          "<%1$sResult><Key>%2$s</Key><UploadId>1</UploadId><ETag>\"1\"</ETag></%1$sResult>"
              .formatted(answer, key));
    }
  }

  /** In the order in which they came: one part is like another here. */
  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private byte[] listing() {
    return objects.entrySet().stream()
        .map(
            object ->
                "<Contents><Key>%s</Key><Size>%d</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
                    .formatted(object.getKey(), object.getValue().length))
        .collect(joining("", "<ListBucketResult>", "</ListBucketResult>"))
        .getBytes(UTF_8);
  }

  private static void send(HttpExchange exchange, int status, String answer) throws IOException {
    send(exchange, status, answer.getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] answer) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.getResponseHeaders().set("ETag", "\"" + answer.length + "\"");
    exchange.getResponseHeaders().set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    exchange.getResponseHeaders().set("Content-Length", String.valueOf(answer.length));
    exchange.sendResponseHeaders(status, head || answer.length == 0 ? -1 : answer.length);
    if (!head) {
      exchange.getResponseBody().write(answer);
    }
    exchange.close();
  }

  /** What was sent: the SDK frames what it knows no sum of beforehand in chunks with a trailer. */
  private static byte[] content(HttpExchange exchange) throws IOException {
    byte[] sent = exchange.getRequestBody().readAllBytes();
    String sum = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
    if (sum == null || !sum.startsWith("STREAMING-")) {
      return sent;
    }
    var content = new ByteArrayOutputStream();
    InputStream chunks = new ByteArrayInputStream(sent);
    for (int size = size(chunks); size > 0; size = size(chunks)) {
      content.write(chunks.readNBytes(size));
      chunks.skipNBytes(2);
    }
    return content.toByteArray();
  }

  private static int size(InputStream chunks) throws IOException {
    var line = new StringBuilder();
    for (int next = chunks.read(); next >= 0 && next != '\n'; next = chunks.read()) {
      line.append((char) next);
    }
    return Integer.parseInt(line.toString().strip().replaceFirst(";.*", ""), 16);
  }
}
