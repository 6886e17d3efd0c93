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

# A page goes where the path leads: a link stays one, and so does what is no file. Of a file that is replaced the rights
# are those of a new one.
echo before >"$scratch/target"
ln -s target "$scratch/link"
ln -s nowhere "$scratch/dangling"
for link in link:target dangling:nowhere; do
    expect 0 "a page by a link" "${small[@]}" --html "$scratch/${link%:*}"
    [ -L "$scratch/${link%:*}" ] || fail "the link ${link%:*} was replaced"
    tail -n 1 "$scratch/${link#*:}" | grep -q '</html>$' || fail "${link#*:} has no page"
done
mkfifo "$scratch/pipe"
cat "$scratch/pipe" >"$scratch/piped" &
expect 0 "a page into a pipe" "${small[@]}" --html "$scratch/pipe"
wait $!
tail -n 1 "$scratch/piped" | grep -q '</html>$' || fail "the page did not come through the pipe"
[ -p "$scratch/pipe" ] || fail "the pipe was replaced"
if mknod "$scratch/full" c 1 7 2>/dev/null && [ -w "$scratch/full" ]; then
    expect 3 "a page to a full disk" "${small[@]}" --html "$scratch/full"
    grep -q 'cannot write .*: No space left' "$scratch/err" || fail "a full disk: $(cat "$scratch/err")"
    [ -c "$scratch/full" ] || fail "the device was replaced"
fi
mkdir "$scratch/folder"
expect 2 "a page that is a folder" "${small[@]}" --html "$scratch/folder"
says "Is a directory" "a page that is a folder"
(umask 027 && "$ROWAN_TOOL" compare "${small[@]}" --html "$scratch/page.html" >/dev/null 2>&1)
[ "$(stat -c %a "$scratch/page.html")" = 640 ] || fail "the page has the rights $(stat -c %a "$scratch/page.html")"

# Text that nobody takes: a full disk is said once, whatever the form; a reader who leaves costs no page and leaves
# nothing behind.
if [ -w /dev/full ]; then
    for form in text json html; do
        "$ROWAN_TOOL" compare "${small[@]}" --format $form >/dev/full 2>"$scratch/err"
        [ $? = 3 ] || fail "$form to a full disk: $(cat "$scratch/err")"
        [ "$(cat "$scratch/err")" = "rowan: cannot write the output: No space left on device" ] ||
            fail "$form to a full disk says $(cat "$scratch/err")"
    done
fi
rm "$scratch/page.html"
"$ROWAN_TOOL" compare "${small[@]}" --html "$scratch/page.html" 2>"$scratch/err" | true
grep -q '</html>$' "$scratch/page.html" || fail "a reader who leaves costs the page"
[ -z "$(find "$scratch" -name 'page.html.*')" ] || fail "a reader who leaves leaves half a page"
[ -z "$(ls -A "$TMPDIR")" ] || fail "a reader who leaves leaves $(ls -A "$TMPDIR")"

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
