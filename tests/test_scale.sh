#!/usr/bin/env bash
# rowan scale: of a program whose slopes are known it says which statement grows, by how much and from
# which parent, although what others gain and lose cancels in the sum.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD/tests/programs
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh
cc -g -O1 "$source/profiled.c" -o profiled -lsqlite3 -lpthread || exit 1

# scales STATUS ARGUMENTS...: ends so; the program's output in `out`, all else in `err`.
scales() {
    local status=$1 got
    shift
    "$tool" scale "$@" >out 2>err
    got=$?
    [ "$got" = "$status" ] || wrong "scale $* ended with $got instead of $status: $(cat err)"
}

has() {
    grep -q -- "$1" "${2-err}" || wrong "there is no $1 in $(cat "${2-err}")"
}

# --- One statement for each n, n² others, and one less for each n. ---
scales 1 -- ./profiled grow :memory: told '{n}'
[ "$(wc -l <out)" = 14 ] || wrong "the program printed $(cat out)" # 2 + 4 + 8 notes
has '^grows  SELECT body FROM note WHERE post_id = ?$'
has '1 more for each n: 2 at n = 2, 4 at n = 4, 8 at n = 8'
has 'values from id of SELECT id, title FROM post ORDER BY id'
has 'sent from .*profiled.c:[0-9]* look_up'
has '^grows  SELECT max(id) FROM note$'
has 'faster than n: 6, then 12 more for each n: 4 at n = 2, 16 at n = 4, 64 at n = 8'
has '^2 of 9 statements grow with n$'
[ "$(grep -c '^grows' err)" = 2 ] || wrong "more than two grow: $(cat err)"

# --- As JSON, at other sizes; all statements are told, shrinking ones too. ---
scales 1 --sizes 3,6,9,12 --format json --output report -- ./profiled grow :memory: told '{n}'
has '"SELECT max(id) FROM note".*"callsite":"[^"]* grow","through":\["[^"]* run"\]' report
[ ! -s err ] || wrong "beside its report it said $(cat err)"
[ "$(wc -l <report)" = 9 ] || wrong "there are $(wc -l <report) statements"
has '"sql":"SELECT body FROM note WHERE post_id = ?".*"grows":true,"shape":"linear","per_n":"1","sizes":\[3,6,9,12\],"counts":\[3,6,9,12\],"kind":"n_plus_one","parent_sql":"SELECT id, title FROM post ORDER BY id","parent_column":"id"' report
has '"sql":"SELECT max(id) FROM note".*"shape":"faster","per_n":"15","sizes":\[3,6,9,12\],"counts":\[9,36,81,144\]' report
has '"sql":"SELECT min(id) FROM note".*"grows":false,"shape":"none","per_n":"-1",.*"counts":\[17,14,11,8\]' report
has '"sql":"SELECT count(\*) FROM note".*"grows":false,"shape":"none","per_n":"0",.*"counts":\[1,1,1,1\]' report

# --- Slopes are fractions, and shapes are told apart: by a shell that sends what it is told to. ---
cat >send.sh <<'END'
n=$1
for sql in "$@"; do
    [ "$sql" = "$n" ] && continue
    /usr/bin/python3 - "$sql" $((${sql%%:*})) <<'PY'
import sqlite3, sys
db = sqlite3.connect(":memory:", isolation_level=None)
for _ in range(int(sys.argv[2])):
    db.execute(sys.argv[1].partition(":")[2])
PY
done
END
scales 1 --sizes 2,4,8 -- sh send.sh '{n}' "1+{n}/2:SELECT 'half'" "5:SELECT 7, 'constant'" "({n}>2)*3:SELECT 1, 2, 'slower'" \
    "({n}==4)*2+({n}==8):SELECT 1, 2, 3, 'uneven'"
has '1/2 more for each n: 2 at n = 2, 3 at n = 4, 5 at n = 8'
has 'slower than n: 3/2, then 0 more for each n: 0 at n = 2, 3 at n = 4, 3 at n = 8'
has 'slower than n: 1, then -1/4 more for each n: 0 at n = 2, 2 at n = 4, 1 at n = 8'
has '^3 of 4 statements grow with n$'

# --- Nothing grows; nothing is seen; the program fails. ---
scales 0 -- ./profiled loop :memory: told '{n}'
has '^0 of 6 statements grow with n$'
scales 2 -- ./profiled nothing :memory: told '{n}'
has 'no statement was seen'
scales 4 -- sh -c './profiled loop :memory: told; exit {n}'
has 'sh ended with status 8 at n = 8'
scales 2 -- ./profiled kill :memory: told '{n}'
has 'was ended by signal 9 .* at n = 2'
scales 2 -- ./not_there '{n}'
has 'cannot run ./not_there'
scales 2 -- ./profiled loop :memory: told
has 'no argument of ./profiled has {n}'
scales 2
has 'scale needs a program'
for sizes in 4,2 4 2,2 2,x 1,2,3,4,5,6,7,8,9 -1,2 ''; do
    scales 2 --sizes "$sizes" -- ./profiled loop :memory: told '{n}'
    has 'are no sizes'
done
scales 2 --format html -- ./profiled loop :memory: told '{n}'
has 'there is no format html'

[ "$failed" = 0 ] && echo "all is as it should be"
exit "$failed"
