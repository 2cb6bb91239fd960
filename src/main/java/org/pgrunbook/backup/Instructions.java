package org.pgrunbook.backup;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pgrunbook.ssh.Shell;

/**
 * RESTORE.md: how a backup is restored with nothing but a shell, for the day when nothing else is
 * at hand.
 */
final class Instructions {
  private static final String TEXT =
      """
      # Restoring backup ${id} by hand

      A full backup of cluster "${cluster}", system identifier ${system}, PostgreSQL ${major}, taken of
      ${host} (${directory}). It ended at ${stopTime}, ${stopLsn}, on timeline ${timeline}:
      nothing before that can be restored from it.

      You need this folder, the folder `wal` two levels up, `tar`, `${program}` and the programs of
      PostgreSQL ${major}. If the folders are in a bucket, copy them to the host first. Work in one shell, as the
      user who is to own the server's files. Begin with what only you know, all paths absolute:

      ```sh
      backup=/path/to/this/folder
      wal=/path/to/wal
      data=/path/of/the/new/data/directory    # empty, or not there yet
      ${locations}
      port=5432                               # another one, if the old server still runs on this host
      target=""                               # or: recovery_target_time = '2026-03-01 01:45:00+00'
      PATH=$PATH:/usr/lib/postgresql/${major}/bin
      ```

      1. Unpack the archives, in their order.

      ```sh
      mkdir -p -m 0700 "$data"
      for archive in "$backup"/data/*.tar${suffix}; do
          ${unpack} < "$archive" | tar -x -p -C "$data" || break
      done
      mkdir -p "$data"/pg_wal
      ${tablespaces}
      ```

      2. Put `backup_label` beside them. Never leave it out, and never remove it, whatever a message of the server
         suggests: it would start without, but with corrupt data.

      ```sh
      cp "$backup"/backup_label "$data"/
      ${map}
      ```

      3. Tell the server how to get at the WAL and where to stop; without a target it goes on to the end. It does
         not archive: the archive is that of the cluster which it is a copy of. If that was failed over after the
         backup, put the number of the newest timeline in place of ${timeline}.

      ```sh
      cat > "$data".fetch <<'END'
      # fetch WAL NAME PATH: for PostgreSQL 1 means "there is none", and more than 125 "stop"
      file=$(ls "$1"/*/"$2" "$1"/*/"$2".zst "$1"/*/"$2".gz 2>/dev/null | head -n 1)
      case $file in
          '')    exit 1 ;;
          *.zst) zstd -q -d < "$file" > "$3" ;;
          *.gz)  gzip -d < "$file" > "$3" ;;
          *)     cat "$file" > "$3" ;;
      esac || exit 200
      END
      cat >> "$data"/postgresql.auto.conf <<END
      restore_command = 'sh "$data.fetch" "$wal" %f "%p"'
      recovery_target_timeline = '${timeline}'
      recovery_target_action = 'promote'
      $target
      archive_mode = 'off'
      synchronous_standby_names = ''
      END
      touch "$data"/recovery.signal
      ```

      4. Last, the file that makes it a database. Then start the server; its log tells where recovery stopped.

      ```sh
      cp "$backup"/pg_control "$data"/global/pg_control
      pg_ctl start -w -D "$data" -l "$data".log -o "-p $port"
      ```

      The server goes on along a timeline of its own. Turn `archive_mode` on again only if it is to take the place
      of the cluster; then take a backup of it.
      """;

  private Instructions() {}

  static String of(Manifest manifest) {
    Compression compression = manifest.compression();
    return TEXT.replace("${id}", manifest.id())
        .replace("${cluster}", manifest.cluster())
        .replace("${system}", manifest.systemIdentifier())
        .replace("${major}", String.valueOf(manifest.postgres()))
        .replace("${host}", manifest.host())
        .replace("${directory}", manifest.dataDirectory())
        .replace("${stopTime}", manifest.stopTime().toString())
        .replace("${stopLsn}", manifest.stopLsn().toString())
        .replace("${timeline}", String.valueOf(manifest.timeline()))
        .replace("${program}", compression.program())
        .replace(
            "${locations}\n",
            each(
                manifest,
                space ->
                    "tablespace_%s=%s    # of tablespace %s\n"
                        .formatted(
                            space.oid(), Shell.quote(List.of(space.location())), space.name())))
        .replace("${tablespaces}\n", each(manifest, Instructions::unpack))
        .replace(
            "${map}\n",
            each(
                manifest,
                space ->
                    "echo \"%1$s $tablespace_%1$s\" >> \"$data\"/tablespace_map\n"
                        .formatted(space.oid())))
        .replace("${suffix}", compression.suffix())
        .replace("${unpack}", compression.unpack());
  }

  private static String unpack(Manifest.Tablespace space) {
    return """
    mkdir -p -m 0700 "$tablespace_%1$s"
    for archive in "$backup"/tablespaces/%1$s/*.tar${suffix}; do
        ${unpack} < "$archive" | tar -x -p -C "$tablespace_%1$s" || break
    done
    """
        .formatted(space.oid());
  }

  private static String each(Manifest manifest, Function<Manifest.Tablespace, String> lines) {
    return manifest.tablespaces().stream().map(lines).collect(Collectors.joining());
  }
}
