/* Rows written straight from structs: of every type, one and many by a statement. */
#include <check.h>
#include <stdio.h>

#include "base/alloc.h"
#include "support/items.h"
#include "support/suite.h"

enum { MOST_THINGS = 12 };

typedef enum mood { MOOD_CALM, MOOD_CROSS } mood;

static const char *const mood_labels[] = {"calm", "cross"};
static const rowan_enum mood_enum = {"mood", mood_labels, 2};

typedef struct opt_mood {
    bool has;
    mood value;
} opt_mood;

/* One member of every type; each other one is optional. */
typedef struct thing {
    int64_t id;
    bool truth;
    rowan_opt_bool opt_truth;
    int16_t i16;
    rowan_opt_i16 opt_i16;
    int32_t i32;
    rowan_opt_i32 opt_i32;
    rowan_opt_i64 opt_i64;
    float f;
    rowan_opt_float opt_f;
    double d;
    rowan_opt_double opt_d;
    rowan_decimal amount;
    rowan_opt_decimal opt_amount;
    const char *words;
    rowan_opt_text opt_words;
    rowan_blob bytes;
    rowan_opt_blob opt_bytes;
    rowan_date day;
    rowan_opt_date opt_day;
    rowan_time clock;
    rowan_opt_time opt_clock;
    rowan_timestamp instant;
    rowan_opt_timestamp opt_instant;
    rowan_uuid mark;
    rowan_opt_uuid opt_mark;
    rowan_json document;
    rowan_opt_json opt_document;
    mood mood;
    opt_mood opt_mood;
} thing;

#define THING(member) ROWAN_COLUMN(thing_shape, thing, member, 0)
#define OPT_THING(member) ROWAN_OPT_COLUMN(thing_shape, thing, member, 0)

static const rowan_table thing_shape;
static const rowan_column thing_columns[] = {
    THING(id),
    THING(truth),
    OPT_THING(opt_truth),
    THING(i16),
    OPT_THING(opt_i16),
    THING(i32),
    OPT_THING(opt_i32),
    OPT_THING(opt_i64),
    THING(f),
    OPT_THING(opt_f),
    THING(d),
    OPT_THING(opt_d),
    THING(amount),
    OPT_THING(opt_amount),
    THING(words),
    OPT_THING(opt_words),
    THING(bytes),
    OPT_THING(opt_bytes),
    THING(day),
    OPT_THING(opt_day),
    THING(clock),
    OPT_THING(opt_clock),
    THING(instant),
    OPT_THING(opt_instant),
    THING(mark),
    OPT_THING(opt_mark),
    THING(document),
    OPT_THING(opt_document),
    {&thing_shape, "mood", ROWAN_TYPE_ENUM, 0, offsetof(thing, mood), offsetof(thing, mood),
     &mood_enum, 0, 0},
    {&thing_shape, "opt_mood", ROWAN_TYPE_ENUM, ROWAN_NULLABLE, offsetof(thing, opt_mood),
     offsetof(thing, opt_mood.value), &mood_enum, 0, 0},
};
enum { COLUMNS = sizeof thing_columns / sizeof thing_columns[0] };
static const rowan_table thing_shape = ROWAN_SHAPE(thing, thing_columns);

static const rowan_column *columns[COLUMNS];
static thing things[MOST_THINGS];
static subject it;

static void open_things(int i)
{
    subject_open(&it, i);
    subject_ddl(&it,
                "CREATE TABLE thing (id @int64 NOT NULL PRIMARY KEY, truth @bool NOT NULL, "
                "opt_truth @bool, i16 @int16 NOT NULL, opt_i16 @int16, "
                "i32 @int32 NOT NULL, opt_i32 @int32, opt_i64 @int64, f @float NOT NULL, "
                "opt_f @float, d @double NOT NULL, opt_d @double, "
                "amount @decimal(20,4) NOT NULL, opt_amount @decimal(20,4), "
                "words @text(50) NOT NULL, opt_words @text(50), bytes @blob NOT NULL, "
                "opt_bytes @blob, day @date NOT NULL, opt_day @date, clock @time NOT NULL, "
                "opt_clock @time, instant @timestamp NOT NULL, opt_instant @timestamp, "
                "mark @uuid NOT NULL, opt_mark @uuid, document @json NOT NULL, opt_document @json, "
                "mood @text(10) NOT NULL, opt_mood @text(10));");
}

/* Thing n; every second one has no optional values. */
static thing thing_of(int64_t n)
{
    static const char *const texts[] = {"",
                                        "x",
                                        "four",
                                        "nine char",
                                        "b\xc3\xa4r \xe6\x9c\xac",
                                        "a text of more than sixteen bytes"};
    const char *text = texts[n % 6];
    bool has = n % 2 == 0;
    rowan_blob blob = {"\0\1\2", (size_t)(n % 4)};
    rowan_uuid uuid = {{0x12, 0x34, [15] = (uint8_t)n}};

    return (thing){
        .id = n,
        .truth = has,
        .opt_truth = {has, has},
        .i16 = (int16_t)-n,
        .opt_i16 = {has, has ? INT16_MIN : 0},
        .i32 = (int32_t)n * 100000,
        .opt_i32 = {has, has ? INT32_MAX : 0},
        .opt_i64 = {has, has ? INT64_MIN : 0},
        .f = (float)n / 4,
        .opt_f = {has, has ? 0.1f : 0},
        .d = (double)n / 3,
        .opt_d = {has, has ? -0.1 : 0},
        .amount = {"12.5000"},
        .opt_amount = {has, {has ? "-0.0001" : NULL}},
        .words = text,
        .opt_words = {has, has ? text : NULL},
        .bytes = blob,
        .opt_bytes = {has, has ? blob : (rowan_blob){NULL, 0}},
        .day = {(int32_t)n - 5000},
        .opt_day = {has, {has ? 19000 : 0}},
        .clock = {n * 1000001},
        .opt_clock = {has, {has ? 86399999999 : 0}},
        .instant = {n * 1000000000001},
        .opt_instant = {has, {has ? -1 : 0}},
        .mark = uuid,
        .opt_mark = {has, has ? uuid : (rowan_uuid){{0}}},
        .document = {"[1]"},
        .opt_document = {has, {has ? "null" : NULL}},
        .mood = n % 3 == 0 ? MOOD_CROSS : MOOD_CALM,
        .opt_mood = {has, has ? MOOD_CROSS : MOOD_CALM},
    };
}

/* The text that inserts @p rows rows of things, or what the engine has in its place. */
static rowan__prepared *prepare_insert(size_t rows, const char *behind)
{
    char text[64 + COLUMNS * 20 + MOST_THINGS * COLUMNS * 6];
    size_t size = (size_t)snprintf(text, sizeof text, "INSERT INTO thing (");

    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = &thing_columns[i];
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%s", i == 0 ? "" : ", ",
                                 thing_columns[i].name);
    }
    size += (size_t)snprintf(text + size, sizeof text - size, ") VALUES ");
    for (size_t i = 0; i < rows * COLUMNS; i++) {
        const char *before = i == 0 ? "(" : i % COLUMNS == 0 ? "), (" : ", ";
        size += it.driver->dialect->numbered_placeholders
                    ? (size_t)snprintf(text + size, sizeof text - size, "%s$%zu", before, i + 1)
                    : (size_t)snprintf(text + size, sizeof text - size, "%s?", before);
    }
    snprintf(text + size, sizeof text - size, ")%s", behind);
    rowan__prepared *prepared = subject_prepare(&it, text);
    ck_assert_msg(prepared != NULL, "%s", it.error.message);
    return prepared;
}

static void make_things(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        things[i] = thing_of((int64_t)i + 1);
    }
}

static rowan__structs structs_of(size_t count)
{
    return (rowan__structs){.columns = columns,
                            .column_count = COLUMNS,
                            .rows = (const char *)things,
                            .stride = sizeof things[0],
                            .count = count};
}

static void check_same(const rowan_column *column, const void *got, const void *wanted)
{
    rowan_value a = rowan_column_value(column, got);
    rowan_value b = rowan_column_value(column, wanted);

    ck_assert_msg(a.is_null == b.is_null, "%s", column->name);
    if (a.is_null) {
        return;
    }
    switch (column->type) {
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
        ck_assert_msg(a.as.bytes.size == b.as.bytes.size, "%s", column->name);
        ck_assert_msg(memcmp(a.as.bytes.data, b.as.bytes.data, a.as.bytes.size) == 0, "%s",
                      column->name);
        break;
    default:
        ck_assert_msg(memcmp(&a.as, &b.as, sizeof a.as) == 0, "%s", column->name);
        break;
    }
}

static void check_things(const thing *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        thing wanted = thing_of((int64_t)i + 1);
        for (size_t j = 0; j < COLUMNS; j++) {
            check_same(&thing_columns[j], &found[i], &wanted);
        }
    }
}

/* Whether this file knows how the engine's inserts are written. */
static bool knows(void)
{
    return it.driver->dialect->insert_form != ROWAN__INSERT_UNNEST;
}

static bool sends_arrays(void)
{
    return it.driver->dialect->insert_form == ROWAN__INSERT_ARRAYS;
}

/* The statement for @p rows rows at once. */
static rowan__prepared *prepare_for(size_t rows, const char *behind)
{
    return prepare_insert(sends_arrays() ? 1 : rows, behind);
}

START_TEST(every_type_is_written_from_its_member)
{
    static const size_t at_once[] = {1, 2, 3, MOST_THINGS};

    open_things(_i);
    for (size_t i = 0; i < sizeof at_once / sizeof at_once[0] && knows(); i++) {
        rowan__structs structs = structs_of(MOST_THINGS);
        rowan__operation operation = {.prepared = prepare_for(at_once[i], ""), .structs = &structs};
        reading all;
        make_things(MOST_THINGS);
        it.driver->run(it.connection, &operation, 1);
        ck_assert_msg(operation.status == ROWAN_OK, "%s", operation.error.message);
        ck_assert_uint_eq(operation.affected, MOST_THINGS);
        ck_assert_uint_eq(operation.statements, sends_arrays() ? 1 : MOST_THINGS / at_once[i]);
        ck_assert_uint_gt(operation.bytes_sent, MOST_THINGS * COLUMNS);
        it.driver->unprepare(operation.prepared);
        reading_begin(&all, &it, "SELECT * FROM thing ORDER BY id", &thing_shape);
        reading_run(&all);
        ck_assert_uint_eq(all.sink.count, MOST_THINGS);
        check_things((const thing *)(void *)all.sink.rows, MOST_THINGS);
        reading_end(&all);
        ck_assert_int_eq(subject_run(&it, "DELETE FROM thing", NULL, NULL), ROWAN_OK);
    }
    subject_close(&it);
}
END_TEST

/* One after the other by one statement; on every engine. */
START_TEST(a_single_row_is_written_from_its_members)
{
    uint64_t least = 0;
    reading all;

    open_things(_i);
    make_things(MOST_THINGS);
    rowan__prepared *prepared = prepare_insert(1, "");
    for (size_t i = 0; i < MOST_THINGS; i++) {
        rowan__structs structs = structs_of(1);
        structs.rows = (const char *)&things[i];
        structs.is_row = true;
        rowan__operation operation = {.prepared = prepared, .structs = &structs};
        it.driver->run(it.connection, &operation, 1);
        ck_assert_msg(operation.status == ROWAN_OK, "%s", operation.error.message);
        ck_assert_uint_eq(operation.affected, 1);
        ck_assert_uint_eq(operation.statements, 1);
        ck_assert_uint_gt(operation.bytes_sent, least);
        least = COLUMNS;
    }
    it.driver->unprepare(prepared);
    reading_begin(&all, &it, "SELECT * FROM thing ORDER BY id", &thing_shape);
    reading_run(&all);
    ck_assert_uint_eq(all.sink.count, MOST_THINGS);
    check_things((const thing *)(void *)all.sink.rows, MOST_THINGS);
    reading_end(&all);
    subject_close(&it);
}
END_TEST

/* The row of a table of texts, of which there is one at a time. */
static void check_saying(const char *words, const char *opt_words)
{
    reading all;

    reading_begin(&all, &it, "SELECT words, opt_words FROM saying", &thing_shape);
    reading_run(&all);
    const thing *found = (const thing *)(void *)all.sink.rows;
    ck_assert_uint_eq(all.sink.count, 1);
    ck_assert_str_eq(found->words, words);
    ck_assert_int_eq(found->opt_words.has, opt_words != NULL);
    if (opt_words) {
        ck_assert_str_eq(found->opt_words.value, opt_words);
    }
    reading_end(&all);
    ck_assert_int_eq(subject_run(&it, "DELETE FROM saying", NULL, NULL), ROWAN_OK);
}

/* PostgreSQL is then told no formats; values, which may end without a NUL, need theirs again. */
START_TEST(a_row_of_texts_alone_is_written_as_it_is)
{
    static const char *const texts[] = {"", "x", "it's \\ \"{1,2}\"", "b\xc3\xa4r \xe6\x9c\xac"};
    const rowan_value cut[] = {rowan_v_bytes(ROWAN_TYPE_TEXT, "cut here", 3), rowan_v_null()};

    open_things(_i);
    ck_assert_int_eq(
        subject_run(&it, "CREATE TABLE saying (words text, opt_words text)", NULL, NULL), ROWAN_OK);
    rowan__prepared *prepared = subject_prepare(&it, it.driver->dialect->numbered_placeholders
                                                         ? "INSERT INTO saying VALUES ($1, $2)"
                                                         : "INSERT INTO saying VALUES (?, ?)");
    ck_assert_ptr_nonnull(prepared);
    columns[0] = rowan_table_column(&thing_shape, "words");
    columns[1] = rowan_table_column(&thing_shape, "opt_words");
    for (size_t i = 0; i < 2 * sizeof texts / sizeof texts[0]; i++) {
        bool has = i % 2 == 0;
        things[0].words = texts[i / 2];
        things[0].opt_words = (rowan_opt_text){has, has ? texts[3 - i / 2] : NULL};
        rowan__structs structs = structs_of(1);
        structs.column_count = 2;
        structs.is_row = true;
        rowan__operation operation = {.prepared = prepared, .structs = &structs};
        it.driver->run(it.connection, &operation, 1);
        ck_assert_msg(operation.status == ROWAN_OK, "%s", operation.error.message);
        ck_assert_uint_eq(operation.affected, 1);
        check_saying(texts[i / 2], things[0].opt_words.value);
        operation = (rowan__operation){.prepared = prepared, .params = cut, .param_rows = 1};
        it.driver->run(it.connection, &operation, 1);
        ck_assert_msg(operation.status == ROWAN_OK, "%s", operation.error.message);
        check_saying("cut", NULL);
    }
    it.driver->unprepare(prepared);
    ck_assert_int_eq(subject_run(&it, "DROP TABLE saying", NULL, NULL), ROWAN_OK);
    subject_close(&it);
}
END_TEST

START_TEST(structs_may_be_anywhere)
{
    static const void *at[MOST_THINGS];
    rowan__structs structs = structs_of(4);
    reading all;

    open_things(_i);
    if (knows()) {
        make_things(MOST_THINGS);
        for (size_t i = 0; i < 4; i++) {
            at[i] = &things[3 - i];
        }
        structs.rows = NULL;
        structs.at = at;
        rowan__operation operation = {.prepared = prepare_for(2, ""), .structs = &structs};
        it.driver->run(it.connection, &operation, 1);
        ck_assert_int_eq(operation.status, ROWAN_OK);
        it.driver->unprepare(operation.prepared);
        reading_begin(&all, &it, "SELECT * FROM thing ORDER BY id", &thing_shape);
        reading_run(&all);
        ck_assert_uint_eq(all.sink.count, 4);
        check_things((const thing *)(void *)all.sink.rows, 4);
        reading_end(&all);
    }
    subject_close(&it);
}
END_TEST

START_TEST(written_rows_may_come_back)
{
    open_things(_i);
    if (knows()) {
        rowan__structs structs = structs_of(6);
        make_things(6);
        rowan__operation operation = {.prepared = prepare_for(3, " RETURNING id, words"),
                                      .structs = &structs};
        rowan__layout *layout = subject_layout(&it, operation.prepared, &thing_shape);
        rowan__sink sink = {.arena = &it.arena, .layout = layout, .error = &operation.error};
        operation.sink = &sink;
        it.driver->run(it.connection, &operation, 1);
        ck_assert_int_eq(operation.status, ROWAN_OK);
        ck_assert_uint_eq(operation.statements, sends_arrays() ? 1 : 2);
        ck_assert_uint_eq(operation.affected, 6);
        ck_assert_uint_eq(operation.rows, 6);
        ck_assert_uint_eq(sink.count, 6);
        for (int64_t i = 0; i < 6; i++) {
            const thing *back = (const thing *)(void *)sink.rows + i;
            ck_assert_int_eq(back->id, i + 1);
            ck_assert_str_eq(back->words, things[i].words);
            ck_assert(!back->opt_words.has);
        }
        rowan__layout_free(&rowan__default_allocator, layout);
        it.driver->unprepare(operation.prepared);
    }
    subject_close(&it);
}
END_TEST

/* The text is that of the second row of the second execution. */
START_TEST(a_text_that_is_none_is_refused_by_its_column)
{
    static const char *const none[] = {"\x80",         "ab\xff",
                                       "abcd\xc3",     "seven c\xe6\x9c",
                                       "eight ch\xf5", "seventeen bytes \xc0\x80"};

    open_things(_i);
    for (size_t i = 0; i < sizeof none / sizeof none[0] && knows(); i++) {
        rowan__structs structs = structs_of(4);
        make_things(4);
        things[3].words = none[i];
        rowan__operation operation = {.prepared = prepare_for(2, ""), .structs = &structs};
        ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
        it.driver->run(it.connection, &operation, 1);
        ck_assert_int_eq(operation.status, ROWAN_OUT_OF_RANGE);
        ck_assert_str_eq(operation.error.column, "words");
        ck_assert_int_eq(operation.error.fate, ROWAN_FATE_OPEN);
        ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
        it.driver->unprepare(operation.prepared);
    }
    subject_close(&it);
}
END_TEST

START_TEST(what_the_database_refuses_is_its_own_error)
{
    open_things(_i);
    if (knows()) {
        rowan__structs structs = structs_of(4);
        make_things(4);
        rowan__operation operation = {.prepared = prepare_for(2, ""), .structs = &structs};
        things[3].id = 2;
        ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
        it.driver->run(it.connection, &operation, 1);
        ck_assert_int_eq(operation.status, ROWAN_UNIQUE);
        ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
        things[3].id = 4;
        things[1].words = NULL;
        operation = (rowan__operation){.prepared = operation.prepared, .structs = &structs};
        it.driver->run(it.connection, &operation, 1);
        ck_assert_int_eq(operation.status, ROWAN_NOT_NULL);
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM thing"), 0);
        it.driver->unprepare(operation.prepared);
    }
    subject_close(&it);
}
END_TEST

/* By the text that begins a copy, in whose place the rows are selected when it is prepared. */
START_TEST(every_type_is_copied_from_its_member)
{
    char names[COLUMNS * 20] = "", copy[sizeof names + 200], query[sizeof names + 40];
    rowan__structs structs = structs_of(MOST_THINGS);

    open_things(_i);
    const rowan__dialect *dialect = it.driver->dialect;
    for (size_t i = 0; i < COLUMNS && dialect->copy_before; i++) {
        columns[i] = &thing_columns[i];
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i == 0 ? "" : ", ",
                 thing_columns[i].name);
    }
    if (dialect->copy_before) {
        reading all;
        make_things(MOST_THINGS);
        snprintf(copy, sizeof copy, "%sthing%s(%s)%s", dialect->copy_before, dialect->copy_between,
                 names, dialect->copy_after);
        snprintf(query, sizeof query, "SELECT %s FROM thing", names);
        structs.copy_sql = copy;
        structs.copy_sql_size = strlen(copy);
        rowan__operation operation = {.prepared = subject_prepare(&it, query), .structs = &structs};
        ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
        it.driver->run(it.connection, &operation, 1);
        ck_assert_msg(operation.status == ROWAN_OK, "%s (%s)", operation.error.message,
                      operation.error.engine_message);
        ck_assert_int_eq(subject_send(&it, "COMMIT"), ROWAN_OK);
        ck_assert_uint_eq(operation.affected, MOST_THINGS);
        ck_assert_uint_eq(operation.statements, 1);
        ck_assert_uint_gt(operation.bytes_sent, MOST_THINGS * COLUMNS);
        it.driver->unprepare(operation.prepared);
        reading_begin(&all, &it, "SELECT * FROM thing ORDER BY id", &thing_shape);
        reading_run(&all);
        ck_assert_uint_eq(all.sink.count, MOST_THINGS);
        check_things((const thing *)(void *)all.sink.rows, MOST_THINGS);
        reading_end(&all);
    }
    subject_close(&it);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver_structs");
    TCase *tc = tcase_create("driver");
    int subjects = subject_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, every_type_is_written_from_its_member, 0, subjects);
    tcase_add_loop_test(tc, every_type_is_copied_from_its_member, 0, subjects);
    tcase_add_loop_test(tc, a_single_row_is_written_from_its_members, 0, subjects);
    tcase_add_loop_test(tc, a_row_of_texts_alone_is_written_as_it_is, 0, subjects);
    tcase_add_loop_test(tc, structs_may_be_anywhere, 0, subjects);
    tcase_add_loop_test(tc, written_rows_may_come_back, 0, subjects);
    tcase_add_loop_test(tc, a_text_that_is_none_is_refused_by_its_column, 0, subjects);
    tcase_add_loop_test(tc, what_the_database_refuses_is_its_own_error, 0, subjects);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
