#!/usr/bin/env bash
# rowan profile knows which columns of SQLite a program reads, by whatever function, and is silent
# where all are read or it cannot be known; what it reads itself does not count.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source tests/profiled/profiled.sh
trap 'rm -rf "$scratch"' EXIT

compile unread sqlite3

# Twice over: with values as they are the interposer reads every cell, too.
for values in '' --values; do
    # shellcheck disable=SC2086 # no option at all
    profiles $values -- "$scratch/unread" unread
    same "findings $values" 1 "$(wc -l <"$scratch/findings")"
    grep -q '"kind":"unread_columns".*2 of 3 columns were read in 12 rows: never c' "$scratch/findings" ||
        wrong "unread columns: $(cat "$scratch/findings")"
    grep -q '"confidence":"likely".*"name in the select list what is read: a, b; and of c what' "$scratch/findings" ||
        wrong "what to do: $(cat "$scratch/findings")"
    traced '"nrows":12,"rows_read":12,"read":[0,1]' 'what was read'
    # shellcheck disable=SC2086
    profiles $values -- "$scratch/unread" otherwise
    finds_nothing 'columns that are read in any way, or that it is not known of'
    traced '"read":[0,1,2,3,4,5,6,7,8,9]' 'columns that are read by all functions'
    same 'statements whose columns are not known' 3 \
        "$(grep -E 'SELECT a, [bcd] FROM t"' "$scratch/trace" | grep -vc '"read')"
done
profiles -- "$scratch/unread" wide
same 'findings about more columns than are followed' 0 "$(grep -c unread_columns "$scratch/findings")"

# Bindings read whole rows: then nothing is unread. What they read of a row object comes too late.
for program in "/usr/bin/python3 -c 'import sqlite3; [r[0] for r in sqlite3.connect(\":memory:\").execute(\"SELECT value, value FROM json_each(?)\", (\"[1,2,3,4,5,6,7]\",))]'" \
    "perl -MDBI -e 'my \$d = DBI->connect(\"dbi:SQLite:dbname=:memory:\"); \$_->[0] for @{\$d->selectall_arrayref(\"SELECT value, value AS v FROM json_each(?)\", undef, \"[1,2,3,4,5,6,7]\")}'"; do
    profiles -- sh -c "$program"
    traced '"nrows":7,"rows_read":7,"read":[0,1]' "$program"
    finds_nothing "$program"
done

profiles -- valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
    "$scratch/unread" otherwise
report
