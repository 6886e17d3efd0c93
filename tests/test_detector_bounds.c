/*
 * What the detector keeps is bounded, in a scope and in the process; what it gives up for that, it
 * gives up in order, and says so.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/told.h"

/* Statements of as many kinds, each in a loop with rows: more than there is room for. */
static void tell_kinds(int kinds, int turns, size_t rows)
{
    char sql[128];

    for (int table = 0; table < kinds; table++) {
        snprintf(sql, sizeof sql, "SELECT id FROM table_%d WHERE a = ?", table);
        for (int i = 0; i < turns; i++) {
            rows_of("id", 100000 * table + 1000 * i, 1, rows);
            tell_one(sql, i);
        }
    }
}

static void bounds_hold(void)
{
    ck_assert_uint_le(told.watch->budget.used, ROWAN__SCOPE_BYTES);
    ck_assert_uint_le(rowan__budget_process_bytes(), ROWAN__PROCESS_BYTES);
}

START_TEST(a_scope_within_its_bounds_drops_nothing)
{
    told_begin("sqlite");
    rows_of("author_id", 1000, 7, 500);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 500; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_uint_eq(told.found.dropped.statements, 0);
    ck_assert_uint_eq(told.found.dropped.values, 0);
    ck_assert_uint_eq(told.found.dropped.rows, 0);
    ck_assert_ptr_null(strstr(told.found.at[0].evidence, "want of memory"));
    told_end();
}
END_TEST

START_TEST(more_than_256_statements_are_counted_and_not_told_apart)
{
    static const int kinds[] = {256, 257, 300, 1000};

    for (size_t k = 0; k < 4; k++) {
        told_begin("sqlite");
        tell_kinds(kinds[k], 3, 0);
        ck_assert_uint_eq(told.watch->group_count, ROWAN__WATCH_GROUPS);
        ck_assert_uint_eq(told.watch->statements, (uint64_t)kinds[k] * 3);
        judge();
        ck_assert_uint_eq(told.found.dropped.statements, (uint64_t)(kinds[k] - 256) * 3);
        ck_assert_uint_eq(told.found.dropped.values, 0);
        bounds_hold();
        told_end();
    }
}
END_TEST

START_TEST(rows_are_given_up_first_and_loops_are_still_counted)
{
    told_begin("sqlite");
    tell_kinds(110, 8, 500);
    judge();
    ck_assert_uint_gt(told.found.dropped.rows, 0);
    ck_assert_uint_eq(told.found.dropped.values, 0);
    ck_assert_uint_eq(told.found.dropped.statements, 0);
    ck_assert_uint_eq(told.found.count, 110); /* the values of a loop tell, if not from where */
    for (size_t i = 0; i < told.found.count; i++) {
        ck_assert_uint_eq(told.found.at[i].count, 8);
        ck_assert_ptr_nonnull(strstr(told.found.at[i].evidence, "rows of results were not"));
    }
    bounds_hold();
    told_end();
}
END_TEST

START_TEST(values_are_given_up_next_and_statements_are_still_counted)
{
    char sql[128];
    const int turns = 3000; /* so many different values take 64 KiB or more */

    told_begin("sqlite");
    for (int table = 0; table < 40; table++) {
        snprintf(sql, sizeof sql, "SELECT id FROM table_%d WHERE a = ?", table);
        for (int i = 0; i < turns; i++) {
            tell_one(sql, i);
        }
    }
    judge();
    ck_assert_uint_gt(told.found.dropped.values, 0);
    ck_assert_uint_lt(told.found.dropped.values, 40 * (uint64_t)turns);
    ck_assert_uint_eq(told.found.dropped.statements, 0);
    ck_assert_uint_eq(told.watch->group_count, 40);
    for (size_t i = 0; i < 40; i++) {
        ck_assert_uint_eq(told.watch->groups[i]->count, (uint64_t)turns);
    }
    bounds_hold();
    told_end();
}
END_TEST

START_TEST(long_texts_that_are_remembered_nowhere_end_at_the_bound)
{
    size_t size = 3 * ROWAN__WATCH_TEXT;
    char *sql = malloc(size + 64);

    ck_assert_ptr_nonnull(sql);
    told_begin("postgresql");
    for (int i = 0; i < 4000; i++) { /* each is a shape of its own: the store is full soon */
        int head = snprintf(sql, 64, "SELECT c%d FROM t WHERE a = '", i);
        memset(sql + head, 'x', size - (size_t)head);
        strcpy(sql + size, "'");
        told.has_hashes = false;
        tell(sql, ROWAN_NO_PARAMS);
    }
    judge();
    ck_assert_uint_ge(told.found.dropped.statements, 4000 - ROWAN__WATCH_GROUPS);
    bounds_hold();
    told_end();
    free(sql);
}
END_TEST

START_TEST(huge_rows_take_no_room)
{
    const size_t size = 4 * 1024 * 1024;
    char *text = calloc(1, size);
    char name[1000];

    ck_assert_ptr_nonnull(text);
    memset(text, 'v', size - 1);
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    told_begin("mariadb");
    size_t before = told.watch->budget.used;
    for (int i = 0; i < 6; i++) {
        rows_of(name, 0, 1, 4);
        for (int r = 0; r < 4; r++) {
            result.cells[r] = rowan_v_bytes(ROWAN_TYPE_TEXT, text, size - 1);
        }
        tell_one("SELECT body FROM page WHERE id = ?", i);
    }
    ck_assert_uint_lt(told.watch->budget.used - before, 32 * 1024);
    ck_assert_uint_le(strlen(told.watch->provenance.sources[0].name), ROWAN__WATCH_NAME);
    judge();
    ck_assert_uint_eq(told.found.dropped.rows, 0);
    told_end();
    free(text);
}
END_TEST

START_TEST(asking_often_takes_nothing_from_the_bound)
{
    told_begin("sqlite");
    tell_kinds(20, 8, 10);
    size_t used = told.watch->budget.used;
    for (int i = 0; i < 50; i++) {
        judge();
        ck_assert_uint_eq(told.found.count, 20);
    }
    ck_assert_uint_eq(told.watch->budget.used, used);
    told_end();
}
END_TEST

/* --- Many scopes. --- */

START_TEST(many_scopes_share_the_bound_of_the_process)
{
    enum { SCOPES = 160 }; /* each of which would take half a mebibyte and more */
    rowan__watch *first, *watches[SCOPES];
    uint64_t rows_dropped = 0, executions = 0;

    told_begin("sqlite");
    first = told.watch;
    for (size_t i = 0; i < SCOPES; i++) {
        watches[i] = rowan__watch_new(&fault_allocator, &told.rules, told.shapes, NULL, "sqlite");
        ck_assert_ptr_nonnull(watches[i]);
        told.watch = watches[i];
        told.sequence = 0;
        tell_kinds(200, 2, 500);
        bounds_hold();
        executions += watches[i]->statements;
        rows_dropped += rowan__watch_dropped(watches[i]).rows;
    }
    ck_assert_uint_eq(executions, SCOPES * 200 * 2);
    ck_assert_uint_gt(rowan__budget_process_bytes(), ROWAN__PROCESS_BYTES / 2);
    ck_assert_uint_gt(rows_dropped, 0);
    judge();
    ck_assert(rowan__is_dropped(&told.found.dropped));
    for (size_t i = 0; i < SCOPES; i++) {
        rowan__watch_free(watches[i]);
    }
    ck_assert_uint_eq(rowan__budget_process_bytes(), 0); /* and the next one has room again */
    told.watch = first;
    told.sequence = 0;
    rows_of("author_id", 1000, 7, 40);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 40; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    ck_assert_uint_eq(told.found.dropped.rows, 0);
    told_end();
}
END_TEST

START_TEST(running_out_of_memory_anywhere_is_dropped_and_told)
{
    for (unsigned nth = 1;; nth++) {
        told_begin("sqlite");
        fault_arm(nth);
        tell_kinds(12, 40, 40);
        bool fired = fault_fired();
        fault_arm(0);
        judge();
        ck_assert_uint_eq(told.watch->statements, 12 * 40);
        if (fired && nth > 2) { /* before: a store of shapes does without */
            ck_assert_uint_le(told.found.dropped.statements, 40);
        }
        bool dropped = rowan__is_dropped(&told.found.dropped);
        told_end();
        ck_assert_uint_eq(rowan__budget_process_bytes(), 0);
        if (!fired) {
            ck_assert(!dropped);
            ck_assert_uint_gt(nth, 10);
            break;
        }
    }
}
END_TEST

/* --- On databases. --- */

static struct heard {
    unsigned calls;
    rowan_dropped dropped;
    size_t findings;
} heard;

static void hear(void *context, const char *scope_name, const rowan_findings *findings)
{
    (void)context;
    (void)scope_name;
    heard.calls++;
    heard.dropped = findings->dropped;
    heard.findings = findings->count;
}

START_TEST(a_scope_that_dropped_something_is_reported_without_a_finding)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_findings found;
    char sql[128];

    detector.on_findings = hear;
    detector.slow_ms = 60000;
    options.detector = &detector;
    heard = (struct heard){0};
    rowan_db *db = library_open((size_t)_i, &options);
    rowan_scope *scope = library_scope(db);
    for (int i = 0; i < 300; i++) {
        snprintf(sql, sizeof sql, "SELECT name AS n%d FROM publisher WHERE id = 0", i);
        library_ok(scope, rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL));
    }
    library_ok(scope, rowan_scope_findings(scope, &found));
    ck_assert_uint_eq(found.count, 0);
    ck_assert_uint_eq(found.dropped.statements, 300 - ROWAN__WATCH_GROUPS);
    rowan_scope_end(scope);
    ck_assert_uint_eq(heard.calls, 1);
    ck_assert_uint_eq(heard.findings, 0);
    ck_assert_uint_eq(heard.dropped.statements, 300 - ROWAN__WATCH_GROUPS);
    engine_close(db);
    ck_assert_uint_eq(rowan__budget_process_bytes(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_bounds");
    TCase *tc = tcase_create("detector_bounds");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_scope_within_its_bounds_drops_nothing);
    tcase_add_test(tc, more_than_256_statements_are_counted_and_not_told_apart);
    tcase_add_test(tc, rows_are_given_up_first_and_loops_are_still_counted);
    tcase_add_test(tc, values_are_given_up_next_and_statements_are_still_counted);
    tcase_add_test(tc, long_texts_that_are_remembered_nowhere_end_at_the_bound);
    tcase_add_test(tc, huge_rows_take_no_room);
    tcase_add_test(tc, asking_often_takes_nothing_from_the_bound);
    tcase_add_test(tc, many_scopes_share_the_bound_of_the_process);
    tcase_add_test(tc, running_out_of_memory_anywhere_is_dropped_and_told);
    tcase_add_loop_test(tc, a_scope_that_dropped_something_is_reported_without_a_finding, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
