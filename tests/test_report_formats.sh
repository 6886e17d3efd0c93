#!/usr/bin/env bash
# rowan analyze: every format says the same of a trace, whatever the trace: the same findings, each statement once,
# and the same exit status; each is well formed, and what was odd in the trace is not lost or believed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

cat >traces.py <<'END'
"""Traces of every kind of finding, and odd ones, by their names; prints `NAME LINES-THAT-ARE-REFUSED`."""
import json


class Trace:
    def __init__(self, scope="GET /", dialect="postgresql"):
        self.lines, self.scope, self.dialect, self.us = [], scope, dialect, 0

    def add(self, sql, params=None, cols=None, rows=None, t_us=100, gap_us=0, **more):
        self.us += gap_us
        line = {"scope": self.scope, "dialect": self.dialect, "sql": sql, "ts_us": self.us, "t_us": t_us,
                "callsite": "app.c:%d handler" % (len(sql) % 90 + 1)}
        if params is not None:
            line["params"] = params
        if cols is not None:
            line["cols"], line["rows"] = cols, rows or []
        line.update(more)
        self.us += t_us
        self.lines.append(json.dumps({k: v for k, v in line.items() if v is not None}))
        return self


def loop(sql="SELECT body FROM note WHERE post_id = $1", turns=8, **options):
    trace = Trace(**options)
    trace.add("SELECT id FROM post", cols=["id"], rows=[[i] for i in range(turns)])
    for i in range(turns):
        trace.add(sql, [i], ["body"], [["b%d" % i]])
    return trace


traces = {}
traces["n_plus_one"] = loop()
trace = traces["duplicate_query"] = Trace()
for i in range(4):
    trace.add("SELECT name FROM shop WHERE id = $1", [7], ["name"], [["x"]])
trace = traces["write_loop"] = Trace()
for i in range(9):
    trace.add("INSERT INTO log (line) VALUES ($1)", ["line %d" % i], nrows=1)
trace = traces["recursive_walk"] = Trace()
trace.add("SELECT id, parent_id FROM node WHERE id = $1", [40], ["id", "parent_id"], [[40, 39]])
for i in range(39, 30, -1):
    trace.add("SELECT id, parent_id FROM node WHERE id = $1", [i], ["id", "parent_id"], [[i, i - 1]])
trace = traces["slow_query"] = Trace()
for i in range(30):
    trace.add("SELECT count(*) FROM big WHERE kind = $1", [i % 3], ["count"], [[i]], t_us=400000,
              scope="job %d" % i)
trace = traces["long_transaction"] = Trace()
trace.add("BEGIN")
for i in range(12):
    trace.add("SELECT %d FROM t%d" % (i, i), t_us=20000, gap_us=800000)
trace.add("COMMIT")
trace = traces["idle_in_transaction"] = Trace()
trace.add("BEGIN").add("UPDATE t SET a = 1").add("COMMIT", gap_us=4000000)
trace = traces["unread_columns"] = Trace()
for i in range(3):
    trace.add("SELECT id, a, b, c, d FROM wide WHERE k = $1", [i], list("iabcd"), [[i, 1, 2, 3, 4]] * 40,
              nrows=40, rows_read=40, read=[0])
trace = traces["unread_rows"] = Trace()
trace.add("SELECT id FROM wide", cols=["id"], rows=[[i] for i in range(20)], nrows=5000, rows_read=1)

# --- Odd ones. ---
traces["one"] = Trace().add("SELECT 1")
traces["hostile"] = loop('SELECT "</script><b>" AS "a&b\'c" FROM "]]>" WHERE post_id = $1', scope="<i>&\"'\n")
long_text = "SELECT " + ", ".join("größe_%d_é" % i for i in range(60)) + " FROM straße WHERE post_id = $1"
for cut in range(4):  # wherever a text is cut, not within a letter
    traces["letters%d" % cut] = loop(long_text.replace("SELECT ", "SELECT " + "x" * cut, 1))
for cut in range(4):
    traces["emoji%d" % cut] = loop("SELECT " + "x" * cut + '"' + "\U0001F989" * 200 + '" FROM t WHERE post_id = $1',
                                   scope="y" * cut + "\U0001F989" * 300)
traces["control"] = loop("SELECT '\u0001\u0007\u001b\t\r\n' FROM t WHERE post_id = $1")
traces["long"] = loop("SELECT " + ", ".join("column_%d" % i for i in range(4000)) + " FROM t WHERE post_id = $1")
traces["never"] = loop()
traces["never"].lines = [json.dumps({k: v for k, v in json.loads(line).items()
                                     if k in ("sql", "params", "cols", "rows", "dialect")})
                         for line in traces["never"].lines]
traces["backwards"] = loop()
traces["backwards"].lines.reverse()
trace = traces["failed"] = Trace()
for i in range(3):
    trace.add("SELECT * FROM missing", err="42P01").add("INSERT INTO a VALUES (%d)" % i, err="connection <lost> & gone")
trace = traces["many"] = Trace(scope=None)
for i in range(700):
    trace.add("SELECT a%d FROM t%d WHERE b = $1" % (i, i % 50), [i], scope="s%d" % (i % 40))
trace = traces["values"] = Trace()
trace.add("SELECT * FROM v", [None, True, False, 1.5, -0.0, 1e300, 2 ** 62, "\\xff00", "text", [1, [2, 3]], []],
          ["n", "t", "f", "x"], [[None, True, False, 1.25], ["é", "", "0", 2 ** 53 + 1]])
traces["engines"] = Trace()
for dialect in ("sqlite", "postgresql", "mariadb"):
    part = loop(dialect=dialect, scope="in " + dialect)
    traces["engines"].lines += [line.replace('"scope"', '"db": "%s", "scope"' % dialect) for line in part.lines]

refused = {name: 0 for name in traces}
trace = traces["refused"] = loop()
bad = ["nonsense", "[]", "{}", '{"sql": 5}', '{"sql": "SELECT 1", "params": 7}', '{"sql": "SELECT 1", "t_us": "x"}',
       '{"sql": "SELECT 1", "seq": -1}', '{"sql": "SELECT 1", "scope": []}', '{"sql": "SELECT 1"',
       json.dumps({"sql": "SELECT 1", "cols": ["c"] * 5000}), '{"sql": "SELECT 1", "rows": 3}']
trace.lines = bad[:5] + trace.lines + bad[5:]
refused["refused"] = len(bad)

for name, trace in traces.items():
    with open(name + ".jsonl", "w", encoding="utf-8") as file:
        file.write("\n".join(trace.lines) + "\n")
    print(name, refused[name], len(trace.lines) - refused[name])
END
python3 traces.py >names || exit 1
printf '{"sql":"SELECT \xff\xfe broken FROM t","dialect":"sqlite"}\n' >bytes.jsonl
: >empty.jsonl

cat >check.py <<'END'
"""check.py NAME STATEMENTS: whether the reports NAME.FORMAT agree; says what does not."""
import html.parser, json, re, sys, xml.etree.ElementTree

name, statements = sys.argv[1], int(sys.argv[2])
complaints = []


def text(form):
    with open("%s.%s" % (name, form), "rb") as file:
        return file.read().decode("utf-8")  # which fails where a letter was cut


def same(what, got, wanted):
    if got != wanted:
        complaints.append("%s: %s: %r instead of %r" % (name, what, got, wanted))


def load(form, read):
    try:
        return read(text(form))
    except Exception as error:
        complaints.append("%s: %s cannot be read: %s" % (name, form, error))


findings = load("json", lambda all: [json.loads(line) for line in all.splitlines()]) or []
findings = [finding for finding in findings if finding["kind"] != "dropped"]
kinds = sorted(finding["kind"] for finding in findings)

plain = load("text", lambda all: re.search(r"^(\d+) findings? in (\d+) statements? of", all, re.M).groups())
if plain:
    same("findings of text", int(plain[0]), len(findings))
    same("statements of text", int(plain[1]), statements)

sarif = load("sarif", json.loads)
if sarif:
    results = sarif["runs"][0]["results"]
    rules = {rule["id"]: rule["shortDescription"]["text"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    same("kinds of sarif", sorted(result["ruleId"] for result in results), kinds)
    same("rules that are missing", [kind for kind in kinds if kind not in rules], [])
    same("fingerprints of sarif",
         sorted(result["partialFingerprints"]["rowanFingerprint/v1"] for result in results),
         sorted(finding["fingerprint_id"] for finding in findings))
    for result in results:
        same("locations", len(result["locations"]), 1)
        same("its title", result["message"]["text"].startswith(rules[result["ruleId"]]), True)

junit = load("junit", xml.etree.ElementTree.fromstring)
if junit is not None:
    suite = junit.find("testsuite")
    same("cases of junit", len(suite.findall("testcase")), max(1, len(findings)))
    same("failures of junit", int(suite.get("failures")), len(findings))
    same("failed cases", sorted(failure.get("type") for failure in suite.iter("failure")), kinds)
    same("tests of junit", int(suite.get("tests")), max(1, len(findings)))


class Page(html.parser.HTMLParser):
    """Elements whose ends HTML leaves to guess, or that have none, are not looked at."""
    loose = {"meta", "link", "br", "hr", "input", "img", "wbr", "col", "p", "li", "td", "th", "tr", "dt", "dd",
             "thead", "tbody", "option", "line", "rect", "path", "circle", "text", "use"}

    def __init__(self):
        super().__init__()
        self.open, self.kinds = [], 0

    def handle_starttag(self, tag, attributes):
        self.kinds += dict(attributes).get("class") == "kind"
        if tag not in self.loose:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if tag not in self.loose and (not self.open or self.open.pop() != tag):
            complaints.append("%s: </%s> closes something else at %s" % (name, tag, self.getpos()))


page = Page()
if load("html", page.feed) is None:
    same("what is left open", page.open, [])
    same("findings of the page", page.kinds >= len(findings), True)

chrome = load("chrome", json.loads)
if chrome:
    events = chrome["traceEvents"]
    same("statements of chrome", sum(event["ph"] == "X" for event in events), statements)
    ids = [event["id"] for event in events if event["ph"] == "s"]
    same("arrows", sorted(ids), sorted(event["id"] for event in events if event["ph"] == "f"))
    same("arrows of their own", len(ids), len(set(ids)))
    same("times before the begin", [event["ts"] for event in events if event.get("ts", 0) < 0], [])

otlp = load("otlp", json.loads)
if otlp:
    spans = [span for resource in otlp.get("resourceSpans", []) for scope in resource["scopeSpans"]
             for span in scope["spans"]]
    same("statements of otlp", sum(span["kind"] == 3 for span in spans), statements)
    same("ids of spans", len({span["spanId"] for span in spans}), len(spans))
    same("ends before begins", [span["name"] for span in spans
                                if int(span["endTimeUnixNano"]) < int(span["startTimeUnixNano"])], [])

prometheus = load("prometheus", str.splitlines)
if prometheus:
    def family(wanted):
        lines = [line for line in prometheus if re.match(wanted + r"[ {]", line)]
        for line in lines:
            if not re.fullmatch(r'\w+(\{(\w+="([^"\\\n]|\\.)*",?)+\})? [-+.e0-9]+', line):
                complaints.append("%s: no line of prometheus: %s" % (name, line[:100]))
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
    same("statements of prometheus", family("rowan_statements_total"), statements)
    same("findings of prometheus", family("rowan_findings"), len(findings))
    same("errors of prometheus", family("rowan_statement_errors_total"), 6 if name == "failed" else 0)

if name in ("n_plus_one", "duplicate_query", "write_loop", "recursive_walk", "slow_query", "long_transaction",
            "idle_in_transaction", "unread_columns", "unread_rows"):
    same("the finding", name in kinds, True)
for complaint in complaints:
    print(complaint, file=sys.stderr)
sys.exit(bool(complaints))
END

# Of how many lines of NAME.jsonl it complained, one by one and in the sum behind the first five.
refused_lines() {
    awk -v file="rowan: $1.jsonl:" 'index($0, file) == 1 { count += / more lines? cannot be read$/ ? $3 : 1 }
        END { print count + 0 }' err
}

# reports NAME REFUSED: all formats of NAME.jsonl end alike, and complain of so many lines.
reports() {
    local form status="" got
    for form in text json sarif junit html chrome otlp prometheus; do
        "$tool" analyze --format "$form" "$1.jsonl" >"$1.$form" 2>err
        got=$?
        status=${status:-$got}
        [ "$got" = "$status" ] || wrong "$1 as $form ends with $got, and as text with $status: $(cat err)"
        [ "$(refused_lines "$1")" = "$2" ] || wrong "$1 as $form complains: $(cat err)"
    done
    [ "$status" = 0 ] || [ "$status" = 1 ] || wrong "$1 ends with $status"
    [ "$status" = "$([ -s "$1.json" ] && grep -qv '"kind":"dropped"' "$1.json" && echo 1 || echo 0)" ] ||
        wrong "$1 ends with $status, and finds $(wc -l <"$1.json")"
}

while read -r name refused statements; do
    reports "$name" "$refused"
    python3 check.py "$name" "$statements" || failed=1
done <names

# A line that is no UTF-8, and a file without any.
for file in bytes empty; do
    analyzes 2 "$file.jsonl"
    [ ! -s out ] || wrong "of $file.jsonl it reports $(cat out)"
done

# Several files at once are those files.
analyzes 1 --format json n_plus_one.jsonl write_loop.jsonl one.jsonl
[ "$(jq -r '.trace + " " + .kind' out | sort)" = "n_plus_one n_plus_one
write_loop write_loop" ] || wrong "of three files it finds $(cat out)"
analyzes 1 --format chrome n_plus_one.jsonl write_loop.jsonl one.jsonl
[ "$(jq '[.traceEvents[].pid] | unique | length' out)" = 3 ] || wrong "three files are no three processes"

# Against itself as a baseline nothing is new, in any kind; a baseline of more has what is fixed.
while read -r name _ _; do
    analyzes 0 --baseline "$name.json" "$name.jsonl"
done <names
analyzes 1 --baseline write_loop.json n_plus_one.jsonl
analyzes 0 --baseline n_plus_one.json one.jsonl
sarif_state() {
    analyzes "$1" --format sarif --baseline "$2" n_plus_one.jsonl
    jq -r '.runs[0].results[0].baselineState' out
}
[ "$(sarif_state 0 n_plus_one.json)" = unchanged ] || wrong "what was there before is $(cat out)"
sed 's/"count":8/"count":5/' n_plus_one.json >fewer.json
[ "$(sarif_state 1 fewer.json)" = updated ] || wrong "what got worse is $(cat out)"
analyzes 1 --format json --baseline fewer.json n_plus_one.jsonl
[ "$(jq -r .standing out)" = worse ] || wrong "what got worse is $(cat out)"
analyzes 1 --format html --baseline fewer.json n_plus_one.jsonl
has '<dt>before</dt><dd>5 ×</dd>'

# What is allowed is said to be in every format, and fails none.
id=$(jq -r .fingerprint_id n_plus_one.json)
echo "$id * 2999-12-31 ten rows <at most>" >allow
for form in text json sarif junit html; do
    analyzes 0 --allow allow --format "$form" n_plus_one.jsonl
    has 'ten rows' out
done
analyzes 0 --allow allow --format sarif n_plus_one.jsonl
[ "$(jq -r '.runs[0].results[0].suppressions[0].justification' out | cut -c1-8)" = 'ten rows' ] ||
    wrong "sarif suppresses $(cat out)"
analyzes 0 --allow allow --format html n_plus_one.jsonl
hasnt '<at most>'
exit "$failed"
