package org.pgrunbook.sql;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The functions of PostgreSQL 15 to 18 that change something: the server, its files, its
 * replication or what other sessions see. A read-only transaction lets nearly all of them run, so
 * this list is what keeps them out of probes.
 *
 * <p>Made from the volatile functions of pg_proc and of the extensions that come with PostgreSQL; a
 * test asks for a decision on each new one. Left out is what ends with the probe's own transaction,
 * and what works only inside pg_upgrade.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">System administration
 *     functions</a>
 */
public final class ChangingFunctions {
  private static final Set<String> NAMES =
      names(
          // Other sessions, the server's configuration and its log.
          "pg_cancel_backend pg_terminate_backend pg_reload_conf pg_rotate_logfile"
              + " pg_rotate_logfile_old pg_log_backend_memory_contexts pg_notify",

          // WAL, backups, recovery and promotion.
          "pg_switch_wal pg_create_restore_point pg_logical_emit_message pg_log_standby_snapshot"
              + " pg_backup_start pg_backup_stop pg_promote pg_wal_replay_pause"
              + " pg_wal_replay_resume",

          // Replication slots hold WAL back, or let it go; to get changes is to consume them.
          "pg_create_physical_replication_slot pg_create_logical_replication_slot"
              + " pg_copy_physical_replication_slot pg_copy_logical_replication_slot"
              + " pg_drop_replication_slot pg_replication_slot_advance pg_sync_replication_slots"
              + " pg_logical_slot_get_changes pg_logical_slot_get_binary_changes",

          // Replication origins; the session's one would stay on a connection that is used again.
          "pg_replication_origin_create pg_replication_origin_drop pg_replication_origin_advance"
              + " pg_replication_origin_session_setup pg_replication_origin_session_reset"
              + " pg_replication_origin_xact_setup pg_replication_origin_xact_reset",

          // Statistics: what the monitoring counts from, and what the planner plans by.
          "pg_stat_reset pg_stat_reset_shared pg_stat_reset_single_table_counters"
              + " pg_stat_reset_single_function_counters pg_stat_reset_slru"
              + " pg_stat_reset_replication_slot pg_stat_reset_subscription_stats"
              + " pg_stat_reset_backend_stats pg_stat_statements_reset"
              + " pg_clear_attribute_stats pg_clear_relation_stats"
              + " pg_restore_attribute_stats pg_restore_relation_stats",

          // These outlive the transaction on a connection that is used again.
          "set_config pg_advisory_lock pg_advisory_lock_shared pg_try_advisory_lock"
              + " pg_try_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_shared"
              + " pg_advisory_unlock_all",

          // Sequences and large objects; from PostgreSQL 16 the server refuses most of them itself.
          "nextval setval lo_creat lo_create lo_from_bytea lo_import lo_export lo_put lo_truncate"
              + " lo_truncate64 lo_unlink lowrite",

          // Indexes and catalogs.
          "brin_summarize_new_values brin_summarize_range brin_desummarize_range"
              + " gin_clean_pending_list pg_import_system_collations pg_nextoid"
              + " pg_stop_making_pinned_objects pg_extension_config_dump",

          // Extensions: files of the server, other servers, caches, heaps.
          "pg_file_write pg_file_sync pg_file_rename pg_file_unlink dblink dblink_exec"
              + " dblink_connect dblink_connect_u dblink_open dblink_send_query pg_prewarm"
              + " autoprewarm_dump_now autoprewarm_start_worker pg_buffercache_evict"
              + " pg_buffercache_evict_relation pg_buffercache_evict_all"
              + " pg_truncate_visibility_map heap_force_kill heap_force_freeze");

  private static final Pattern CALL = Pattern.compile("([\\p{L}_][\\p{L}\\p{N}_$]*)\\s*\\(");

  private ChangingFunctions() {}

  /** All of them. */
  public static Set<String> all() {
    return NAMES;
  }

  /**
   * The first of them that a statement calls, with or without a schema. What literals and comments
   * say does not count.
   */
  public static Optional<String> in(String sql) {
    Matcher call = CALL.matcher(SqlText.code(sql));
    return call.results()
        .map(found -> found.group(1).toLowerCase(Locale.ROOT))
        .filter(NAMES::contains)
        .findFirst();
  }

  private static Set<String> names(String... groups) {
    Set<String> names = new TreeSet<>();
    for (String group : groups) {
      names.addAll(Set.of(group.split(" ")));
    }
    return Set.copyOf(names);
  }
}
