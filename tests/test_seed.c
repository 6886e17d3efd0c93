/* The bookshop's rows: the same on every engine, complete or not there, whatever stops the run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bookshop.h"
#include "schema/seed/rows.h"
#include "schema/seed/seed.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

#define SMALL 0.01

static rowan__seed_result result;
static rowan_error error;

/* --- Checksums --- */

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211u;
    }
    return hash;
}

/* A value as it is, whichever engine it came from. */
static uint64_t mix_value(uint64_t hash, const rowan_value *value)
{
    char text[64] = "";

    hash = mix(hash, value->is_null ? "N" : "V", 1);
    if (value->is_null) {
        return hash;
    }
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        snprintf(text, sizeof text, "%d", value->as.boolean);
        break;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        snprintf(text, sizeof text, "%lld", (long long)value->as.integer);
        break;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        snprintf(text, sizeof text, "%a", value->as.real);
        break;
    case ROWAN_TYPE_DATE:
        snprintf(text, sizeof text, "%d", value->as.date.days);
        break;
    case ROWAN_TYPE_TIME:
        snprintf(text, sizeof text, "%lld", (long long)value->as.time.us);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        snprintf(text, sizeof text, "%lld", (long long)value->as.timestamp.us);
        break;
    case ROWAN_TYPE_UUID:
        return mix(hash, value->as.uuid.bytes, sizeof value->as.uuid.bytes);
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON:
        return mix(hash, value->as.bytes.data, value->as.bytes.size);
    case ROWAN_TYPE_LIST:
        ck_abort_msg("a column is no list");
    }
    return mix(hash, text, strlen(text));
}

/* All rows of a table by primary key. */
static uint64_t sum_table(rowan_scope *scope, const rowan_table *table, size_t *count)
{
    rowan_operand first = rowan_o_column(table->primary[0], NULL);
    rowan_operand second = rowan_o_column(table->primary[table->primary_count - 1], NULL);
    const rowan_order order[] = {{.by = first, .given = true},
                                 {.by = second, .given = table->primary_count > 1},
                                 {.given = false}};
    const rowan_query all = {.from = table, .order_by = order};
    uint64_t hash = 14695981039346656037u;
    rowan_rows rows;

    if (rowan_query_all(scope, &all, &rows) != ROWAN_OK) {
        ck_abort_msg("%s: %s", table->name, rowan_scope_error(scope)->message);
    }
    for (size_t i = 0; i < rows.count; i++) {
        const char *row = (const char *)rows.at + i * table->row_size;

        for (size_t c = 0; c < table->column_count; c++) {
            rowan_value value = rowan_column_value(&table->columns[c], row);
            hash = mix_value(hash, &value);
        }
    }
    *count = rows.count;
    return hash;
}

static uint64_t sum_all(rowan_db *db, uint64_t *total)
{
    uint64_t hash = 0;
    rowan_scope *scope;

    *total = 0;
    ck_assert_int_eq(rowan_scope_begin(db, "sum", &scope, NULL), ROWAN_OK);
    for (const rowan__seed_table *t = rowan__seed_tables; t->table != NULL; t++) {
        size_t count;
        hash = hash * 31 + sum_table(scope, t->table, &count);
        *total += count;
    }
    rowan_scope_end(scope);
    return hash;
}

static void seed_well(rowan_db *db, double scale)
{
    rowan_status status = rowan__seed(db, scale, NULL, &result, &error);

    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_db_engine(db), error.message,
                  error.engine_message);
}

/* What every seeding at the small scale gives, on any engine and machine. */
static const uint64_t small_sum = 7703022615397565478u;
static const uint64_t small_rows = 1136;

START_TEST(every_engine_gets_the_same_rows)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    uint64_t total, sum;

    seed_well(db, SMALL);
    sum = sum_all(db, &total);
    ck_assert_uint_eq(total, small_rows);
    ck_assert_uint_eq(result.rows, small_rows);
    ck_assert_uint_eq(result.written, small_rows);
    ck_assert_uint_eq(sum, small_sum);
    engine_close(db);
}
END_TEST

START_TEST(a_second_seeding_writes_nothing)
{
    rowan_db *db = engine_open((size_t)_i, NULL);
    uint64_t total, before;

    seed_well(db, SMALL);
    before = rowan_db_counts(db).affected;
    seed_well(db, SMALL);
    ck_assert_uint_eq(result.written, 0);
    ck_assert_uint_eq(result.rows, small_rows);
    ck_assert_uint_eq(rowan_db_counts(db).affected, before);
    ck_assert_int_eq(rowan__seed(db, 0.02, NULL, &result, &error), ROWAN_MISUSE);
    ck_assert_str_eq(error.message,
                     "the database was seeded at scale 0.01: seed another one for scale 0.02");
    ck_assert_uint_eq(sum_all(db, &total), small_sum);
    engine_close(db);
}
END_TEST

/* Stops at the nth look of the watcher. */
static bool stop_at(void *context, const char *table, uint64_t done, uint64_t total)
{
    unsigned *left = context;

    ck_assert_ptr_nonnull(table);
    ck_assert_uint_le(done, total);
    return --*left > 0;
}

START_TEST(a_stopped_seeding_is_completed_by_the_next)
{
    static const unsigned stops[] = {1, 2, 4, 9, 16, 24};
    rowan_db *db = engine_open((size_t)_i, NULL);
    uint64_t total;
    unsigned cancelled = 0;

    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        unsigned left = stops[i];
        const rowan__seed_watch watch = {stop_at, &left};
        rowan_status status = rowan__seed(db, SMALL, &watch, &result, &error);

        ck_assert(status == ROWAN_OK || status == ROWAN_CANCELLED);
        cancelled += status == ROWAN_CANCELLED;
    }
    ck_assert_uint_ge(cancelled, 3);
    seed_well(db, SMALL);
    ck_assert_uint_eq(result.rows, small_rows);
    ck_assert_uint_eq(sum_all(db, &total), small_sum);
    engine_close(db);
}
END_TEST

/* Whether each table is noted and full, or not noted and empty. */
static void check_whole(rowan_db *db)
{
    rowan_scope *scope;

    ck_assert_int_eq(rowan_scope_begin(db, "check", &scope, NULL), ROWAN_OK);
    for (const rowan__seed_table *t = rowan__seed_tables; t->table != NULL; t++) {
        const rowan_query all = {.from = t->table};
        rowan_value name = rowan_v_text(t->table->name);
        rowan_cursor *cursor;
        int64_t rows = 0, noted = 0;

        if (rowan_query_count(scope, &all, &rows) == ROWAN_NO_SUCH) {
            continue; /* stopped before the tables were created */
        }
        ck_assert_int_eq(rowan_raw_open(scope,
                                        "SELECT row_count FROM rowan_seed WHERE table_name = ?",
                                        ((rowan_params){&name, 1}), &cursor),
                         ROWAN_OK);
        if (rowan_cursor_next(cursor) == ROWAN_OK) {
            noted = rowan_cursor_int64_or(cursor, 0, -1);
        }
        rowan_cursor_close(cursor);
        ck_assert_int_eq(rows, noted);
    }
    rowan_scope_end(scope);
}

START_TEST(a_lost_connection_leaves_whole_tables)
{
    const char *url = engine_url_new((size_t)_i);
    unsigned calls = 0, lost = 0;
    uint64_t total;
    rowan_db *db;

    for (unsigned cut = 3; cut < 400; cut += cut / 2 + 7) {
        db = engine_open_url(url, NULL);
        fault_install(db);
        fault_plan_set((fault_plan){.cut_call = cut});
        rowan_status status = rowan__seed(db, SMALL, NULL, &result, &error);
        calls = fault_calls();
        fault_plan_set((fault_plan){0});
        rowan_close(db);
        ck_assert_msg(status == ROWAN_OK || status == ROWAN_LOST, "%s", error.message);
        lost += status == ROWAN_LOST;
        db = engine_open_url(url, NULL);
        if (lost > 0 && cut > 60) {
            check_whole(db);
        }
        rowan_close(db);
    }
    ck_assert_uint_gt(calls, 0);
    ck_assert_uint_gt(lost, 0);
    db = engine_open_url(url, NULL);
    seed_well(db, SMALL);
    ck_assert_uint_eq(sum_all(db, &total), small_sum);
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

START_TEST(tables_of_another_making_are_refused)
{
    rowan_db *db = engine_open((size_t)_i, NULL);

    engine_script(db, "CREATE TABLE book (id @key, title @text)");
    ck_assert_int_eq(rowan__seed(db, SMALL, NULL, &result, &error), ROWAN_MISUSE);
    ck_assert_str_eq(error.message, "the database has a table \"book\" that is not the bookshop's:"
                                    " seed another database");
    engine_close(db);
    db = engine_bookshop((size_t)_i, NULL);
    engine_script(db, "INSERT INTO category (name, position) VALUES ('mine', 1)");
    ck_assert_int_eq(rowan__seed(db, SMALL, NULL, &result, &error), ROWAN_MISUSE);
    ck_assert_str_eq(error.message, "table \"category\" has rows that seeding did not write:"
                                    " seed another database");
    engine_close(db);
}
END_TEST

START_TEST(tables_that_are_there_already_are_filled)
{
    rowan_db *db = engine_bookshop((size_t)_i, NULL);
    uint64_t total;

    engine_script(db, "DROP TABLE stock_movement; DROP TABLE tag");
    seed_well(db, SMALL);
    ck_assert_uint_eq(sum_all(db, &total), small_sum);
    engine_close(db);
}
END_TEST

START_TEST(generated_keys_go_on_behind_the_seeded_ones)
{
    const author values = {.name = "Next", .country = "FI"};
    rowan_db *db = engine_open((size_t)_i, NULL);
    rowan_scope *scope;
    author *a;

    seed_well(db, SMALL);
    ck_assert_int_eq(rowan_scope_begin(db, "insert", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(author_insert(scope, &values, &a), ROWAN_OK);
    ck_assert_int_eq(a->id, (int64_t)rowan__seed_counts_at(SMALL).authors + 1);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_scale_that_cannot_be_is_refused)
{
    const double scales[] = {0, -1, NAN, INFINITY, ROWAN__SEED_MOST + 1};
    rowan_db *db = engine_open(0, NULL);

    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        ck_assert_int_eq(rowan__seed(db, scales[i], NULL, &result, &error), ROWAN_MISUSE);
    }
    ck_assert_uint_eq(rowan_db_counts(db).affected, 0);
    engine_close(db);
}
END_TEST

/* Rows that a query of one number gives. */
static int64_t number(rowan_db *db, const char *sql)
{
    rowan_scope *scope;
    rowan_cursor *cursor;
    int64_t value;

    ck_assert_int_eq(rowan_scope_begin(db, "number", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    value = rowan_cursor_int64_or(cursor, 0, -1);
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    return value;
}

START_TEST(scale_1_is_about_100000_rows_that_look_like_a_bookshop)
{
    rowan_db *db = engine_open(0, NULL);

    seed_well(db, 1);
    ck_assert_uint_gt(result.rows, 90000);
    ck_assert_uint_lt(result.rows, 110000);
    ck_assert_int_gt(number(db, "SELECT max(n) FROM (SELECT count(*) AS n FROM purchase_line"
                                " GROUP BY book_id)"),
                     500); /* the best seller; the mean is about 2 */
    ck_assert_int_gt(number(db, "SELECT count(DISTINCT title) FROM book"), 4000);
    ck_assert_int_gt(number(db, "SELECT count(*) FROM book WHERE subtitle IS NULL"), 1000);
    ck_assert_int_gt(number(db, "SELECT count(*) FROM customer WHERE id NOT IN"
                                " (SELECT customer_id FROM address)"),
                     300);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM purchase_line l JOIN book b"
                                " ON b.id = l.book_id WHERE b.price_cents <> l.unit_price_cents"),
                     0);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM purchase WHERE placed_at > '2025-07-01'"), 0);
    engine_close(db);
}
END_TEST

START_TEST(seeding_reports_every_allocation_that_fails)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    unsigned failed = 0;

    options.allocator = &fault_allocator;
    for (unsigned nth = 1;; nth += 1 + nth / 3) {
        rowan_db *db = engine_open((size_t)_i, &options);
        rowan_status status;
        bool fired;

        fault_arm(nth);
        status = rowan__seed(db, 0.001, NULL, &result, &error);
        fired = fault_fired();
        fault_arm(0);
        failed += status == ROWAN_NOMEM;
        ck_assert_msg(status == ROWAN_OK || (fired && status == ROWAN_NOMEM), "%u: %s", nth,
                      error.message);
        seed_well(db, 0.001);
        engine_close(db);
        ck_assert_uint_eq(fault_out_bytes(), 0);
        if (!fired) {
            break;
        }
    }
    ck_assert_uint_gt(failed, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seed");
    TCase *tc = tcase_create("seed");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, every_engine_gets_the_same_rows, 0, engines);
    tcase_add_loop_test(tc, a_second_seeding_writes_nothing, 0, engines);
    tcase_add_loop_test(tc, a_stopped_seeding_is_completed_by_the_next, 0, engines);
    tcase_add_loop_test(tc, a_lost_connection_leaves_whole_tables, 0, engines);
    tcase_add_loop_test(tc, tables_of_another_making_are_refused, 0, engines);
    tcase_add_loop_test(tc, tables_that_are_there_already_are_filled, 0, engines);
    tcase_add_loop_test(tc, generated_keys_go_on_behind_the_seeded_ones, 0, engines);
    tcase_add_test(tc, a_scale_that_cannot_be_is_refused);
    tcase_add_test(tc, scale_1_is_about_100000_rows_that_look_like_a_bookshop);
    tcase_add_loop_test(tc, seeding_reports_every_allocation_that_fails, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
