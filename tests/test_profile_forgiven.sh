#!/usr/bin/env bash
# rowan profile: what SQLite forgives a program, the library that stands before it forgives, too, and it tells of no
# statement more than SQLite ran.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD/tests/programs
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

cc -g -O1 "$source/forgiven.c" -o forgiven -lsqlite3 || exit 1

# forgives SCENARIO STATEMENTS: alone and profiled it prints the same and ends well, and recorded is what SQLite told.
forgives() {
    local got
    rm -f told
    ./forgiven "$1" told >alone || wrong "alone, $1 ends with $?"
    rm -f told trace.jsonl
    "$tool" profile --values --trace trace.jsonl -- ./forgiven "$1" told >out 2>err || wrong "$1: $(cat err)"
    cmp -s alone out || wrong "$1 prints otherwise: $(diff alone out)"
    sed -E 's/^\{"seq":[0-9]+,"sql":"(([^"\\]|\\.)*)".*/\1/' trace.jsonl | sort >recorded
    sort told | diff - recorded >different || wrong "$1: recorded is not what was sent: $(cat different)"
    got=$(wc -l <trace.jsonl)
    [ "$got" = "$2" ] || wrong "of $1 there are $got statements"
}

forgives none 5
grep -q '"sql":"UPDATE t SET a = a + 1".*"nrows":4,' trace.jsonl || wrong "the rows of a change are not told"
forgives empty 6
forgives busy 7
[ "$(grep -c '"sql":"SELECT ? + a, ? FROM t","params":\[5,"kept"\]' trace.jsonl)" = 2 ] ||
    wrong "values that were not taken are told: $(cat trace.jsonl)"
for changed in 'CREATE INDEX i:0' 'UPDATE t SET:0' 'DELETE FROM t:2' 'INSERT INTO t:3'; do
    grep -q "\"sql\":\"${changed%:*}.*\"nrows\":${changed#*:}," trace.jsonl || wrong "$changed rows are not told"
done
forgives child 4
grep -q '"sql":"SELECT a FROM t".*"nrows":3,' trace.jsonl || wrong "the parent's rows are not told: $(cat trace.jsonl)"

[ "$failed" = 0 ] && echo "all is as it should be"
exit "$failed"
