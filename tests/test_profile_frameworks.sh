#!/usr/bin/env bash
# rowan profile on programs that know nothing of it: object mappers and drivers of other languages, as
# Debian has them. As many statements are recorded as the engine says, the loops are found with the
# columns that their values came from, and the batched forms are silent.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
unset ROWAN_TOOL # the one without sanitizers, which would take the most time here
source tests/profiled/profiled.sh
source tests/profiled/witness.sh
needs_server ROWAN_TEST_POSTGRESQL
needs_server ROWAN_TEST_MARIADB

tidy_up() {
    forget_postgresql
    forget_mariadb
    rm -rf "$scratch"
}

# sees ENGINE PROGRAM ARGUMENT...: profiles it and compares the counts. SQLite has no log: there the
# program prints how many statements about its tables the driver told it of.
sees() {
    local engine=$1 expected recorded
    shift
    [ "$engine" = sqlite ] || "clear_$engine"
    profiles -- "$@"
    if [ "$engine" = sqlite ]; then
        expected=$(<"$scratch/out")
        recorded=$(grep -cE 'django_(author|book)|FROM \\"rails_(author|book)\\"' "$scratch/trace")
    else
        expected=$("logged_$engine")
        recorded=$(statements)
    fi
    same "statements of $*" "$expected" "$recorded"
    [ "$recorded" -gt 0 ] || wrong "$* sent nothing"
}

# An object mapper on an engine: two loops, one from each side, and what each should have been.
try_mapper() { # ENGINE URL PROGRAM...
    local engine=$1 url=$2 name
    shift 2
    name="$(basename "$1") $(basename "$2") on $engine"
    "$@" "$url" make >"$scratch/out" || wrong "$name: no tables"
    sees "$engine" "$@" "$url" by_author
    finds n_plus_one id author_id confirmed "$name, the books of each author"
    sees "$engine" "$@" "$url" by_book
    finds n_plus_one author_id id confirmed "$name, the author of each book"
    sees "$engine" "$@" "$url" prefetch
    finds_nothing "$name, the books of all authors"
    sees "$engine" "$@" "$url" join
    finds_nothing "$name, books with their authors"
    "$@" "$url" drop >"$scratch/out"
}

try_driver() { # ENGINE PROGRAM...
    sees "$@"
    finds n_plus_one id id confirmed "${*:2}"
}

watch_postgresql
watch_mariadb
trap tidy_up EXIT
for program in 'python3 tests/profiled/django_books.py' 'ruby tests/profiled/activerecord_books.rb'; do
    read -ra command <<<"/usr/bin/$program"
    try_mapper sqlite "sqlite:$scratch/books.db" "${command[@]}"
    try_mapper postgresql "$postgresql_url" "${command[@]}"
    try_mapper mariadb "$mariadb_url" "${command[@]}"
done

perl=(/usr/bin/perl tests/profiled/dbi_loop.pl)
port=${postgresql_url##*:} host=${postgresql_url#*host=}
try_driver postgresql "${perl[@]}" "dbi:Pg:dbname=rowan;host=$host;port=${port%%/*}" "$witness_user" ''
for prepare in 0 1; do
    try_driver mariadb "${perl[@]}" \
        "dbi:MariaDB:database=rowan;mariadb_socket=$mariadb_socket;mariadb_server_prepare=$prepare" \
        "$witness_user" secret
done
for driver in psycopg2 psycopg; do
    for cursor in plain named; do
        try_driver postgresql /usr/bin/python3 tests/profiled/psycopg_loop.py "$driver" \
            "$postgresql_url" "$cursor"
    done
done
sees mariadb /usr/bin/python3 tests/profiled/ctypes_loop.py "$mariadb_socket" "$witness_user"
finds n_plus_one id seq confirmed 'a loop by ctypes'
report
