/* The processor's counter as a clock: it agrees with the system's, and knows when to leave it. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/ticker.h"

enum { MS = 1000000 };

static void nap(int64_t ns)
{
    struct timespec time = {.tv_sec = ns / (1000 * MS), .tv_nsec = ns % (1000 * MS)};

    nanosleep(&time, NULL);
}

/* A ticker that counts, wherever there is a counter, so that the rest is tested on any machine. */
static rowan__ticker counting(void)
{
    return (rowan__ticker){.is_asked = true, .counts = rowan__ticks() != 0};
}

/* Looks at it until it counts by itself, for a second at most. */
static bool gets_going(rowan__ticker *ticker)
{
    int64_t end_ns = rowan__now_ns() + 1000 * MS;

    while (ticker->good_for == 0 && rowan__now_ns() < end_ns) {
        rowan__ticker_ns(ticker);
    }
    return ticker->good_for != 0;
}

/* How far it is from the system's clock: the least of many looks, as a thread may have to wait. */
static int64_t difference_ns(rowan__ticker *ticker)
{
    int64_t least_ns = INT64_MAX;

    for (int i = 0; i < 1000; i++) {
        int64_t before_ns = rowan__now_ns();
        int64_t ns = rowan__ticker_ns(ticker);
        int64_t after_ns = rowan__now_ns();
        int64_t off_ns = ns < before_ns ? before_ns - ns : ns > after_ns ? ns - after_ns : 0;
        least_ns = off_ns < least_ns ? off_ns : least_ns;
    }
    return least_ns;
}

START_TEST(it_says_what_the_systems_clock_says)
{
    rowan__ticker ticker = {0};

    for (int i = 0; i < 50; i++) {
        ck_assert_int_lt(difference_ns(&ticker), 20000);
        nap(MS);
    }
    ck_assert(ticker.is_asked);
    ck_assert_int_eq(ticker.counts, rowan__ticks_are_steady());
}
END_TEST

START_TEST(it_never_goes_back)
{
    rowan__ticker ticker = counting();
    int64_t end_ns = rowan__now_ns() + 100 * MS;
    int64_t last_ns = 0, backwards = 0;

    while (last_ns < end_ns) {
        int64_t ns = rowan__ticker_ns(&ticker);
        backwards += ns < last_ns;
        last_ns = ns;
    }
    ck_assert_int_eq(backwards, 0);
}
END_TEST

START_TEST(it_counts_by_itself_and_is_set_again)
{
    rowan__ticker ticker = counting();

    if (!ticker.counts) {
        ck_assert_int_ne(rowan__ticker_ns(&ticker), 0);
        return;
    }
    ck_assert(gets_going(&ticker));
    uint64_t first = ticker.set_ticks;
    rowan__ticker_ns(&ticker);
    ck_assert_uint_eq(ticker.set_ticks, first);
    nap(50 * MS);
    ck_assert_int_lt(difference_ns(&ticker), 20000);
    ck_assert_uint_ne(ticker.set_ticks, first);
}
END_TEST

START_TEST(without_a_counter_it_is_the_systems_clock)
{
    rowan__ticker ticker = {.is_asked = true, .counts = false};

    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(difference_ns(&ticker), 0);
        nap(MS);
    }
    ck_assert_uint_eq(ticker.set_ticks, 0);
    ck_assert_uint_eq(ticker.good_for, 0);
}
END_TEST

START_TEST(a_counter_that_changes_its_pace_is_not_believed_at_once)
{
    rowan__ticker ticker = counting();

    if (!ticker.counts) {
        return;
    }
    ck_assert(gets_going(&ticker));

    /* As if a tick had taken twice as long until now, and the time were up. */
    ticker.tick_ns *= 2;
    ticker.good_for = 1;
    nap(10 * MS);
    ck_assert_int_lt(difference_ns(&ticker), 20000);
    ck_assert(gets_going(&ticker));
    ck_assert_int_lt(difference_ns(&ticker), 20000);
}
END_TEST

START_TEST(a_counter_that_jumps_is_set_anew)
{
    rowan__ticker ticker = counting();

    if (!ticker.counts) {
        return;
    }
    ck_assert(gets_going(&ticker));
    ticker.set_ticks += UINT64_C(1) << 40; /* the counter went back */
    ck_assert_int_lt(difference_ns(&ticker), 20000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ticker");
    TCase *tests = tcase_create("ticker");

    tcase_add_test(tests, it_says_what_the_systems_clock_says);
    tcase_add_test(tests, it_never_goes_back);
    tcase_add_test(tests, it_counts_by_itself_and_is_set_again);
    tcase_add_test(tests, without_a_counter_it_is_the_systems_clock);
    tcase_add_test(tests, a_counter_that_changes_its_pace_is_not_believed_at_once);
    tcase_add_test(tests, a_counter_that_jumps_is_set_anew);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
