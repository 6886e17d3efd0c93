#!/usr/bin/env bash
# The static probes: they are in the library with their arguments, a debugger that attaches gets what
# happened, in order, and a program that nobody traces does the same as ever. A library without them
# can be built.
# shellcheck disable=SC2016 # $_probe_arg0 is GDB's
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

wrong() {
    echo "wrong: $*" >&2
    failed=1
}

if [ ! -e /usr/include/sys/sdt.h ] && ! echo '#include <sys/sdt.h>' | cc -E -x c - >/dev/null 2>&1; then
    wrong "<sys/sdt.h> is missing: the library was built without probes"
    exit 1
fi

# has_probe NAME ARGUMENTS: every place of it has so many arguments.
readelf -n "$build/librowan.so" >"$scratch/notes" 2>/dev/null
has_probe() {
    local counts
    counts=$(grep -A2 "Name: $1\$" "$scratch/notes" | sed -n 's/ *Arguments: //p' | awk '{ print NF }' | sort -u)
    [ "$counts" = "$2" ] || wrong "$1 has ${counts:-no} arguments instead of $2"
}
has_probe scope__begin 2
has_probe scope__end 3
has_probe statement__start 3
has_probe statement__done 6
has_probe finding 6
[ "$(grep -A1 'Provider: rowan' "$scratch/notes" | grep -c 'Name: ')" -ge 5 ] || wrong "the provider is another"
grep -A1 'Name: finding$' "$scratch/notes" | grep -q 'Semaphore: 0x0*[1-9a-f]' || wrong "a finding costs something always"

# What the example sees of itself when nobody looks, and what is seen from outside.
"$build/examples/detector" >"$scratch/alone" || wrong "the example ended with $?"
cat >"$scratch/commands" <<'END'
set pagination off
set confirm off
set breakpoint pending on
set print thread-events off
break -probe-stap rowan:scope__begin
commands
silent
printf "begin %lu %s\n", $_probe_arg0, (char *)$_probe_arg1
cont
end
break -probe-stap rowan:statement__start
commands
silent
printf "start %lu %lu %.20s\n", $_probe_arg0, $_probe_arg2, (char *)$_probe_arg1
cont
end
break -probe-stap rowan:statement__done
commands
silent
printf "done %lu %lu rows %lu affected %lu status %d %.20s\n", $_probe_arg0, $_probe_arg2, $_probe_arg3, $_probe_arg4, $_probe_arg5, (char *)$_probe_arg1
cont
end
break -probe-stap rowan:finding
commands
silent
printf "finding %s %s %016lx %lu %s\n", (char *)$_probe_arg0, (char *)$_probe_arg1, $_probe_arg2, $_probe_arg3, (char *)$_probe_arg5
cont
end
break -probe-stap rowan:scope__end
commands
silent
printf "end %lu %s %lu\n", $_probe_arg0, (char *)$_probe_arg1, $_probe_arg2
cont
end
run
END
if ! command -v gdb >/dev/null; then
    wrong "gdb is missing"
    exit 1
fi
LC_ALL=C gdb -q -nx -batch -x "$scratch/commands" "$build/examples/detector" >"$scratch/seen" 2>"$scratch/err" </dev/null
if grep -qE 'ptrace|Operation not permitted' "$scratch/err"; then
    echo "skipped: nothing may be traced here: $(head -1 "$scratch/err")"
    exit "$failed"
fi

# count PATTERN NUMBER
count() {
    local got
    got=$(grep -cE "$1" "$scratch/seen")
    [ "$got" = "$2" ] || wrong "$got times $1 instead of $2: $(head -40 "$scratch/seen")"
}
count '^begin 1 detector$' 1
count '^start 1 ' 11
count '^done 1 [0-9]+ rows [0-9]+ affected [0-9]+ status 0 ' 11
count '^done 1 .* rows 6 affected 0 status 0 SELECT "book"\."id"' 1
count '^done 1 .* rows 1 affected 0 status 0 SELECT "publisher"' 6
count '^done 1 .* affected 6 status 0 INSERT INTO' 2
count '^end 1 detector 11$' 1
count '^finding detector n_plus_one [0-9a-f]{16} 6 select publisher\.id' 1
order=$(sed -n 's/^\(begin\|start\|done\|finding\|end\) .*/\1/p' "$scratch/seen" | uniq | tr '\n' ' ')
expected="begin $(printf 'start done %.0s' {1..11})finding end "
[ "$order" = "$expected" ] || wrong "they come as $order"
# The texts of start and done are the same ones.
[ "$(sed -n 's/^start 1 \([0-9]*\) /\1 /p' "$scratch/seen")" = \
    "$(sed -n 's/^done 1 \([0-9]*\) rows .* status 0 /\1 /p' "$scratch/seen")" ] || wrong "what is done was not started"
sed 's/[0-9.]* ms/T ms/g; s/([0-9]* %)/(P)/' "$scratch/alone" >"$scratch/expected"
grep -vE '^(begin|start|done|finding|end) |^\[|^Using host|^Breakpoint|pending|^No probe' "$scratch/seen" |
    sed 's/[0-9.]* ms/T ms/g; s/([0-9]* %)/(P)/' >"$scratch/traced"
diff <(grep . "$scratch/expected") <(grep . "$scratch/traced") >&2 || wrong "the program does something else when it is traced"

# What docs/probes.md has for bpftrace, on a program that runs already.
# documented WORD PID: the command there that has the word: up to the end of what it quotes.
documented() {
    awk -F "'" '/^    bpftrace/ { on = 1; quotes = 0; text = "" }
        on { text = text substr($0, 5) "\n"; quotes += NF - 1 }
        on && quotes == 2 { on = 0; if (index(text, word)) printf "%s", text }' word="$1" docs/probes.md |
        sed "s/ PID / $2 /"
}

# traces WORD: runs that command on the program while it does its work; what it printed in `told`.
traces() {
    local program tracer
    rm -f "$scratch/in" && mkfifo "$scratch/in"
    "$scratch/probed" <"$scratch/in" >"$scratch/out" &
    program=$!
    exec 7>"$scratch/in"
    until grep -qs ready "$scratch/out"; do sleep 0.05; done
    documented "$1" "$program" >"$scratch/command"
    [ -s "$scratch/command" ] || wrong "there is no bpftrace of $1 in the documentation"
    timeout -s INT 60 bash -c "exec $(<"$scratch/command")" >"$scratch/told" 2>"$scratch/err" 7>&- &
    tracer=$!
    for _ in $(seq 400); do
        grep -q '^Attaching' "$scratch/told" "$scratch/err" || ! kill -0 "$tracer" 2>/dev/null && break
        sleep 0.05
    done
    sleep 2 # it says so before it does so
    echo go >&7
    until grep -q ROWAN_ "$scratch/out" || ! kill -0 "$program" 2>/dev/null; do sleep 0.05; done
    exec 7>&- # the program ends, and with it the tracer
    wait "$program"
    wait "$tracer"
    grep -q ROWAN_OK "$scratch/out" || wrong "the traced program says $(cat "$scratch/out")"
}

tells() {
    grep -qF "$1" "$scratch/told" ||
        wrong "bpftrace does not tell of $1, but: $(cat "$scratch/told" "$scratch/err")"
}

if timeout 60 bpftrace -e 'BEGIN { exit(); }' >"$scratch/told" 2>&1; then
    cc -std=c11 -Iinclude tests/programs/probed.c -L "$build" -lrowan -Wl,-rpath,"$build" \
        -o "$scratch/probed" || exit 1
    traces statement__done
    tells '@us[SELECT body FROM note WHERE post_id = ?]:'
    tells '@us[SELECT id FROM post ORDER BY id]:'
    traces rowan:finding
    tells 'traced: n_plus_one, 8 x select body from note where post_id = ?'
else
    echo "skipped: bpftrace may not run here: $(tail -1 "$scratch/told")"
fi

# Without them.
for source in src/database/execute.c src/database/scope.c src/detector/probe.c; do
    cc -std=c11 -D_POSIX_C_SOURCE=200809L -DXXH_INLINE_ALL= -DROWAN_NO_PROBES -Iinclude -Isrc -Wall -Wextra -Werror \
        -c "$source" -o "$scratch/object" || wrong "$source needs probes"
    ! readelf -n "$scratch/object" | grep -q stapsdt || wrong "$source has probes all the same"
done
exit "$failed"
