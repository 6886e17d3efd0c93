#!/usr/bin/env bash
# What is drawn on a terminal: progress in one line that goes when the work is done, tables that have room; and that
# none of it is in a pipe.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# on COLUMNS COMMAND: what a terminal of that width is sent, in `drawn`.
on() {
    env -u NO_COLOR script -qec "stty cols $1; $2" /dev/null >drawn </dev/null || wrong "on $1 columns: $2 ended with $?"
}

# no_wider COLUMNS: no line has more letters, nor has one that is drawn over another.
no_wider() {
    tr '\r' '\n' <drawn | sed 's/\x1b\[[0-9;]*[mK]//g' >letters
    awk -v most="$1" 'length > most' letters >wide
    [ ! -s wide ] || wrong "wider than $1 columns: $(head -n 3 wide)"
}

# --- Progress. ---
for columns in 30 60 80; do
    rm -f shop.db
    on $columns "$tool seed --scale 0.3 sqlite:shop.db"
    no_wider "$columns"
    grep -q '^\[##*' letters || wrong "a bar on $columns columns: $(cat -v drawn)"
    grep -q '^[0-9]* rows at scale 0.3$' letters || wrong "behind the bar: $(tail -n 2 letters)"
    on $columns "$tool compare --scale 0.02 --repeat 1 --case catalogue,category_tree >text"
    no_wider "$columns"
    grep -q '^sqlite: 0 %, A page' letters || wrong "progress on $columns columns: $(cat -v drawn)"
    [ "$(tr -d '\n' <drawn | tail -c 4)" = $'\r\033[K' ] || wrong "the last line stays: $(tail -c 40 drawn | cat -v)"
done
grep -q 'sqlite: filling the bookshop, 100 % (stock_movement)' letters || wrong "the whole line on 80 columns"
on 80 "$tool seed --quiet --scale 0.3 sqlite:quiet.db"
[ ! -s drawn ] || wrong "a quiet seed draws $(cat -v drawn)"

# --- Tables, by the width of standard output, not of standard error. ---
for columns in 60 80 200; do
    on $columns "$tool compare --scale 0.02 --repeat 1 --case catalogue,orders,checkout 2>progress"
    no_wider $columns
    grep -q $'\033' drawn || wrong "no colours on a terminal"
    grep -q 'FIGURE *RAW SQL' letters
    turned=$?
    [ $((turned == 0)) = $((columns < 120)) ] || wrong "tables on $columns columns are not turned as they should"
    [ ! -s progress ] || wrong "progress goes to a file: $(head -c 200 progress)"
done
NO_COLOR=1 "$tool" compare --scale 0.02 --repeat 1 --case catalogue >plain 2>err || wrong "compare: $(cat err)"
on 200 "NO_COLOR=1 $tool compare --scale 0.02 --repeat 1 --case catalogue 2>/dev/null"
! grep -q $'\033' drawn || wrong "NO_COLOR leaves colours"

# --- A pipe gets neither. ---
"$tool" compare --scale 0.02 --repeat 1 --case catalogue 2>err | cat >piped
[ ! -s err ] || wrong "progress in a pipe: $(cat -v err)"
! grep -q $'[\033\r]' piped || wrong "a pipe gets commands of terminals"
grep -q '^CASE  *PATTERN OF ACCESS' piped || wrong "a pipe gets tables that were turned"
diff <(sed 's/[0-9][0-9.]*/N/g; s/  */ /g' plain) <(sed 's/[0-9][0-9.]*/N/g; s/  */ /g' piped) >why ||
    wrong "a file and a pipe get different texts: $(head -n 5 why)"

exit "$failed"
