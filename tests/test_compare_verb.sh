#!/usr/bin/env bash
# The command `rowan compare`: what it prints where, its exit statuses, and that it cleans up.
set -uo pipefail
: "${ROWAN_TOOL:?the tool to test}"

scratch=$(mktemp -d)
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
    echo "test_compare_verb.sh: $*" >&2
    failures=1
}

# expect STATUS WHAT ARGUMENT...: runs the verb; its output goes to out and err.
expect() {
    local wanted=$1 what=$2 status
    shift 2
    "$ROWAN_TOOL" compare "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    [ "$status" -eq "$wanted" ] || fail "$what: status $status instead of $wanted: $(cat "$scratch/err")"
    [ -z "$(ls -A "$TMPDIR")" ] || fail "$what: left $(ls -A "$TMPDIR")"
}

# says TEXT WHAT: one line on standard error has the text, and nothing is on standard output.
says() {
    grep -qF -- "$1" "$scratch/err" || fail "$2 does not say '$1': $(cat "$scratch/err")"
    [ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "$2: not one line: $(cat "$scratch/err")"
    [ ! -s "$scratch/out" ] || fail "$2: wrote to standard output"
}

small=(--scale 0.01 --repeat 1 --case "catalogue,price_change")

expect 0 "a run" "${small[@]}"
grep -q "A page of the catalogue" "$scratch/out" || fail "the text lacks the catalogue"
[ ! -s "$scratch/err" ] || fail "progress in a pipe: $(cat "$scratch/err")"
! grep -q "An import" "$scratch/out" || fail "a case that was not asked for"

expect 0 "JSON" "${small[@]}" --format json
head -c 1 "$scratch/out" | grep -q '{' || fail "no JSON"

expect 0 "a page" "${small[@]}" --html "$scratch/page.html"
grep -q "</html>" "$scratch/page.html" || fail "the page is not whole"
grep -qF "$scratch/page.html" "$scratch/out" || fail "the path of the page is not told"

expect 2 "an unknown engine" --engine oracle
says "no engine" "an unknown engine"
expect 2 "an unknown case" --case catalogue,basket
says "there is no use case basket" "an unknown case"
expect 2 "an unknown format" --format pdf
says "no format" "an unknown format"
expect 2 "a scale that is none" --scale 0
says "no scale" "a scale that is none"
expect 2 "no repeats" --repeat 0
says "no number of runs" "no repeats"
expect 2 "an unknown scheme" --url mysql://localhost/x
says "no URL of a database" "an unknown scheme"
expect 2 "an unknown option" --bogus
expect 2 "an argument" sqlite:x
expect 2 "a page in no folder" "${small[@]}" --html "$scratch/none/page.html"
says "cannot write" "a page in no folder"

ROWAN_POSTGRESQL='' expect 2 "a server that is not named" --engine postgresql
says "--url postgresql:" "a server that is not named"
if [ -n "${ROWAN_TEST_POSTGRESQL-}" ]; then
    expect 3 "a server that is not there" --url 'postgresql://nobody@127.0.0.1:1/none'
    [ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "not one line: $(cat "$scratch/err")"
fi

echo mine >"$scratch/mine.db"
expect 2 "a file that exists" "${small[@]}" --url "sqlite:$scratch/mine.db"
says "exists" "a file that exists"
[ "$(cat "$scratch/mine.db")" = mine ] || fail "a file that exists was changed"

# Interrupted while it fills the shop and while it runs; a page that was there stays as it was.
# A shell's background programs ignore SIGINT until they say otherwise: so not before it has begun.
for wait in 0 0.6; do
    echo before >"$scratch/page.html"
    "$ROWAN_TOOL" compare --scale 0.5 --repeat 100 --html "$scratch/page.html" >"$scratch/out" 2>"$scratch/err" &
    until [ -n "$(ls -A "$TMPDIR")" ]; do
        kill -0 $! || break
        sleep 0.01
    done
    sleep "$wait"
    kill -INT $!
    wait $!
    status=$?
    [ "$status" -eq 130 ] || fail "interrupted after $wait s: status $status: $(cat "$scratch/err")"
    [ -z "$(ls -A "$TMPDIR")" ] || fail "interrupted: left $(ls -A "$TMPDIR")"
    [ "$(cat "$scratch/page.html")" = before ] || fail "interrupted: the page was touched"
    [ "$(find "$scratch" -name 'page.html.*')" = "" ] || fail "interrupted: half a page was left"
done

for variable in ROWAN_TEST_POSTGRESQL ROWAN_TEST_MARIADB; do
    if [ -n "${!variable-}" ]; then
        expect 0 "$variable" "${small[@]}" --url "${!variable}"
    fi
done
exit "$failures"
