/*
 * Writes in a loop against one write: what they leave has to be the same, and nothing of it may
 * stay.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/recorded.h"
#include "support/suite.h"

static rowan_scope *scope(void)
{
    return recorded.scope;
}

static void run(const char *sql, rowan_params params)
{
    ck_assert_msg(rowan_raw_run(scope(), sql, params, NULL) == ROWAN_OK, "%s: %s", sql,
                  rowan_scope_error(scope())->engine_message);
}

static const rowan__proof *expect(rowan__proven state, const char *why)
{
    return recorded_expect("write_loop", state, why);
}

/* What is in the tables, in two numbers. */
static int64_t content(void)
{
    return recorded_number("SELECT 1000000 * (SELECT count(*) FROM note) + (SELECT sum(id * "
                           "(rank_no + 1)) FROM note) + (SELECT sum(rank_no) FROM post)");
}

/* A loop that the program takes back, so that its rows are not there when the advice is tried. */
static void loop(const char *sql, int turns, bool with_rank)
{
    ck_assert_int_eq(rowan_begin(scope(), NULL), ROWAN_OK);
    for (int i = 0; i < turns; i++) {
        rowan_value key = ROWAN_V(recorded_post(i)), rank = ROWAN_V(100 + i);
        run(sql, with_rank ? ROWAN_PARAMS(rank, key) : ROWAN_PARAMS(key));
    }
    ck_assert_int_eq(rowan_rollback(scope()), ROWAN_OK);
}

/* Each has a rank before its key, or its key only. */
static const struct a_write {
    const char *sql;
    bool with_rank;
    uint64_t rows; /* that are there afterwards */
} writes[] = {
    {"INSERT INTO note (id, post_id, lang, rank_no) VALUES (?, ?, 'de', 7)", true, 8},
    {"INSERT INTO note (rank_no, id, post_id) VALUES (5, ?, ?);", true, 8},
    {"UPDATE post SET rank_no = ? WHERE id = ?", true, 8},
    {"UPDATE post SET title = 'x', rank_no = ? WHERE id = ? AND rank_no < 9", true, 8},
    {"UPDATE post SET rank_no = rank_no + 1 WHERE id = ?", false, 8},
    {"DELETE FROM post WHERE rank_no < 9 AND id = ?", false, 0},
};

enum { WRITES = sizeof writes / sizeof writes[0] };

START_TEST(one_write_leaves_what_many_leave_and_nothing_stays)
{
    const struct a_write *write = &writes[_i % WRITES];
    const rowan__proof *proof;
    int64_t before;

    recorded_begin(_i / WRITES, true);
    loop(write->sql, RECORDED_POSTS, write->with_rank);
    before = content();
    recorded_analyze();
    recorded_verify(0);
    proof = expect(ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_msg(proof->rows == write->rows, "%s: %d rows", write->sql, (int)proof->rows);
    ck_assert_uint_eq(proof->before, RECORDED_POSTS);
    ck_assert_uint_eq(proof->after, 1);
    ck_assert_int_eq(content(), before);
    recorded_end();
}
END_TEST

START_TEST(literals_in_the_text_are_written_at_once_too)
{
    char sql[200];

    recorded_begin(_i, true);
    ck_assert_int_eq(rowan_begin(scope(), NULL), ROWAN_OK);
    for (int i = 0; i < 6; i++) {
        snprintf(sql, sizeof sql,
                 "INSERT INTO note (id, post_id, body) VALUES (%d, 1001, 'it''s %d')", 900 + i, i);
        run(sql, ROWAN_NO_PARAMS);
    }
    ck_assert_int_eq(rowan_rollback(scope()), ROWAN_OK);
    recorded_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(expect(ROWAN__PROVEN_EQUAL, NULL)->rows, 6);
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM note WHERE id >= 900"), 0);
    recorded_end();
}
END_TEST

START_TEST(a_key_that_is_written_twice_withdraws_the_advice)
{
    recorded_begin(_i, true);
    ck_assert_int_eq(rowan_begin(scope(), NULL), ROWAN_OK);
    for (int i = 0; i < RECORDED_POSTS; i++) {
        run("UPDATE post SET rank_no = ? WHERE id = ?",
            ROWAN_PARAMS(ROWAN_V(i), ROWAN_V(recorded_post(i / 2))));
    }
    ck_assert_int_eq(rowan_rollback(scope()), ROWAN_OK);
    recorded_analyze();
    recorded_verify(0);
    expect(ROWAN__PROVEN_WITHDRAWN, "what is written differs: 4 rows one by one, 4 rows at once");
    ck_assert_ptr_nonnull(strstr(recorded_only("write_loop")->suggestion, "is withdrawn"));
    recorded_end();
}
END_TEST

/* Rows that the recorded program left: with bound values, NULL, and literals. */
static void leave_notes(int turns)
{
    char sql[200];

    for (int i = 0; i < turns; i++) {
        rowan_value lang = i % 2 ? ROWAN_V("de") : rowan_v_null();
        snprintf(sql, sizeof sql,
                 "INSERT INTO note (id, post_id, lang, body, rank_no) VALUES (?, ?, ?, 'it''s %d', "
                 "1 + 1)",
                 i);
        run(sql, ROWAN_PARAMS(ROWAN_V(500 + i), ROWAN_V(recorded_post(i % 8)), lang));
    }
}

START_TEST(rows_that_are_there_already_are_taken_out_and_put_back)
{
    static const int turns[] = {5, 6, 40};

    for (size_t k = 0; k < 3; k++) {
        int64_t before;
        char line[ROWAN__PROOF_LINE];
        recorded_begin(_i, true);
        leave_notes(turns[k]);
        before = content();
        recorded_analyze();
        recorded_verify(0);
        const rowan__proof *proof = expect(ROWAN__PROVEN_EQUAL, NULL);
        ck_assert_uint_eq(proof->rows, (uint64_t)turns[k]);
        ck_assert_uint_eq(proof->before, (uint64_t)turns[k]);
        ck_assert(proof->took_out_rows);
        rowan__proof_write(proof, line, sizeof line);
        ck_assert_ptr_nonnull(
            strstr(line, "(those that were there already were taken out before)"));
        ck_assert_int_eq(content(), before);
        recorded_end();
    }
}
END_TEST

/* What was changed since it was inserted is not what was inserted, and what others refer to stays.
 */
START_TEST(rows_that_cannot_be_taken_out_are_said)
{
    static const char *const changes[] = {
        "UPDATE note SET lang = 'fr' WHERE id = 503",
        "CREATE TABLE mark (id INT PRIMARY KEY, note_id BIGINT REFERENCES note (id))",
        "INSERT INTO mark VALUES (1, 504)"};

    for (int with_mark = 0; with_mark < 2; with_mark++) {
        int64_t before;
        if (with_mark && !engine_is((size_t)_i, "postgresql")) {
            break; /* a column's REFERENCES is a comment, or of another type */
        }
        recorded_begin(_i, true);
        leave_notes(8);
        recorded_analyze();
        engine_send(recorded.url, changes[with_mark]);
        if (with_mark) {
            engine_send(recorded.url, changes[2]);
        }
        before = content();
        recorded_verify(0);
        expect(ROWAN__PROVEN_UNVERIFIED, with_mark ? "FOREIGN_KEY" : "ROWAN_UNIQUE");
        ck_assert_int_eq(content(), before);
        recorded_end();
    }
    recorded_begin(_i, true);
    for (int i = 0; i < 6; i++) { /* a row without names for its columns */
        run("INSERT INTO node VALUES (?, NULL, 'x')", ROWAN_PARAMS(ROWAN_V(600 + i)));
    }
    recorded_analyze();
    recorded_verify(0);
    expect(ROWAN__PROVEN_UNVERIFIED, "by which values they are found");
    recorded_end();
}
END_TEST

START_TEST(rows_that_are_gone_prove_nothing)
{
    static const char *const changes[] = {"UPDATE post SET rank_no = rank_no + 1 WHERE id = ?",
                                          "DELETE FROM post WHERE id = ?"};

    for (int i = 0; i < 2; i++) {
        recorded_begin(_i, true);
        loop(changes[i], RECORDED_POSTS, false);
        recorded_analyze();
        engine_send(recorded.url, "DELETE FROM post");
        recorded_verify(0);
        expect(ROWAN__PROVEN_UNVERIFIED, "none of the values finds a row");
        recorded_end();
    }
}
END_TEST

START_TEST(hidden_values_cannot_be_written)
{
    recorded_begin(_i, false);
    loop("UPDATE post SET rank_no = ? WHERE id = ?", RECORDED_POSTS, true);
    recorded_analyze();
    recorded_verify(0);
    expect(ROWAN__PROVEN_UNVERIFIED, "record the trace with --values");
    recorded_end();
}
END_TEST

/* What cannot be rolled back is left alone. */
START_TEST(tables_that_keep_what_is_rolled_back_are_not_written)
{
    recorded_begin(_i, true);
    if (engine_is(recorded.engine, "mariadb")) {
        run("CREATE TABLE kept (id INT PRIMARY KEY, n INT) ENGINE = MyISAM", ROWAN_NO_PARAMS);
        run("CREATE TABLE watched (id INT PRIMARY KEY, n INT)", ROWAN_NO_PARAMS);
        engine_send(recorded.url,
                    "CREATE TRIGGER t AFTER INSERT ON watched FOR EACH ROW INSERT INTO "
                    "kept VALUES (NEW.id, 1)");
        for (int i = 0; i < 6; i++) {
            run("INSERT INTO watched (id, n) VALUES (?, 2)", ROWAN_PARAMS(ROWAN_V(i)));
        }
        run("DELETE FROM watched", ROWAN_NO_PARAMS);
        run("DELETE FROM kept", ROWAN_NO_PARAMS);
        recorded_analyze();
        recorded_verify(0);
        expect(ROWAN__PROVEN_UNVERIFIED, "what is written there might stay");
        ck_assert_int_eq(recorded_number("SELECT count(*) FROM kept"), 0);
    } else {
        recorded_analyze();
    }
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_writes");
    TCase *tc = tcase_create("writes");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, one_write_leaves_what_many_leave_and_nothing_stays, 0,
                        engines * WRITES);
    tcase_add_loop_test(tc, literals_in_the_text_are_written_at_once_too, 0, engines);
    tcase_add_loop_test(tc, a_key_that_is_written_twice_withdraws_the_advice, 0, engines);
    tcase_add_loop_test(tc, rows_that_are_there_already_are_taken_out_and_put_back, 0, engines);
    tcase_add_loop_test(tc, rows_that_cannot_be_taken_out_are_said, 0, engines);
    tcase_add_loop_test(tc, rows_that_are_gone_prove_nothing, 0, engines);
    tcase_add_loop_test(tc, hidden_values_cannot_be_written, 0, engines);
    tcase_add_loop_test(tc, tables_that_keep_what_is_rolled_back_are_not_written, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
