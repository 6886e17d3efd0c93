#!/usr/bin/env bash
# rowan(1) and rowan-generate(1) against the programs: every verb, every option with its short form and its value, every
# variable of the environment, and nothing that is not there.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# --- Each page is well formed. ---
for page in rowan.1 rowan-generate.1 rowan-trace.5; do
    if command -v groff >/dev/null; then
        groff -ww -man -Tutf8 -z "$source/docs/man/$page" >warnings 2>&1
        [ ! -s warnings ] || wrong "$page: $(head -n 3 warnings)"
    fi
done

# section NAME: of rowan(1), as it is written.
section() {
    awk -v head=".SH $1" '/^\.SH/ { inside = $0 == head; next } inside' "$source/docs/man/rowan.1"
}

# helped COMMAND...: the options of its help, as "-s, --scale=X".
helped() {
    "$@" --help >help 2>err || wrong "$* --help: $(cat err)"
    sed -n 's/^  \(-[a-zA-Z], --[a-z-]*\(=[A-Za-z,.]*\)\{0,1\}\).*/\1/p' help | sort
}

# paged: the same of a page's options, from standard input.
paged() {
    sed -n 's/^\.BR \(\\-[a-zA-Z]\) ", " \(\\-\\-[a-z\\-]*\)\( =\\fI\([A-Za-z,.]*\)\\fR\)\{0,1\}$/\1, \2=\4/p' |
        sed 's/\\//g; s/=$//' | sort
}

# --- The verbs, which all have a paragraph; and their options, some of which two verbs share. ---
"$tool" --help >usage 2>err || wrong "there is no help: $(cat err)"
verbs=$(awk '/^  [a-z]+  / { print $1 }' usage)
section VERBS | awk '/^\.TP/ { getline; print $2 }' | sort >in_page
sort <<<"$verbs" | diff - in_page >difference || wrong "verbs of the usage (<) and of the page (>): $(cat difference)"
for verb in $verbs; do
    helped "$tool" "$verb" >in_help
    section OPTIONS | awk -v verb="$verb" '/^\.SS/ { inside = 0; for (i = 2; i <= NF; i++) inside += $i == verb; next }
        inside' | paged >in_page
    diff in_help in_page >difference || wrong "help of $verb (<) and its page (>): $(cat difference)"
    [ -s in_help ] || wrong "the help of $verb has no options: $(cat help)"
done
helped "$build/rowan-generate" >in_help
paged <"$source/docs/man/rowan-generate.1" >in_page
diff in_help in_page >difference || wrong "help of rowan-generate (<) and its page (>): $(cat difference)"

# --- The environment: what the command asks for, but for PATH and what it gives to a program. ---
grep -rhoE '"(NO_COLOR|TMPDIR|(OTEL|ROWAN)_[A-Z_]+)"' "$source"/src/cli "$source"/src/report --include='*.c' |
    tr -d '"' | grep -vE '^ROWAN_(PROFILE_(FOLDER|VALUES|KEY)|TEST_.*)$' | sort -u >asked
section ENVIRONMENT | grep -oE '\b(NO_COLOR|TMPDIR|(OTEL|ROWAN)_[A-Z_]+)\b' | sort -u >told
while read -r name; do
    grep -qx "$name" told || wrong "the page does not tell of $name"
done <asked
while read -r name; do
    grep -rq "\"$name\"" "$source/src" || wrong "the page tells of $name, which nobody asks for"
done <told

# --- What ENVIRONMENT and OPTIONS say is so. ---
mkdir folder
TMPDIR=$scratch/folder/none "$tool" compare --scale 0.01 --repeat 1 --case catalogue >out 2>err
[ $? = 3 ] || wrong "compare needs no TMPDIR: $(cat err)"
ROWAN_POSTGRESQL='postgresql://nobody@127.0.0.1:1/none' "$tool" compare --engine postgresql >out 2>err
[ $? = 3 ] || wrong "ROWAN_POSTGRESQL is not asked: $(cat err)"
ROWAN_MARIADB='mariadb://nobody@127.0.0.1:1/none' "$tool" compare --engine mariadb >out 2>err
[ $? = 3 ] || wrong "ROWAN_MARIADB is not asked: $(cat err)"
ROWAN_MARIADB='mariadb://nobody@127.0.0.1:1/none' "$tool" compare --engine mariadb --url mariadb://nobody@127.0.0.1:2/other \
    >out 2>err
grep -q '127.0.0.1' err || wrong "which server does not answer? $(cat err)"
! grep -q 'none' err || wrong "--url does not come before ROWAN_MARIADB: $(cat err)"
ends 0 '^1136 rows' "$tool" seed --sca 0.01 sqlite:short.db
"$tool" model --output folder/made sqlite:short.db >out 2>err || wrong "model makes no folder: $(cat err)"
[ "$(sort out)" = "$(find folder/made -type f | sort)" ] || wrong "model says $(cat out)"
[ -s folder/made/model_rows.h ] || wrong "models have no name by themselves"

exit "$failed"
