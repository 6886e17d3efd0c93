# The command under test, for scripts that look at what `rowan analyze` prints: sourced from the project's folder.
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
