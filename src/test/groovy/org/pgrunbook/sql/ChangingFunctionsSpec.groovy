package org.pgrunbook.sql

import java.sql.Connection
import java.sql.DriverManager
import org.pgrunbook.fixtures.EmbeddedPostgres
import org.pgrunbook.sandbox.Binaries
import spock.lang.Shared
import spock.lang.Specification

class ChangingFunctionsSpec extends Specification {
    private static final List<String> EXTENSIONS = [
        'adminpack', 'dblink', 'pg_buffercache', 'pg_prewarm', 'pg_stat_statements', 'pg_surgery', 'pg_visibility',
    ]

    /** Volatile functions that only look, or whose effect ends with the transaction. */
    private static final Set<String> HARMLESS = '''
        amvalidate array_sample array_shuffle bernoulli brinhandler bthandler clock_timestamp current_query currtid2
        currval cursor_to_xml cursor_to_xmlschema dsnowball_init dsnowball_lexize gen_random_uuid ginhandler
        gisthandler hashhandler heap_tableam_handler lastval lo_close lo_get lo_lseek lo_lseek64 lo_open lo_tell
        lo_tell64 loread pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_available_wal_summaries
        pg_blocking_pids pg_collation_actual_version pg_control_checkpoint pg_control_init pg_control_recovery
        pg_control_system pg_current_logfile pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
        pg_database_collation_actual_version pg_database_size pg_export_snapshot pg_get_aios
        pg_get_backend_memory_contexts pg_get_loaded_modules pg_get_multixact_members pg_get_sequence_data
        pg_get_shmem_allocations pg_get_shmem_allocations_numa pg_get_wait_events pg_get_wal_replay_pause_state
        pg_get_wal_resource_managers pg_get_wal_summarizer_state pg_hba_file_rules pg_ident_file_mappings
        pg_indexes_size pg_is_in_recovery pg_is_wal_replay_paused pg_isolation_test_session_is_blocked pg_jit_available
        pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
        pg_lock_status pg_logical_slot_peek_binary_changes pg_logical_slot_peek_changes pg_ls_archive_statusdir
        pg_ls_dir pg_ls_logdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir pg_ls_summariesdir
        pg_ls_tmpdir pg_ls_waldir pg_notification_queue_usage pg_partition_ancestors pg_partition_tree
        pg_prepared_xact pg_read_binary_file pg_read_file pg_read_file_old pg_relation_size
        pg_replication_origin_progress pg_replication_origin_session_is_setup
        pg_replication_origin_session_progress pg_safe_snapshot_blocking_pids pg_sequence_last_value
        pg_show_all_file_settings pg_show_replication_origin_status pg_sleep pg_sleep_for pg_sleep_until
        pg_stat_clear_snapshot pg_stat_file pg_stat_force_next_flush pg_stat_get_backend_io pg_stat_get_backend_wal
        pg_stat_get_io pg_stat_get_recovery_prefetch pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit
        pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time
        pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched
        pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted
        pg_stat_get_xact_tuples_newpage_updated pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_updated
        pg_stat_have_stats pg_table_size pg_tablespace_size pg_total_relation_size pg_try_advisory_xact_lock
        pg_try_advisory_xact_lock_shared pg_wal_summary_contents pg_xact_commit_timestamp
        pg_xact_commit_timestamp_origin pg_xact_status plpgsql_call_handler plpgsql_inline_handler plpgsql_validator
        query_to_xml query_to_xml_and_xmlschema query_to_xmlschema random random_normal setseed spghandler system
        timeofday ts_rewrite ts_stat txid_status uuidv4 uuidv7
        dblink_build_sql_delete dblink_build_sql_insert dblink_build_sql_update dblink_cancel_query dblink_close
        dblink_current_query dblink_disconnect dblink_error_message dblink_fdw_validator dblink_fetch
        dblink_get_connections dblink_get_notify dblink_get_pkey dblink_get_result dblink_is_busy pg_buffercache_numa_pages
        pg_buffercache_pages pg_buffercache_summary pg_buffercache_usage_counts pg_check_frozen pg_check_visible
        pg_logdir_ls pg_stat_statements pg_stat_statements_info pg_visibility pg_visibility_map
        pg_visibility_map_summary
        '''.split().toSet()

    @Shared
    Map<Integer, EmbeddedPostgres> servers = [:]

    def setupSpec() {
        servers = Binaries.MAJORS.collectEntries { major ->
            def server = EmbeddedPostgres.start(major, [wal_level: 'logical'])
            def sql = server.sql()
            sql.rows('select name from pg_available_extensions where name = any(?)', EXTENSIONS).each {
                sql.execute("create extension $it.name")
            }
            sql.close()
            [major, server]
        }
    }

    def cleanupSpec() {
        connections.values()*.close()
        servers.values()*.close()
    }

    def "every function of the list exists in at least one of PostgreSQL 15 to 18"() {
        given:
        def known = Binaries.MAJORS.collectMany { functions(it, 'true') }.toSet()

        expect:
        ChangingFunctions.all() - known == [] as Set
    }

    def "every volatile function of PostgreSQL #major is either on the list or known to be harmless"() {
        given:
        def found = functions(major, "provolatile = 'v' and prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)")

        expect:
        found.findAll { !it.startsWith('binary_upgrade_') } - ChangingFunctions.all() - HARMLESS == []

        where:
        major << Binaries.MAJORS
    }

    def "a read-only transaction of PostgreSQL #major lets #call run: so the list is needed"() {
        when:
        readOnly(major, "select $call")

        then:
        noExceptionThrown()
        ChangingFunctions.in("select $call").present

        where:
        [major, call] << [Binaries.MAJORS, [
            'pg_switch_wal()',
            'pg_reload_conf()',
            "pg_create_restore_point('x')",
            'pg_terminate_backend(0)',
            'pg_cancel_backend(0)',
            "pg_create_physical_replication_slot('p', true)",
            "pg_copy_physical_replication_slot('p', 'q')",
            "pg_create_logical_replication_slot('l', 'pgoutput')",
            "pg_replication_slot_advance('l', pg_current_wal_lsn())",
            "pg_drop_replication_slot(slot_name) from pg_replication_slots",
            "pg_backup_start('x', true)",
            'pg_backup_stop(false)',
            'pg_stat_reset()',
            "pg_logical_emit_message(false, 'a', 'b')",
            'pg_advisory_lock(1)',
            "pg_notify('a', 'b')",
            "set_config('work_mem', '5MB', false)",
            'pg_log_backend_memory_contexts(pg_backend_pid())',
            "dblink_exec('dbname=postgres user=postgres host=127.0.0.1 port=' || current_setting('port'), " +
                "'create table if not exists made_by_a_probe ()')",
        ]].combinations()
    }

    private List<String> functions(int major, String condition) {
        def sql = servers[major].sql()
        try {
            return sql.rows("select distinct proname from pg_proc where $condition")*.text('proname')
        } finally {
            sql.close()
        }
    }

    /** Bare JDBC, for our own wire would refuse; one session a server, as backup start and stop need it. */
    private void readOnly(int major, String statement) {
        def connection = connections.computeIfAbsent(major) {
            DriverManager.getConnection("jdbc:postgresql://127.0.0.1:${servers[it].port}/postgres", 'postgres', '')
        }
        connection.readOnly = true
        connection.autoCommit = false
        try {
            connection.createStatement().withCloseable { it.execute(statement) }
        } finally {
            connection.commit()
        }
    }

    @Shared
    Map<Integer, Connection> connections = [:]
}
