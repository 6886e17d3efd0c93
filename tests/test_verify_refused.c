/*
 * Advice that does not hold is withdrawn, what cannot be tried is said, and nothing that a trace
 * holds changes a database.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/recorded.h"
#include "support/suite.h"

/* --- What is withdrawn. --- */

START_TEST(a_limit_that_keeps_one_of_several_withdraws)
{
    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id FROM note WHERE post_id = ? LIMIT 1");
    recorded_analyze();
    recorded_verify(0);
    recorded_expect("n_plus_one", ROWAN__PROVEN_WITHDRAWN,
                    "the rows of 4 of 8 values differ, 6 rows one by one, 12 at once");
    ck_assert_ptr_nonnull(strstr(recorded_only("n_plus_one")->suggestion, "is withdrawn"));
    ck_assert_uint_eq(recorded_only("n_plus_one")->count, RECORDED_POSTS);
    recorded_end();
}
END_TEST

START_TEST(rows_that_change_by_themselves_withdraw)
{
    recorded_begin(_i, true);
    recorded_posts();
    recorded_each(engine_is(recorded.engine, "mariadb")
                      ? "SELECT id, rand() FROM note WHERE post_id = ?"
                      : "SELECT id, random() FROM note WHERE post_id = ?");
    recorded_analyze();
    recorded_verify(0);
    recorded_expect("n_plus_one", ROWAN__PROVEN_WITHDRAWN, "the rows of 6 of 8 values differ");
    recorded_end();
}
END_TEST

/* --- What cannot be tried. --- */

START_TEST(hidden_values_are_those_of_the_parents_rows)
{
    recorded_begin(_i, false);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    recorded_verify(0);
    const rowan__proof *proof = recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_uint_eq(proof->rows, 12);
    ck_assert_uint_eq(proof->before, RECORDED_POSTS);
    recorded_end();
}
END_TEST

START_TEST(hidden_values_without_a_way_to_them_are_said)
{
    static const char *const hidden[] = {
        "SELECT id, body FROM note WHERE post_id = ?",                   /* the parent has one */
        "SELECT id, body FROM note WHERE post_id = ? AND lang <> 'fr'"}; /* the child has one */

    for (int i = 0; i < 2; i++) {
        recorded_begin(_i, false);
        recorded_send(i == 0 ? "SELECT id FROM post WHERE id > 5" : "SELECT id FROM post",
                      ROWAN_NO_PARAMS);
        recorded_each(hidden[i]);
        recorded_analyze();
        recorded_verify(0);
        recorded_expect("n_plus_one", ROWAN__PROVEN_UNVERIFIED, "record the trace with --values");
        recorded_end();
    }
}
END_TEST

START_TEST(rows_that_are_gone_prove_nothing)
{
    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    engine_send(recorded.url, "DELETE FROM note");
    recorded_verify(0);
    recorded_expect("n_plus_one", ROWAN__PROVEN_UNVERIFIED, "none of the values finds a row");
    recorded_end();
}
END_TEST

START_TEST(a_table_that_is_gone_keeps_no_other_finding_back)
{
    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    for (int i = 0; i < 4; i++) {
        recorded_send("SELECT title FROM post WHERE rank_no = 1", ROWAN_NO_PARAMS);
    }
    recorded_analyze();
    engine_send(recorded.url, "DROP TABLE note");
    recorded_verify(0);
    recorded_expect("n_plus_one", ROWAN__PROVEN_UNVERIFIED, "ROWAN_NO_SUCH");
    ck_assert_uint_eq(recorded_expect("duplicate_query", ROWAN__PROVEN_EQUAL, NULL)->before, 4);
    recorded_end();
}
END_TEST

START_TEST(another_engine_is_said)
{
    recorded_begin(_i, true);
    recorded_analyze_lines(
        "{\"sql\":\"SELECT id FROM post\",\"cols\":[\"id\"],\"rows\":[[1]],\"dialect\":\"db2\"}\n"
        "{\"sql\":\"SELECT 1 FROM a WHERE b = 2\",\"rows\":[[1]],\"dialect\":\"db2\"}\n"
        "{\"sql\":\"SELECT 1 FROM a WHERE b = 2\",\"rows\":[[1]],\"dialect\":\"db2\"}\n"
        "{\"sql\":\"SELECT 1 FROM a WHERE b = 2\",\"rows\":[[1]],\"dialect\":\"db2\"}\n");
    recorded_verify(0);
    recorded_expect("duplicate_query", ROWAN__PROVEN_UNVERIFIED, "the trace is of db2");
    recorded_end();
}
END_TEST

/* --- Traces that are made up. --- */

enum { MADE_UP = 6, MOST_LINES = 1 << 19 };

static char lines[MOST_LINES];
static size_t written;

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void put(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    written += (size_t)vsnprintf(lines + written, sizeof lines - written, format, args);
    va_end(args);
    ck_assert_uint_lt(written, sizeof lines);
}

/* One statement; `?` is the engine's placeholder. */
static void put_statement(const char *sql, const char *params, const char *rows)
{
    put("{\"scope\":\"a\",\"callsite\":\"a.c:1 f\",\"dialect\":\"%s\",\"sql\":\"",
        engine_name(recorded.engine));
    for (unsigned number = 0; *sql != '\0'; sql++) {
        if (*sql == '?' && engine_is(recorded.engine, "postgresql")) {
            put("$%u", ++number);
        } else {
            put("%c", *sql);
        }
    }
    put("\",\"params\":%s,\"cols\":[\"id\"],\"rows\":%s}\n", params, rows);
}

static void put_parent(void)
{
    written = 0;
    put_statement("SELECT id FROM post", "[]", "[[1008],[1015],[1022],[1029],[1036],[1043]]");
}

/* Children whose parameters are those of even and of odd executions; `%d` is the key. */
static const struct made_up {
    const char *on, *kind, *sql, *even, *odd, *why;
} made_up[] = {
    {"spm", "duplicate_query", "SELECT id FROM note WHERE post_id = ?", "[]", "[]",
     "values are hidden"},
    {"spm", "duplicate_query", "SELECT id FROM note WHERE lang <> ? AND post_id = ?", "[\"x\"]",
     "[\"x\"]", "the trace has no value for parameter 2"},
    {"spm", "n_plus_one", "SELECT id FROM note WHERE post_id = ?", "[%d]", "[\"%d\"]",
     "the values are of different types"},
    {"spm", "n_plus_one", "SELECT id FROM note WHERE post_id = ?", "[\"#00000000%08d\"]",
     "[\"#00000000%08d\"]", "values are hidden"},
    {"p", "n_plus_one", "SELECT id FROM note WHERE post_id = ANY (?)", "[\"{%d}\"]", "[\"{%d,7}\"]",
     "an array is recorded as a text"},
};

enum { MADE_UPS = sizeof made_up / sizeof made_up[0] };

START_TEST(values_that_are_not_there_are_said)
{
    const struct made_up *it = &made_up[_i % MADE_UPS];
    size_t engine = (size_t)_i / MADE_UPS;

    if (strchr(it->on, engine_name(engine)[0]) == NULL) {
        return;
    }
    recorded_begin((int)engine, true);
    put_parent();
    for (int i = 1; i <= MADE_UP; i++) {
        char params[64];
        snprintf(params, sizeof params, i % 2 ? it->odd : it->even, /* NOLINT */
                 (int)recorded_post(i));
        put_statement(it->sql, params, "[[5]]");
    }
    recorded_analyze_lines(lines);
    engine_send(recorded.url, "DELETE FROM post WHERE id > 0"); /* nothing can be had from it */
    recorded_verify(0);
    recorded_expect(it->kind, ROWAN__PROVEN_UNVERIFIED, it->why);
    recorded_end();
}
END_TEST

/* A result may have 256 columns, and no more. */
START_TEST(results_that_are_too_wide_are_said)
{
    for (int columns = 256; columns <= 257; columns++) {
        char sql[2048] = "SELECT id", params[32];
        recorded_begin(_i, true);
        put_parent();
        for (int i = 1; i < columns; i++) {
            strcat(sql, ", id");
        }
        strcat(sql, " FROM note WHERE post_id = ?");
        for (int i = 1; i <= MADE_UP; i++) {
            snprintf(params, sizeof params, "[%d]", (int)recorded_post(i));
            put_statement(sql, params, "[[5]]");
        }
        recorded_analyze_lines(lines);
        recorded_verify(0);
        if (columns == 256) {
            ck_assert_uint_eq(recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL)->rows, 9);
        } else {
            recorded_expect("n_plus_one", ROWAN__PROVEN_UNVERIFIED, "more than 256 columns");
        }
        recorded_end();
    }
}
END_TEST

/* Of very many executions the first are tried. */
START_TEST(a_thousand_executions_are_enough)
{
    enum { MANY = 1030 };
    char params[32];

    recorded_begin(_i, true);
    written = 0;
    for (int i = 0; i < MANY; i++) {
        snprintf(params, sizeof params, "[%d]", i == 999 || i > 1000 ? 1 : (int)recorded_post(i));
        put_statement("SELECT id FROM note WHERE post_id = ? AND rank_no >= 0", params, "[[5]]");
    }
    recorded_analyze_lines(lines);
    recorded_verify(0);
    const rowan__proof *proof = recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_uint_eq(proof->before, 1000);
    ck_assert_uint_eq(proof->rows, 12);
    recorded_end();
}
END_TEST

/* Of a walk by literals it is not known with which it began. */
START_TEST(a_walk_by_literals_is_said)
{
    recorded_begin(_i, true);
    written = 0;
    for (int i = 1; i <= 5; i++) {
        char sql[96], rows[64];
        snprintf(sql, sizeof sql, "SELECT id FROM node WHERE parent_id = %d", i);
        snprintf(rows, sizeof rows, "[[%d],[%d],[%d]]", 3 * i - 1, 3 * i, 3 * i + 1);
        put_statement(sql, "[]", rows);
    }
    recorded_analyze_lines(lines);
    recorded_verify(0);
    recorded_expect("recursive_walk", ROWAN__PROVEN_UNVERIFIED, "are written in its texts");
    recorded_end();
}
END_TEST

/* --- Nothing is changed. --- */

/* Statements that a trace may hold in the place of a child: `%d` is the key. */
static const char *const hostile[] = {
    "WITH gone AS (DELETE FROM note WHERE post_id = %d RETURNING id) SELECT id FROM gone",
    "SELECT nextval('counted') FROM post WHERE id = %d",
    "SELECT id FROM note WHERE post_id = %d; DELETE FROM note",
    "SELECT id INTO copied FROM note WHERE post_id = %d",
    "SELECT id FROM note WHERE post_id = %d FOR UPDATE",
    "SELECT writes(id) FROM note WHERE post_id = %d",
    "SELECT \\\"pg_notify\\\"('a', 'b') FROM note WHERE post_id = %d",
    "SELECT pg_advisory_lock(id) FROM note WHERE post_id = %d",
    "SELECT id FROM note /*! , (SELECT 1) */ WHERE post_id = %d",
    "REPLACE INTO note (id, post_id) VALUES (1, %d)",
    "PRAGMA user_version = %d",
};

enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

static void add_line(char **at, const char *format, int key, const char *rows)
{
    char sql[200];

    snprintf(sql, sizeof sql, format, key);
    *at +=
        sprintf(*at,
                "{\"scope\":\"a\",\"sql\":\"%s\",\"cols\":[\"id\"],\"rows\":%s,\"dialect\":\"%s\","
                "\"callsite\":\"a.c:1 f\"}\n",
                sql, rows, engine_name(recorded.engine));
}

START_TEST(nothing_is_changed_by_what_a_trace_holds)
{
    static char told[8192];
    char *at = told;
    const char *child = hostile[_i % HOSTILE];

    recorded_begin(_i / HOSTILE, true);
    if (engine_is(recorded.engine, "postgresql")) {
        engine_send(recorded.url, "CREATE SEQUENCE counted");
        engine_send(recorded.url, "CREATE FUNCTION writes(n bigint) RETURNS bigint LANGUAGE sql AS "
                                  "'INSERT INTO post (id) VALUES (n) RETURNING id'");
    }
    add_line(&at, "SELECT id FROM post", 0, "[[1008],[1015],[1022],[1029],[1036],[1043]]");
    for (int i = 1; i < 7; i++) {
        add_line(&at, child, (int)recorded_post(i), "[[5]]");
    }
    for (int i = 0; i < 4; i++) {
        add_line(&at, child, 1008, "[[6]]"); /* and as a duplicate */
    }
    recorded_analyze_lines(told);
    recorded_verify(0);
    for (size_t i = 0; i < recorded.analysis.count; i++) {
        ck_assert_int_ne(recorded.analysis.at[i].proof.state, ROWAN__PROVEN_EQUAL);
    }
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM note"), 12);
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM post"), RECORDED_POSTS);
    if (engine_is(recorded.engine, "postgresql")) {
        ck_assert_int_eq(recorded_number("SELECT last_value FROM counted WHERE is_called"
                                         " UNION ALL SELECT -1 LIMIT 1"),
                         -1);
    }
    if (engine_is(recorded.engine, "sqlite")) {
        ck_assert_int_eq(recorded_number("PRAGMA user_version"), 0);
    }
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_refused");
    TCase *tc = tcase_create("refused");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_limit_that_keeps_one_of_several_withdraws, 0, engines);
    tcase_add_loop_test(tc, rows_that_change_by_themselves_withdraw, 0, engines);
    tcase_add_loop_test(tc, hidden_values_are_those_of_the_parents_rows, 0, engines);
    tcase_add_loop_test(tc, hidden_values_without_a_way_to_them_are_said, 0, engines);
    tcase_add_loop_test(tc, rows_that_are_gone_prove_nothing, 0, engines);
    tcase_add_loop_test(tc, a_table_that_is_gone_keeps_no_other_finding_back, 0, engines);
    tcase_add_loop_test(tc, another_engine_is_said, 0, engines);
    tcase_add_loop_test(tc, values_that_are_not_there_are_said, 0, engines * MADE_UPS);
    tcase_add_loop_test(tc, results_that_are_too_wide_are_said, 0, engines);
    tcase_add_loop_test(tc, a_thousand_executions_are_enough, 0, engines);
    tcase_add_loop_test(tc, a_walk_by_literals_is_said, 0, engines);
    tcase_add_loop_test(tc, nothing_is_changed_by_what_a_trace_holds, 0, engines * HOSTILE);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
