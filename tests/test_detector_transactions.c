/*
 * Transactions that are open for long, and those in which nothing is sent: by made-up times, on
 * three engines, and the same in the traces of what was found live.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "detector/transactions.h"
#include "report/analysis.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/told.h"

static const int64_t ms = 1000000;

/* --- What a text does. --- */

START_TEST(texts_begin_and_end_transactions_and_savepoints_do_not)
{
    static const struct {
        const char *sql;
        rowan__control control;
    } texts[] = {
        {"BEGIN", ROWAN__CONTROL_BEGIN},
        {"begin immediate", ROWAN__CONTROL_BEGIN},
        {" \n BEGIN;", ROWAN__CONTROL_BEGIN},
        {"START TRANSACTION READ ONLY", ROWAN__CONTROL_BEGIN},
        {"Start  transaction", ROWAN__CONTROL_BEGIN},
        {"START SLAVE", ROWAN__CONTROL_NONE},
        {"COMMIT", ROWAN__CONTROL_END},
        {"commit work;", ROWAN__CONTROL_END},
        {"END", ROWAN__CONTROL_END},
        {"ABORT", ROWAN__CONTROL_END},
        {"ROLLBACK", ROWAN__CONTROL_END},
        {"rollback transaction", ROWAN__CONTROL_END},
        {"PREPARE TRANSACTION 'x'", ROWAN__CONTROL_END},
        {"ROLLBACK TO SAVEPOINT a", ROWAN__CONTROL_NONE},
        {"ROLLBACK TO a", ROWAN__CONTROL_NONE},
        {"ROLLBACK WORK TO SAVEPOINT a", ROWAN__CONTROL_NONE},
        {"ROLLBACK TRANSACTION TO SAVEPOINT a", ROWAN__CONTROL_NONE},
        {"COMMIT PREPARED 'x'", ROWAN__CONTROL_NONE},
        {"SAVEPOINT a", ROWAN__CONTROL_NONE},
        {"RELEASE SAVEPOINT a", ROWAN__CONTROL_NONE},
        {"PREPARE s AS SELECT 1", ROWAN__CONTROL_NONE},
        {"BEGINNING", ROWAN__CONTROL_NONE},
        {"SELECT 'BEGIN'", ROWAN__CONTROL_NONE},
        {"endless_words_that_are_longer_than_any_command", ROWAN__CONTROL_NONE},
        {"", ROWAN__CONTROL_NONE},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_msg(rowan__control_of(texts[i].sql, strlen(texts[i].sql)) == texts[i].control,
                      "%s", texts[i].sql);
    }
    ck_assert_int_eq(rowan__control_of("BEGINNING", 5), ROWAN__CONTROL_BEGIN);
}
END_TEST

/* --- By made-up times. --- */

/* Control from a line of its own, as the library sends it. */
static void control(const char *sql, int line)
{
    rowan_event event = {.kind = ROWAN_EVENT_STATEMENT,
                         .engine = told.watch->engine,
                         .sequence = ++told.sequence,
                         .purpose = ROWAN_PURPOSE_TRANSACTION,
                         .site = {"program.c", line, "run"},
                         .sql = sql,
                         .sql_size = strlen(sql),
                         .start_ns = told.now_ns,
                         .elapsed_ns = told.takes_ns};

    rowan__watch_event(told.watch, &event);
    told.now_ns += told.takes_ns;
}

static void wait_ms(int64_t wait)
{
    told.now_ns += wait * ms;
}

START_TEST(nothing_sent_in_a_transaction_is_found_with_both_places)
{
    const rowan_finding *found;

    told_begin("postgresql");
    control("BEGIN", 100);
    told.line = 101;
    tell(BOOKS, ROWAN_NO_PARAMS);
    told.line = 102;
    tell("UPDATE book SET price = 1 WHERE id = 5", ROWAN_NO_PARAMS);
    wait_ms(1500);
    told.line = 103;
    tell("UPDATE book SET price = 2 WHERE id = 5", ROWAN_NO_PARAMS);
    control("COMMIT", 104);
    found = judge_one(ROWAN_IDLE_IN_TRANSACTION);
    ck_assert_int_eq(found->confidence, ROWAN_CONFIRMED);
    ck_assert_int_eq(found->site.line, 100);
    ck_assert_int_eq(found->parent_site.line, 102);
    ck_assert_str_eq(found->parent_sql, "UPDATE book SET price = 1 WHERE id = 5");
    ck_assert_uint_eq(found->parent_sequence, 3);
    ck_assert_uint_eq(found->first_sequence, 1);
    ck_assert_str_eq(found->sql, "BEGIN");
    ck_assert_str_eq(found->fingerprint, "begin");
    ck_assert_uint_eq(found->count, 1);
    ck_assert_int_ge(found->total_ns, 1500 * ms);
    ck_assert_ptr_nonnull(strstr(found->evidence, "was behind statement 3"));
    char text[2048];
    rowan_finding_text(found, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "waited behind: UPDATE book"));
    ck_assert_ptr_nonnull(strstr(text, "program.c:102"));
    told_end();
}
END_TEST

START_TEST(short_waits_and_waits_outside_are_none)
{
    told_begin("mariadb");
    for (int i = 0; i < 3; i++) {
        control("BEGIN", 100);
        wait_ms(990);
        tell("UPDATE book SET price = 1 WHERE id = 5", ROWAN_NO_PARAMS);
        control("COMMIT", 104);
        wait_ms(60000);
    }
    judge_silent("waits below the limit, and outside");
    told_end();
}
END_TEST

START_TEST(long_work_is_a_long_transaction_and_no_idle_one)
{
    const rowan_finding *found;

    told_begin("postgresql");
    told.rules.slow_ms = 60000;
    told.watch->slow_ns = 60000 * ms;
    control("BEGIN", 100);
    told.takes_ns = 900 * ms;
    for (int i = 0; i < 6; i++) {
        tell("UPDATE book SET price = price + 1", ROWAN_NO_PARAMS);
        wait_ms(100);
    }
    control("COMMIT", 104);
    judge();
    found = find(ROWAN_LONG_TRANSACTION);
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_null(find(ROWAN_IDLE_IN_TRANSACTION));
    ck_assert_int_eq(found->site.line, 100);
    ck_assert_ptr_null(found->parent_sql);
    ck_assert_int_ge(found->total_ns, 6000 * ms);
    ck_assert_ptr_nonnull(strstr(found->evidence, "with 6 statements"));
    told_end();
}
END_TEST

START_TEST(one_that_is_long_because_it_waits_is_found_once)
{
    told_begin("postgresql");
    control("BEGIN", 100);
    tell(BOOKS, ROWAN_NO_PARAMS);
    wait_ms(20000);
    control("ROLLBACK", 104);
    judge_one(ROWAN_IDLE_IN_TRANSACTION);
    told_end();
}
END_TEST

START_TEST(transactions_of_one_place_are_one_finding_and_of_two_are_two)
{
    static const int turns[] = {1, 3, 40};

    for (size_t k = 0; k < 3; k++) {
        told_begin("postgresql");
        for (int i = 0; i < turns[k]; i++) {
            for (int place = 100; place <= 200; place += 100) {
                control("BEGIN", place);
                wait_ms(1000 + 10 * i);
                control("COMMIT", place + 4);
            }
        }
        judge();
        ck_assert_uint_eq(told.found.count, 2);
        for (size_t i = 0; i < 2; i++) {
            ck_assert_int_eq(told.found.at[i].kind, ROWAN_IDLE_IN_TRANSACTION);
            ck_assert_uint_eq(told.found.at[i].count, (uint64_t)turns[k]);
            ck_assert_str_eq(told.found.at[i].parent_sql, "BEGIN"); /* nothing else was sent */
        }
        told_end();
    }
}
END_TEST

START_TEST(of_very_many_places_the_first_are_told)
{
    told_begin("postgresql");
    for (int place = 1; place <= 100; place++) {
        control("BEGIN", place);
        wait_ms(2000);
        control("COMMIT", place);
    }
    judge();
    ck_assert_uint_eq(told.found.count, ROWAN__TRANSACTION_PLACES);
    told_end();
}
END_TEST

START_TEST(one_that_is_still_open_is_judged_by_what_is_known)
{
    told_begin("postgresql");
    control("BEGIN", 100);
    wait_ms(3000);
    judge_silent("nothing came after it yet");
    tell(BOOKS, ROWAN_NO_PARAMS);
    judge_one(ROWAN_IDLE_IN_TRANSACTION);
    judge_one(ROWAN_IDLE_IN_TRANSACTION); /* asking does not count it twice */
    control("COMMIT", 104);
    ck_assert_uint_eq(judge_one(ROWAN_IDLE_IN_TRANSACTION)->count, 1);
    told_end();
}
END_TEST

START_TEST(savepoints_stay_in_their_transaction)
{
    told_begin("postgresql");
    control("BEGIN", 100);
    control("SAVEPOINT rowan_1", 101);
    wait_ms(1200);
    control("ROLLBACK TO SAVEPOINT rowan_1", 102);
    control("RELEASE SAVEPOINT rowan_1", 103);
    wait_ms(600);
    control("COMMIT", 104);
    ck_assert_str_eq(judge_one(ROWAN_IDLE_IN_TRANSACTION)->parent_sql, "SAVEPOINT");
    ck_assert_int_ge(told.found.at[0].total_ns, 1800 * ms);
    told_end();
}
END_TEST

START_TEST(a_long_loop_in_a_transaction_is_counted_and_its_wait_is_found)
{
    for (size_t rows = 0; rows < 2; rows++) {
        told_begin("mariadb");
        rows_of("author_id", 1000, 7, 300);
        control("BEGIN", 100);
        tell(BOOKS, ROWAN_NO_PARAMS);
        for (int i = 0; i < 300; i++) {
            rows_of("name", 90000 + i, 1, rows);
            tell_one(AUTHOR, 1000 + 7 * i);
            if (i == 150) {
                wait_ms(1300);
            }
        }
        control("COMMIT", 101);
        judge();
        ck_assert_uint_eq(told.found.count, 2);
        ck_assert_uint_eq(find(ROWAN_N_PLUS_ONE)->count, 300);
        ck_assert_uint_eq(find(ROWAN_N_PLUS_ONE)->distinct, 300);
        ck_assert_uint_eq(find(ROWAN_IDLE_IN_TRANSACTION)->parent_sequence, 2 + 151);
        ck_assert_str_eq(find(ROWAN_IDLE_IN_TRANSACTION)->parent_sql, AUTHOR);
        told_end();
    }
}
END_TEST

START_TEST(a_begin_that_failed_begins_nothing)
{
    rowan_error failed = {.status = ROWAN_BUSY};

    told_begin("sqlite");
    rowan_event event = {.kind = ROWAN_EVENT_STATEMENT,
                         .engine = "sqlite",
                         .sequence = ++told.sequence,
                         .purpose = ROWAN_PURPOSE_TRANSACTION,
                         .sql = "BEGIN IMMEDIATE",
                         .sql_size = 15,
                         .start_ns = told.now_ns,
                         .elapsed_ns = ms,
                         .error = &failed};
    rowan__watch_event(told.watch, &event);
    wait_ms(9000);
    tell(BOOKS, ROWAN_NO_PARAMS);
    judge_silent("a begin that failed");
    told_end();
}
END_TEST

START_TEST(a_transaction_that_is_sent_as_text_counts_too)
{
    told_begin("mariadb");
    told.line = 50;
    tell("START TRANSACTION", ROWAN_NO_PARAMS);
    told.line = 51;
    tell(BOOKS, ROWAN_NO_PARAMS);
    wait_ms(1100);
    tell("COMMIT", ROWAN_NO_PARAMS);
    wait_ms(5000);
    tell(BOOKS, ROWAN_NO_PARAMS);
    ck_assert_int_eq(judge_one(ROWAN_IDLE_IN_TRANSACTION)->site.line, 50);
    ck_assert_int_eq(told.found.at[0].parent_site.line, 51);
    told_end();
}
END_TEST

START_TEST(without_clocks_nothing_is_claimed)
{
    told_begin("sqlite");
    told.takes_ns = 0;
    for (int i = 0; i < 3; i++) {
        told.now_ns = 0;
        control(i == 0 ? "BEGIN" : i == 1 ? "SAVEPOINT rowan_1" : "COMMIT", 100);
    }
    judge_silent("without clocks");
    told_end();
}
END_TEST

START_TEST(a_profile_has_its_own_limits)
{
    static const struct {
        rowan_detector_profile profile;
        int64_t long_ms, idle_ms;
    } limits[] = {{ROWAN_PROFILE_DEFAULT, 5000, 1000},
                  {ROWAN_PROFILE_STRICT, 1000, 200},
                  {ROWAN_PROFILE_PRODUCTION, 10000, 2000}};

    for (int below = 0; below < 2; below++) {
        told_begin("postgresql");
        rowan_detector_options options = ROWAN_DETECTOR_OPTIONS_INIT;
        options.profile = limits[_i].profile;
        told.rules = rowan__rules_of(&options);
        control("BEGIN", 100);
        wait_ms(limits[_i].idle_ms - below);
        control("COMMIT", 101);
        judge();
        ck_assert_uint_eq(told.found.count, below ? 0 : 1);
        told.takes_ns = (limits[_i].long_ms - below) * ms;
        control("BEGIN", 200);
        told.takes_ns = 0;
        control("COMMIT", 201);
        judge();
        ck_assert(below == (find(ROWAN_LONG_TRANSACTION) == NULL));
        told_end();
    }
}
END_TEST

START_TEST(running_out_of_memory_anywhere_is_survived)
{
    for (unsigned nth = 1;; nth++) {
        told_begin("postgresql");
        fault_arm(nth);
        control("BEGIN", 100);
        tell(BOOKS, ROWAN_NO_PARAMS);
        wait_ms(1200);
        tell(BOOKS, ROWAN_NO_PARAMS);
        control("COMMIT", 104);
        rowan_status status = rowan__watch_findings(told.watch, &told.found);
        bool fired = fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_OK || (status == ROWAN_NOMEM && told.found.count == 0));
        size_t count = told.found.count;
        told_end();
        if (!fired) {
            ck_assert_uint_eq(count, 1);
            ck_assert_uint_gt(nth, 5);
            break;
        }
    }
}
END_TEST

/* --- On databases, live and from the trace. --- */

static char path[64];
static rowan_trace *sink;
static rowan_db *db;
static rowan_scope *scope;

static void begin_recorded(size_t engine)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];

    strcpy(path, "/tmp/rowan-transactions-XXXXXX");
    close(mkstemp(path));
    ck_assert_int_eq(rowan_trace_open(path, NULL, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    detector.idle_transaction_ms = 150;
    detector.long_transaction_ms = 100000;
    detector.slow_ms = 100000;
    options.detector = &detector;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    db = library_open(engine, &options);
    library_fill(db, 2, 1, 1);
    scope = library_scope(db);
}

static void nap_ms(long nap)
{
    struct timespec left = {nap / 1000, nap % 1000 * 1000000};

    while (nanosleep(&left, &left) != 0) {
    }
}

static void write_one(void)
{
    library_ok(scope, rowan_raw_run(scope, "UPDATE publisher SET name = 'x' WHERE id = 1",
                                    ROWAN_NO_PARAMS, NULL));
}

/* The finding of the trace; its analysis is released by the caller. */
static const rowan__trace_finding *traced_finding(rowan__trace *trace, rowan__analysis *analysis)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    const rowan__trace_finding *found = NULL;

    detector.idle_transaction_ms = 150;
    const rowan__rules rules = rowan__rules_of(&detector);
    ck_assert_int_eq(rowan__trace_read(trace, &fault_allocator, path, NULL, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(analysis, trace), ROWAN_OK);
    for (size_t i = 0; i < analysis->count; i++) {
        if (strcmp(analysis->at[i].kind, "idle_in_transaction") == 0) {
            ck_assert_ptr_null(found);
            found = &analysis->at[i];
        }
    }
    return found;
}

START_TEST(a_wait_in_a_transaction_is_found_live_and_in_the_trace)
{
    rowan__trace trace;
    rowan__analysis analysis;
    rowan_findings live;

    begin_recorded((size_t)_i);
    library_ok(scope, rowan_begin(scope, NULL));
    int begun_at = __LINE__ - 1;
    write_one();
    nap_ms(200);
    library_ok(scope, rowan_commit(scope));
    library_ok(scope, rowan_scope_findings(scope, &live));
    ck_assert_uint_eq(live.count, 1);
    ck_assert_int_eq(live.at[0].kind, ROWAN_IDLE_IN_TRANSACTION);
    ck_assert_int_eq(live.at[0].site.line, begun_at);
    ck_assert_str_eq(live.at[0].parent_site.function, "write_one");
    ck_assert_ptr_nonnull(strstr(live.at[0].parent_sql, "UPDATE publisher"));
    uint64_t id = live.at[0].fingerprint_id;
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
    const rowan__trace_finding *found = traced_finding(&trace, &analysis);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->fingerprint_id, id);
    ck_assert_uint_eq(found->count, 1);
    ck_assert_ptr_nonnull(strstr(found->callsite, __func__));
    ck_assert_ptr_nonnull(strstr(found->parent_callsite, "write_one"));
    ck_assert_str_eq(rowan__action_name(found->action), "commit_before_wait");
    ck_assert_int_ge(found->total_ns, 200 * ms);
    ck_assert_int_ge(found->trace_ns, found->total_ns); /* the whole trace, waits and all */
    ck_assert_ptr_nonnull(strstr(found->evidence, "that it was open"));
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    unlink(path);
}
END_TEST

START_TEST(waits_before_and_behind_a_transaction_are_none_and_one_left_open_is)
{
    rowan_findings live;

    begin_recorded((size_t)_i);
    for (int i = 0; i < 2; i++) {
        nap_ms(200);
        library_ok(scope, rowan_begin(scope, NULL));
        write_one();
        library_ok(scope, i == 0 ? rowan_commit(scope) : rowan_rollback(scope));
    }
    nap_ms(200);
    write_one();
    library_ok(scope, rowan_scope_findings(scope, &live));
    ck_assert_uint_eq(live.count, 0);
    library_ok(scope, rowan_begin(scope, NULL));
    nap_ms(200);
    write_one();
    library_ok(scope, rowan_scope_findings(scope, &live));
    ck_assert_uint_eq(live.count, 1);
    rowan_scope_end(scope); /* rolls it back */
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
    unlink(path);
}
END_TEST

START_TEST(rows_that_are_read_slowly_are_a_statement_that_runs)
{
    rowan_findings live;
    rowan_stream *stream;
    void *row;

    begin_recorded((size_t)_i);
    library_ok(scope, rowan_begin(scope, NULL));
    library_ok(scope, rowan_raw_stream(scope, "SELECT id FROM book", ROWAN_NO_PARAMS,
                                       &library_book_table, &stream));
    while (rowan_stream_next(stream, &row) == ROWAN_OK) {
        nap_ms(120);
    }
    rowan_stream_close(stream);
    library_ok(scope, rowan_commit(scope));
    library_ok(scope, rowan_scope_findings(scope, &live));
    ck_assert_uint_eq(live.count, 0);
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
    unlink(path);
}
END_TEST

START_TEST(what_writes_rows_in_its_own_transaction_keeps_the_programs_place)
{
    rowan_findings live;
    library_publisher rows[2] = {{.id = 901, .name = "a"}, {.id = 902, .name = "b"}};

    begin_recorded((size_t)_i);
    library_ok(scope, rowan_begin(scope, NULL));
    int begun_at = __LINE__ - 1;
    nap_ms(200);
    library_ok(scope, rowan_record_insert_all(scope, &library_publisher_table, rows, 2, NULL));
    library_ok(scope, rowan_commit(scope));
    library_ok(scope, rowan_scope_findings(scope, &live));
    ck_assert_uint_eq(live.count, 1);
    ck_assert_int_eq(live.at[0].site.line, begun_at);
    ck_assert_ptr_nonnull(strstr(live.at[0].site.file, "test_detector_transactions.c"));
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_transactions");
    TCase *tc = tcase_create("detector_transactions");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, texts_begin_and_end_transactions_and_savepoints_do_not);
    tcase_add_test(tc, nothing_sent_in_a_transaction_is_found_with_both_places);
    tcase_add_test(tc, short_waits_and_waits_outside_are_none);
    tcase_add_test(tc, long_work_is_a_long_transaction_and_no_idle_one);
    tcase_add_test(tc, one_that_is_long_because_it_waits_is_found_once);
    tcase_add_test(tc, transactions_of_one_place_are_one_finding_and_of_two_are_two);
    tcase_add_test(tc, of_very_many_places_the_first_are_told);
    tcase_add_test(tc, one_that_is_still_open_is_judged_by_what_is_known);
    tcase_add_test(tc, savepoints_stay_in_their_transaction);
    tcase_add_test(tc, a_long_loop_in_a_transaction_is_counted_and_its_wait_is_found);
    tcase_add_test(tc, a_begin_that_failed_begins_nothing);
    tcase_add_test(tc, a_transaction_that_is_sent_as_text_counts_too);
    tcase_add_test(tc, without_clocks_nothing_is_claimed);
    tcase_add_loop_test(tc, a_profile_has_its_own_limits, 0, 3);
    tcase_add_test(tc, running_out_of_memory_anywhere_is_survived);
    tcase_add_loop_test(tc, a_wait_in_a_transaction_is_found_live_and_in_the_trace, 0, engines);
    tcase_add_loop_test(tc, waits_before_and_behind_a_transaction_are_none_and_one_left_open_is, 0,
                        engines);
    tcase_add_loop_test(tc, rows_that_are_read_slowly_are_a_statement_that_runs, 0, engines);
    tcase_add_loop_test(tc, what_writes_rows_in_its_own_transaction_keeps_the_programs_place, 0,
                        engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
