#!/usr/bin/env bash
# rowan-generate, with the example of docs/schema.md: what its SQL makes on each engine gives the models that it writes
# itself; what it refuses, and how that is said.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source=$PWD
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
generate=$build/rowan-generate
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# The files of the example, each behind a comment with its name.
mkdir -p schemas/shop
awk '/^```$/ { inside = !inside; if (!inside) exit; next }
    inside && /^-- schemas\// { file = $2; next }
    inside { print >file }' "$source/docs/schema.md"

# says STATUS PATTERN ARGUMENT...: the generator ends so, and complains in words that have the pattern.
says() {
    local status=$1 pattern=$2 got
    shift 2
    "$generate" "$@" >out 2>err
    got=$?
    [ "$got" = "$status" ] || wrong "rowan-generate $* ended with $got: $(cat err)"
    [ -z "$pattern" ] || grep -q -- "$pattern" err || wrong "rowan-generate $* said: $(cat err)"
    [ ! -s out ] || wrong "rowan-generate $* printed $(cat out)"
}

# --- Models: what the page says that they have. ---
says 0 '' --name shop --output models schemas/shop
for name in 'typedef struct product {' 'PRODUCT_KIND_MAP' 'rowan_decimal price;' 'rowan_date sold_on;'; do
    grep -q "$name" models/shop_rows.h || wrong "the rows have no $name"
done
for name in product_find product_save sale_product product_sales; do
    grep -q " $name(" models/shop.h || wrong "the models have no $name"
done
grep -q 'ROWAN_VERSION' models/shop.c || wrong "the hints were not read"
cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$source/include" -I models -c models/shop.c -o shop.o ||
    wrong "the models do not compile"

# A column that looks like a version, and is none without the hint, is told of; a nullable one cannot be one.
mkdir unguarded
cat >unguarded/tables.sql <<'END'
CREATE TABLE a (id @key, lock_version @int32 NOT NULL);
CREATE TABLE b (id @key, lock_version @int32);
CREATE TABLE c (id @key, lock_version @text(9) NOT NULL);
END
says 0 '^rowan-generate: column "lock_version" of table "a" guards against no lost update unless the hints say version' \
    --name unguarded --output models unguarded
[ "$(wc -l <err)" = 1 ] || wrong "of what cannot be a version it is said: $(cat err)"
printf '[a]\nversion = lock_version\n' >unguarded/hints
says 0 '' --name unguarded --output models unguarded
[ ! -s err ] || wrong "with the hint it is said: $(cat err)"
rm models/unguarded*

# --- SQL: makes tables of which `rowan model` writes the same models. ---
cc -std=c11 -I "$source/include" "$source/tests/programs/scripted.c" -L "$build" -lrowan \
    -Wl,-rpath,"$build" -o scripted || exit 1

# makes ENGINE URL
makes() {
    "$generate" --sql "$1" schemas/shop >"$1.sql" || wrong "there is no SQL for $1"
    [ "$(./scripted "$2" "$1.sql")" = 2 ] || wrong "the SQL for $1 is not taken: $(cat "$1.sql")"
    "$tool" model --name shop --output "$1" --hints schemas/shop/hints "$2" >/dev/null ||
        wrong "there are no models of $1"
    diff -r models "$1" >&2 || wrong "the models of $1 are others"
}

# prepare URL SQL
prepare() {
    echo "$2" >prepare.sql
    ./scripted "$1" prepare.sql >/dev/null || wrong "cannot prepare $1"
}

makes sqlite sqlite:shop.db
if [ -n "${ROWAN_TEST_POSTGRESQL-}" ]; then
    prepare "$ROWAN_TEST_POSTGRESQL" 'DROP SCHEMA IF EXISTS generated CASCADE; CREATE SCHEMA generated'
    makes postgresql "$ROWAN_TEST_POSTGRESQL&options=-csearch_path%3Dgenerated"
    prepare "$ROWAN_TEST_POSTGRESQL" 'DROP SCHEMA generated CASCADE'
fi
if [ -n "${ROWAN_TEST_MARIADB-}" ]; then
    prepare "$ROWAN_TEST_MARIADB" 'CREATE OR REPLACE DATABASE rowan_generated'
    makes mariadb "${ROWAN_TEST_MARIADB/\/rowan\?//rowan_generated?}"
    prepare "$ROWAN_TEST_MARIADB" 'DROP DATABASE rowan_generated'
fi
cmp -s sqlite.sql postgresql.sql && wrong "two engines have the same SQL"

# --- What is refused. ---
says 2 'a schema folder is needed, and either --name or --sql' schemas/shop
says 2 'a schema folder is needed, and either --name or --sql' --name shop
says 2 'a schema folder is needed, and either --name or --sql' --name shop --sql sqlite schemas/shop
says 2 'only one schema folder' --name shop schemas/shop models
says 1 '^rowan-generate: --sql oracle: there is sqlite, postgresql and mariadb$' --sql oracle schemas/shop
says 1 '^rowan-generate: --sql : there is' --sql '' schemas/shop
says 1 'there is sqlite' --sql "$(printf 'x%.0s' {1..100})" schemas/shop
says 1 'cannot read the schema folder nowhere: No such file' --sql sqlite nowhere
says 1 'has no file that ends in .sql' --name shop models
"$generate" --sql sqlite schemas/shop >/dev/full 2>err && wrong "a full disk is no error"
grep -q '^rowan-generate: cannot write the output: No space left on device$' err || wrong "of a full disk: $(cat err)"
mkdir odd
echo 'CREATE TABLE t (id @kee);' >odd/t.sql
says 1 '@kee' --sql sqlite odd
says 1 't.sql:1' --name odd odd
printf 'CREATE TABLE t (id @key);\nCREATE TABLE t (id @key);\n' >odd/t.sql
says 1 't.sql:2: table t already exists' --name odd odd
exit "$failed"
