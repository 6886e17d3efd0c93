# The command under test, for scripts that look at what it prints: sourced from the project's folder.
# It goes to a scratch folder that is removed at the end; `exit "$failed"` is the script's verdict.
# shellcheck shell=bash
tool=${ROWAN_TOOL:-build/rowan}
tool=$(cd "$(dirname "$tool")" && pwd)/$(basename "$tool")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

wrong() {
    echo "wrong: $*" >&2
    failed=1
}

# ends STATUS PATTERN COMMAND...: the command ends so, and if that is a failure, says one line to
# standard error, and nothing to standard output, that begins with "rowan: " and has the pattern.
ends() {
    local status=$1 pattern=$2 got
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" != "$status" ]; then
        wrong "$* ended with $got instead of $status: $(cat err)"
    elif [ "$status" = 0 ]; then
        [ -z "$pattern" ] || grep -q -- "$pattern" out || wrong "$* printed: $(cat out)"
        [ ! -s err ] || wrong "$* complained: $(cat err)"
    elif [ "$(wc -l <err)" != 1 ] || ! grep -q "^rowan: .*$pattern" err || [ -s out ]; then
        wrong "$* said: $(cat err out)"
    fi
}

# analyzes STATUS ARGUMENTS...: ends so; output in `out`, complaints in `err`.
analyzes() {
    local status=$1 got
    shift
    "$tool" analyze "$@" >out 2>err
    got=$?
    [ "$got" = "$status" ] || wrong "analyze $* ended with $got instead of $status: $(cat err)"
}

# has PATTERN [FILE]: the last output has a line like it.
has() {
    grep -q -- "$1" "${2-out}" || wrong "there is no $1 in $(cat "${2-out}")"
}

hasnt() {
    ! grep -q -- "$1" "${2-out}" || wrong "there is $1 in $(cat "${2-out}")"
}
