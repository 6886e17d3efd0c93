/*
 * The rules of the detector, on streams of events that are made up here: what has to be found,
 * and what looks like it and must not be.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "database/database_private.h"
#include "detector/detector_private.h"
#include "support/fault.h"
#include "support/suite.h"

enum { MOST_ROWS = 2000, MOST_COLUMNS = 3 };

static const rowan__rules rules = {.n_plus_one_min = 5,
                                   .duplicate_min = 3,
                                   .write_loop_min = 5,
                                   .slow_ms = 100,
                                   .rows_captured = 32};

/* A scope that is being told. */
static struct {
    rowan__shapes *shapes;
    rowan__watch *watch;
    rowan_findings found;
    uint64_t sequence;
    int64_t now_ns;
    int64_t takes_ns; /* of the next statements */
    int line;         /* where they are sent from; 0: unknown */
    uint64_t affected;
    rowan_pattern pattern;
} told;

static void begin(const char *engine)
{
    memset(&told, 0, sizeof told);
    told.shapes = rowan__shapes_new(&fault_allocator);
    ck_assert_ptr_nonnull(told.shapes);
    told.watch = rowan__watch_new(&fault_allocator, &rules, told.shapes, engine);
    ck_assert_ptr_nonnull(told.watch);
    told.now_ns = 1000000000;
    told.takes_ns = 50000;
    told.line = 10;
    told.pattern = ROWAN_PATTERN_RAW;
}

static void end(void)
{
    rowan__watch_free(told.watch);
    rowan__shapes_free(told.shapes);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* The result of the next statement. */
static struct {
    const char *names[MOST_COLUMNS];
    rowan_value cells[MOST_ROWS * MOST_COLUMNS];
    size_t columns, rows;
} result;

static void no_result(void)
{
    result.columns = result.rows = 0;
}

static rowan__layout *layout_of_result(void)
{
    rowan_error error;
    rowan__layout *layout = NULL;

    ck_assert_int_eq(rowan__layout_new(&rowan__default_allocator, NULL, result.names,
                                       result.columns, &layout, &error),
                     ROWAN_OK);
    return layout;
}

static void emit(rowan_event_kind kind, const char *sql, rowan_params params)
{
    rowan__layout *layout = result.rows > 0 ? layout_of_result() : NULL;
    rowan_batch batch = {layout, (const char *)result.cells, result.rows};
    rowan_event event = {
        .kind = kind,
        .engine = told.watch->engine,
        .sequence = told.sequence,
        .pattern = told.pattern,
        .sql = sql,
        .sql_size = strlen(sql),
        .params = params.items,
        .param_count = params.count,
        .param_rows = 1,
        .batch = layout != NULL ? &batch : NULL,
        .statements = 1,
        .rows = result.rows,
        .affected = told.affected,
        .start_ns = told.now_ns,
        .database_ns = told.takes_ns,
    };

    if (told.line > 0) {
        event.site = (rowan_site){"program.c", told.line, "run"};
    }
    rowan__watch_event(told.watch, &event);
    rowan__layout_free(&rowan__default_allocator, layout);
}

/* One statement with the present result, which is then gone. */
static void tell(const char *sql, rowan_params params)
{
    told.sequence++;
    emit(ROWAN_EVENT_STATEMENT, sql, params);
    told.now_ns += told.takes_ns + 20000;
    no_result();
}

static void tell_one(const char *sql, int64_t value)
{
    tell(sql, ROWAN_PARAMS(ROWAN_V(value)));
}

/* A result of one column of integers: first, first + step … */
static void rows_of(const char *name, int64_t first, int64_t step, size_t count)
{
    result.names[0] = name;
    result.columns = 1;
    result.rows = count;
    for (size_t i = 0; i < count; i++) {
        result.cells[i] = rowan_v_int64(first + (int64_t)i * step);
    }
}

static void judge(void)
{
    ck_assert_int_eq(rowan__watch_findings(told.watch, &told.found), ROWAN_OK);
}

static const rowan_finding *find(rowan_finding_kind kind)
{
    for (size_t i = 0; i < told.found.count; i++) {
        if (told.found.at[i].kind == kind) {
            return &told.found.at[i];
        }
    }
    return NULL;
}

static void judge_silent(const char *what)
{
    char text[1024] = "";

    judge();
    if (told.found.count > 0) {
        rowan_finding_text(&told.found.at[0], text, sizeof text);
    }
    ck_assert_msg(told.found.count == 0, "%s: %s", what, text);
}

/* Exactly one finding, of that kind. */
static const rowan_finding *judge_one(rowan_finding_kind kind)
{
    judge();
    ck_assert_uint_eq(told.found.count, 1);
    ck_assert_int_eq(told.found.at[0].kind, kind);
    return &told.found.at[0];
}

#define BOOKS "SELECT id, author_id FROM book ORDER BY id"
#define AUTHOR "SELECT name FROM author WHERE id = ?"

/* --- What has to be found. --- */

START_TEST(values_of_an_earlier_result_confirm_an_n_plus_one)
{
    static const int counts[] = {5, 6, 40, 500};
    const rowan_finding *found;

    for (size_t k = 0; k < 4; k++) {
        begin("sqlite");
        rows_of("author_id", 1000, 7, (size_t)counts[k]);
        told.line = 3;
        tell(BOOKS, ROWAN_NO_PARAMS);
        told.line = 4;
        for (int i = 0; i < counts[k]; i++) {
            tell_one(AUTHOR, 1000 + 7 * i);
        }
        found = judge_one(ROWAN_N_PLUS_ONE);
        ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
        ck_assert_uint_eq(found->count, (uint64_t)counts[k]);
        ck_assert_uint_eq(found->distinct, (uint64_t)counts[k]);
        ck_assert_str_eq(found->child_column, "id");
        ck_assert_str_eq(found->parent_column, "author_id");
        ck_assert_str_eq(found->parent_sql, BOOKS);
        ck_assert_uint_eq(found->parent_sequence, 1);
        ck_assert_uint_eq(found->first_sequence, 2);
        ck_assert_int_eq(found->site.line, 4);
        ck_assert_int_eq(found->parent_site.line, 3);
        ck_assert_str_eq(found->fingerprint, "select name from author where id = ?");
        ck_assert_ptr_nonnull(strstr(found->suggestion, "where id IN (?)"));
        end();
    }
}
END_TEST

START_TEST(one_short_of_the_minimum_is_silent)
{
    begin("sqlite");
    rows_of("author_id", 1000, 7, 4);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 4; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    judge_silent("four");
    end();
}
END_TEST

START_TEST(the_evidence_says_how_many_values_and_in_which_order)
{
    const rowan_finding *found;

    begin("postgresql");
    rows_of("author_id", 1000, 7, 10);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        tell_one("SELECT name FROM author WHERE id = $1", 1000 + 7 * i);
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_ptr_nonnull(strstr(found->evidence, "10 of 10 values of id are values of author_id"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "statement 1, in the same order"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "10 executions with 10 different values"));
    end();
}
END_TEST

START_TEST(values_in_the_text_count_as_bound_ones_do)
{
    char sql[128];

    begin("mariadb");
    rows_of("author_id", 1000, 7, 8);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 8; i++) {
        snprintf(sql, sizeof sql, "SELECT name FROM author WHERE id = %s%d%s", i % 2 ? "'" : "",
                 1000 + 7 * i, i % 2 ? "'" : "");
        tell(sql, ROWAN_NO_PARAMS);
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    end();
}
END_TEST

START_TEST(interleaved_statements_are_each_found)
{
    begin("sqlite");
    rows_of("id", 1000, 7, 9);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 9; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", 1000 + 7 * i);
        tell_one("SELECT count(*) FROM tag WHERE book_id = ?", 1000 + 7 * i);
        tell("SELECT 1", ROWAN_NO_PARAMS);
    }
    judge();
    ck_assert_uint_eq(told.found.count, 2);
    ck_assert_int_eq(told.found.at[0].kind, ROWAN_N_PLUS_ONE);
    ck_assert_int_eq(told.found.at[1].kind, ROWAN_N_PLUS_ONE);
    end();
}
END_TEST

START_TEST(the_parent_need_not_be_the_statement_before)
{
    begin("sqlite");
    rows_of("id", 1000, 7, 9);
    tell(BOOKS, ROWAN_NO_PARAMS);
    rows_of("id", 5, 1, 30);
    tell("SELECT id FROM publisher", ROWAN_NO_PARAMS);
    tell("SELECT 1 FROM settings", ROWAN_NO_PARAMS);
    for (int i = 0; i < 9; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", 1000 + 7 * i);
    }
    ck_assert_uint_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_sequence, 1);
    end();
}
END_TEST

START_TEST(short_lists_of_different_lengths_are_an_n_plus_one)
{
    begin("sqlite");
    rows_of("author_id", 1000, 1, 30);
    tell("SELECT author_id FROM book_author", ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        rowan_params two = ROWAN_PARAMS(ROWAN_V(1000 + 3 * i), ROWAN_V(1001 + 3 * i));
        rowan_params three =
            ROWAN_PARAMS(ROWAN_V(1000 + 3 * i), ROWAN_V(1001 + 3 * i), ROWAN_V(1002 + 3 * i));
        if (i % 2) {
            tell("SELECT name FROM author WHERE id IN (?, ?)", two);
        } else {
            tell("SELECT name FROM author WHERE id IN (?, ?, ?)", three);
        }
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    end();
}
END_TEST

START_TEST(a_parent_that_ran_many_times_is_still_the_parent)
{
    begin("sqlite");
    for (int author = 0; author < 3; author++) {
        rows_of("id", 1000 + 100 * author, 3, 6);
        tell_one("SELECT id FROM book WHERE author_id = ?", author);
        for (int i = 0; i < 6; i++) {
            tell_one("SELECT stars FROM review WHERE book_id = ?", 1000 + 100 * author + 3 * i);
        }
    }
    ck_assert_str_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_column, "id");
    ck_assert_uint_eq(told.found.at[0].count, 18);
    end();
}
END_TEST

START_TEST(the_rows_of_a_stream_are_a_parent)
{
    begin("sqlite");
    told.sequence = 1;
    rows_of("id", 1000, 7, 6);
    emit(ROWAN_EVENT_ROWS, BOOKS, ROWAN_NO_PARAMS);
    rows_of("id", 1042, 7, 6);
    emit(ROWAN_EVENT_ROWS, BOOKS, ROWAN_NO_PARAMS);
    no_result();
    emit(ROWAN_EVENT_STATEMENT, BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 12; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", 1000 + 7 * i);
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    end();
}
END_TEST

START_TEST(without_call_sites_the_order_of_the_rows_confirms)
{
    begin("sqlite");
    told.line = 0;
    rows_of("id", 1000, 7, 12);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 12; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", 1000 + 7 * i);
    }
    ck_assert_int_eq(judge_one(ROWAN_N_PLUS_ONE)->confidence, ROWAN_CONFIRMED);
    end();
}
END_TEST

START_TEST(without_call_sites_and_order_nothing_is_claimed)
{
    begin("sqlite");
    told.line = 0;
    rows_of("id", 1, 1, 12);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 12; i++) {
        tell_one("SELECT stars FROM review WHERE book_id = ?", 12 - i);
    }
    judge_silent("out of order");
    end();
}
END_TEST

START_TEST(a_loop_whose_values_were_not_seen_is_likely)
{
    const rowan_finding *found;

    begin("sqlite");
    for (int i = 0; i < 12; i++) {
        tell_one(AUTHOR, 7 * i);
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    ck_assert_int_eq(found->confidence, ROWAN_LIKELY);
    ck_assert_ptr_null(found->parent_sql);
    ck_assert_str_eq(found->child_column, "id");
    end();
}
END_TEST

START_TEST(of_columns_with_the_same_numbers_the_one_that_fits_by_name_is_the_parent)
{
    begin("sqlite");
    result.names[0] = "quantity";
    result.names[1] = "book_id";
    result.names[2] = "position";
    result.columns = 3;
    result.rows = 10;
    for (size_t i = 0; i < 30; i++) {
        result.cells[i] = rowan_v_int64((int64_t)i / 3 + 1);
    }
    tell("SELECT quantity, book_id, position FROM purchase_line", ROWAN_NO_PARAMS);
    for (int i = 1; i <= 10; i++) {
        tell_one("SELECT title FROM book WHERE id = ?", i);
    }
    ck_assert_str_eq(judge_one(ROWAN_N_PLUS_ONE)->parent_column, "book_id");
    end();
}
END_TEST

START_TEST(a_walk_through_a_tree_is_recursive)
{
    begin("sqlite");
    rows_of("id", 2, 1, 3);
    tell_one("SELECT id FROM category WHERE parent_id = ?", 1);
    for (int i = 2; i < 12; i++) {
        rows_of("id", 3 * i - 1, 1, 3);
        tell_one("SELECT id FROM category WHERE parent_id = ?", i);
    }
    ck_assert_ptr_nonnull(strstr(judge_one(ROWAN_RECURSIVE_WALK)->suggestion, "WITH RECURSIVE"));
    end();
}
END_TEST

START_TEST(equal_executions_in_a_row_are_duplicates)
{
    const rowan_finding *found;

    begin("sqlite");
    for (int i = 0; i < 3; i++) {
        rows_of("name", 7, 1, 1);
        tell_one(AUTHOR, 5);
        tell("SELECT 1 FROM other", ROWAN_NO_PARAMS);
        tell("SELECT 1 FROM another WHERE a = 1", ROWAN_NO_PARAMS);
    }
    judge();
    found = find(ROWAN_DUPLICATE_QUERY);
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_null(find(ROWAN_N_PLUS_ONE));
    ck_assert_uint_eq(found->count, 3);
    ck_assert_uint_eq(found->distinct, 1);
    end();
}
END_TEST

START_TEST(single_row_writes_are_a_write_loop)
{
    static const char *const writes[] = {"INSERT INTO review (book_id) VALUES (?)",
                                         "DELETE FROM review WHERE id = ?"};

    for (size_t k = 0; k < 2; k++) {
        begin("sqlite");
        told.affected = 1;
        for (int i = 0; i < 8; i++) {
            tell_one(writes[k], 100 + i);
        }
        ck_assert_uint_eq(judge_one(ROWAN_WRITE_LOOP)->count, 8);
        end();
    }
    begin("sqlite");
    told.affected = 1;
    for (int i = 0; i < 8; i++) {
        tell("UPDATE book SET price = ? WHERE id = ?", ROWAN_PARAMS(ROWAN_V(5), ROWAN_V(i)));
    }
    judge_one(ROWAN_WRITE_LOOP);
    end();
}
END_TEST

START_TEST(a_slow_statement_is_found_and_one_outlier_of_many_is_not)
{
    begin("sqlite");
    told.takes_ns = 150000000;
    tell("SELECT * FROM book WHERE title LIKE '%x%'", ROWAN_NO_PARAMS);
    ck_assert_uint_eq(judge_one(ROWAN_SLOW_QUERY)->count, 1);
    end();
    begin("sqlite");
    for (int i = 0; i < 60; i++) {
        told.takes_ns = i == 30 ? 150000000 : 50000;
        tell("SELECT * FROM book LIMIT ?", ROWAN_PARAMS(ROWAN_V(i)));
    }
    judge_silent("one outlier");
    end();
    begin("sqlite");
    told.takes_ns = 900000000;
    tell("CREATE INDEX i ON book (title)", ROWAN_NO_PARAMS);
    judge_silent("DDL");
    end();
}
END_TEST

/* --- What must not be found. --- */

/* Tells the same statement with values 1 to count, each with a result of one row of its own. */
static void loop(const char *sql, int count)
{
    for (int i = 1; i <= count; i++) {
        rows_of("x", 5000 + i, 1, 1);
        tell_one(sql, i);
    }
}

START_TEST(an_owner_and_its_children_are_two_statements)
{
    begin("sqlite");
    rows_of("id", 7, 1, 1);
    tell_one("SELECT id FROM author WHERE name = ?", 1);
    rows_of("title", 1, 1, 20);
    tell_one("SELECT title FROM book WHERE author_id = ?", 7);
    judge_silent("1 + 1");
    end();
}
END_TEST

START_TEST(batches_are_the_cure)
{
    rowan_value items[16];

    begin("sqlite");
    rows_of("id", 1, 1, 160);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int chunk = 0; chunk < 10; chunk++) {
        for (int i = 0; i < 16; i++) {
            items[i] = rowan_v_int64(16 * chunk + i + 1);
        }
        tell("SELECT * FROM review WHERE book_id IN (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
             (rowan_params){items, 16});
    }
    judge_silent("lists");
    end();
    begin("postgresql");
    for (int chunk = 0; chunk < 10; chunk++) {
        for (int i = 0; i < 16; i++) {
            items[i] = rowan_v_int64(16 * chunk + i + 1);
        }
        tell("SELECT * FROM review WHERE book_id = ANY($1)", ROWAN_PARAMS(rowan_v_list(items, 16)));
    }
    judge_silent("arrays");
    end();
}
END_TEST

START_TEST(a_few_values_are_no_loop)
{
    begin("sqlite");
    for (int i = 0; i < 10; i++) {
        tell_one("SELECT name FROM user_account WHERE id = ?", i % 2);
    }
    judge_silent("two users");
    end();
}
END_TEST

START_TEST(pages_and_buckets_are_no_loop)
{
    static const char *const pages[] = {
        "SELECT id FROM book ORDER BY id LIMIT 10 OFFSET ?",
        "SELECT id FROM book WHERE id > ? ORDER BY id LIMIT 10",
        "SELECT count(*) FROM book WHERE price BETWEEN ? AND 100",
        "SELECT title FROM book WHERE title LIKE ?",
    };

    for (size_t k = 0; k < 4; k++) {
        begin("sqlite");
        loop(pages[k], 20);
        judge_silent(pages[k]);
        end();
    }
    begin("sqlite");
    for (int i = 0; i < 20; i++) {
        result.names[0] = "price";
        result.names[1] = "id";
        result.columns = 2;
        result.rows = 1;
        result.cells[0] = rowan_v_int64(i + 1);
        result.cells[1] = rowan_v_int64(100 + i + 1);
        tell("SELECT price, id FROM book WHERE price > ? OR (price = ? AND id > ?) LIMIT 1",
             ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(i), ROWAN_V(100 + i)));
    }
    judge_silent("a key with ties");
    end();
}
END_TEST

START_TEST(statements_that_are_meant_to_repeat_are_no_loop)
{
    static const char *const repeated[] = {
        "SELECT nextval('book_id_seq')",
        "SELECT last_insert_id()",
        "SELECT pg_advisory_lock(?)",
        "SELECT 1 + ?",
        "SELECT id FROM job WHERE queue = ? LIMIT 1 FOR UPDATE SKIP LOCKED",
        "SELECT nextval(?) FROM book",
        "SELECT column_name FROM information_schema.columns WHERE table_name = ?",
        "SELECT attname FROM pg_attribute WHERE attrelid = ?",
        "SELECT sql FROM sqlite_master WHERE name = ?",
        "SET search_path = ?",
    };

    for (size_t k = 0; k < sizeof repeated / sizeof repeated[0]; k++) {
        begin("postgresql");
        loop(repeated[k], 20);
        judge_silent(repeated[k]);
        end();
    }
}
END_TEST

START_TEST(polling_is_no_duplicate)
{
    begin("sqlite");
    for (int i = 0; i < 10; i++) {
        tell("SELECT id FROM job WHERE done = 0", ROWAN_NO_PARAMS);
        told.now_ns += 250000000;
    }
    judge_silent("with pauses");
    end();
    begin("sqlite");
    for (int i = 0; i < 10; i++) {
        rows_of("id", i, 1, 1);
        tell("SELECT id FROM job WHERE done = 0", ROWAN_NO_PARAMS);
    }
    judge_silent("with other results");
    end();
    begin("sqlite");
    for (int i = 0; i < 4; i++) {
        tell("SELECT balance FROM account WHERE id = 1", ROWAN_NO_PARAMS);
        tell("UPDATE account SET balance = 5 WHERE id = 1", ROWAN_NO_PARAMS);
    }
    judge_silent("with a write between");
    end();
}
END_TEST

START_TEST(a_look_up_once_a_minute_is_no_loop)
{
    begin("sqlite");
    for (int i = 0; i < 400; i++) {
        tell_one(AUTHOR, i);
        told.now_ns += 60000000000;
    }
    judge_silent("once a minute");
    ck_assert_uint_eq(told.watch->group_count, 1);
    end();
}
END_TEST

START_TEST(looking_before_each_write_is_a_write_loop_and_no_n_plus_one)
{
    const rowan_finding *found;

    begin("sqlite");
    rows_of("mail", 1000, 3, 8);
    tell("SELECT mail FROM upload", ROWAN_NO_PARAMS);
    told.affected = 1;
    for (int i = 0; i < 8; i++) {
        tell_one("SELECT 1 FROM customer WHERE mail = ?", 1000 + 3 * i);
        tell_one("INSERT INTO customer (mail) VALUES (?)", 1000 + 3 * i);
    }
    found = judge_one(ROWAN_WRITE_LOOP);
    ck_assert_ptr_nonnull(strstr(found->suggestion, "upsert"));
    end();
}
END_TEST

START_TEST(writes_that_are_batched_are_no_loop)
{
    begin("sqlite");
    told.affected = 3;
    for (int i = 0; i < 10; i++) {
        tell("INSERT INTO review (book_id) VALUES (?), (?), (?)",
             ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(100 + i), ROWAN_V(200 + i)));
        tell_one("DELETE FROM review WHERE book_id = ?", i);
        tell("INSERT INTO archive SELECT * FROM review WHERE book_id = ?",
             ROWAN_PARAMS(ROWAN_V(i)));
    }
    judge_silent("many rows each");
    end();
}
END_TEST

START_TEST(failed_statements_and_the_librarys_own_are_not_judged)
{
    rowan_error failed = {.status = ROWAN_UNIQUE};

    begin("sqlite");
    for (int i = 0; i < 20; i++) {
        rowan_value value = rowan_v_int64(i);
        rowan_event event = {.kind = ROWAN_EVENT_STATEMENT,
                             .engine = "sqlite",
                             .sequence = ++told.sequence,
                             .sql = AUTHOR,
                             .sql_size = strlen(AUTHOR),
                             .params = &value,
                             .param_count = 1,
                             .param_rows = 1,
                             .site = {"program.c", 1, "run"},
                             .error = i % 2 ? &failed : NULL,
                             .purpose = i % 2 ? ROWAN_PURPOSE_QUERY : ROWAN_PURPOSE_CATALOG};
        rowan__watch_event(told.watch, &event);
    }
    judge_silent("failed and own");
    end();
}
END_TEST

/* --- Bounds. --- */

START_TEST(memory_stays_in_its_bounds_and_losses_are_said)
{
    char sql[128];

    begin("sqlite");
    size_t before = fault_out_bytes();
    for (int table = 0; table < 600; table++) {
        snprintf(sql, sizeof sql, "SELECT id FROM table_%d WHERE a = ?", table);
        for (int i = 0; i < 6; i++) {
            rows_of("id", 100000 * table + 1000 * i, 1, 500);
            tell_one(sql, i);
        }
    }
    ck_assert_uint_le(told.watch->group_count, ROWAN__WATCH_GROUPS);
    ck_assert_uint_gt(told.watch->lost_statements, 0);
    ck_assert_uint_le(told.watch->arena_bytes + told.watch->provenance.bytes, ROWAN__WATCH_BYTES);
    ck_assert_uint_le(fault_out_bytes() - before, 3 * 1024 * 1024); /* with the store of shapes */
    judge();
    ck_assert_uint_gt(told.found.count, 0);
    ck_assert_ptr_nonnull(strstr(told.found.at[0].evidence, "were not followed"));
    end();
}
END_TEST

START_TEST(running_out_of_memory_anywhere_is_survived)
{
    for (unsigned nth = 1;; nth++) {
        bool fired;
        begin("sqlite");
        fault_arm(nth);
        rows_of("author_id", 1000, 7, 60);
        tell(BOOKS, ROWAN_NO_PARAMS);
        for (int i = 0; i < 60; i++) {
            tell_one(AUTHOR, 1000 + 7 * i);
        }
        tell_one("DELETE FROM book WHERE id = ?", 5);
        rowan_status status = rowan__watch_findings(told.watch, &told.found);
        fired = fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_OK || (status == ROWAN_NOMEM && told.found.count == 0));
        end();
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            ck_assert_uint_gt(nth, 10);
            break;
        }
    }
}
END_TEST

START_TEST(a_finding_prints_whole_or_cut)
{
    char whole[2048], cut[2048];
    const rowan_finding *found;

    begin("sqlite");
    rows_of("author_id", 1000, 7, 10);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 10; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    found = judge_one(ROWAN_N_PLUS_ONE);
    size_t size = rowan_finding_text(found, whole, sizeof whole);
    ck_assert_uint_eq(size, strlen(whole));
    ck_assert_ptr_nonnull(strstr(whole, "N+1 confirmed: 10 x select name from author"));
    ck_assert_ptr_nonnull(strstr(whole, "program.c:10 in run"));
    ck_assert_ptr_nonnull(strstr(whole, "instead: "));
    for (size_t room = 0; room < size + 2; room++) {
        memset(cut, '#', sizeof cut);
        ck_assert_uint_eq(rowan_finding_text(found, cut, room), size);
        ck_assert_int_eq(cut[room], '#');
        ck_assert(room == 0 || strncmp(cut, whole, strlen(cut)) == 0);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_rules");
    TCase *tc = tcase_create("detector_rules");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, values_of_an_earlier_result_confirm_an_n_plus_one);
    tcase_add_test(tc, one_short_of_the_minimum_is_silent);
    tcase_add_test(tc, the_evidence_says_how_many_values_and_in_which_order);
    tcase_add_test(tc, values_in_the_text_count_as_bound_ones_do);
    tcase_add_test(tc, interleaved_statements_are_each_found);
    tcase_add_test(tc, the_parent_need_not_be_the_statement_before);
    tcase_add_test(tc, short_lists_of_different_lengths_are_an_n_plus_one);
    tcase_add_test(tc, a_parent_that_ran_many_times_is_still_the_parent);
    tcase_add_test(tc, the_rows_of_a_stream_are_a_parent);
    tcase_add_test(tc, without_call_sites_the_order_of_the_rows_confirms);
    tcase_add_test(tc, without_call_sites_and_order_nothing_is_claimed);
    tcase_add_test(tc, a_loop_whose_values_were_not_seen_is_likely);
    tcase_add_test(tc, of_columns_with_the_same_numbers_the_one_that_fits_by_name_is_the_parent);
    tcase_add_test(tc, a_walk_through_a_tree_is_recursive);
    tcase_add_test(tc, equal_executions_in_a_row_are_duplicates);
    tcase_add_test(tc, single_row_writes_are_a_write_loop);
    tcase_add_test(tc, a_slow_statement_is_found_and_one_outlier_of_many_is_not);
    tcase_add_test(tc, an_owner_and_its_children_are_two_statements);
    tcase_add_test(tc, batches_are_the_cure);
    tcase_add_test(tc, a_few_values_are_no_loop);
    tcase_add_test(tc, pages_and_buckets_are_no_loop);
    tcase_add_test(tc, statements_that_are_meant_to_repeat_are_no_loop);
    tcase_add_test(tc, polling_is_no_duplicate);
    tcase_add_test(tc, a_look_up_once_a_minute_is_no_loop);
    tcase_add_test(tc, looking_before_each_write_is_a_write_loop_and_no_n_plus_one);
    tcase_add_test(tc, writes_that_are_batched_are_no_loop);
    tcase_add_test(tc, failed_statements_and_the_librarys_own_are_not_judged);
    tcase_add_test(tc, memory_stays_in_its_bounds_and_losses_are_said);
    tcase_add_test(tc, running_out_of_memory_anywhere_is_survived);
    tcase_add_test(tc, a_finding_prints_whole_or_cut);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
