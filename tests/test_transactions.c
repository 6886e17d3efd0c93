/* Transactions and savepoints, nested at will, on every engine. */
#include <string.h>
#include <time.h>

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

/* What a transaction that has read sees of what others commit since. */
START_TEST(a_level_says_what_is_seen_of_others)
{
    static const struct {
        const char *engine;
        rowan_transaction_options options;
        bool sees;
    } cases[] = {
        {"postgresql", {.isolation = ROWAN_ISOLATION_DEFAULT}, true},
        {"postgresql", {.isolation = ROWAN_READ_COMMITTED}, true},
        {"postgresql", {.isolation = ROWAN_REPEATABLE_READ}, false},
        {"postgresql", {.isolation = ROWAN_SERIALIZABLE}, false},
        {"postgresql", {.isolation = ROWAN_READ_COMMITTED, .read_only = true}, true},
        {"postgresql", {.isolation = ROWAN_REPEATABLE_READ, .read_only = true}, false},
        {"mariadb", {.isolation = ROWAN_ISOLATION_DEFAULT}, false},
        {"mariadb", {.isolation = ROWAN_READ_COMMITTED}, true},
        {"mariadb", {.isolation = ROWAN_REPEATABLE_READ}, false},
        {"mariadb", {.isolation = ROWAN_READ_COMMITTED, .read_only = true}, true},
        {"sqlite", {.isolation = ROWAN_READ_COMMITTED, .read_only = true}, false},
    };
    unsigned before = 0;
    int next = 0;

    open_on(_i);
    rowan_scope *reader = scope, *writer;
    ck_assert_int_eq(rowan_scope_begin(db, "writer", &writer, NULL), ROWAN_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (!engine_is((size_t)_i, cases[i].engine)) {
            continue;
        }
        ok(rowan_begin(reader, &cases[i].options));
        ck_assert_uint_eq(entries(), before);
        unsigned after = before | 1u << next;
        scope = writer;
        add(next++);
        scope = reader;
        ck_assert_msg(entries() == (cases[i].sees ? after : before), "case %zu", i);
        ok(rowan_commit(reader));
        ck_assert_uint_eq(entries(), after);
        before = after;
    }
    rowan_scope_end(writer);
    close_all();
}
END_TEST

START_TEST(a_level_that_there_is_not_is_refused_unsent)
{
    rowan_transaction_options options = {0};
    static const int levels[] = {ROWAN_SERIALIZABLE + 1, 1000, -1};

    open_on(_i);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        memcpy(&options.isolation, &levels[i], sizeof levels[i]);
        ck_assert_int_eq(rowan_begin(scope, &options), ROWAN_MISUSE);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "isolation level"));
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

/* Whichever call of it fails. */
START_TEST(a_begin_that_fails_has_begun_nothing)
{
    static const rowan_transaction_options none = {0};

    for (size_t level = 0; level <= sizeof isolations / sizeof isolations[0]; level++) {
        const rowan_transaction_options *options = level > 0 ? &isolations[level - 1] : &none;
        rowan_status status = ROWAN_BUSY;
        open_on(_i);
        fault_install(db);
        for (unsigned nth = 1; status == ROWAN_BUSY; nth++) {
            ok(rowan_begin(scope, NULL)); /* so that there is a connection */
            ok(rowan_rollback(scope));
            fault_plan_set((fault_plan){.fail_call = nth, .fail_status = ROWAN_BUSY});
            status = rowan_begin(scope, options);
            fault_plan_set((fault_plan){.fail_call = 0});
            ck_assert_uint_eq(rowan_transaction_depth(scope), status == ROWAN_OK);
            if (status == ROWAN_BUSY) {
                ck_assert_str_eq(rowan_scope_error(scope)->message, "a fault of the test");
                ck_assert_int_eq(rowan_commit(scope), ROWAN_MISUSE);
            }
        }
        ok(status);
        add(1);
        ok(rowan_commit(scope));
        ck_assert_uint_eq(entries(), 1u << 1);
        close_all();
    }
}
END_TEST

/* --- Transactions that are gone. --- */

enum { DEEPEST = 3 };

/* Begins as deep as that, and loses the connection. */
static void begin_and_lose(unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        ok(rowan_begin(scope, NULL));
        add((int)i);
    }
    fault_plan_set((fault_plan){.cut_call = 1});
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM entry", ROWAN_NO_PARAMS, NULL), ROWAN_LOST);
    fault_plan_set((fault_plan){.cut_call = 0});
    ck_assert_uint_eq(rowan_transaction_depth(scope), depth);
}

static void assert_nothing_committed(void)
{
    const rowan_error *error = rowan_scope_error(scope);

    ck_assert_int_eq(rowan_commit(scope), ROWAN_CONFLICT);
    ck_assert_int_eq(error->status, ROWAN_CONFLICT);
    ck_assert_int_eq(error->fate, ROWAN_FATE_ROLLED_BACK);
    ck_assert_int_eq(error->retry, ROWAN_RETRY_TRANSACTION);
    ck_assert_ptr_nonnull(strstr(error->message, "nothing was committed"));
}

/* Every begin still has its own end, in whichever way; none of them sends anything. */
START_TEST(a_lost_transaction_is_left_level_by_level)
{
    open_on(_i);
    fault_install(db);
    for (unsigned depth = 1; depth <= DEEPEST; depth++) {
        for (unsigned ends = 0; ends < 1u << depth; ends++) {
            begin_and_lose(depth);
            uint64_t sent = rowan_scope_counts(scope).statements;
            for (unsigned left = depth; left > 0; left--) {
                ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM entry", ROWAN_NO_PARAMS, NULL),
                                 ROWAN_MISUSE);
                ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "is gone"));
                ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_ROLLED_BACK);
                ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_MISUSE);
                ck_assert_uint_eq(rowan_transaction_depth(scope), left);
                if ((ends & 1u << (left - 1)) != 0) {
                    assert_nothing_committed();
                } else {
                    ok(rowan_rollback(scope));
                }
                ck_assert_uint_eq(rowan_transaction_depth(scope), left - 1);
            }
            ck_assert_uint_eq(rowan_scope_counts(scope).statements, sent);
            ck_assert_uint_eq(entries(), 0);
        }
    }
    ok(rowan_begin(scope, NULL));
    add(5);
    ok(rowan_commit(scope));
    ck_assert_uint_eq(entries(), 1u << 5);
    close_all();
}
END_TEST

/* The level is left all the same: what it had done is gone with the connection. */
START_TEST(a_rollback_that_loses_the_connection_leaves_its_level)
{
    for (unsigned depth = 1; depth <= DEEPEST; depth++) {
        open_on(_i);
        fault_install(db);
        for (unsigned i = 0; i < depth; i++) {
            ok(rowan_begin(scope, NULL));
            add((int)i);
        }
        fault_plan_set((fault_plan){.cut_call = 1});
        ck_assert_int_eq(rowan_rollback(scope), ROWAN_LOST);
        fault_plan_set((fault_plan){.cut_call = 0});
        for (unsigned left = depth - 1; left > 0; left--) {
            ck_assert_uint_eq(rowan_transaction_depth(scope), left);
            ok(rowan_rollback(scope));
        }
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
        ck_assert_uint_eq(entries(), 0);
        close_all();
    }
}
END_TEST

START_TEST(a_scope_that_ends_with_a_lost_transaction_leaves_the_database_usable)
{
    for (unsigned depth = 1; depth <= DEEPEST; depth++) {
        open_on(_i);
        fault_install(db);
        begin_and_lose(depth);
        rowan_scope_end(scope);
        ck_assert_int_eq(rowan_scope_begin(db, "after", &scope, NULL), ROWAN_OK);
        add(1);
        ck_assert_uint_eq(entries(), 1u << 1);
        close_all();
    }
}
END_TEST

/* A rollback that cannot be sent is done by closing the connection. */
START_TEST(a_scope_whose_rollback_fails_at_its_end_closes_the_connection)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.max_open = 1;
    db = engine_open((size_t)_i, &options);
    engine_script(db, "CREATE TABLE entry (id @ref NOT NULL PRIMARY KEY, note @text(50))");
    fault_install(db);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
    ok(rowan_begin(scope, NULL));
    add(1);
    uint64_t setups = rowan_db_counts(db).setups;
    fault_plan_set((fault_plan){.fail_call = 1, .fail_status = ROWAN_BUSY});
    rowan_scope_end(scope);
    fault_plan_set((fault_plan){.fail_call = 0});
    ck_assert_int_eq(rowan_scope_begin(db, "after", &scope, NULL), ROWAN_OK);
    ck_assert_uint_eq(entries(), 0);
    ck_assert_uint_gt(rowan_db_counts(db).setups, setups);
    close_all();
}
END_TEST

/* It is the program's time that is over, not the connection's. */
START_TEST(a_scope_past_its_deadline_rolls_back_and_keeps_its_connection)
{
    const struct timespec pause = {0, 2000000};
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.max_open = 1;
    db = engine_open((size_t)_i, &options);
    engine_script(db, "CREATE TABLE entry (id @ref NOT NULL PRIMARY KEY, note @text(50))");
    for (unsigned depth = 1; depth <= DEEPEST; depth++) {
        ck_assert_int_eq(rowan_scope_begin(db, "late", &scope, NULL), ROWAN_OK);
        for (unsigned i = 0; i < depth; i++) {
            ok(rowan_begin(scope, NULL));
            add((int)i);
        }
        uint64_t setups = rowan_db_counts(db).setups;
        rowan_scope_deadline(scope, 1);
        nanosleep(&pause, NULL);
        ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM entry", ROWAN_NO_PARAMS, NULL),
                         ROWAN_TIMEOUT);
        ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_OPEN);
        rowan_scope_end(scope);
        ck_assert_int_eq(rowan_scope_begin(db, "after", &scope, NULL), ROWAN_OK);
        ck_assert_uint_eq(entries(), 0);
        ck_assert_uint_eq(rowan_db_counts(db).setups, setups);
        rowan_scope_end(scope);
    }
    engine_close(db);
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
    tcase_add_loop_test(tc, a_level_says_what_is_seen_of_others, 0, engines);
    tcase_add_loop_test(tc, a_level_that_there_is_not_is_refused_unsent, 0, engines);
    tcase_add_loop_test(tc, a_begin_that_fails_has_begun_nothing, 0, engines);
    tcase_add_loop_test(tc, a_lost_transaction_is_left_level_by_level, 0, engines);
    tcase_add_loop_test(tc, a_rollback_that_loses_the_connection_leaves_its_level, 0, engines);
    tcase_add_loop_test(tc, a_scope_that_ends_with_a_lost_transaction_leaves_the_database_usable, 0,
                        engines);
    tcase_add_loop_test(tc, a_scope_whose_rollback_fails_at_its_end_closes_the_connection, 0,
                        engines);
    tcase_add_loop_test(tc, a_scope_past_its_deadline_rolls_back_and_keeps_its_connection, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
