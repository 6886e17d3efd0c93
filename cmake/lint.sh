#!/usr/bin/env bash
# lint.sh BUILD_FOLDER: checks format, lengths, scripts, and with clang-tidy. Says all it finds.
# lint.sh --format: formats instead.
# shellcheck disable=SC2016,SC2317 # awk text, and functions called by name
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$1
failed=0

sources() {
    find include src tests examples bench -name "*.$1" 2>/dev/null | LC_ALL=C sort
}

check() {
    local what=$1
    shift
    if ! "$@"; then
        echo "lint: $what" >&2
        failed=1
    fi
}

# Headers are laid out by hand: their members' comments stand in one column, which clang-format
# cannot keep where a member has none.
check_format() {
    sources c | xargs -r clang-format --dry-run -Werror
}

# At most 100 columns, 800 lines a file and 100 lines a function. A function that is one flat
# switch may be longer and says so in the comment before it. In the C locale awk counts bytes, so
# the continuation bytes of UTF-8 are taken out first.
check_lengths() {
    sources '[ch]' | LC_ALL=C xargs -r awk '
        FNR == 1 { exempt = 0; begin = 0 }
        { text = $0; gsub(/[\200-\277]/, "", text) }
        length(text) > 100 { say(FILENAME ":" FNR ": " length(text) " columns") }
        FNR == 801 { say(FILENAME ": more than 800 lines") }
        /flat switch/ { exempt = 1 }
        /^{/ { begin = FNR }
        /^}/ {
            if (begin && !exempt && FNR - begin > 100) {
                say(FILENAME ":" begin ": a function of " FNR - begin " lines")
            }
            begin = 0
            exempt = 0
        }
        function say(what) { print what; bad = 1 }
        END { exit bad }'
}

check_scripts() {
    shellcheck -x run .ci/run bench/*.sh cmake/*.sh tests/*.sh tests/fuzz/*.sh
}

check_tidy() {
    find src -name '*.c' | LC_ALL=C sort | xargs -r -n 4 -P "$(nproc)" \
        clang-tidy --quiet -p "$build" 2>/dev/null
}

if [ "$build" = --format ]; then
    sources c | xargs -r clang-format -i
    exit
fi
check "some files are not formatted: ./run format" check_format
check "some lines, files or functions are too long" check_lengths
check "shellcheck has findings" check_scripts
check "clang-tidy has findings" check_tidy
exit "$failed"
