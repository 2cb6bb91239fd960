package org.pgrunbook.inventory;

import java.util.List;
import java.util.Optional;
import org.pgrunbook.Problem;
import org.pgrunbook.inventory.NodeSpec.Role;

/**
 * Reads a node; for {@code ssh} and {@code sql} its own values, then its cluster's, then the
 * defaults.
 */
record NodeReader(Section defaults, Section cluster, Section node) {

  NodeSpec read(String clusterName, String name) {
    String host = node.required("host", Form.text(), "");
    Role role = node.required("role", Form.oneOf(Role.class), Role.SPARE);
    Optional<String> data = node.get("data", Form.remotePath());
    Optional<String> service = node.get("service", Form.text());
    return new NodeSpec(
        clusterName,
        name,
        host,
        role,
        data,
        service,
        control(service),
        node.get("bin", Form.remotePath()),
        node.get("priority", Form.number(0, 1000), 0),
        node.get("failover", Form.word("never")).isEmpty(),
        node.get("tags", Form.words()).orElse(List.of()),
        ssh(node.section("ssh", cluster, defaults), host),
        sql(node.section("sql", cluster, defaults), host));
  }

  private Control control(Optional<String> service) {
    if (node.hasMapping("control")) {
      Section control = node.section("control");
      control.require("commands");
      return commands(control.section("commands"));
    }
    String byDefault = service.isPresent() ? "systemd" : "pg_ctl";
    String word = node.get("control", Form.word("systemd", "pg_ctlcluster", "pg_ctl"), byDefault);
    if (!word.equals("pg_ctl") && service.isEmpty()) {
      node.fault(
          node.position(),
          Problem.usage(node.subject() + " has control \"" + word + "\" but no \"service\"")
              .hint("Add its unit, such as service: postgresql@15-main."));
    }
    return switch (word) {
      case "systemd" -> new Control.Systemd();
      case "pg_ctlcluster" -> new Control.PgCtlcluster();
      default -> new Control.PgCtl();
    };
  }

  private static Control commands(Section commands) {
    return new Control.Commands(
        commands.required("start", Form.text(), ""),
        commands.required("stop", Form.text(), ""),
        commands.required("restart", Form.text(), ""));
  }

  static SshSettings ssh(Section ssh, String host) {
    return new SshSettings(
        ssh.get("host", Form.text(), host),
        ssh.get("port", Form.port()),
        ssh.get("user", Form.text()),
        ssh.get("identity", Form.localPath()),
        ssh.get("knownHosts", Form.localPath()),
        ssh.get("proxyJump", Form.text()),
        ssh.get("sudo", Form.flag(), false));
  }

  private static SqlSettings sql(Section sql, String host) {
    return new SqlSettings(
        sql.get("host", Form.text(), host),
        sql.get("port", Form.port(), 5432),
        sql.get("user", Form.text(), "postgres"),
        sql.get("database", Form.text(), "postgres"),
        sql.get(
            "sslmode",
            Form.word("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
            "prefer"),
        sql.get("password", Form.secret()),
        sql.get("via", Form.word("ssh")).isPresent());
  }
}
