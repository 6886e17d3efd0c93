/* Every type with its edge values, in and out of every engine: part of the conformance suite. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/text.h"
#include "support/items.h"
#include "support/suite.h"

enum { MOST_VALUES = 12, MIB = 1 << 20 };

/* A row of any one type: the member is optional, its value is in the union. */
typedef struct sample {
    int64_t id;
    bool has;
    union {
        bool boolean;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        float f;
        double d;
        rowan_decimal decimal;
        const char *text;
        rowan_blob blob;
        rowan_date date;
        rowan_time time;
        rowan_timestamp timestamp;
        rowan_uuid uuid;
        rowan_json json;
    } v;
} sample;

/* A type under test: what its column is declared as, and values that must survive. */
typedef struct type_case {
    rowan_type type;
    const char *word;
    rowan_value values[MOST_VALUES];
    size_t count;
} type_case;

static subject it;
static char all_bytes[256];
static char *big;

static void add(type_case *types, rowan_value value)
{
    ck_assert_uint_lt(types->count, MOST_VALUES);
    value.type = types->type;
    types->values[types->count++] = value;
}

static void add_numbers(type_case *types)
{
    switch (types->type) {
    case ROWAN_TYPE_BOOL:
        add(types, rowan_v_bool(true));
        add(types, rowan_v_bool(false));
        break;
    case ROWAN_TYPE_INT16:
        add(types, rowan_v_int64(INT16_MIN));
        add(types, rowan_v_int64(INT16_MAX));
        add(types, rowan_v_int64(0));
        break;
    case ROWAN_TYPE_INT32:
        add(types, rowan_v_int64(INT32_MIN));
        add(types, rowan_v_int64(INT32_MAX));
        add(types, rowan_v_int64(-1));
        break;
    case ROWAN_TYPE_INT64:
        add(types, rowan_v_int64(INT64_MIN));
        add(types, rowan_v_int64(INT64_MAX));
        add(types, rowan_v_int64(1));
        break;
    case ROWAN_TYPE_FLOAT:
        add(types, rowan_v_float(FLT_MAX));
        add(types, rowan_v_float(-FLT_MIN));
        add(types, rowan_v_float(3.14159274f));
        add(types, rowan_v_float(0.1f));
        add(types, rowan_v_float(16777216.0f));
        break;
    default:
        add(types, rowan_v_double(DBL_MAX));
        add(types, rowan_v_double(-DBL_MIN));
        add(types, rowan_v_double(0.1));
        add(types, rowan_v_double(-1.0 / 3.0));
        add(types, rowan_v_double(9007199254740993.0));
        add(types, rowan_v_double(0.0));
        break;
    }
}

static void add_texts(type_case *types)
{
    if (types->type == ROWAN_TYPE_DECIMAL) {
        add(types, rowan_v_text("9999999999999999999999999999999999.9999"));
        add(types, rowan_v_text("-9999999999999999999999999999999999.9999"));
        add(types, rowan_v_text("0.0000"));
        add(types, rowan_v_text("-0.0001"));
        add(types, rowan_v_text("12.5000"));
    } else if (types->type == ROWAN_TYPE_JSON) {
        add(types, rowan_v_text("{\"a\": [1, 2.5, \"x\"], \"b\": null}"));
        add(types, rowan_v_text("[]"));
        add(types, rowan_v_text("\"\\u00e9 and \xc3\xa9\""));
    } else if (types->type == ROWAN_TYPE_TEXT) {
        add(types, rowan_v_text(""));
        add(types, rowan_v_text("it's \"quoted\", \\ back % _ ? :name $1"));
        add(types, rowan_v_text("\xf0\x9f\x93\x9a \xe6\x9c\xac"));
        add(types, rowan_v_text("blanks behind  "));
        add(types, rowan_v_bytes(ROWAN_TYPE_TEXT, "not terminated", 3));
        add(types, rowan_v_bytes(ROWAN_TYPE_TEXT, big, MIB));
    } else {
        add(types, rowan_v_bytes(ROWAN_TYPE_BLOB, "", 0));
        add(types, rowan_v_bytes(ROWAN_TYPE_BLOB, all_bytes, sizeof all_bytes));
        add(types, rowan_v_bytes(ROWAN_TYPE_BLOB, big, MIB));
    }
}

static rowan_date day(int year, int month, int number)
{
    return (rowan_date){rowan__days_of(year, month, number)};
}

static void add_instants(type_case *types)
{
    static const int64_t day_us = 86400000000;

    if (types->type == ROWAN_TYPE_DATE) {
        add(types, rowan_v_date(day(1, 1, 1)));
        add(types, rowan_v_date(day(9999, 12, 31)));
        add(types, rowan_v_date(day(1970, 1, 1)));
        add(types, rowan_v_date(day(2024, 2, 29)));
    } else if (types->type == ROWAN_TYPE_TIME) {
        add(types, rowan_v_time((rowan_time){0}));
        add(types, rowan_v_time((rowan_time){day_us - 1}));
        add(types, rowan_v_time((rowan_time){1}));
    } else if (types->type == ROWAN_TYPE_TIMESTAMP) {
        add(types, rowan_v_timestamp((rowan_timestamp){day(1, 1, 1).days * day_us}));
        add(types, rowan_v_timestamp((rowan_timestamp){(day(9999, 12, 31).days + 1) * day_us - 1}));
        add(types, rowan_v_timestamp((rowan_timestamp){-1}));
        add(types,
            rowan_v_timestamp((rowan_timestamp){day(2024, 3, 31).days * day_us + 9000000001}));
    } else {
        rowan_uuid uuid = {{0}};
        add(types, rowan_v_uuid(uuid));
        memcpy(uuid.bytes, "\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10", 16);
        add(types, rowan_v_uuid(uuid));
        memset(uuid.bytes, 0xff, 16);
        add(types, rowan_v_uuid(uuid));
    }
}

static const struct {
    rowan_type type;
    const char *word;
    void (*add_values)(type_case *types);
} known_types[] = {
    {ROWAN_TYPE_BOOL, "@bool", add_numbers},
    {ROWAN_TYPE_INT16, "@int16", add_numbers},
    {ROWAN_TYPE_INT32, "@int32", add_numbers},
    {ROWAN_TYPE_INT64, "@int64", add_numbers},
    {ROWAN_TYPE_FLOAT, "@float", add_numbers},
    {ROWAN_TYPE_DOUBLE, "@double", add_numbers},
    {ROWAN_TYPE_DECIMAL, "@decimal(38,4)", add_texts},
    {ROWAN_TYPE_TEXT, "@text", add_texts},
    {ROWAN_TYPE_BLOB, "@blob", add_texts},
    {ROWAN_TYPE_DATE, "@date", add_instants},
    {ROWAN_TYPE_TIME, "@time", add_instants},
    {ROWAN_TYPE_TIMESTAMP, "@timestamp", add_instants},
    {ROWAN_TYPE_UUID, "@uuid", add_instants},
    {ROWAN_TYPE_JSON, "@json", add_texts},
};

enum { TYPES = sizeof known_types / sizeof known_types[0] };

/* The case of one type, NULL behind its values. */
static type_case case_of(size_t at)
{
    type_case types = {.type = known_types[at].type, .word = known_types[at].word};

    known_types[at].add_values(&types);
    add(&types, rowan_v_null());
    return types;
}

/* --- The shape of one type, and its table --- */

static rowan_column columns[2];
static rowan_table shape;

static void make_shape(rowan_type type)
{
    columns[0] = (rowan_column)ROWAN_COLUMN(shape, sample, id, 0);
    columns[1] = (rowan_column){.table = &shape,
                                .name = "v",
                                .type = type,
                                .flags = ROWAN_NULLABLE,
                                .offset = offsetof(sample, has),
                                .value_offset = offsetof(sample, v)};
    shape = (rowan_table){.columns = columns,
                          .column_count = 2,
                          .row_size = sizeof(sample),
                          .row_align = _Alignof(sample)};
}

static void make_table(const char *word)
{
    char ddl[120];

    snprintf(ddl, sizeof ddl, "CREATE TABLE sample (id @int64 NOT NULL PRIMARY KEY, v %s);", word);
    subject_ddl(&it, ddl);
}

static void open_subject(int i)
{
    for (size_t at = 0; at < sizeof all_bytes; at++) {
        all_bytes[at] = (char)at;
    }
    big = malloc(MIB);
    ck_assert_ptr_nonnull(big);
    for (size_t at = 0; at < MIB; at++) {
        big[at] = (char)('a' + at % 26);
    }
    subject_open(&it, i);
}

static void close_subject(void)
{
    subject_close(&it);
    free(big);
}

/* Inserts values, one row of parameters each, at once or one after another. */
static void insert(const type_case *types, bool at_once)
{
    rowan_value rows[MOST_VALUES * 2];
    rowan__operation operation;
    size_t runs = at_once ? 1 : types->count;

    for (size_t i = 0; i < types->count; i++) {
        rows[i * 2] = rowan_v_int64((int64_t)i);
        rows[i * 2 + 1] = types->values[i];
    }
    rowan__prepared *prepared = subject_prepare(&it, "INSERT INTO sample (id, v) VALUES (?, ?)");
    ck_assert_msg(prepared != NULL, "%s", it.error.message);
    for (size_t i = 0; i < runs; i++) {
        operation = (rowan__operation){
            .prepared = prepared, .params = rows + i * 2, .param_rows = at_once ? types->count : 1};
        it.driver->run(it.connection, &operation, 1);
        ck_assert_msg(operation.status == ROWAN_OK, "%s, value %zu: %s (%s)", types->word, i,
                      operation.error.message, operation.error.engine_message);
    }
    it.driver->unprepare(prepared);
}

static bool is_text_like(rowan_type type)
{
    return type == ROWAN_TYPE_TEXT || type == ROWAN_TYPE_DECIMAL || type == ROWAN_TYPE_JSON ||
           type == ROWAN_TYPE_BLOB;
}

static bool equal(const rowan_value *a, const rowan_value *b)
{
    if (a->is_null || b->is_null) {
        return a->is_null && b->is_null;
    }
    if (a->type != b->type) {
        return false;
    }
    if (is_text_like(a->type)) {
        return a->as.bytes.size == b->as.bytes.size &&
               (a->as.bytes.size == 0 ||
                memcmp(a->as.bytes.data, b->as.bytes.data, a->as.bytes.size) == 0);
    }
    switch (a->type) {
    case ROWAN_TYPE_BOOL:
        return a->as.boolean == b->as.boolean;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return memcmp(&a->as.real, &b->as.real, sizeof a->as.real) == 0;
    case ROWAN_TYPE_DATE:
        return a->as.date.days == b->as.date.days;
    case ROWAN_TYPE_TIME:
        return a->as.time.us == b->as.time.us;
    case ROWAN_TYPE_TIMESTAMP:
        return a->as.timestamp.us == b->as.timestamp.us;
    case ROWAN_TYPE_UUID:
        return memcmp(&a->as.uuid, &b->as.uuid, sizeof a->as.uuid) == 0;
    default:
        return a->as.integer == b->as.integer;
    }
}

/* A value in words, for a failing test. Long ones are cut. */
static const char *show(const rowan_value *value)
{
    static char texts[2][120];
    static int at;
    char *out = texts[at = !at];

    if (value->is_null) {
        snprintf(out, sizeof texts[0], "type %d: NULL", (int)value->type);
    } else if (is_text_like(value->type)) {
        snprintf(out, sizeof texts[0], "type %d, %zu bytes: %.*s", (int)value->type,
                 value->as.bytes.size, value->as.bytes.size < 60 ? (int)value->as.bytes.size : 60,
                 (const char *)value->as.bytes.data);
    } else if (value->type == ROWAN_TYPE_DOUBLE || value->type == ROWAN_TYPE_FLOAT) {
        snprintf(out, sizeof texts[0], "type %d: %a", (int)value->type, value->as.real);
    } else {
        snprintf(out, sizeof texts[0], "type %d: %lld", (int)value->type,
                 (long long)value->as.integer);
    }
    return out;
}

static void check_value(const type_case *types, size_t at, const rowan_value *got)
{
    ck_assert_msg(equal(&types->values[at], got), "%s, value %zu: sent %s, got %s", types->word, at,
                  show(&types->values[at]), show(got));
}

/* --- The tests --- */

static void check_structs(const type_case *types, bool stream)
{
    reading all;

    make_shape(types->type);
    reading_begin(&all, &it, "SELECT id, v FROM sample ORDER BY id", &shape);
    all.operation.batch_rows = stream ? 2 : 0;
    reading_run(&all);
    while (stream && it.driver->fetch(it.connection, &all.operation) == ROWAN_OK) {
    }
    ck_assert_uint_eq(all.sink.count, types->count);
    for (size_t i = 0; i < types->count; i++) {
        rowan_value got = rowan_column_value(&columns[1], all.sink.rows + i * sizeof(sample));
        check_value(types, i, &got);
    }
    if (stream) {
        it.driver->finish(it.connection, &all.operation);
    }
    reading_end(&all);
}

START_TEST(values_come_back_as_they_went_into_structs)
{
    open_subject(_i);
    for (size_t at = 0; at < TYPES; at++) {
        type_case types = case_of(at);
        for (int at_once = 0; at_once < 2; at_once++) {
            make_table(types.word);
            insert(&types, at_once == 1);
            check_structs(&types, false);
            check_structs(&types, true);
            ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);
        }
    }
    close_subject();
}
END_TEST

START_TEST(values_come_back_with_their_types_in_rows_without_a_shape)
{
    open_subject(_i);
    for (size_t at = 0; at < TYPES; at++) {
        type_case types = case_of(at);
        make_table(types.word);
        insert(&types, false);
        subject_rows rows = subject_query(&it, "SELECT v FROM sample ORDER BY id", NULL);
        ck_assert_uint_eq(rows.count, types.count);
        for (size_t i = 0; i < types.count; i++) {
            check_value(&types, i, &rows.values[i]);
        }
        ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);
    }
    close_subject();
}
END_TEST

/* Sends one value to a column of a type. */
static rowan_status send_value(const char *word, rowan_value value)
{
    make_table(word);
    rowan_status status =
        subject_run(&it, "INSERT INTO sample (id, v) VALUES (1, ?)", &value, NULL);
    rowan_error error = it.error;
    if (status == ROWAN_OK) {
        status = subject_run(&it, "SELECT id FROM sample WHERE v IS NOT NULL", NULL, NULL);
    }
    ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);
    it.error = error;
    return status;
}

START_TEST(values_that_cannot_be_stored_are_refused)
{
    static const char with_nul[] = "a\0b";

    open_subject(_i);
    ck_assert_int_eq(send_value("@date", rowan_v_date((rowan_date){day(9999, 12, 31).days + 1})),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@date", rowan_v_date((rowan_date){day(1, 1, 1).days - 1})),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@time", rowan_v_time((rowan_time){-1})), ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@time", rowan_v_time((rowan_time){86400000000})),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@timestamp", rowan_v_timestamp((rowan_timestamp){INT64_MAX})),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@text", rowan_v_bytes(ROWAN_TYPE_TEXT, with_nul, 3)),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@json", rowan_v_bytes(ROWAN_TYPE_JSON, with_nul, 3)),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@text", rowan_v_text("\xff\xfe no UTF-8")), ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(send_value("@decimal(10,2)", rowan_v_decimal((rowan_decimal){"ten"})),
                     ROWAN_WRONG_TYPE);
    rowan_value label = rowan_v_of(ROWAN_TYPE_ENUM);
    ck_assert_int_eq(send_value("@text", label), ROWAN_MISUSE);
    ck_assert_int_eq(subject_number(&it, "SELECT 1"), 1);
    close_subject();
}
END_TEST

/* Not a number and the infinities: stored where the engine has them, else refused, and never as
 * something else. */
START_TEST(numbers_that_are_not_finite_are_kept_or_refused)
{
    const double numbers[] = {NAN, INFINITY, -INFINITY};

    open_subject(_i);
    for (size_t i = 0; i < 3; i++) {
        bool kept = subject_is(&it, "postgresql") || (subject_is(&it, "sqlite") && i > 0);
        rowan_value value = rowan_v_double(numbers[i]);
        ck_assert_int_eq(send_value("@double", value), kept ? ROWAN_OK : ROWAN_OUT_OF_RANGE);
        if (kept) {
            make_table("@double");
            ck_assert_int_eq(subject_run(&it, "INSERT INTO sample VALUES (1, ?)", &value, NULL),
                             ROWAN_OK);
            subject_rows rows = subject_query(&it, "SELECT v FROM sample", NULL);
            ck_assert(i == 0 ? isnan(rows.values[0].as.real)
                             : rows.values[0].as.real == numbers[i]);
            ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);
        }
    }
    close_subject();
}
END_TEST

/* SQLite and MariaDB store -0.0 as 0.0; the two are equal, so nothing that compares is lost. */
START_TEST(negative_zero_stays_zero)
{
    rowan_value value = rowan_v_double(-0.0);

    open_subject(_i);
    make_table("@double");
    ck_assert_int_eq(subject_run(&it, "INSERT INTO sample VALUES (1, ?)", &value, NULL), ROWAN_OK);
    subject_rows rows = subject_query(&it, "SELECT v FROM sample", NULL);
    ck_assert_int_eq(rows.values[0].type, ROWAN_TYPE_DOUBLE);
    ck_assert(rows.values[0].as.real == 0.0);
    ck_assert(!subject_is(&it, "postgresql") || signbit(rows.values[0].as.real));
    close_subject();
}
END_TEST

/* Reads the one row of a query as a type; the status is that of preparing, binding or reading. */
static rowan_status read_as(const char *sql, rowan_type type)
{
    reading one = {.on = &it, .operation = {.param_rows = 1}};

    make_shape(type);
    one.operation.prepared = subject_prepare(&it, sql);
    ck_assert_msg(one.operation.prepared != NULL, "%s: %s", sql, it.error.message);
    one.layout = subject_layout(&it, one.operation.prepared, &shape);
    if (!one.layout) {
        it.driver->unprepare(one.operation.prepared);
        return it.error.status;
    }
    reading_again(&one);
    it.driver->run(it.connection, &one.operation, 1);
    if (one.operation.status != ROWAN_OK) {
        it.error = one.operation.error;
    }
    reading_end(&one);
    return one.operation.status;
}

START_TEST(values_that_a_member_cannot_hold_are_refused)
{
    open_subject(_i);
    make_table("@int64");
    ck_assert_int_eq(subject_send(&it, "INSERT INTO sample VALUES (1, 1099511627776)"), ROWAN_OK);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_INT64), ROWAN_OK);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_INT32), ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(it.error.column, "v");
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_INT16), ROWAN_OUT_OF_RANGE);
    rowan_status status = read_as("SELECT v FROM sample", ROWAN_TYPE_DATE);
    ck_assert_int_eq(status, ROWAN_WRONG_TYPE);
    ck_assert_str_eq(it.error.column, "v");
    ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);

    make_table("@double");
    ck_assert_int_eq(subject_send(&it, "INSERT INTO sample VALUES (1, 1.5)"), ROWAN_OK);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_DOUBLE), ROWAN_OK);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_INT64), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_UUID), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);

    make_table("@blob");
    rowan_value bytes = rowan_v_blob((rowan_blob){"abc", 3});
    ck_assert_int_eq(subject_run(&it, "INSERT INTO sample VALUES (1, ?)", &bytes, NULL), ROWAN_OK);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_BLOB), ROWAN_OK);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_TEXT), ROWAN_WRONG_TYPE);
    ck_assert_int_eq(read_as("SELECT v FROM sample", ROWAN_TYPE_INT64), ROWAN_WRONG_TYPE);
    close_subject();
}
END_TEST

/* Days that the engine has and we have not. MariaDB has none. */
START_TEST(dates_beyond_our_years_are_refused)
{
    static const char *const beyond[] = {"10000-01-01", "0044-03-15 BC", "infinity", "0000-12-31"};

    open_subject(_i);
    if (subject_is(&it, "mariadb")) {
        close_subject();
        return;
    }
    make_table("@date");
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "INSERT INTO sample VALUES (%d, '%s')", (int)i, beyond[i]);
        if (subject_send(&it, sql) != ROWAN_OK) {
            ck_assert_str_eq(beyond[i], "0000-12-31"); /* PostgreSQL has no year 0 either */
            continue;
        }
        snprintf(sql, sizeof sql, "SELECT v FROM sample WHERE id = %d", (int)i);
        ck_assert_int_eq(read_as(sql, ROWAN_TYPE_DATE), ROWAN_OUT_OF_RANGE);
        ck_assert_str_eq(it.error.column, "v");
        ck_assert(it.error.connection_usable);
    }
    close_subject();
}
END_TEST

START_TEST(numbers_too_big_for_their_column_never_come_back_changed)
{
    rowan_value value = rowan_v_int64(1099511627776);

    open_subject(_i);
    make_table("@int32");
    rowan_status status = subject_run(&it, "INSERT INTO sample VALUES (1, ?)", &value, NULL);
    if (subject_is(&it, "sqlite")) { /* whose columns hold any integer */
        ck_assert_int_eq(status, ROWAN_OK);
        status = read_as("SELECT v FROM sample", ROWAN_TYPE_INT32);
    }
    ck_assert_int_eq(status, ROWAN_OUT_OF_RANGE);
    close_subject();
}
END_TEST

START_TEST(decimals_compare_by_value)
{
    static const char *const texts[] = {"9.50", "10.00", "-3.25", "100.00"};
    static const char *const sorted[] = {"-3.25", "9.50", "10.00", "100.00"};
    rowan_value value;

    open_subject(_i);
    make_table("@decimal(10,2)");
    for (int i = 0; i < 4; i++) {
        rowan_value row[2] = {rowan_v_int64(i), rowan_v_decimal((rowan_decimal){texts[i]})};
        ck_assert_int_eq(subject_run(&it, "INSERT INTO sample VALUES (?, ?)", row, NULL), ROWAN_OK);
    }
    value = rowan_v_decimal((rowan_decimal){"9.5"});
    ck_assert_uint_eq(subject_query(&it, "SELECT id FROM sample WHERE v = ?", &value).count, 1);
    ck_assert_uint_eq(subject_query(&it, "SELECT id FROM sample WHERE v > ?", &value).count, 2);
    subject_rows rows = subject_query(&it, "SELECT v FROM sample ORDER BY v", NULL);
    for (size_t i = 0; i < 4; i++) {
        rowan_value wanted = rowan_v_decimal((rowan_decimal){sorted[i]});
        ck_assert_msg(equal(&wanted, &rows.values[i]), "%s", show(&rows.values[i]));
    }
    close_subject();
}
END_TEST

/* `v IN list`, the list being one parameter, as the renderer writes it for this engine. */
static void write_list_query(rowan__text *sql, rowan_type type)
{
    const rowan__dialect *dialect = it.driver->dialect;

    if (dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) {
        rowan__text_str(sql, "SELECT id FROM sample WHERE v = ANY(?)");
        return;
    }
    const char *elements = dialect->list_elements[type];
    ck_assert_ptr_nonnull(elements);
    const char *hole = strstr(elements, "%1");
    rowan__text_str(sql, "SELECT id FROM sample WHERE v IN (");
    rowan__text_add(sql, elements, (size_t)(hole - elements));
    rowan__text_str(sql, "?");
    rowan__text_str(sql, hole + 2);
    rowan__text_str(sql, ")");
}

START_TEST(a_list_is_one_parameter)
{
    rowan__text sql;

    open_subject(_i);
    for (size_t at = 0; at < TYPES; at++) {
        type_case types = case_of(at);
        if (types.type == ROWAN_TYPE_BLOB || types.type == ROWAN_TYPE_JSON ||
            types.type == ROWAN_TYPE_FLOAT) {
            continue; /* JSON holds no bytes; documents and narrow reals are not compared */
        }
        make_table(types.word);
        insert(&types, false);
        rowan__text_init(&sql, &rowan__default_allocator);
        write_list_query(&sql, types.type);
        rowan_value list = rowan_v_list(types.values, types.count - 1);
        subject_rows rows = subject_query(&it, rowan__text_string(&sql), &list);
        ck_assert_msg(rows.count == types.count - 1, "%s: %zu of %zu", types.word, rows.count,
                      types.count - 1);
        list = rowan_v_list(types.values, 0);
        if (!(it.driver->dialect->capabilities & ROWAN__CAN_BIND_ARRAYS)) {
            ck_assert_uint_eq(subject_query(&it, rowan__text_string(&sql), &list).count, 0);
        }
        rowan__text_fini(&sql);
        ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);
    }
    close_subject();
}
END_TEST

/* One such value among good ones is enough. PostgreSQL alone has reals that are not finite. */
START_TEST(a_list_with_a_value_that_cannot_be_is_refused)
{
    static const int64_t day_us = 86400000000;
    const struct {
        const char *word;
        rowan_value good, bad;
        bool is_fine_in_arrays;
    } cases[] = {
        {"@date", rowan_v_date((rowan_date){0}), rowan_v_date((rowan_date){2932897}), false},
        {"@date", rowan_v_date((rowan_date){0}), rowan_v_date((rowan_date){-719163}), false},
        {"@time", rowan_v_time((rowan_time){0}), rowan_v_time((rowan_time){day_us}), false},
        {"@time", rowan_v_time((rowan_time){0}), rowan_v_time((rowan_time){-1}), false},
        {"@timestamp", rowan_v_timestamp((rowan_timestamp){0}),
         rowan_v_timestamp((rowan_timestamp){2932897 * day_us}), false},
        {"@timestamp", rowan_v_timestamp((rowan_timestamp){0}),
         rowan_v_timestamp((rowan_timestamp){-719162 * day_us - 1}), false},
        {"@double", rowan_v_double(1.5), rowan_v_double(NAN), true},
        {"@double", rowan_v_double(1.5), rowan_v_double(-INFINITY), true},
        {"@text(200)", rowan_v_text("a"), rowan_v_bytes(ROWAN_TYPE_TEXT, "a\0b", 3), false},
    };
    rowan__text sql;

    open_subject(_i);
    bool has_arrays = (it.driver->dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_table(cases[i].word);
        rowan__text_init(&sql, &rowan__default_allocator);
        write_list_query(&sql, cases[i].good.type);
        for (size_t count = 1; count <= 3; count++) {
            for (size_t bad = 0; bad <= count; bad++) { /* behind the last: none is */
                rowan_value items[3] = {cases[i].good, cases[i].good, cases[i].good};
                if (bad < count) {
                    items[bad] = cases[i].bad;
                }
                rowan_value list = rowan_v_list(items, count);
                bool is_fine = bad == count || (has_arrays && cases[i].is_fine_in_arrays);
                rowan_status status = subject_run(&it, rowan__text_string(&sql), &list, NULL);
                ck_assert_msg(status == (is_fine ? ROWAN_OK : ROWAN_OUT_OF_RANGE),
                              "case %zu, %zu of %zu: %s, %s", i, bad, count,
                              rowan_status_name(status), it.error.message);
            }
        }
        rowan__text_fini(&sql);
        ck_assert_int_eq(subject_send(&it, "DROP TABLE sample"), ROWAN_OK);
    }
    close_subject();
}
END_TEST

/* Quotes, control characters and letters of all lengths, one by one and together. */
START_TEST(a_list_of_texts_finds_each_of_them)
{
    static const char *const texts[] = {"",
                                        "\"",
                                        "\\",
                                        "\\\"",
                                        "a,b",
                                        "{a}",
                                        "NULL",
                                        "null",
                                        "a\nb",
                                        "\t",
                                        "\x01",
                                        "\x1f",
                                        "\x7f",
                                        "'",
                                        "%_",
                                        " ",
                                        "\xC3\xA9",
                                        "\xE2\x82\xAC",
                                        "\xF0\x9F\x8C\xB3",
                                        "[1,2]",
                                        "\\u0041",
                                        "/"};
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    rowan_value items[TEXTS];
    rowan__text sql;

    open_subject(_i);
    make_table("@text(200)");
    for (size_t i = 0; i < TEXTS; i++) {
        char insert_sql[64];
        items[i] = rowan_v_text(texts[i]);
        snprintf(insert_sql, sizeof insert_sql, "INSERT INTO sample VALUES (%zu, ?)", i);
        ck_assert_int_eq(subject_run(&it, insert_sql, &items[i], NULL), ROWAN_OK);
    }
    rowan__text_init(&sql, &rowan__default_allocator);
    write_list_query(&sql, ROWAN_TYPE_TEXT);
    for (size_t i = 0; i < TEXTS; i++) {
        rowan_value one = rowan_v_list(&items[i], 1), rest = rowan_v_list(items, i + 1);
        subject_rows rows = subject_query(&it, rowan__text_string(&sql), &one);
        ck_assert_msg(rows.count == 1, "\"%s\": %zu", texts[i], rows.count);
        ck_assert_int_eq(rows.values[0].as.integer, (int64_t)i);
        ck_assert_uint_eq(subject_query(&it, rowan__text_string(&sql), &rest).count, i + 1);
    }
    rowan__text_fini(&sql);
    close_subject();
}
END_TEST

START_TEST(labels_go_into_enums)
{
    static const char *const labels[] = {"small", "large"};
    static const rowan_enum size_enum = {"size", labels, 2};
    reading all;

    open_subject(_i);
    make_table("@text(20)");
    ck_assert_int_eq(subject_send(&it, "INSERT INTO sample VALUES (1, 'large'), (2, NULL)"),
                     ROWAN_OK);
    make_shape(ROWAN_TYPE_ENUM);
    columns[1].enumeration = &size_enum;
    reading_begin(&all, &it, "SELECT v FROM sample ORDER BY id", &shape);
    reading_run(&all);
    rowan_value first = rowan_column_value(&columns[1], all.sink.rows);
    rowan_value second = rowan_column_value(&columns[1], all.sink.rows + sizeof(sample));
    ck_assert_int_eq(first.as.integer, 1);
    ck_assert(second.is_null);
    ck_assert_int_eq(subject_send(&it, "UPDATE sample SET v = 'huge'"), ROWAN_OK);
    reading_again(&all);
    it.driver->run(it.connection, &all.operation, 1);
    ck_assert_int_eq(all.operation.status, ROWAN_OUT_OF_RANGE);
    reading_end(&all);
    close_subject();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver_types");
    TCase *tc = tcase_create("types");
    int subjects = subject_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, values_come_back_as_they_went_into_structs, 0, subjects);
    tcase_add_loop_test(tc, values_come_back_with_their_types_in_rows_without_a_shape, 0, subjects);
    tcase_add_loop_test(tc, values_that_cannot_be_stored_are_refused, 0, subjects);
    tcase_add_loop_test(tc, numbers_that_are_not_finite_are_kept_or_refused, 0, subjects);
    tcase_add_loop_test(tc, negative_zero_stays_zero, 0, subjects);
    tcase_add_loop_test(tc, values_that_a_member_cannot_hold_are_refused, 0, subjects);
    tcase_add_loop_test(tc, dates_beyond_our_years_are_refused, 0, subjects);
    tcase_add_loop_test(tc, numbers_too_big_for_their_column_never_come_back_changed, 0, subjects);
    tcase_add_loop_test(tc, decimals_compare_by_value, 0, subjects);
    tcase_add_loop_test(tc, a_list_is_one_parameter, 0, subjects);
    tcase_add_loop_test(tc, a_list_with_a_value_that_cannot_be_is_refused, 0, subjects);
    tcase_add_loop_test(tc, a_list_of_texts_finds_each_of_them, 0, subjects);
    tcase_add_loop_test(tc, labels_go_into_enums, 0, subjects);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
