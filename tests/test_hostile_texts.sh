#!/usr/bin/env bash
# A trace whose every text is somebody's who means harm, in a file whose name is no better: what each format makes of
# it. A terminal obeys nothing of it, a page runs nothing of it, a parser reads all of it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

cat >write.py <<'END'
"""Writes bad.jsonl: for each bad text a scope with a loop, a duplicate and a statement that fails, all of whose texts have
it; and plain.jsonl, the same of one that is none."""
import json

texts = ["</script><img src=x onerror=alert(1)>&amp;", "\" onload='x' x=\"", "\x1b[2J\x1b]0;title\x07",
         "a\n0 findings in 1 statement of 1 scope\r\nb", "\u009b31m", "\u202e\u2066", "\ufffe\uffff", "\x7f\x01\x1f",
         "\\\\", "]]>", "\U0001f600\u540d", "%s%n{0}"]


def write(path, texts):
    lines = []

    def add(sql, bad, **more):
        lines.append(json.dumps(dict(more, sql=sql, dialect="postgresql", scope="GET /" + bad, ts_us=1000 * len(lines),
                                     callsite="a%s.c:3 f%s" % (bad, bad), conn=bad, through=["w.c:1 w" + bad])))

    for number, bad in enumerate(texts):
        name, string = bad.replace('"', '""'), bad.replace("'", "''")
        add('SELECT id, "%s" FROM "p%s"' % (name, name), bad, cols=["id", bad], rows=[[i, bad] for i in range(8)])
        for i in range(8):
            add('SELECT "%s" FROM "n%s" WHERE post_id = $1 /* %s */' % (name, name, bad), bad, params=[i], t_us=50)
        for i in range(4):
            add('SELECT a FROM "%s" WHERE b = $1' % name, bad, params=[bad], cols=[bad], rows=[[bad]], t_us=20)
        add("SELECT * FROM ledger%d WHERE note = '%s'" % (number, string), bad, err=bad, t_us=400000)
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


write("bad.jsonl", texts)
write("plain.jsonl", ["plain"])
print(len(texts))
END
scopes=$(python3 write.py) || exit 1

cat >read.py <<'END'
"""Reads the reports bad.FORMAT as their readers do: `read.py SCOPES`."""
import html.parser
import json
import re
import sys
import xml.dom.minidom

scopes = int(sys.argv[1])
statements, findings = 14 * scopes, 2 * scopes


def text(form):
    return open("bad." + form, "rb").read().decode("utf-8")  # or it fails


def commands(text, kept):
    return {c for c in text if (ord(c) < 32 and c not in kept) or 127 <= ord(c) < 160 or c in "\u202e\u2066"}


plain = text("text")
assert not commands(plain, "\n"), commands(plain, "\n")
assert re.findall(r"^\d+ findings? in .*", plain, re.M) == \
    ["%d findings in %d statements of %d scopes" % (findings, statements, scopes)], plain[-300:]
assert len(re.findall(r"^  sent from   ", plain, re.M)) == findings

lines = [json.loads(line) for line in text("json").splitlines()]
assert len(lines) == findings and all(line["trace"] == "bad" for line in lines), lines
assert len(json.loads(text("sarif"))["runs"][0]["results"]) == findings
cases = xml.dom.minidom.parseString(text("junit").encode()).getElementsByTagName("testcase")
assert len(cases) == findings, len(cases)


class Page(html.parser.HTMLParser):
    scripts, kinds = 0, 0

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        self.kinds += dict(attributes).get("class") == "kind"
        assert tag not in ("img", "iframe", "object", "embed", "base"), tag
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            assert not (value or "").startswith(("javascript:", "http")), (tag, name, value)


page = Page()
page.feed(text("html"))
assert page.scripts == 1 and page.kinds >= findings, (page.scripts, page.kinds)

assert sum(event.get("cat") == "sql" for event in json.loads(text("chrome"))["traceEvents"]) == statements
assert json.dumps(json.loads(text("otlp"))).count('"spanId"') == statements + scopes
label = r'([^"\\\n]|\\\\|\\"|\\n)*'
for line in text("prometheus").split("\n"):
    assert line == "" or line.startswith("# ") or \
        re.fullmatch(r'\w+(\{\w+="%s"(,\w+="%s")*\})? [-+.e0-9]+' % (label, label), line), line
assert "\nrowan_findings %d\n" % findings in text("prometheus")
END

for form in text json sarif junit html chrome otlp prometheus; do
    analyzes 1 --format "$form" bad.jsonl
    [ ! -s err ] || wrong "as $form it complains: $(cat err)"
    mv out "bad.$form"
done
python3 read.py "$scopes" 2>why || wrong "a report: $(tail -n 3 why)"

# --- A file whose name is no UTF-8, and is what a report is called after where there is no scope. ---
odd=$'caf\xe9\033[31m.jsonl'
sed 's/"scope": "[^"]*", //' plain.jsonl >"$odd"
for form in text json sarif junit html chrome otlp prometheus; do
    analyzes 1 --format "$form" "$odd"
    iconv -f utf-8 -t utf-8 out >/dev/null 2>&1 || wrong "$form of an odd file is no UTF-8"
    hasnt $'\033' out
done
analyzes 1 --format junit "$odd"
has 'classname="caf??\[31m"'
analyzes 1 "$odd"
has '  in          caf?\\x1b\[31m.jsonl, fingerprint'
cp out first
"$tool" analyze --format json "$odd" >before.json
analyzes 0 --baseline before.json "$odd"

# --- What is said of such names, and of a line that is none. ---
# quiet ARGUMENT...: one line, of letters only.
quiet() {
    local got
    "$tool" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" = 2 ] || [ "$got" = 3 ] || wrong "$* ends otherwise"
    [ "$(wc -l <err)" = 1 ] || wrong "$* says more than a line: $(cat -v err)"
    if grep -q '[[:cntrl:]]' err || ! iconv -f utf-8 -t utf-8 err >/dev/null 2>&1; then
        wrong "$* says $(cat -v err)"
    fi
}
evil=$'\033[31m\xff\nx'
quiet "$evil"
quiet analyze "$evil"
quiet analyze --format "$evil" plain.jsonl
quiet analyze --profile "$evil" plain.jsonl
quiet analyze --baseline "$evil" plain.jsonl
quiet analyze --explain-silence "$evil" plain.jsonl
quiet analyze --verify "$evil" plain.jsonl
quiet analyze "--$evil" plain.jsonl
quiet compare --case "$evil"
quiet compare --engine "$evil"
quiet compare --html "none/$evil"
quiet seed --scale "$evil" sqlite:x
quiet model "sqlite:none/$evil"
quiet model --name "$evil" sqlite:x.db
quiet fingerprint --dialect "$evil"
printf '{"sql":"SELECT 1"}\n\033[2J\n{"sql":"\033"}\n' >odd.jsonl
analyzes 0 odd.jsonl
[ "$(wc -l <err)" = 2 ] || wrong "of two lines it says $(cat -v err)"
! LC_ALL=C grep -q '[^ -~]' err || wrong "of odd lines it says $(cat -v err)"

# --- What a program sends that is run: its report is read on a terminal, too. ---
cat >send.py <<'END'
import sqlite3
import sys

db = sqlite3.connect(":memory:")
for number in range(int(sys.argv[1])):
    db.execute('SELECT ? AS "\033[2J\n\u202e"', (number,)).fetchall()
END
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
for verb in profile scale; do
    "$tool" "$verb" --output out -- python3 send.py "$([ $verb = scale ] && echo '{n}' || echo 9)" >/dev/null 2>err
    got=$?
    [ "$got" = 0 ] || [ "$got" = 1 ] || wrong "$verb ends with $got: $(cat err)"
    ! grep -q $'[\033\u202e]' out || wrong "$verb prints what a terminal obeys: $(cat -v out)"
done
has '^grows  SELECT ? AS "\\x1b\[2J \\xe2\\x80\\xae"$'

# --- A fold is a line, whatever the statement has. ---
printf '%s\n' '"SELECT \"a\nb\tc\" FROM t"' '"SELECT \"\u001b[1m\u0000\" FROM t"' '"SELECT 2"' >statements
"$tool" fingerprint --dialect postgresql <statements >out 2>err || wrong "fingerprint: $(cat err)"
[ "$(wc -l <out)" = 3 ] || wrong "three statements are $(cat -v out)"
[ "$(cut -f2 out | head -n 2)" = $'select "a b c" from t\nselect "\\x1b[1m\\x00" from t' ] || wrong "folds are $(cat -v out)"

exit "$failed"
