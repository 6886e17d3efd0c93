/*
 * Values of every type by raw SQL: what a cursor's getters give of a column of each type, that what
 * came out goes in again, and what becomes of each type of value in a column of each other type: it
 * is stored, or refused in words, and the connection goes on.
 */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

static rowan_db *db;
static rowan_scope *scope;

static void begin(size_t engine)
{
    db = archive_open(engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "values", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static uint64_t sent(void)
{
    rowan_counts counts = rowan_scope_counts(scope);

    return counts.statements - counts.setups;
}

/* --- Getters. --- */

typedef enum getter { GET_BOOL, GET_INT64, GET_DOUBLE, GET_TEXT, GET_BLOB, GETTERS } getter;

static const char *const getter_names[] = {"bool", "int64", "double", "text", "blob"};

/* What a getter gave, as a value of the type that it is for. */
static rowan_status get(rowan_cursor *cursor, size_t column, getter which, rowan_value *out)
{
    rowan_status status = ROWAN_MISUSE;
    const char *text = "old";
    rowan_blob blob = {"old", 3};
    int64_t number = 9;
    double real = 9;
    bool truth = true;

    switch (which) {
    case GET_BOOL:
        status = rowan_cursor_bool(cursor, column, &truth);
        *out = rowan_v_bool(truth);
        break;
    case GET_INT64:
        status = rowan_cursor_int64(cursor, column, &number);
        *out = rowan_v_int64(number);
        break;
    case GET_DOUBLE:
        status = rowan_cursor_double(cursor, column, &real);
        *out = rowan_v_double(real);
        break;
    case GET_TEXT:
        status = rowan_cursor_text(cursor, column, &text);
        *out = rowan_v_text(text);
        break;
    case GET_BLOB:
        status = rowan_cursor_blob(cursor, column, &blob);
        *out = rowan_v_blob(blob);
        break;
    case GETTERS:
        break;
    }
    if (status != ROWAN_OK) { /* nothing old is left in the output */
        ck_assert(!truth || which != GET_BOOL);
        ck_assert(number == 0 || which != GET_INT64);
        ck_assert((real >= 0 && real <= 0) || which != GET_DOUBLE);
        ck_assert(text == NULL || which != GET_TEXT);
        ck_assert(blob.size == 0 || which != GET_BLOB);
    }
    return status;
}

/* The getter for a column's type; GETTERS: none on every engine. */
static getter getter_of(rowan_type type)
{
    switch (type) {
    case ROWAN_TYPE_BOOL:
        return GET_BOOL;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        return GET_INT64;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return GET_DOUBLE;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_ENUM:
        return GET_TEXT;
    case ROWAN_TYPE_BLOB:
        return GET_BLOB;
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_LIST:
        break;
    }
    return GETTERS;
}

/* What the row of the model says of a column, as the getter ought to give it. */
static void check_value(const rowan_column *column, const work *row, getter which, rowan_value got)
{
    static const char *const labels[] = {"novel", "essay", "poem"};
    rowan_value wanted = rowan_column_value(column, row);

    switch (which) {
    case GET_BOOL:
        ck_assert_int_eq(got.as.boolean, wanted.as.boolean);
        break;
    case GET_INT64:
        ck_assert_int_eq(got.as.integer, wanted.as.integer);
        break;
    case GET_DOUBLE:
        ck_assert(got.as.real >= wanted.as.real && got.as.real <= wanted.as.real);
        break;
    case GET_TEXT:
        wanted = column->type == ROWAN_TYPE_ENUM ? rowan_v_text(labels[row->kind]) : wanted;
        ck_assert_uint_eq(got.as.bytes.size, wanted.as.bytes.size);
        ck_assert_mem_eq(got.as.bytes.data, wanted.as.bytes.data, wanted.as.bytes.size);
        break;
    case GET_BLOB:
        ck_assert_uint_eq(got.as.bytes.size, wanted.as.bytes.size);
        ck_assert(wanted.as.bytes.size == 0 ||
                  memcmp(got.as.bytes.data, wanted.as.bytes.data, wanted.as.bytes.size) == 0);
        break;
    case GETTERS:
        break;
    }
}

/* Whether an engine may give a column of that type by a getter that is not its own: a truth may be
 * a number and the other way round, and SQLite has texts for what it has no type for. */
static bool may_give(rowan_type type, getter which, bool is_sqlite)
{
    bool number = type >= ROWAN_TYPE_BOOL && type <= ROWAN_TYPE_INT64;

    return (number && (which == GET_BOOL || which == GET_INT64)) ||
           (is_sqlite && which == GET_TEXT && getter_of(type) == GETTERS);
}

START_TEST(a_getter_gives_its_type_and_refuses_the_others)
{
    bool is_sqlite = engine_is((size_t)_i, "sqlite");
    unsigned nulls = 0, values = 0;
    rowan_cursor *cursor;

    begin((size_t)_i);
    ck_assert_int_eq(
        rowan_raw_open(scope, "SELECT * FROM work ORDER BY id", ROWAN_NO_PARAMS, &cursor),
        ROWAN_OK);
    for (size_t r = 0; r < ARCHIVE_WORKS; r++) {
        ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
        for (size_t c = 0; c < work_table.column_count * GETTERS; c++) {
            const rowan_column *column = &work_table.columns[c / GETTERS];
            getter which = (getter)(c % GETTERS), own = getter_of(column->type);
            bool is_null = rowan_column_value(column, &archive_works[r]).is_null;
            rowan_value got;
            rowan_status status = get(cursor, c / GETTERS, which, &got);
            if (is_null) {
                ck_assert_int_eq(status, ROWAN_NOT_NULL);
                nulls++;
            } else if (which == own) {
                ck_assert_msg(status == ROWAN_OK, "%s by %s: %s", column->name, getter_names[which],
                              rowan_scope_error(scope)->message);
                check_value(column, &archive_works[r], which, got);
                values++;
            } else if (!may_give(column->type, which, is_sqlite)) {
                ck_assert_msg(status == ROWAN_WRONG_TYPE, "%s by %s: %s", column->name,
                              getter_names[which], rowan_status_name(status));
                ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, column->name));
            }
        }
        ck_assert_int_eq(rowan_cursor_int64_or(cursor, 3, -7), -7); /* a text */
        ck_assert_str_eq(rowan_cursor_text_or(cursor, 3, "other"), archive_works[r].title);
        ck_assert_str_eq(rowan_cursor_text_or(cursor, 0, "other"), "other");
    }
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    rowan_cursor_close(cursor);
    ck_assert_uint_gt(nulls, 50);
    ck_assert_uint_gt(values, 70);
    end();
}
END_TEST

/* --- Out and in again. --- */

enum { MOST_COLUMNS = 32 };

/* The values of one row, kept in the scope's memory. */
static void keep_row(int64_t id, rowan_value *out)
{
    rowan_cursor *cursor;

    ck_assert_int_eq(rowan_raw_open(scope, "SELECT * FROM work WHERE id = ?",
                                    ROWAN_PARAMS(ROWAN_V(id)), &cursor),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    for (size_t c = 0; c < work_table.column_count; c++) {
        out[c] = *rowan_cursor_value(cursor, c);
        if (!out[c].is_null &&
            (out[c].type == ROWAN_TYPE_TEXT || out[c].type == ROWAN_TYPE_BLOB ||
             out[c].type == ROWAN_TYPE_DECIMAL || out[c].type == ROWAN_TYPE_JSON)) {
            char *copy = rowan_scope_alloc(scope, out[c].as.bytes.size + 1);
            ck_assert_ptr_nonnull(copy);
            if (out[c].as.bytes.size > 0) {
                memcpy(copy, out[c].as.bytes.data, out[c].as.bytes.size);
            }
            out[c].as.bytes.data = copy;
        }
    }
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    rowan_cursor_close(cursor);
}

static int64_t number(const char *sql, rowan_params params)
{
    rowan_cursor *cursor;
    int64_t found = -1;
    rowan_status status = rowan_raw_open(scope, sql, params, &cursor);

    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", sql, rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &found), ROWAN_OK);
    rowan_cursor_close(cursor);
    return found;
}

START_TEST(what_came_out_goes_in_again_and_is_the_same)
{
    rowan_value values[MOST_COLUMNS];
    char insert[1000] = "INSERT INTO work (press_id", marks[200] = "?", sql[200];

    begin((size_t)_i);
    for (size_t c = 2; c < work_table.column_count; c++) {
        size_t used = strlen(insert);
        snprintf(insert + used, sizeof insert - used, ", %s", work_table.columns[c].name);
        strncat(marks, ", ?", sizeof marks - strlen(marks) - 1);
    }
    size_t used = strlen(insert);
    snprintf(insert + used, sizeof insert - used, ") VALUES (%s)", marks);
    for (int64_t id = 1; id <= ARCHIVE_WORKS; id++) {
        keep_row(id, values);
        uint64_t before = sent();
        rowan_status status = rowan_raw_run(
            scope, insert, (rowan_params){values + 1, work_table.column_count - 1}, NULL);
        ck_assert_msg(status == ROWAN_OK, "%d: %s (%s)", (int)id, rowan_scope_error(scope)->message,
                      rowan_scope_error(scope)->engine_message);
        ck_assert_uint_eq(sent(), before + 1);
        for (size_t c = 1; c < work_table.column_count; c++) {
            const rowan_column *column = &work_table.columns[c];
            if (column->type == ROWAN_TYPE_JSON) {
                continue; /* has no equality everywhere */
            }
            /* The server says that both rows have it, and that the new one has this very value. */
            snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM work a JOIN work b ON a.id = ? AND b.id = "
                     "(SELECT max(id) FROM work) AND (a.%s = b.%s OR (a.%s IS NULL AND b.%s IS "
                     "NULL))",
                     column->name, column->name, column->name, column->name);
            ck_assert_msg(number(sql, ROWAN_PARAMS(ROWAN_V(id))) == 1, "%s of %d", column->name,
                          (int)id);
            if (!values[c].is_null && column->type != ROWAN_TYPE_FLOAT) {
                snprintf(sql, sizeof sql,
                         "SELECT count(*) FROM work WHERE id = (SELECT max(id) FROM work) AND "
                         "%s = ?",
                         column->name);
                ck_assert_msg(number(sql, ROWAN_PARAMS(values[c])) == 1, "%s = ? of %d",
                              column->name, (int)id);
            }
        }
    }
    ck_assert_int_eq(number("SELECT count(*) FROM work", ROWAN_NO_PARAMS), 2 * ARCHIVE_WORKS);
    end();
}
END_TEST

/* --- Any value for any column. --- */

static const char *const words[] = {"bool",   "int16",         "int32", "int64",    "float",
                                    "double", "decimal(10,2)", "text",  "text(20)", "date",
                                    "time",   "timestamp",     "uuid",  "json",     "blob"};
enum { WORDS = sizeof words / sizeof words[0] };

static rowan_value typed_int(rowan_type type, int64_t integer)
{
    rowan_value v = rowan_v_of(type);

    v.as.integer = integer;
    return v;
}

enum { ODD = 7 }; /* at the end: what columns of the type itself may refuse */

/* A value, and how a column of texts has it: on SQLite and MariaDB, and on PostgreSQL if that is
 * different; NULL: as the engine likes, or not at all. */
typedef struct sample {
    rowan_value value;
    const char *written, *in_postgresql;
} sample;

static size_t all_values(sample *out)
{
    const sample all[] = {
        {rowan_v_null(), NULL, NULL},
        {rowan_v_bool(true), "1", "true"},
        {rowan_v_bool(false), "0", "false"},
        {typed_int(ROWAN_TYPE_INT16, -5), "-5", NULL},
        {typed_int(ROWAN_TYPE_INT32, 70000), "70000", NULL},
        {rowan_v_int64(1), "1", NULL},
        {rowan_v_int64(INT64_MAX), "9223372036854775807", NULL},
        {rowan_v_int64(INT64_MIN), "-9223372036854775808", NULL},
        {rowan_v_int64((INT64_C(1) << 53) + 1), "9007199254740993", NULL},
        {rowan_v_float(0.5F), "0.5", NULL},
        {rowan_v_float(FLT_MAX), NULL, "3.4028235e+38"},
        {rowan_v_double(0.1), "0.1", NULL},
        {rowan_v_double(-1e300), NULL, "-1e+300"},
        {rowan_v_double(3), NULL, "3"},
        {rowan_v_decimal((rowan_decimal){"12.50"}), "12.50", NULL},
        {rowan_v_decimal((rowan_decimal){"-99999999999999999999.5"}), "-99999999999999999999.5",
         NULL},
        {rowan_v_text("text"), "text", NULL},
        {rowan_v_text("7"), "7", NULL},
        {rowan_v_text(""), "", NULL},
        {rowan_v_text("2024-02-29"), "2024-02-29", NULL},
        {rowan_v_text("a text that is longer than twenty letters"),
         "a text that is longer than twenty letters", NULL},
        {rowan_v_blob((rowan_blob){"\0\377'", 3}), NULL, NULL},
        {rowan_v_blob((rowan_blob){NULL, 0}), NULL, NULL},
        {rowan_v_date((rowan_date){19782}), "2024-02-29", NULL},
        {rowan_v_time((rowan_time){3661000001}), "01:01:01.000001", NULL},
        {rowan_v_timestamp((rowan_timestamp){1700000000123456}), "2023-11-14 22:13:20.123456",
         "2023-11-14 22:13:20.123456+00"},
        {rowan_v_uuid((rowan_uuid){{1, 2, 3, 4}}), "01020304-0000-0000-0000-000000000000", NULL},
        {rowan_v_json((rowan_json){"{\"a\": [1, \"x\"]}"}), "{\"a\": [1, \"x\"]}", NULL},
        {rowan_v_double(INFINITY), NULL, "Infinity"},
        {rowan_v_double(NAN), NULL, "NaN"},
        {rowan_v_date((rowan_date){INT32_MAX}), NULL, NULL},
        {rowan_v_time((rowan_time){-1}), NULL, NULL},
        {rowan_v_timestamp((rowan_timestamp){INT64_MAX}), NULL, NULL},
        {rowan_v_bytes(ROWAN_TYPE_TEXT, "a\0b", 3), NULL, NULL},
        {rowan_v_bytes(ROWAN_TYPE_TEXT, "\xC3", 1), NULL, NULL},
    };

    memcpy(out, all, sizeof all);
    return sizeof all / sizeof all[0];
}

static bool is_whole(rowan_type type)
{
    return type >= ROWAN_TYPE_INT16 && type <= ROWAN_TYPE_INT64;
}

/* Whether a column of the word is the one for values of the type, so that what is stored is what
 * was given. */
static bool is_home(const char *word, rowan_type type)
{
    static const char *const homes[] = {
        [ROWAN_TYPE_BOOL] = "bool",    [ROWAN_TYPE_INT16] = "int64",
        [ROWAN_TYPE_INT32] = "int64",  [ROWAN_TYPE_INT64] = "int64",
        [ROWAN_TYPE_FLOAT] = "double", [ROWAN_TYPE_DOUBLE] = "double",
        [ROWAN_TYPE_DECIMAL] = "-",    [ROWAN_TYPE_TEXT] = "text",
        [ROWAN_TYPE_BLOB] = "blob",    [ROWAN_TYPE_DATE] = "date",
        [ROWAN_TYPE_TIME] = "time",    [ROWAN_TYPE_TIMESTAMP] = "timestamp",
        [ROWAN_TYPE_UUID] = "uuid",    [ROWAN_TYPE_JSON] = "-",
        [ROWAN_TYPE_ENUM] = "-",       [ROWAN_TYPE_LIST] = "-"};

    return type != 0 && strcmp(homes[type], word) == 0;
}

/* Refusals that say that it is the value which is wrong. */
static bool is_refusal(rowan_status status)
{
    return status == ROWAN_WRONG_TYPE || status == ROWAN_OUT_OF_RANGE ||
           status == ROWAN_UNSUPPORTED || status == ROWAN_CHECK || status == ROWAN_MISUSE;
}

/* What the column of texts has now. */
static void check_written(size_t engine, size_t w, const sample *of)
{
    bool is_postgresql = engine_is(engine, "postgresql");
    const char *wanted = is_postgresql && of->in_postgresql ? of->in_postgresql : of->written;
    rowan_cursor *cursor;
    const char *text;
    char sql[50];

    if (wanted == NULL) {
        return;
    }
    snprintf(sql, sizeof sql, "SELECT c%zu FROM bin", w);
    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_text(cursor, 0, &text), ROWAN_OK);
    ck_assert_str_eq(text, wanted);
    rowan_cursor_close(cursor);
}

static void try_value(size_t engine, size_t w, size_t v, const sample *of, bool is_odd,
                      unsigned *stored)
{
    rowan_value value = of->value;
    char insert[100], look[100];
    uint64_t affected = 9;

    snprintf(insert, sizeof insert, "INSERT INTO bin (c%zu) VALUES (?)", w);
    snprintf(look, sizeof look, "SELECT count(*) FROM bin WHERE c%zu = ?", w);
    rowan_status status = rowan_raw_run(scope, insert, ROWAN_PARAMS(value), &affected);
    const rowan_error *error = rowan_scope_error(scope);
    ck_assert_msg(status == ROWAN_OK || is_refusal(status), "value %zu in %s on %s: %s %s (%s)", v,
                  words[w], engine_name(engine), rowan_status_name(status), error->message,
                  error->engine_message);
    if (status != ROWAN_OK) {
        ck_assert_uint_eq(affected, 0);
        ck_assert(error->connection_usable);
        ck_assert_str_ne(error->message, "");
        ck_assert(is_odd || !is_home(words[w], value.type));
    } else {
        ck_assert_uint_eq(affected, 1);
        ++*stored;
    }
    ck_assert_int_eq(number("SELECT count(*) FROM bin", ROWAN_NO_PARAMS), status == ROWAN_OK);
    if (status == ROWAN_OK && is_home(words[w], value.type)) {
        ck_assert_msg(number(look, ROWAN_PARAMS(value)) == 1, "value %zu in %s on %s", v, words[w],
                      engine_name(engine));
    }
    if (status == ROWAN_OK && is_whole(value.type) && strncmp(words[w], "int", 3) == 0) {
        snprintf(look, sizeof look, "SELECT c%zu FROM bin", w);
        ck_assert_int_eq(number(look, ROWAN_NO_PARAMS), value.as.integer);
    }
    if (strcmp(words[w], "text") == 0) {
        ck_assert(status == ROWAN_OK || of->written == NULL);
        check_written(engine, w, of);
    }
    if (status == ROWAN_OK) {
        ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM bin", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    }
}

START_TEST(any_value_for_any_column_is_stored_or_refused)
{
    sample values[64];
    size_t count = all_values(values);
    unsigned stored = 0;
    char ddl[1000] = "CREATE TABLE bin (id @key";

    db = engine_open((size_t)_i, NULL);
    for (size_t w = 0; w < WORDS; w++) {
        size_t used = strlen(ddl);
        snprintf(ddl + used, sizeof ddl - used, ", c%zu @%s", w, words[w]);
    }
    strncat(ddl, ");", sizeof ddl - strlen(ddl) - 1);
    engine_script(db, ddl);
    ck_assert_int_eq(rowan_scope_begin(db, "bin", &scope, NULL), ROWAN_OK);
    for (size_t w = 0; w < WORDS; w++) {
        for (size_t v = 0; v < count; v++) {
            try_value((size_t)_i, w, v, &values[v], v >= count - ODD, &stored);
        }
    }
    ck_assert_uint_gt(stored, WORDS * 2);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw values");
    TCase *tc = tcase_create("values");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_getter_gives_its_type_and_refuses_the_others, 0, engines);
    tcase_add_loop_test(tc, what_came_out_goes_in_again_and_is_the_same, 0, engines);
    tcase_add_loop_test(tc, any_value_for_any_column_is_stored_or_refused, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
