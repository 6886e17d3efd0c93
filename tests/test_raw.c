/*
 * Raw SQL on every engine: statements for their effect, rows into structs, cursors, streams. What
 * a call sends is counted.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

typedef struct word {
    int64_t id;
    const char *said;
    rowan_opt_i32 price;
} word;

static const rowan_column word_columns[3];
static const rowan_table word_shape = {.columns = word_columns,
                                       .column_count = 3,
                                       .row_size = sizeof(word),
                                       .row_align = _Alignof(word)};
static const rowan_column word_columns[3] = {
    ROWAN_COLUMN(word_shape, word, id, 0),
    ROWAN_COLUMN(word_shape, word, said, 0),
    ROWAN_OPT_COLUMN(word_shape, word, price, 0),
};

static rowan_db *db;
static rowan_scope *scope;

static void open_words(size_t engine, const rowan_options *options)
{
    rowan_error error;

    db = engine_open(engine, options);
    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL PRIMARY KEY, said @text(200), "
                      "price @int32);");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
}

static void close_words(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static uint64_t sent(void)
{
    return rowan_scope_counts(scope).statements;
}

static void insert_words(int64_t count)
{
    for (int64_t id = 1; id <= count; id++) {
        rowan_value price = id % 3 == 0 ? rowan_v_null() : rowan_v_int64(id);
        ck_assert_int_eq(rowan_raw_run(scope, "INSERT INTO word VALUES (?, ?, ?)",
                                       ROWAN_PARAMS(ROWAN_V(id), ROWAN_V("x"), price), NULL),
                         ROWAN_OK);
    }
}

START_TEST(run_says_how_many_rows_changed)
{
    uint64_t affected = 99;

    open_words((size_t)_i, NULL);
    insert_words(5);
    ck_assert_uint_eq(sent(), 5);
    ck_assert_int_eq(rowan_raw_run(scope, "UPDATE word SET said = :s WHERE id > :id",
                                   ROWAN_PARAMS(ROWAN_NAMED("id", 3), ROWAN_NAMED("s", "y")),
                                   &affected),
                     ROWAN_OK);
    ck_assert_uint_eq(affected, 2);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, &affected),
                     ROWAN_OK);
    ck_assert_uint_eq(affected, 5);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    affected = 99;
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM missing", ROWAN_NO_PARAMS, &affected),
                     ROWAN_NO_SUCH);
    ck_assert_uint_eq(affected, 0);
    ck_assert_int_eq(rowan_raw_run(scope, NULL, ROWAN_NO_PARAMS, NULL), ROWAN_MISUSE);
    close_words();
}
END_TEST

/* Every way of sending one statement. */
static rowan_status send(size_t way, const char *sql)
{
    rowan_cursor *cursor = NULL;
    rowan_stream *stream = NULL;
    rowan_rows rows = {NULL, 0};
    void *row = NULL;
    rowan_status status = ROWAN_OK;

    switch (way) {
    case 0:
        return rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL);
    case 1:
        return rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, &word_shape, &rows);
    case 2:
        return rowan_raw_one(scope, sql, ROWAN_NO_PARAMS, &word_shape, &row);
    case 3:
        status = rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor);
        rowan_cursor_close(cursor);
        return status;
    case 4:
        status = rowan_raw_stream(scope, sql, ROWAN_NO_PARAMS, &word_shape, &stream);
        rowan_stream_close(stream);
        return status;
    default:
        return rowan_raw_run_many(scope, sql, NULL, 0, NULL);
    }
}

enum { WAYS = 6, READING_WAYS = 5 };

START_TEST(a_text_without_a_statement_is_refused_unsent)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "\t\n",
                                        ";",
                                        " ; ;",
                                        "-- nothing",
                                        "-- nothing\n",
                                        "/* nothing */",
                                        "/* ? */ ; -- :a"};

    open_words((size_t)_i, NULL);
    uint64_t before = sent();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t way = 0; way < WAYS; way++) {
            ck_assert_msg(send(way, texts[i]) == ROWAN_SYNTAX, "\"%s\", way %zu: %s", texts[i], way,
                          rowan_scope_error(scope)->message);
            ck_assert_str_eq(rowan_scope_error(scope)->message, "the text holds no statement");
        }
    }
    ck_assert_uint_eq(sent(), before);
    close_words();
}
END_TEST

START_TEST(a_text_of_two_statements_is_refused_and_a_semicolon_at_its_end_is_not)
{
    static const char *const ends[] = {"", ";", " ; ", "; -- the end", " /* the end */", ";\n"};
    char sql[100];

    open_words((size_t)_i, NULL);
    insert_words(1);
    for (size_t way = 0; way < READING_WAYS; way++) {
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            snprintf(sql, sizeof sql, "SELECT * FROM word%s", ends[i]);
            ck_assert_msg(send(way, sql) == ROWAN_OK, "%s, way %zu: %s", sql, way,
                          rowan_scope_error(scope)->message);
        }
        ck_assert_int_eq(send(way, "SELECT * FROM word; SELECT * FROM word"), ROWAN_SYNTAX);
        ck_assert_int_eq(send(way, "DELETE FROM word; DELETE FROM word"), ROWAN_SYNTAX);
        ck_assert_int_eq(send(way, "SELECT * FROM word"), ROWAN_OK); /* nothing was deleted */
    }
    close_words();
}
END_TEST

/* Whoever asks for rows has to get columns, each name once where a struct is to be filled. */
START_TEST(what_gives_no_rows_has_none_to_ask_for)
{
    static const char twice[] = "SELECT id, said, price, id FROM word";

    open_words((size_t)_i, NULL);
    insert_words(1);
    for (size_t way = 0; way < READING_WAYS; way++) {
        ck_assert_int_eq(send(way, "DELETE FROM word WHERE id = 9"),
                         way == 0 ? ROWAN_OK : ROWAN_MISUSE);
        ck_assert(way == 0 ||
                  strstr(rowan_scope_error(scope)->message, "gives no rows, but rows") != NULL);
        bool by_name = way == 1 || way == 2 || way == 4;
        ck_assert_int_eq(send(way, twice), by_name ? ROWAN_WRONG_TYPE : ROWAN_OK);
        ck_assert(!by_name ||
                  strstr(rowan_scope_error(scope)->message, "two columns named \"id\""));
    }
    close_words();
}
END_TEST

START_TEST(all_loads_rows_by_column_name)
{
    static const int64_t counts[] = {0, 1, 2, 70};
    rowan_rows rows;

    open_words((size_t)_i, NULL);
    for (size_t k = 0; k < 4; k++) {
        ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
        insert_words(counts[k]);
        uint64_t before = sent();
        ck_assert_int_eq(rowan_raw_all(scope, "SELECT price, id FROM word ORDER BY id",
                                       ROWAN_NO_PARAMS, &word_shape, &rows),
                         ROWAN_OK);
        ck_assert_uint_eq(sent(), before + 1);
        ck_assert_uint_eq(rows.count, (size_t)counts[k]);
        for (size_t i = 0; i < rows.count; i++) {
            const word *row = &((const word *)rows.at)[i];
            ck_assert_int_eq(row->id, (int64_t)i + 1);
            ck_assert_ptr_null(row->said); /* not in the result */
            ck_assert_int_eq(row->price.has, row->id % 3 != 0);
            ck_assert_int_eq(row->price.value, row->price.has ? row->id : 0);
        }
    }
    close_words();
}
END_TEST

START_TEST(rows_that_do_not_fit_the_shape_are_refused)
{
    rowan_rows rows;

    open_words((size_t)_i, NULL);
    insert_words(3);
    rows.count = 9;
    ck_assert_int_eq(rowan_raw_all(scope, "SELECT id, id AS other FROM word", ROWAN_NO_PARAMS,
                                   &word_shape, &rows),
                     ROWAN_WRONG_TYPE);
    ck_assert_uint_eq(rows.count, 0);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "other"));
    ck_assert_int_eq(rowan_raw_all(scope, "SELECT price AS id FROM word ORDER BY word.id",
                                   ROWAN_NO_PARAMS, &word_shape, &rows),
                     ROWAN_NOT_NULL);
    ck_assert_ptr_null(rows.at);
    ck_assert_int_eq(rowan_raw_all(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL, &rows), ROWAN_MISUSE);
    ck_assert_int_eq(
        rowan_raw_all(scope, "SELECT id FROM word", ROWAN_NO_PARAMS, &word_shape, &rows), ROWAN_OK);
    ck_assert_uint_eq(rows.count, 3);
    close_words();
}
END_TEST

START_TEST(one_wants_exactly_one_row)
{
    void *row = &row;

    open_words((size_t)_i, NULL);
    insert_words(2);
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT * FROM word WHERE id = ?",
                                   ROWAN_PARAMS(ROWAN_V(2)), &word_shape, &row),
                     ROWAN_OK);
    ck_assert_int_eq(((const word *)row)->id, 2);
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT * FROM word WHERE id = ?",
                                   ROWAN_PARAMS(ROWAN_V(3)), &word_shape, &row),
                     ROWAN_NOT_FOUND);
    ck_assert_ptr_null(row);
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT * FROM word", ROWAN_NO_PARAMS, &word_shape, &row),
                     ROWAN_MISUSE);
    ck_assert_ptr_null(row);
    ck_assert_uint_eq(sent(), 2 + 3);
    close_words();
}
END_TEST

START_TEST(run_many_executes_for_each_row)
{
    static const size_t counts[] = {1, 2, 100};
    static const uint64_t sqlite_statements[] = {1, 2, 100};
    rowan_value values[300];
    uint64_t affected = 99;

    open_words((size_t)_i, NULL);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < counts[k]; i++) {
            values[3 * i] = rowan_v_int64((int64_t)i);
            values[3 * i + 1] = rowan_v_text("?");
            values[3 * i + 2] = i % 2 ? rowan_v_null() : rowan_v_int64(1);
        }
        ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
        uint64_t before = sent();
        ck_assert_int_eq(rowan_raw_run_many(scope, "INSERT INTO word VALUES (?, ?, ?)", values,
                                            counts[k], &affected),
                         ROWAN_OK);
        ck_assert_uint_eq(affected, counts[k]);
        ck_assert_uint_eq(sent() - before,
                          engine_is((size_t)_i, "mariadb") ? 1 : sqlite_statements[k]);
    }
    ck_assert_int_eq(
        rowan_raw_run_many(scope, "INSERT INTO word VALUES (?, ?, ?)", NULL, 0, &affected),
        ROWAN_OK);
    ck_assert_uint_eq(affected, 0);
    close_words();
}
END_TEST

START_TEST(run_many_refuses_what_it_cannot_do)
{
    rowan_value list = rowan_v_list((const rowan_value[]){ROWAN_V(1)}, 1);
    uint64_t before;

    open_words((size_t)_i, NULL);
    before = sent();
    ck_assert_int_eq(rowan_raw_run_many(scope, "DELETE FROM word WHERE id = :id",
                                        (const rowan_value[]){ROWAN_V(1)}, 1, NULL),
                     ROWAN_MISUSE);
    ck_assert_int_eq(
        rowan_raw_run_many(scope, "DELETE FROM word", (const rowan_value[]){ROWAN_V(1)}, 1, NULL),
        ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_run_many(scope, "DELETE FROM word WHERE id IN (?)", &list, 1, NULL),
                     ROWAN_MISUSE);
    ck_assert_uint_eq(sent(), before);
    close_words();
}
END_TEST

START_TEST(cursor_getters_are_strict)
{
    char sql[128];
    rowan_cursor *cursor;
    int64_t number = 5;
    double real = 5;
    const char *text = "old";
    rowan_blob blob;
    bool truth = true;

    open_words((size_t)_i, NULL);
    insert_words(3);
    snprintf(sql, sizeof sql,
             "SELECT id, said, price, CAST(0.5 AS %s) AS half FROM word ORDER BY id",
             engine_is((size_t)_i, "postgresql") ? "FLOAT8" : "DOUBLE");
    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_uint_eq(rowan_cursor_column_count(cursor), 4);
    ck_assert_str_eq(rowan_cursor_column_name(cursor, 2), "price");
    ck_assert_ptr_null(rowan_cursor_column_name(cursor, 4));
    ck_assert_ptr_null(rowan_cursor_value(cursor, 0));
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &number), ROWAN_MISUSE); /* no row yet */
    ck_assert_int_eq(number, 0);

    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &number), ROWAN_OK);
    ck_assert_int_eq(number, 1);
    ck_assert_int_eq(rowan_cursor_bool(cursor, 0, &truth), ROWAN_OK); /* 1, see cursor.c */
    ck_assert(truth);
    ck_assert_int_eq(rowan_cursor_text(cursor, 1, &text), ROWAN_OK);
    ck_assert_str_eq(text, "x");
    ck_assert_int_eq(rowan_cursor_double(cursor, 3, &real), ROWAN_OK);
    ck_assert(real == 0.5);
    ck_assert_int_eq(rowan_cursor_text(cursor, 0, &text), ROWAN_WRONG_TYPE);
    ck_assert_ptr_null(text);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 1, &number), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 3, &number), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(rowan_cursor_double(cursor, 0, &real), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(rowan_cursor_blob(cursor, 1, &blob), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(rowan_cursor_bool(cursor, 1, &truth), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 4, &number), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_cursor_int64_or(cursor, 1, -1), -1);
    ck_assert_str_eq(rowan_cursor_text_or(cursor, 9, "none"), "none");

    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_bool(cursor, 0, &truth), ROWAN_WRONG_TYPE); /* 2 */
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 2, &number), ROWAN_NOT_NULL);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "price"));
    ck_assert_int_eq(rowan_cursor_int64_or(cursor, 2, 42), 42);
    ck_assert(rowan_cursor_value(cursor, 2)->is_null);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &number), ROWAN_MISUSE);
    rowan_cursor_close(cursor);
    rowan_cursor_close(NULL);
    close_words();
}
END_TEST

START_TEST(an_open_cursor_keeps_the_scope_busy)
{
    rowan_cursor *cursor, *second = NULL;
    uint64_t before;

    open_words((size_t)_i, NULL);
    insert_words(200);
    before = sent();
    ck_assert_int_eq(rowan_raw_open(scope, "SELECT id FROM word WHERE id > :id",
                                    ROWAN_PARAMS(ROWAN_NAMED("id", 0)), &cursor),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word WHERE id = :id",
                                   ROWAN_PARAMS(ROWAN_NAMED("id", 1)), NULL),
                     ROWAN_BUSY);
    ck_assert_int_eq(rowan_raw_open(scope, "SELECT 1", ROWAN_NO_PARAMS, &second), ROWAN_BUSY);
    ck_assert_ptr_null(second);
    for (int i = 1; i < 200; i++) {
        ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    }
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    rowan_cursor_close(cursor);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    ck_assert_uint_eq(sent(), before + 2);
    close_words();
}
END_TEST

/* Before its first row, at one, or behind the last: nothing of it is left, though nobody closed it.
 */
START_TEST(a_cursor_goes_with_its_scope)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_cursor *cursor;

    options.allocator = &fault_allocator;
    open_words((size_t)_i, &options);
    insert_words(2);
    for (int reads = 0; reads <= 3; reads++) {
        uint64_t before = rowan_db_counts(db).statements + sent();
        ck_assert_int_eq(rowan_raw_open(scope, "SELECT id FROM word", ROWAN_NO_PARAMS, &cursor),
                         ROWAN_OK);
        for (int i = 0; i < reads; i++) {
            ck_assert_int_eq(rowan_cursor_next(cursor), i < 2 ? ROWAN_OK : ROWAN_DONE);
        }
        rowan_scope_end(scope);
        ck_assert_uint_eq(rowan_db_counts(db).statements, before + 1);
        ck_assert_int_eq(rowan_scope_begin(db, "next", &scope, NULL), ROWAN_OK);
    }
    close_words();
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

START_TEST(a_stream_that_ends_early_leaves_the_connection_usable)
{
    rowan_stream *stream;
    void *row;

    open_words((size_t)_i, NULL);
    insert_words(300);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(rowan_raw_stream(scope, "SELECT * FROM word ORDER BY id", ROWAN_NO_PARAMS,
                                          &word_shape, &stream),
                         ROWAN_OK);
        for (int64_t id = 1; id <= 100 * round; id++) {
            ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_OK);
            ck_assert_int_eq(((const word *)row)->id, id);
        }
        rowan_stream_close(stream);
    }
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    ck_assert_int_eq(
        rowan_raw_stream(scope, "SELECT * FROM missing", ROWAN_NO_PARAMS, &word_shape, &stream),
        ROWAN_NO_SUCH);
    ck_assert_ptr_null(stream);
    close_words();
}
END_TEST

/* A million rows of which each is 100 bytes, by whatever the engine generates them with. */
static const char *million(size_t engine)
{
    if (engine_is(engine, "mariadb")) {
        return "SELECT seq AS id, rpad('x', 100, 'x') AS said FROM seq_1_to_1000000";
    }
    if (engine_is(engine, "postgresql")) {
        return "SELECT n AS id, rpad('x', 100, 'x') AS said FROM generate_series(1, 1000000) AS n";
    }
    return "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000000) "
           "SELECT n AS id, printf('%.100c', 'x') AS said FROM c";
}

static long resident_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

START_TEST(a_million_rows_stream_in_constant_memory)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_stream *stream;
    int64_t count = 0, sum = 0;
    size_t first = 0, most = 0;
    rowan_status status;
    long before;
    void *row;

    options.allocator = &fault_allocator;
    open_words((size_t)_i, &options);
    before = resident_kib();
    ck_assert_int_eq(
        rowan_raw_stream(scope, million((size_t)_i), ROWAN_NO_PARAMS, &word_shape, &stream),
        ROWAN_OK);
    while ((status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
        sum += ((const word *)row)->id;
        count++;
        if (count % 1000 == 0) {
            size_t out = fault_out_bytes();
            first = first == 0 ? out : first;
            most = out > most ? out : most;
        }
    }
    ck_assert_int_eq(status, ROWAN_DONE);
    rowan_stream_close(stream);
    ck_assert_int_eq(count, 1000000);
    ck_assert_int_eq(sum, 500000500000);
    ck_assert_uint_le(most, first + 64 * 1024);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while */
    ck_assert_int_lt(resident_kib() - before, 32 * 1024);
#endif
    ck_assert_int_ge(before, 0);
    ck_assert_uint_eq(sent(), 1);
    close_words();
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* What each failing allocation must look like: NOMEM, nothing left behind, the connection works. */
typedef struct pair {
    int64_t first, second;
} pair;

static void expect_pair(const rowan_table *shape, const char *sql, int64_t first, int64_t second)
{
    rowan_rows rows;

    ck_assert_int_eq(rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, shape, &rows), ROWAN_OK);
    ck_assert_uint_eq(rows.count, 1);
    ck_assert_int_eq(((const pair *)rows.at)->first, first);
    ck_assert_int_eq(((const pair *)rows.at)->second, second);
}

/* The same statement into a shape that is another one at the same address, or the same elsewhere:
 * made at run time, its very names may be written over. */
START_TEST(a_shape_without_a_name_is_what_it_is_at_the_call)
{
    static const char sql[] = "SELECT price AS a, price + 1 AS b FROM word WHERE id = 1";
    static const char turned[] = "SELECT price + 1 AS b, price AS a FROM word WHERE id = 1";
    static rowan_table shape;
    char names[2][2];
    rowan_column columns[2], elsewhere[2];
    rowan_rows rows;

    open_words((size_t)_i, NULL);
    insert_words(1);
    for (int turn = 0; turn < 3; turn++) {
        memcpy(names, "a\0b", sizeof names);
        columns[0] = (rowan_column)ROWAN_COLUMN(shape, pair, first, 0);
        columns[1] = (rowan_column)ROWAN_COLUMN(shape, pair, second, 0);
        columns[0].name = names[0];
        columns[1].name = names[1];
        shape = (rowan_table)ROWAN_SHAPE(pair, columns);
        expect_pair(&shape, sql, 1, 2);
        expect_pair(&shape, turned, 1, 2);
        memcpy(names, "b\0a", sizeof names);
        expect_pair(&shape, sql, 2, 1);
        expect_pair(&shape, turned, 2, 1);
        memcpy(elsewhere, columns, sizeof elsewhere);
        shape.columns = elsewhere;
        expect_pair(&shape, sql, 2, 1);
        elsewhere[0].offset = elsewhere[0].value_offset = columns[1].offset;
        elsewhere[1].offset = elsewhere[1].value_offset = columns[0].offset;
        expect_pair(&shape, sql, 1, 2);
        expect_pair(&shape, turned, 1, 2);
        shape.column_count = 1;
        ck_assert_int_eq(rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, &shape, &rows),
                         ROWAN_WRONG_TYPE);
    }
    close_words();
}
END_TEST

START_TEST(running_out_of_memory_anywhere_is_reported_and_leaks_nothing)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_status status;
    unsigned nth;

    options.allocator = &fault_allocator;
    open_words((size_t)_i, &options);
    insert_words(40);
    for (nth = 1;; nth++) {
        rowan_value items[20];
        rowan_mark mark = rowan_scope_mark(scope);
        rowan_rows rows = {NULL, 9};
        for (int i = 0; i < 20; i++) {
            items[i] = rowan_v_int64(i + 1);
        }
        fault_arm(nth);
        status = rowan_raw_all(
            scope, "SELECT * FROM word WHERE id IN (:ids) OR id = :id",
            ROWAN_PARAMS(ROWAN_NAMED("ids", rowan_v_list(items, 20)), ROWAN_NAMED("id", 30)),
            &word_shape, &rows);
        bool fired = fault_fired();
        fault_arm(0);
        if (!fired) {
            ck_assert_int_eq(status, ROWAN_OK);
            ck_assert_uint_eq(rows.count, 21);
            break;
        }
        ck_assert(status == ROWAN_NOMEM || status == ROWAN_OK);
        ck_assert(status == ROWAN_OK || rows.count == 0);
        ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
    }
    ck_assert_uint_gt(nth, 1);
    close_words();
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw");
    TCase *tc = tcase_create("raw");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, run_says_how_many_rows_changed, 0, engines);
    tcase_add_loop_test(tc, a_text_without_a_statement_is_refused_unsent, 0, engines);
    tcase_add_loop_test(tc, a_text_of_two_statements_is_refused_and_a_semicolon_at_its_end_is_not,
                        0, engines);
    tcase_add_loop_test(tc, what_gives_no_rows_has_none_to_ask_for, 0, engines);
    tcase_add_loop_test(tc, all_loads_rows_by_column_name, 0, engines);
    tcase_add_loop_test(tc, rows_that_do_not_fit_the_shape_are_refused, 0, engines);
    tcase_add_loop_test(tc, one_wants_exactly_one_row, 0, engines);
    tcase_add_loop_test(tc, run_many_executes_for_each_row, 0, engines);
    tcase_add_loop_test(tc, run_many_refuses_what_it_cannot_do, 0, engines);
    tcase_add_loop_test(tc, cursor_getters_are_strict, 0, engines);
    tcase_add_loop_test(tc, an_open_cursor_keeps_the_scope_busy, 0, engines);
    tcase_add_loop_test(tc, a_cursor_goes_with_its_scope, 0, engines);
    tcase_add_loop_test(tc, a_stream_that_ends_early_leaves_the_connection_usable, 0, engines);
    tcase_add_loop_test(tc, a_million_rows_stream_in_constant_memory, 0, engines);
    tcase_add_loop_test(tc, a_shape_without_a_name_is_what_it_is_at_the_call, 0, engines);
    tcase_add_loop_test(tc, running_out_of_memory_anywhere_is_reported_and_leaks_nothing, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
