#!/usr/bin/env bash
# rowan profile says where statements come from: not the function of the program that wraps its
# client library, but the one that wanted them sent. Without frame pointers, by stripped modules,
# through recursions, callbacks and interpreters, on many threads.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source tests/profiled/profiled.sh
trap 'rm -rf "$scratch"' EXIT
sources=$PWD/tests/profiled
tool=$(cd "$(dirname "$tool")" && pwd)/$(basename "$tool")

# build NAME LIBRARY FLAG...: the program with its wrapper library, optimised, no frame pointers.
build() {
    local name=$1 library=$2
    shift 2
    cc -std=gnu11 -O2 -g -fomit-frame-pointer -Wall -Wextra -Werror "$@" -shared -fPIC \
        "$sources/stack_wrap.c" -o "$scratch/$library" -lsqlite3 || exit 1
    cc -std=gnu11 -O2 -g -fomit-frame-pointer -Wall -Wextra -Werror "$@" "$sources/stack.c" \
        -o "$scratch/$name" "$scratch/$library" -Wl,-rpath,"$scratch" -lsqlite3 -lpthread || exit 1
}

line() { # FILE COMMENT
    grep -n "/\* $2 \*/" "$sources/$1" | cut -d: -f1
}

# from SQL PLACE THROUGH...: all statements with that text have this call site, and went through
# these; each as FILE:COMMENT FUNCTION.
from() {
    local sql=$1 place=$2 expected='' got each
    shift 2
    for each in "$@"; do
        expected+="${expected:+,}\"$(place_of "$each")\""
    done
    expected="\"callsite\":\"$(place_of "$place")\",${expected:+\"through\":[$expected],}\"ts_us\""
    got=$(grep -F "\"sql\":\"$sql" "$scratch/trace" | grep -o '"callsite":.*"ts_us"' | sort | uniq -c |
        sed 's/^ *[0-9]* //')
    same "where $sql comes from" "$expected" "$got"
}

place_of() {
    local file=${1%%:*} rest=${1#*:}
    [ "$1" != '?' ] || { echo '?' && return; }
    echo "tests/profiled/$file:$(line "$file" "${rest% *}") ${rest##* }"
}

run() {
    profiles -- "$@"
    [ "$(statements)" -gt 20 ] || wrong "$* sent only $(statements) statements: $(cat "$scratch/err")"
}

build program libwrap.so
wrap=('stack_wrap.c:wrap: all wrap_all' 'stack_wrap.c:wrap: step step_all')
count=('stack_wrap.c:wrap: count wrap_count' "${wrap[@]}")

# --- Two wrappers, of which one calls the other; on one thread, and on four. ---
for case in pass threads; do
    run "$scratch/program" "$case"
    from 'SELECT id FROM post' 'stack.c:load_posts load_posts' "${wrap[@]}"
    from 'SELECT id FROM note WHERE post' 'stack.c:load_note load_note' "${wrap[@]}"
    from 'SELECT id FROM tag' 'stack.c:count_tags count_tags' "${count[@]}"
    from 'SELECT id FROM note WHERE id' 'stack.c:count_notes count_notes' "${count[@]}"
done
same 'statements of four threads' 248 "$(grep -c '"sql":"SELECT' "$scratch/trace")"
run "$scratch/program" pass
finding=$(grep '"fingerprint":"select id from note where post = ?"' "$scratch/findings")
grep -q "\"callsite\":\"$(place_of 'stack.c:load_note load_note')\",\"through\":\[\"$(place_of "${wrap[0]}")\"" \
    <<<"$finding" || wrong "the finding is of $finding"

# --- Every report says it. ---
for format in text html sarif junit; do
    "$tool" analyze --format "$format" "$scratch/trace" >"$scratch/report"
    case $format in
        text) wanted="sent from   $(place_of 'stack.c:load_note load_note'), through wrap_all" ;;
        html) wanted="load_note</code>, through <code>$(place_of "${wrap[0]}")</code>" ;;
        sarif) wanted='the statement is sent here, through wrap_all' ;;
        junit) wanted="sent from $(place_of 'stack.c:load_note load_note'), through wrap_all" ;;
    esac
    grep -qF "$wanted" "$scratch/report" || wrong "there is no $wanted in the report as $format"
done

# --- Recursion; and more stacks than are looked at, some of which have no fixed size. ---
run "$scratch/program" recurse
from 'SELECT id FROM post WHERE parent' 'stack.c:walk walk' "${wrap[@]}"
from 'SELECT id FROM tag' 'stack.c:descend descend' "${count[@]}"
same 'statements of a descent' 6001 "$(grep -c 'FROM tag' "$scratch/trace")"

# --- What the compiler put into its callers; what only looks like a wrapper; callbacks. ---
run "$scratch/program" inside
from 'SELECT id FROM note' 'stack.c:first_caller first_caller' 'stack.c:inlined inlined'
from 'SELECT id FROM tag' 'stack.c:second_caller second_caller' 'stack.c:inlined inlined'
run "$scratch/program" none
from 'SELECT id FROM note' 'stack.c:search search'
run "$scratch/program" variants
from 'SELECT id FROM tag' 'stack.c:load_tags load_tags'
run "$scratch/program" exec
from 'SELECT id FROM post' 'stack.c:exec exec'
from 'SELECT id FROM tag' 'stack.c:row_of row_of' "${count[@]}"

# --- Interpreters: what is inside of one is a binding, or sends a statement of its own. ---
build scripted libpython9.9.so
run "$scratch/scripted" interpreted
from 'SELECT id FROM note' '?'
from 'SELECT id FROM tag' '?'
grep -q '"kind":"n_plus_one"' "$scratch/findings" && wrong 'an unknown place makes a finding'
run "$scratch/scripted" extended
from 'SELECT id FROM note' 'stack.c:fast_notes fast_notes' 'stack.c:binding binding'
from 'SELECT id FROM tag' 'stack.c:fast_tags fast_tags' 'stack.c:binding binding'

# --- Stripped: the same places, by their addresses. ---
build bare libbare.so
cp "$scratch/bare" "$scratch/bare.full"
cp "$scratch/libbare.so" "$scratch/libbare.full"
strip "$scratch/bare" "$scratch/libbare.so"
run "$scratch/bare" pass
address=$(grep -F 'FROM note WHERE post' "$scratch/trace" | grep -o '"callsite":"bare+0x[0-9a-f]*"' | sort -u |
    grep -o '0x[0-9a-f]*')
same 'the place in a stripped program' "stack.c:$(line stack.c load_note)" \
    "$(addr2line -e "$scratch/bare.full" "$address" | sed 's/.*\///; s/ .*//')"
through=$(grep -F 'FROM note WHERE post' "$scratch/trace" | grep -o '"through":\[[^]]*\]' | sort -u)
[[ $through =~ ^\"through\":\[\"libbare.so\+(0x[0-9a-f]+)\ wrap_all\"(,\"libbare.so\+0x[0-9a-f]+\")?\]$ ]] ||
    wrong "through a stripped library: $through"
same 'the wrapper in a stripped library' "stack_wrap.c:$(line stack_wrap.c 'wrap: all')" \
    "$(addr2line -i -e "$scratch/libbare.full" "${BASH_REMATCH[1]-0}" | tail -1 | sed 's/.*\///; s/ .*//')"

# --- Without the tables the stack is not known, and the caller is. ---
build tableless libtableless.so -fno-asynchronous-unwind-tables -fno-unwind-tables
run "$scratch/tableless" pass
from 'SELECT id FROM post' 'stack_wrap.c:wrap: step step_all'
from 'SELECT id FROM tag' 'stack_wrap.c:wrap: step step_all'

# --- Looking at the stack reads nothing that is not there. ---
profiles -- valgrind -q --error-exitcode=9 "$scratch/program" pass
profiles -- valgrind -q --error-exitcode=9 "$scratch/program" recurse
report
