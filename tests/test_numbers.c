/*
 * Which number goes into which member, whatever the statement computes it as: one that the member
 * holds arrives as it is, another is refused by the name of its column, and none is cut or rounded.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/suite.h"

/* One row of one column, with a member of each type that takes numbers. */
typedef struct boolean {
    rowan_opt_bool v;
} boolean;
typedef struct small {
    int16_t v;
} small;
typedef struct middle {
    rowan_opt_i32 v;
} middle;
typedef struct large {
    int64_t v;
} large;
typedef struct narrow {
    float v;
} narrow;
typedef struct wide {
    rowan_opt_double v;
} wide;
typedef struct exact {
    rowan_opt_decimal v;
} exact;
typedef struct words {
    rowan_opt_text v;
} words;

#define SHAPE(row, column)                                                                         \
    static const rowan_table row##_shape;                                                          \
    static const rowan_column row##_columns[] = {column(row##_shape, row, v, 0)};                  \
    static const rowan_table row##_shape = ROWAN_SHAPE(row, row##_columns)
SHAPE(boolean, ROWAN_OPT_COLUMN);
SHAPE(small, ROWAN_COLUMN);
SHAPE(middle, ROWAN_OPT_COLUMN);
SHAPE(large, ROWAN_COLUMN);
SHAPE(narrow, ROWAN_COLUMN);
SHAPE(wide, ROWAN_OPT_COLUMN);
SHAPE(exact, ROWAN_OPT_COLUMN);
SHAPE(words, ROWAN_OPT_COLUMN);

/* bool, int16, int32, int64, float, double, decimal and text */
static const rowan_table *const members[] = {&boolean_shape, &small_shape,  &middle_shape,
                                             &large_shape,   &narrow_shape, &wide_shape,
                                             &exact_shape,   &words_shape};
enum { MEMBERS = sizeof members / sizeof members[0] };

static rowan_db *db;
static rowan_scope *scope;

/* What a member has, as text; or why it has nothing. */
static void spell(rowan_value value, char *out, size_t size)
{
    if (value.is_null) {
        snprintf(out, size, "NULL");
        return;
    }
    switch (value.type) {
    case ROWAN_TYPE_BOOL:
        snprintf(out, size, "%s", value.as.boolean ? "true" : "false");
        break;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        snprintf(out, size, "%" PRId64, value.as.integer);
        break;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        snprintf(out, size, "%.17g", value.as.real);
        break;
    default:
        snprintf(out, size, "%.*s", (int)value.as.bytes.size, (const char *)value.as.bytes.data);
    }
}

enum {
    S = 1, /* SQLite */
    P = 2, /* PostgreSQL */
    M = 4, /* MariaDB */
    ALL = S | P | M
};

/*
 * What comes of an expression in each member: its value, or why it has none. An integer is what has
 * nothing behind its point; a real holds a whole number if it holds it exactly. SQLite's literals
 * with a point are reals, those of the others are decimals; with an exponent all are reals.
 */
static const struct {
    int engines;
    const char *sql;
    const char *outcomes; /* in the order of the members: "type", "range" or "null" if refused */
} numbers[] = {
    {S, "1", "true 1 1 1 1 1 1 type"},
    {S, "0", "false 0 0 0 0 0 0 type"},
    {S, "2", "range 2 2 2 2 2 2 type"},
    {S, "32767", "range 32767 32767 32767 32767 32767 32767 type"},
    {S, "32768", "range range 32768 32768 32768 32768 32768 type"},
    {S, "-32769", "range range -32769 -32769 -32769 -32769 -32769 type"},
    {S, "2147483648", "range range range 2147483648 range 2147483648 2147483648 type"},
    {S, "9223372036854775807",
     "range range range 9223372036854775807 range range 9223372036854775807 type"},
    {S, "-9223372036854775807 - 1",
     "range range range -9223372036854775808 range range -9223372036854775808 type"},
    {S, "1.0", "type 1 1 1 1 1 type type"},
    {S, "1.5", "type type type type 1.5 1.5 type type"},
    {S | M, "1e300", "type type type type range 1.0000000000000001e+300 type type"},
    {S | M, "'12'", "type type type type type type 12 12"},
    {S | M, "'x'", "type type type type type type range x"},
    {S | M, "NULL", "NULL null NULL null null NULL NULL NULL"},
    {S, "x'31'", "type type type type type type type type"},
    {P | M, "1", "true 1 1 1 1 1 type type"},
    {P | M, "0", "false 0 0 0 0 0 type type"},
    {P | M, "2", "range 2 2 2 2 2 type type"},
    {P | M, "32767", "range 32767 32767 32767 32767 32767 type type"},
    {P | M, "32768", "range range 32768 32768 32768 32768 type type"},
    {P | M, "-32769", "range range -32769 -32769 -32769 -32769 type type"},
    {P | M, "2147483648", "range range range 2147483648 range 2147483648 type type"},
    {P | M, "9223372036854775807", "range range range 9223372036854775807 range range type type"},
    {P, "(-9223372036854775807 - 1)",
     "range range range -9223372036854775808 range range type type"},
    {P, "1::float8", "type 1 1 1 1 1 type type"},
    {P, "1.5::float8", "type type type type 1.5 1.5 type type"},
    {P, "1e300::float8", "type type type type range 1.0000000000000001e+300 type type"},
    {P, "'12'::text", "type type type type type type 12 12"},
    {P, "'x'::text", "type type type type type type range x"},
    {P, "NULL::int", "NULL null NULL null null NULL type type"},
    {P | M, "true", "true 1 1 1 1 1 type type"},
    {P, "1.0", "type 1 1 1 type type 1.0 1.0"},
    {P, "1.50", "type range range range type type 1.50 1.50"},
    {P, "-1.50", "type range range range type type -1.50 -1.50"},
    {P, "32768.00", "type range 32768 32768 type type 32768.00 32768.00"},
    {P, "9223372036854775807.0",
     "type range range 9223372036854775807 type type 9223372036854775807.0 9223372036854775807.0"},
    {P, "9223372036854775808.0",
     "type range range range type type 9223372036854775808.0 9223372036854775808.0"},
    {P, "-9223372036854775808.0",
     "type range range -9223372036854775808 type type "
     "-9223372036854775808.0 -9223372036854775808.0"},
    {P | M, "-9223372036854775809",
     "type range range range type type -9223372036854775809 -9223372036854775809"},
    {P, "'NaN'::numeric", "type range range range type type range range"},
    {P, "'infinity'::float8", "type type type type inf inf type type"},
    {P, "12::smallint", "range 12 12 12 12 12 type type"},
    {P, "1.5::float4", "type type type type 1.5 1.5 type type"},
    {P, "0.1::float4", "type type type type 0.10000000149011612 0.10000000149011612 type type"},
    {P, "1e40::float8", "type type type type range 1e+40 type type"},
    {P, "0.00012", "type range range range type type 0.00012 0.00012"},
    {P, "99999999999999999999.5",
     "type range range range type type 99999999999999999999.5 99999999999999999999.5"},
    {P, "NULL::numeric", "type null NULL null type type NULL NULL"},
    {P, "'-infinity'::numeric", "type range range range type type range range"},
    {M, "-9223372036854775807 - 1", "range range range -9223372036854775808 range range type type"},
    {M, "1e0", "type 1 1 1 1 1 type type"},
    {M, "1.5e0", "type type type type 1.5 1.5 type type"},
    {M, "1.0", "type type type type type type 1.0 1.0"},
    {M, "1.50", "type type type type type type 1.50 1.50"},
    {M, "-1.50", "type type type type type type -1.50 -1.50"},
    {M, "32768.00", "type type type type type type 32768.00 32768.00"},
    {M, "9223372036854775807.0",
     "type type type type type type 9223372036854775807.0 9223372036854775807.0"},
    {M, "9223372036854775808.0",
     "type type type type type type 9223372036854775808.0 9223372036854775808.0"},
    {M, "-9223372036854775808.0",
     "type type type type type type -9223372036854775808.0 -9223372036854775808.0"},
    {M, "18446744073709551615", "range range range range range range type type"},
    {M, "cast(1.5 as float)", "type type type type 1.5 1.5 type type"},
    {M, "0.00012", "type type type type type type 0.00012 0.00012"},
    {M, "99999999999999999999.5",
     "type type type type type type 99999999999999999999.5 99999999999999999999.5"},
    {M, "cast(1 as unsigned)", "true 1 1 1 1 1 type type"},
    {M, "b'1'", "type type type type type type type type"},
    {M, "2026", "range 2026 2026 2026 2026 2026 type type"},
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static const char *spell_status(rowan_status status)
{
    return status == ROWAN_WRONG_TYPE     ? "type"
           : status == ROWAN_OUT_OF_RANGE ? "range"
           : status == ROWAN_NOT_NULL     ? "null"
                                          : rowan_status_name(status);
}

/* Reads the one value of a statement. A refusal names its column and leaves the scope usable. */
static void read_into(const char *sql, const rowan_table *shape, char *out, size_t size)
{
    void *row = NULL;
    rowan_status status = rowan_raw_one(scope, sql, ROWAN_NO_PARAMS, shape, &row);
    const rowan_error *error = rowan_scope_error(scope);

    if (status == ROWAN_OK) {
        spell(rowan_column_value(&shape->columns[0], row), out, size);
        return;
    }
    snprintf(out, size, "%s", spell_status(status));
    ck_assert_ptr_null(row);
    ck_assert_str_eq(error->column, "v");
    ck_assert_ptr_nonnull(strstr(error->message, "\"v\""));
    ck_assert(error->connection_usable);
}

static int mask_of(size_t engine)
{
    return engine_is(engine, "sqlite") ? S : engine_is(engine, "postgresql") ? P : M;
}

START_TEST(a_number_arrives_as_it_is_or_is_refused)
{
    unsigned tried = 0;

    db = engine_open((size_t)_i, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "numbers", &scope, NULL), ROWAN_OK);
    for (size_t i = 0; i < NUMBERS; i++) {
        char sql[100], got[400] = "";
        if ((numbers[i].engines & mask_of((size_t)_i)) == 0) {
            continue;
        }
        snprintf(sql, sizeof sql, "SELECT %s AS v", numbers[i].sql);
        for (size_t m = 0; m < MEMBERS; m++) {
            char one[64];
            read_into(sql, members[m], one, sizeof one);
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", m > 0 ? " " : "", one);
        }
        ck_assert_msg(strcmp(got, numbers[i].outcomes) == 0, "%s\n  expected: %s\n  got:      %s",
                      numbers[i].sql, numbers[i].outcomes, got);
        tried++;
    }
    ck_assert_uint_ge(tried, 16);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("numbers");
    TCase *tc = tcase_create("numbers");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_number_arrives_as_it_is_or_is_refused, 0, (int)engine_count());
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
