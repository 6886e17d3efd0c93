#!/usr/bin/env bash
# rowan profile before libpq: of each way to send statements as many are recorded as the server's own
# log has, and their values are known again.
# shellcheck disable=SC2016 # $1 is a parameter in SQL
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source tests/profiled/profiled.sh
source tests/profiled/witness.sh
needs_server ROWAN_TEST_POSTGRESQL

tidy_up() {
    forget_postgresql
    rm -rf "$scratch"
}

# counts CASE REFUSED OPTION...: as many are recorded as were executed, and as many more as the server
# refused before it executed them.
counts() {
    clear_postgresql
    profiles "${@:3}" -- "$scratch/postgresql" "$postgresql_url" "$1"
    same "statements of $1" "$(($(logged_postgresql) + $2))" "$(statements)"
    [ "$(statements)" -gt 0 ] || wrong "$1 sent nothing"
}

compile postgresql libpq
watch_postgresql
trap tidy_up EXIT

# Each way to send.
counts exec 0
traced '"err":"22012"' 'a division by zero'
traced '"err":"25P02"' 'a statement in a transaction that failed'
traced 'set client_encoding to' 'what libpq sends by itself'
counts params 0 --values
traced '"params":[1007,null],"cols":["id","name"],"rows":[[1007,"name 1"]]' 'typed parameters as texts'
traced '"params":["1007",null],"cols":["id","name"],"rows":[[1007,"name 1"]]' 'binary results'
traced '"params":[1014,2.5],"cols":["id","parent_id","code","price"],"rows":[[13,1014,null,3.25]' 'binary parameters'
counts prepared 1 --values
traced '"sql":"EXECUTE \"one\"","params":["1007"]' 'a name that was deallocated'
traced '"sql":"SELECT name FROM parent WHERE id = $1","params":[1014],"cols":["name"]' 'a name that is taken'
traced '"sql":"SELECT id FROM parent WHERE name = $1","params":["1007"]' 'a name that is used again'
counts values 0 --values
known='[[true,false,7,-7,9007199254740993,4294967295,1.5,-2.25,'
behind='"text","vc","bc","na","\\x0aff","\\x","00112233-4455-6677-8899-aabbccddeeff","[1]","[1]",null]]'
traced "$known\"12.50\",$behind" 'values of every type as texts'
traced "$known\"\\\\x0002000000000002000c1388\",$behind" 'values of every type as bytes'
traced '"params":["\\x0aff","\\x0A","\\x0","\\xgg","\\y00","",true,false,true,-12,2.5,"7.10","\\x09",null]' 'parameters as texts'
traced '"params":[3,-2,256,"\\x010203","abcd","",true,false,9,"z"]' 'parameters as bytes'
counts send 0 --values
traced '"rows":[[1007,"name 1"],[1014,"name 2"]' 'a text with several statements'
traced '"nrows":48' 'a text with several statements'
traced '"sql":"SELECT * FROM child WHERE parent_id = $1","params":[1021],"cols":["id","parent_id","code","price"],"rows":[[2,1021,null,0.5]' 'a statement that was prepared while the program did not wait'
counts single_row 0
traced '"nrows":700' 'rows that came one by one'
counts copy 1
traced '"err":"57014"' 'a copy that was given up'
counts function 0
counts finish 1
counts lookup 0
same 'statements by a function that was looked up' 3 "$(statements)"
counts threads 0
counts fork 0
counts refused 3
hides secret

# A pipeline: what the server passed over was not executed, and statements share their round trip.
counts pipeline 1
trips=$(grep -F '"SELECT name FROM parent' "$scratch/trace" | grep -o '"trip":[0-9]*' | sort -u | wc -l)
same 'round trips of three statements' 1 "$trips"
trips=$(grep -o '"trip":[0-9]*' "$scratch/trace" | sort -u | wc -l)
same 'round trips' 7 "$trips"

# Programs of PostgreSQL's own: eight connections of two threads, which do not wait for any of them.
pgbench() {
    local bin=/usr/lib/postgresql/15/bin/pgbench
    clear_postgresql
    profiles -- "$bin" -n -h "$host" -p "${port%%/*}" -U "$witness_user" -c 8 -j 2 -t 20 "$@" rowan
    same "statements of pgbench $*" "$(logged_postgresql)" "$(statements)"
}
port=${postgresql_url##*:} host=${postgresql_url#*host=}
printf '%s\n' '\startpipeline' 'SELECT :client_id + 1;' 'SELECT 2;' '\endpipeline' 'SELECT 3;' \
    >"$scratch/pipeline.sql"
for mode in simple extended prepared; do
    printf 'SELECT %s;\n' 1 :client_id+2 >"$scratch/$mode.sql"
    pgbench -M "$mode" -f "$scratch/$mode.sql"
done
pgbench -M prepared -f "$scratch/pipeline.sql"
same 'statements of pipelines' 480 "$(statements)"

# Loops, and what is none.
for loop in literal text prepared async; do
    counts "loop_$loop" 0
    finds n_plus_one id parent_id confirmed "a loop ($loop)"
done
counts loop_stream 0
finds n_plus_one null id likely 'a loop over two connections'
counts batched 0
finds_nothing 'a batch'

# What was fetched and never read.
counts unread_columns 0
same 'findings of unread columns' 1 "$(wc -l <"$scratch/findings")"
grep -q '"kind":"unread_columns".*2 of 3 columns were read in 72 rows: never price' "$scratch/findings" ||
    wrong "unread columns: $(cat "$scratch/findings")"
counts unread_rows 0
same 'findings of unread rows' 2 "$(grep -c '"kind":"unread_rows"' "$scratch/findings")"
grep -q '293 of 300 rows were fetched and not read' "$scratch/findings" ||
    wrong "unread rows: $(cat "$scratch/findings")"
traced '"nrows":200,"rows_read":5,"read":[1]' 'a result that was let go of before its statement ended'
counts unread_stream 0
same 'findings of streams' 2 "$(wc -l <"$scratch/findings")"
grep -q '"kind":"unread_columns".*2 of 3 columns were read in 72 rows: never price' "$scratch/findings" ||
    wrong "unread columns of a stream: $(cat "$scratch/findings")"
grep -q '"kind":"unread_rows".*293 of 300 rows were fetched and not read' "$scratch/findings" ||
    wrong "unread rows of a stream: $(cat "$scratch/findings")"
traced '"nrows":36,"rows_read":36,"read":[0,1]' 'a stream whose first row was let go of last'
counts unread_pipeline 0
same 'unread columns in a pipeline' 1 "$(grep -c unread_columns "$scratch/findings")"
grep -q '"kind":"unread_columns".*2 of 3 columns were read in 108 rows: never parent_id' "$scratch/findings" ||
    wrong "unread columns of a pipeline: $(cat "$scratch/findings")"
counts read 0
finds_nothing 'what is read, and what cannot be known'
counts unasked 0
finds_nothing 'a program that reads in a way of its own'

# A program that writes 1,5 is sent 1.5 all the same.
printf 'LC_NUMERIC\ndecimal_point ","\nthousands_sep ""\ngrouping -1\nEND LC_NUMERIC\n' >"$scratch/comma"
localedef -c --no-archive -i "$scratch/comma" "$scratch/other" 2>"$scratch/said"
profiles --values -- env LOCPATH="$scratch" LC_ALL=other "$scratch/postgresql" "$postgresql_url" reals
same 'a number as the program writes it' 1,5 "$(cat "$scratch/out")"
traced '[1.25,-0.5,30000000000]' 'reals'

tries_librowan postgresql "$postgresql_url"

# The hooks use no memory that is not theirs, and give back what is.
for name in pipeline prepared copy finish unread_rows unread_stream read; do
    profiles -- valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$scratch/postgresql" "$postgresql_url" "$name"
done
report
