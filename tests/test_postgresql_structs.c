/* Rows that PostgreSQL's driver writes straight from structs, by arrays and by copy: every type,
 * NULL, and what fails. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "support/fault.h"
#include "support/subject.h"
#include "support/suite.h"

typedef enum mood { MOOD_SAD, MOOD_GLAD } mood;

typedef struct opt_mood {
    bool has;
    mood value;
} opt_mood;

/* One member of each type, and its optional twin. */
typedef struct every {
    int64_t id;
    bool b;
    int16_t i2;
    int32_t i4;
    float f4;
    double f8;
    rowan_decimal dec;
    const char *txt;
    rowan_blob blo;
    rowan_date dat;
    rowan_time tim;
    rowan_timestamp ts;
    rowan_uuid uui;
    rowan_json js;
    mood moo;
    rowan_opt_i64 oi8;
    rowan_opt_bool ob;
    rowan_opt_i16 oi2;
    rowan_opt_i32 oi4;
    rowan_opt_float of4;
    rowan_opt_double of8;
    rowan_opt_decimal odec;
    rowan_opt_text otxt;
    rowan_opt_blob oblo;
    rowan_opt_date odat;
    rowan_opt_time otim;
    rowan_opt_timestamp ots;
    rowan_opt_uuid ouui;
    rowan_opt_json ojs;
    opt_mood omoo;
} every;

static const char *const labels[] = {"sad", "glad"};
static const rowan_enum moods = {"mood", labels, 2};
extern const rowan_table every_table;

#define COLUMN(member) ROWAN_COLUMN(every_table, every, member, 0)
#define OPT_COLUMN(member) ROWAN_OPT_COLUMN(every_table, every, member, 0)

static const rowan_column columns[] = {
    COLUMN(id),
    COLUMN(b),
    COLUMN(i2),
    COLUMN(i4),
    COLUMN(f4),
    COLUMN(f8),
    COLUMN(dec),
    COLUMN(txt),
    COLUMN(blo),
    COLUMN(dat),
    COLUMN(tim),
    COLUMN(ts),
    COLUMN(uui),
    COLUMN(js),
    {&every_table, "moo", ROWAN_TYPE_ENUM, 0, offsetof(every, moo), offsetof(every, moo), &moods, 0,
     0},
    OPT_COLUMN(oi8),
    OPT_COLUMN(ob),
    OPT_COLUMN(oi2),
    OPT_COLUMN(oi4),
    OPT_COLUMN(of4),
    OPT_COLUMN(of8),
    OPT_COLUMN(odec),
    OPT_COLUMN(otxt),
    OPT_COLUMN(oblo),
    OPT_COLUMN(odat),
    OPT_COLUMN(otim),
    OPT_COLUMN(ots),
    OPT_COLUMN(ouui),
    OPT_COLUMN(ojs),
    {&every_table, "omoo", ROWAN_TYPE_ENUM, ROWAN_NULLABLE, offsetof(every, omoo),
     offsetof(every, omoo.value), &moods, 0, 0},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

const rowan_table every_table = {
    .name = "every",
    .columns = columns,
    .column_count = COLUMNS,
    .row_size = sizeof(every),
    .row_align = _Alignof(every),
};

/* What CREATE TABLE and the arrays call the types, in the order of the columns up to the twins. */
static const struct {
    const char *table, *element;
} types[] = {
    {"bigint", "bigint"},   {"boolean", "boolean"}, {"smallint", "smallint"},
    {"integer", "integer"}, {"real", "real"},       {"double precision", "double precision"},
    {"numeric", "numeric"}, {"text", "text"},       {"bytea", "bytea"},
    {"date", "date"},       {"time", "time"},       {"timestamptz", "timestamptz"},
    {"uuid", "uuid"},       {"json", "json"},       {"text", "text"},
};

enum { TYPES = sizeof types / sizeof types[0] };

/* The type of a column: the twins are in the order of the others, but for the first. */
static size_t type_of(size_t column)
{
    return column < TYPES ? column : column - TYPES;
}

static const rowan_column *chosen[COLUMNS];
static int postgresql; /* the subject's number */
static subject it;

static void setup(void)
{
    char sql[2000] = "CREATE TABLE every (";

    subject_open(&it, postgresql);
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t size = strlen(sql);
        chosen[i] = &columns[i];
        snprintf(sql + size, sizeof sql - size, "%s%s %s", i ? ", " : "", columns[i].name,
                 types[type_of(i)].table);
    }
    strcat(sql, ")");
    ck_assert_int_eq(subject_send(&it, sql), ROWAN_OK);
}

static void teardown(void)
{
    subject_close(&it);
}

/* The insert of the first columns from arrays. */
static const char *insert_of(size_t count, const char *behind)
{
    static char sql[4000];
    size_t size = (size_t)snprintf(sql, sizeof sql, "INSERT INTO every (");

    for (size_t i = 0; i < count; i++) {
        size +=
            (size_t)snprintf(sql + size, sizeof sql - size, "%s%s", i ? ", " : "", columns[i].name);
    }
    size += (size_t)snprintf(sql + size, sizeof sql - size, ") SELECT * FROM unnest(");
    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(sql + size, sizeof sql - size, "%sCAST(? AS %s[])", i ? ", " : "",
                                 types[type_of(i)].element);
    }
    snprintf(sql + size, sizeof sql - size, ")%s", behind);
    return sql;
}

/* A row whose values tell its number; every third has NULLs. */
static every row_of(int64_t n)
{
    static char texts[64][4][40];
    char(*text)[40] = texts[n % 64];
    every row = {.id = n,
                 .b = n % 2 == 1,
                 .i2 = (int16_t)(n % 2 ? -n : INT16_MAX),
                 .i4 = (int32_t)(n % 2 ? -n * 1000 : INT32_MAX),
                 .f4 = (float)n / 4,
                 .f8 = (double)n / -3,
                 .dat = {(int32_t)n * 100 - 719162},
                 .tim = {n * 1000001},
                 .ts = {n * 1000000000001 - 946684800000000 * 2},
                 .moo = (mood)(n % 2)};

    snprintf(text[0], 40, "%s%lld.%0*d", n % 2 ? "-" : "", (long long)n * 12345, (int)(n % 7) + 1,
             (int)n % 10);
    snprintf(text[1], 40, "%.*s%s", (int)(n % 9), "a \"b\\,{}", n % 9 ? "é" : "");
    snprintf(text[2], 40, "{\"n\": %lld}", (long long)n);
    snprintf(text[3], 40, "%c%c%lld", 0, 255, (long long)n);
    row.dec.text = text[0];
    row.txt = text[1];
    row.js.text = text[2];
    row.blo = (rowan_blob){text[3], (size_t)(n % 4)};
    memset(row.uui.bytes, (int)n, sizeof row.uui.bytes);
    if (n % 3 != 0) {
        row.oi8 = (rowan_opt_i64){true, INT64_MIN + n};
        row.ob = (rowan_opt_bool){true, n % 2 == 0};
        row.oi2 = (rowan_opt_i16){true, INT16_MIN};
        row.oi4 = (rowan_opt_i32){true, INT32_MIN};
        row.of4 = (rowan_opt_float){true, 1e-30f};
        row.of8 = (rowan_opt_double){true, 1e300};
        row.odec = (rowan_opt_decimal){true, {"0.00010000"}};
        row.otxt = (rowan_opt_text){true, ""};
        row.oblo = (rowan_opt_blob){true, {"", 0}};
        row.odat = (rowan_opt_date){true, {-719162}};
        row.otim = (rowan_opt_time){true, {86399999999}};
        row.ots = (rowan_opt_timestamp){true, {253402300799999999}};
        row.ouui = (rowan_opt_uuid){true, row.uui};
        row.ojs = (rowan_opt_json){true, {"null"}};
        row.omoo = (opt_mood){true, MOOD_GLAD};
    }
    return row;
}

/* Whether a value is the same, NULL or not. */
static bool same(const rowan_value *a, const rowan_value *b)
{
    bool has_bytes = a->type == ROWAN_TYPE_TEXT || a->type == ROWAN_TYPE_DECIMAL ||
                     a->type == ROWAN_TYPE_BLOB || a->type == ROWAN_TYPE_JSON;

    if (a->is_null || b->is_null) {
        return a->is_null && b->is_null;
    }
    if (has_bytes) {
        return a->as.bytes.size == b->as.bytes.size &&
               (a->as.bytes.size == 0 ||
                memcmp(a->as.bytes.data, b->as.bytes.data, a->as.bytes.size) == 0);
    }
    return memcmp(&a->as, &b->as, sizeof a->as) == 0;
}

static void check_rows(const every *expected, size_t count)
{
    rowan__operation operation = {.param_rows = 1};

    operation.prepared = subject_prepare(&it, "SELECT * FROM every ORDER BY id");
    rowan__layout *layout = subject_layout(&it, operation.prepared, &every_table);
    ck_assert_ptr_nonnull(layout);
    rowan__sink sink = {.arena = &it.arena, .layout = layout, .error = &operation.error};
    operation.sink = &sink;
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_OK);
    ck_assert_uint_eq(sink.count, count);
    for (size_t i = 0; i < count; i++) {
        const every *found = (const every *)(const void *)sink.rows + i;
        for (size_t k = 0; k < COLUMNS; k++) {
            rowan_value a = rowan_column_value(&columns[k], &expected[i]);
            rowan_value b = rowan_column_value(&columns[k], found);
            ck_assert_msg(same(&a, &b), "row %zu, column %s", i, columns[k].name);
        }
    }
    rowan__layout_free(&rowan__default_allocator, layout);
    it.driver->unprepare(operation.prepared);
}

enum { MOST = 60 };

static every rows[MOST];

/* The two ways in which rows get there. */
typedef enum way { BY_ARRAYS, BY_COPY, WAYS } way;

/* The text that begins a copy of the first columns, and the select of them. */
static const char *copy_of(size_t count, const char *before, const char *behind)
{
    static char sql[2][2000];
    char *out = sql[before[0] == 'S'];
    size_t size = (size_t)snprintf(out, sizeof sql[0], "%s", before);

    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(out + size, sizeof sql[0] - size, "%s%s", i ? ", " : "",
                                 columns[i].name);
    }
    snprintf(out + size, sizeof sql[0] - size, "%s", behind);
    return out;
}

static rowan__operation operation_of(way how, rowan__structs *structs)
{
    rowan__operation operation = {.param_rows = 1, .structs = structs};

    structs->copy_sql = NULL;
    if (how == BY_COPY) {
        structs->copy_sql =
            copy_of(structs->column_count, "COPY every (", ") FROM STDIN (FORMAT binary)");
        structs->copy_sql_size = strlen(structs->copy_sql);
    }
    operation.prepared = subject_prepare(
        &it, how == BY_COPY ? copy_of(structs->column_count, "SELECT ", " FROM every")
                            : insert_of(structs->column_count, ""));
    ck_assert_msg(operation.prepared != NULL, "%s", it.error.engine_message);
    return operation;
}

static rowan__operation insert_rows(way how, rowan__structs *structs)
{
    rowan__operation operation = operation_of(how, structs);

    it.driver->run(it.connection, &operation, 1);
    it.driver->unprepare(operation.prepared);
    return operation;
}

static rowan__structs structs_of(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = row_of((int64_t)i + 1);
    }
    return (rowan__structs){.columns = chosen,
                            .column_count = COLUMNS,
                            .rows = (const char *)rows,
                            .stride = sizeof rows[0],
                            .count = count};
}

START_TEST(every_type_comes_back_the_same)
{
    static const size_t counts[] = {0, 1, 2, MOST};
    way how = (way)(_i % WAYS);
    size_t count = counts[_i / WAYS];

    rowan__structs structs = structs_of(count);
    rowan__operation done = insert_rows(how, &structs);
    ck_assert_msg(done.status == ROWAN_OK, "%s %s", done.error.message, done.error.engine_message);
    ck_assert_uint_eq(done.affected, count);
    ck_assert_uint_eq(done.statements, 1);
    ck_assert_uint_eq(done.round_trips, how == BY_COPY ? 3 : 1);
    ck_assert_uint_gt(done.bytes_sent, count * sizeof(int64_t));
    check_rows(rows, count);
}
END_TEST

START_TEST(rows_may_lie_anywhere)
{
    const void *at[MOST];
    rowan__structs structs = structs_of(MOST);

    for (size_t i = 0; i < MOST; i++) {
        at[i] = &rows[MOST - 1 - i];
    }
    structs.rows = NULL;
    structs.at = at;
    ck_assert_int_eq(insert_rows((way)_i, &structs).status, ROWAN_OK);
    check_rows(rows, MOST);
}
END_TEST

START_TEST(inserted_rows_are_returned_in_their_order)
{
    rowan__structs structs = structs_of(MOST);
    rowan__operation operation = {.param_rows = 1, .structs = &structs};

    operation.prepared = subject_prepare(&it, insert_of(COLUMNS, " RETURNING id, txt"));
    rowan__layout *layout = subject_layout(&it, operation.prepared, &every_table);
    rowan__sink sink = {.arena = &it.arena, .layout = layout, .error = &operation.error};
    operation.sink = &sink;
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_OK);
    ck_assert_uint_eq(operation.rows, MOST);
    ck_assert_uint_eq(operation.affected, MOST);
    for (size_t i = 0; i < MOST; i++) {
        const every *row = (const every *)(const void *)sink.rows + i;
        ck_assert_int_eq(row->id, rows[i].id);
        ck_assert_str_eq(row->txt, rows[i].txt);
    }
    rowan__layout_free(&rowan__default_allocator, layout);
    it.driver->unprepare(operation.prepared);
}
END_TEST

START_TEST(a_row_that_the_server_refuses_fails_them_all)
{
    way how = (way)(_i % WAYS);
    bool inside = _i / WAYS == 1;

    ck_assert_int_eq(subject_send(&it, "CREATE UNIQUE INDEX every_id ON every (id)"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, inside ? "BEGIN" : "SELECT 1"), ROWAN_OK);
    rowan__structs structs = structs_of(MOST);
    rows[MOST - 1].id = 1;
    rowan__operation done = insert_rows(how, &structs);
    ck_assert_int_eq(done.status, ROWAN_UNIQUE);
    ck_assert_str_eq(done.error.constraint, "every_id");
    ck_assert_int_eq(done.error.fate, inside ? ROWAN_FATE_MUST_ROLLBACK : ROWAN_FATE_NONE);
    ck_assert_int_eq(subject_send(&it, inside ? "ROLLBACK" : "SELECT 1"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every"), 0);
}
END_TEST

START_TEST(a_text_that_is_not_there_is_null)
{
    rowan__structs structs = structs_of(2);

    ck_assert_int_eq(subject_send(&it, "ALTER TABLE every ALTER txt SET NOT NULL"), ROWAN_OK);
    rows[1].txt = NULL;
    rowan__operation done = insert_rows((way)_i, &structs);
    ck_assert_int_eq(done.status, ROWAN_NOT_NULL);
    ck_assert_str_eq(done.error.column, "txt");
}
END_TEST

START_TEST(a_text_that_is_no_utf8_is_refused)
{
    rowan__structs structs = structs_of(2);

    rows[1].txt = "\xc3(";
    ck_assert_int_eq(insert_rows((way)_i, &structs).status, ROWAN_OUT_OF_RANGE);
}
END_TEST

START_TEST(arrays_of_another_type_are_refused_before_anything_is_sent)
{
    rowan__structs structs = structs_of(1);
    structs.column_count = 1;
    rowan__operation done = {.param_rows = 1, .structs = &structs};
    done.prepared =
        subject_prepare(&it, "INSERT INTO every (i4) SELECT * FROM unnest(CAST(? AS integer[]))");
    it.driver->run(it.connection, &done, 1);
    it.driver->unprepare(done.prepared);
    ck_assert_int_eq(done.status, ROWAN_UNSUPPORTED);
    ck_assert_uint_eq(done.statements, 0);
    ck_assert_uint_eq(done.round_trips, 0);
    ck_assert_ptr_nonnull(strstr(done.error.message, "\"id\""));
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every"), 0);
}
END_TEST

START_TEST(a_decimal_with_more_digits_than_there_are_is_refused)
{
    static char digits[140000];
    rowan__structs structs = structs_of(2);

    memset(digits, '7', sizeof digits - 1);
    rows[1].dec.text = digits;
    rowan__operation done = insert_rows((way)_i, &structs);
    ck_assert_int_eq(done.status, ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(done.error.fate, ROWAN_FATE_NONE);
    ck_assert(done.error.connection_usable);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every"), 0);
}
END_TEST

START_TEST(running_out_of_memory_loses_nothing_but_the_insert)
{
    rowan__structs structs = structs_of(MOST);
    rowan__operation first = operation_of((way)_i, &structs), operation;

    for (unsigned nth = 1;; nth++) {
        operation = first;
        fault_arm(nth);
        it.driver->run(it.connection, &operation, 1);
        if (!fault_fired()) {
            break;
        }
        ck_assert_int_eq(operation.status, ROWAN_NOMEM);
        ck_assert(operation.error.connection_usable);
        ck_assert_int_eq(operation.error.fate, ROWAN_FATE_NONE);
    }
    fault_arm(0);
    ck_assert_int_eq(operation.status, ROWAN_OK);
    it.driver->unprepare(first.prepared);
    check_rows(rows, MOST);
}
END_TEST

/* --- What only a copy has --- */

START_TEST(a_copy_takes_the_types_of_the_columns)
{
    static const char *const changes[] = {
        "CREATE TYPE feeling AS ENUM ('glad', 'sad')",
        "ALTER TABLE every ALTER moo TYPE feeling USING moo::feeling, "
        "ALTER omoo TYPE varchar(9), ALTER ojs TYPE jsonb USING ojs::jsonb, "
        "ALTER ots TYPE timestamp, ALTER txt TYPE varchar(20), ALTER otxt TYPE char(1)",
        "CREATE DOMAIN small AS smallint CHECK (value <> 0)",
        "ALTER TABLE every ALTER i2 TYPE small",
    };
    rowan__structs structs = structs_of(MOST);

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        ck_assert_int_eq(subject_send(&it, changes[i]), ROWAN_OK);
    }
    for (size_t i = 0; i < MOST; i++) {
        rows[i].otxt = (rowan_opt_text){true, "x"};
    }
    rowan__operation done = insert_rows(BY_COPY, &structs);
    ck_assert_msg(done.status == ROWAN_OK, "%s %s", done.error.message, done.error.engine_message);
    check_rows(rows, MOST);
    rows[3].i2 = 0;
    done = insert_rows(BY_COPY, &structs);
    ck_assert_int_eq(done.status, ROWAN_CHECK);
    ck_assert_str_eq(done.error.constraint, "small_check");
}
END_TEST

/* The type of the arrays is known to the server only. */
START_TEST(an_enum_of_the_database_goes_by_array_too)
{
    static const char *const odd[] = {"sad", "g\"l\\ad, {}"};
    static const rowan_enum odd_enum = {"odd", odd, 2};
    rowan_column own[] = {columns[0], columns[14], columns[COLUMNS - 1]};
    const rowan_column *three[] = {&own[0], &own[1], &own[2]};
    rowan__structs structs = structs_of(MOST);

    ck_assert_int_eq(subject_send(&it, "CREATE TYPE feeling AS ENUM ('sad', 'g\"l\\ad, {}')"),
                     ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "ALTER TABLE every ALTER moo TYPE feeling "
                                       "USING moo::feeling, ALTER omoo TYPE feeling USING "
                                       "omoo::feeling"),
                     ROWAN_OK);
    own[1].enumeration = own[2].enumeration = &odd_enum;
    structs.columns = three;
    structs.column_count = 3;
    for (size_t count = 0; count <= MOST; count += MOST) {
        structs.count = count;
        rowan__operation operation = {.param_rows = 1, .structs = &structs};
        operation.prepared = subject_prepare(
            &it, "INSERT INTO every (id, moo, omoo) SELECT * FROM unnest(CAST(? AS bigint[]), "
                 "COALESCE(?, ARRAY(SELECT moo FROM every WHERE FALSE)), "
                 "COALESCE(?, ARRAY(SELECT omoo FROM every WHERE FALSE)))");
        it.driver->run(it.connection, &operation, 1);
        it.driver->unprepare(operation.prepared);
        ck_assert_msg(operation.status == ROWAN_OK, "%s", operation.error.engine_message);
        ck_assert_uint_eq(operation.affected, count);
    }
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every WHERE moo = "
                                         "CASE WHEN id % 2 = 1 THEN 'g\"l\\ad, {}' ELSE 'sad' "
                                         "END::feeling"),
                     MOST);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every WHERE (omoo IS NULL) = "
                                         "(id % 3 = 0)"),
                     MOST);
}
END_TEST

START_TEST(what_cannot_be_copied_is_refused_before_anything_is_sent)
{
    static const char *const changes[] = {
        "ALTER TABLE every ALTER txt TYPE inet USING txt::inet",
        "ALTER TABLE every ALTER i4 TYPE bigint",
        "ALTER TABLE every ALTER js TYPE text",
    };
    rowan__structs structs = structs_of(1);

    ck_assert_int_eq(subject_send(&it, changes[_i]), ROWAN_OK);
    rowan__operation done = insert_rows(BY_COPY, &structs);
    ck_assert_int_eq(done.status, ROWAN_UNSUPPORTED);
    ck_assert_uint_eq(done.statements, 0);
    ck_assert_uint_eq(done.round_trips, 0);
}
END_TEST

/* The bytes of one type would do for the other. */
START_TEST(a_copy_notices_that_a_column_has_another_type_by_now)
{
    bool inside = _i == 1;
    rowan__structs structs = structs_of(1);
    rowan__operation operation = operation_of(BY_COPY, &structs);

    ck_assert_int_eq(subject_send(&it, "ALTER TABLE every ALTER f8 TYPE bigint"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, inside ? "BEGIN" : "SELECT 1"), ROWAN_OK);
    it.driver->run(it.connection, &operation, 1);
    it.driver->unprepare(operation.prepared);
    ck_assert(operation.outdated);
    ck_assert_int_eq(operation.status, inside ? ROWAN_CONFLICT : ROWAN_UNSUPPORTED);
    ck_assert_uint_eq(operation.statements, 0);
    ck_assert_int_eq(subject_send(&it, inside ? "ROLLBACK" : "SELECT 1"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every"), 0);
}
END_TEST

START_TEST(a_view_takes_no_copy_but_arrays)
{
    rowan__structs structs = structs_of(1);

    ck_assert_int_eq(subject_send(&it, "ALTER TABLE every RENAME TO each"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "CREATE VIEW every AS SELECT * FROM each"), ROWAN_OK);
    rowan__operation done = insert_rows(BY_COPY, &structs);
    ck_assert_int_eq(done.status, ROWAN_UNSUPPORTED);
    ck_assert_int_eq(done.error.fate, ROWAN_FATE_NONE);
    ck_assert_int_eq(insert_rows(BY_ARRAYS, &structs).status, ROWAN_OK);
    check_rows(rows, 1);
}
END_TEST

/* Rows of which a hundred fill any buffer, the first with a key that another transaction holds. */
enum { HEAVY = 400 };

static subject other;
static int64_t backend;

static void hold_first_row(void)
{
    ck_assert_int_eq(subject_send(&it, "CREATE UNIQUE INDEX every_id ON every (id)"), ROWAN_OK);
    backend = subject_number(&it, "SELECT pg_backend_pid()::bigint");
    subject_join(&other, &it);
    ck_assert_int_eq(subject_send(&other, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&other, "INSERT INTO every (id) VALUES (1)"), ROWAN_OK);
}

static rowan__structs heavy_rows(void)
{
    static every heavy[HEAVY];
    static char text[100000];
    rowan__structs structs = structs_of(1);

    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < HEAVY; i++) {
        heavy[i] = row_of(1);
        heavy[i].id = (int64_t)i + 1;
        heavy[i].txt = text;
    }
    structs.rows = (const char *)heavy;
    structs.count = HEAVY;
    return structs;
}

START_TEST(large_rows_are_copied_whole)
{
    rowan__structs structs = heavy_rows();
    rowan__operation done = insert_rows(BY_COPY, &structs);

    ck_assert_int_eq(done.status, ROWAN_OK);
    ck_assert_uint_eq(done.affected, HEAVY);
    ck_assert_uint_gt(done.bytes_sent, HEAVY * 99999);
    ck_assert_int_eq(subject_number(&it, "SELECT sum(length(txt)) FROM every"), HEAVY * 99999);
}
END_TEST

START_TEST(a_deadline_ends_a_copy)
{
    rowan__structs structs = heavy_rows();

    hold_first_row();
    rowan__operation operation = operation_of(BY_COPY, &structs);
    int64_t start_ns = rowan__now_ns();
    operation.deadline_ns = start_ns + 300 * INT64_C(1000000);
    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_TIMEOUT);
    ck_assert_int_lt(rowan__now_ns() - start_ns, INT64_C(5000000000));
    ck_assert(operation.error.connection_usable);
    ck_assert_int_eq(operation.error.fate, ROWAN_FATE_NONE);
    it.driver->unprepare(operation.prepared);
    subject_close(&other);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM every"), 0);
}
END_TEST

static void *stop_soon(void *context)
{
    char sql[80];
    rowan_error error;

    nanosleep(&(struct timespec){0, 200000000L}, NULL);
    if (context) {
        snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld)", (long long)backend);
        ck_assert_int_eq(subject_send(&other, sql), ROWAN_OK);
    } else {
        ck_assert_int_eq(it.driver->cancel(it.connection, &error), ROWAN_OK);
    }
    return NULL;
}

START_TEST(a_copy_that_is_stopped_leaves_nothing)
{
    bool kill = _i / 2 == 1, inside = _i % 2 == 1;
    rowan__structs structs = heavy_rows();
    pthread_t thread;

    hold_first_row();
    rowan__operation operation = operation_of(BY_COPY, &structs);
    ck_assert_int_eq(subject_send(&it, inside ? "BEGIN" : "SELECT 1"), ROWAN_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, kill ? &it : NULL), 0);
    it.driver->run(it.connection, &operation, 1);
    pthread_join(thread, NULL);
    ck_assert_int_eq(operation.status, kill ? ROWAN_LOST : ROWAN_CANCELLED);
    ck_assert(operation.error.connection_usable == !kill);
    if (inside) {
        ck_assert_int_eq(operation.error.fate,
                         kill ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_MUST_ROLLBACK);
    } else if (!kill) { /* else it depends on whether the end of the rows was sent */
        ck_assert_int_eq(operation.error.fate, ROWAN_FATE_NONE);
    }
    it.driver->unprepare(operation.prepared);
    ck_assert_int_eq(subject_send(&other, "ROLLBACK"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&other, "SELECT count(*) FROM every"), 0);
    subject_close(&other);
}
END_TEST

static void add_both(TCase *tc)
{
    tcase_add_loop_test(tc, every_type_comes_back_the_same, 0, 4 * WAYS);
    tcase_add_loop_test(tc, rows_may_lie_anywhere, 0, WAYS);
    tcase_add_loop_test(tc, a_row_that_the_server_refuses_fails_them_all, 0, 2 * WAYS);
    tcase_add_loop_test(tc, a_text_that_is_not_there_is_null, 0, WAYS);
    tcase_add_loop_test(tc, a_text_that_is_no_utf8_is_refused, 0, WAYS);
    tcase_add_loop_test(tc, a_decimal_with_more_digits_than_there_are_is_refused, 0, WAYS);
    tcase_add_loop_test(tc, running_out_of_memory_loses_nothing_but_the_insert, 0, WAYS);
}

int main(void)
{
    Suite *suite = suite_create("postgresql_structs");
    TCase *tc = tcase_create("structs");
    int engines = (int)engine_count();

    while (postgresql < engines && !engine_is((size_t)postgresql, "postgresql")) {
        postgresql++;
    }
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    if (postgresql < engines) {
        add_both(tc);
        tcase_add_test(tc, inserted_rows_are_returned_in_their_order);
        tcase_add_test(tc, arrays_of_another_type_are_refused_before_anything_is_sent);
        tcase_add_test(tc, an_enum_of_the_database_goes_by_array_too);
        tcase_add_test(tc, a_copy_takes_the_types_of_the_columns);
        tcase_add_loop_test(tc, what_cannot_be_copied_is_refused_before_anything_is_sent, 0, 3);
        tcase_add_loop_test(tc, a_copy_notices_that_a_column_has_another_type_by_now, 0, 2);
        tcase_add_test(tc, a_view_takes_no_copy_but_arrays);
        tcase_add_test(tc, large_rows_are_copied_whole);
        tcase_add_test(tc, a_deadline_ends_a_copy);
        tcase_add_loop_test(tc, a_copy_that_is_stopped_leaves_nothing, 0, 4);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
