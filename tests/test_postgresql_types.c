/* Values that PostgreSQL sends in forms of its own: both result formats, numerics, arrays. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/engine.h"
#include "support/suite.h"

static size_t engine; /* PostgreSQL's index */
static const char *url;
static rowan_db *db;
static rowan_scope *scope;

static void setup(void)
{
    rowan_error error;

    url = engine_url_new(engine);
    db = engine_open_url(url, NULL);
    engine_script(db, "CREATE TABLE word (id @int64 PRIMARY KEY, said @text(20) UNIQUE);");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
}

static void teardown(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}

static const rowan_error *failure(void)
{
    return rowan_scope_error(scope);
}

START_TEST(types_without_a_member_are_refused_by_name)
{
    static const struct {
        const char *sql, *type;
    } all[] = {
        {"SELECT interval '1 day' AS it", "interval"},
        {"SELECT ARRAY[1, 2] AS it", "integer[]"},
        {"SELECT ARRAY['a'] AS it", "text[]"},
        {"SELECT int8range(1, 2) AS it", "int8range"},
        {"SELECT ROW(1, 2) AS it", "record"},
    };
    rowan_cursor *cursor;

    ck_assert_int_eq(rowan_raw_open(scope, all[_i].sql, ROWAN_NO_PARAMS, &cursor),
                     ROWAN_UNSUPPORTED);
    ck_assert_str_eq(failure()->column, "it");
    ck_assert_msg(strstr(failure()->message, all[_i].type) != NULL, "%s", failure()->message);
}
END_TEST

START_TEST(what_lies_outside_our_years_is_refused_naming_the_column)
{
    static const char *const all[] = {
        "SELECT date 'infinity' AS it",
        "SELECT timestamptz '-infinity' AS it",
        "SELECT date '0044-03-15 BC' AS it",
        "SELECT timestamp '10000-01-01' AS it",
        "SELECT time '24:00' AS it",
        "SELECT numeric 'NaN' AS it",
        "SELECT date 'infinity' AS it, inet '::1'",
        "SELECT date '0044-03-15 BC' AS it, inet '::1'",
    };
    rowan_cursor *cursor;

    rowan_status status = rowan_raw_open(scope, all[_i], ROWAN_NO_PARAMS, &cursor);
    if (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
        rowan_cursor_close(cursor);
    }
    ck_assert_int_eq(status, ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(failure()->column, "it");
}
END_TEST

/* One column that can come as text only makes all of the result come as text: the values are the
 * same. */
START_TEST(text_results_give_the_same_values_as_binary_ones)
{
    static const char columns[] =
        "SELECT true, (-7)::int2, 70000, -5000000000, 0.1::float4, 1e300::float8, "
        "-12.50::numeric, 'é', "
        "'\\x00ff'::bytea, date '2024-02-29', time '23:59:59.000001', "
        "timestamptz '1969-12-31 23:59:59.5+00', uuid '00112233-4455-6677-8899-aabbccddeeff', "
        "'{\"a\": 1}'::jsonb, NULL::int8";
    char both[2][600];
    rowan_cursor *cursors[2];
    enum { COLUMNS = 15 };

    snprintf(both[0], sizeof both[0], "%s", columns);
    snprintf(both[1], sizeof both[1], "%s, inet '10.0.0.1'", columns);
    rowan_value values[2][COLUMNS];
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(rowan_raw_open(scope, both[i], ROWAN_NO_PARAMS, &cursors[i]), ROWAN_OK);
        ck_assert_int_eq(rowan_cursor_next(cursors[i]), ROWAN_OK);
        for (size_t k = 0; k < COLUMNS; k++) {
            rowan_value value = *rowan_cursor_value(cursors[i], k);
            bool has_bytes = value.type == ROWAN_TYPE_TEXT || value.type == ROWAN_TYPE_BLOB ||
                             value.type == ROWAN_TYPE_DECIMAL || value.type == ROWAN_TYPE_JSON;
            if (has_bytes) {
                char *copy = rowan_scope_alloc(scope, value.as.bytes.size + 1);
                memcpy(copy, value.as.bytes.data, value.as.bytes.size);
                value.as.bytes.data = copy;
            }
            values[i][k] = value;
        }
        rowan_cursor_close(cursors[i]);
    }
    for (size_t k = 0; k < COLUMNS; k++) {
        const rowan_value *a = &values[0][k], *b = &values[1][k];
        ck_assert_int_eq(a->type, b->type);
        ck_assert_int_eq(a->is_null, b->is_null);
        if (a->type == ROWAN_TYPE_TEXT || a->type == ROWAN_TYPE_BLOB ||
            a->type == ROWAN_TYPE_DECIMAL || a->type == ROWAN_TYPE_JSON) {
            ck_assert_uint_eq(a->as.bytes.size, b->as.bytes.size);
            ck_assert_mem_eq(a->as.bytes.data, b->as.bytes.data, a->as.bytes.size);
        } else if (!a->is_null) {
            ck_assert_mem_eq(&a->as, &b->as,
                             a->type == ROWAN_TYPE_BOOL   ? sizeof(bool)
                             : a->type == ROWAN_TYPE_DATE ? sizeof(int32_t)
                             : a->type == ROWAN_TYPE_UUID ? sizeof(rowan_uuid)
                                                          : sizeof(int64_t));
        }
    }
}
END_TEST

START_TEST(numerics_keep_every_digit)
{
    static const char *const all[] = {
        "0",
        "0.00",
        "10000",
        "-12.50",
        "123456789012345678901234567890.12345678",
        "0.0001",
        "-0.00001000",
        "99999999.9999",
        "0.00000000000000000001",
        "100000000.000",
        "1000000000000000000000000000000000000000000000000",
    };
    rowan_cursor *cursor;
    const char *text;

    ck_assert_int_eq(
        rowan_raw_open(
            scope, _i % 2 ? "SELECT CAST(? AS numeric), 0.5::float8" : "SELECT CAST(? AS numeric)",
            ROWAN_PARAMS(rowan_v_decimal((rowan_decimal){all[_i / 2]})), &cursor),
        ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    text = rowan_cursor_value(cursor, 0)->as.bytes.data;
    ck_assert_str_eq(text, all[_i / 2]);
    rowan_cursor_close(cursor);
}
END_TEST

START_TEST(numerics_of_any_length_are_read)
{
    char sql[60];
    rowan_cursor *cursor;
    int zeros = _i / 2 * 1000;

    snprintf(sql, sizeof sql, "SELECT 10::numeric ^ %d%s", zeros, _i % 2 ? ", 0.5::float8" : "");
    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    const char *text = rowan_cursor_value(cursor, 0)->as.bytes.data;
    ck_assert_int_eq(text[0], '1');
    ck_assert_uint_eq(strspn(text + 1, "0"), (size_t)zeros);
    rowan_cursor_close(cursor);
}
END_TEST

/* --- Lists --- */

static int64_t count_in(const char *sql, const rowan_value *items, size_t count)
{
    rowan_cursor *cursor;
    int64_t found;

    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_PARAMS(rowan_v_list(items, count)), &cursor),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &found), ROWAN_OK);
    rowan_cursor_close(cursor);
    return found;
}

/* The places of a statement's parameters are used again: nothing of the last values stays. */
START_TEST(a_parameter_is_of_another_kind_each_time)
{
    static const char sql[] = "SELECT coalesce(CAST(? AS bigint)::text, '-') || ' ' || "
                              "coalesce(CAST(? AS text), '-') || ' ' || "
                              "coalesce(CAST(? AS boolean)::text, '-') AS said";
    const rowan_value none = rowan_v_null(), two = rowan_v_bytes(ROWAN_TYPE_TEXT, "ab\0c", 2),
                      four = rowan_v_bytes(ROWAN_TYPE_TEXT, "ab\0c", 4);
    const struct {
        rowan_value given[3];
        rowan_status status;
        const char *said;
    } all[] = {
        {{ROWAN_V(7), ROWAN_V("seven"), rowan_v_bool(true)}, ROWAN_OK, "7 seven true"},
        {{none, none, none}, ROWAN_OK, "- - -"},
        {{rowan_v_decimal((rowan_decimal){"8"}), ROWAN_V(""), ROWAN_V(0)}, ROWAN_OK, "8  false"},
        {{ROWAN_V(INT64_MIN), ROWAN_V("x"), none}, ROWAN_OK, "-9223372036854775808 x -"},
        {{ROWAN_V(1), ROWAN_V(2), rowan_v_decimal((rowan_decimal){"1"})}, ROWAN_OK, "1 2 true"},
        {{ROWAN_V(9), two, rowan_v_bool(false)}, ROWAN_OK, "9 ab false"},
        {{ROWAN_V(9), four, rowan_v_bool(false)}, ROWAN_OUT_OF_RANGE, NULL},
        {{none, two, rowan_v_bool(true)}, ROWAN_OK, "- ab true"},
        {{ROWAN_V(3), ROWAN_V("caf\xc3\xa9"), none}, ROWAN_OK, "3 caf\xc3\xa9 -"},
        {{rowan_v_decimal((rowan_decimal){"4"}), ROWAN_V("a plain text"), rowan_v_bool(true)},
         ROWAN_OK,
         "4 a plain text true"},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        rowan_cursor *cursor = NULL;
        const char *said = NULL;
        rowan_status status = rowan_raw_open(scope, sql, (rowan_params){all[i].given, 3}, &cursor);
        ck_assert_int_eq(status, all[i].status);
        if (status == ROWAN_OK) {
            ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
            ck_assert_int_eq(rowan_cursor_text(cursor, 0, &said), ROWAN_OK);
            ck_assert_str_eq(said, all[i].said);
        }
        rowan_cursor_close(cursor);
    }
}
END_TEST

START_TEST(a_list_is_one_parameter_whatever_its_length)
{
    static const size_t sizes[] = {0, 1, 2, 7, 1000, 20000};
    size_t size = sizes[_i];
    rowan_value *items = calloc(size + 1, sizeof *items);

    ck_assert_ptr_nonnull(items);
    for (size_t i = 0; i < size; i++) {
        items[i] = rowan_v_int64((int64_t)i);
    }
    ck_assert_int_eq(
        count_in("SELECT count(*) FROM generate_series(0, 30000) n WHERE n = ANY(?)", items, size),
        (int64_t)size);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 1);
    free(items);
}
END_TEST

START_TEST(lists_of_every_type_reach_the_server_whole)
{
    rowan_uuid uuid = {{1, 2, 3}};
    rowan_value texts[] = {ROWAN_V("a\"b\\c"), ROWAN_V(""), ROWAN_V("NULL"), ROWAN_V("{x,y}"),
                           ROWAN_V("é")};
    rowan_value uuids[] = {ROWAN_V(uuid)};
    rowan_value dates[] = {ROWAN_V((rowan_date){0}), ROWAN_V((rowan_date){-1})};
    rowan_value decimals[] = {ROWAN_V((rowan_decimal){"1.50"}), ROWAN_V((rowan_decimal){"-2"})};
    rowan_value blobs[] = {ROWAN_V(((rowan_blob){"\0\"\\", 3}))};
    rowan_value labels[] = {ROWAN_V("up"), ROWAN_V("down")};

    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS text[])) t WHERE t IN "
                              "('a\"b\\c', '', 'NULL', '{x,y}', 'é')",
                              texts, 5),
                     5);
    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS json[])) t", labels, 0), 0);
    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS uuid[])) t WHERE t = "
                              "'01020300-0000-0000-0000-000000000000'",
                              uuids, 1),
                     1);
    ck_assert_int_eq(
        count_in("SELECT count(*) FROM unnest(CAST(? AS date[])) t WHERE t < '1970-01-02'", dates,
                 2),
        2);
    ck_assert_int_eq(
        count_in("SELECT count(*) FROM unnest(CAST(? AS numeric[])) t WHERE t IN (1.5, -2)",
                 decimals, 2),
        2);
    ck_assert_int_eq(
        count_in("SELECT count(*) FROM unnest(CAST(? AS bytea[])) t WHERE t = '\\x00225c'", blobs,
                 1),
        1);
}
END_TEST

/* Elements that have no binary form of ours go as one text, in which each is quoted. */
START_TEST(elements_are_quoted_whatever_is_in_them)
{
    rowan_value documents[] = {ROWAN_V((rowan_json){"{\"a\": \"b\"}"}),
                               ROWAN_V((rowan_json){"[\"\\\\\", \"\\\"\", \"{,}\"]"}),
                               ROWAN_V((rowan_json){"\"NULL\""}), ROWAN_V((rowan_json){"null"})};
    rowan_value spans[] = {ROWAN_V("1 day"), ROWAN_V("02:00:00"), ROWAN_V("\"1\" \\hour")};
    rowan_value reals[] = {ROWAN_V(0.1), ROWAN_V(-1e300), rowan_v_double(NAN),
                           rowan_v_double(-INFINITY)};
    rowan_value narrow[] = {ROWAN_V(1.5), ROWAN_V(0.1), ROWAN_V(16777217.0)};

    ck_assert_int_eq(
        count_in("SELECT count(*) FROM unnest(CAST(? AS jsonb[])) t WHERE t IN ('{\"a\": \"b\"}', "
                 "'[\"\\\\\", \"\\\"\", \"{,}\"]', '\"NULL\"', 'null')",
                 documents, 4),
        4);
    ck_assert_int_eq(count_in("SELECT count(t) FROM unnest(CAST(? AS json[])) t", documents, 4), 4);
    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS interval[])) t WHERE t IN "
                              "('24:00', '2 hours')",
                              spans, 2),
                     2);
    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS text[])) t WHERE t LIKE "
                              "'%1%' OR t = '02:00:00'",
                              spans, 3),
                     3);
    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS float8[])) t WHERE t IN (0.1, "
                              "-1e300, 'NaN', '-Infinity')",
                              reals, 4),
                     4);
    ck_assert_int_eq(
        count_in("SELECT count(*) FROM unnest(CAST(? AS numeric[])) t WHERE t IN (0.1, "
                 "-1e300, 'NaN', '-Infinity')",
                 reals, 4),
        4);
    ck_assert_int_eq(count_in("SELECT count(*) FROM unnest(CAST(? AS float4[])) t WHERE t IN (1.5, "
                              "0.1::float4, 16777216)",
                              narrow, 3),
                     3);
}
END_TEST

START_TEST(a_list_where_one_value_belongs_is_misuse)
{
    rowan_value items[] = {ROWAN_V(1), ROWAN_V(2)};

    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word WHERE id = ?",
                                   ROWAN_PARAMS(rowan_v_list(items, 2)), NULL),
                     ROWAN_MISUSE);
    ck_assert_msg(strstr(failure()->message, "ANY") != NULL, "%s", failure()->message);
    items[1] = rowan_v_null();
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word WHERE id = ANY(?)",
                                   ROWAN_PARAMS(rowan_v_list(items, 2)), NULL),
                     ROWAN_MISUSE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("postgresql types");
    TCase *tc = tcase_create("postgresql types");
    size_t engines = engine_count();

    while (engine < engines && !engine_is(engine, "postgresql")) {
        engine++;
    }
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    if (engine < engines) {
        tcase_add_loop_test(tc, types_without_a_member_are_refused_by_name, 0, 5);
        tcase_add_loop_test(tc, what_lies_outside_our_years_is_refused_naming_the_column, 0, 8);
        tcase_add_test(tc, text_results_give_the_same_values_as_binary_ones);
        tcase_add_loop_test(tc, numerics_keep_every_digit, 0, 22);
        tcase_add_loop_test(tc, numerics_of_any_length_are_read, 0, 8);
        tcase_add_test(tc, a_parameter_is_of_another_kind_each_time);
        tcase_add_loop_test(tc, a_list_is_one_parameter_whatever_its_length, 0, 6);
        tcase_add_test(tc, lists_of_every_type_reach_the_server_whole);
        tcase_add_test(tc, elements_are_quoted_whatever_is_in_them);
        tcase_add_test(tc, a_list_where_one_value_belongs_is_misuse);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
