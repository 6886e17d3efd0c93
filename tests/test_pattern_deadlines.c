/*
 * Deadlines and cancels that come anywhere in each pattern's calls, over a network that is slow:
 * the database has all of the work or nothing of it, and the call says which; nothing stays open,
 * so that what is written next by itself is there for others; and a deadline that is far away
 * changes nothing.
 */
#include <check.h>
#include <pthread.h>
#include <time.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/pieces.h"
#include "support/relay.h"
#include "support/suite.h"

enum { DELAY_MS = 2, FAR_MS = 60000 };

static const char *url;
static relay *between;
static rowan_db *db;
static rowan_db *witness; /* another program's, past the relay */

static void open_on(size_t engine)
{
    char through[1024];

    url = engine_url_new(engine);
    between = relay_start(url, through, sizeof through);
    ck_assert_ptr_nonnull(between);
    db = engine_open_url(through, NULL);
    library_create(db, engine);
    witness = engine_open_url(url, NULL);
    pieces_fill(witness);
}

static void close_all(void)
{
    rowan_close(witness);
    rowan_close(db);
    relay_stop(between);
    engine_url_drop(url);
}

static void *cancel_soon(void *after_ms)
{
    const struct timespec pause = {0, (long)*(unsigned *)after_ms * 1000000};

    nanosleep(&pause, NULL);
    rowan_status status = rowan_scope_cancel(piece_scope, NULL);
    (void)status; /* it may be too late, or too early */
    return NULL;
}

/* The work while it is stopped after some time, by a deadline or from another thread. */
static rowan_status act_stopped(const piece *p, unsigned after_ms, bool by_deadline)
{
    pthread_t thread;

    relay_delay(between, DELAY_MS);
    if (by_deadline) {
        rowan_scope_deadline(piece_scope, after_ms);
    } else {
        ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, &after_ms), 0);
    }
    rowan_status status = p->act();
    if (!by_deadline) {
        pthread_join(thread, NULL);
    }
    relay_delay(between, 0);
    rowan_scope_deadline(piece_scope, 0);
    return status;
}

/* What is written by itself, in the scope that goes on, is there for others at once. */
static void check_nothing_is_open(const piece *p)
{
    int64_t before, after;

    while (rowan_transaction_depth(piece_scope) > 0) {
        rowan_status status = rowan_rollback(piece_scope);
        ck_assert_msg(status == ROWAN_OK, "%s: %s", p->name,
                      rowan_scope_error(piece_scope)->message);
    }
    before = library_number(witness, "SELECT count(*) FROM tag");
    rowan_status status = rowan_raw_run(
        piece_scope, "INSERT INTO tag (subject_type, subject_id, label) VALUES ('x', 1, 'y')",
        ROWAN_NO_PARAMS, NULL);
    ck_assert_msg(status == ROWAN_OK, "behind %s: %s %s (%s)", p->name, rowan_status_name(status),
                  rowan_scope_error(piece_scope)->message,
                  rowan_scope_error(piece_scope)->engine_message);
    after = library_number(witness, "SELECT count(*) FROM tag");
    ck_assert_msg(after == before + 1, "behind %s a transaction is open", p->name);
}

/* One try. @return whether it was stopped */
static bool try_stop(const piece *p, const piece_ends *e, unsigned after_ms, bool by_deadline)
{
    rowan_status wanted = by_deadline ? ROWAN_TIMEOUT : ROWAN_CANCELLED;

    piece_begin(db, p);
    rowan_status status = act_stopped(p, after_ms, by_deadline);
    rowan_error error = *rowan_scope_error(piece_scope);
    ck_assert_msg(status == ROWAN_OK || status == wanted, "%s after %u ms: %s %s (%s)", p->name,
                  after_ms, rowan_status_name(status), error.message, error.engine_message);
    check_nothing_is_open(p);
    piece_end();
    piece_state s = pieces_look(witness);
    bool done = piece_state_same(&s, &e->after);
    ck_assert_msg(done || piece_state_same(&s, &e->before), "%s after %u ms: half of it: %s",
                  p->name, after_ms, s.text);
    ck_assert_msg(done == (status == ROWAN_OK) || p->reads || error.fate == ROWAN_FATE_UNKNOWN,
                  "%s after %u ms: %s, and it is %sdone", p->name, after_ms,
                  rowan_status_name(status), done ? "" : "not ");
    if (!piece_state_same(&s, &e->before)) {
        pieces_fill(witness);
    }
    return status != ROWAN_OK;
}

static void stop_at_times(const piece *p)
{
    static const unsigned times_ms[] = {1, 4, 9, 16};
    unsigned stopped = 0;
    piece_ends e = piece_learn(db, p);

    for (size_t i = 0; i < 2 * sizeof times_ms / sizeof times_ms[0]; i++) {
        stopped += try_stop(p, &e, times_ms[i / 2], i % 2 == 0);
    }
    /* One statement that was sent may be done, however late it is. */
    ck_assert(stopped > 0 || p->is_one || p->reads);
}

START_TEST(whenever_it_is_stopped_the_work_is_done_or_not_and_said_to_be)
{
    open_on((size_t)_i);
    for (size_t i = 0; i < PIECES; i++) {
        stop_at_times(&pieces[i]);
    }
    close_all();
}
END_TEST

START_TEST(a_far_deadline_on_a_slow_network_changes_nothing)
{
    open_on((size_t)_i);
    relay_delay(between, 1);
    for (size_t i = 0; i < PIECES; i++) {
        const piece *p = &pieces[i];
        piece_state before = pieces_look(witness);
        piece_begin(db, p);
        rowan_counts first = rowan_scope_counts(piece_scope);
        ck_assert_int_eq(p->act(), ROWAN_OK);
        rowan_counts second = rowan_scope_counts(piece_scope);
        piece_end();
        piece_state plain = pieces_look(witness);
        pieces_fill(witness);
        piece_begin(db, p);
        rowan_counts third = rowan_scope_counts(piece_scope);
        rowan_scope_deadline(piece_scope, FAR_MS);
        ck_assert_int_eq(p->act(), ROWAN_OK);
        rowan_counts fourth = rowan_scope_counts(piece_scope);
        piece_end();
        piece_state timed = pieces_look(witness);
        ck_assert_msg(piece_state_same(&plain, &timed), "%s: %s", p->name, timed.text);
        ck_assert(p->reads == piece_state_same(&before, &timed));
        ck_assert_uint_eq((fourth.statements - fourth.setups) - (third.statements - third.setups),
                          (second.statements - second.setups) - (first.statements - first.setups));
        ck_assert_uint_eq(fourth.rows - third.rows, second.rows - first.rows);
        ck_assert_uint_eq(fourth.affected - third.affected, second.affected - first.affected);
        pieces_fill(witness);
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deadlines in every pattern");
    TCase *tc = tcase_create("deadlines");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    for (int e = 0; e < engines; e++) {
        if (!engine_is((size_t)e, "sqlite")) { /* which has no network */
            tcase_add_loop_test(tc, whenever_it_is_stopped_the_work_is_done_or_not_and_said_to_be,
                                e, e + 1);
            tcase_add_loop_test(tc, a_far_deadline_on_a_slow_network_changes_nothing, e, e + 1);
        }
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
