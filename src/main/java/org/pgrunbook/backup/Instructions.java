package org.pgrunbook.backup;

/**
 * RESTORE.md: how a backup is restored with nothing but a shell, for the day when nothing else is
 * at hand.
 */
final class Instructions {
  private Instructions() {}

  static String of(Manifest manifest) {
    String unpack = manifest.compression().unpack();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Restoring backup %s by hand

        A full backup of cluster "%s", system identifier %s, PostgreSQL %d, taken of %s (%s).
        It ended at %s. You need this folder, the folder `wal` two levels up, and a server of
        PostgreSQL %d that is not running.

        Set these three, and run everything as the user that owns the server's files:

        ```sh
        backup=/path/to/this/folder
        wal=/path/to/wal
        data=/path/of/the/new/data/directory    # empty or not there yet
        ```

        1. Unpack the archives, in order:

        ```sh
        mkdir -p -m 0700 "$data"
        for archive in "$backup"/data/*.tar%s; do
            %s < "$archive" | tar -x -p -C "$data" || break
        done
        ```
        """
            .formatted(
                manifest.id(),
                manifest.cluster(),
                manifest.systemIdentifier(),
                manifest.postgres(),
                manifest.host(),
                manifest.dataDirectory(),
                manifest.stopTime(),
                manifest.postgres(),
                manifest.compression().suffix(),
                unpack));
    if (!manifest.tablespaces().isEmpty()) {
      tablespaces(manifest, text);
    }
    text.append(
        """

        %d. Put the labels beside them, to the byte. Never leave out `backup_label`: the server would start without it, but
           with corrupt data.

        ```sh
        cp "$backup"/backup_label "$data"/
        %s
        mkdir -p "$data"/pg_wal/archive_status
        ```

        %d. Tell the server where its WAL is, and where to stop. Without a target it goes on to the end.

        ```sh
        cat >> "$data"/postgresql.auto.conf <<END
        restore_command = 'f=\\$(ls "$wal"/*/%%f "$wal"/*/%%f%s 2>/dev/null | head -n 1); test -n "\\$f" || exit 1; case \\$f in *%s) %s < "\\$f" ;; *) cat "\\$f" ;; esac > "%%p" || exit 200'
        recovery_target_timeline = '%d'
        recovery_target_action = 'promote'
        archive_mode = 'off'
        END
        # echo "recovery_target_time = '2026-03-01 01:45:00+00'" >> "$data"/postgresql.auto.conf
        touch "$data"/recovery.signal
        ```

        %d. Last, the file that makes it a database, and start the server:

        ```sh
        cp "$backup"/pg_control "$data"/global/pg_control
        pg_ctl start -w -D "$data"
        ```
        """
            .formatted(
                manifest.tablespaces().isEmpty() ? 2 : 3,
                manifest.tablespaceMap().isPresent()
                    ? "cp \"$backup\"/tablespace_map \"$data\"/"
                    : "# this backup has no tablespace_map",
                manifest.tablespaces().isEmpty() ? 3 : 4,
                manifest.compression().suffix(),
                manifest.compression().suffix(),
                unpack,
                manifest.timeline(),
                manifest.tablespaces().isEmpty() ? 4 : 5));
    return text.toString();
  }

  private static void tablespaces(Manifest manifest, StringBuilder text) {
    text.append(
        """

        2. Unpack the tablespaces. The server finds them by `tablespace_map`; edit the copy of it in the data directory if they
           go to another place than these:

        ```sh
        """);
    for (Manifest.Tablespace tablespace : manifest.tablespaces()) {
      text.append(
          """
          mkdir -p -m 0700 '%2$s'
          for archive in "$backup"/tablespaces/%1$s/*.tar%3$s; do
              %4$s < "$archive" | tar -x -p -C '%2$s' || break
          done
          """
              .formatted(
                  tablespace.oid(),
                  tablespace.location(),
                  manifest.compression().suffix(),
                  manifest.compression().unpack()));
    }
    text.append("```\n");
  }
}
