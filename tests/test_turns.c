/*
 * Further turns of a loop: what a subscriber need not be told of, and all that it is told of
 * nevertheless. On each engine.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 80, FIRST = LIBRARY_FIRST };

static rowan_db *db;
static rowan_scope *scope;
static rowan_subscriber watcher, second;

/* What the subscriber saw, and the turns that it asks for once `asks`. */
static struct {
    bool asks, of_relations, is_offered;
    size_t room;
    int64_t idle_ns;
    rowan_turns turns;
    uint64_t events, sequence;
    rowan_status status;
} seen;

static void ask(const rowan_event *event)
{
    const rowan_value *value = event->params;

    if (event->turns == NULL || (event->relation != NULL) != seen.of_relations ||
        event->param_count != 1 || value->is_null || value->type != ROWAN_TYPE_INT64) {
        return;
    }
    seen.turns.room = seen.room;
    seen.turns.sql_hash = event->sql_hash;
    seen.turns.sql_size = event->sql_size;
    seen.turns.site = event->site;
    seen.turns.value = value->as.integer;
    seen.turns.end_ns = event->start_ns + event->elapsed_ns;
    seen.turns.idle_ns = seen.idle_ns;
    *event->turns = &seen.turns;
}

static void see(void *context, const rowan_event *event)
{
    if (context != &watcher || event->kind != ROWAN_EVENT_STATEMENT ||
        event->purpose != ROWAN_PURPOSE_QUERY) {
        return;
    }
    seen.events++;
    seen.sequence = event->sequence;
    seen.status = event->error != NULL ? event->error->status : ROWAN_OK;
    seen.is_offered = event->turns != NULL;
    if (seen.asks) {
        ask(event);
    }
}

static void nothing(void *context, const rowan_event *event)
{
    (void)context;
    (void)event;
}

static uint64_t second_events;

static void see_all(void *context, const rowan_event *event)
{
    (void)context;
    second_events += event->kind == ROWAN_EVENT_STATEMENT;
    ck_assert_ptr_null(event->turns);
}

static void listen(bool wants_turns, bool wants_layers)
{
    watcher = (rowan_subscriber){.on_event = see,
                                 .context = &watcher,
                                 .wants_times = true,
                                 .wants_layers = wants_layers,
                                 .wants_turns = wants_turns};
    second = (rowan_subscriber){.on_event = see_all};
}

/* @param first, next  who listens, in that order; next may be NULL */
static void begin_with(int engine, rowan_subscriber *first, rowan_subscriber *next)
{
    rowan_subscriber *const subscribers[] = {first, next};
    rowan_options options = ROWAN_OPTIONS_INIT;

    memset(&seen, 0, sizeof seen);
    seen.room = ROWAN_MOST_TURNS;
    seen.idle_ns = INT64_MAX;
    options.no_detector = true;
    options.subscribers = subscribers;
    options.subscriber_count = next != NULL ? 2 : 1;
    db = library_open((size_t)engine, &options);
    library_fill(db, BOOKS, 4, 4);
    scope = library_scope(db);
    seen.asks = true;
    seen.events = 0;
}

static void begin(int engine)
{
    listen(true, false);
    begin_with(engine, &watcher, NULL);
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

#define BY_ID "SELECT id, title FROM book WHERE id = ?"

/* All from one line. */
static rowan_status find(const char *sql, rowan_value value)
{
    rowan_rows rows;

    return (rowan_raw_all)(rowan_scope_at(scope, "program.c", 7, "find"), sql, ROWAN_PARAMS(value),
                           &library_book_table, &rows);
}

static void find_book(int64_t number)
{
    library_ok(scope, find(BY_ID, rowan_v_int64(FIRST + number)));
}

/* What was sent last was an event, or a turn that was put aside. */
static void expect_event(uint64_t events, size_t turns)
{
    ck_assert_uint_eq(seen.events, events);
    ck_assert_uint_eq(seen.turns.count, turns);
}

START_TEST(turns_are_counted_and_are_no_events)
{
    begin(_i);
    uint64_t before = rowan_scope_counts(scope).statements;
    uint64_t trips = 0, rows = rowan_scope_counts(scope).rows;
    int64_t last_ns = 0, took_ns = 0;

    for (int64_t i = 0; i < 20; i++) {
        uint64_t before_trips = rowan_scope_counts(scope).round_trips;
        find_book(i * 3);
        expect_event(1, (size_t)i);
        trips += i > 0 ? rowan_scope_counts(scope).round_trips - before_trips : 0;
        ck_assert_uint_eq(seen.turns.round_trips, trips);
        ck_assert_int_eq(seen.turns.value, FIRST + i * 3);
        if (i > 0) { /* the first took the time of preparing it, too */
            ck_assert_int_gt(seen.turns.end_ns, last_ns);
            last_ns = seen.turns.end_ns;
            ck_assert_int_eq(seen.turns.at[i - 1].value, FIRST + i * 3);
            ck_assert_int_gt(seen.turns.at[i - 1].elapsed_ns, 0);
            took_ns += seen.turns.at[i - 1].elapsed_ns;
            ck_assert_int_eq(seen.turns.busy_ns, took_ns);
            ck_assert_uint_eq(seen.turns.sequence, seen.sequence + (uint64_t)i);
        }
    }
    ck_assert_uint_eq(trips, engine_is((size_t)_i, "sqlite") ? 0 : 19);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, 20);
    ck_assert_uint_eq(rowan_scope_counts(scope).rows - rows, 20);
    end();
}
END_TEST

START_TEST(there_are_no_more_turns_than_there_is_room_for)
{
    static const size_t rooms[] = {0, 1, 2, 31, ROWAN_MOST_TURNS};

    for (size_t k = 0; k < sizeof rooms / sizeof rooms[0]; k++) {
        int64_t room = (int64_t)rooms[k];
        begin(_i);
        seen.room = rooms[k];
        for (int64_t i = 0; i <= room; i++) {
            find_book(i);
            expect_event(1, (size_t)i);
        }
        find_book(room + 1);
        expect_event(2, rooms[k]);
        seen.turns.count = 0;
        find_book(room + 2);
        expect_event(room > 0 ? 2 : 3, room > 0 ? 1 : 0);
        end();
    }
}
END_TEST

START_TEST(what_is_no_plain_turn_is_an_event)
{
    rowan_rows rows;
    rowan_stream *stream;
    void *row;

    begin(_i);
    find_book(0);
    find_book(1);
    expect_event(1, 1);
    find_book(1); /* the same again */
    expect_event(2, 1);
    library_ok(scope, find(BY_ID, (rowan_value){.type = ROWAN_TYPE_INT64, .is_null = true}));
    expect_event(3, 1);
    library_ok(scope, find("SELECT id, title FROM book WHERE  id = ?", rowan_v_int64(FIRST)));
    expect_event(4, 1); /* its text is another: if they share a place, turns are of that now */
    find_book(2);
    find_book(3);
    uint64_t events = seen.events;
    size_t turns = seen.turns.count;
    library_ok(scope, rowan_raw_all(scope, BY_ID, ROWAN_PARAMS(ROWAN_V(FIRST + 4)),
                                    &library_book_table, &rows)); /* from another line */
    expect_event(events + 1, turns);
    find_book(5);
    find_book(6);
    events = seen.events;
    turns = seen.turns.count;
    library_ok(scope,
               (rowan_raw_stream)(rowan_scope_at(scope, "program.c", 7, "find"), BY_ID,
                                  ROWAN_PARAMS(ROWAN_V(FIRST + 7)), &library_book_table, &stream));
    while (rowan_stream_next(stream, &row) == ROWAN_OK) {
    }
    rowan_stream_close(stream);
    expect_event(events + 1, turns);
    end();
}
END_TEST

/* Whether what a plan loads is of use has to be told of each. */
START_TEST(what_a_plan_loads_is_an_event)
{
    begin(_i);
    seen.of_relations = true;
    for (int64_t i = 0; i < 12; i++) {
        const rowan_query query = {.from = &library_book_table,
                                   .where = ROWAN_EQ(BOOK.id, FIRST + i),
                                   .fetch = ROWAN_FETCH(ROWAN_RELATED(&library_book_lines))};
        rowan_rows rows;
        library_ok(scope, rowan_query_all(scope, &query, &rows));
        ck_assert_uint_eq(rows.count, 1);
        expect_event(2 * (uint64_t)i + 2, 0);
    }
    ck_assert_uint_gt(seen.turns.room, 0);
    end();
}
END_TEST

START_TEST(what_comes_long_after_is_an_event)
{
    struct timespec nap = {0, 20000000};

    begin(_i);
    seen.idle_ns = 10000000;
    find_book(0);
    for (int i = 1; i < 50 && seen.turns.count == 0; i++) { /* a busy machine may make it late */
        find_book(i);
    }
    ck_assert_uint_gt(seen.turns.count, 0);
    uint64_t events = seen.events;
    size_t turns = seen.turns.count;
    nanosleep(&nap, NULL);
    find_book(51);
    expect_event(events + 1, turns);
    end();
}
END_TEST

START_TEST(what_fails_is_an_event)
{
    begin(_i);
    find_book(0);
    find_book(1);
    expect_event(1, 1);
    library_run(db, "ALTER TABLE book RENAME TO gone");
    uint64_t events = seen.events;
    ck_assert_int_ne(find(BY_ID, rowan_v_int64(FIRST + 2)), ROWAN_OK);
    expect_event(events + 1, 1);
    ck_assert_int_ne(seen.status, ROWAN_OK);
    library_run(db, "ALTER TABLE gone RENAME TO book");
    find_book(3);
    find_book(4);
    ck_assert_int_eq(seen.turns.value, FIRST + 4);
    end();
}
END_TEST

/* Five look-ups. @return how many of them the second one who listens was told of */
static uint64_t look_up(bool is_offered)
{
    uint64_t before = second_events;

    for (int64_t i = 0; i < 5; i++) {
        find_book(i);
    }
    ck_assert(seen.is_offered == is_offered);
    ck_assert_uint_eq(seen.events, is_offered ? 1 : 5);
    ck_assert_uint_eq(seen.turns.count, is_offered ? 4 : 0);
    uint64_t told = second_events - before;
    end();
    return told;
}

START_TEST(others_are_told_of_every_statement)
{
    listen(true, false);
    begin_with(_i, &watcher, &second);
    ck_assert_uint_eq(look_up(true), 5);
    begin_with(_i, &second, &watcher);
    ck_assert_uint_eq(look_up(true), 5);
}
END_TEST

START_TEST(turns_are_put_aside_for_the_first_who_wants_them)
{
    rowan_subscriber taker = {.on_event = nothing, .wants_turns = true};

    listen(false, false);
    begin_with(_i, &watcher, NULL);
    look_up(false);
    listen(true, true); /* layers are of each */
    begin_with(_i, &watcher, NULL);
    look_up(false);
    listen(true, false);
    begin_with(_i, &taker, &watcher);
    look_up(false);
    begin_with(_i, &watcher, &taker);
    look_up(true);
}
END_TEST

/* A scope begins with none, though the one before it had some. */
START_TEST(turns_are_the_scopes)
{
    begin(_i);
    find_book(0);
    find_book(1);
    expect_event(1, 1);
    rowan_scope_end(scope);
    scope = library_scope(db);
    find_book(2);
    expect_event(2, 1);
    find_book(3);
    expect_event(2, 2);
    end();
}
END_TEST

/* Values that are inserted from structs are nowhere to be read. */
START_TEST(rows_from_structs_are_no_turns)
{
    begin(_i);
    for (int i = 0; i < 4; i++) {
        char name[16];
        library_publisher made = {.id = 9000 + i, .name = name};
        snprintf(name, sizeof name, "new %d", i);
        uint64_t events = seen.events;
        library_ok(scope, (rowan_raw_insert_all)(rowan_scope_at(scope, "program.c", 9, "add"),
                                                 &library_publisher_table, &made, 1, NULL));
        ck_assert_uint_eq(seen.events, events + 1);
        ck_assert_uint_eq(seen.turns.count, 0);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("turns");
    TCase *tests = tcase_create("engines");
    int engines = (int)engine_count();

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, turns_are_counted_and_are_no_events, 0, engines);
    tcase_add_loop_test(tests, there_are_no_more_turns_than_there_is_room_for, 0, engines);
    tcase_add_loop_test(tests, what_is_no_plain_turn_is_an_event, 0, engines);
    tcase_add_loop_test(tests, what_a_plan_loads_is_an_event, 0, engines);
    tcase_add_loop_test(tests, what_comes_long_after_is_an_event, 0, engines);
    tcase_add_loop_test(tests, what_fails_is_an_event, 0, engines);
    tcase_add_loop_test(tests, others_are_told_of_every_statement, 0, engines);
    tcase_add_loop_test(tests, turns_are_put_aside_for_the_first_who_wants_them, 0, engines);
    tcase_add_loop_test(tests, turns_are_the_scopes, 0, engines);
    tcase_add_loop_test(tests, rows_from_structs_are_no_turns, 0, engines);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
