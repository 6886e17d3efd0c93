/*
 * Statements that were sent again and again with the same values: they are sent as often once more,
 * and what differs from one time to the next is no duplicate.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/recorded.h"
#include "support/suite.h"

/* --- What is proven. --- */

static const struct duplicate {
    const char *sql;
    int times;
    uint64_t rows;
} duplicates[] = {
    {"SELECT id, title FROM post ORDER BY id", 4, RECORDED_POSTS},
    {"SELECT title FROM post WHERE id = 1001", 5, 1},
    {"SELECT lang, count(*) FROM note GROUP BY lang", 9, 2},
    {"SELECT 'it''s ?' AS next FROM post WHERE rank_no = 2", 4, 2},
    {"SELECT id FROM post WHERE id < 0", 7, 0},
    {"WITH seen AS (SELECT id FROM note) SELECT count(*) FROM seen", 30, 1},
};

enum { DUPLICATES = sizeof duplicates / sizeof duplicates[0] };

START_TEST(the_same_rows_each_time_are_a_proof)
{
    const struct duplicate *it = &duplicates[_i % DUPLICATES];
    rowan__verify verify = {.analysis = &recorded.analysis};

    recorded_begin(_i / DUPLICATES, true);
    for (int i = 0; i < it->times; i++) {
        ck_assert_uint_eq(recorded_send(it->sql, ROWAN_NO_PARAMS), it->rows);
    }
    recorded_analyze();
    ck_assert_int_eq(rowan__verify_open(recorded.url, &verify.db, NULL), ROWAN_OK);
    uint64_t before = rowan_db_counts(verify.db).statements;
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    uint64_t sent = rowan_db_counts(verify.db).statements - before;
    const rowan__proof *proof = recorded_expect("duplicate_query", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_uint_eq(proof->before, (uint64_t)it->times);
    ck_assert_uint_eq(proof->after, 1);
    ck_assert_uint_eq(proof->rows, it->rows);
    ck_assert_int_gt(proof->after_ns, 0);
    ck_assert_int_gt(proof->before_ns, proof->after_ns); /* one of as many */
    ck_assert_msg(sent >= (uint64_t)it->times + 1 && sent <= (uint64_t)it->times + 7,
                  "%d times: %d statements", it->times, (int)sent);
    rowan_close(verify.db);
    recorded_end();
}
END_TEST

START_TEST(values_that_were_bound_are_bound_again)
{
    static const char sql[] =
        "SELECT id FROM note WHERE lang = ? AND post_id IN (?) AND rank_no >= "
        "? AND (body = ? OR lang = ?)";
    const rowan_value list[] = {ROWAN_V(recorded_post(1)), ROWAN_V(recorded_post(3))};

    recorded_begin(_i, true);
    for (int i = 0; i < 5; i++) {
        size_t rows =
            recorded_send(sql, ROWAN_PARAMS(ROWAN_V("de"), rowan_v_list(list, 2), ROWAN_V(0),
                                            ROWAN_V("same body"), ROWAN_V("x")));
        ck_assert_uint_eq(rows, 2);
    }
    recorded_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(recorded_expect("duplicate_query", ROWAN__PROVEN_EQUAL, NULL)->rows, 2);
    recorded_end();
}
END_TEST

/* --- What is not. --- */

/* Rows that are others each time, or in number. `%s` is the engine's random(). */
static const char *const changing[] = {
    "SELECT id, %s FROM post WHERE id > 5",
    "SELECT %s",
};

START_TEST(rows_that_change_by_themselves_withdraw)
{
    for (size_t k = 0; k < sizeof changing / sizeof changing[0]; k++) {
        char sql[200];
        recorded_begin(_i, true);
        snprintf(sql, sizeof sql, changing[k], /* NOLINT */
                 engine_is(recorded.engine, "mariadb") ? "rand()" : "random()");
        for (int i = 0; i < 4; i++) {
            recorded_send(sql, ROWAN_NO_PARAMS);
        }
        recorded_analyze();
        recorded_verify(0);
        for (size_t i = 0; i < recorded.analysis.count; i++) {
            ck_assert_str_eq(recorded.analysis.at[i].kind, "duplicate_query");
            recorded_expect("duplicate_query", ROWAN__PROVEN_WITHDRAWN,
                            "its rows differ from one execution to the next");
            ck_assert_ptr_nonnull(strstr(recorded.analysis.at[i].suggestion, "is withdrawn"));
            ck_assert_uint_eq(recorded.analysis.at[i].proof.rows, 0);
        }
        ck_assert_uint_le(recorded.analysis.count, 1);
        recorded_end();
    }
}
END_TEST

START_TEST(what_is_hidden_or_gone_is_not_tried)
{
    for (int is_hidden = 0; is_hidden < 2; is_hidden++) {
        recorded_begin(_i, !is_hidden);
        for (int i = 0; i < 4; i++) {
            recorded_send("SELECT title FROM post WHERE rank_no = ?", ROWAN_PARAMS(ROWAN_V(1)));
        }
        recorded_analyze();
        engine_send(recorded.url, "DROP TABLE post");
        recorded_verify(0);
        recorded_expect("duplicate_query", ROWAN__PROVEN_UNVERIFIED,
                        is_hidden ? "record the trace with --values" : "ROWAN_NO_SUCH");
        recorded_end();
    }
}
END_TEST

/* --- From a test: each is counted as what it is, and the first that does not hold is named. --- */

START_TEST(a_test_is_told_what_does_not_hold)
{
    rowan_verified counts = {.findings = 9};
    rowan_error error;

    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id FROM note WHERE post_id = ? LIMIT 1");
    for (int i = 0; i < 4; i++) {
        recorded_send("SELECT title FROM post WHERE rank_no = 1", ROWAN_NO_PARAMS);
    }
    for (int i = 0; i < 4; i++) {
        recorded_send("SELECT name FROM node WHERE id = 3", ROWAN_NO_PARAMS);
    }
    recorded_analyze();
    engine_send(recorded.url, "DROP TABLE node");
    ck_assert_int_eq(recorded_expect_all(&counts, &error), ROWAN_UNEXPECTED);
    ck_assert_uint_eq(counts.findings, 3);
    ck_assert_uint_eq(counts.equal, 1);
    ck_assert_uint_eq(counts.withdrawn, 1);
    ck_assert_uint_eq(counts.unverified, 1);
    ck_assert_msg(strstr(error.message, "withdrawn") != NULL ||
                      strstr(error.message, "unverified") != NULL,
                  "%s", error.message);
    ck_assert_int_eq(recorded_expect_all(NULL, NULL), ROWAN_UNEXPECTED);
    recorded_end();
}
END_TEST

/* Of several lines that cannot be read the first is told. */
START_TEST(the_first_line_that_cannot_be_read_is_told)
{
    rowan_error error;

    recorded_begin(_i, true);
    recorded_analyze_lines("{\"sql\":\"SELECT 1\"}\n");
    FILE *file = fopen(recorded.path, "a");
    ck_assert_ptr_nonnull(file);
    fputs("{\"sql\":\n[]\n{\"sql\":\"SELECT 2\"}\n{\n", file);
    fclose(file);
    ck_assert_int_eq(recorded_expect_all(NULL, &error), ROWAN_IO);
    ck_assert_ptr_nonnull(strstr(error.message, ":2: "));
    recorded_end();
}
END_TEST

/* How slow a machine is is no test's business. */
START_TEST(a_test_is_not_told_of_slow_statements)
{
    rowan_verified counts;
    rowan_error error;
    char line[300];

    recorded_begin(_i, true);
    snprintf(line, sizeof line,
             "{\"sql\":\"SELECT id FROM note WHERE body = 'x'\",\"t_us\":900000,\"rows\":[[1]],"
             "\"dialect\":\"%s\",\"callsite\":\"a.c:1 f\"}\n",
             engine_name(recorded.engine));
    recorded_analyze_lines(line);
    ck_assert_uint_eq(recorded.analysis.count, 1);
    ck_assert_msg(recorded_expect_all(&counts, &error) == ROWAN_OK, "%s", error.message);
    ck_assert_uint_eq(counts.findings, 1);
    ck_assert_uint_eq(counts.equal + counts.withdrawn + counts.unverified, 0);
    recorded_verify(0); /* others are */
    ck_assert_int_ne(recorded_only("slow_query")->proof.state, ROWAN__PROVEN_NOT_TRIED);
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_duplicate");
    TCase *tc = tcase_create("duplicate");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, the_same_rows_each_time_are_a_proof, 0, engines * DUPLICATES);
    tcase_add_loop_test(tc, values_that_were_bound_are_bound_again, 0, engines);
    tcase_add_loop_test(tc, rows_that_change_by_themselves_withdraw, 0, engines);
    tcase_add_loop_test(tc, what_is_hidden_or_gone_is_not_tried, 0, engines);
    tcase_add_loop_test(tc, a_test_is_told_what_does_not_hold, 0, engines);
    tcase_add_loop_test(tc, the_first_line_that_cannot_be_read_is_told, 0, engines);
    tcase_add_loop_test(tc, a_test_is_not_told_of_slow_statements, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
