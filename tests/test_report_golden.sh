#!/usr/bin/env bash
# rowan analyze: every format of three traces to the letter, against tests/golden/report. ROWAN_GOLDEN=write writes the
# files instead; review what changed.
#
# shop has a finding of each kind, known and new ones; plain lacks all that a recorder may leave out; quiet has nothing
# to find. They say when they began, so that every figure in a report is the same whenever it is made.
# shellcheck disable=SC2016 # $1 is a parameter in SQL
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
golden=$PWD/tests/golden/report
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

cat >traces.py <<'END'
"""Writes shop.jsonl, plain.jsonl and quiet.jsonl."""
import json


class Trace:
    def __init__(self, began_us=1750000000000000, **always):
        self.lines, self.always, self.us, self.began = [], always, 0, began_us

    def add(self, sql, wait_us=50, t_us=100, **more):
        self.us += wait_us
        line = dict(self.always, seq=len(self.lines) + 1, sql=sql, ts_us=self.us, t_us=t_us, **more)
        if not self.lines:
            line["began_us"] = self.began
        self.us += t_us
        self.lines.append(line)
        return self

    def write(self, name, without=()):
        with open(name + ".jsonl", "w", encoding="utf-8") as file:
            for line in self.lines:
                file.write(json.dumps({k: v for k, v in line.items() if k not in without and v is not None}) + "\n")


shop = Trace(dialect="postgresql", conn="7", thread="main", db="shop")
shop.always["scope"] = "GET /books"
shop.add("SELECT id, author_id FROM book ORDER BY id", cols=["id", "author_id"], callsite="list.c:12 all",
         rows=[[i, 30 + i % 6] for i in range(9)], t_us=900)
for i in range(9):
    shop.add("SELECT name FROM author WHERE id = $1", params=[30 + i % 6], cols=["name"], rows=[["A. %d" % i]],
             callsite="show.c:40 author_of", through=["orm.c:7 fetch", "orm.c:90 send"], t_us=200 + 10 * i)
for i in range(4):
    shop.add("SELECT value FROM setting WHERE key = $1", params=["größe"], cols=["value"], rows=[[None]],
             callsite="conf.c:3 get", cached=i == 3 or None)
shop.always.update(scope="POST /order", conn="8", thread="worker")
shop.add("BEGIN", callsite="order.c:1 place", t_us=30)
for i in range(7):
    shop.add("INSERT INTO line (purchase_id, book_id, quantity) VALUES ($1, $2, $3)", params=[5, i, 1.5], nrows=1,
             callsite="order.c:9 add", trip=100 + i, err="23505" if i == 6 else None)
shop.add("UPDATE stock SET amount = amount - 1 WHERE book_id = $1", params=[3], nrows=1, callsite="order.c:15 take")
shop.add("COMMIT", wait_us=2500000, callsite="order.c:20 place")
shop.add("SELECT 1 FROM customer WHERE id = $1 FOR UPDATE", params=["#0123456789abcdef"], callsite="?")
shop.always.update(scope="job nightly", conn="9")
node = 40
shop.add("SELECT id, parent_id FROM category WHERE id = $1", params=[node], cols=["id", "parent_id"],
         rows=[[node, node - 1]], callsite="tree.c:5 up")
for node in range(39, 32, -1):
    shop.add("SELECT id, parent_id FROM category WHERE id = $1", params=[node], cols=["id", "parent_id"],
             rows=[[node, node - 1]], callsite="tree.c:5 up")
for i in range(3):
    shop.add("SELECT count(*) FROM ledger WHERE lower(note) LIKE $1", params=["%%%d%%" % i], t_us=450000 + i,
             cols=["count"], rows=[[i]], callsite="sum.c:8 total", wait_us=400)
shop.add("SELECT id, a, b, c, d FROM wide WHERE k = $1", params=[True], cols=list("iabcd"),
         rows=[[i, 1, 2, 3, 4] for i in range(32)], nrows=400, rows_read=400, read=[0, 2], callsite="wide.c:2 sum")
shop.add("SELECT id FROM tall", cols=["id"], rows=[[i] for i in range(20)], nrows=5000, rows_read=1,
         callsite="tall.c:4 first")
shop.always.update(scope="GET /reviews", conn="10")
parent = len(shop.lines) + 1
shop.add("SELECT id FROM post WHERE day = $1", params=["2025-06-15"], cols=["id"], rows=[[i] for i in range(30)],
         callsite="post.c:1 of_day", pattern="activerecord", model="post")
shop.add("SELECT id, post_id, body FROM review WHERE post_id IN (1, 2, 3)", cols=["id", "post_id", "body"],
         rows=[[i, i, "x"] for i in range(30)], nrows=900, callsite="post.c:2 with_reviews", pattern="activerecord",
         model="review", eager={"assoc": "reviews", "parent_seq": parent, "owners": 30, "rows": 900, "touched": 0})
shop.always.update(scope="slow transaction", conn="11")
shop.add("BEGIN", callsite="bulk.c:1 run")
for i in range(12):
    shop.add("SELECT %d FROM t%d" % (i, i), wait_us=900000, t_us=30000, callsite="bulk.c:%d run" % (i + 2))
shop.add("ROLLBACK", wait_us=10)
shop.lines[20]["seq"] = None
shop.lines[-1]["seq"] += 3  # three were lost
shop.write("shop")

plain = Trace()
plain.add("SELECT id FROM post", cols=["id"], rows=[[i] for i in range(6)])
for i in range(6):
    plain.add("SELECT body FROM note WHERE post_id = ?", params=[i], cols=["body"], rows=[["n"]])
plain.write("plain", without=("seq", "ts_us", "t_us"))

quiet = Trace(dialect="sqlite", scope="once")
quiet.add("SELECT \"a\", 'b' FROM t WHERE x'00ff' = ? AND c = -1.5e3", params=[[1, 2]], t_us=7)
quiet.write("quiet")
END
python3 traces.py || exit 1
printf '{"sql":"SELECT 1","params":7}\n' >>plain.jsonl

# lines FORMAT: a report as lines that a person can review, without what is the same in all.
lines() {
    case $1 in
    html) awk '/<style>/ { print "<style>"; skip = 1 } /<script>/ { print "<script>"; skip = 1 }
            !skip { print } /<\/style>|<\/script>/ { skip = 0 }' | sed 's/></>\n</g' ;;
    sarif) jq '.runs[0].tool.driver.version = "V"' ;;
    chrome) jq -c '.traceEvents[], del(.traceEvents)' ;;
    otlp) jq -c '(.. | .version? // empty) = "V" | (.. | .spans? // empty | .[]), (.. | .dataPoints? // empty | .[]),
            del(.. | .spans?, .dataPoints?)' ;;
    *) cat ;;
    esac
}

# agrees FILE: it is as its golden one.
agrees() {
    if [ "${ROWAN_GOLDEN-}" = write ]; then
        cp "$1" "$golden/$1"
    fi
    diff -u "$golden/$1" "$1" >difference || wrong "$1: $(head -n 40 difference)"
}

# reports NAME FORMAT STATUS ARGUMENT...: writes NAME.FORMAT, and ends so.
reports() {
    local name=$1 form=$2 status=$3
    shift 3
    analyzes "$status" --format "$form" "$@"
    lines "$form" <out >"$name.$form" || wrong "$name.$form is odd"
}

for form in text json sarif junit html chrome otlp prometheus; do
    reports shop "$form" 1 shop.jsonl
    reports plain "$form" 1 plain.jsonl
    reports quiet "$form" 0 quiet.jsonl
    for name in shop plain quiet; do
        agrees "$name.$form"
    done
done

# What is known: one finding is allowed, one was there before, one got worse, one is fixed, the others are new. Of
# each format how it differs.
"$tool" analyze --format json shop.jsonl >all.json
jq -c 'select(.kind | IN("slow_query", "write_loop")) | .count = (if .kind == "write_loop" then 4 else .count end)' \
    all.json >before.json
jq -c 'select(.kind == "slow_query") | .fingerprint_id = "00000000000000aa" | .fingerprint = "select gone"' all.json \
    >>before.json
echo "$(jq -r 'select(.kind == "n_plus_one") | .fingerprint_id' all.json) show.c:40 2999-12-31 <nine> & few" >allow
for form in text json sarif junit html; do
    reports known "$form" 1 --baseline before.json --allow allow shop.jsonl
    diff "shop.$form" "known.$form" >"known.$form.diff"
    agrees "known.$form.diff"
done

# Why not: of a statement that is silent, of one that is found, of one in two scopes.
for sql in 'SELECT value FROM setting WHERE key = $1' 'SELECT name FROM author WHERE id = $1' BEGIN; do
    id=$(jq -cn --arg s "$sql" '$s' | "$tool" fingerprint --dialect postgresql | cut -f1)
    analyzes 0 --explain-silence "$id" shop.jsonl
    cat out
done >silence.text
agrees silence.text

exit "$failed"
