#!/usr/bin/env bash
# Private throw-away database servers: servers.sh start|status|stop STATE_FOLDER [ENGINE...]
#
# Each server is an unprivileged process with its data in a temporary folder of its own, a Unix
# socket there and a free port on 127.0.0.1; nothing of it survives `stop`. The state folder holds
# ENGINE.folder (written before anything is started), ENGINE.pid and ENGINE.url.
set -euo pipefail

die() {
    echo "servers: $*" >&2
    exit 1
}

# run_as USER COMMAND...: as that system user when we are root, as ourselves otherwise.
run_as() {
    local user=$1
    shift
    cd / # where we are may be closed to that user
    export TMPDIR=$folder
    if [ "$(id -u)" -ne 0 ]; then
        exec "$@"
    fi
    id "$user" >/dev/null 2>&1 || user=nobody
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
}

# make_folder ENGINE USER: sets folder to a new one of that user's and records it.
make_folder() {
    local user=$2 parent=/tmp
    # Root's TMPDIR may be closed to that user, and a socket's path has 107 bytes at most.
    if [ "$(id -u)" -ne 0 ] && [ -n "${TMPDIR-}" ] && [ ${#TMPDIR} -lt 50 ]; then
        parent=$TMPDIR
    fi
    folder=$(mktemp -d "$parent/rowan-$1.XXXXXX")
    echo "$folder" >"$state/$1.folder"
    chmod 755 "$folder"
    if [ "$(id -u)" -eq 0 ]; then
        id "$user" >/dev/null 2>&1 || user=nobody
        chown "$user" "$folder"
    fi
}

# Below the range from which the kernel picks ports for clients, and far from the usual ones.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    die "found no free port"
}

is_running() {
    local pid
    [ -s "$state/$1.pid" ] && [ -s "$state/$1.url" ] && pid=$(<"$state/$1.pid") && is_ours "$1" "$pid"
}

# is_ours ENGINE PID: a process of that number lives and, as far as can be told, is the server.
is_ours() {
    local pid=$2
    kill -0 "$pid" 2>/dev/null || return 1
    if [ -r "/proc/$pid/cmdline" ]; then
        tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$(<"$state/$1.folder")"
    fi
}

postgresql_programs() {
    local bin
    for bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
        if [ -x "$bin/initdb" ]; then
            echo "$bin"
            return
        fi
    done
    bin=$(command -v initdb) || die "PostgreSQL's initdb is not installed (package postgresql-15)"
    dirname "$bin"
}

postgresql_settings() {
    cat <<END
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = '$folder/sock'
max_connections = 200
max_prepared_transactions = 20
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
shared_preload_libraries = 'pg_stat_statements'
END
}

# Everyone is trusted but one role, with which a wrong password can be tried.
postgresql_access() {
    cat <<'END'
local all rowan_password scram-sha-256
host all rowan_password 127.0.0.1/32 scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
END
}

start_postgresql() {
    local bin port
    bin=$(postgresql_programs)
    make_folder postgresql postgres
    (run_as postgres mkdir "$folder/sock")
    (run_as postgres "$bin/initdb" -D "$folder/data" -U rowan -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >"$state/postgresql.log" 2>&1) || fail_start postgresql
    postgresql_access >"$folder/data/pg_hba.conf"
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        postgresql_settings "$port" >"$folder/data/postgresql.conf"
        if (run_as postgres "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -s start \
            >>"$state/postgresql.log" 2>&1 </dev/null); then
            break
        fi
        port=
    done
    [ -n "$port" ] || fail_start postgresql
    head -n 1 "$folder/data/postmaster.pid" >"$state/postgresql.pid"
    "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$folder/sock" -p "$port" -U rowan -d postgres \
        -f "$(dirname "$0")/servers_postgresql.sql" >>"$state/postgresql.log" 2>&1 ||
        fail_start postgresql
    echo "postgresql://rowan@localhost:$port/rowan?host=$folder/sock" >"$state/postgresql.url"
}

mariadb_settings() {
    cat <<END
[mariadbd]
datadir = $folder/data
socket = $folder/s.sock
pid-file = $folder/pid
log-error = $folder/log
port = $1
bind-address = 127.0.0.1
skip-name-resolve
max-connections = 200
character-set-server = utf8mb4
default-time-zone = +00:00
local-infile = ON
performance-schema = OFF
innodb-buffer-pool-size = 64M
innodb-log-file-size = 32M
innodb-flush-log-at-trx-commit = 0
innodb-flush-method = nosync
innodb-doublewrite = 0
key-buffer-size = 1M
aria-pagecache-buffer-size = 1M
END
}

start_mariadb() {
    local port server
    server=$(PATH=$PATH:/usr/sbin command -v mariadbd) ||
        die "mariadbd is not installed (package mariadb-server-core)"
    make_folder mariadb mysql
    (run_as mysql mariadb-install-db --no-defaults --datadir="$folder/data" --skip-test-db \
        --auth-root-authentication-method=normal --skip-name-resolve --skip-log-bin \
        --innodb-log-file-size=8M --innodb-buffer-pool-size=16M --innodb-flush-method=nosync \
        >"$state/mariadb.log" 2>&1) || fail_start mariadb
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        mariadb_settings "$port" >"$folder/my.cnf"
        # A session of its own, so that Ctrl-C in the terminal does not reach it.
        (run_as mysql setsid "$server" --defaults-file="$folder/my.cnf" </dev/null >/dev/null 2>&1 &
        echo $! >"$state/mariadb.pid")
        if wait_for_mariadb; then
            break
        fi
        port=
    done
    [ -n "$port" ] || fail_start mariadb
    mariadb --no-defaults -S "$folder/s.sock" -u root <"$(dirname "$0")/servers_mariadb.sql" \
        >>"$state/mariadb.log" 2>&1 || fail_start mariadb
    echo "mariadb://rowan:secret@localhost/rowan?socket=$folder/s.sock" >"$state/mariadb.url"
}

# Ready, or dead (its port was taken meanwhile), or too slow.
wait_for_mariadb() {
    for _ in {1..600}; do
        if mariadb --no-defaults -S "$folder/s.sock" -u root -e '' >/dev/null 2>&1; then
            return 0
        fi
        kill -0 "$(<"$state/mariadb.pid")" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

fail_start() {
    tail -n 20 "$state/$1.log" "$folder/log" >&2 2>/dev/null || true
    die "$1 did not start; its last lines are above"
}

stop_engine() {
    local engine=$1 folder file
    [ -s "$state/$engine.folder" ] || return 0
    folder=$(<"$state/$engine.folder")
    # A start that was interrupted left no number of its own, but perhaps the server's.
    for file in "$state/$engine.pid" "$folder/data/postmaster.pid" "$folder/pid"; do
        if [ -s "$file" ]; then
            end_process "$engine" "$(head -n 1 "$file")"
        fi
    done
    case $folder in
    */rowan-"$engine".*) rm -rf "$folder" ;;
    esac
    rm -f "$state/$engine".*
}

end_process() {
    is_ours "$1" "$2" || return 0
    # For PostgreSQL INT means: end the sessions, then stop. TERM would wait for them.
    if [ "$1" = postgresql ]; then kill -INT "$2"; else kill -TERM "$2"; fi 2>/dev/null || true
    for _ in {1..100}; do
        is_ours "$1" "$2" || return 0
        sleep 0.1
    done
    kill -KILL "$2" 2>/dev/null || true
}

stop() {
    local engine
    for engine in "$@"; do
        stop_engine "$engine"
    done
}

start() {
    local engine
    engines=("$@")
    trap 'stop "${engines[@]}"' EXIT
    trap 'exit 130' INT TERM HUP
    for engine in "$@"; do
        if ! is_running "$engine"; then
            stop_engine "$engine"
            "start_$engine"
        fi
    done
    trap - EXIT
    status "$@"
}

# Lines that a shell can evaluate.
status() {
    local engine running=0
    for engine in "$@"; do
        if is_running "$engine"; then
            # For the tests, and for the tool.
            echo "export ROWAN_TEST_${engine^^}='$(<"$state/$engine.url")'"
            echo "export ROWAN_${engine^^}='$(<"$state/$engine.url")'"
        else
            echo "$engine is not running" >&2
            running=1
        fi
    done
    return $running
}

main() {
    local verb=${1-}
    state=${2-}
    case $verb in
    start | status | stop) ;;
    *) die "usage: servers.sh start|status|stop STATE_FOLDER [ENGINE...]" ;;
    esac
    [ -n "$state" ] || die "which state folder?"
    shift 2
    [ $# -gt 0 ] || set -- postgresql mariadb
    mkdir -p "$state"
    "$verb" "$@"
}

main "$@"
