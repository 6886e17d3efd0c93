/* Transactions and savepoints, nested at will, on every engine. */
#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

static rowan_db *db;
static rowan_scope *scope;

static void open_on(int engine)
{
    db = engine_open((size_t)engine, NULL);
    engine_script(db, "CREATE TABLE entry (id @ref NOT NULL PRIMARY KEY, note @text(50))");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s", rowan_status_name(status),
                  rowan_scope_error(scope)->message);
}

static void add(int id)
{
    ok(rowan_raw_run(scope, "INSERT INTO entry (id, note) VALUES (?, 'x')",
                     ROWAN_PARAMS(ROWAN_V(id)), NULL));
}

/* The ids that are there, as bits. */
static unsigned entries(void)
{
    rowan_cursor *cursor;
    unsigned bits = 0;

    ok(rowan_raw_open(scope, "SELECT id FROM entry", ROWAN_NO_PARAMS, &cursor));
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
        bits |= 1u << rowan_cursor_int64_or(cursor, 0, 31);
    }
    rowan_cursor_close(cursor);
    return bits;
}

START_TEST(a_commit_keeps_and_a_rollback_drops)
{
    open_on(_i);
    ok(rowan_begin(scope, NULL));
    add(1);
    ok(rowan_commit(scope));
    ok(rowan_begin(scope, NULL));
    add(2);
    ok(rowan_rollback(scope));
    ck_assert_uint_eq(entries(), 1u << 1);
    ck_assert_uint_eq(rowan_scope_counts(scope).transactions, 4);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    close_all();
}
END_TEST

/*
 * Three levels, each adding its own entry and then ending in one of two ways: 8 outcomes. An entry
 * stays if its level and all around it commit.
 */
START_TEST(every_outcome_of_three_levels_is_right)
{
    open_on(_i);
    for (unsigned outcome = 0; outcome < 8; outcome++) {
        ok(rowan_raw_run(scope, "DELETE FROM entry", ROWAN_NO_PARAMS, NULL));
        for (int level = 0; level < 3; level++) {
            ok(rowan_begin(scope, NULL));
            ck_assert_uint_eq(rowan_transaction_depth(scope), (unsigned)level + 1);
            add(level);
        }
        unsigned expected = 0;
        bool kept_by_outer = true;
        for (int level = 0; level < 3; level++) {
            kept_by_outer = kept_by_outer && (outcome & 1u << level) != 0;
            expected |= kept_by_outer ? 1u << level : 0;
        }
        for (int level = 2; level >= 0; level--) {
            ok((outcome & 1u << level) != 0 ? rowan_commit(scope) : rowan_rollback(scope));
        }
        ck_assert_uint_eq(entries(), expected);
    }
    close_all();
}
END_TEST

/* A savepoint that stayed behind would lie under the next of its name: PostgreSQL and SQLite stack
 * them. */
START_TEST(a_rollback_leaves_no_savepoint_behind)
{
    for (unsigned times = 0; times < 4; times++) {
        open_on(_i);
        ok(rowan_begin(scope, NULL));
        for (unsigned i = 0; i < times; i++) {
            ok(rowan_begin(scope, NULL));
            add(1);
            ok(rowan_rollback(scope));
        }
        add(2);
        ck_assert_uint_eq(rowan_scope_counts(scope).transactions, 1 + 3 * times);
        ck_assert_uint_eq(rowan_scope_counts(scope).statements, 1 + 4 * times + 1);
        rowan_status status =
            rowan_raw_run(scope, "RELEASE SAVEPOINT rowan_1", ROWAN_NO_PARAMS, NULL);
        ck_assert_int_ne(status, ROWAN_OK);
        ok(rowan_rollback(scope));
        ck_assert_uint_eq(entries(), 0);
        close_all();
    }
}
END_TEST

START_TEST(a_failure_inside_a_savepoint_leaves_the_transaction_usable)
{
    open_on(_i);
    ok(rowan_begin(scope, NULL));
    add(1);
    ok(rowan_begin(scope, NULL));
    ck_assert_int_eq(
        rowan_raw_run(scope, "INSERT INTO entry (id) VALUES (1)", ROWAN_NO_PARAMS, NULL),
        ROWAN_UNIQUE);
    rowan_transaction_fate fate = rowan_scope_error(scope)->fate;
    ck_assert(fate == ROWAN_FATE_OPEN || fate == ROWAN_FATE_MUST_ROLLBACK);
    ok(rowan_rollback(scope));
    add(2);
    ok(rowan_commit(scope));
    ck_assert_uint_eq(entries(), 1u << 1 | 1u << 2);
    close_all();
}
END_TEST

START_TEST(a_savepoint_name_can_be_used_again)
{
    open_on(_i);
    ok(rowan_begin(scope, NULL));
    for (int round = 0; round < 5; round++) {
        ok(rowan_begin(scope, NULL));
        add(round);
        ok(round % 2 ? rowan_rollback(scope) : rowan_commit(scope));
    }
    ok(rowan_commit(scope));
    ck_assert_uint_eq(entries(), 1u << 0 | 1u << 2 | 1u << 4);
    close_all();
}
END_TEST

/* What fails before it is sent ends nothing. */
START_TEST(a_commit_that_memory_runs_out_for_leaves_the_transaction_open)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_error error;
    rowan_status status = ROWAN_NOMEM;

    options.allocator = &fault_allocator;
    for (unsigned nth = 1; status == ROWAN_NOMEM; nth++) {
        db = engine_open((size_t)_i, &options);
        engine_script(db, "CREATE TABLE entry (id @ref NOT NULL PRIMARY KEY, note @text(50))");
        ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
        ok(rowan_begin(scope, NULL));
        add(1);
        fault_arm(nth);
        status = rowan_commit(scope);
        fault_arm(0);
        if (status == ROWAN_NOMEM) {
            ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_OPEN);
            ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
            ok(rowan_rollback(scope));
            ok(rowan_begin(scope, NULL));
            ok(rowan_commit(scope));
        }
        ck_assert_uint_eq(entries(), status == ROWAN_OK ? 1u << 1 : 0);
        close_all();
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
    ck_assert_int_eq(status, ROWAN_OK);
}
END_TEST

START_TEST(an_end_without_a_begin_is_misuse_and_sends_nothing)
{
    open_on(_i);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

START_TEST(a_scope_that_ends_rolls_back_what_is_open)
{
    open_on(_i);
    ok(rowan_begin(scope, NULL));
    ok(rowan_begin(scope, NULL));
    add(1);
    rowan_scope_end(scope);
    ck_assert_int_eq(rowan_scope_begin(db, "after", &scope, NULL), ROWAN_OK);
    ck_assert_uint_eq(entries(), 0);
    close_all();
}
END_TEST

START_TEST(a_read_only_transaction_refuses_to_write)
{
    static const rowan_transaction_options options = {.read_only = true};

    open_on(_i);
    if (strcmp(engine_name((size_t)_i), "sqlite") == 0) {
        /* There, read-only means that no lock is taken: a write would upgrade it. */
        ok(rowan_begin(scope, &options));
        ck_assert_uint_eq(entries(), 0);
    } else {
        ok(rowan_begin(scope, &options));
        ck_assert_int_eq(
            rowan_raw_run(scope, "INSERT INTO entry (id) VALUES (1)", ROWAN_NO_PARAMS, NULL),
            ROWAN_READ_ONLY);
    }
    ok(rowan_rollback(scope));
    ck_assert_uint_eq(entries(), 0);
    close_all();
}
END_TEST

static const rowan_transaction_options isolations[] = {
    {.isolation = ROWAN_READ_COMMITTED},
    {.isolation = ROWAN_REPEATABLE_READ},
    {.isolation = ROWAN_SERIALIZABLE},
};

START_TEST(every_isolation_level_begins_commits_and_does_not_stay)
{
    open_on(_i);
    for (size_t i = 0; i < sizeof isolations / sizeof isolations[0]; i++) {
        ok(rowan_begin(scope, &isolations[i]));
        add((int)i);
        ok(rowan_commit(scope));
    }
    ck_assert_uint_eq(entries(), 7);
    close_all();
}
END_TEST

START_TEST(options_inside_a_transaction_are_misuse)
{
    open_on(_i);
    ok(rowan_begin(scope, NULL));
    ck_assert_int_eq(rowan_begin(scope, &isolations[0]), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
    ok(rowan_rollback(scope));
    close_all();
}
END_TEST

/* What another connection sees of an open transaction: nothing. */
START_TEST(another_scope_does_not_see_what_is_not_committed)
{
    rowan_scope *other;

    open_on(_i);
    ok(rowan_begin(scope, NULL));
    add(1);
    ck_assert_int_eq(rowan_scope_begin(db, "other", &other, NULL), ROWAN_OK);
    rowan_scope *writer = scope;
    scope = other;
    ck_assert_uint_eq(entries(), 0);
    rowan_scope_end(other);
    scope = writer;
    ok(rowan_commit(scope));
    ck_assert_uint_eq(entries(), 1u << 1);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transactions");
    TCase *tc = tcase_create("transactions");
    int engines = (int)engine_count();

    tcase_add_loop_test(tc, a_commit_keeps_and_a_rollback_drops, 0, engines);
    tcase_add_loop_test(tc, every_outcome_of_three_levels_is_right, 0, engines);
    tcase_add_loop_test(tc, a_rollback_leaves_no_savepoint_behind, 0, engines);
    tcase_add_loop_test(tc, a_failure_inside_a_savepoint_leaves_the_transaction_usable, 0, engines);
    tcase_add_loop_test(tc, a_savepoint_name_can_be_used_again, 0, engines);
    tcase_add_loop_test(tc, a_commit_that_memory_runs_out_for_leaves_the_transaction_open, 0,
                        engines);
    tcase_add_loop_test(tc, an_end_without_a_begin_is_misuse_and_sends_nothing, 0, engines);
    tcase_add_loop_test(tc, a_scope_that_ends_rolls_back_what_is_open, 0, engines);
    tcase_add_loop_test(tc, a_read_only_transaction_refuses_to_write, 0, engines);
    tcase_add_loop_test(tc, every_isolation_level_begins_commits_and_does_not_stay, 0, engines);
    tcase_add_loop_test(tc, options_inside_a_transaction_are_misuse, 0, engines);
    tcase_add_loop_test(tc, another_scope_does_not_see_what_is_not_committed, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
