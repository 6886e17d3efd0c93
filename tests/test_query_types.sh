#!/usr/bin/env bash
# Conditions and assignments of the wrong type do not compile, in gcc and in clang, and right ones
# do without warnings.
set -uo pipefail

source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

strict=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

# compile COMPILER CODE FLAG...: compiles the body of a function that knows the tests' tables.
compile() {
    cat > "$folder/snippet.c" <<EOF
#include <rowan/rowan.h>
#include <rowan/short.h>
#include "support/archive.h"
void snippet(int i, long l, size_t z, unsigned long u, void *p, const char *s, double d,
             work_kind k);
void snippet(int i, long l, size_t z, unsigned long u, void *p, const char *s, double d,
             work_kind k)
{
    (void)i; (void)l; (void)z; (void)u; (void)p; (void)s; (void)d; (void)k;
    $2
}
EOF
    "$1" -std=c11 "${@:3}" -I"$source/include" -I"$source/tests" -fsyntax-only \
        "$folder/snippet.c" 2> "$folder/errors"
}

right=(
    'const rowan_expr *e = EQ(WORK.id, i); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, l); (void)e;'
    'const rowan_expr *e = EQ(WORK.kind, WORK_POEM); (void)e;'
    'const rowan_expr *e = EQ(WORK.kind, k); (void)e;'
    'const rowan_expr *e = EQ(WORK.title, s); (void)e;'
    'const rowan_expr *e = LIKE(WORK.title, "a%"); (void)e;'
    'const rowan_expr *e = LT(WORK.weight, d); (void)e;'
    'const rowan_expr *e = LT(WORK.weight, 1); (void)e;'
    'const rowan_expr *e = EQ(WORK.in_print, i > 3); (void)e;'
    'const rowan_expr *e = EQ(WORK.press_id, PRESS.id); (void)e;'
    'const rowan_expr *e = EQ(OF("w", WORK.title), LOWER(PRESS.name)); (void)e;'
    'const rowan_expr *e = IN(WORK.id, 1, l, i); (void)e;'
    'const rowan_expr *e = AND(i > 0 ? EQ(WORK.id, i) : NULL, IS_NULL(WORK.genre_id)); (void)e;'
    'const rowan_expr *e = EQ(WORK.released, ((rowan_date){1})); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, rowan_v_null()); (void)e;'
    'const rowan_assignment *a = SET(TO(WORK.cents, ADD(WORK.id, 1)), TO(WORK.title, s)); (void)a;'
    'rowan_query q = {.from = &work_table, GROUP_BY(WORK.kind, WORK.id), .limit = 3}; (void)q;'
)

wrong=(
    'const rowan_expr *e = EQ(WORK.id, "1"); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, s); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, 1.5); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, p); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, u); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, z); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, NULL); (void)e;'
    'const rowan_expr *e = EQ(WORK.id, &i); (void)e;'
    'const rowan_expr *e = EQ(WORK.title, 1); (void)e;'
    'const rowan_expr *e = LIKE(WORK.title, WORK.id); (void)e;'
    'const rowan_expr *e = EQ(WORK.title, p); (void)e;'
    'const rowan_expr *e = EQ(WORK.title, NULL); (void)e;'
    'const rowan_expr *e = EQ(WORK.press_id, PRESS.name); (void)e;'
    'const rowan_expr *e = EQ(OF("w", WORK.id), "x"); (void)e;'
    'const rowan_expr *e = EQ(WORK.kind, "poem"); (void)e;'
    'const rowan_expr *e = EQ(WORK.kind, d); (void)e;'
    'const rowan_expr *e = EQ(WORK.weight, "x"); (void)e;'
    'const rowan_expr *e = EQ(WORK.price, 12.5); (void)e;'
    'const rowan_expr *e = EQ(WORK.price, "12.50"); (void)e;'
    'const rowan_expr *e = EQ(WORK.released, 19000); (void)e;'
    'const rowan_expr *e = EQ(WORK.released, ((rowan_timestamp){1})); (void)e;'
    'const rowan_expr *e = EQ(WORK.code, "0000"); (void)e;'
    'const rowan_expr *e = EQ(WORK.extra, "{}"); (void)e;'
    'const rowan_expr *e = EQ(WORK.cover, s); (void)e;'
    'const rowan_expr *e = EQ(WORK.in_print, "true"); (void)e;'
    'const rowan_expr *e = EQ(1, WORK.id); (void)e;'
    'const rowan_expr *e = IN(WORK.id, 1, "2"); (void)e;'
    'const rowan_expr *e = IN(WORK.title, 1); (void)e;'
    'const rowan_expr *e = IS_NULL("x"); (void)e;'
    'const rowan_expr *e = EQ(&work_table, 1); (void)e;'
    'const rowan_expr *e = OF("w", 1); (void)e;'
    'const rowan_expr *e = RAW("? = 1", p); (void)e;'
    'const rowan_expr *e = COALESCE(WORK.id, u); (void)e;'
    'const rowan_assignment *a = SET(TO(WORK.cents, "1")); (void)a;'
    'const rowan_assignment *a = SET(TO(WORK.title, 1)); (void)a;'
    'const rowan_assignment *a = SET(TO(WORK.title, WORK.id)); (void)a;'
    'const rowan_assignment *a = SET(TO(WORK.title, NULL)); (void)a;'
    'const rowan_params q = PARAMS(V(p)); (void)q;'
    'const rowan_params q = PARAMS(V(u)); (void)q;'
    'const rowan_order *o = ORDER(ASC(work_table)); (void)o;'
)

tried=0
for compiler in gcc clang; do
    command -v "$compiler" > "$folder/path" || continue
    tried=$((tried + 1))
    for code in "${right[@]}"; do
        if ! compile "$compiler" "$code" "${strict[@]}"; then
            echo "$compiler does not compile: $code"
            head -5 "$folder/errors"
            failed=1
        fi
    done
    # Without any warning asked for: these have to be errors by themselves.
    for code in "${wrong[@]}"; do
        if compile "$compiler" "$code"; then
            echo "$compiler compiles: $code"
            failed=1
        fi
    done
done
if [ "$tried" -eq 0 ]; then
    echo "neither gcc nor clang is here"
    failed=1
fi
exit "$failed"
