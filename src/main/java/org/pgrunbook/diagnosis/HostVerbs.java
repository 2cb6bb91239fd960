package org.pgrunbook.diagnosis;

import java.time.Duration;
import org.pgrunbook.Changes;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Node;

/** The verbs on what surrounds the data: configuration, logins, clocks, load; used on nodes. */
public final class HostVerbs {
  private HostVerbs() {}

  /**
   * What is in a server's configuration files and not in force: mistakes, files that it has not
   * read since they were changed, settings that wait for a restart. Of the files only if our role
   * may look into them.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static ConfigurationFiles getConfigurationFiles(Node node) {
    return ConfigurationFiles.of(Server.of(node));
  }

  /**
   * Lets a server read its configuration files, and waits until it has, 10 s at most. With a
   * mistake in one of them it keeps what it had.
   *
   * @throws Problem with exit 3 if our role must not
   */
  @Changes
  public static void reload(Node node) {
    Configuration.reload(node);
  }

  /**
   * When the passwords of roles and the server's certificate end; of a standby its certificate
   * only.
   *
   * @param limit how long the certificate has to be valid
   * @param file whether to read the certificate's file on the host as well, which the server may
   *     not have read yet
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static Credentials credentials(Node node, Duration limit, boolean file) {
    return Credentials.of(Server.of(node), limit, file);
  }

  /**
   * Who could not log in, by the server's log on its host.
   *
   * @param window how far back to look
   * @param limit how many in an hour are too many
   */
  public static FailedLogins failedLogins(Node node, Duration window, long limit) {
    return FailedLogins.of(Server.of(node), window, limit);
  }

  /**
   * What a server does with its time.
   *
   * @param watch how long to watch it; it is looked at ten times a second
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static Performance performance(Node node, Duration watch) {
    return Performance.over(Server.of(node), watch);
  }

  /**
   * Settings that it would be better off with another value of, each with the reason.
   *
   * @throws Problem with exit 3 if our role lacks pg_monitor
   */
  public static SettingAdvice getSettingAdvice(Node node) {
    return SettingAdvice.of(Server.of(node));
  }

  /**
   * How far the clocks of a server and of its host are from this machine's.
   *
   * @param limit how far they may be
   */
  public static Clock clock(Node node, Duration limit) {
    return Clock.withHost(Server.of(node), limit);
  }
}
