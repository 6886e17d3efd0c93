#!/usr/bin/env bash
# Models of tables whose names meet those of others, or of functions: which gets another one, how that is said, that the
# models compile, and that hints settle it. And which files of a schema folder are read, in which order.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# models NAME STATUS: writes those of the folder NAME.
models() {
    local got
    "$build/rowan-generate" --name "$1" --output out.d "$1" >out 2>err
    got=$?
    [ "$got" = "$2" ] || wrong "rowan-generate $1 ended with $got: $(cat err)"
}

# compiles NAME: what was written is C, and no name is there twice.
compiles() {
    cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$source/include" -I out.d -c "out.d/$1.c" -o "$1.o" ||
        wrong "the models of $1 do not compile"
}

# notes LINE...: exactly these are said, each behind the command's name.
notes() {
    printf 'rowan-generate: %s\n' "$@" | LC_ALL=C sort >wanted
    LC_ALL=C sort err | diff wanted - >difference || wrong "what is said: $(cat difference)"
}

# --- A relation, a type and a table that are called like functions or each other. ---
mkdir meeting
cat >meeting/tables.sql <<'END'
CREATE TABLE find (id @key, name @text(20) NOT NULL);
CREATE TABLE book_kind (id @key);
CREATE TABLE book (
    id @key,
    find_id @int64 NOT NULL REFERENCES find (id),
    rows_id @int64 REFERENCES find (id),
    plain_id @int64 REFERENCES find (id),
    kind @text(1) NOT NULL CHECK (kind IN ('a', 'b'))
);
CREATE TABLE book_find (id @key);
CREATE TABLE book_find_2 (id @key);
END
models meeting 0
notes 'table "book_find" is called book_find_2 in C, because book_find is taken' \
    'table "book_find_2" is called book_find_2_2 in C, because book_find_2 is taken' \
    'the values of column "kind" of table "book" are called book_kind_2, because book_kind is taken' \
    'relation find of table "book" is called find_3, because book_find is taken: a hint can rename it' \
    'relation rows of table "book" is called rows_2, because book_rows is taken: a hint can rename it'
compiles meeting
for name in 'book_find_3(' 'book_rows_2(' 'book_plain(' 'book_find_2_find(' 'book_find_2_2_find('; do
    grep -qF " $name" out.d/meeting.h || wrong "there is no $name"
done
grep -q '^    book_kind_2 kind;' out.d/meeting_rows.h || wrong "a book's kind is $(grep ' kind;' out.d/meeting_rows.h)"

# Hints give them names that are free, and then nothing is to be said of them.
printf '[book]\nrelation find = finder\nrelation rows = keeper\n' >meeting/hints
models meeting 0
notes 'table "book_find" is called book_find_2 in C, because book_find is taken' \
    'table "book_find_2" is called book_find_2_2 in C, because book_find_2 is taken' \
    'the values of column "kind" of table "book" are called book_kind_2, because book_kind is taken'
compiles meeting
for name in 'book_finder(' 'book_keeper('; do
    grep -qF " $name" out.d/meeting.h || wrong "there is no $name"
done

# A hint whose name is taken gets another one all the same.
printf '[book]\nrelation find = all\nrelation rows = save\n' >meeting/hints
models meeting 0
grep -q 'relation all of table "book" is called all_2, because book_all is taken' err || wrong "of all: $(cat err)"
grep -q 'relation save of table "book" is called save_2, because book_save is taken' err || wrong "of save: $(cat err)"
compiles meeting

# --- What cannot be a version: it is said of which hint. ---
mkdir version
for type in @bool @text\(5\) @double @date; do
    printf 'CREATE TABLE a (id @key, v %s NOT NULL);\n' "$type" >version/t.sql
    printf '\n[a]\nversion = v\n' >version/hints
    models version 1
    grep -q 'hints: the version column "v" of table "a" is not an integer that is never NULL' err ||
        wrong "a version that is $type: $(cat err)"
done
for type in @int16 @int32 @int64; do
    printf 'CREATE TABLE a (id @key, v %s NOT NULL);\n' "$type" >version/t.sql
    models version 0
    grep -q ROWAN_VERSION out.d/version.c || wrong "$type is no version"
done
for column in id w missing; do
    printf 'CREATE TABLE a (id @key, v @int32 NOT NULL, w @int32);\n' >version/t.sql
    printf '[a]\nversion = %s\n' $column >version/hints
    models version 1
done

# --- Files: those that end in .sql, by their names' bytes, whatever the folder's order; and one that is called hints. ---
mkdir files
for number in $(seq 10 39 | shuf --random-source=<(yes)); do
    echo "CREATE TABLE t$number (id @key);" >"files/$number.sql"
done
echo 'CREATE TABLE t_upper (id @key);' >files/Z.sql
echo 'CREATE TABLE t_lower (id @key);' >files/a.sql
for name in .sql .hidden.sql sql a x.sqlite y.sql.bak SQL; do
    echo 'nonsense' >"files/$name"
done
"$build/rowan-generate" --sql sqlite files >out 2>err || wrong "odd files are read: $(cat err)"
[ "$(grep -o 't[0-9][0-9]\|t_[a-z]*' out | uniq | tr '\n' ' ')" = "$(seq -f 't%g' 10 39 | tr '\n' ' ')t_upper t_lower " ] ||
    wrong "the order is $(grep -o 't[0-9][0-9]\|t_[a-z]*' out | tr '\n' ' ')"
mkdir files/hints
models files 1
grep -q 'files/hints: Is a directory' err || wrong "hints that are a folder: $(cat err)"

exit "$failed"
