#!/usr/bin/env bash
# Each public header compiles alone, without a warning, as C11 and as C++17, and needs no header
# of an engine or of ours that is private.
set -euo pipefail
cd "$(dirname "$0")/.."
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
failed=0

for header in include/rowan/*.h; do
    name=rowan/$(basename "$header")
    # The second inclusion proves the guard.
    text=$(printf '#include <%s>\n#include <%s>\ntypedef int rowan_test_unit;\n' "$name" "$name")
    if ! cc -std=c11 "${warnings[@]}" -Wstrict-prototypes -I include -fsyntax-only -x c - \
        <<<"$text"; then
        echo "$name does not compile alone as C11" >&2
        failed=1
    fi
    if ! c++ -std=c++17 "${warnings[@]}" -I include -fsyntax-only -x c++ - <<<"$text"; then
        echo "$name does not compile alone as C++17" >&2
        failed=1
    fi
done
if grep -nE '#include (<(sqlite3|libpq-fe|mysql|postgres)|")' include/rowan/*.h; then
    echo "Public headers include <rowan/…> and the C library only" >&2
    failed=1
fi
exit "$failed"
