#!/usr/bin/env bash
# The rooms under src/ know only what they may: reads the includes and fails on any other edge.
set -euo pipefail
cd "$(dirname "$0")/.."

# ROOM: the rooms whose headers it may include, besides its own and the public ones.
declare -A may=(
    [base]=""
    [model]="base"
    [driver]="base model"
    [database]="base model driver"
    [sql]="base model driver database"
    [relation]="base model driver database sql"
    [raw]="base model driver database sql relation"
    [querybuilder]="base model driver database sql relation"
    [activerecord]="base model driver database sql relation"
    [datamapper]="base model driver database sql relation"
    [detector]="base"
    [report]="base detector"
    [verify]="base detector report"
    [schema]="base model driver database sql relation"
    [cli]="base model driver database sql relation schema report verify detector preload"
    [preload]="base detector"
    [rowan.c]="database detector"
)
clients='libpq-fe\.h|libpq/|sqlite3\.h|mysql\.h|mariadb'
passed=0
failed=0

verdict() { # OK? NAME
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: $2"
    fi
}

# Private headers that the files of a room include, as room names.
rooms_included_by() {
    find "src/$1" -name '*.[ch]' -exec sed -n 's/^#include "\([a-z_]*\)\/.*/\1/p' {} + | sort -u
}

check_room() {
    local room=$1 bad=0 other
    for other in $(rooms_included_by "$room"); do
        if [ "$other" != "$room" ] && ! grep -qw -- "$other" <<<"${may[$room]}"; then
            echo "src/$room includes src/$other:"
            grep -rn "#include \"$other/" "src/$room"
            bad=1
        fi
    done
    verdict "$bad" "src/$room knows only what it may"
}

for room in src/*; do
    room=${room#src/}
    [ "$room" = README.md ] && continue
    if [ -z "${may[$room]+known}" ]; then
        verdict 1 "src/$room is a room that this test does not know"
    else
        check_room "$room"
    fi
done

# Client libraries stay inside their driver's folder (and the interposer).
bad=0
grep -rnE "#include <($clients)" src include | grep -vE '^src/(driver/(sqlite|postgresql|mariadb)|preload)/' && bad=1
verdict "$bad" "only drivers include client libraries"

# Engines do not know each other.
bad=0
for engine in sqlite postgresql mariadb; do
    others=$(printf '%s\n' sqlite postgresql mariadb | grep -v "^$engine$" | paste -sd'|')
    grep -rnE "#include \"(driver/)?($others)[/_]" "src/driver/$engine" && bad=1
done
verdict "$bad" "drivers do not include one another"

# The private headers of a folder stay there.
bad=0
while read -r header; do
    name=$(basename "$header")
    grep -rln "#include \".*/$name\"" src | grep -v "^$(dirname "$header")/" && bad=1
done < <(find src -name '*_private.h')
verdict "$bad" "private headers stay in their folder"

# Statements reach a driver from the choke point only.
bad=0
grep -rnE -e '(->|\.)(run|fetch|finish|prepare)\(' src --include='*.c' |
    grep -E -e 'driver(->|\.)(run|fetch|finish|prepare)\(' |
    grep -vE '^src/database/(execute|stream|link)\.c:' && bad=1
verdict "$bad" "only the choke point hands statements to a driver"

# Public headers include public headers only.
bad=0
grep -rnE '#include "' include && bad=1
verdict "$bad" "public headers include no private one"

# The library neither prints nor exits.
bad=0
grep -rnwE '(printf|puts|fprintf|exit|abort|perror)\(' src --include='*.c' |
    grep -vE '^src/(cli|report|schema|preload)/' | grep -vE ':[0-9]+: \*' && bad=1
verdict "$bad" "the library does not print, exit or abort"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
