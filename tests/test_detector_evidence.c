/* What findings say, to the letter; and what a group that went idle is when it is used again. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fault.h"
#include "support/suite.h"
#include "support/told.h"

/* --- Evidence. --- */

/* Six books, and the author of each. */
static void loop_over_authors(int64_t first)
{
    rows_of("author_id", first, 7, 6);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 6; i++) {
        tell_one(AUTHOR, first + 7 * i);
    }
}

static void loop_over_a_result(void)
{
    loop_over_authors(1000);
}

static void loop_out_of_order(void)
{
    static const int order[] = {3, 0, 5, 1, 4, 2};

    rows_of("author_id", 1000, 7, 6);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 6; i++) {
        tell_one(AUTHOR, 1000 + 7 * order[i]);
    }
}

static void loop_over_the_network(void)
{
    told.round_trips = 1;
    told.takes_ns = 2000000;
    loop_over_a_result();
}

static void loop_from_nowhere(void)
{
    for (int i = 0; i < 6; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
}

static void same_again(void)
{
    told.round_trips = 1;
    told.takes_ns = 1000000;
    for (int i = 0; i < 4; i++) {
        tell_one(AUTHOR, 1000);
    }
}

static void walk(void)
{
    for (int i = 0; i < 6; i++) {
        rows_of("id", 1007 + 7 * i, 7, 1);
        tell_one("SELECT id FROM node WHERE parent_id = ?", 1000 + 7 * i);
    }
}

static void write_each(void)
{
    told.affected = 1;
    for (int i = 0; i < 6; i++) {
        tell("INSERT INTO note (id) VALUES (?)", ROWAN_PARAMS(ROWAN_V(1000 + 7 * i)));
    }
}

static void read_and_write_each(void)
{
    told.affected = 1;
    for (int i = 0; i < 6; i++) {
        tell_one("SELECT body FROM note WHERE id = ?", 1000 + 7 * i);
        tell("INSERT INTO note (id) VALUES (?)", ROWAN_PARAMS(ROWAN_V(1000 + 7 * i)));
    }
}

static void wait_for_one(void)
{
    tell_one(AUTHOR, 1);
    told.takes_ns = 250000000;
    tell_one(AUTHOR, 2);
}

/* A row that was found by a key has it, and is still not where it came from. */
static void look_up_and_go_on(void)
{
    rows_of("author_id", 1000, 7, 6);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 6; i++) {
        rows_of("id", 1000 + 7 * i, 7, 1);
        tell_one("SELECT id FROM author WHERE id = ?", 1000 + 7 * i);
        told.takes_ns = 100000;
        tell_one("SELECT title FROM book WHERE author_id = ?", 1000 + 7 * i);
        told.takes_ns = 50000;
    }
}

/* Times are by a sketch of durations, within 2 %. */
static const struct {
    const char *what, *engine;
    void (*happens)(void);
    rowan_finding_kind kind;
    const char *evidence;
} cases[] = {
    {"a loop", "sqlite", loop_over_a_result, ROWAN_N_PLUS_ONE,
     "6 executions with 6 different values, 0.3 ms of the scope's 0.3 ms (85 %): 6 of "
     "6 values of id are values of author_id in the rows of statement 1, in the same "
     "order"},
    {"a loop out of order", "sqlite", loop_out_of_order, ROWAN_N_PLUS_ONE,
     "6 executions with 6 different values, 0.3 ms of the scope's 0.3 ms (85 %): 6 of "
     "6 values of id are values of author_id in the rows of statement 1"},
    {"a loop over the network", "mariadb", loop_over_the_network, ROWAN_N_PLUS_ONE,
     "6 executions with 6 different values, 12.0 ms of the scope's 14.0 ms (85 %), "
     "about 9.9 ms of it for 5 round trips that one statement does without: 6 of 6 "
     "values of id are values of author_id in the rows of statement 1, in the same "
     "order"},
    {"the same without one", "sqlite", loop_over_the_network, ROWAN_N_PLUS_ONE,
     "6 executions with 6 different values, 12.0 ms of the scope's 14.0 ms (85 %): 6 "
     "of 6 values of id are values of author_id in the rows of statement 1, in the "
     "same order"},
    {"a loop from nowhere", "sqlite", loop_from_nowhere, ROWAN_N_PLUS_ONE,
     "6 executions with 6 different values, 0.3 ms of the scope's 0.3 ms (100 %): 6 of"
     " them from one place; where the values come from was not seen"},
    {"a duplicate", "mariadb", same_again, ROWAN_DUPLICATE_QUERY,
     "4 executions with the same values, 4 in a row with the same result and nothing "
     "written between them, 4.0 ms of the scope's 4.0 ms (100 %), about 3.0 ms of it "
     "for 3 round trips that one statement does without"},
    {"a walk", "sqlite", walk, ROWAN_RECURSIVE_WALK,
     "6 executions with 6 different values, 0.3 ms of the scope's 0.3 ms (100 %): 5 of"
     " 6 values of parent_id are values of id in the rows of the same statement, in "
     "the same order"},
    {"writes", "sqlite", write_each, ROWAN_WRITE_LOOP,
     "6 executions with 6 different values, of one row each, 0.3 ms of the scope's 0.3"
     " ms (100 %)"},
    {"writes that are read between", "sqlite", read_and_write_each, ROWAN_WRITE_LOOP,
     "6 executions with 6 different values, of one row each, 0.3 ms of the scope's 0.6"
     " ms (50 %), and the table is read between them, 6 times"},
    {"a slow one", "sqlite", wait_for_one, ROWAN_SLOW_QUERY,
     "1 of 2 executions took 100.0 ms or more: the slowest 250.0 ms, 250.1 ms of the "
     "scope's 250.1 ms (100 %)"},
    {"what was looked up on the way", "sqlite", look_up_and_go_on, ROWAN_N_PLUS_ONE,
     "6 executions with 6 different values, 0.6 ms of the scope's 0.9 ms (63 %): 6 of "
     "6 values of author_id are values of author_id in the rows of statement 1, in the"
     " same order"},
};

enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(a_finding_says_its_figures)
{
    told_begin(cases[_i].engine);
    cases[_i].happens();
    judge();
    const rowan_finding *found = find(cases[_i].kind);
    ck_assert_msg(found != NULL, "%s is not found", cases[_i].what);
    ck_assert_str_eq(found->evidence, cases[_i].evidence);
    told_end();
}
END_TEST

START_TEST(what_was_not_seen_is_said_in_one_sentence)
{
    static const struct {
        rowan_dropped dropped;
        const char *said;
    } sayings[] = {
        {{.statements = 0}, ""},
        {{.statements = 1}, "for want of memory 1 statements were counted and not told apart"},
        {{.values = 1}, "for want of memory values or durations of 1 executions were not compared"},
        {{.rows = 1}, "for want of memory 1 rows of results were not remembered whole"},
        {{.statements = 2, .rows = 3},
         "for want of memory 2 statements were counted and not told apart, 3 rows of results were "
         "not remembered whole"},
        {{.statements = 2, .values = 4, .rows = 3},
         "for want of memory 2 statements were counted and not told apart, values or durations of "
         "4 executions were not compared, 3 rows of results were not remembered whole"},
    };

    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        rowan__text text;
        rowan__text_init(&text, &fault_allocator);
        rowan__dropped_text(&sayings[i].dropped, &text);
        ck_assert_str_eq(rowan__text_string(&text), sayings[i].said);
        ck_assert(rowan__is_dropped(&sayings[i].dropped) == (sayings[i].said[0] != '\0'));
        rowan__text_fini(&text);
    }
}
END_TEST

/* --- After a pause. --- */

enum { PAUSE_S = 4 };

static void pause_for(int64_t seconds)
{
    told.now_ns += seconds * 1000000000;
}

START_TEST(what_a_pause_divides_is_counted_apart)
{
    static const struct {
        int before, after;
        uint64_t findings;
    } turns[] = {{6, 6, 2}, {6, 4, 1}, {2, 6, 1}, {4, 4, 0}, {3, 6, 1}, {1, 5, 1}, {2, 2, 0}};

    for (size_t k = 0; k < sizeof turns / sizeof turns[0]; k++) {
        for (int hashed = 0; hashed < 2; hashed++) {
            told_begin("sqlite");
            told.has_hashes = hashed != 0;
            rows_of("author_id", 1000, 7, 20);
            tell(BOOKS, ROWAN_NO_PARAMS);
            for (int i = 0; i < turns[k].before + turns[k].after; i++) {
                pause_for(i == turns[k].before ? PAUSE_S : 0);
                tell_one(AUTHOR, 1000 + 7 * i);
            }
            judge();
            ck_assert_msg(told.found.count == turns[k].findings, "%d and %d: %zu", turns[k].before,
                          turns[k].after, told.found.count);
            for (size_t i = 0; i < told.found.count; i++) {
                const rowan_finding *found = &told.found.at[i];
                bool is_first = found->first_sequence == 2;
                ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
                ck_assert_uint_eq(found->count,
                                  (uint64_t)(is_first ? turns[k].before : turns[k].after));
                ck_assert_uint_eq(found->distinct, found->count);
                ck_assert_int_eq(found->pattern, ROWAN_PATTERN_RAW);
                ck_assert_str_eq(found->parent_column, "author_id");
            }
            told_end();
        }
    }
}
END_TEST

/* What was read before a pause is still where values come from, and what was slow was slow. */
START_TEST(a_group_that_is_used_again_keeps_what_it_knows)
{
    told_begin("sqlite");
    told.takes_ns = 150000000;
    rows_of("author_id", 1000, 7, 6);
    tell(BOOKS, ROWAN_NO_PARAMS);
    told.takes_ns = 50000;
    pause_for(PAUSE_S);
    loop_over_authors(5000);
    judge();
    ck_assert_uint_eq(told.found.count, 2);
    ck_assert_ptr_nonnull(find(ROWAN_SLOW_QUERY));
    const rowan_finding *found = find(ROWAN_N_PLUS_ONE);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->parent_sql, BOOKS);
    ck_assert_str_eq(found->parent_column, "author_id");
    told_end();
}
END_TEST

START_TEST(time_in_which_others_run_is_no_pause)
{
    told_begin("sqlite");
    rows_of("author_id", 1000, 7, 6);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < 6; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
        told.takes_ns = PAUSE_S * (int64_t)1000000000;
        told.line++;
        tell(i % 2 == 0 ? "CREATE INDEX long_one ON t (a)" : "SELEC", ROWAN_NO_PARAMS);
        told.line--;
        told.takes_ns = 50000;
    }
    judge();
    const rowan_finding *found = find(ROWAN_N_PLUS_ONE);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->count, 6);
    told_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_evidence");
    TCase *tc = tcase_create("detector_evidence");

    tcase_add_loop_test(tc, a_finding_says_its_figures, 0, CASES);
    tcase_add_test(tc, what_was_not_seen_is_said_in_one_sentence);
    tcase_add_test(tc, what_a_pause_divides_is_counted_apart);
    tcase_add_test(tc, a_group_that_is_used_again_keeps_what_it_knows);
    tcase_add_test(tc, time_in_which_others_run_is_no_pause);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
