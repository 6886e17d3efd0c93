#!/usr/bin/env bash
# rowan analyze --verify: what is proven, in every format, what the exit statuses are, and that the file is as it was.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# loop NAME DIALECT SQL: a trace with a parent and six look-ups of its rows, by the values 1 to 6.
loop() {
    local i
    printf '{"scope":"GET /","sql":"SELECT id FROM author WHERE id < 7","cols":["id"],"rows":[[1],[2],[3],[4],[5],[6]],"callsite":"list.c:3 all","dialect":"%s"}\n' "$2" >"$1"
    for i in 1 2 3 4 5 6; do
        printf '{"scope":"GET /","sql":"%s","params":[%s],"cols":["title"],"rows":[["t%s"]],"callsite":"show.c:9 one","ts_us":%s,"t_us":50,"dialect":"%s"}\n' "$3" "$i" "$i" "$i" "$2" >>"$1"
    done
}

# quick ARGUMENT...: analyzes books.jsonl until nobody else had the processor in between.
quick() {
    local turn
    for turn in 1 2 3 4 5; do
        analyzes 1 --verify sqlite:shop.db "$@" books.jsonl
        ! grep -q -e '; leave it' -e '"leave_it":true' out || break
        sleep "0.$turn"
    done
}

# Few rows are read: what is saved has to be less than a millisecond on any machine.
child='SELECT book_id FROM book_author WHERE author_id = ? AND book_id < 90'
"$tool" seed --scale 1 sqlite:shop.db >seeded 2>&1 || wrong "seed: $(cat seeded)"
sum=$(cksum <shop.db)
loop books.jsonl sqlite "$child"
loop far.jsonl mariadb "$child"
loop limited.jsonl sqlite "$child LIMIT 1"
printf '{"sql":"SELECT 1","dialect":"sqlite"}\n' >quiet.jsonl

quick
has 'instead     SELECT book_id, author_id FROM book_author WHERE author_id IN (? /\* , ... \*/) AND book_id < 90$'
has 'proof       6 -> 1 statements, [0-9.]* -> [0-9.]* ms, [1-9][0-9]* rows equal; leave it'
hasnt 'price'
[ ! -s err ] || wrong "there is a complaint: $(cat err)"

quick --format json
has '"verified":"equal","reason":null,"saved":{"statements_before":6,"statements_after":1,'
has '"price":\[{"round_trip_ms":0,'
hasnt '"round_trip_ms":20'
has '"leave_it":true'
analyzes 1 --format json books.jsonl
hasnt '"verified"'

analyzes 1 --verify sqlite:shop.db --format html books.jsonl
has '<b>Proven:</b> 6 -&gt; 1 statements'
analyzes 1 --verify sqlite:shop.db --format junit books.jsonl
has '^proof: 6 -&gt; 1 statements'
analyzes 1 --verify sqlite:shop.db --format sarif books.jsonl
has 'Proof: 6 -> 1 statements'
has '"level": "note"'

# Advice that does not hold is withdrawn; the finding stays.
analyzes 1 --verify sqlite:shop.db limited.jsonl
has 'instead     nothing that is proven: the advice (batch_in) is withdrawn, because the rows of'
has 'proof       withdrawn: the rows of'
analyzes 1 --verify sqlite:shop.db --format json limited.jsonl
has '"verified":"withdrawn","reason":"the rows of [1-6] of 6 values differ'
has '"price":\[\]'

# One that cannot be tried keeps the others; what is no reason to fail is none with a proof.
analyzes 1 --verify sqlite:shop.db far.jsonl books.jsonl
has 'proof       not verified: the trace is of mariadb, and the database is sqlite'
has 'proof       6 -> 1 statements'
"$tool" analyze --format json books.jsonl >before.json
analyzes 0 --verify sqlite:shop.db --baseline before.json books.jsonl
has 'rows equal'

# A database that cannot be reached is said, and the report is written all the same.
analyzes 1 --verify sqlite:missing.db books.jsonl
has '^rowan: there is no file missing.db' err
has 'proof       not verified: there is no file missing.db'
[ ! -e missing.db ] || wrong "a missing file was made"
analyzes 1 --verify 'postgresql://127.0.0.1:1/none?connect_timeout=2' books.jsonl
has '^rowan: ' err
has 'proof       not verified: '
analyzes 2 --verify nonsense books.jsonl
has '^rowan: --verify: this is no database URL' err
[ ! -s out ] || wrong "with a wrong URL it prints $(cat out)"
analyzes 0 --verify sqlite:missing.db quiet.jsonl
[ ! -s err ] || wrong "nothing was to be tried: $(cat err)"

# By hashes, the values are those of the parent's rows.
sed 's/"params":\[\([1-6]\)\]/"params":["#000000000000000\1"]/; s/\[\[1\],.*\[6\]\]/[["#0000000000000001"],["#0000000000000002"],["#0000000000000003"],["#0000000000000004"],["#0000000000000005"],["#0000000000000006"]]/' books.jsonl >hashed.jsonl
analyzes 1 --verify sqlite:shop.db hashed.jsonl
has 'proof       6 -> 1 statements'
sed 's/WHERE id < 7/WHERE id < ?/' hashed.jsonl >dark.jsonl
analyzes 1 --verify sqlite:shop.db dark.jsonl
has 'proof       not verified: values are hidden: record the trace with --values'

[ "$sum" = "$(cksum <shop.db)" ] || wrong "the database is not as it was"
exit "$failed"
