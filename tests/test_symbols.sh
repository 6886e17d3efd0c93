#!/usr/bin/env bash
# The shared library exports what cmake/symbols.txt lists, and nothing else.
# With --refresh the list is rewritten from the library instead, with --list only printed.
set -euo pipefail
cd "$(dirname "$0")/.."
library=${ROWAN_BUILD_DIR:-build/release}/librowan.so

if [ ! -e "$library" ]; then
    echo "$library is not built" >&2
    exit 1
fi
symbols=$(nm --dynamic --defined-only --format=posix "$library" | cut -d ' ' -f 1 |
    grep -vE '^(_init|_fini|__asan_|__odr_asan|__ubsan_|__tsan_|__gcov|mangle_path)' | LC_ALL=C sort)
case ${1-} in
--refresh)
    echo "$symbols" >cmake/symbols.txt
    exit
    ;;
--list)
    echo "$symbols"
    exit
    ;;
esac
if ! diff -u --label cmake/symbols.txt --label "$library" cmake/symbols.txt - <<<"$symbols"; then
    echo "If the change is meant: ./run symbols" >&2
    exit 1
fi
if grep -v '^rowan_[a-z0-9]' <<<"$symbols"; then
    echo "These exported names are not rowan_…" >&2
    exit 1
fi
