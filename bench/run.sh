# Runs the benchmark with servers of its own. Sourced by run.
# shellcheck shell=bash

bench_state=${ROWAN_BENCH_STATE:-build/servers-bench}

# run_bench [OPTION...]: as the program's own options, and --budget.
run_bench() {
    local options=(--json build/bench.json --html build/bench.html) option cpu
    for option in "$@"; do
        case $option in
        --budget) options+=(--write-budget bench/budget) ;;
        *) options+=("$option") ;;
        esac
    done
    trap end_bench EXIT
    trap 'exit 130' INT TERM HUP
    cpu=$(last_cpu)
    start_bench_servers "$cpu" "$@"
    # In the background, because a trap waits for what runs in the foreground.
    "${ROWAN_BUILD_DIR:-build/release}/bench/bench" ${cpu:+--cpu "$cpu"} "${options[@]}" &
    bench_pid=$!
    wait "$bench_pid" && status=0 || status=$?
    bench_pid=
    return "$status"
}

# The last processor that this process may use: client and servers are kept on it.
last_cpu() {
    taskset -pc $$ 2>/dev/null | sed 's/.*[ ,-]//'
}

# Servers for the engines to which the user names none, unless the options do without.
start_bench_servers() {
    local cpu=$1 engine variable urls
    shift
    for engine in postgresql mariadb; do
        variable=ROWAN_TEST_${engine^^}
        if [ -n "${!variable-}" ]; then
            echo "run: $variable is set: that server is not kept on the benchmark's processor" >&2
        elif needs_server "$engine" "$@" && want_packages servers; then
            tests/servers.sh stop "$bench_state" "$engine"
            if urls=$(keep_memory on_cpu "$cpu" tests/servers.sh start "$bench_state" "$engine"); then
                eval "$urls"
            fi
        fi
    done
}

# needs_server ENGINE OPTION...: whether a run with these options uses it.
needs_server() {
    local engine=$1 engines=
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        --help | -h | --list) return 1 ;;
        --engine=*) engines=${1#*=} ;;
        --engine) engines=${2-} ;;
        esac
        shift
    done
    case ,${engines:-$engine}, in
    *,"$engine",*) return 0 ;;
    esac
    return 1
}

# keep_memory COMMAND...: runs it, and what it starts, with memory that is freed kept for later. Else
# a session of PostgreSQL gives it back after each plan that it makes, or does not, depending on what
# it did before: a difference of a tenth between contestants that send the same. The figures are
# those that glibc comes to by itself in a program which has freed something large.
keep_memory() {
    MALLOC_MMAP_THRESHOLD_=$((32 << 20)) MALLOC_TRIM_THRESHOLD_=$((64 << 20)) "$@"
}

on_cpu() {
    local cpu=$1
    shift
    if [ -n "$cpu" ]; then
        taskset -c "$cpu" "$@"
    else
        "$@"
    fi
}

# Runs however the benchmark ends.
end_bench() {
    trap - EXIT
    if [ -n "${bench_pid-}" ]; then
        kill -TERM "$bench_pid" 2>/dev/null || true
        wait "$bench_pid" 2>/dev/null || true
    fi
    if [ -d "$bench_state" ]; then
        tests/servers.sh stop "$bench_state"
    fi
}
