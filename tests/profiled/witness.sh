# What the servers themselves say was executed, by users of the tests' own. Sourced; needs servers of
# tests/servers.sh, whose logs are to be had.
# shellcheck shell=bash disable=SC2034 # its variables are for those who source it

witness_user=rowan_profiled

# --- PostgreSQL. ---

postgresql_sql() {
    psql -XqAt -v ON_ERROR_STOP=1 "$ROWAN_TEST_POSTGRESQL" -c "$1"
}

# Sets postgresql_url: what is done there is logged.
watch_postgresql() {
    local socket=${ROWAN_TEST_POSTGRESQL#*host=}
    postgresql_log=${socket%/sock*}/log
    postgresql_url=${ROWAN_TEST_POSTGRESQL/\/\/rowan@//\/$witness_user@}
    if [ "$postgresql_url" = "$ROWAN_TEST_POSTGRESQL" ] || [ ! -r "$postgresql_log" ]; then
        no_log
    fi
    postgresql_sql "DROP ROLE IF EXISTS $witness_user" 2>/dev/null
    postgresql_sql "CREATE ROLE $witness_user LOGIN SUPERUSER"
    postgresql_sql "ALTER ROLE $witness_user SET log_statement = 'all'"
}

forget_postgresql() {
    postgresql_sql "DROP OWNED BY $witness_user CASCADE"
    postgresql_sql "DROP ROLE $witness_user"
}

clear_postgresql() {
    log_size=$(wc -c <"$postgresql_log")
}

# Executions since then. What the parser refuses is no execution.
logged_postgresql() {
    tail -c "+$((log_size + 1))" "$postgresql_log" |
        grep -cE 'LOG:  (statement|execute [^:]*|fastpath function call):'
}

# --- MariaDB. ---

mariadb_sql() {
    mariadb --no-defaults -S "$mariadb_socket" -u root -N -e "$1"
}

# Sets mariadb_url and mariadb_socket.
watch_mariadb() {
    mariadb_socket=${ROWAN_TEST_MARIADB#*socket=}
    mariadb_url=${ROWAN_TEST_MARIADB/\/\/rowan:/\/\/$witness_user:}
    mariadb_sql '' 2>/dev/null || no_log
    mariadb_sql "CREATE OR REPLACE USER $witness_user@localhost IDENTIFIED BY 'secret';
        GRANT ALL ON *.* TO $witness_user@localhost;
        SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON"
}

forget_mariadb() {
    mariadb_sql "SET GLOBAL general_log = OFF; DROP USER $witness_user@localhost"
}

clear_mariadb() {
    mariadb_sql 'TRUNCATE mysql.general_log'
}

logged_mariadb() {
    mariadb_sql "SELECT count(*) FROM mysql.general_log WHERE user_host LIKE '${witness_user}[%'
        AND command_type IN ('Query', 'Execute', 'Bulk_execute')"
}

# tries_librowan ENGINE URL: a program of Rowan's own, whose library loads that of the engine by itself.
tries_librowan() {
    cc -std=c11 -g -Iinclude tests/programs/probed.c -o "$scratch/probed" -L "$build" -lrowan \
        -Wl,-rpath,"$build" || exit 1
    "clear_$1"
    profiles --values -- "$scratch/probed" "$2" <<<go
    same "statements of librowan on $1" "$("logged_$1")" "$(statements)"
    finds n_plus_one id post_id confirmed "a loop by librowan on $1"
    traced '"params":[107],"cols":["body"],"rows":[["note"]]' 'a row that librowan reads'
    same 'the place in a program of librowan' 'tests/programs/probed.c' \
        "$(grep -o '"callsite":"[^:]*:[0-9]* look_up"' "$scratch/trace" | sort -u | cut -d'"' -f4 | cut -d: -f1)"
}

no_log() {
    echo "the server is none of tests/servers.sh, and its log is not to be had: skipped" >&2
    exit 0
}
