package org.pgrunbook.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The versions that matter when something is reported. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    Properties build = build();
    return new String[] {
      "pgrunbook " + build.getProperty("version"),
      "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
      "Groovy " + build.getProperty("groovy"),
      "pgjdbc "
          + build.getProperty("pgjdbc")
          + ", jsch "
          + build.getProperty("jsch")
          + ", AWS SDK "
          + build.getProperty("aws")
    };
  }

  /** pgrunbook's own version. */
  static String own() {
    return build().getProperty("version");
  }

  private static Properties build() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/org/pgrunbook/build.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return properties;
  }
}
