/*
 * One value into one member: what fits is there exactly and counted, and what does not is refused
 * with the column's name, whatever the type, whether or not the member is optional.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "model/sink.h"
#include "support/fault.h"
#include "support/members.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TWO_53 9007199254740992

static rowan__arena arena;
static rowan_error error;

static void setup(void)
{
    rowan__arena_init(&arena, &fault_allocator);
}

static void teardown(void)
{
    rowan__arena_fini(&arena);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* What a driver has read. */
typedef enum kind { INT, REAL, TEXT, BLOB, DATE, TIME, INSTANT, UUID } kind;

typedef struct put {
    rowan_type into;
    kind of;
    int64_t number; /* INT, DATE, TIME, INSTANT */
    double real;
    const char *text;  /* TEXT, BLOB, UUID */
    uint64_t bytes;    /* counted if it is taken */
    const char *words; /* what is read back; NULL: refused … */
    const char *why;   /* … with these words */
} put;

#define TAKES_INT(type, n, shown) TAKES(type, INT, n, 8, shown)
#define TAKES_REAL(type, r, size, shown)                                                           \
    {                                                                                              \
        ROWAN_TYPE_##type, REAL, .real = (r), .bytes = (size), .words = (shown)                    \
    }
#define TAKES_TEXT(type, s, size, shown)                                                           \
    {                                                                                              \
        ROWAN_TYPE_##type, TEXT, .text = (s), .bytes = (size), .words = (shown)                    \
    }
#define TAKES(type, kind, n, size, shown)                                                          \
    {                                                                                              \
        ROWAN_TYPE_##type, kind, .number = (n), .bytes = (size), .words = (shown)                  \
    }
#define NO_INT(type, n, reason) NOT(type, INT, n, reason)
#define NO_REAL(type, r, reason)                                                                   \
    {                                                                                              \
        ROWAN_TYPE_##type, REAL, .real = (r), .why = (reason)                                      \
    }
#define NO_TEXT(type, s, reason)                                                                   \
    {                                                                                              \
        ROWAN_TYPE_##type, TEXT, .text = (s), .why = (reason)                                      \
    }
#define NOT(type, kind, n, reason)                                                                 \
    {                                                                                              \
        ROWAN_TYPE_##type, kind, .number = (n), .why = (reason)                                    \
    }

static const put puts_made[] = {
    TAKES_INT(BOOL, 0, "false"),
    TAKES_INT(BOOL, 1, "true"),
    NO_INT(BOOL, 2, "an integer that is no truth value"),
    NO_INT(BOOL, -1, "an integer that is no truth value"),
    TAKES_INT(INT16, INT16_MAX, "32767"),
    TAKES_INT(INT16, INT16_MIN, "-32768"),
    NO_INT(INT16, INT16_MAX + 1, "an integer beyond 16 bits"),
    NO_INT(INT16, INT16_MIN - 1, "an integer beyond 16 bits"),
    TAKES_INT(INT32, INT32_MAX, "2147483647"),
    TAKES_INT(INT32, INT32_MIN, "-2147483648"),
    NO_INT(INT32, (int64_t)INT32_MAX + 1, "an integer beyond 32 bits"),
    NO_INT(INT32, (int64_t)INT32_MIN - 1, "an integer beyond 32 bits"),
    TAKES_INT(INT64, INT64_MAX, "9223372036854775807"),
    TAKES_INT(INT64, INT64_MIN, "-9223372036854775808"),
    TAKES_INT(DOUBLE, TWO_53, "9007199254740992"),
    TAKES_INT(DOUBLE, -TWO_53, "-9007199254740992"),
    NO_INT(DOUBLE, TWO_53 + 1, "an integer that a double cannot hold exactly"),
    NO_INT(DOUBLE, -TWO_53 - 1, "an integer that a double cannot hold exactly"),
    TAKES_INT(FLOAT, 1 << 24, "16777216"),
    TAKES_INT(FLOAT, -(1 << 24), "-16777216"),
    NO_INT(FLOAT, (1 << 24) + 1, "an integer that a float cannot hold exactly"),
    NO_INT(FLOAT, -(1 << 24) - 1, "an integer that a float cannot hold exactly"),
    NO_INT(DECIMAL, 1, "gave an integer, which its member cannot hold"),
    NO_INT(TEXT, 1, "gave an integer, which its member cannot hold"),
    NO_INT(BLOB, 1, "gave an integer, which its member cannot hold"),
    NO_INT(DATE, 1, "gave an integer, which its member cannot hold"),
    NO_INT(TIME, 1, "gave an integer, which its member cannot hold"),
    NO_INT(TIMESTAMP, 1, "gave an integer, which its member cannot hold"),
    NO_INT(UUID, 1, "gave an integer, which its member cannot hold"),
    NO_INT(JSON, 1, "gave an integer, which its member cannot hold"),
    NO_INT(ENUM, 1, "gave an integer, which its member cannot hold"),
    TAKES_REAL(DOUBLE, 0.1, 8, "0.10000000000000001"),
    TAKES_REAL(DOUBLE, -0.0, 8, "-0"),
    TAKES_REAL(DOUBLE, INFINITY, 8, "inf"),
    TAKES_REAL(FLOAT, 0.5, 4, "0.5"),
    TAKES_REAL(FLOAT, -INFINITY, 4, "-inf"),
    TAKES_REAL(FLOAT, NAN, 4, "nan"),
    NO_REAL(FLOAT, 0.1, "a real that a float cannot hold exactly"),
    TAKES_REAL(INT16, -5.0, 8, "-5"),
    NO_REAL(INT16, 32768.0, "an integer beyond 16 bits"),
    TAKES_REAL(INT32, 2147483647.0, 8, "2147483647"),
    TAKES_REAL(INT64, -9223372036854775808.0, 8, "-9223372036854775808"),
    TAKES_REAL(INT64, 9223372036854774784.0, 8, "9223372036854774784"),
    NO_REAL(INT64, 9223372036854775808.0, "gave a real, which its member cannot hold"),
    NO_REAL(INT64, -9223372036854777856.0, "gave a real, which its member cannot hold"),
    NO_REAL(INT64, 0.5, "gave a real, which its member cannot hold"),
    NO_REAL(INT64, NAN, "gave a real, which its member cannot hold"),
    NO_REAL(BOOL, 1.0, "gave a real, which its member cannot hold"),
    NO_REAL(TEXT, 1.0, "gave a real, which its member cannot hold"),
    NO_REAL(DECIMAL, 1.0, "gave a real, which its member cannot hold"),
    NO_REAL(ENUM, 1.0, "gave a real, which its member cannot hold"),
    TAKES_TEXT(TEXT, "", 0, "''"),
    TAKES_TEXT(TEXT, "caf\xC3\xA9", 5, "'caf\xC3\xA9'"),
    TAKES_TEXT(JSON, "{\"a\": 1}", 8, "'{\"a\": 1}'"),
    TAKES_TEXT(DECIMAL, "-12.50", 6, "'-12.50'"),
    NO_TEXT(DECIMAL, "12,50", "a text that is no decimal number"),
    NO_TEXT(DECIMAL, "", "a text that is no decimal number"),
    TAKES_TEXT(ENUM, "small", 5, "0"),
    TAKES_TEXT(ENUM, "large", 5, "1"),
    NO_TEXT(ENUM, "largest", "a label that its enum does not have: generate the model anew"),
    NO_TEXT(ENUM, "larg", "a label that its enum does not have: generate the model anew"),
    NO_TEXT(ENUM, "Small", "a label that its enum does not have: generate the model anew"),
    TAKES_TEXT(DATE, "1970-01-02", 4, "1 days"),
    TAKES_TEXT(DATE, "2000-02-29", 4, "11016 days"),
    NO_TEXT(DATE, "1900-02-29", "a text that is no date of the years 0001 to 9999"),
    TAKES_TEXT(TIME, "00:00:01", 8, "1000000 us"),
    NO_TEXT(TIME, "24:00:00", "a text that is no time of day"),
    TAKES_TEXT(TIMESTAMP, "1970-01-01 00:00:01.5", 8, "1500000 us"),
    NO_TEXT(TIMESTAMP, "infinity", "a text that is no UTC instant of the years 0001 to 9999"),
    TAKES_TEXT(UUID, "00112233-4455-6677-8899-aabbccddeeff", 16,
               "00112233445566778899aabbccddeeff"),
    NO_TEXT(UUID, "00112233-4455-6677-8899-aabbccddeef", "a text that is no uuid"),
    NO_TEXT(BOOL, "true", "gave a text, which its member cannot hold"),
    NO_TEXT(INT16, "1", "gave a text, which its member cannot hold"),
    NO_TEXT(INT32, "1", "gave a text, which its member cannot hold"),
    NO_TEXT(INT64, "1", "gave a text, which its member cannot hold"),
    NO_TEXT(FLOAT, "1", "gave a text, which its member cannot hold"),
    NO_TEXT(DOUBLE, "1", "gave a text, which its member cannot hold"),
    NO_TEXT(BLOB, "1", "gave a text, which its member cannot hold"),
    {ROWAN_TYPE_BLOB, BLOB, .text = "abc", .bytes = 3, .words = "3 bytes: abc"},
    {ROWAN_TYPE_BLOB, BLOB, .text = "", .bytes = 0, .words = "0 bytes: "},
    {ROWAN_TYPE_TEXT, BLOB, .text = "abc", .why = "gave a blob, which its member cannot hold"},
    {ROWAN_TYPE_UUID, BLOB, .text = "abc", .why = "gave a blob, which its member cannot hold"},
    TAKES(DATE, DATE, -719162, 4, "-719162 days"),
    TAKES(DATE, DATE, 2932896, 4, "2932896 days"),
    NOT(DATE, DATE, -719163, "a date outside the years 0001 to 9999"),
    NOT(DATE, DATE, 2932897, "a date outside the years 0001 to 9999"),
    NOT(TIMESTAMP, DATE, 1, "gave a date, which its member cannot hold"),
    TAKES(TIME, TIME, 0, 8, "0 us"),
    TAKES(TIME, TIME, 86399999999, 8, "86399999999 us"),
    NOT(TIME, TIME, 86400000000, "a time that is not within a day"),
    NOT(TIME, TIME, -1, "a time that is not within a day"),
    NOT(INT64, TIME, 1, "gave a time, which its member cannot hold"),
    TAKES(TIMESTAMP, INSTANT, -62135596800000000, 8, "-62135596800000000 us"),
    TAKES(TIMESTAMP, INSTANT, 253402300799999999, 8, "253402300799999999 us"),
    NOT(TIMESTAMP, INSTANT, -62135596800000001, "an instant outside the years 0001 to 9999"),
    NOT(TIMESTAMP, INSTANT, 253402300800000000, "an instant outside the years 0001 to 9999"),
    NOT(DATE, INSTANT, 1, "gave an instant, which its member cannot hold"),
    {ROWAN_TYPE_UUID, UUID, .text = "0123456789abcdef", .bytes = 16,
     .words = "30313233343536373839616263646566"},
    {ROWAN_TYPE_TEXT, UUID, .text = "0123456789abcdef",
     .why = "gave a uuid, which its member cannot hold"},
};

static rowan_status put_into(rowan__sink *sink, const rowan__cell *cell, char *row, const put *p)
{
    switch (p->of) {
    case INT:
        return rowan__put_int(sink, cell, row, p->number);
    case REAL:
        return rowan__put_real(sink, cell, row, p->real);
    case TEXT:
        return rowan__put_text(sink, cell, row, p->text, strlen(p->text));
    case BLOB:
        return rowan__put_blob(sink, cell, row, p->text, strlen(p->text));
    case DATE:
        return rowan__put_date(sink, cell, row, (rowan_date){(int32_t)p->number});
    case TIME:
        return rowan__put_time(sink, cell, row, (rowan_time){p->number});
    case INSTANT:
        return rowan__put_timestamp(sink, cell, row, (rowan_timestamp){p->number});
    case UUID:
        return rowan__put_uuid(sink, cell, row, (const uint8_t *)p->text);
    }
    return ROWAN_MISUSE;
}

/* A layout of the one column, and a sink with one row. */
static rowan__layout *layout_of(const rowan_table *shape, const char *name)
{
    rowan__layout *layout;

    ck_assert_int_eq(rowan__layout_new(&fault_allocator, shape, &name, 1, &layout, &error),
                     ROWAN_OK);
    return layout;
}

static void check_put(const put *p, bool nullable)
{
    const rowan_column *column = member_column(p->into, nullable);
    rowan__layout *layout = layout_of(&members_shape, column->name);
    rowan__sink sink = {.arena = &arena, .layout = layout, .error = &error};
    char words[MEMBER_WORDS];
    char *row = rowan__sink_row(&sink);

    memset(&error, 0, sizeof error);
    rowan_status status = put_into(&sink, &layout->cells[0], row, p);
    if (p->words != NULL) {
        ck_assert_msg(status == ROWAN_OK, "%s: %s", column->name, error.message);
        ck_assert_str_eq(value_words(rowan_column_value(column, row), words), p->words);
        ck_assert_uint_eq(sink.bytes, p->bytes);
    } else {
        bool is_other_type = strstr(p->why, "member cannot hold") != NULL;
        ck_assert_int_eq(status, is_other_type ? ROWAN_WRONG_TYPE : ROWAN_OUT_OF_RANGE);
        ck_assert_int_eq(error.status, status);
        ck_assert_ptr_nonnull(strstr(error.message, p->why));
        ck_assert_ptr_nonnull(strstr(error.message, column->name));
        ck_assert_str_eq(error.column, column->name);
    }
    rowan__layout_free(&fault_allocator, layout);
}

START_TEST(what_fits_is_there_and_what_does_not_is_refused)
{
    check_put(&puts_made[_i], false);
    check_put(&puts_made[_i], true);
}
END_TEST

START_TEST(null_goes_into_optional_members_only)
{
    const rowan_column *column = member_column((rowan_type)(_i + 1), false);
    const rowan_column *optional = member_column((rowan_type)(_i + 1), true);
    rowan__layout *layout = layout_of(&members_shape, column->name);
    rowan__sink sink = {.arena = &arena, .layout = layout, .error = &error};
    char words[MEMBER_WORDS];

    memset(&error, 0, sizeof error);
    char *row = rowan__sink_row(&sink);
    ck_assert_int_eq(rowan__put_null(&sink, &layout->cells[0], row), ROWAN_NOT_NULL);
    ck_assert_str_eq(error.column, column->name);
    ck_assert_ptr_nonnull(strstr(error.message, "is NULL, but its member cannot be"));
    rowan__layout_free(&fault_allocator, layout);

    layout = layout_of(&members_shape, optional->name);
    sink.layout = layout;
    ck_assert_int_eq(rowan__put_null(&sink, &layout->cells[0], row), ROWAN_OK);
    ck_assert_str_eq(value_words(rowan_column_value(optional, row), words), "NULL");
    rowan__layout_free(&fault_allocator, layout);
}
END_TEST

/* A row of values takes anything, as the type that the driver told if that can hold it. */
static const struct {
    put what;
    rowan_type becomes;
} told[] = {
    {TAKES_INT(BOOL, 7, "true"), ROWAN_TYPE_BOOL},
    {TAKES_INT(BOOL, 0, "false"), ROWAN_TYPE_BOOL},
    {TAKES_INT(INT16, 40000, "40000"), ROWAN_TYPE_INT16},
    {TAKES_INT(INT64, INT64_MIN, "-9223372036854775808"), ROWAN_TYPE_INT64},
    {TAKES_INT(FLOAT, 3, "3"), ROWAN_TYPE_FLOAT},
    {TAKES_INT(DOUBLE, 3, "3"), ROWAN_TYPE_DOUBLE},
    {TAKES_REAL(FLOAT, 0.5, 8, "0.5"), ROWAN_TYPE_FLOAT},
    {TAKES_REAL(DOUBLE, 0.1, 8, "0.10000000000000001"), ROWAN_TYPE_DOUBLE},
    {TAKES_REAL(INT64, 2.0, 8, "2"), ROWAN_TYPE_DOUBLE},
    {TAKES_TEXT(TEXT, "text", 4, "'text'"), ROWAN_TYPE_TEXT},
    {TAKES_TEXT(INT64, "text", 4, "'text'"), ROWAN_TYPE_TEXT},
    {TAKES_TEXT(BOOL, "", 0, "''"), ROWAN_TYPE_TEXT},
    {TAKES_TEXT(ENUM, "red", 3, "'red'"), ROWAN_TYPE_TEXT},
    {TAKES_TEXT(DECIMAL, "1.5", 3, "'1.5'"), ROWAN_TYPE_DECIMAL},
    {TAKES_TEXT(JSON, "[]", 2, "'[]'"), ROWAN_TYPE_JSON},
    {TAKES_TEXT(DATE, "1970-01-03", 10, "2 days"), ROWAN_TYPE_DATE},
    {TAKES_TEXT(TIME, "00:00:00.25", 11, "250000 us"), ROWAN_TYPE_TIME},
    {TAKES_TEXT(TIMESTAMP, "1970-01-01 00:00:00.25", 22, "250000 us"), ROWAN_TYPE_TIMESTAMP},
    {TAKES_TEXT(UUID, "00112233-4455-6677-8899-aabbccddeeff", 36,
                "00112233445566778899aabbccddeeff"),
     ROWAN_TYPE_UUID},
    {NO_TEXT(DATE, "1970-01-32", "a text that is not of the column's type"), ROWAN_TYPE_DATE},
    {NO_TEXT(TIME, "noon", "a text that is not of the column's type"), ROWAN_TYPE_TIME},
    {NO_TEXT(TIMESTAMP, "now", "a text that is not of the column's type"), ROWAN_TYPE_TIMESTAMP},
    {NO_TEXT(UUID, "none", "a text that is not of the column's type"), ROWAN_TYPE_UUID},
    {{ROWAN_TYPE_TEXT, BLOB, .text = "abc", .bytes = 3, .words = "3 bytes: abc"}, ROWAN_TYPE_BLOB},
    {TAKES(DATE, DATE, 3, 4, "3 days"), ROWAN_TYPE_DATE},
    {TAKES(TIME, TIME, 3, 8, "3 us"), ROWAN_TYPE_TIME},
    {TAKES(TIMESTAMP, INSTANT, 3, 8, "3 us"), ROWAN_TYPE_TIMESTAMP},
    {NOT(DATE, DATE, INT32_MAX, "a date outside the years 0001 to 9999"), ROWAN_TYPE_DATE},
    {{ROWAN_TYPE_UUID, UUID, .text = "0123456789abcdef", .bytes = 16,
      .words = "30313233343536373839616263646566"},
     ROWAN_TYPE_UUID},
};

START_TEST(a_row_of_values_takes_what_the_driver_read)
{
    const put *p = &told[_i].what;
    rowan__layout *layout = layout_of(NULL, "column");
    rowan__sink sink = {.arena = &arena, .layout = layout, .error = &error};
    char words[MEMBER_WORDS];
    rowan_value *value = (rowan_value *)(void *)rowan__sink_row(&sink);

    layout->cells[0].type = p->into;
    value->is_null = true; /* as the row before left it */
    memset(&error, 0, sizeof error);
    rowan_status status = put_into(&sink, &layout->cells[0], (char *)value, p);
    if (p->words != NULL) {
        ck_assert_msg(status == ROWAN_OK, "%s", error.message);
        ck_assert_int_eq(value->type, told[_i].becomes);
        ck_assert_str_eq(value_words(*value, words), p->words);
        ck_assert_uint_eq(sink.bytes, p->bytes);
        ck_assert_int_eq(rowan__put_null(&sink, &layout->cells[0], (char *)value), ROWAN_OK);
        ck_assert(value->is_null && value->type == p->into);
    } else {
        ck_assert_int_eq(status, ROWAN_OUT_OF_RANGE);
        ck_assert_ptr_nonnull(strstr(error.message, p->why));
        ck_assert_str_eq(error.column, "column");
    }
    rowan__layout_free(&fault_allocator, layout);
}
END_TEST

/* A NUL inside a text would cut it: it is an error, and no blob has that trouble. */
START_TEST(a_nul_inside_a_text_is_refused)
{
    static const rowan_type types[] = {ROWAN_TYPE_TEXT, ROWAN_TYPE_JSON};
    static const char with_nul[] = "cut\0off";
    char words[MEMBER_WORDS];

    for (size_t i = 0; i <= COUNT(types); i++) {
        bool is_dynamic = i == COUNT(types);
        const char *name = is_dynamic ? "value" : member_column(types[i], false)->name;
        rowan__layout *layout = layout_of(is_dynamic ? NULL : &members_shape, name);
        rowan__sink sink = {.arena = &arena, .layout = layout, .error = &error};
        char *row = rowan__sink_row(&sink);
        layout->cells[0].type = is_dynamic ? ROWAN_TYPE_TEXT : types[i];
        ck_assert_int_eq(rowan__put_text(&sink, &layout->cells[0], row, with_nul, 7),
                         ROWAN_OUT_OF_RANGE);
        ck_assert_ptr_nonnull(strstr(error.message, "a NUL inside: read it as a blob"));
        ck_assert_str_eq(error.column, name);
        rowan__layout_free(&fault_allocator, layout);
    }
    const rowan_column *column = member_column(ROWAN_TYPE_BLOB, true);
    rowan__layout *layout = layout_of(&members_shape, column->name);
    rowan__sink sink = {.arena = &arena, .layout = layout, .error = &error};
    char *row = rowan__sink_row(&sink);
    ck_assert_int_eq(rowan__put_blob(&sink, &layout->cells[0], row, with_nul, 7), ROWAN_OK);
    ck_assert_str_eq(value_words(rowan_column_value(column, row), words), "7 bytes: cut");
    ck_assert_mem_eq(((members *)(void *)row)->opt_blob.value.data, with_nul, 7);
    rowan__layout_free(&fault_allocator, layout);
}
END_TEST

/* What is too large for what is left of the arena needs memory, which may not be there. */
START_TEST(memory_may_run_out)
{
    static char large[1 << 20];
    static const rowan_type types[] = {ROWAN_TYPE_TEXT, ROWAN_TYPE_JSON, ROWAN_TYPE_BLOB};

    memset(large, '1', sizeof large);
    for (size_t i = 0; i < COUNT(types); i++) {
        const char *name = member_column(types[i], false)->name;
        rowan__layout *layout = layout_of(&members_shape, name);
        rowan__sink sink = {.arena = &arena, .layout = layout, .error = &error};
        char *row = rowan__sink_row(&sink);
        fault_arm(1);
        rowan_status status =
            types[i] == ROWAN_TYPE_BLOB
                ? rowan__put_blob(&sink, &layout->cells[0], row, large, sizeof large)
                : rowan__put_text(&sink, &layout->cells[0], row, large, sizeof large);
        ck_assert(fault_fired());
        ck_assert_int_eq(status, ROWAN_NOMEM);
        ck_assert_int_eq(error.status, ROWAN_NOMEM);
        rowan__layout_free(&fault_allocator, layout);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("puts");
    TCase *tc = tcase_create("puts");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, what_fits_is_there_and_what_does_not_is_refused, 0,
                        (int)COUNT(puts_made));
    tcase_add_loop_test(tc, null_goes_into_optional_members_only, 0, MEMBER_TYPES);
    tcase_add_loop_test(tc, a_row_of_values_takes_what_the_driver_read, 0, (int)COUNT(told));
    tcase_add_test(tc, a_nul_inside_a_text_is_refused);
    tcase_add_test(tc, memory_may_run_out);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
