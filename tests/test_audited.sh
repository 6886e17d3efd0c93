#!/usr/bin/env bash
# Every exported function that can send a statement is reconciled with a witness by test_audit. Which can is read
# from the machine code: a function can if it refers, directly or through others, to the sender of statements.
set -euo pipefail
cd "$(dirname "$0")/.."
library=${ROWAN_BUILD_DIR:-build/release}/librowan.a
audit=$(dirname "${ROWAN_TOOL:-build/asan/rowan}")/tests/test_audit
senders='rowan__send rowan__execute rowan__link_setup'

# "FUNCTION REFERENCE" lines: for each function the symbols that its code refers to. A static function is told
# from its namesakes in other files by the file's name.
references() {
    { nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 { print "global", $3 }'
      objdump -dr --no-show-raw-insn "$library"; } |
        awk 'function full(symbol) { return symbol in globals ? symbol : file ":" symbol }
             $1 == "global" && NF == 2 { globals[$2]; next }
             /file format/ { file = $1; next }
             /^[0-9a-f]+ <[^>]+>:$/ { name = $2; gsub(/[<>:]/, "", name); name = full(name); next }
             { rest = $0
               while (match(rest, /<[A-Za-z_][A-Za-z0-9_.]*/)) {
                   print name, full(substr(rest, RSTART + 1, RLENGTH - 1))
                   rest = substr(rest, RSTART + RLENGTH)
               }
               if (match($0, /R_[A-Z0-9_]+[ \t]+[A-Za-z_][A-Za-z0-9_.]*/)) {
                   split(substr($0, RSTART, RLENGTH), part, /[ \t]+/)
                   print name, full(part[2])
               } }' | sort -u
}

# Functions from which a sender can be reached.
can_send() {
    awk -v senders="$senders" '
        { users[$2] = users[$2] " " $1 }
        END {
            count = split(senders, queue, " ")
            for (i = 1; i <= count; i++) reached[queue[i]] = 1
            for (i = 1; i <= count; i++) {
                n = split(users[queue[i]], from, " ")
                for (j = 1; j <= n; j++) if (!(from[j] in reached)) { reached[from[j]] = 1; queue[++count] = from[j] }
            }
            for (name in reached) print name
        }' <(references)
}

senders_found=$(can_send | sort -u | comm -12 - <(sort cmake/symbols.txt))
found=$(wc -l <<<"$senders_found")
missing=$(comm -23 <(echo "$senders_found") <("$audit" --list | tr ' ' '\n' | sort -u))
if [ "$found" -lt 20 ]; then
    echo "only $found exported functions seem to send: the call graph was not read"
    exit 1
fi
if [ -n "$missing" ]; then
    echo "these exported functions can send a statement and are not reconciled in tests/test_audit.c:"
    echo "  ${missing//$'\n'/$'\n'  }"
    exit 1
fi
echo "$found exported functions can send a statement; all are reconciled"
