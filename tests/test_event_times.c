/* The times of events: read only for those who want them, and only as finely as they want them. */
#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/suite.h"

static rowan_db *db;
static rowan_scope *scope;
static rowan_event last; /* statement of the program, its pointers not to be followed */
static uint64_t seen;

static void take(void *context, const rowan_event *event)
{
    (void)context;
    if (event->kind == ROWAN_EVENT_STATEMENT && event->purpose == ROWAN_PURPOSE_QUERY) {
        last = *event;
        seen++;
    }
}

static void open_with(int engine, rowan_subscriber *subscriber)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[] = {subscriber};

    options.no_detector = true;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    seen = 0;
    db = engine_open((size_t)engine, &options);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void send_one(void)
{
    ck_assert_int_eq(rowan_raw_run(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    ck_assert_uint_gt(seen, 0);
}

static void stream_one(void)
{
    rowan_cursor *cursor;

    ck_assert_int_eq(rowan_raw_open(scope, "SELECT 1", ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
    }
    rowan_cursor_close(cursor);
}

START_TEST(nobody_who_wants_times_means_no_times)
{
    rowan_subscriber subscriber = {.on_event = take};

    open_with(_i, &subscriber);
    send_one();
    ck_assert_int_eq(last.start_ns, 0);
    ck_assert_int_eq(last.elapsed_ns, 0);
    ck_assert_int_eq(last.database_ns, 0);
    stream_one();
    ck_assert_int_eq(last.elapsed_ns, 0);
    ck_assert_int_eq(rowan_scope_counts(scope).database_ns, 0);
    close_all();
}
END_TEST

START_TEST(times_tell_when_and_how_long_but_not_in_which_layer)
{
    rowan_subscriber subscriber = {.on_event = take, .wants_times = true};

    open_with(_i, &subscriber);
    for (int i = 0; i < 3; i++) { /* prepared, then known */
        send_one();
        ck_assert_int_gt(last.start_ns, 0);
        ck_assert_int_gt(last.elapsed_ns, 0);
        ck_assert_int_eq(last.pattern_ns, 0);
        ck_assert_int_eq(last.driver_ns, 0);
        ck_assert_int_eq(last.database_ns, 0);
    }
    stream_one();
    ck_assert_int_gt(last.elapsed_ns, 0);
    ck_assert_int_eq(last.database_ns, 0);
    ck_assert_int_eq(rowan_scope_counts(scope).database_ns, 0);
    ck_assert_int_eq(rowan_scope_counts(scope).driver_ns, 0);
    close_all();
}
END_TEST

START_TEST(layers_share_the_time_among_themselves)
{
    rowan_subscriber subscriber = {.on_event = take, .wants_layers = true};

    open_with(_i, &subscriber);
    for (int i = 0; i < 3; i++) {
        send_one();
        ck_assert_int_gt(last.start_ns, 0);
        ck_assert_int_gt(last.database_ns, 0);
        ck_assert_int_ge(last.driver_ns, 0);
        ck_assert_int_eq(last.driver_ns + last.database_ns, last.elapsed_ns);
    }
    stream_one();
    ck_assert_int_gt(last.database_ns, 0);
    ck_assert_int_eq(last.driver_ns + last.database_ns, last.elapsed_ns);
    ck_assert_int_gt(rowan_scope_counts(scope).database_ns, 0);
    close_all();
}
END_TEST

/* --- What a subscriber keeps for a scope. --- */

static struct keeper {
    rowan_subscriber subscriber;
    unsigned events, alone;
} keepers[2];

static void keep(void *context, const rowan_event *event)
{
    struct keeper *self = context;

    if (event->scope == NULL) {
        ck_assert_ptr_null(event->slot);
        self->alone++;
        return;
    }
    ck_assert_ptr_eq(event->slot, rowan_scope_slot(event->scope, &self->subscriber));
    ck_assert_ptr_eq(*event->slot, event->kind == ROWAN_EVENT_SCOPE_BEGIN ? NULL : self);
    *event->slot = self;
    self->events++;
}

START_TEST(each_subscriber_has_its_own_place_in_every_event_of_a_scope)
{
    rowan_subscriber *subscribers[2];
    rowan_options options = ROWAN_OPTIONS_INIT;

    for (size_t i = 0; i < 2; i++) {
        keepers[i] = (struct keeper){.subscriber = {.on_event = keep, .context = &keepers[i]}};
        subscribers[i] = &keepers[i].subscriber;
    }
    options.subscribers = subscribers;
    options.subscriber_count = 2;
    db = engine_open((size_t)_i, &options);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
        ck_assert_int_eq(rowan_raw_run(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL), ROWAN_OK);
        stream_one();
        rowan_scope_end(scope);
    }
    engine_close(db);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_ge(keepers[i].events, 8);
        ck_assert_uint_eq(keepers[i].events, keepers[0].events);
        ck_assert_uint_eq(keepers[i].alone, keepers[0].alone);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event_times");
    TCase *tc = tcase_create("event_times");
    int engines = (int)engine_count();

    tcase_add_loop_test(tc, nobody_who_wants_times_means_no_times, 0, engines);
    tcase_add_loop_test(tc, times_tell_when_and_how_long_but_not_in_which_layer, 0, engines);
    tcase_add_loop_test(tc, layers_share_the_time_among_themselves, 0, engines);
    tcase_add_loop_test(tc, each_subscriber_has_its_own_place_in_every_event_of_a_scope, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
