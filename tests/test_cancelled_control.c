/*
 * A cancel, or a deadline, that comes while the reply to a transaction's own statement is on its
 * way: the server has begun, saved, released or undone already. What the call reports is what was
 * done: the depth is that of the server, nothing stays open behind a begin that is said to have
 * failed, and what is written next by itself is there for others.
 */
#include <check.h>
#include <pthread.h>
#include <time.h>

#include "support/engine.h"
#include "support/relay.h"
#include "support/suite.h"

enum { DELAY_MS = 10, SOON_MS = 6, STEPS = 7 };

static const char *url;
static relay *between;
static rowan_db *db;
static rowan_scope *scope;

static void open_on(size_t engine)
{
    char through[1024];

    url = engine_url_new(engine);
    between = relay_start(url, through, sizeof through);
    ck_assert_ptr_nonnull(between);
    db = engine_open_url(through, NULL);
    engine_script(db, "CREATE TABLE word (id @int64 PRIMARY KEY);");
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    relay_stop(between);
    engine_url_drop(url);
}

static rowan_status insert(int64_t id)
{
    return rowan_raw_run(scope, "INSERT INTO word (id) VALUES (?)", ROWAN_PARAMS(ROWAN_V(id)),
                         NULL);
}

/* Words there, as another connection sees them. */
static int64_t words_there(void)
{
    rowan_db *other = engine_open_url(url, NULL);
    rowan_scope *fresh;
    rowan_cursor *cursor;
    int64_t count = -1;

    ck_assert_int_eq(rowan_scope_begin(other, "look", &fresh, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_open(fresh, "SELECT count(*) FROM word", ROWAN_NO_PARAMS, &cursor),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &count), ROWAN_OK);
    rowan_cursor_close(cursor);
    rowan_scope_end(fresh);
    rowan_close(other);
    return count;
}

static void *cancel_soon(void *unused)
{
    const struct timespec pause = {0, SOON_MS * 1000000};

    (void)unused;
    nanosleep(&pause, NULL);
    rowan_status status = rowan_scope_cancel(scope, NULL);
    (void)status; /* it may be too late */
    return NULL;
}

static rowan_status take_step(int step)
{
    switch (step) {
    case 0:
    case 1:
    case 4:
        return rowan_begin(scope, NULL);
    case 2:
        return insert(1);
    case 5:
        return rowan_rollback(scope);
    default: /* 3: of the savepoint, 6: of all */
        return rowan_commit(scope);
    }
}

/* One step while it is being stopped, its reply late. */
static rowan_status stopped_step(int step, bool by_deadline)
{
    pthread_t thread;

    relay_delay(between, DELAY_MS);
    if (by_deadline) {
        rowan_scope_deadline(scope, SOON_MS);
    } else {
        ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    }
    rowan_status status = take_step(step);
    if (by_deadline) {
        rowan_scope_deadline(scope, 0);
    } else {
        pthread_join(thread, NULL);
    }
    relay_delay(between, 0);
    return status;
}

/* The transaction again from where it failed, or from the begin if there is none any more. */
static void finish(int from)
{
    for (int step = from; step < STEPS; step++) {
        rowan_status status = take_step(step);
        ck_assert_msg(status == ROWAN_OK, "step %d: %s: %s", step, rowan_status_name(status),
                      rowan_scope_error(scope)->message);
    }
}

static const unsigned depth_before[STEPS + 1] = {0, 1, 2, 2, 1, 2, 1, 0};

static void check_step(int step, bool by_deadline)
{
    for (int s = 0; s < step; s++) {
        ck_assert_int_eq(take_step(s), ROWAN_OK);
    }
    rowan_status status = stopped_step(step, by_deadline);
    const rowan_error *error = rowan_scope_error(scope);
    unsigned depth = rowan_transaction_depth(scope);
    if (status == ROWAN_OK) {
        ck_assert_uint_eq(depth, depth_before[step + 1]);
        finish(step + 1);
        ck_assert_int_eq(words_there(), 1);
    } else {
        ck_assert_msg(status == ROWAN_CANCELLED || status == ROWAN_TIMEOUT, "step %d: %s", step,
                      rowan_status_name(status));
        ck_assert(step == STEPS - 1 || error->connection_usable);
        while (rowan_transaction_depth(scope) > 0) {
            status = rowan_rollback(scope);
            ck_assert_msg(status == ROWAN_OK, "behind step %d: %s (%s)", step,
                          rowan_scope_error(scope)->message,
                          rowan_scope_error(scope)->engine_message);
        }
        ck_assert_int_le(words_there(), step == STEPS - 1);
    }
    int64_t there = words_there();
    ck_assert_int_eq(insert(2), ROWAN_OK);
    ck_assert_int_eq(words_there(), there + 1); /* no transaction holds it */
    ck_assert_int_eq(rowan_raw_run(scope, "DELETE FROM word", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
}

START_TEST(what_is_reported_of_a_stopped_step_is_what_was_done)
{
    open_on((size_t)_i / 2);
    for (int step = 0; step < STEPS; step++) {
        check_step(step, _i % 2 == 1);
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cancelled transaction control");
    TCase *tc = tcase_create("control");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    for (int e = 0; e < engines; e++) {
        if (!engine_is((size_t)e, "sqlite")) { /* whose replies are never on their way */
            tcase_add_loop_test(tc, what_is_reported_of_a_stopped_step_is_what_was_done, 2 * e,
                                2 * e + 2);
        }
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
