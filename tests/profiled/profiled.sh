# What the tests of `rowan profile` share: a program is profiled, and what was recorded is held
# against what the server says. Sourced, in the folder of the project.
# shellcheck shell=bash

build=${ROWAN_BUILD_DIR:-build/release}
build=$(cd "$build" && pwd)
tool=${ROWAN_TOOL:-$build/rowan}
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
scratch=$(mktemp -d)
passed=0
failed=0

wrong() {
    echo "wrong: $*" >&2
    failed=$((failed + 1))
}

# same WHAT EXPECTED GOT
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        wrong "$1: $3 instead of $2"
    fi
}

# needs_server VARIABLE: ends the test where there is no server, well unless there has to be one.
needs_server() {
    [ -z "${!1-}" ] || return 0
    echo "$1 is not set: skipped" >&2
    exit "$((${ROWAN_REQUIRE_SERVERS:-0} != 0))"
}

# profiles OPTION... -- PROGRAM ARGUMENT...: the trace in `trace`, findings in `findings`; the program
# must not end with 1, which is what findings make of 0.
profiles() {
    local status=0
    rm -f "$scratch/trace" "$scratch/findings"
    "$tool" profile --format json --output "$scratch/findings" --trace "$scratch/trace" \
        "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    [ "$status" -le 1 ] || wrong "$* ended with $status: $(cat "$scratch/err")"
}

statements() {
    wc -l <"$scratch/trace"
}

# finds KIND PARENT CHILD CONFIDENCE WHAT: exactly one finding, and it is this one. PARENT may be null.
finds() {
    local parent="\"$2\""
    [ "$2" != null ] || parent=null
    if [ "$(wc -l <"$scratch/findings")" = 1 ] &&
        grep -q "\"kind\":\"$1\".*\"parent_column\":$parent,\"child_column\":\"$3\".*\"confidence\":\"$4\"" \
            "$scratch/findings"; then
        passed=$((passed + 1))
    else
        wrong "$5: no $1 of $3 from $2, $4, but: $(cat "$scratch/findings")"
    fi
}

finds_nothing() {
    same "findings of $1" '' "$(cat "$scratch/findings")"
}

# traced PATTERN WHAT: a statement was recorded like that.
traced() {
    if grep -qF -- "$1" "$scratch/trace"; then
        passed=$((passed + 1))
    else
        wrong "$2: there is no $1 in $(cat "$scratch/trace")"
    fi
}

# Of the last run: only hashes of values, and nothing of what the texts said in quotes.
hides() {
    if grep -qF -- "$1" "$scratch/trace"; then
        wrong "$1 stands in the trace"
    else
        passed=$((passed + 1))
    fi
}

# compile SOURCE PACKAGE: to a program of the same name in the scratch folder.
compile() {
    local flags
    read -ra flags <<<"$(pkg-config --cflags --libs "$2")"
    cc -std=gnu11 -O1 -g -Wall -Wextra -Werror "tests/profiled/$1.c" -o "$scratch/$1" \
        "${flags[@]}" -lpthread || exit 1
}

report() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
