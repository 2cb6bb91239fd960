package org.pgrunbook.sandbox;

import java.util.List;
import org.pgrunbook.sandbox.SandboxFolder.Secret;

/** The inventory of a sandbox, with the keys of any other inventory. */
final class SandboxInventory {
  private static final List<String> ROLES = List.of("primary", "standby", "standby", "spare");

  private SandboxInventory() {}

  /** The text of {@code inventory.yml}. */
  static String of(SandboxFolder folder, Plan plan) {
    var text =
        new StringBuilder(
            """
            # The sandbox: made by "pgrunbook sandbox up", gone with "pgrunbook sandbox down".
            defaults:
              ssh:
                user: %s
                identity: %s
                knownHosts: %s
              sql:
                user: postgres
                database: postgres
                sslmode: disable
                password: { file: %s }

            repositories:
              main:
                s3:
                  bucket: %s
                  prefix: main
                  region: us-east-1
                  endpoint: http://127.0.0.1:%d
                  pathStyle: true
                  accessKey: { file: %s }
                  secretKey: { file: %s }

            clusters:
              %s:
                repository: main
                spool: spool    # relative to the home of the SSH user
                thresholds: { idleInTransaction: 5s, lockWait: 2s, query: 5s, slotRetained: 16MB, archiveWaiting: 30s, lag: 16MB, prepared: 5s, idle: 5s, walSize: 160MB, xidAge: 200000, deadRows: 10000, tempSize: 4MB }    # short, so that triage finds a drill at once
                nodes:
            """
                .formatted(
                    Plan.SSH_USER,
                    quote(folder.identity()),
                    quote(folder.knownHosts()),
                    quote(folder.secretFile(Secret.SQL_PASSWORD)),
                    Plan.BUCKET,
                    plan.s3Port(),
                    quote(folder.secretFile(Secret.S3_ACCESS_KEY)),
                    quote(folder.secretFile(Secret.S3_SECRET_KEY)),
                    Plan.CLUSTER));
    List<Host> hosts = plan.hosts(folder);
    for (int i = 0; i < hosts.size(); i++) {
      Host host = hosts.get(i);
      text.append(
          """
                %s:
                  host: 127.0.0.1
                  role: %s
                  data: %s
                  bin: %s
                  control: pg_ctl
                  tags: [drill]    # a place to practise: the drill runbooks may break it
                  ssh: { port: %d }
                  sql: { port: %d }
          """
              .formatted(
                  host.name(),
                  ROLES.get(i),
                  quote(host.data()),
                  quote(host.bin()),
                  host.sshPort(),
                  host.sqlPort()));
    }
    return text.toString();
  }

  /** A double-quoted YAML scalar. */
  private static String quote(Object path) {
    return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
