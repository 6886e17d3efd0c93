#!/usr/bin/env bash
# The benchmark's program: what it refuses, how it shows a difference, what it skips, and that an
# interrupted run leaves neither files nor servers.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
bench=$build/bench/bench
scratch=$(mktemp -d)
mkdir "$scratch/tmp"
export TMPDIR=$scratch/tmp
trap 'rm -rf "$scratch"' EXIT
failed=0

wrong() {
    echo "wrong: $*" >&2
    failed=1
}

# ends STATUS WHAT OPTION...: the program ends so and leaves nothing; out and err have what it said.
ends() {
    local status=$1 what=$2 got
    shift 2
    "$bench" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    [ "$got" = "$status" ] || wrong "$what ended with $got: $(cat "$scratch/err")"
    [ -z "$(ls -A "$TMPDIR")" ] || wrong "$what left $(ls "$TMPDIR")"
}

# refuses TEXT OPTION...: ends with 2 and one line that has the text.
refuses() {
    local text=$1
    shift
    ends 2 "$*" "$@"
    grep -qF -- "$text" "$scratch/err" || wrong "$* said: $(cat "$scratch/err")"
    [ "$(wc -l <"$scratch/err")" = 1 ] || wrong "$*: not one line: $(cat "$scratch/err")"
    [ ! -s "$scratch/out" ] || wrong "$* wrote to standard output"
}

# has FILE TEXT WHAT
has() {
    grep -qF -- "$2" "$scratch/$1" || wrong "$3 lacks '$2': $(cat "$scratch/$1")"
}

refuses 'there is no engine oracle' --engine sqlite,oracle
refuses 'there is no work W12' --work W1,W12
refuses 'many is no number of rows' --work W1:many
refuses '21 is no number of rows: give one from 1 to 20' --work W6:21
refuses '2 is no number of rows: give one from 1 to 1' --work W3f:2
refuses 'there is no contestant orm' --contestant orm
refuses '0 is no number of rounds' --rounds 0
refuses 'x is no number of a processor' --cpu x
refuses 'cannot use the argument W1' W1
refuses 'cannot use these options' --bogus

ends 0 'the help' --help
has out '--quick' 'the help'
ends 0 'the list' --list
has out 'W4o' 'the list'
has out 'active record:' 'the list'

# One contestant's last row is given another letter: it is named, and both rows are shown.
small=(--engine sqlite --rounds 1 --no-instructions)
ends 1 'a difference' "${small[@]}" --work W1:10 --falsify raw
has err 'raw on sqlite differs from' 'a difference'
has err 'at W1 n=10 in row 10:' 'a difference'
[ "$(grep -c "^  10|'" "$scratch/err")" = 2 ] || wrong "both rows: $(cat "$scratch/err")"
ends 1 'a difference in what was written' "${small[@]}" --work W4:5 --falsify 'active record'
has err 'active record on sqlite differs from' 'a difference in what was written'
has err 'at W4 n=5 in row 5:' 'a difference in what was written'

# Works of every kind, with files.
ends 0 'a run' "${small[@]}" --work W1:10,W2:10,W3,W3f,W4:10,W4o:10,W5e,W6,W7:100,W9:1000 \
    --json "$scratch/json" --html "$scratch/html"
has out 'SQLite: time of one run' 'a run'
has json '"to_typical"' 'the JSON'
has html '</html>' 'the page'
! grep -qE '<script|src=|href="[^#]' "$scratch/html" || wrong "the page needs something else"
ends 1 'files in no folder' "${small[@]}" --work W3 --json "$scratch/none/json"
has err 'cannot write' 'files in no folder'

ROWAN_TEST_POSTGRESQL='' ends 0 'a run without a server' --engine sqlite,postgresql --rounds 1 \
    --no-instructions --work W3
has out 'Skipped: PostgreSQL: ROWAN_TEST_POSTGRESQL is not set' 'a run without a server'
ROWAN_TEST_MARIADB='mariadb://a:b@localhost/c?socket=/none' ends 0 'a run with a dead server' \
    --engine sqlite,mariadb --rounds 1 --no-instructions --work W3
has out 'Skipped: MariaDB: ' 'a run with a dead server'

# What a run made on a server, for whoever looks.
made_on_servers() {
    if [ -n "${ROWAN_TEST_POSTGRESQL-}" ]; then
        psql -XAt "$ROWAN_TEST_POSTGRESQL" \
            -c "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rowan_bench_%'"
    fi
}

# interrupted SIGNAL SECONDS OPTION...: ends with 130 when it gets the signal, and leaves nothing.
interrupted() {
    local signal=$1 seconds=$2 pid got
    shift 2
    "$bench" --rounds 101 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    pid=$!
    sleep "$seconds"
    kill "-$signal" "$pid"
    wait "$pid"
    got=$?
    [ "$got" = 130 ] || wrong "after $signal it ended with $got: $(cat "$scratch/err")"
    [ -z "$(ls -A "$TMPDIR")" ] || wrong "after $signal it left $(ls "$TMPDIR")"
    has err 'bench: interrupted' "after $signal it"
}

before=$(made_on_servers)
interrupted INT 0.3 --no-instructions
interrupted TERM 2 --no-instructions
[ "$(made_on_servers)" = "$before" ] || wrong "left on the server: $(made_on_servers)"

# Interrupted while callgrind counts: its processes end too.
if "$bench" --engine sqlite --work W3 --rounds 1 --instructions | grep -q 'instructions of'; then
    ends 0 'what the detector costs' --engine sqlite --work detector --rounds 1 --instructions
    ends 0 'writing a budget' --engine sqlite --write-budget "$scratch/budget"
    awk '$2 == "W3" && $4 == "raw" { $5 = int($5 / 1.1) } { print }' "$scratch/budget" \
        >"$scratch/less"
    ends 1 'a budget that is too small' --engine sqlite --check-budget "$scratch/less"
    has out 'sqlite W3 n = 1, raw:' 'a budget that is too small'
    has out '10.0 % more than the budget' 'a budget that is too small'
    has out '35 figures are within the budget, 1 are not' 'a budget that is too small'
    interrupted TERM 4 --engine sqlite --work W9 --instructions
    sleep 0.2
    ! pgrep -f -- "callgrind.*$TMPDIR" >/dev/null || wrong "callgrind runs on"
fi

# The whole verb, interrupted while its own servers run.
if [ "$(id -u)" = 0 ] || [ -w build ]; then
    state=$scratch/servers
    env -u ROWAN_TEST_POSTGRESQL -u ROWAN_TEST_MARIADB ROWAN_BENCH_STATE="$state" \
        ROWAN_BUILD_DIR="$build" bash -euo pipefail -c '
        source cmake/packages.sh
        source bench/run.sh
        run_bench --engine postgresql --no-instructions --rounds 101' >"$scratch/out" 2>&1 &
    verb=$!
    for _ in $(seq 300); do
        [ -s "$state/postgresql.url" ] && break
        sleep 0.1
    done
    [ -s "$state/postgresql.url" ] || wrong "no server was started: $(cat "$scratch/out")"
    server=$(cat "$state/postgresql.pid")
    folder=$(cat "$state/postgresql.folder")
    sleep 1
    kill -TERM "$verb"
    wait "$verb"
    ! grep -q . "/proc/$server/cmdline" 2>/dev/null || wrong "the server runs on"
    [ ! -e "$folder" ] || wrong "the server's folder is left"
    [ -z "$(ls -A "$TMPDIR")" ] || wrong "the verb left $(ls "$TMPDIR")"
fi

exit "$failed"
