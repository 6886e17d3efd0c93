/*
 * Introspection of schemas that were made up while memory runs out: at each allocation in turn it
 * says so, finds nothing, leaks nothing and leaves the scope usable; and when it has all it needs,
 * it finds the same as ever.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database/execute.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/random_schema.h"
#include "support/suite.h"

enum { SCHEMAS = 3, MOST_TRIES = 500 };

/* What was found, as one number for each kind of thing. */
typedef struct sums {
    size_t tables, columns, keys, names;
} sums;

static sums sum_up(const rowan__found *found)
{
    sums s = {.tables = found->table_count};

    for (size_t t = 0; t < found->table_count; t++) {
        const rowan__found_table *table = &found->tables[t];
        s.columns += table->column_count;
        s.keys += table->key_count;
        s.names += strlen(table->name);
        for (size_t c = 0; c < table->column_count; c++) {
            s.names += strlen(table->columns[c].name);
        }
    }
    return s;
}

/* Introspects in a scope of its own. */
static rowan_status introspect(rowan_db *db, unsigned nth, sums *out, bool *fired)
{
    rowan__found found = {0};
    rowan_scope *scope;
    rowan_cursor *cursor;

    ck_assert_int_eq(rowan_scope_begin(db, "introspect", &scope, NULL), ROWAN_OK);
    fault_arm(nth);
    rowan_status status = rowan__scope_introspect(scope, &found);
    *fired = fault_fired();
    fault_arm(0);
    if (status == ROWAN_OK) {
        *out = sum_up(&found);
    } else {
        ck_assert_int_eq(rowan_scope_error(scope)->status, status);
        ck_assert(rowan_scope_error(scope)->connection_usable);
    }
    ck_assert_int_eq(rowan_raw_open(scope, "SELECT 1", ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    return status;
}

START_TEST(introspection_without_memory_says_so_and_finds_all_the_next_time)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    char *sql = random_schema(7000 + (uint64_t)(_i % SCHEMAS));
    bool fired = true;
    unsigned nth = 1;
    sums all, again;

    options.allocator = &fault_allocator;
    options.no_detector = true;
    options.statement_cache = 2; /* what it prepares is not kept: each try needs all its memory */
    rowan_db *db = engine_open((size_t)_i / SCHEMAS, &options);
    engine_script(db, sql);
    ck_assert_int_eq(introspect(db, 0, &all, &fired), ROWAN_OK);
    ck_assert(!fired && all.tables > 2 && all.columns > all.tables);
    for (fired = true; fired; nth++) {
        ck_assert_uint_lt(nth, MOST_TRIES);
        rowan_status status = introspect(db, nth, &again, &fired);
        ck_assert_msg(status == (fired ? ROWAN_NOMEM : ROWAN_OK) || status == ROWAN_OK,
                      "allocation %u: %s", nth, rowan_status_name(status));
        if (status == ROWAN_OK) {
            ck_assert_mem_eq(&again, &all, sizeof all);
        }
    }
    ck_assert_uint_gt(nth, 4);
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    free(sql);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("introspection without memory");
    TCase *tc = tcase_create("memory");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, introspection_without_memory_says_so_and_finds_all_the_next_time, 0,
                        (int)engine_count() * SCHEMAS);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
