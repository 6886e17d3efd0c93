#!/usr/bin/env bash
# rowan profile before libmariadb: of each way to send statements as many are recorded as the
# server's own log has, and their values are known again.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source tests/profiled/profiled.sh
source tests/profiled/witness.sh
needs_server ROWAN_TEST_MARIADB

tidy_up() {
    forget_mariadb
    rm -rf "$scratch"
}

counts() { # CASE OPTION...
    clear_mariadb
    profiles "${@:2}" -- "$scratch/mariadb" "$mariadb_socket" "$witness_user" "$1"
    same "statements of $1" "$(logged_mariadb)" "$(statements)"
    [ "$(statements)" -gt 0 ] || wrong "$1 sent nothing"
}

compile mariadb libmariadb
watch_mariadb
trap tidy_up EXIT

# Each way to send.
counts query --values
traced '"sql":"SELECT id FROM child WHERE price > 2","' 'a part of a text'
traced '"cols":["id","name","NULL"],"rows":[[1007,"name 1",null],[1014,"name 2",null]' 'a stored result'
traced '"nrows":2' 'rows that were changed'
traced '"err":"42S22"' 'a column that is not there'
traced '"err":"23000"' 'a key that is there twice'
counts several
traced '"err":"42S22"' 'an error in the second statement of a text'
counts use
traced '"nrows":500' 'rows that came one by one'
counts own
same 'commands on connecting' 2 "$(grep -c 'SET @wanted' "$scratch/trace")"
counts statement --values
traced '"params":[1014],"cols":["id","born","price","code"],"rows":[[1,"2024-02-03 04:05:06.500000",0.25,"abcd"]' 'a row of the binary protocol'
traced '"rows":[[1007,"name 1"],[1014,"name 2"]' 'texts that the program cut'
traced '"params":["2024-02-03 04:05:06.500000"]' 'a bound text'
counts direct --values
traced '"sql":"SELECT ? + 1","params":[7]' 'a statement that was bound before it was prepared'
counts cursor
traced '"nrows":100' 'rows by a cursor'
counts array --values
traced '"params":[1,"one"]' 'an array'
traced '"params":[11,"eleven"]' 'an array of rows'
counts async
counts async_statement
counts threads
counts fork
counts query
hides secret
hides 'name 1'

# Another library with the same functions: its structures may differ, so they are left alone.
cp -L "$(ldd "$scratch/mariadb" | awk '/libmariadb/ { print $3 }')" "$scratch/libmysqlclient.so.21"
for name in query use statement array; do
    clear_mariadb
    # shellcheck disable=SC2016 # for the inner shell
    profiles --values -- sh -c 'LD_PRELOAD="$LD_PRELOAD $1" && export LD_PRELOAD && shift && exec "$@"' \
        sh "$scratch/libmysqlclient.so.21" "$scratch/mariadb" "$mariadb_socket" "$witness_user" "$name"
    same "statements of $name" "$(logged_mariadb)" "$(statements)"
    hides '"name 1"'
    hides '"params":[1014'
done
grep -q 'libmysqlclient.so.21: .*; statements of this library are recorded without values' \
    "$scratch/err" || wrong "nothing is said of that library: $(cat "$scratch/err")"

# Loops, and what is none.
for loop in text statement; do
    counts "loop_$loop"
    finds n_plus_one id parent_id confirmed "a loop ($loop)"
done
counts loop_stream
finds n_plus_one null id likely 'a loop over two connections'
counts batched
finds_nothing 'a batch'

# What was fetched and never read.
counts unread_rows
same 'findings of unread rows' 1 "$(wc -l <"$scratch/findings")"
grep -q '"kind":"unread_rows".*293 of 300 rows were fetched and not read, in 2 executions' \
    "$scratch/findings" || wrong "unread rows: $(cat "$scratch/findings")"

counts unread_columns
same 'findings of unread columns' 2 "$(wc -l <"$scratch/findings")"
grep -q '"unread_columns".*"select id, parent_id, price from child".*2 of 3 columns were read in 72 rows: never price' \
    "$scratch/findings" || wrong "columns that were never bound: $(cat "$scratch/findings")"
grep -q '"unread_columns".*"select id, code, price from child".*2 of 3 columns were read in 36 rows: never price' \
    "$scratch/findings" || wrong "columns that were bound before: $(cat "$scratch/findings")"
traced '"rows_read":6,"read":[0,1,2]' 'a column that was fetched by itself'
counts unread_stored
same 'findings of unread stored rows' 1 "$(wc -l <"$scratch/findings")"
grep -q '"unread_rows".*293 of 300 rows were fetched and not read, in 1 execution' "$scratch/findings" ||
    wrong "unread stored rows: $(cat "$scratch/findings")"

tries_librowan mariadb "$mariadb_url"

# The hooks use no memory that is not theirs, and give back what is.
for name in query several use statement array unread_rows unread_columns; do
    profiles -- valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$scratch/mariadb" "$mariadb_socket" "$witness_user" "$name"
done
report
