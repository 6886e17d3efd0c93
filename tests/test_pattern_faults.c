/*
 * What each pattern's calls leave when anything fails in them: each call to the engine, each reply,
 * the connection before each call, each allocation. The failure is reported as what it is, the
 * database has all of the work or nothing of it, nothing leaks, the scope goes on; and where
 * nothing was done the same call on the same rows does all of it the next time.
 */
#include <check.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/pieces.h"
#include "support/suite.h"

enum { MOST_TRIES = 400, AGAIN_EACH = 9 };

static rowan_db *db;

static void open_on(size_t engine)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    fault_arm(0);
    fault_plan_set((fault_plan){0});
    options.allocator = &fault_allocator;
    options.no_detector = true;
    options.max_open = 2;
    db = library_open(engine, &options);
    fault_install(db);
    pieces_fill(db);
}

/* --- Faults of the engine. --- */

/* One try. @return whether the fault was met */
static bool try_fault(const piece *p, const piece_ends *e, fault_plan plan, unsigned nth,
                      rowan_status wanted)
{
    piece_begin(db, p);
    fault_plan_set(plan);
    rowan_status status = p->act();
    bool met = fault_calls() >= nth;
    rowan_error error = *rowan_scope_error(piece_scope);
    fault_plan_set((fault_plan){0});
    if (!met) {
        ck_assert_int_eq(status, ROWAN_OK);
        piece_end();
        pieces_fill(db);
        return false;
    }
    ck_assert_msg(status == wanted, "%s, call %u: %s %s", p->name, nth, rowan_status_name(status),
                  error.message);
    ck_assert_int_eq(error.status, wanted);
    ck_assert_int_eq(error.connection_usable, wanted != ROWAN_LOST);
    if (plan.lose_call == 0) {
        piece_again(db, p, e);
        pieces_fill(db);
        return true;
    }
    piece_end();
    piece_state s = pieces_look(db);
    ck_assert_msg(piece_state_same(&s, &e->before) || piece_state_same(&s, &e->after),
                  "%s, reply %u: %s", p->name, nth, s.text);
    if (!piece_state_same(&s, &e->before)) {
        ck_assert_int_eq(error.fate, ROWAN_FATE_UNKNOWN);
        pieces_fill(db);
    }
    return true;
}

static void fail_each_call(const piece *p)
{
    unsigned met[3] = {0, 0, 0};
    piece_ends e = piece_learn(db, p);

    for (int mode = 0; mode < 3; mode++) {
        bool goes_on = true;
        for (unsigned nth = 1; goes_on; nth++) {
            fault_plan plan = {.fail_call = mode == 0 ? nth : 0,
                               .fail_status = ROWAN_IO,
                               .cut_call = mode == 1 ? nth : 0,
                               .lose_call = mode == 2 ? nth : 0};
            goes_on = try_fault(p, &e, plan, nth, mode == 0 ? ROWAN_IO : ROWAN_LOST);
            met[mode] += goes_on;
        }
    }
    ck_assert_uint_ge(met[0], 1);
    ck_assert_uint_eq(met[0], met[1]);
    ck_assert_uint_ge(met[2], met[0]); /* a new connection has to prepare, too */
}

START_TEST(each_call_that_fails_is_reported_and_can_be_made_again)
{
    open_on((size_t)_i);
    for (size_t i = 0; i < PIECES; i++) {
        fail_each_call(&pieces[i]);
    }
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* --- Memory. --- */

static void fail_each_allocation(const piece *p)
{
    unsigned nth = 1;
    piece_ends e = piece_learn(db, p);

    for (;; nth++) {
        ck_assert_uint_lt(nth, MOST_TRIES);
        piece_begin(db, p);
        if (p->loads_nothing && !p->is_one) {
            fault_close_idle(db); /* a new connection, whose memory is counted, too */
        }
        fault_arm(nth);
        rowan_status status = p->act();
        bool fired = fault_fired();
        fault_arm(0);
        ck_assert_msg(status == ROWAN_OK || (fired && status == ROWAN_NOMEM),
                      "%s, allocation %u: %s", p->name, nth, rowan_status_name(status));
        if (status == ROWAN_NOMEM && !p->is_one && nth % AGAIN_EACH == 1) {
            piece_again(db, p, &e);
            pieces_fill(db);
            continue;
        }
        piece_end();
        piece_state s = pieces_look(db);
        bool done = piece_state_same(&s, &e.after);
        ck_assert_msg(done || piece_state_same(&s, &e.before), "%s, allocation %u: %s", p->name,
                      nth, s.text);
        ck_assert(status != ROWAN_OK || done);
        ck_assert(status == ROWAN_OK || p->is_one || piece_state_same(&s, &e.before));
        if (!piece_state_same(&s, &e.before)) {
            pieces_fill(db);
        }
        if (!fired) {
            break;
        }
    }
    ck_assert_uint_gt(nth, 1);
}

START_TEST(each_allocation_that_fails_leaves_all_or_nothing)
{
    open_on((size_t)_i);
    for (size_t i = 0; i < PIECES; i++) {
        fail_each_allocation(&pieces[i]);
    }
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("faults in every pattern");
    TCase *tc = tcase_create("faults");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, each_call_that_fails_is_reported_and_can_be_made_again, 0, n);
    tcase_add_loop_test(tc, each_allocation_that_fails_leaves_all_or_nothing, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
