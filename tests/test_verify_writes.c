/*
 * Writes in a loop against one write: what they leave has to be the same, and nothing of it may
 * stay.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
    {"INSERT INTO note (id, post_id) VALUES (?, ?) RETURNING rank_no, id", true, 8},
    {"INSERT INTO note VALUES (?, ?, NULL, upper('a'), 1 + 1)", true, 8},
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

/* Inserts that pass over what is there say nothing of their rows, unless these are taken out. */
START_TEST(inserts_that_pass_over_rows_are_tried_without_them)
{
    static const char *const forms[] = {"INSERT IGNORE INTO note (id, post_id) VALUES (?, ?)",
                                        "INSERT INTO note (id, post_id) VALUES (?, ?) ON CONFLICT "
                                        "DO NOTHING"};
    static const int turns[] = {5, 6, 30};
    const char *sql = forms[engine_is((size_t)_i, "mariadb") ? 0 : 1];

    for (size_t k = 0; k < 3; k++) {
        int64_t before;
        recorded_begin(_i, true);
        for (int i = 0; i < turns[k]; i++) {
            run(sql, ROWAN_PARAMS(ROWAN_V(700 + i), ROWAN_V(recorded_post(i % 8))));
        }
        before = content();
        recorded_analyze();
        recorded_verify(0);
        const rowan__proof *proof = expect(ROWAN__PROVEN_EQUAL, NULL);
        ck_assert_uint_eq(proof->rows, (uint64_t)turns[k]);
        ck_assert(proof->took_out_rows);
        ck_assert_int_eq(content(), before);
        engine_send(recorded.url, "UPDATE note SET post_id = 0 WHERE id >= 700");
        recorded_verify(0); /* they are not what was inserted any more, and in the way */
        expect(ROWAN__PROVEN_UNVERIFIED, "nothing is inserted: other rows are in its way");
        recorded_end();
    }
}
END_TEST

START_TEST(words_between_columns_and_values_are_kept)
{
    recorded_begin(_i, true);
    if (!engine_is(recorded.engine, "postgresql")) {
        recorded_analyze();
        recorded_end();
        return;
    }
    run("CREATE TABLE numbered (id INT GENERATED ALWAYS AS IDENTITY, n INT)", ROWAN_NO_PARAMS);
    ck_assert_int_eq(rowan_begin(scope(), NULL), ROWAN_OK);
    for (int i = 0; i < 7; i++) {
        run("INSERT INTO numbered (id, n) OVERRIDING SYSTEM VALUE VALUES (?, ?) RETURNING n",
            ROWAN_PARAMS(ROWAN_V(50 + i), ROWAN_V(i)));
    }
    ck_assert_int_eq(rowan_rollback(scope()), ROWAN_OK);
    recorded_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(expect(ROWAN__PROVEN_EQUAL, NULL)->rows, 7);
    recorded_end();
}
END_TEST

/* A column that keeps when its row was changed is the same after many changes and after one. */
START_TEST(the_time_of_a_change_is_no_difference)
{
    const char *const made = engine_is((size_t)_i, "mariadb")
                                 ? "CREATE TABLE stamped (id INT PRIMARY KEY, n INT, at "
                                   "TIMESTAMP(6) DEFAULT now(6) ON UPDATE now(6))"
                                 : "CREATE TABLE stamped (id INT PRIMARY KEY, n INT, at TIMESTAMP "
                                   "DEFAULT CURRENT_TIMESTAMP)";
    const char *const sql = engine_is((size_t)_i, "mariadb")
                                ? "UPDATE stamped SET n = ? WHERE id = ?"
                                : "UPDATE stamped SET n = ?, at = CURRENT_TIMESTAMP WHERE id = ?";

    recorded_begin(_i, true);
    engine_send(recorded.url, made);
    engine_send(recorded.url, "INSERT INTO stamped (id, n) VALUES (1, 1), (2, 2), (3, 3), (4, 4), "
                              "(5, 5), (6, 6)");
    for (int i = 1; i < 7; i++) {
        run(sql, ROWAN_PARAMS(ROWAN_V(10 * i), ROWAN_V(i)));
    }
    recorded_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(expect(ROWAN__PROVEN_EQUAL, NULL)->rows, 6);
    recorded_end();
}
END_TEST

/* MariaDB's clock, in microseconds, as a connection has it. */
static int64_t moment(rowan_scope *on)
{
    rowan_cursor *cursor;
    int64_t us;

    ck_assert_int_eq(rowan_raw_open(on, "SELECT CAST(@@timestamp * 1000000 AS SIGNED)",
                                    ROWAN_NO_PARAMS, &cursor),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    us = rowan_cursor_value(cursor, 0)->as.integer;
    rowan_cursor_close(cursor);
    return us;
}

START_TEST(the_clock_goes_on_behind_a_trial)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan__verify verify = {.analysis = &recorded.analysis};
    rowan_scope *after;

    recorded_begin(_i, true);
    loop("UPDATE post SET rank_no = ? WHERE id = ?", RECORDED_POSTS, true);
    recorded_analyze();
    options.max_open = 1;
    verify.db = engine_open_url(recorded.url, &options);
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    expect(ROWAN__PROVEN_EQUAL, NULL);
    if (engine_is(recorded.engine, "mariadb")) {
        ck_assert_int_eq(rowan_scope_begin(verify.db, "after", &after, NULL), ROWAN_OK);
        int64_t first = moment(after);
        ck_assert_int_gt(moment(after), first);
        rowan_scope_end(after);
    }
    rowan_close(verify.db);
    recorded_end();
}
END_TEST

/* Functions whose work outlives a rollback are not called. */
START_TEST(calls_that_no_rollback_takes_back_are_not_made)
{
    recorded_begin(_i, true);
    if (engine_is(recorded.engine, "postgresql")) {
        engine_send(recorded.url, "CREATE SEQUENCE counted");
        for (int i = 0; i < RECORDED_POSTS; i++) {
            run("UPDATE post SET rank_no = setval('counted', 7) WHERE id = ?",
                ROWAN_PARAMS(ROWAN_V(recorded_post(i))));
        }
        engine_send(recorded.url, "SELECT setval('counted', 99)");
        recorded_analyze();
        recorded_verify(0);
        expect(ROWAN__PROVEN_UNVERIFIED, "it may do more than write rows");
        ck_assert_int_eq(recorded_number("SELECT last_value FROM counted"), 99);
    } else {
        recorded_analyze();
    }
    recorded_end();
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

/* What cannot be rolled back is left alone, by whatever way a write gets there. */
static const struct lasting {
    const char *sql, *why; /* NULL: it is not written out */
} lasting[] = {
    {"INSERT INTO kept (id, n) VALUES (? + 100, 2)", "what is written there might stay"},
    {"INSERT INTO `kept` (id, n) VALUES (? + 100, 2)", "what is written there might stay"},
    {"UPDATE kept SET n = 7 WHERE id = ?", "what is written there might stay"},
    {"UPDATE kept AS k SET n = 7 WHERE k.id = ?", "what is written there might stay"},
    {"DELETE FROM kept WHERE id = ?", "what is written there might stay"},
    {"INSERT INTO watched (id, n) VALUES (? + 100, 2)", "what is written there might stay"},
    {"UPDATE watched SET n = 7 WHERE id = ?", "what is written there might stay"},
    {"UPDATE plain SET n = keeps(3) WHERE id = ?", "what is written there might stay"},
    {"UPDATE plain SET n = `keeps` (3) WHERE id = ?", "what is written there might stay"},
    {"UPDATE through SET n = 7 WHERE id = ?", "what is written there might stay"},
    {"UPDATE plain, kept SET kept.n = 7 WHERE plain.id = ? AND kept.id = 3", NULL},
    {"UPDATE plain JOIN kept USING (id) SET kept.n = 7 WHERE plain.id = ?", NULL},
    {"DELETE kept FROM plain, kept WHERE plain.id = ? AND kept.id = 3", NULL},
    {"DELETE FROM kept USING plain, kept WHERE plain.id = ? AND kept.id = 3", NULL},
};

enum { LASTING = sizeof lasting / sizeof lasting[0] };

static void make_lasting(void)
{
    static const char *const statements[] = {
        "CREATE TABLE kept (id INT PRIMARY KEY AUTO_INCREMENT, n INT) ENGINE = MyISAM",
        "CREATE TABLE watched (id INT PRIMARY KEY, n INT)",
        "INSERT INTO watched VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)",
        "CREATE TABLE plain (id INT PRIMARY KEY, n INT)",
        "CREATE VIEW through AS SELECT id, n FROM kept",
        "CREATE TRIGGER added AFTER INSERT ON watched FOR EACH ROW INSERT INTO kept (n) VALUES (1)",
        "CREATE TRIGGER changed AFTER UPDATE ON watched FOR EACH ROW INSERT INTO kept (n) VALUES "
        "(1)",
        "CREATE FUNCTION keeps(a INT) RETURNS INT DETERMINISTIC BEGIN INSERT INTO kept (n) VALUES "
        "(a); RETURN a; END",
        "INSERT INTO kept VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)",
        "INSERT INTO plain SELECT id, n FROM kept"};

    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        engine_send(recorded.url, statements[i]);
    }
}

/* Executions that are made up: the program did them, and its rows are there or were changed since.
 */
static const char *told_lasting(const char *sql)
{
    static char lines[4096];
    char *at = lines;

    for (int i = 1; i <= 6; i++) {
        at += sprintf(at,
                      "{\"scope\":\"a\",\"sql\":\"%s\",\"params\":[%d],\"rows\":null,\"nrows\":1,"
                      "\"dialect\":\"mariadb\",\"callsite\":\"a.c:1 f\"}\n",
                      sql, i);
    }
    return lines;
}

/* A database that the statement names is looked at, too; others that have the name are not. */
START_TEST(tables_of_other_databases_are_told_apart)
{
    char other[64], sql[160];

    for (size_t engine = 0; engine < engine_count(); engine++) {
        if (!engine_is(engine, "mariadb")) {
            continue;
        }
        recorded_begin((int)engine, true);
        make_lasting();
        snprintf(other, sizeof other, "rowan_other_%d", (int)getpid());
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", other);
        engine_send(recorded.url, sql);
        snprintf(sql, sizeof sql, "CREATE TABLE %s.plain (id INT PRIMARY KEY, n INT) ENGINE = Aria",
                 other);
        engine_send(recorded.url, sql);
        recorded_analyze_lines(told_lasting("UPDATE plain SET n = 7 WHERE id = ?"));
        recorded_verify(0);
        ck_assert_uint_eq(expect(ROWAN__PROVEN_EQUAL, NULL)->rows, 6);
        snprintf(sql, sizeof sql, "UPDATE %s.plain SET n = 7 WHERE id = ?", other);
        recorded_again(told_lasting(sql));
        recorded_verify(0);
        expect(ROWAN__PROVEN_UNVERIFIED, "what is written there might stay");
        snprintf(sql, sizeof sql, "DROP DATABASE %s", other);
        engine_send(recorded.url, sql);
        recorded_end();
    }
}
END_TEST

START_TEST(what_would_stay_is_not_written)
{
    static const char sum[] = "SELECT sum(id * 1000 + n) FROM kept";

    for (size_t engine = 0; engine < engine_count(); engine++) {
        if (!engine_is(engine, "mariadb")) {
            continue;
        }
        recorded_begin((int)engine, true);
        make_lasting();
        int64_t before = recorded_number(sum);
        recorded_analyze_lines(told_lasting(lasting[_i].sql));
        recorded_verify(0);
        expect(ROWAN__PROVEN_UNVERIFIED,
               lasting[_i].why != NULL ? lasting[_i].why : "no statement is written out");
        ck_assert_msg(recorded_number(sum) == before, "it stayed: %s", lasting[_i].sql);
        recorded_end();
    }
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
    tcase_add_loop_test(tc, inserts_that_pass_over_rows_are_tried_without_them, 0, engines);
    tcase_add_loop_test(tc, words_between_columns_and_values_are_kept, 0, engines);
    tcase_add_loop_test(tc, the_time_of_a_change_is_no_difference, 0, engines);
    tcase_add_loop_test(tc, the_clock_goes_on_behind_a_trial, 0, engines);
    tcase_add_loop_test(tc, calls_that_no_rollback_takes_back_are_not_made, 0, engines);
    tcase_add_loop_test(tc, rows_that_cannot_be_taken_out_are_said, 0, engines);
    tcase_add_loop_test(tc, rows_that_are_gone_prove_nothing, 0, engines);
    tcase_add_loop_test(tc, hidden_values_cannot_be_written, 0, engines);
    tcase_add_loop_test(tc, what_would_stay_is_not_written, 0, LASTING);
    tcase_add_test(tc, tables_of_other_databases_are_told_apart);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
