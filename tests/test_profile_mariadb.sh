#!/usr/bin/env bash
# rowan profile before libmariadb: of each way to send statements as many are recorded as the
# server's own log has, and their values are known again.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source tests/profiled/profiled.sh
needs_server ROWAN_TEST_MARIADB
user=rowan_profiled
socket=${ROWAN_TEST_MARIADB#*socket=}
if ! mariadb --no-defaults -S "$socket" -u root -e '' 2>/dev/null; then
    echo "the server is none of tests/servers.sh, and its log is not to be had: skipped" >&2
    exit 0
fi

sql() {
    mariadb --no-defaults -S "$socket" -u root -N -e "$1"
}

tidy_up() {
    sql "SET GLOBAL general_log = OFF; DROP USER $user@localhost"
    rm -rf "$scratch"
}

logged() {
    sql "SELECT count(*) FROM mysql.general_log WHERE user_host LIKE '${user}[%'
        AND command_type IN ('Query', 'Execute', 'Bulk_execute')"
}

counts() { # CASE OPTION...
    sql 'TRUNCATE mysql.general_log'
    profiles "${@:2}" -- "$scratch/mariadb" "$socket" "$user" "$1"
    same "statements of $1" "$(logged)" "$(statements)"
    [ "$(statements)" -gt 0 ] || wrong "$1 sent nothing"
}

compile mariadb libmariadb
sql "CREATE OR REPLACE USER $user@localhost IDENTIFIED BY 'secret';
    GRANT ALL ON *.* TO $user@localhost;
    SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON"
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

# Loops, and what is none.
for loop in text statement; do
    counts "loop_$loop"
    finds n_plus_one id parent_id confirmed "a loop ($loop)"
done
counts loop_stream
finds n_plus_one null id likely 'a loop over two connections'
counts batched
finds_nothing 'a batch'

# The hooks use no memory that is not theirs, and give back what is.
for name in query several use statement array; do
    profiles -- valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$scratch/mariadb" "$socket" "$user" "$name"
done
report
