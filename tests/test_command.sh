#!/usr/bin/env bash
# What the command says and how it ends: seed, model and fingerprint, on good input, on bad input, and when interrupted.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD
models=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)/bookshop_model
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

ends 0 '^usage: rowan VERB' "$tool" --help
ends 0 '^rowan [0-9]' "$tool" --version
ends 0 '^Usage: rowan seed' "$tool" seed --help
ends 0 '^Usage: rowan model' "$tool" model --help
ends 2 'there is no verb sead' "$tool" sead
ends 2 'cannot use the argument --nonsense' "$tool" seed --nonsense sqlite:x
ends 2 '--scale wants a value' "$tool" seed --scale
ends 2 'cannot use the argument extra' "$tool" model sqlite:x extra
ends 2 'seed needs the URL' "$tool" seed
ends 2 'ten is no scale' "$tool" seed --scale ten sqlite:x
ends 2 '0 is no scale' "$tool" seed --scale 0 sqlite:x
ends 2 'scheme "oracle"' "$tool" seed oracle:x
ends 3 'there is no file' "$tool" model sqlite:missing.db
[ ! -e missing.db ] || wrong "a database was made of a wrong path"
ends 3 'no connection to the server' "$tool" seed postgresql://127.0.0.1:1/x
ends 3 'no MariaDB server answers' "$tool" model mariadb://127.0.0.1:1/x
echo 'no database at all, but long enough to be looked at by whoever opens it as one, which takes a hundred bytes' >text
ends 3 'is no SQLite database' "$tool" model sqlite:text

ends 0 '^1136 rows at scale 0.01$' "$tool" seed --scale 0.01 sqlite:shop.db
ends 0 'seeded already' "$tool" seed --scale 0.01 sqlite:shop.db
ends 0 '' "$tool" seed --quiet --scale 0.02 sqlite:quiet.db
[ ! -s out ] || wrong "a quiet seed printed: $(cat out)"
ends 2 'was seeded at scale 0.01' "$tool" seed --scale 1 sqlite:shop.db
if [ "$(id -u)" != 0 ]; then
    chmod 400 quiet.db
    ends 3 '' "$tool" seed --scale 0.02 sqlite:quiet.db
fi

ends 0 'models/bookshop.h' "$tool" model --name bookshop --output models \
    --hints "$source/schemas/bookshop/hints" sqlite:shop.db
for file in bookshop_rows.h bookshop.h bookshop.c; do
    cmp -s "models/$file" "$models/$file" ||
        wrong "$file is not the build's"
done
ends 2 'cannot be named "a b"' "$tool" model --name 'a b' sqlite:shop.db
printf '[nothing]\nversion = x\n' >hints
ends 2 'hints:1: there is no table "nothing"\|hints:2: there is no table "nothing"' \
    "$tool" model --hints hints sqlite:shop.db
ends 3 'cannot read nohints' "$tool" model --hints nohints sqlite:shop.db
ends 3 'cannot write' "$tool" model --output /dev/full/x sqlite:shop.db
[ "$(find models -type f | wc -l)" = 3 ] || wrong "files were left over: $(find models)"

# folds DIALECT INPUT STATUS ID FOLDED: fingerprint prints that of the input's lines, and ends so.
folds() {
    local got
    printf '%s\n' "$2" | "$tool" fingerprint --dialect "$1" >out 2>err
    got=$?
    [ "$got" = "$3" ] || wrong "fingerprint ended with $got: $(cat err)"
    printf '%s\t%s\n' "$4" "$5" | cmp -s - out || wrong "fingerprint of $2 printed $(cat out)"
}

folds sqlite '"SELECT 1 FROM t WHERE a = 5"' 0 c6a959972af2921e 'select ? from t where a = ?'
folds sqlite '"SELECT \"a\" FROM [t]"' 0 ad43393fc95f911d 'select a from t'
# shellcheck disable=SC2016 # the backticks are SQL's
folds mariadb '"SELECT \"a\" FROM `t` # why"' 0 c7aa8bfbb05a9d0c 'select ? from t'
folds postgresql $'nonsense\n"SELECT $1"\n{}' 2 c4bd1bd9cfc6dccc 'select ?'
grep -q '^rowan: standard input:1: ' err || wrong "fingerprint said: $(cat err)"
grep -q '^rowan: standard input:3: the line is no JSON string$' err ||
    wrong "fingerprint said: $(cat err)"
ends 0 '' "$tool" fingerprint --dialect sqlite
ends 0 '^Usage: rowan fingerprint' "$tool" fingerprint --help
ends 2 'there is no dialect oracle' "$tool" fingerprint --dialect oracle
ends 2 'needs --dialect' "$tool" fingerprint
ends 2 'cannot use the argument file' "$tool" fingerprint --dialect sqlite file
if [ -w /dev/full ]; then
    echo '"SELECT 1"' | "$tool" fingerprint --dialect sqlite >/dev/full 2>err
    got=$?
    if [ "$got" != 3 ] || ! grep -q '^rowan: cannot write the output' err; then
        wrong "fingerprint to a full disk ended with $got and said: $(cat err)"
    fi
fi

# A trace with an N+1, and what cannot be one.
{
    printf '{"sql":"SELECT id FROM post","rows":[[1],[2],[3],[4],[5]],"cols":["id"],"dialect":"sqlite"}\n'
    for i in 1 2 3 4 5; do
        printf '{"sql":"SELECT body FROM note WHERE post_id = ?","params":[%s],"callsite":"a.c:3 f","ts_us":%s}\n' \
            "$i" "$i"
    done
} >loop.jsonl
ends 0 '^Usage: rowan analyze' "$tool" analyze --help
ends 2 'analyze needs a trace' "$tool" analyze
ends 2 'there is no format yaml' "$tool" analyze --format yaml loop.jsonl
ends 2 'cannot read missing.jsonl: No such file' "$tool" analyze missing.jsonl
"$tool" analyze loop.jsonl >out 2>err
[ $? = 1 ] || wrong "analyze ended with $? for a trace with a finding: $(cat err)"
grep -q '^N+1 confirmed  5 x  select body from note where post_id = ?' out || wrong "analyze: $(cat out)"
"$tool" analyze --format json - <loop.jsonl >out 2>err
[ $? = 1 ] || wrong "analyze of standard input ended otherwise: $(cat err)"
grep -q '^{"trace":"-",.*"kind":"n_plus_one","seqs":\[2,3,4,5,6\]' out || wrong "analyze: $(cat out)"
head -n 3 loop.jsonl >short.jsonl
ends 0 '^0 findings in 3 statements of 1 scope$' "$tool" analyze short.jsonl
printf '{"sql":"SELECT 1"}\nnonsense\n' >half.jsonl
"$tool" analyze half.jsonl >out 2>err
got=$?
[ "$got" = 0 ] || wrong "a trace with a line that cannot be read ended with $got"
grep -q '^rowan: half.jsonl:2: ' err || wrong "analyze said: $(cat err)"
echo nonsense >bad.jsonl
"$tool" analyze bad.jsonl >out 2>err
[ $? = 2 ] || wrong "a trace without a statement ended otherwise"

# An interrupt ends it with one line; the next run completes what it left.
"$tool" seed --scale 5 sqlite:long.db >out 2>err &
seeding=$!
for _ in $(seq 200); do
    [ -s long.db ] && break
    sleep 0.02
done
sleep 0.2
kill -INT "$seeding"
wait "$seeding"
got=$?
[ "$got" = 130 ] || wrong "an interrupted seed ended with $got"
[ "$(wc -l <err)" = 1 ] || wrong "an interrupted seed said: $(cat err)"
grep -q '^rowan: interrupted' err || wrong "an interrupted seed said: $(cat err)"
ends 0 'rows at scale 5$' "$tool" seed --scale 5 sqlite:long.db

exit "$failed"
