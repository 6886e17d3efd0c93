#!/usr/bin/env bash
# rowan analyze: its formats, the baseline, the allow-list, why there is silence, and its exit statuses.
# shellcheck disable=SC2016 # $1 is a parameter in SQL
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# loop NAME TURNS: a trace with a parent and that many look-ups of its rows.
loop() {
    local i rows=
    for i in $(seq "$2"); do
        rows+="${rows:+,}[$i]"
    done
    printf '{"scope":"GET /","sql":"SELECT id FROM post","cols":["id"],"rows":[%s],"callsite":"list.c:3 all","dialect":"postgresql"}\n' "$rows" >"$1"
    for i in $(seq "$2"); do
        printf '{"scope":"GET /","sql":"SELECT body FROM note WHERE post_id = $1","params":[%s],"callsite":"show.c:9 one","ts_us":%s,"t_us":50,"dialect":"postgresql"}\n' "$i" "$i" >>"$1"
    done
}

loop six.jsonl 6
loop four.jsonl 4
id=$(echo '"SELECT body FROM note WHERE post_id = $1"' | "$tool" fingerprint --dialect postgresql | cut -f1)

analyzes 1 six.jsonl
has '^N+1 confirmed  6 x  select body from note where post_id = ?'
has 'values from #1, list.c:3 all: SELECT id FROM post'
analyzes 0 four.jsonl
has '^0 findings in 5 statements of 1 scope$'

analyzes 1 --format sarif six.jsonl
has '"version": "2.1.0"'
has '"uri": "show.c"'
has '"startLine": 9'
has '"uri": "list.c"'
analyzes 0 --format sarif four.jsonl
has '"results": \[\]'
analyzes 1 --format junit six.jsonl
has '<testsuite name="rowan" tests="1" failures="1" skipped="0">'
has '<failure type="n_plus_one" message="6 executions'
analyzes 0 --format junit four.jsonl
has 'failures="0"'

# A profile says how soon: four turns are a loop in a test, six are none in production.
analyzes 1 --profile strict four.jsonl
has '^N+1 confirmed  4 x'
analyzes 0 --profile production six.jsonl
analyzes 1 --profile default six.jsonl
analyzes 2 --profile loud six.jsonl
has 'there is no profile loud' err

# What was not seen is said in every form, and is no finding.
for i in $(seq 300); do
    printf '{"scope":"GET /","sql":"SELECT a FROM t%s WHERE b = 1","dialect":"sqlite"}\n' "$i"
done >wide.jsonl
analyzes 0 wide.jsonl
has '^Not all was seen: in 1 scope, for want of memory 44 statements were counted and not told apart\.$'
analyzes 0 --format json wide.jsonl
has '^{"trace":null,"kind":"dropped","scopes":1,"statements":44,"values":0,"rows":0}$'
cp out wide.json
analyzes 0 --baseline wide.json four.jsonl
if grep -q 'fixed' out; then wrong "what was not seen counts as fixed: $(cat out)"; fi
analyzes 0 --format html wide.jsonl
has '<li>Not all was seen: in 1 scope'
analyzes 0 four.jsonl
if grep -q 'Not all' out; then wrong "all was seen, but: $(cat out)"; fi

# A page that stands alone: findings, evidence side by side, arrows, histograms, and no network.
analyzes 1 --format html six.jsonl
has '<h2 id="findings" tabindex="-1">'
has '<span class="kind">N+1</span> <span class="sure">confirmed · 6 ×'
has '<tr><td class="n">1</td><td class="given"><code>1</code></td>.*<td class="n">#2</td><td class="given"><code>1</code></td></tr>'
[ "$(grep -c '<svg class="arrow" data-finding="1"' out)" = 6 ] || wrong "arrows: $(cat out)"
has "$id show.c:9 <span class=\"day\">YYYY-MM-DD</span> <span class=\"why\">REASON</span></pre>"
has '<li>Statements without a time: <b>1</b>'
! grep -qE '(src|href)="?https?:' out || wrong "the page asks the network"
sed 's/GET \//<b>\&/; s/"id"/"<i>"/' six.jsonl >hostile.jsonl
"$tool" analyze --format html hostile.jsonl >out
! grep -qE '<b>&|<i>"' out || wrong "the page is not escaped"
analyzes 0 --format html four.jsonl
has 'Nothing repeats that should not'

# The trace itself, for other programs: an arrow from the parent to each child; a span for the scope,
# a span and a point in the histogram for each statement; counters.
analyzes 1 --format chrome six.jsonl
has '"name":"select body from note where post_id = ?","cat":"sql","ph":"X"'
[ "$(grep -c '"cat":"provenance","ph":"s"' out)" = 6 ] || wrong "arrows leave: $(cat out)"
[ "$(grep -c '"cat":"provenance","ph":"f"' out)" = 6 ] || wrong "arrows arrive: $(cat out)"
analyzes 1 --format otlp six.jsonl
[ "$(grep -o '"spanId"' out | wc -l)" = 8 ] || wrong "spans: $(cat out)"
for name in db.system.name db.collection.name db.operation.name db.query.summary db.query.text \
    code.file.path code.line.number; do
    has "\"key\":\"$name\""
done
has '"name":"db.client.operation.duration","unit":"s"'
has '"stringValue":"SELECT note"'
has '"explicitBounds":\[0.001'
analyzes 1 --format prometheus six.jsonl
has "rowan_statements_total{fingerprint=\"$id\",statement=\"select body from note where post_id = ?\",dialect=\"postgresql\"} 6"
has '^rowan_findings 1$'

# A baseline: the same is known, more is worse, less is known, nothing is fixed.
analyzes 1 --format json six.jsonl
has "\"fingerprint_id\":\"$id\""
cp out before.json
analyzes 0 --baseline before.json six.jsonl
cp six.jsonl keep.jsonl
loop six.jsonl 9
analyzes 1 --baseline before.json six.jsonl
has 'before      6 x'
cp four.jsonl six.jsonl
analyzes 0 --baseline before.json six.jsonl
has '^fixed: six N+1  select body from note'
cp keep.jsonl six.jsonl
analyzes 2 --baseline missing.json six.jsonl
has 'cannot read missing.json' err
analyzes 2 --baseline six.jsonl/ six.jsonl
echo nonsense >bad.json
analyzes 2 --baseline bad.json six.jsonl
has 'bad.json:1: this is no line' err

# An allow-list: with a reason and a last day; what is over or matches nothing fails.
printf '# for now\n\n%s show.c:9 2999-12-31 the page has ten rows at most # see the wiki\n' "$id" >allow
analyzes 0 --allow allow six.jsonl
has 'allowed     the page has ten rows at most'
analyzes 0 --allow allow --format junit six.jsonl
has '<skipped message="the page has ten rows at most'
analyzes 1 --allow allow four.jsonl
has 'allow:3: nothing that is found matches' err
printf '%s other.c:1 2999-12-31 why\n' "$id" >allow
analyzes 1 --allow allow six.jsonl
printf '%s * 2020-01-31 why\n' "$id" >allow
analyzes 1 --allow allow six.jsonl
has 'allow:1: the entry has expired' err
for line in 'nonsense' "$id *" "$id * 2999-02-30 why" "$id * 2999-12-31" "12 * 2999-12-31 why"; do
    echo "$line" >allow
    analyzes 2 --allow allow six.jsonl
    has 'allow:1: an entry is' err
done

# Silence.
analyzes 0 --explain-silence "$id" four.jsonl
has 'scope GET /: 4 x, 4 different: it ran too few times with different values'
analyzes 0 --explain-silence "$id" six.jsonl
has 'it is a finding'
analyzes 0 --explain-silence 0123456789abcdef six.jsonl
has 'no statement has the fingerprint 0123456789abcdef'
analyzes 2 --explain-silence xyz six.jsonl
has 'xyz is no fingerprint' err

# A disk that is full while the report is written.
if [ -w /dev/full ]; then
    "$tool" analyze six.jsonl >/dev/full 2>err
    got=$?
    [ "$got" = 3 ] || wrong "a full disk ended with $got"
    has 'cannot write the output' err
fi
# What an engine says of itself is full of small numbers, and no parent of rows with such keys.
for table in a b c d; do
    printf '{"sql":"PRAGMA table_info(%s)","cols":["cid","notnull","pk"],"rows":[[0,1,1],[1,0,0],[2,1,0],[3,0,2]],"dialect":"sqlite"}\n' $table
done >pragma.jsonl
loop small.jsonl 12
sed 's/"scope":"[^"]*",//; s/postgresql/sqlite/; s/"callsite":"[^"]*",//' small.jsonl >>pragma.jsonl
analyzes 1 pragma.jsonl
has 'N+1 confirmed  12 x'
has '12 of 12 values of post_id are values of id in the rows of statement 5'

# Evidence counts statements as all else does: through the trace, not from each scope's first.
for i in 1 2 3; do
    printf '{"scope":"GET /before","sql":"SELECT %s FROM other","seq":%s,"ts_us":%s,"dialect":"postgresql"}\n' "$i" "$i" "$i"
done >second.jsonl
loop later.jsonl 6
sed 's/"ts_us":/"ts_us":1/; s/GET \//GET \/after/; s/"rows":\(.*\]\],\)/"ts_us":9,"rows":\1/' later.jsonl >>second.jsonl
analyzes 1 second.jsonl
has 'values from #4, list.c:3 all'
has 'are values of id in the rows of statement 4, in the same order'

# Small keys are in every table: of many columns that have the values, that which is called after them was it.
for i in $(seq 12); do
    printf '{"sql":"SELECT id, rank, place FROM other%s","cols":["id","rank","place"],"rows":[[1,4,2],[2,3,1],[3,2,4],[4,1,3]],"ts_us":%s,"dialect":"sqlite"}\n' "$i" "$i"
done >small_keys.jsonl
echo '{"sql":"SELECT id, house_id FROM book","cols":["id","house_id"],"rows":[[1,3],[2,1],[3,4],[4,2],[5,3],[6,1]],"ts_us":20,"dialect":"sqlite"}' >>small_keys.jsonl
for i in 3 1 4 2 3 1; do
    printf '{"sql":"SELECT name FROM house WHERE id = ?","params":[%s],"cols":["name"],"rows":[["x"]],"ts_us":%s,"dialect":"sqlite"}\n' "$i" "$((30 + $(wc -l <small_keys.jsonl)))" >>small_keys.jsonl
done
analyzes 1 small_keys.jsonl
has 'N+1 confirmed  6 x  select name from house where id = ?'
has '6 of 6 values of id are values of house_id in the rows of statement 13, in the same order'

exit "$failed"
