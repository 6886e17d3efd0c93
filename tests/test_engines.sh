#!/usr/bin/env bash
# The library builds with each engine alone, links no client library but SQLite's unless it is told to
# link them, and exports the same functions as with all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# build_with ENGINE OPTION...: only the shared library, not optimised.
build_with() {
    local engine option options=("${@:2}")
    for engine in SQLITE POSTGRESQL MARIADB; do
        option=OFF
        [ "$engine" != "$1" ] || option=ON
        options+=("-DROWAN_$engine=$option")
    done
    cmake -S . -B "$scratch/$1" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DROWAN_WERROR=ON \
        -DROWAN_TESTS=OFF -DROWAN_EXAMPLES=OFF -DROWAN_TOOL=OFF "${options[@]}" >/dev/null
    cmake --build "$scratch/$1" --target rowan
}

# engines_of LIBRARY: the client libraries that it names itself.
engines_of() {
    readelf --dynamic "$1" | { grep -oE 'lib(sqlite3|pq|mariadb)\.so' || true; } | sort | tr '\n' ' '
}

# expect_engines ENGINE LIBRARIES OPTION...
expect_engines() {
    local engine=$1 expected=$2 found
    build_with "$engine" "${@:3}"
    found=$(engines_of "$scratch/$engine/librowan.so")
    if [ "$found" != "$expected" ]; then
        echo "with $engine alone and ${*:3} the library links $found" >&2
        exit 1
    fi
    ROWAN_BUILD_DIR=$scratch/$engine tests/test_symbols.sh --list >"$scratch/$engine.txt"
    diff -u "$scratch/all.txt" "$scratch/$engine.txt"
}

# expect_works ENGINE URL: a program that links the library as it was built last opens that database.
expect_works() {
    [ -n "$2" ] || return 0
    cc -std=c11 -Iinclude tests/programs/opened.c -L "$scratch/$1" -lrowan \
        -Wl,-rpath,"$scratch/$1" -o "$scratch/opened"
    "$scratch/opened" "$2"
}

tests/test_symbols.sh --list >"$scratch/all.txt"
expect_engines SQLITE 'libsqlite3.so '
expect_engines POSTGRESQL ''
expect_engines POSTGRESQL 'libpq.so ' -DROWAN_LINK_CLIENTS=ON
expect_works POSTGRESQL "${ROWAN_TEST_POSTGRESQL-}"
expect_engines MARIADB ''
expect_engines MARIADB 'libmariadb.so ' -DROWAN_LINK_CLIENTS=ON
expect_works MARIADB "${ROWAN_TEST_MARIADB-}"
