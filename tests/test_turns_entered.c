/*
 * What the detector makes of turns, by made-up times: the same story is told twice, with turns put
 * aside as the choke point does and with each execution as an event, and what is found is the same
 * to the last figure.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "support/fault.h"
#include "support/suite.h"
#include "support/told.h"

static const int64_t ms = 1000000;

enum { STATEMENTS = 4 };

static const char *const statements[STATEMENTS] = {
    "SELECT name FROM author WHERE id = ?",
    "SELECT title FROM book WHERE id = ?",
    "SELECT stars FROM review WHERE book_id = ?",
    "SELECT id FROM shelf WHERE book_id = ?",
};

static rowan_turns *places[STATEMENTS];
static bool puts_aside;
static size_t put_aside; /* turns so far … */
static int64_t took_ns;  /* … and what they took */

/* One execution: a turn if the statement's place has room for it, as the choke point decides. */
static void send(int statement, rowan_value value)
{
    rowan_turns *turns = places[statement];
    bool is_turn = turns != NULL && turns->count < turns->room && !value.is_null &&
                   value.as.integer != turns->value && told.line == turns->site.line &&
                   told.now_ns - turns->end_ns <= turns->idle_ns;

    if (!is_turn) {
        told.place = puts_aside ? &places[statement] : NULL;
        tell(statements[statement], ROWAN_PARAMS(value));
        told.place = NULL;
        return;
    }
    turns->at[turns->count++] = (rowan_turn){value.as.integer, told.takes_ns};
    turns->sequence = ++told.sequence;
    turns->value = value.as.integer;
    turns->end_ns = told.now_ns + told.takes_ns;
    turns->busy_ns = took_ns += told.takes_ns;
    turns->round_trips += told.round_trips;
    told.now_ns += told.takes_ns + 20000;
    put_aside++;
}

static void begin(bool aside)
{
    told_begin("mariadb");
    memset(places, 0, sizeof places);
    puts_aside = aside;
    put_aside = 0;
    took_ns = 0;
    told.round_trips = 1;
    told.line = 10;
}

static void send_numbers(int statement, int64_t first, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        send(statement, rowan_v_int64(first + i));
    }
}

/* --- When turns are asked for. --- */

START_TEST(turns_are_asked_for_once_enough_were_followed)
{
    begin(true);
    send_numbers(0, 100, ROWAN__WATCH_FOLLOWED);
    ck_assert_ptr_null(places[0]);
    told.line = 11;
    send(0, rowan_v_int64(500));
    const rowan_turns *turns = places[0];
    ck_assert_ptr_nonnull(turns);
    ck_assert_uint_eq(turns->count, 0);
    ck_assert_uint_eq(turns->room, ROWAN_MOST_TURNS);
    ck_assert_uint_eq(turns->sql_size, strlen(statements[0]));
    ck_assert_uint_eq(turns->sql_hash, XXH3_64bits(statements[0], strlen(statements[0])));
    ck_assert_int_eq(turns->value, 500);
    ck_assert_int_eq(turns->site.line, 11);
    ck_assert_int_eq(turns->end_ns, told.now_ns - 20000);
    ck_assert_uint_eq(turns->round_trips, 0);
    send_numbers(0, 600, ROWAN_MOST_TURNS);
    ck_assert_uint_eq(turns->count, ROWAN_MOST_TURNS);
    ck_assert_uint_eq(put_aside, ROWAN_MOST_TURNS);
    send(0, rowan_v_int64(700));
    ck_assert_uint_eq(turns->count, 0);
    ck_assert_uint_eq(turns->round_trips, 0);
    send_numbers(0, 800, 3);
    ck_assert_uint_eq(turns->count, 3);
    send(1, rowan_v_int64(1)); /* any event empties all */
    ck_assert_uint_eq(turns->count, 0);
    ck_assert_uint_eq(turns->room, ROWAN_MOST_TURNS);
    told_end();
}
END_TEST

START_TEST(turns_are_not_asked_for_where_more_is_to_be_seen)
{
    static const char *const others[] = {"SELECT name FROM author WHERE id = ? AND born = ?",
                                         "UPDATE author SET born = 1 WHERE id = ?",
                                         "INSERT INTO author (id) VALUES (?)",
                                         "DELETE FROM author WHERE id = ?"};

    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
        begin(true);
        for (int64_t i = 0; i < 60; i++) {
            const rowan_value values[] = {rowan_v_int64(i), rowan_v_int64(1)};
            told.place = &places[0];
            tell(others[k], (rowan_params){values, k == 0 ? 2 : 1});
        }
        ck_assert_ptr_null(places[0]);
        told_end();
    }
    for (int kind = 0; kind < 3; kind++) { /* another type, no hash, no place in the program */
        begin(true);
        told.has_hashes = kind != 1;
        told.line = kind == 2 ? 0 : 10;
        for (int64_t i = 0; i < 60; i++) {
            char text[24];
            snprintf(text, sizeof text, "%" PRId64, i);
            told.place = &places[0];
            tell(statements[0], ROWAN_PARAMS(kind == 0 ? rowan_v_text(text) : rowan_v_int64(i)));
        }
        ck_assert_ptr_null(places[0]);
        told_end();
    }
}
END_TEST

/* Rows are sources of later values until some come that are not followed any more. */
START_TEST(turns_are_not_asked_for_before_rows_are_closed)
{
    begin(true);
    for (int64_t i = 0; i < 60; i++) {
        if (i < 10 || i >= 50) {
            rows_of("id", 7000 + i, 1, 1);
        }
        send(0, rowan_v_int64(i));
        ck_assert((places[0] != NULL) == (i >= 50));
        no_result();
    }
    told_end();
}
END_TEST

START_TEST(control_ends_them_and_a_transaction_lets_none_wait_long)
{
    begin(true);
    send_numbers(0, 100, 30);
    ck_assert_int_eq(places[0]->idle_ns, 3000 * ms);
    tell("BEGIN", ROWAN_NO_PARAMS);
    ck_assert_uint_eq(places[0]->room, 0);
    send_numbers(0, 200, 2);
    ck_assert_uint_eq(places[0]->room, ROWAN_MOST_TURNS);
    ck_assert_int_eq(places[0]->idle_ns, 1000 * ms - 1); /* from there on it would be found */
    ck_assert_uint_eq(places[0]->count, 1);
    tell("COMMIT", ROWAN_NO_PARAMS);
    ck_assert_uint_eq(places[0]->room, 0);
    ck_assert_uint_eq(places[0]->count, 0);
    send_numbers(0, 300, 2);
    ck_assert_int_eq(places[0]->idle_ns, 3000 * ms);
    told_end();
}
END_TEST

/* Loops of all statements, the first of further turns without one of the allocations that it makes.
 * @return whether it makes so many */
static bool run_short_of_memory(int other_statements, unsigned nth, size_t *refused)
{
    char sql[64];

    begin(true);
    for (int i = 0; i < other_statements; i++) { /* memory is taken by the chunk */
        snprintf(sql, sizeof sql, "SELECT name FROM table_%d", i);
        tell(sql, ROWAN_NO_PARAMS);
    }
    rows_of("author_id", 100, 1, 60);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int k = 0; k < STATEMENTS; k++) {
        send_numbers(k, 100, ROWAN__WATCH_FOLLOWED);
    }
    fault_arm(nth);
    for (int k = 0; k < STATEMENTS; k++) {
        send(k, rowan_v_int64(140));
        *refused += places[k] == NULL;
        send_numbers(k, 141, 10);
    }
    bool fired = fault_fired();
    fault_arm(0);
    judge();
    ck_assert_uint_eq(told.found.count, STATEMENTS);
    for (int k = 0; k < STATEMENTS; k++) {
        ck_assert_uint_eq(told.found.at[k].count, ROWAN__WATCH_FOLLOWED + 11);
    }
    told_end();
    return fired;
}

START_TEST(without_memory_there_are_no_turns)
{
    size_t refused = 0;

    for (int others = 0; others < 40 && refused == 0; others++) {
        for (unsigned nth = 1; run_short_of_memory(others, nth, &refused); nth++) {
        }
    }
    ck_assert_uint_gt(refused, 0);
}
END_TEST

/* --- The same story twice. --- */

static uint64_t state;

static int64_t pick(int64_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((state >> 33) % (uint64_t)below);
}

static void pause_now(void)
{
    static const int64_t pauses[] = {0, 0, 0, 1, 20, 20, 90, 700, 1300, 4000};

    told.now_ns += pauses[pick(sizeof pauses / sizeof pauses[0])] * ms;
}

/* A stretch of one kind: a loop of one, two or three statements, or something in between. */
static void tell_stretch(void)
{
    int64_t count = pick(70), kinds = 1 + pick(3), first = pick(STATEMENTS);
    int64_t range = pick(2) == 0 ? 1000 : 1 + pick(4); /* of values, if not in order */
    bool in_order = pick(2) == 0;
    int64_t pauses = pick(4) == 0 ? 1 + pick(20) : 0;

    int line = pick(6) == 0 ? 0 : 10 + (int)pick(2); /* 0: not known */
    bool jumps = pick(3) == 0;                       /* to and fro between two lines */

    told.takes_ns = pick(12) == 0 ? 900 * ms : (1 + pick(4)) * 50000;
    for (int64_t i = 0; i < count; i++) {
        int statement = (int)((first + i % kinds) % STATEMENTS);
        bool is_null = pick(40) == 0;
        int64_t number = pick(range);
        told.line = jumps && pick(5) == 0 ? 12 : line;
        send(statement, is_null ? rowan_v_null() : rowan_v_int64(in_order ? i / kinds : number));
        if (pauses > 0 && i % pauses == 0) {
            pause_now();
        }
    }
}

static void tell_story(uint64_t seed)
{
    state = seed;
    told.rules.n_plus_one_min = told.rules.duplicate_min = 2;
    rows_of("author_id", 0, 1, 70);
    tell("SELECT author_id FROM book ORDER BY id", ROWAN_NO_PARAMS);
    for (int64_t n = 4 + pick(6); n > 0; n--) {
        tell_stretch();
        switch (pick(8)) {
        case 0:
            tell("BEGIN", ROWAN_NO_PARAMS);
            break;
        case 1:
            tell("COMMIT", ROWAN_NO_PARAMS);
            break;
        case 2:
            tell("UPDATE book SET price = 1 WHERE id = 5", ROWAN_NO_PARAMS);
            break;
        case 3:
            judge();
            break;
        default:
            pause_now();
        }
    }
}

/* All that was counted and all that is found, a line each. */
static void write_found(char *out, size_t size)
{
    const rowan__watch *watch = told.watch;
    size_t at = 0;

    judge();
    at += (size_t)snprintf(out + at, size - at,
                           "%" PRIu64 " statements, %" PRIu64 " trips, %" PRId64 " ns\n",
                           watch->statements, watch->round_trips, watch->busy_ns);
    for (size_t i = 0; i < watch->group_count && at < size; i++) {
        const rowan__group *g = watch->groups[i];
        at += (size_t)snprintf(out + at, size - at,
                               "%s: %" PRIu64 " of %zu, %" PRIu64 " in a row, %" PRIu64
                               " trips, %" PRIu64 " from there, %" PRIu64 " epochs, %" PRIu64
                               " steady, %" PRId64 " ns, to %" PRId64 ", busy %" PRId64 "\n",
                               g->folded, g->count, g->vector_count, g->longest_run, g->round_trips,
                               g->same_site, g->epoch_changes, g->steady, g->total_ns,
                               g->last_end_ns, g->busy_ns);
    }
    for (size_t i = 0; i < told.found.count && at < size; i++) {
        const rowan_finding *f = &told.found.at[i];
        at +=
            (size_t)snprintf(out + at, size - at,
                             "%s %d %s: %" PRIu64 " of %" PRIu64 " in %" PRIu64 " from %" PRIu64
                             ", %" PRId64 " ns, lines %d %d, %s, %s\n",
                             rowan_finding_kind_name(f->kind), (int)f->confidence, f->fingerprint,
                             f->distinct, f->count, f->round_trips, f->first_sequence, f->total_ns,
                             f->site.line, f->parent_site.line, f->evidence, f->suggestion);
    }
    ck_assert_uint_lt(at, size);
}

/* Shows where they begin to differ. */
static void expect_equal(uint64_t story, const char *with, const char *without)
{
    size_t at = 0;

    while (with[at] != '\0' && with[at] == without[at]) {
        at++;
    }
    size_t before = at < 300 ? at : 300;
    ck_assert_msg(with[at] == without[at], "story %" PRIu64 ":\n%.600s\n---\n%.600s", story,
                  with + at - before, without + at - before);
}

START_TEST(a_story_with_turns_is_the_same_story)
{
    static char with[40000], without[40000];
    size_t found = 0, turns = 0;

    for (uint64_t seed = (uint64_t)_i * 250; seed < (uint64_t)(_i + 1) * 250; seed++) {
        begin(true);
        tell_story(seed);
        turns += put_aside;
        write_found(with, sizeof with);
        uint64_t sent = told.sequence;
        told_end();
        begin(false);
        tell_story(seed);
        ck_assert_uint_eq(put_aside, 0);
        ck_assert_uint_eq(told.sequence, sent);
        write_found(without, sizeof without);
        found += told.found.count;
        told_end();
        expect_equal(seed, with, without);
    }
    ck_assert_uint_gt(found, 100);
    ck_assert_uint_gt(turns, 2000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("turns_entered");
    TCase *tests = tcase_create("made up");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, turns_are_asked_for_once_enough_were_followed);
    tcase_add_test(tests, turns_are_not_asked_for_where_more_is_to_be_seen);
    tcase_add_test(tests, turns_are_not_asked_for_before_rows_are_closed);
    tcase_add_test(tests, control_ends_them_and_a_transaction_lets_none_wait_long);
    tcase_add_test(tests, without_memory_there_are_no_turns);
    tcase_add_loop_test(tests, a_story_with_turns_is_the_same_story, 0, 8);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
