/* Deadlines that are set, moved and lifted while a stream is open. */
#include <time.h>

#include <rowan/rowan.h>

#include "base/clock.h"
#include "support/engine.h"
#include "support/suite.h"

enum {
    ITEMS = 30,
    LATE_MS = 100,
    FAR_MS = 1000, /* in which a stream is opened and some rows read, however busy the machine is */
    BEHIND_FAR_MS = 1050
};

typedef struct item {
    int64_t id;
} item;

/* Some hundred million of its rows are the end of no test. */
extern const rowan_table many_table;
static const rowan_column many_columns[] = {
    ROWAN_COLUMN(many_table, item, id, ROWAN_PRIMARY),
};
static const rowan_column *const many_key[] = {&many_columns[0]};
const rowan_table many_table = {
    .name = "many",
    .columns = many_columns,
    .column_count = 1,
    .primary = many_key,
    .primary_count = 1,
    .row_size = sizeof(item),
    .row_align = _Alignof(item),
};

static rowan_db *db;
static rowan_scope *scope;

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s", rowan_status_name(status),
                  rowan_scope_error(scope)->message);
}

static void open_on(size_t engine)
{
    db = engine_open(engine, NULL);
    engine_script(db, "CREATE TABLE item (id @ref NOT NULL PRIMARY KEY); CREATE VIEW many AS "
                      "SELECT a.id FROM item a, item b, item c, item d, item e, item f");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
    for (int i = 1; i <= ITEMS; i++) {
        ok(rowan_raw_run(scope, "INSERT INTO item (id) VALUES (?)", ROWAN_PARAMS(ROWAN_V(i)),
                         NULL));
    }
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void pause_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

/* --- The ways to open one --- */

typedef struct source {
    const char *name;
    rowan_stream *stream; /* or … */
    rowan_cursor *cursor;
} source;

static void source_open(source *s, int way)
{
    const rowan_query query = {.from = &many_table};

    *s = (source){.name = way == 0 ? "raw" : way == 1 ? "query" : "cursor"};
    if (way == 0) {
        ok(rowan_raw_stream(scope, "SELECT id FROM many", ROWAN_NO_PARAMS, &many_table,
                            &s->stream));
    } else if (way == 1) {
        ok(rowan_query_stream(scope, &query, &s->stream));
    } else {
        ok(rowan_raw_open(scope, "SELECT id FROM many", ROWAN_NO_PARAMS, &s->cursor));
    }
}

static rowan_status source_next(source *s)
{
    void *row;

    return s->cursor ? rowan_cursor_next(s->cursor) : rowan_stream_next(s->stream, &row);
}

static void source_close(source *s)
{
    rowan_cursor_close(s->cursor);
    rowan_stream_close(s->stream);
}

/* Reads on until something else than a row comes, which has to be soon. */
static rowan_status source_read(source *s)
{
    int64_t start_ns = rowan__now_ns();
    rowan_status status;

    while ((status = source_next(s)) == ROWAN_OK) {
        ck_assert_msg(rowan__now_ns() - start_ns < 20 * INT64_C(1000000000),
                      "%s: nothing stopped it", s->name);
    }
    return status;
}

/* --- Tests --- */

typedef void scenario(source *s);

/* In and outside of a transaction, by each way; the scope goes on behind it. */
static void play(scenario *act)
{
    for (int i = 0; i < 6; i++) {
        bool transacted = i / 3 == 1;
        source s;
        int64_t *count;
        static const rowan_column counts[] = {
            {NULL, "n", ROWAN_TYPE_INT64, 0, 0, 0, NULL, 0, 0},
        };
        static const rowan_table shape = ROWAN_SHAPE(int64_t, counts);

        ok(transacted ? rowan_begin(scope, NULL) : ROWAN_OK);
        source_open(&s, i % 3);
        ok(source_next(&s));
        act(&s);
        source_close(&s);
        rowan_scope_deadline(scope, 0);
        ok(transacted ? rowan_rollback(scope) : ROWAN_OK);
        ok(rowan_raw_one(scope, "SELECT count(*) AS n FROM item", ROWAN_NO_PARAMS, &shape,
                         (void **)&count));
        ck_assert_int_eq(*count, ITEMS);
    }
}

static void set_one(source *s)
{
    int64_t start_ns = rowan__now_ns();

    rowan_scope_deadline(scope, LATE_MS);
    ck_assert_int_eq(source_read(s), ROWAN_TIMEOUT);
    ck_assert_int_ge(rowan__now_ns() - start_ns, LATE_MS * INT64_C(1000000));
    ck_assert(rowan_scope_error(scope)->connection_usable);
    ck_assert_int_eq(source_next(s), ROWAN_TIMEOUT);
}

START_TEST(a_deadline_that_is_set_while_a_stream_is_open_ends_it)
{
    open_on((size_t)_i);
    play(set_one);
    close_all();
}
END_TEST

/* What is there already still comes. */
static void let_one_pass(source *s)
{
    rowan_scope_deadline(scope, 1);
    pause_ms(5);
    ck_assert_int_eq(source_read(s), ROWAN_TIMEOUT);
}

START_TEST(a_deadline_that_has_passed_when_the_next_rows_are_wanted_ends_a_stream)
{
    open_on((size_t)_i);
    play(let_one_pass);
    close_all();
}
END_TEST

/* Reads on when the deadline would have passed. */
static void read_behind(source *s)
{
    pause_ms(BEHIND_FAR_MS);
    for (int i = 0; i < 5000; i++) {
        ok(source_next(s));
    }
}

static void set_and_lift(source *s)
{
    rowan_scope_deadline(scope, FAR_MS);
    for (int i = 0; i < 200; i++) {
        ok(source_next(s));
    }
    rowan_scope_deadline(scope, 0);
    read_behind(s);
}

START_TEST(a_deadline_that_is_lifted_while_a_stream_is_open_does_not_end_it)
{
    open_on((size_t)_i);
    play(set_and_lift);
    close_all();
}
END_TEST

START_TEST(a_deadline_of_before_a_stream_is_lifted_or_moved_while_it_is_open)
{
    open_on((size_t)_i);
    for (int way = 0; way < 3; way++) {
        source s;
        rowan_scope_deadline(scope, FAR_MS);
        source_open(&s, way);
        ok(source_next(&s));
        rowan_scope_deadline(scope, way == 0 ? 60 * FAR_MS : 0);
        read_behind(&s);
        rowan_scope_deadline(scope, LATE_MS);
        ck_assert_int_eq(source_read(&s), ROWAN_TIMEOUT);
        source_close(&s);
        rowan_scope_deadline(scope, 0);
    }
    close_all();
}
END_TEST

/* Nothing is left to be stopped. */
START_TEST(a_stream_whose_rows_have_all_come_is_not_late)
{
    rowan_stream *stream;
    rowan_status status;
    void *row;

    open_on((size_t)_i);
    for (int i = 0; i < 4; i++) {
        bool transacted = i / 2 == 1, before = i % 2 == 1;
        ok(transacted ? rowan_begin(scope, NULL) : ROWAN_OK);
        rowan_scope_deadline(scope, before ? FAR_MS : 0);
        ok(rowan_raw_stream(scope, "SELECT id FROM item", ROWAN_NO_PARAMS, &many_table, &stream));
        ok(rowan_stream_next(stream, &row));
        rowan_scope_deadline(scope, before ? FAR_MS : 1);
        pause_ms(before ? BEHIND_FAR_MS : 5);
        int seen = 1;
        for (; (status = rowan_stream_next(stream, &row)) == ROWAN_OK; seen++) {
        }
        ck_assert_int_eq(status, ROWAN_DONE);
        ck_assert_int_eq(seen, ITEMS);
        rowan_stream_close(stream);
        rowan_scope_deadline(scope, 0);
        ok(transacted ? rowan_rollback(scope) : ROWAN_OK);
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deadlines of streams");
    TCase *tc = tcase_create("deadlines");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_deadline_that_is_set_while_a_stream_is_open_ends_it, 0, engines);
    tcase_add_loop_test(tc, a_deadline_that_has_passed_when_the_next_rows_are_wanted_ends_a_stream,
                        0, engines);
    tcase_add_loop_test(tc, a_deadline_that_is_lifted_while_a_stream_is_open_does_not_end_it, 0,
                        engines);
    tcase_add_loop_test(tc, a_deadline_of_before_a_stream_is_lifted_or_moved_while_it_is_open, 0,
                        engines);
    tcase_add_loop_test(tc, a_stream_whose_rows_have_all_come_is_not_late, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
