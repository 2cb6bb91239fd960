package org.pgrunbook.replication;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.pgrunbook.Exit;
import org.pgrunbook.Problem;
import org.pgrunbook.postgres.Cluster;
import org.pgrunbook.postgres.Node;
import org.pgrunbook.postgres.PostgresConf;
import org.pgrunbook.ssh.Command;

/** What a server is told by its configuration so that it is a standby, and whose. */
final class StandbyConfiguration {
  private static final List<String> TARGETS =
      List.of(
          "recovery_target",
          "recovery_target_time",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_xid",
          "recovery_target_inclusive",
          "recovery_target_action");

  private static final String WRITE = "umask 077 && cat > \"$1.new\" && mv -- \"$1.new\" \"$1\"";

  private final Node node;
  private final String data;

  StandbyConfiguration(Node node) {
    this.node = node;
    this.data = node.getPostmaster().getData().replaceFirst("/+$", "");
  }

  /** Writes down whom it follows and by which slot, and that it is a standby. */
  void configure(Cluster cluster, Node primary, String slot) {
    Conninfo conninfo =
        credentials(cluster, primary).to(primary.spec().host(), primary.spec().sql().port());
    conninfo.password().ifPresent(node.run().secrets()::register);
    edit(
        conf ->
            following(raised(withoutTarget(conf), primary), conninfo, slot)
                .with("recovery_target_timeline", "latest"));
    node.getSsh().run("rm", "--force", "--", data + "/recovery.signal", data + "/COPY_UNFINISHED");
    new Fence(node).mark();
  }

  /** What an earlier recovery has left: a standby with a target stops there (P42). */
  private static PostgresConf withoutTarget(PostgresConf conf) {
    PostgresConf result = conf;
    for (String name : TARGETS) {
      result = result.without(name);
    }
    return result;
  }

  private PostgresConf raised(PostgresConf conf, Node primary) {
    return node.run()
        .means()
        .outcome(
            "what " + node + " has set is no less than what " + primary + " has",
            conf,
            () -> conf.raised(Minimums.of(primary), this::setting));
  }

  /** Writes down whom it follows, and by which slot. */
  void follow(Conninfo conninfo, String slot) {
    if (!node.run().means().isDry() && node.getPostmaster().isRunning()) {
      set("primary_conninfo", conninfo.toString());
      set("primary_slot_name", slot);
      node.getSql().execute("select pg_reload_conf()");
    } else {
      edit(conf -> following(conf, conninfo, slot));
    }
  }

  private void set(String name, String value) {
    node.getSql().execute("alter system set %s = '%s'".formatted(name, value.replace("'", "''")));
  }

  private static PostgresConf following(PostgresConf conf, Conninfo conninfo, String slot) {
    return conf.with("primary_conninfo", conninfo.toString()).with("primary_slot_name", slot);
  }

  /** What is a copy of another server's configuration must not take that one's address and name. */
  void nameItself() {
    edit(
        conf ->
            conf.with("port", String.valueOf(node.spec().sql().port()))
                .with("cluster_name", node.getName()));
  }

  private void edit(UnaryOperator<PostgresConf> change) {
    write(change.apply(read()));
  }

  private PostgresConf read() {
    Command read = Command.probeScript("[ ! -e \"$1\" ] || cat \"$1\"", automatic());
    return PostgresConf.parse(node.getSsh().run(read).text());
  }

  private void write(PostgresConf conf) {
    Command write = Command.changeScript(WRITE, automatic());
    node.getSsh().run(write.stdin(conf.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private String automatic() {
    return data + "/postgresql.auto.conf";
  }

  /** The value that the server would start with. */
  private long setting(String name) {
    List<String> command =
        new ArrayList<>(List.of(node.getPostmaster().program("postgres"), "-C", name, "-D", data));
    String file = file();
    if (!file.isEmpty()) {
      command.add("--config-file=" + file);
    }
    return Long.parseLong(node.getSsh().read(command).text());
  }

  /** How a standby of this cluster logs in: as the primary did when it was one, or another does. */
  private static Conninfo credentials(Cluster cluster, Node primary) {
    return Stream.concat(Stream.of(primary), cluster.getStandbys().stream())
        .map(one -> one.getSql().value(String.class, "select current_setting('primary_conninfo')"))
        .filter(conninfo -> !conninfo.isEmpty())
        .findFirst()
        .map(Conninfo::parse)
        .orElseThrow(
            () ->
                Problem.refused("no node of \"" + cluster + "\" tells how a standby logs in")
                    .hint("Set primary_conninfo on " + primary + ": it is read there."));
  }

  /** Debian keeps it outside of the data directory; pg_rewind has to be told. */
  String file() {
    String debian =
        node.spec()
            .service()
            .map(name -> name.replaceFirst("^.*@", "").replaceFirst("-", "/"))
            .orElse("-");
    String file = "/etc/postgresql/" + debian + "/postgresql.conf";
    Command look =
        Command.probeScript(
            "[ -e \"$1/postgresql.conf\" ] || [ ! -e \"$2\" ] || echo \"$2\"", data, file);
    return node.getSsh().run(look).text();
  }

  /**
   * P49: what it replays before it streams may ask for more than the primary has now. It gives up
   * there, or pauses if it answers queries already; its pg_control says what it needs.
   *
   * @return whether there was anything to raise
   */
  boolean raise(Problem gaveUp) {
    if (gaveUp.exit() != Exit.FAILED) {
      return false;
    }
    PostgresConf before = read();
    PostgresConf raised =
        before.raised(node.getPostmaster().controlFile().settings().minimums(), this::setting);
    if (raised.equals(before)) {
      return false;
    }
    node.run().journal().warn(node + " replays what asks for more than it has set: that is raised");
    write(raised);
    return true;
  }
}
