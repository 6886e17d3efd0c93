#!/usr/bin/env bash
# rowan profile: what a program sent by any function of SQLite is recorded once, whatever becomes of
# the program, and nothing about the program changes. SQLite's own trace is the witness.
# shellcheck disable=SC2016 # $d is a parameter in SQL
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD/tests/programs
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh
mkdir tmp
export TMPDIR=$scratch/tmp

cc -g -O1 "$source/profiled.c" -o profiled -lsqlite3 -lpthread || exit 1
cc -g -O1 -shared -fPIC -Dmain=plugin_main "$source/profiled.c" -o plugin.so -lsqlite3 || exit 1
cc -g -O1 "$source/profiled_plugin.c" -o with_plugin || exit 1

# profiles STATUS COMMAND...: the program's output in `out`, the rest in `err`, the trace in `trace`.
profiles() {
    local status=$1 got
    shift
    rm -f trace.jsonl report out err
    "$tool" profile --trace trace.jsonl "${options[@]}" -- "$@" >out 2>err
    got=$?
    [ "$got" = "$status" ] || wrong "profile -- $* ended with $got instead of $status: $(cat err)"
    [ -z "$(ls -A tmp)" ] || wrong "profile -- $* left $(ls tmp) behind"
}

has() {
    grep -q -- "$1" "${2-err}" || wrong "there is no $1 in $(cat "${2-err}")"
}

# sent STATUS COMMAND...: runs a scenario, alone and profiled. It prints the same, and SQLite told
# of the same statements, in any order.
sent() {
    local status=$1
    shift
    rm -f alone.db profiled.db told
    "$@" alone.db told >alone
    rm -f told
    profiles "$status" "$@" profiled.db told
    cmp -s alone out || wrong "$* prints otherwise: $(diff alone out)"
    recorded_is_told "$*"
}

# The texts of the trace are the lines of the file `told`.
recorded_is_told() {
    sed -E 's/^\{"seq":[0-9]+,"sql":"(([^"\\]|\\.)*)".*/\1/' trace.jsonl | sort >recorded
    sort told | diff - recorded >different || wrong "$1: recorded is not what was sent: $(cat different)"
}

statements() {
    wc -l <trace.jsonl
}

options=(--values)

# --- What is recorded is what SQLite says. ---
sent 1 ./profiled loop
has 'N+1 confirmed  12 x  select body from note where post_id = ?'
has '12 of 12 values of post_id are values of id in the rows of statement 5, in the same order'
has 'tests/programs/profiled.c:[0-9]* list_notes: SELECT id, title FROM post ORDER BY id'
has 'libsqlite3.so.0: \([0-9]*\) of \1 functions are there'
has '17 statements'
rm -f profiled.db told
"$tool" profile -- ./profiled loop profiled.db told >out 2>err
has '^  in  *\./profiled, ' # of a trace that is not kept
sent 0 ./profiled variants
[ "$(statements)" = 37 ] || wrong "there are $(statements) statements in the variants"
has '"sql":"SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?","params":\[null,5,5000000000,2.5,"given away","five","xä😀","\\\\x0001","\\\\x02",3,4,"of a value",null\]' trace.jsonl
has '"params":\[null,null,null,null,null,null,null,null,null,null,null,null,null\]' trace.jsonl
has '"sql":"SELECT :b, ?5, @c, :b, $d, ?","params":\[11,55,66,11,77,88\].*"rows":\[\[11,55,66,11,77,88\]\]' trace.jsonl
has '"sql":"SELECT id FROM post ORDER BY id".*"nrows":2,' trace.jsonl # two rows were fetched
has '"sql":"UPDATE post SET title = .x.","params":\[\],"rows":null,"nrows":3,' trace.jsonl
sent 0 ./profiled wide
has '"rows":\[\[1007,"title 1","1007",2.5,"\\\\x00ff",null\],' trace.jsonl
sent 1 ./with_plugin ./plugin.so -- loop

# Two plug-ins, each with a copy of SQLite's library; one under another name of as many letters.
LC_ALL=C sed 's/libsqlite3\.so\.0/libsqlite3-own0/g' "$(ldd profiled | awk '/libsqlite3/ { print $3 }')" >libsqlite3-own0
cc -g -O1 -shared -fPIC -Dmain=plugin_main "$source/profiled.c" -o plugin_own.so -L. -l:libsqlite3-own0 \
    "-Wl,-rpath,$scratch"
for scenario in "variants 148" "loop 68"; do
    rm -f told
    profiles "$([ "${scenario% *}" = loop ] && echo 1 || echo 0)" ./with_plugin ./plugin.so ./plugin_own.so -- "${scenario% *}" :memory: told
    recorded_is_told "$scenario of two copies"
    [ "$(statements)" = "${scenario#* }" ] || wrong "of two copies $(statements) statements are recorded"
done
has 'N+1 confirmed  12 x'

# --- Processes and threads. ---
sent 1 ./profiled forks
has '41 statements of 7 processes'
cc -g -O1 -fsanitize=address "$source/profiled.c" -o leaking -lsqlite3 -lpthread || exit 1
rm -f profiled.db told
ASAN_OPTIONS=verify_asan_link_order=0 profiles 1 ./leaking exits profiled.db told
recorded_is_told "a child of threads"
has '71 statements of 2 processes'
if grep -q LeakSanitizer: err; then
    wrong "a forked child loses memory: $(cat err)"
fi
sent 1 ./profiled threads
[ "$(statements)" = 1444 ] || wrong "there are $(statements) statements of threads"
[ "$(grep -o '"thread":"[^"]*"' trace.jsonl | sort -u | wc -l)" = 25 ] || wrong "threads are mixed up"

# --- Errors: a locked database is none, and the program tries again. ---
rm -f profiled.db told
profiles 0 ./profiled errors profiled.db told
has '"sql":"INSERT INTO post VALUES (1007, .twice.)".*"err":"SQLITE_CONSTRAINT"' trace.jsonl
[ "$(grep -c 'DELETE FROM note' trace.jsonl)" = 1 ] || wrong "a busy statement counts"

# --- Without values there are none, and what is equal stays equal. ---
rm -f profiled.db told
options=()
profiles 1 ./profiled loop profiled.db told
has 'N+1 confirmed  12 x'
if grep -qE 'note of|title 1|[[,]1007[],]' trace.jsonl; then
    wrong "there are values in the trace: $(grep -E 'note of|title 1|[[,]1007[],]' trace.jsonl)"
fi
"$tool" analyze trace.jsonl >analyzed
grep -q 'N+1 confirmed  12 x' analyzed || wrong "the kept trace has no finding"

# --- Whatever becomes of the program, what it did is there. ---
for ending in kill abort _exit status; do
    rm -f profiled.db told
    profiles 1 ./profiled $ending profiled.db told
    [ "$(statements)" = 13 ] || wrong "of $ending $(statements) statements are left"
    has 'N+1 confirmed  8 x'
done
has './profiled ended with status 7'
rm -f profiled.db told
profiles 1 ./profiled kill profiled.db told
has 'was ended by signal 9'
rm -f profiled.db told
profiles 1 ./profiled exec profiled.db told
[ "$(statements)" = 30 ] || wrong "before and after exec there are $(statements) statements"
rm -f profiled.db told
profiles 1 sh -c './profiled loop profiled.db told; ./profiled loop other.db told; cat told >&2'
[ "$(statements)" = 34 ] || wrong "of a shell's programs $(statements) statements are left"

# A signal that is sent to rowan goes on to the program.
rm -f profiled.db told
"$tool" profile --trace trace.jsonl -- ./profiled wait profiled.db told >out 2>err &
pid=$!
for _ in $(seq 100); do
    grep -qs waiting out && break
    sleep 0.05
done
kill -TERM $pid
wait $pid
got=$?
[ $got = 1 ] || wrong "interrupted, it ended with $got: $(cat err)"
has 'was ended by signal 15'
has 'N+1 confirmed  8 x'

# --- Its streams are its own; the report goes elsewhere. ---
rm -f profiled.db told
options=(--format json --output report)
profiles 1 sh -c 'cat; ./profiled loop profiled.db told >/dev/null' <<<'through'
[ "$(cat out)" = through ] || wrong "the program printed $(cat out)"
has '"kind": *"n_plus_one".*"count": *12' report
cp report baseline
rm -f profiled.db told
options=(--baseline baseline)
profiles 0 sh -c './profiled loop profiled.db told'
options=()
profiles 4 sh -c './profiled variants other2.db told; exit 3'
has 'sh ended with status 3'

# --- Nothing seen is no clean report. ---
profiles 2 ./profiled nothing profiled.db told
has 'no statement was seen'
has 'it was not used'
profiles 2 true
has 'neither libsqlite3 nor libpq nor libmariadb was called'
cc -g "$source/profiled.c" -o linked_in -Wl,-Bstatic -lsqlite3 -Wl,-Bdynamic -lm -lpthread
profiles 2 ./linked_in loop profiled.db told
has 'may have its client library linked in'
if echo 'int main(void){return 0;}' | cc -static -x c - -o static 2>cc.err; then
    profiles 2 ./static
    has 'static is statically linked'
    chmod u+s static
    profiles 2 ./static
    has 'setuid'
fi
profiles 2 ./not_there
has 'cannot run ./not_there: No such file'
"$tool" profile >out 2>err && wrong "profile without a program ends well"
has 'profile needs a program'
ROWAN_PROFILE_LIBRARY=/not/there "$tool" profile -- true 2>err && wrong "without its library it ends well"
has 'ROWAN_PROFILE_LIBRARY is /not/there'

# --- A disk that is full costs records, and the program nothing. ---
rm -f alone.db told
./profiled wide alone.db told >alone
rm -f profiled.db told
profiles 2 bash -c 'ulimit -f 200; exec ./profiled wide profiled.db told'
cmp -s alone out || wrong "without room the program prints otherwise"
has 'records were lost, the first of them because of: File too large'
if mkdir full && mount -t tmpfs -o size=300k none full 2>mount.err; then
    rm -f profiled.db told
    TMPDIR=$scratch/full profiles 3 ./profiled threads profiled.db told # only some is no clean report
    umount full
    has 'records were lost, the first of them because of: No space left on device'
fi

[ "$failed" = 0 ] && echo "all is as it should be"
exit "$failed"
