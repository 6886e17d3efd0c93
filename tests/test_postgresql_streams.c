/*
 * Streams on PostgreSQL come a row or a batch in each of libpq's results: every test runs with the
 * libpq that there is, and with one that makes chunks. Inside a transaction they are pages of a
 * cursor, with either.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/chunks.h"
#include "support/engine.h"
#include "support/relay.h"
#include "support/suite.h"

enum { MODES = 2, BATCH = 64 }; /* rows that a stream reads at a time */

typedef struct line {
    int64_t id;
    rowan_opt_text said;
    rowan_opt_timestamp at;
} line;

static const rowan_column line_columns[3];
static const rowan_table line_shape = ROWAN_SHAPE(line, line_columns);
static const rowan_column line_columns[3] = {
    ROWAN_COLUMN(line_shape, line, id, 0),
    ROWAN_OPT_COLUMN(line_shape, line, said, 0),
    ROWAN_OPT_COLUMN(line_shape, line, at, 0),
};

typedef struct word {
    int64_t id;
    const char *said; /* never NULL */
} word;

static const rowan_column word_columns[2];
static const rowan_table word_shape = ROWAN_SHAPE(word, word_columns);
static const rowan_column word_columns[2] = {
    ROWAN_COLUMN(word_shape, word, id, 0),
    ROWAN_COLUMN(word_shape, word, said, 0),
};

static size_t engine; /* PostgreSQL's index */
static const char *url;
static rowan_db *db;
static rowan_scope *scope;

/* @return whether libpq is to make chunks */
static bool begin(int mode)
{
    rowan_error error;
    bool chunked = mode % MODES == 1;

    url = engine_url_new(engine);
    db = engine_open_url(url, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    return chunks_switch(chunked) && chunked;
}

static void end(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    engine_url_drop(url);
}

static void begin_if(bool transacted)
{
    ck_assert_int_eq(transacted ? rowan_begin(scope, NULL) : ROWAN_OK, ROWAN_OK);
}

static void commit_if(bool transacted)
{
    ck_assert_int_eq(transacted ? rowan_commit(scope) : ROWAN_OK, ROWAN_OK);
}

static const rowan_error *failure(void)
{
    return rowan_scope_error(scope);
}

/* The scope works, and so does its connection. */
static void assert_goes_on(void)
{
    word *one;

    ck_assert_int_eq(rowan_raw_one(scope, "SELECT 1::bigint AS id, 'x' AS said", ROWAN_NO_PARAMS,
                                   &word_shape, (void **)&one),
                     ROWAN_OK);
    ck_assert_str_eq(one->said, "x");
}

/*
 * Reads to the end. @return why it ended: also if the stream could not be opened, as of a chunk in
 * which a row fails nothing is there
 */
static rowan_status read_all(const char *sql, rowan_params params, const rowan_table *shape,
                             size_t *count)
{
    rowan_stream *stream;
    void *row;
    rowan_status status = rowan_raw_stream(scope, sql, params, shape, &stream);

    *count = 0;
    while (status == ROWAN_OK && (status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
        ++*count;
        ck_assert_int_eq(*(const int64_t *)row, (int64_t)*count); /* the id is every row's first */
    }
    rowan_stream_close(stream);
    return status;
}

/* --- Rows --- */

#define SAID "CASE WHEN g % 3 = 0 THEN NULL ELSE rpad('row ' || g, ?::int, '.') END AS said"

/* A result is of texts, or binary because of its instants. */
static const char *const forms[] = {
    "SELECT g AS id, " SAID " FROM generate_series(1::bigint, ?::bigint) AS g",
    "SELECT g AS id, " SAID ", timestamptz 'epoch' + g * interval '1 s' AS at "
    "FROM generate_series(1::bigint, ?::bigint) AS g",
};

static void check_line(const line *row, int64_t n, size_t width, bool has_instant)
{
    char text[24];
    int size = snprintf(text, sizeof text, "row %d", (int)n);

    ck_assert_int_eq(row->id, n);
    ck_assert(row->said.has == (n % 3 != 0));
    if (row->said.has) {
        ck_assert_uint_eq(strlen(row->said.value), width);
        ck_assert_int_eq(memcmp(row->said.value, text, (size_t)size), 0);
    }
    ck_assert(row->at.has == has_instant);
    ck_assert_int_eq(row->at.value.us, has_instant ? n * 1000000 : 0);
}

/* Texts so short that they are copied, and so long that the result is kept for them. */
START_TEST(a_stream_gives_every_row_once_whatever_their_number_and_size)
{
    static const size_t counts[] = {0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, 200};
    static const int widths[] = {12, 500};
    bool chunked = begin(_i), transacted = _i / MODES / 4 == 1;
    const char *sql = forms[_i / MODES % 2];
    int width = widths[_i / MODES / 2 % 2];

    begin_if(transacted);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        rowan_counts before = rowan_scope_counts(scope);
        size_t made = chunks_made();
        rowan_stream *stream;
        rowan_status status;
        void *row;
        int64_t n = 0;
        ck_assert_int_eq(
            rowan_raw_stream(scope, sql,
                             ROWAN_PARAMS(ROWAN_V(width), rowan_v_int64((int64_t)counts[i])),
                             &line_shape, &stream),
            ROWAN_OK);
        while ((status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
            check_line(row, ++n, (size_t)width, sql == forms[1]);
        }
        ck_assert_int_eq(status, ROWAN_DONE);
        ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_DONE);
        rowan_stream_close(stream);
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_int_eq(n, (int64_t)counts[i]);
        ck_assert_uint_eq(after.statements - before.statements, 1);
        uint64_t trips = transacted ? (counts[i] < BATCH ? 2 : 3) : 1; /* pages, and the end */
        ck_assert_uint_eq(after.round_trips - before.round_trips, trips + (i == 0));
        ck_assert_uint_eq(after.rows - before.rows, counts[i]);
        ck_assert_uint_eq(after.affected, before.affected);
        ck_assert_uint_eq(chunks_made() - made,
                          chunked && !transacted ? (counts[i] + BATCH - 1) / BATCH : 0);
    }
    commit_if(transacted);
    end();
}
END_TEST

START_TEST(rows_that_a_stream_writes_are_counted)
{
    bool transacted = _i / MODES == 1;
    uint64_t before;
    size_t count;

    begin(_i);
    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL PRIMARY KEY, said @text(20));");
    before = rowan_scope_counts(scope).affected;
    begin_if(transacted);
    ck_assert_int_eq(read_all("INSERT INTO word SELECT g, 'x' FROM generate_series(1, 150) AS g "
                              "RETURNING id, said",
                              ROWAN_NO_PARAMS, &word_shape, &count),
                     ROWAN_DONE);
    commit_if(transacted);
    ck_assert_uint_eq(count, 150);
    ck_assert_uint_eq(rowan_scope_counts(scope).affected - before, 150);
    end();
}
END_TEST

START_TEST(a_stream_that_the_schema_outdated_is_prepared_anew)
{
    static const char *const changes[] = {"ALTER TABLE word ALTER said TYPE text",
                                          "ALTER TABLE word RENAME said TO told",
                                          "ALTER TABLE word RENAME told TO said"};
    bool transacted = _i / MODES == 1;
    size_t count;

    begin(_i);
    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL PRIMARY KEY, said @text(20));");
    engine_send(url, "INSERT INTO word SELECT g, 'x' FROM generate_series(1, 100) AS g");
    for (size_t round = 0; round <= sizeof changes / sizeof changes[0]; round++) {
        bool fits = round != 2; /* there is no "said" then */
        begin_if(transacted);
        ck_assert_int_eq(
            read_all("SELECT * FROM word ORDER BY id", ROWAN_NO_PARAMS, &word_shape, &count),
            fits ? ROWAN_DONE : ROWAN_WRONG_TYPE);
        commit_if(transacted && fits);
        ck_assert_uint_eq(count, fits ? 100 : 0);
        ck_assert_int_eq(transacted && !fits ? rowan_rollback(scope) : ROWAN_OK, ROWAN_OK);
        if (round < sizeof changes / sizeof changes[0]) {
            engine_send(url, changes[round]);
        }
    }
    end();
}
END_TEST

/* --- Failing, stopping --- */

/* Of the batch in which a row fails none is given. */
START_TEST(a_row_that_fails_ends_the_stream_behind_whole_batches)
{
    static const int64_t failing[] = {1, 10, BATCH, BATCH + 1, 150};
    bool transacted = _i / MODES == 1;
    size_t count;

    begin(_i);
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
        uint64_t statements = rowan_scope_counts(scope).statements;
        begin_if(transacted);
        ck_assert_int_eq(read_all("SELECT g AS id, (1 / (? - g))::text AS said "
                                  "FROM generate_series(1::bigint, 500) AS g",
                                  ROWAN_PARAMS(ROWAN_V(failing[i])), &word_shape, &count),
                         ROWAN_ENGINE);
        ck_assert_str_eq(failure()->sqlstate, "22012");
        ck_assert(failure()->connection_usable);
        ck_assert_int_eq(failure()->fate, transacted ? ROWAN_FATE_MUST_ROLLBACK : ROWAN_FATE_NONE);
        size_t batches = (size_t)(failing[i] - 1) / BATCH; /* but a cursor's second page has all */
        ck_assert_uint_eq(count, (transacted && batches > 1 ? 1 : batches) * BATCH);
        ck_assert_int_eq(transacted ? rowan_rollback(scope) : ROWAN_OK, ROWAN_OK);
        ck_assert_uint_eq(rowan_scope_counts(scope).statements - statements, transacted ? 3 : 1);
        assert_goes_on();
    }
    end();
}
END_TEST

START_TEST(a_null_that_its_member_cannot_hold_ends_the_stream)
{
    bool transacted = _i / MODES == 1;
    size_t count;

    begin(_i);
    begin_if(transacted);
    ck_assert_int_eq(read_all("SELECT g AS id, CASE WHEN g <> 100 THEN 'x' END AS said "
                              "FROM generate_series(1::bigint, 20000) AS g",
                              ROWAN_NO_PARAMS, &word_shape, &count),
                     ROWAN_NOT_NULL);
    ck_assert_uint_eq(count, BATCH);
    ck_assert_str_eq(failure()->column, "said");
    ck_assert_int_eq(failure()->fate, transacted ? ROWAN_FATE_OPEN : ROWAN_FATE_NONE);
    assert_goes_on();
    commit_if(transacted);
    end();
}
END_TEST

#define MANY "SELECT generate_series(1::bigint, 30000) AS id"
#define ENDLESS "SELECT generate_series(1::bigint, 100000000000) AS id"

START_TEST(a_stream_may_be_closed_anywhere)
{
    static const int64_t wanted[] = {0, 1, BATCH, BATCH + 1, 1000};
    bool transacted = _i / MODES == 1;

    begin(_i);
    begin_if(transacted);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        rowan_stream *stream;
        void *row;
        ck_assert_int_eq(rowan_raw_stream(scope, MANY, ROWAN_NO_PARAMS, &line_shape, &stream),
                         ROWAN_OK);
        for (int64_t n = 1; n <= wanted[i]; n++) {
            ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_OK);
            ck_assert_int_eq(((const line *)row)->id, n);
        }
        rowan_stream_close(stream);
        assert_goes_on();
    }
    commit_if(transacted);
    end();
}
END_TEST

/* What ends a stream from outside when it has given some rows. */
typedef enum stopper { CANCEL, DEADLINE, TERMINATE, STOPPERS } stopper;

static void stop(stopper by, int64_t pid)
{
    rowan_error error;
    char sql[80];

    if (by == CANCEL) {
        ck_assert_int_eq(rowan_scope_cancel(scope, &error), ROWAN_OK);
    } else if (by == TERMINATE) {
        snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld)", (long long)pid);
        engine_send(url, sql);
    }
}

START_TEST(a_stream_that_is_stopped_says_by_what)
{
    static const rowan_status statuses[] = {ROWAN_CANCELLED, ROWAN_TIMEOUT, ROWAN_LOST};
    stopper by = (stopper)(_i / MODES % STOPPERS);
    bool transacted = _i / MODES / STOPPERS == 1;
    line *own;
    rowan_stream *stream;
    rowan_status status;
    void *row;

    begin(_i);
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT pg_backend_pid()::bigint AS id", ROWAN_NO_PARAMS,
                                   &line_shape, (void **)&own),
                     ROWAN_OK);
    begin_if(transacted);
    rowan_scope_deadline(scope, by == DEADLINE ? 1000 : 0);
    ck_assert_int_eq(rowan_raw_stream(scope, ENDLESS, ROWAN_NO_PARAMS, &line_shape, &stream),
                     ROWAN_OK);
    for (int64_t n = 1; (status = rowan_stream_next(stream, &row)) == ROWAN_OK; n++) {
        ck_assert_int_eq(((const line *)row)->id, n);
        if (n == 100) {
            stop(by, own->id);
        }
    }
    ck_assert_msg(status == statuses[by], "%s", failure()->message);
    ck_assert(failure()->connection_usable == (by != TERMINATE));
    rowan_stream_close(stream);
    rowan_scope_deadline(scope, 0);
    ck_assert_int_eq(transacted ? rowan_rollback(scope) : ROWAN_OK, ROWAN_OK);
    assert_goes_on();
    end();
}
END_TEST

/* --- Cursors --- */

static int64_t number(const char *sql)
{
    line *one;

    ck_assert_int_eq(rowan_raw_one(scope, sql, ROWAN_NO_PARAMS, &line_shape, (void **)&one),
                     ROWAN_OK);
    return one->id;
}

/* Of an endless query a cursor gives what is wanted of it, and leaves nothing behind. */
START_TEST(a_cursor_that_is_closed_is_gone)
{
    static const int wanted[] = {0, 1, BATCH, BATCH + 1, 3000};
    rowan_stream *stream;
    void *row;

    begin(_i);
    begin_if(true);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert_int_eq(rowan_raw_stream(scope, ENDLESS, ROWAN_NO_PARAMS, &line_shape, &stream),
                         ROWAN_OK);
        for (int n = 1; n <= wanted[i]; n++) {
            ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_OK);
            ck_assert_int_eq(((const line *)row)->id, n);
        }
        rowan_stream_close(stream);
        ck_assert_int_eq(number("SELECT count(*) AS id FROM pg_cursors "
                                "WHERE name <> ''"),
                         0);
    }
    commit_if(true);
    end();
}
END_TEST

/* Between two pages the server has nothing to do, and does not hear that it is to stop. */
START_TEST(a_cursor_is_stopped_between_two_pages)
{
    bool late = _i / MODES == 1;
    const struct timespec pause = {.tv_nsec = 300000000};
    rowan_stream *stream;
    rowan_error error;
    void *row;

    begin(_i);
    begin_if(true);
    rowan_scope_deadline(scope, late ? 200 : 0);
    ck_assert_int_eq(rowan_raw_stream(scope, ENDLESS, ROWAN_NO_PARAMS, &line_shape, &stream),
                     ROWAN_OK);
    for (int n = 1; n <= BATCH; n++) {
        ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_OK);
    }
    nanosleep(&pause, NULL);
    ck_assert_int_eq(late ? ROWAN_OK : rowan_scope_cancel(scope, &error), ROWAN_OK);
    ck_assert_int_eq(rowan_stream_next(stream, &row), late ? ROWAN_TIMEOUT : ROWAN_CANCELLED);
    ck_assert(failure()->connection_usable);
    ck_assert(failure()->fate == ROWAN_FATE_OPEN || failure()->fate == ROWAN_FATE_MUST_ROLLBACK);
    ck_assert_int_eq(rowan_stream_next(stream, &row), late ? ROWAN_TIMEOUT : ROWAN_CANCELLED);
    rowan_stream_close(stream);
    rowan_scope_deadline(scope, 0);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    assert_goes_on();
    end();
}
END_TEST

/* A server that is gone, or says nothing any more, when a cursor is opened or has given a page. */
START_TEST(a_cursor_of_a_lost_server_says_so)
{
    bool cut = _i / MODES % 2 == 1, opened = _i / MODES / 2 == 1;
    rowan_stream *stream = NULL;
    char through[300];
    rowan_error error;
    rowan_status status;
    size_t count;
    void *row;

    begin(_i);
    relay *between = relay_start(url, through, sizeof through);
    rowan_db *far = engine_open_url(through, NULL);
    rowan_scope *near = scope;
    ck_assert_int_eq(rowan_scope_begin(far, "far", &scope, &error), ROWAN_OK);
    begin_if(true);
    ck_assert_int_eq(read_all(MANY, ROWAN_NO_PARAMS, &line_shape, &count), ROWAN_DONE);
    rowan_scope_deadline(scope, 500);
    if (opened) {
        ck_assert_int_eq(rowan_raw_stream(scope, MANY, ROWAN_NO_PARAMS, &line_shape, &stream),
                         ROWAN_OK);
    }
    if (cut) {
        relay_cut(between);
    } else {
        relay_replies_are(between, RELAY_LOSE);
    }
    rowan_scope_deadline(scope, 300);
    status =
        opened ? ROWAN_OK : rowan_raw_stream(scope, MANY, ROWAN_NO_PARAMS, &line_shape, &stream);
    while (status == ROWAN_OK) {
        status = rowan_stream_next(stream, &row);
    }
    ck_assert_msg(status == (cut ? ROWAN_LOST : ROWAN_TIMEOUT), "%s", failure()->message);
    ck_assert(!failure()->connection_usable);
    ck_assert_int_eq(failure()->fate, ROWAN_FATE_ROLLED_BACK);
    ck_assert(opened || !stream);
    rowan_stream_close(stream);
    rowan_scope_end(scope);
    rowan_close(far);
    relay_stop(between);
    scope = near;
    assert_goes_on();
    end();
}
END_TEST

/* What may stand behind DECLARE is read by a cursor, and anything else as it would be outside. */
START_TEST(any_statement_that_gives_rows_may_be_a_stream)
{
    static const struct {
        const char *sql;
        bool declares;
    } texts[] = {
        {"SELECT id, said FROM word ORDER BY id", true},
        {" -- ; a remark\nSELECT id, said FROM word ORDER BY id", false},
        {"/* a remark */ SELECT id, said FROM word ORDER BY id;", true},
        {"select id, said from word order by id -- a remark", true},
        {"(SELECT id, said FROM word ORDER BY id LIMIT 1) UNION ALL "
         "SELECT id, said FROM word WHERE id > 1 ORDER BY id",
         true},
        {"TABLE word ORDER BY id", true},
        {"SELECT id, said FROM word ORDER BY id FOR UPDATE", true},
        {"SELECT id, said FROM word WHERE id = ANY ('{1,2,3}'::bigint[]) ORDER BY id", true},
        {"; SELECT id, said FROM word ORDER BY id", false},
        {"WITH w AS (SELECT * FROM word) SELECT id, said FROM w ORDER BY id", false},
        {"WITH w AS (UPDATE word SET said = 'y' RETURNING *) SELECT * FROM w ORDER BY id", false},
        {"UPDATE word SET said = 'x' RETURNING id, said", false},
    };
    size_t count;

    begin(_i);
    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL PRIMARY KEY, said @text(20));");
    engine_send(url, "INSERT INTO word VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    begin_if(true);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rowan_counts before = rowan_scope_counts(scope);
        rowan_status status = read_all(texts[i].sql, ROWAN_NO_PARAMS, &word_shape, &count);
        ck_assert_msg(status == ROWAN_DONE, "%s: %s", texts[i].sql, failure()->message);
        ck_assert_uint_eq(count, 3);
        rowan_counts after = rowan_scope_counts(scope);
        ck_assert_uint_eq(after.statements - before.statements, 1);
        ck_assert_msg(after.round_trips - before.round_trips == (texts[i].declares ? 3 : 2), "%s",
                      texts[i].sql);
    }
    commit_if(true);
    end();
}
END_TEST

/* A page has as many rows as fill it, going by the one before. */
START_TEST(pages_are_of_many_narrow_rows_or_of_few_wide_ones)
{
    static const struct {
        int64_t rows;
        int width;
        uint64_t least, most; /* round trips, with that of preparing */
    } cases[] = {{10000, 12, 12, 20}, {600, 2000, 8, 16}, {200, 20000, 16, 30}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rowan_stream *stream;
        void *row;
        int64_t n = 0;
        begin(_i);
        begin_if(true);
        uint64_t before = rowan_scope_counts(scope).round_trips;
        ck_assert_int_eq(
            rowan_raw_stream(scope, forms[0],
                             ROWAN_PARAMS(ROWAN_V(cases[i].width), ROWAN_V(cases[i].rows)),
                             &line_shape, &stream),
            ROWAN_OK);
        while (rowan_stream_next(stream, &row) == ROWAN_OK) {
            check_line(row, ++n, (size_t)cases[i].width, false);
        }
        rowan_stream_close(stream);
        ck_assert_int_eq(n, cases[i].rows);
        uint64_t trips = rowan_scope_counts(scope).round_trips - before;
        ck_assert_msg(trips >= cases[i].least && trips <= cases[i].most, "%llu trips of %zu",
                      (unsigned long long)trips, i);
        commit_if(true);
        end();
    }
}
END_TEST

/* A transaction inside another: what fails there is undone there. */
START_TEST(a_savepoint_outlives_a_stream_that_failed)
{
    size_t count;

    begin(_i);
    begin_if(true);
    begin_if(true);
    ck_assert_int_eq(read_all("SELECT g AS id, (1 / (100 - g))::text AS said "
                              "FROM generate_series(1::bigint, 500) AS g",
                              ROWAN_NO_PARAMS, &word_shape, &count),
                     ROWAN_ENGINE);
    ck_assert_uint_eq(count, BATCH);
    ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    ck_assert_int_eq(read_all(MANY, ROWAN_NO_PARAMS, &line_shape, &count), ROWAN_DONE);
    ck_assert_uint_eq(count, 30000);
    commit_if(true);
    end();
}
END_TEST

/* Where in the program's own text an error is, whatever the server was sent. */
START_TEST(a_position_is_that_of_the_text)
{
    bool transacted = _i / MODES == 1;
    size_t count;

    begin(_i);
    engine_script(db, "CREATE TABLE word (id @int64 NOT NULL PRIMARY KEY, said @text(20));");
    for (int round = 0; round < 2; round++) {
        begin_if(transacted);
        ck_assert_int_eq(
            read_all("SELECT id, said FROM word", ROWAN_NO_PARAMS, &word_shape, &count),
            round == 0 ? ROWAN_DONE : ROWAN_NO_SUCH);
        ck_assert_int_eq(transacted ? rowan_rollback(scope) : ROWAN_OK, ROWAN_OK);
        engine_send(url, round == 0 ? "ALTER TABLE word RENAME said TO told" : "SELECT 1");
    }
    ck_assert_str_eq(failure()->column, "said");
    ck_assert_int_eq(failure()->position, 12);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("postgresql_streams");
    TCase *tc = tcase_create("streams");
    size_t engines = engine_count();

    while (engine < engines && !engine_is(engine, "postgresql")) {
        engine++;
    }
    int modes = engine < engines ? MODES : 0;
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_stream_gives_every_row_once_whatever_their_number_and_size, 0,
                        modes * 8);
    tcase_add_loop_test(tc, rows_that_a_stream_writes_are_counted, 0, modes * 2);
    tcase_add_loop_test(tc, a_stream_that_the_schema_outdated_is_prepared_anew, 0, modes * 2);
    tcase_add_loop_test(tc, a_row_that_fails_ends_the_stream_behind_whole_batches, 0, modes * 2);
    tcase_add_loop_test(tc, a_null_that_its_member_cannot_hold_ends_the_stream, 0, modes * 2);
    tcase_add_loop_test(tc, a_stream_may_be_closed_anywhere, 0, modes * 2);
    tcase_add_loop_test(tc, a_stream_that_is_stopped_says_by_what, 0, modes * STOPPERS * 2);
    tcase_add_loop_test(tc, a_cursor_that_is_closed_is_gone, 0, modes);
    tcase_add_loop_test(tc, a_cursor_is_stopped_between_two_pages, 0, modes * 2);
    tcase_add_loop_test(tc, a_cursor_of_a_lost_server_says_so, 0, modes * 4);
    tcase_add_loop_test(tc, any_statement_that_gives_rows_may_be_a_stream, 0, modes);
    tcase_add_loop_test(tc, pages_are_of_many_narrow_rows_or_of_few_wide_ones, 0, modes);
    tcase_add_loop_test(tc, a_savepoint_outlives_a_stream_that_failed, 0, modes);
    tcase_add_loop_test(tc, a_position_is_that_of_the_text, 0, modes * 2);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
