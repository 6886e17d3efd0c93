/*
 * Inserts that a connection has seen before: they are sent by what is known of the table, of the
 * columns that are left to the database and of the form of the rows. Whatever comes before and
 * between, each writes what it would have written the first time.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

enum { MOST = 1200 };

static rowan_db *db;
static rowan_scope *scope;
static genre rows[MOST];
static char names[MOST][16];

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
}

static void open_with(int engine, const rowan_options *options)
{
    db = archive_open((size_t)engine, options);
    ck_assert_int_eq(rowan_scope_begin(db, "again", &scope, NULL), ROWAN_OK);
    for (size_t i = 0; i < MOST; i++) {
        snprintf(names[i], sizeof names[i], "genre %zu", i);
        rows[i] = (genre){.name = names[i]};
    }
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static int64_t number(const char *sql)
{
    rowan_cursor *cursor;
    int64_t out;

    ok(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    out = rowan_cursor_int64_or(cursor, 0, -1);
    rowan_cursor_close(cursor);
    return out;
}

static void insert(const genre *from, size_t count)
{
    uint64_t affected;

    ok(rowan_raw_insert_all(scope, &genre_table, from, count, &affected));
    ck_assert_uint_eq(affected, count);
}

/* The rows with the greatest keys are these, in order, whatever their keys are. */
static void check_last(const genre *wanted, size_t count)
{
    genre *last;
    rowan_rows found;
    rowan_query query = {
        .from = &genre_table, .order_by = ORDER(DESC(GENRE.id)), .limit = (int64_t)count};

    ok(rowan_query_all(scope, &query, &found));
    ck_assert_uint_eq(found.count, count);
    last = found.at;
    for (size_t i = 0; i < count; i++) {
        const genre *got = &last[count - 1 - i];
        ck_assert_str_eq(got->name, wanted[i].name);
        ck_assert(got->parent_id.has == wanted[i].parent_id.has);
        ck_assert(wanted[i].id == 0 || got->id == wanted[i].id);
    }
}

static const size_t sizes[] = {1, 2, 10, 99, 100, 101, 999, 1000, MOST};

START_TEST(any_number_of_rows_may_follow_any_other)
{
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    int64_t total = 0;

    open_with(_i, NULL);
    for (size_t i = 0; i < SIZES * SIZES; i++) {
        size_t count = sizes[i % 2 == 0 ? i / SIZES : i % SIZES];
        insert(rows + i % (MOST - count + 1), count);
        total += (int64_t)count;
        check_last(rows + i % (MOST - count + 1), count);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM genre"), total);
    close_all();
}
END_TEST

START_TEST(rows_with_and_without_keys_take_turns)
{
    open_with(_i, NULL);
    for (int round = 1; round < 5; round++) {
        for (size_t i = 0; i < 20; i++) {
            rows[i].id = i < 10 ? 1000 * round + (int64_t)i : 0;
            rows[i].parent_id = (rowan_opt_i64){i % 3 == 1 && i < 10, 1000 * round};
        }
        insert(rows, 1); /* with keys … */
        insert(rows + 1, 9);
        check_last(rows, 10);
        if (engine_is((size_t)_i, "postgresql")) { /* whose keys do not go on behind them */
            ok(rowan_raw_run(scope,
                             "SELECT setval(pg_get_serial_sequence('genre', 'id'), max(id)) "
                             "FROM genre",
                             ROWAN_NO_PARAMS, NULL));
        }
        insert(rows + 10, 1); /* … without … */
        insert(rows + 11, 9);
        check_last(rows + 10, 10);
    }
    rows[3].id = 9000; /* … and some with and some without */
    rows[4].id = 0;
    insert(rows + 3, 2);
    ck_assert_int_eq(number("SELECT count(*) FROM genre"), 82);
    ck_assert_int_eq(number("SELECT count(*) FROM genre WHERE id = 9000 AND name = 'genre 3'"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM genre WHERE name = 'genre 4'"), 5);
    close_all();
}
END_TEST

typedef struct stamp {
    int64_t id, place;
    const char *label;
} stamp;

static const rowan_table stamp_table;
static const rowan_column stamp_columns[] = {
    ROWAN_COLUMN(stamp_table, stamp, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(stamp_table, stamp, place, ROWAN_GENERATED),
    ROWAN_COLUMN(stamp_table, stamp, label, 0),
};
static const rowan_column *const stamp_key[] = {&stamp_columns[0]};
static const rowan_table stamp_table = {.name = "stamp",
                                        .columns = stamp_columns,
                                        .column_count = 3,
                                        .primary = stamp_key,
                                        .primary_count = 1,
                                        .row_size = sizeof(stamp),
                                        .row_align = _Alignof(stamp)};

static void create_stamps(size_t engine)
{
    const char *key = engine_is(engine, "sqlite")    ? "INTEGER PRIMARY KEY"
                      : engine_is(engine, "mariadb") ? "bigint AUTO_INCREMENT PRIMARY KEY"
                                                     : "bigserial PRIMARY KEY";
    char sql[200];

    snprintf(sql, sizeof sql,
             "CREATE TABLE stamp (id %s, place bigint DEFAULT 7 NOT NULL, label varchar(20))", key);
    ok(rowan_raw_run(scope, "DROP TABLE IF EXISTS stamp", ROWAN_NO_PARAMS, NULL));
    ok(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL));
}

/* Both columns, one of them or none is left to the database, in turns, and by one row or several.
 */
START_TEST(each_generated_column_is_left_out_for_itself)
{
    enum { ROUNDS = 3, KINDS = 4, MANY = 7 };
    static const size_t counts[] = {1, MANY};
    stamp stamps[MANY];
    int64_t inserted = 0, placed = 0, keyed = 0;

    open_with(_i, NULL);
    create_stamps((size_t)_i);
    for (size_t turn = 0; turn < (size_t)ROUNDS * KINDS * 2; turn++) {
        size_t count = counts[turn / KINDS % 2];
        bool has_key = turn % 2 != 0, has_place = turn % KINDS >= 2;
        for (size_t i = 0; i < count; i++) {
            stamps[i] = (stamp){has_key ? -keyed - (int64_t)i - 1 : 0, has_place ? 5 : 0, "x"};
        }
        ok(rowan_raw_insert_all(scope, &stamp_table, stamps, count, NULL));
        inserted += (int64_t)count;
        keyed += has_key ? (int64_t)count : 0;
        placed += has_place ? (int64_t)count : 0;
        ck_assert_int_eq(number("SELECT count(*) FROM stamp"), inserted);
        ck_assert_int_eq(number("SELECT count(*) FROM stamp WHERE place = 5"), placed);
        ck_assert_int_eq(number("SELECT count(*) FROM stamp WHERE place = 7"), inserted - placed);
        ck_assert_int_eq(number("SELECT count(*) FROM stamp WHERE id < 0"), keyed);
    }
    ok(rowan_raw_run(scope, "DROP TABLE stamp", ROWAN_NO_PARAMS, NULL));
    close_all();
}
END_TEST

START_TEST(every_pattern_sends_one_statement)
{
    rowan_session *session;
    const rowan_insert all = {.into = &genre_table, .rows = rows, .row_count = 3};

    open_with(_i, NULL);
    ok(rowan_session_begin(scope, &session));
    for (int round = 0; round < 3; round++) {
        rowan_counts before = rowan_scope_counts(scope);
        insert(rows, 3);
        ok(rowan_query_insert(scope, &all, NULL, NULL));
        ok(rowan_session_insert_all(session, &genre_table, rows, 3, NULL));
        ok(rowan_record_insert_all(scope, &genre_table, rows, 3, NULL));
        ok(rowan_record_insert(scope, &genre_table, rows, NULL));
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_uint_eq(after.statements - before.statements, 5);
        ck_assert_uint_eq(after.affected - before.affected, 13);
        uint64_t texts = engine_is((size_t)_i, "mariadb") ? 1 : 2; /* for one row and for three */
        ck_assert_uint_eq(after.cache_misses - before.cache_misses, round == 0 ? texts : 0);
        ck_assert_uint_eq(after.transactions, 0);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM genre"), 39);
    rowan_session_end(session);
    close_all();
}
END_TEST

START_TEST(what_is_refused_is_refused_every_time)
{
    static const char long_name[] = "this name is longer than the forty characters of its column";

    open_with(_i, NULL);
    for (int round = 0; round < 3; round++) {
        for (size_t count = 1; count < 4; count++) {
            rows[count - 1].name = long_name;
            ck_assert_int_eq(rowan_raw_insert_all(scope, &genre_table, rows, count, NULL),
                             ROWAN_OUT_OF_RANGE);
            ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "name"));
            rows[count - 1].name = names[count - 1];
        }
        ck_assert_int_eq(number("SELECT count(*) FROM genre"), 3 * round);
        insert(rows, 3);
    }
    close_all();
}
END_TEST

START_TEST(a_table_may_change_between)
{
    open_with(_i, NULL);
    for (int round = 0; round < 2; round++) {
        insert(rows, 1);
        insert(rows, 3);
    }
    engine_script(db, "ALTER TABLE genre ADD COLUMN more @int32");
    insert(rows, 1);
    insert(rows, 3);
    engine_script(db, "ALTER TABLE genre DROP COLUMN name");
    ck_assert_int_ne(rowan_raw_insert_all(scope, &genre_table, rows, 1, NULL), ROWAN_OK);
    ck_assert_int_ne(rowan_raw_insert_all(scope, &genre_table, rows, 3, NULL), ROWAN_OK);
    engine_script(db, "ALTER TABLE genre ADD COLUMN name @text(40)");
    insert(rows, 1);
    insert(rows, 3);
    ck_assert_int_eq(number("SELECT count(*) FROM genre"), 16);
    ck_assert_int_eq(number("SELECT count(*) FROM genre WHERE name IS NOT NULL"), 4);
    close_all();
}
END_TEST

/* Tables with a version, or whose values may be written otherwise than they are, go the long way.
 */
START_TEST(what_has_to_be_looked_at_is_looked_at)
{
    static const rowan_decimal price = {"1.5"};
    work one = {.press_id = 1, .title = "one", .price = price, .version = 0};

    open_with(_i, NULL);
    archive_fill(scope);
    int64_t before = number("SELECT count(*) FROM work");
    for (int round = 0; round < 3; round++) {
        one.code.bytes[0] = (uint8_t)(round + 1);
        ok(rowan_raw_insert_all(scope, &work_table, &one, 1, NULL));
    }
    ck_assert_int_eq(number("SELECT count(*) FROM work"), before + 3);
    ck_assert_int_eq(number("SELECT count(*) FROM work WHERE title = 'one' AND version = 1"), 3);
    ck_assert_int_eq(one.version, 0);
    close_all();
}
END_TEST

/* A connection that keeps two statements forgets those of inserts, too. */
START_TEST(what_was_forgotten_is_learned_anew)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    press one = {0};

    options.statement_cache = 2;
    open_with(_i, &options);
    for (int round = 0; round < 10; round++) {
        one.name = names[round];
        insert(rows, 1);
        insert(rows + 1, 2);
        ok(rowan_raw_insert_all(scope, &press_table, &one, 1, NULL));
        check_last(rows + 1, 2);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM genre"), 30);
    ck_assert_int_eq(number("SELECT count(*) FROM press"), 10);
    close_all();
}
END_TEST

START_TEST(the_second_time_takes_no_allocation)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    unsigned before = 0;

    options.allocator = &fault_allocator;
    options.no_detector = true;
    open_with(_i, &options);
    rowan_mark mark = rowan_scope_mark(scope);
    for (int round = 0; round < 20; round++) {
        before = round == 4 ? fault_allocations() : before;
        insert(rows, 1);
        insert(rows, 60);
        ok(rowan_record_insert_all(scope, &genre_table, rows, 60, NULL));
        ok(rowan_scope_rewind(scope, mark));
    }
    ck_assert_uint_eq(fault_allocations(), before);
    close_all();
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    bool fired = true;

    options.allocator = &fault_allocator;
    options.no_detector = true;
    for (unsigned nth = 1; fired; nth++) {
        open_with(_i, &options);
        ck_assert_int_eq(number("SELECT count(*) FROM genre"), 0);
        fault_arm(nth);
        rowan_status status = rowan_raw_insert_all(scope, &genre_table, rows, 1, NULL);
        if (status == ROWAN_OK) {
            status = rowan_raw_insert_all(scope, &genre_table, rows, 5, NULL);
        }
        fired = fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_OK || (fired && status == ROWAN_NOMEM));
        insert(rows, 5);
        int64_t count = number("SELECT count(*) FROM genre");
        ck_assert_msg(status == ROWAN_OK ? count == 11 : count == 5 || count == 6, "%d rows",
                      (int)count);
        close_all();
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inserts that were seen before");
    TCase *tc = tcase_create("every engine");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, any_number_of_rows_may_follow_any_other, 0, engines);
    tcase_add_loop_test(tc, rows_with_and_without_keys_take_turns, 0, engines);
    tcase_add_loop_test(tc, each_generated_column_is_left_out_for_itself, 0, engines);
    tcase_add_loop_test(tc, every_pattern_sends_one_statement, 0, engines);
    tcase_add_loop_test(tc, what_is_refused_is_refused_every_time, 0, engines);
    tcase_add_loop_test(tc, a_table_may_change_between, 0, engines);
    tcase_add_loop_test(tc, what_has_to_be_looked_at_is_looked_at, 0, engines);
    tcase_add_loop_test(tc, what_was_forgotten_is_learned_anew, 0, engines);
    tcase_add_loop_test(tc, the_second_time_takes_no_allocation, 0, engines);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
