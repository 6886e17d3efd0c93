/*
 * Advice that is tried: on three engines, with rows that differ in number, the rewritten statement
 * has to find what the many found; and where it does not, or cannot be tried, that is said.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/parts.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/recorded.h"
#include "support/suite.h"

static void report(char *out, size_t size)
{
    const rowan__trace_finding *finding = recorded_only("n_plus_one");
    char line[ROWAN__PROOF_LINE];

    rowan__proof_write(&finding->proof, line, sizeof line);
    snprintf(out, size, "%s: %s\n%s", engine_name(recorded.engine), finding->suggestion, line);
}

/* --- What is proven. --- */

/* Children of posts, whose one value is the post's key; `action` is that of SQLite and MariaDB. */
static const struct child {
    const char *sql, *action, *on_postgresql;
    uint64_t rows;
} children[] = {
    {"SELECT id, body FROM note WHERE post_id = ?", "batch_in", NULL, 12},
    {"SELECT * FROM note WHERE post_id = ? ORDER BY id", "batch_in", NULL, 12},
    {"SELECT n.*, p.title FROM note n JOIN post p ON p.id = n.post_id WHERE (n.post_id = ?)"
     " AND p.title = 'it''s ?' /* :why ? */",
     "batch_in", NULL, 12},
    {"SELECT body FROM note WHERE post_id = ? AND lang IN ('de', 'fr')", "batch_in", NULL, 6},
    {"SELECT DISTINCT body FROM note WHERE post_id = ?", "batch_in", NULL, 6},
    {"SELECT body, lang FROM note WHERE lang IS NOT NULL AND post_id IN (?)", "batch_in", NULL, 12},
    {"SELECT count(*) FROM note WHERE post_id = ?", "group_by_count", NULL, 6},
    {"SELECT max(rank_no), sum(rank_no) FROM note WHERE post_id = ?", "group_by_count", NULL, 6},
    {"SELECT coalesce(sum(rank_no), 0) FROM note WHERE post_id = ?", "batch_in", NULL, 6},
    {"SELECT coalesce(sum(rank_no * 1.25), 0) AS next FROM note WHERE post_id = ?", "batch_in",
     NULL, 6},
    {"SELECT coalesce(avg(rank_no * 2.5e0), 0.0) FROM note WHERE post_id = ?", "batch_in", NULL, 6},
    {"SELECT EXISTS (SELECT * FROM note WHERE post_id = ?) AS there", "exists_in", NULL, 6},
    {"SELECT lang, count(*) FROM note WHERE post_id = ? GROUP BY lang ORDER BY lang", "batch_in",
     NULL, 10},
    {"SELECT 1 FROM note WHERE post_id = ? LIMIT 1", "exists_in", NULL, 6},
    {"SELECT EXISTS (SELECT * FROM note WHERE post_id = ?)", "exists_in", NULL, 6},
    {"SELECT body FROM note WHERE post_id = ? ORDER BY rank_no DESC LIMIT 1", "window",
     "distinct_on", 6},
    {"SELECT id, rank_no FROM note WHERE post_id = ? ORDER BY rank_no LIMIT 2", "window", "lateral",
     10},
    {"SELECT id, rank_no FROM note WHERE post_id = ? ORDER BY rank_no LIMIT 2 OFFSET 1", "window",
     "lateral", 6},
    {"SELECT body FROM note WHERE ? = note.post_id", "batch_in", NULL, 12},
    {"SELECT body FROM note WHERE post_id = ? LIMIT 21", "batch_in", NULL, 12},
    {"SELECT title FROM post WHERE id = ? LIMIT 1", "select_column", NULL, 8},
    {"SELECT title, rank_no FROM post WHERE id = ?", "select_column", NULL, 8},
};

enum { CHILDREN = sizeof children / sizeof children[0] };

START_TEST(one_statement_finds_the_rows_of_many)
{
    const struct child *child = &children[_i % CHILDREN];
    const rowan__trace_finding *finding;
    const rowan__proof *proof;
    char text[2048];

    recorded_begin(_i / CHILDREN, true);
    recorded_posts();
    recorded_each(child->sql);
    recorded_analyze();
    recorded_verify(0);
    report(text, sizeof text);
    finding = recorded_only("n_plus_one");
    ck_assert_str_eq(rowan__action_name(finding->action),
                     engine_is(recorded.engine, "postgresql") && child->on_postgresql != NULL
                         ? child->on_postgresql
                         : child->action);
    proof = recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_msg(proof->rows == child->rows, "%s", text);
    ck_assert_uint_eq(proof->before, RECORDED_POSTS);
    ck_assert_uint_eq(proof->after, 1);
    ck_assert_int_gt(proof->before_ns, 0);
    ck_assert_int_gt(proof->after_ns, 0);
    ck_assert_int_eq(proof->is_in_process, engine_is(recorded.engine, "sqlite"));
    recorded_end();
}
END_TEST

/* The text to copy with all keys in the place of its one placeholder. */
static void fill_in(const char *dialect, const char *shown, char *out, size_t size)
{
    rowan__arena arena;
    rowan__parts parts;
    size_t used = 0, copied = 0;

    rowan__arena_init(&arena, &fault_allocator);
    ck_assert(rowan__parts_read(&parts, &arena, dialect, shown, strlen(shown)));
    for (size_t i = 0; i < parts.count; i++) {
        const rowan__piece *piece = &parts.at[i];
        bool is_array = i > 1 && rowan__piece_is(&parts, i - 2, "ANY");
        if (piece->kind != ROWAN__TOKEN_PLACEHOLDER) {
            continue;
        }
        used += (size_t)snprintf(out + used, size - used, "%.*s%s", (int)(piece->offset - copied),
                                 shown + copied, is_array ? "'{" : "");
        for (int k = 0; k < RECORDED_POSTS; k++) {
            used += (size_t)snprintf(out + used, size - used, "%s%d", k > 0 ? ", " : "",
                                     (int)recorded_post(k));
        }
        used += (size_t)snprintf(out + used, size - used, "%s", is_array ? "}'" : "");
        copied = piece->offset + piece->size;
    }
    snprintf(out + used, size - used, "%s", shown + copied);
    rowan__arena_fini(&arena);
}

/* What is advised runs as it is written, finds as many rows, and nothing is found in it. */
START_TEST(advice_that_is_taken_is_the_end_of_it)
{
    const struct child *child = &children[_i % CHILDREN];
    const rowan__trace_finding *finding;
    char sql[2048];
    uint64_t rows;

    recorded_begin(_i / CHILDREN, true);
    recorded_posts();
    recorded_each(child->sql);
    recorded_analyze();
    finding = recorded_only("n_plus_one");
    ck_assert(finding->is_written_out);
    fill_in(finding->dialect, finding->suggestion, sql, sizeof sql);
    rows = finding->action == ROWAN__ACTION_SELECT_COLUMN ? RECORDED_POSTS : child->rows;
    recorded_end();

    recorded_begin(_i / CHILDREN, true);
    recorded_posts();
    ck_assert_msg(recorded_send(sql, ROWAN_NO_PARAMS) == rows, "%s", sql);
    recorded_analyze();
    ck_assert_msg(recorded.analysis.count == 0, "%s: %s", recorded.analysis.at[0].kind, sql);
    recorded_end();
}
END_TEST

START_TEST(several_columns_are_compared_as_rows)
{
    static const char *const forms[] = {
        "SELECT body, rank_no FROM note WHERE post_id = ? AND lang = ?",
        "SELECT body, rank_no FROM note WHERE (post_id, lang) = (?, ?)",
    };

    for (size_t form = 0; form < 2; form++) {
        recorded_begin(_i, true);
        recorded_posts();
        for (int i = 0; i < RECORDED_POSTS; i++) {
            recorded_send(forms[form],
                          ROWAN_PARAMS(ROWAN_V(recorded_post(i)), ROWAN_V(i % 2 ? "de" : "en")));
        }
        recorded_analyze();
        recorded_verify(0);
        ck_assert_int_eq(recorded_only("n_plus_one")->action, ROWAN__ACTION_BATCH_ROW_IN);
        ck_assert_uint_eq(recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL)->rows, 6);
        recorded_end();
    }
}
END_TEST

/* Rows that are fetched first, as the standard has it; SQLite has no such words. */
START_TEST(the_first_rows_are_those_of_the_standards_words_too)
{
    static const struct {
        const char *sql;
        uint64_t rows;
    } firsts[] = {
        {"SELECT id FROM note WHERE post_id = ? ORDER BY rank_no FETCH FIRST ROW ONLY", 6},
        {"SELECT id FROM note WHERE post_id = ? ORDER BY rank_no FETCH FIRST 2 ROWS ONLY", 10},
        {"SELECT id FROM note WHERE post_id = ? ORDER BY rank_no DESC OFFSET 1 ROWS "
         "FETCH NEXT 9 ROWS ONLY",
         6},
    };

    for (size_t i = 0; i < 3 && !engine_is((size_t)_i, "sqlite"); i++) {
        recorded_begin(_i, true);
        recorded_posts();
        recorded_each(firsts[i].sql);
        recorded_analyze();
        recorded_verify(0);
        const rowan__proof *proof = recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
        ck_assert_msg(proof->rows == firsts[i].rows, "%s: %d rows", firsts[i].sql,
                      (int)proof->rows);
        recorded_end();
    }
}
END_TEST

/* A list of one value, then of two, then of three, which it begins with the last of the one before:
 * a row that two of them have is compared with both. */
static void send_lists(bool is_bound)
{
    rowan_value items[4];
    char sql[200];

    for (int i = 0; i < RECORDED_POSTS - 2; i++) {
        size_t count = 1 + (size_t)i % 3;
        for (size_t k = 0; k < count; k++) {
            items[k] = ROWAN_V(recorded_post(i + (int)k));
        }
        items[count] = items[0]; /* once more is no more */
        count += i % 2 == 0 ? 1 : 0;
        if (is_bound) {
            recorded_send("SELECT id, body FROM note WHERE post_id IN (?) AND lang <> 'xx'",
                          ROWAN_PARAMS(rowan_v_list(items, count)));
            continue;
        }
        size_t size =
            (size_t)snprintf(sql, sizeof sql, "SELECT id, body FROM note WHERE post_id IN (");
        for (size_t k = 0; k < count; k++) {
            size += (size_t)snprintf(sql + size, sizeof sql - size, "%s%d", k > 0 ? ", " : "",
                                     (int)items[k].as.integer);
        }
        snprintf(sql + size, sizeof sql - size, ")");
        recorded_send(sql, ROWAN_NO_PARAMS);
    }
}

START_TEST(lists_of_different_lengths_are_one_list)
{
    for (int is_bound = 0; is_bound < 2; is_bound++) {
        recorded_begin(_i, true);
        recorded_posts();
        send_lists(is_bound);
        recorded_analyze();
        recorded_verify(0);
        const rowan__proof *proof = recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
        ck_assert_uint_eq(proof->before, RECORDED_POSTS - 2);
        ck_assert_uint_eq(proof->after, 1);
        ck_assert_uint_eq(proof->rows, 18);
        recorded_end();
    }
    recorded_begin(_i, false); /* hidden, there is no way to them */
    recorded_posts();
    send_lists(true);
    recorded_analyze();
    recorded_verify(0);
    recorded_expect("n_plus_one", ROWAN__PROVEN_UNVERIFIED, "hidden");
    recorded_end();
}
END_TEST

START_TEST(values_in_the_text_are_taken_from_it)
{
    char sql[200];

    recorded_begin(_i, true);
    recorded_posts();
    for (int i = 0; i < RECORDED_POSTS; i++) {
        snprintf(sql, sizeof sql, "SELECT body FROM note WHERE post_id = %d AND lang <> 'it''s'",
                 (int)recorded_post(i));
        recorded_send(sql, ROWAN_NO_PARAMS);
    }
    recorded_analyze();
    recorded_verify(0);
    ck_assert_ptr_nonnull(
        strstr(recorded_only("n_plus_one")->suggestion, "post_id IN (1001, 1008, 1015, 1022"));
    ck_assert_uint_eq(recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL)->rows, 12);
    recorded_end();
}
END_TEST

/* A key that is asked for twice has its rows twice one by one, and once at once: per key the same.
 * NULL equals nothing. */
START_TEST(keys_may_be_asked_for_twice_and_be_null)
{
    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_send("SELECT id, body FROM note WHERE post_id = ?", ROWAN_PARAMS(rowan_v_null()));
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    recorded_verify(0);
    const rowan__proof *proof = recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_uint_eq(proof->rows, 12);
    ck_assert_uint_eq(proof->before, 2 * RECORDED_POSTS + 1);
    recorded_end();
}
END_TEST

/* Keys of every type that may be one: what a trace has of them is text or a number. */
static const struct key_type {
    const char *name;
    rowan_type type;
} key_types[] = {
    {"@uuid", ROWAN_TYPE_UUID},           {"@date", ROWAN_TYPE_DATE},
    {"@timestamp", ROWAN_TYPE_TIMESTAMP}, {"@decimal(10,2)", ROWAN_TYPE_DECIMAL},
    {"@text(40)", ROWAN_TYPE_TEXT},       {"@int32", ROWAN_TYPE_INT32},
};

enum { KEY_TYPES = sizeof key_types / sizeof key_types[0], KEYS = 6 };

static rowan_value key_of(rowan_type type, int number)
{
    static const char *const decimals[KEYS] = {"1.50", "2.50", "13.05", "4.25", "-5.75", "6.10"};
    static const char *const texts[KEYS] = {"a 'b", "c\"d,e{}", "x\\y", " z", "\xc3\xa4", "NULL"};
    rowan_value value = rowan_v_of(type);

    if (type == ROWAN_TYPE_UUID) {
        memset(&value.as.uuid, 0xa1 + number, sizeof value.as.uuid);
    } else if (type == ROWAN_TYPE_DATE) {
        value.as.date.days = 19723 + 59 * number;
    } else if (type == ROWAN_TYPE_TIMESTAMP) {
        value.as.timestamp.us = 1704103200000000 + 1500000 * (int64_t)number;
    } else if (type == ROWAN_TYPE_DECIMAL) {
        return rowan_v_decimal((rowan_decimal){decimals[number]});
    } else if (type == ROWAN_TYPE_TEXT) {
        return ROWAN_V(texts[number]);
    } else {
        value.as.integer = 4711 - 1000 * number;
    }
    return value;
}

/* A table of keys, and one in which each of them is once or twice. */
static void make_keyed(const struct key_type *it)
{
    rowan_db *db = engine_open_url(recorded.url, NULL);
    rowan_scope *scope;
    char sql[300];

    snprintf(sql, sizeof sql,
             "CREATE TABLE keyed (k %s NOT NULL PRIMARY KEY, n @int32);"
             "CREATE TABLE hung (k %s NOT NULL, n @int32)",
             it->name, it->name);
    engine_script(db, sql);
    ck_assert_int_eq(rowan_scope_begin(db, "keys", &scope, NULL), ROWAN_OK);
    for (int i = 0; i < 2 * KEYS; i++) {
        rowan_params params = ROWAN_PARAMS(key_of(it->type, i % KEYS), ROWAN_V(i));
        if (i < KEYS) {
            ck_assert_int_eq(
                rowan_raw_run(scope, "INSERT INTO keyed (k, n) VALUES (?, ?)", params, NULL),
                ROWAN_OK);
        }
        if (i < KEYS || i % 2) {
            ck_assert_int_eq(
                rowan_raw_run(scope, "INSERT INTO hung (k, n) VALUES (?, ?)", params, NULL),
                ROWAN_OK);
        }
    }
    rowan_scope_end(scope);
    rowan_close(db);
}

START_TEST(keys_may_be_of_any_type)
{
    const struct key_type *it = &key_types[_i % KEY_TYPES];

    recorded_begin(_i / KEY_TYPES, true);
    make_keyed(it);
    recorded_send("SELECT k FROM keyed ORDER BY n", ROWAN_NO_PARAMS);
    for (int i = 0; i < KEYS; i++) {
        ck_assert_uint_eq(
            recorded_send("SELECT n FROM hung WHERE k = ?", ROWAN_PARAMS(key_of(it->type, i))),
            1 + (size_t)(i % 2));
    }
    recorded_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL)->rows, 9);
    recorded_end();
}
END_TEST

/* What an engine takes for equal and a program does not: rows are assigned to keys by the program.
 */
START_TEST(keys_that_are_equal_in_small_letters_only_withdraw)
{
    static const char *const asked[] = {"DE", "En", "fR", "ES", "IT", "PL"};

    recorded_begin(_i, true);
    if (engine_is(recorded.engine, "postgresql")) {
        recorded_analyze();
        recorded_end();
        return; /* its collations tell them apart */
    }
    engine_send(recorded.url, engine_is(recorded.engine, "sqlite")
                                  ? "CREATE TABLE spoken (lang TEXT COLLATE NOCASE, n INT)"
                                  : "CREATE TABLE spoken (lang VARCHAR(9) COLLATE "
                                    "utf8mb4_general_ci, n INT)");
    engine_send(recorded.url,
                "INSERT INTO spoken (lang, n) VALUES ('de', 1), ('en', 2), ('fr', 3), "
                "('es', 4), ('it', 5), ('pl', 6)");
    for (int i = 0; i < 6; i++) {
        ck_assert_uint_eq(
            recorded_send("SELECT n FROM spoken WHERE lang = ?", ROWAN_PARAMS(ROWAN_V(asked[i]))),
            1);
    }
    recorded_analyze();
    recorded_verify(0);
    recorded_expect("n_plus_one", ROWAN__PROVEN_WITHDRAWN,
                    "values differ, 6 rows one by one, 6 at once");
    recorded_end();
}
END_TEST

static void walk_from(int64_t id)
{
    rowan_cursor *cursor;
    int64_t found[8];
    size_t count = 0;

    ck_assert_int_eq(rowan_raw_open(recorded.scope,
                                    "SELECT id, parent_id FROM node WHERE parent_id = ?",
                                    ROWAN_PARAMS(ROWAN_V(id)), &cursor),
                     ROWAN_OK);
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
        ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &found[count++]), ROWAN_OK);
    }
    rowan_cursor_close(cursor);
    for (size_t i = 0; i < count; i++) {
        walk_from(found[i]);
    }
}

START_TEST(a_walk_is_proven_by_the_tree_that_it_is)
{
    recorded_begin(_i, true);
    walk_from(1);
    recorded_analyze();
    recorded_verify(0);
    const rowan__proof *proof = recorded_expect("recursive_walk", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_uint_eq(proof->rows, 12);
    ck_assert_uint_eq(proof->before, 13);
    recorded_end();
}
END_TEST

/* The program remembers where it was; the tree that it is advised to read has no end. */
START_TEST(a_statement_that_does_not_end_is_ended)
{
    recorded_begin(_i, true);
    engine_send(recorded.url, "CREATE TABLE edge (parent_id INT, child_id INT)");
    engine_send(recorded.url, "INSERT INTO edge (parent_id, child_id) VALUES (1, 102), (102, 103),"
                              " (103, 104), (104, 105), (105, 106), (106, 102)");
    for (int i = 1; i < 7; i++) {
        ck_assert_uint_eq(recorded_send("SELECT child_id FROM edge WHERE parent_id = ?",
                                        ROWAN_PARAMS(ROWAN_V(i == 1 ? 1 : 100 + i))),
                          1);
    }
    recorded_analyze();
    recorded_verify(300);
    /* MariaDB ends a recursion by itself; the others by the deadline or between rows. */
    const char *why = recorded_only("recursive_walk")->proof.why;
    recorded_expect("recursive_walk", ROWAN__PROVEN_WITHDRAWN, NULL);
    ck_assert_msg(strstr(why, engine_is(recorded.engine, "mariadb") ? "6 rows one by one"
                              : strstr(why, "ROWAN_") != NULL       ? "ROWAN_TIMEOUT"
                                                                    : "no end before") != NULL,
                  "%s", why);
    recorded_end();
}
END_TEST

/* Rows that come and come: MariaDB ends that by itself. */
START_TEST(a_result_without_end_is_ended)
{
    char lines[2048], *at = lines;

    recorded_begin(_i, true);
    for (int i = 0; i < 3; i++) {
        at += sprintf(at,
                      "{\"sql\":\"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                      "SELECT i FROM n WHERE i > 0\",\"rows\":[[1]],\"dialect\":\"%s\"}\n",
                      engine_name(recorded.engine));
    }
    recorded_analyze_lines(lines);
    recorded_verify(200);
    if (engine_is(recorded.engine, "mariadb")) {
        ck_assert_uint_gt(recorded_expect("duplicate_query", ROWAN__PROVEN_EQUAL, NULL)->rows, 999);
    } else {
        recorded_expect("duplicate_query", ROWAN__PROVEN_UNVERIFIED, NULL);
    }
    recorded_end();
}
END_TEST

/* --- How it is tried. --- */

/* A connection that was told to refuse writes takes them again when it is given back. */
START_TEST(a_connection_is_given_back_as_it_was)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan__verify verify = {.analysis = &recorded.analysis};
    rowan_scope *scope;

    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    options.max_open = 1;
    verify.db = engine_open_url(recorded.url, &options);
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    ck_assert_int_eq(rowan_scope_begin(verify.db, "after", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM note", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(verify.db);
    ck_assert_int_eq(recorded_number("SELECT count(*) FROM note"), 0);
    recorded_end();
}
END_TEST

/* Each execution twice, the one statement twice, and what a transaction takes. */
START_TEST(what_is_sent_is_counted)
{
    rowan__verify verify = {.analysis = &recorded.analysis};
    /* SQLite is told to refuse writes, and to take them; MariaDB's clock is stopped, and started.
     */
    const uint64_t extra = engine_is((size_t)_i, "sqlite")    ? 4
                           : engine_is((size_t)_i, "mariadb") ? 5
                                                              : 3;
    rowan_counts counts;

    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    ck_assert_int_eq(rowan__verify_open(recorded.url, &verify.db, NULL), ROWAN_OK);
    uint64_t before = rowan_db_counts(verify.db).statements;
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    counts = rowan_db_counts(verify.db);
    ck_assert_uint_eq(counts.statements - before, 2 * RECORDED_POSTS + 2 + extra);
    rowan_close(verify.db);
    recorded_end();
}
END_TEST

/* --- From a test. --- */

START_TEST(a_test_expects_that_advice_holds)
{
    rowan_verified counts;
    rowan_error error;

    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    ck_assert_msg(recorded_expect_all(&counts, &error) == ROWAN_OK, "%s", error.message);
    ck_assert_uint_eq(counts.findings, 1);
    ck_assert_uint_eq(counts.equal, 1);
    engine_send(recorded.url, "DELETE FROM note");
    ck_assert_int_eq(recorded_expect_all(&counts, &error), ROWAN_UNEXPECTED);
    ck_assert_uint_eq(counts.unverified, 1);
    ck_assert_ptr_nonnull(strstr(error.message, "none of the values finds a row"));
    recorded_end();
}
END_TEST

START_TEST(a_trace_that_cannot_be_read_is_no_proof)
{
    rowan_verified counts = {.findings = 7};
    rowan_error error;

    recorded_begin(_i, true);
    recorded_analyze_lines("{\"sql\":\"SELECT 1\"}\n");
    ck_assert_int_eq(recorded_expect_all(&counts, &error), ROWAN_OK);
    ck_assert_uint_eq(counts.findings, 0);
    FILE *file = fopen(recorded.path, "a");
    fputs("{\"sql\":\n", file);
    fclose(file);
    ck_assert_int_eq(recorded_expect_all(&counts, &error), ROWAN_IO);
    ck_assert_ptr_nonnull(strstr(error.message, ":2: "));
    unlink(recorded.path);
    ck_assert_int_eq(recorded_expect_all(NULL, &error), ROWAN_IO);
    recorded_end();
}
END_TEST

/* The trace may go on while its advice is tried: what a trial sends is no finding to try. */
START_TEST(trials_that_are_recorded_are_not_tried_in_turn)
{
    rowan_trace_options options = ROWAN_TRACE_OPTIONS_INIT;
    rowan_options opened = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];
    rowan_verified counts;
    rowan_trace *sink;
    rowan_error error;
    rowan_db *db;

    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    options.values = true;
    ck_assert_int_eq(rowan_trace_open(recorded.path, &options, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    opened.subscribers = subscribers;
    opened.subscriber_count = 1;
    db = engine_open_url(recorded.url, &opened);
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(rowan_expect_verified(db, recorded.path, &counts, &error) == ROWAN_OK, "%s",
                      error.message);
        ck_assert_uint_eq(counts.equal, 1);
    }
    rowan_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
    recorded_end();
}
END_TEST

START_TEST(a_missing_file_is_not_made)
{
    char url[80];
    const char *path = url + strlen("sqlite:");
    rowan_db *db;
    rowan_error error;

    snprintf(url, sizeof url, "sqlite:/tmp/rowan-there-is-none-%d.db", (int)getpid());
    unlink(path); /* what a failure left */
    ck_assert_int_eq(rowan__verify_open(url, &db, &error), ROWAN_CONNECT);
    ck_assert_ptr_null(db);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(running_out_of_memory_is_an_error_and_leaks_nothing)
{
    recorded_begin(_i, true);
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    recorded_analyze();
    rowan__verify verify = {.analysis = &recorded.analysis};
    ck_assert_int_eq(rowan__verify_open(recorded.url, &verify.db, NULL), ROWAN_OK);
    for (unsigned nth = 1;; nth++) {
        fault_arm(nth);
        rowan_status status = rowan__verify_findings(&verify);
        if (!fault_fired()) {
            ck_assert_int_eq(status, ROWAN_OK);
            ck_assert_uint_gt(nth, 5);
            break;
        }
        ck_assert_int_eq(status, ROWAN_NOMEM);
    }
    fault_arm(0);
    rowan_scope *scope;
    ck_assert_int_eq(rowan_scope_begin(verify.db, "after", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM post", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(verify.db);
    recorded_expect("n_plus_one", ROWAN__PROVEN_EQUAL, NULL);
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *tc = tcase_create("verify");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, one_statement_finds_the_rows_of_many, 0, engines * CHILDREN);
    tcase_add_loop_test(tc, advice_that_is_taken_is_the_end_of_it, 0, engines * CHILDREN);
    tcase_add_loop_test(tc, several_columns_are_compared_as_rows, 0, engines);
    tcase_add_loop_test(tc, the_first_rows_are_those_of_the_standards_words_too, 0, engines);
    tcase_add_loop_test(tc, lists_of_different_lengths_are_one_list, 0, engines);
    tcase_add_loop_test(tc, values_in_the_text_are_taken_from_it, 0, engines);
    tcase_add_loop_test(tc, keys_may_be_asked_for_twice_and_be_null, 0, engines);
    tcase_add_loop_test(tc, keys_may_be_of_any_type, 0, engines * KEY_TYPES);
    tcase_add_loop_test(tc, keys_that_are_equal_in_small_letters_only_withdraw, 0, engines);
    tcase_add_loop_test(tc, a_walk_is_proven_by_the_tree_that_it_is, 0, engines);
    tcase_add_loop_test(tc, a_statement_that_does_not_end_is_ended, 0, engines);
    tcase_add_loop_test(tc, a_result_without_end_is_ended, 0, engines);
    tcase_add_loop_test(tc, a_connection_is_given_back_as_it_was, 0, engines);
    tcase_add_loop_test(tc, what_is_sent_is_counted, 0, engines);
    tcase_add_loop_test(tc, a_test_expects_that_advice_holds, 0, engines);
    tcase_add_loop_test(tc, a_trace_that_cannot_be_read_is_no_proof, 0, engines);
    tcase_add_loop_test(tc, trials_that_are_recorded_are_not_tried_in_turn, 0, engines);
    tcase_add_test(tc, a_missing_file_is_not_made);
    tcase_add_loop_test(tc, running_out_of_memory_is_an_error_and_leaks_nothing, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
