/*
 * Slow statements live: by the durations of a statement in all scopes of a database, with outliers
 * and skew told from slowness, and by the same rule as in recorded traces.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "detector/durations.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/told.h"

#define PAGE "SELECT body FROM page WHERE site = ? AND path LIKE ?"

static const int64_t ms = 1000000;

/* --- The rule. --- */

static rowan__series series_of(unsigned count, unsigned nth, int64_t usual_ns, int64_t nth_ns)
{
    rowan__series series = {0};

    for (unsigned i = 1; i <= count; i++) {
        rowan__series_add(&series, i % nth == 0 ? nth_ns : usual_ns, 100 * ms);
    }
    return series;
}

/* Of so many executions every nth takes another time: what is that by the default rules? */
static const struct judged {
    const char *label;
    unsigned count, nth;
    int64_t usual_ms, nth_ms;
    bool is_slow, is_skewed;
} judged[] = {
    {"one slow one", 1, 1, 0, 150, true, false},
    {"one at the limit", 1, 1, 0, 100, true, false},
    {"one below the limit", 1, 1, 0, 99, false, false},
    {"one of nineteen", 19, 19, 1, 150, true, false},
    {"one of twenty is an outlier", 20, 20, 1, 150, false, false},
    {"one outlier of sixty", 60, 60, 1, 400, false, false},
    {"two of forty are the last of 95 %", 40, 20, 60, 150, false, false},
    {"all of a hundred", 100, 1, 0, 101, true, false},
    {"all of a hundred at the limit", 100, 1, 0, 100, true, false},
    {"one in ten, most of them not far", 100, 10, 60, 150, true, false},
    {"one in ten, far from the rest", 100, 10, 2, 150, true, true},
    {"one in ten below the limit, far from the rest", 100, 10, 2, 70, true, true},
    {"one in ten, not far enough", 100, 10, 15, 70, false, false},
    {"one in ten, far, but below half the limit", 100, 10, 2, 45, false, false},
    {"none", 0, 1, 0, 0, false, false},
};

START_TEST(outliers_and_skew_are_told_from_slowness)
{
    const struct judged *one = &judged[_i];
    const rowan__rules rules = rowan__rules_of(NULL);
    const rowan__series series =
        series_of(one->count, one->nth, one->usual_ms * ms, one->nth_ms * ms);
    rowan__slowness slowness = rowan__slow_judge(&series, &rules);

    ck_assert_msg(slowness.is_slow == one->is_slow, "%s", one->label);
    ck_assert_msg(!slowness.is_slow || slowness.is_skewed == one->is_skewed, "%s", one->label);
    if (slowness.is_slow) {
        ck_assert_int_le(slowness.from_ns, one->nth_ms * ms);
        ck_assert_int_gt(slowness.from_ns, one->nth > 1 ? one->usual_ms * ms : 0);
    }
}
END_TEST

START_TEST(a_profile_decides_how_many_samples_are_enough)
{
    rowan_detector_options options = ROWAN_DETECTOR_OPTIONS_INIT;
    const rowan__series one_of_sixty = series_of(60, 60, ms, 700 * ms);

    options.slow_samples = 61;
    rowan__rules rules = rowan__rules_of(&options);
    ck_assert(rowan__slow_judge(&one_of_sixty, &rules).is_slow);
    options.slow_samples = 60;
    rules = rowan__rules_of(&options);
    ck_assert(!rowan__slow_judge(&one_of_sixty, &rules).is_slow);
}
END_TEST

START_TEST(what_waits_by_its_nature_is_never_slow)
{
    static const char *const statements[] = {
        "CREATE INDEX i ON book (title)",
        "VACUUM",
        "COPY book FROM STDIN",
        "ALTER TABLE book ADD COLUMN x int",
        "SELECT pg_sleep(1)",
        "SELECT sleep(1) FROM book",
        "SELECT pg_advisory_lock(1)",
        "SELECT get_lock('x', 5)",
        "SELECT id FROM job WHERE done = 0 FOR UPDATE SKIP LOCKED",
        "SELECT id FROM job WHERE id = 1 FOR UPDATE",
        "SELECT id FROM job WHERE id = 1 FOR NO KEY UPDATE",
        "SELECT id FROM job WHERE id = 1 FOR SHARE",
        "SELECT id FROM job WHERE id = 1 LOCK IN SHARE MODE",
        "LOCK TABLE book",
    };

    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        told_begin("postgresql");
        told.takes_ns = 9000 * ms;
        tell(statements[i], ROWAN_NO_PARAMS);
        judge_silent(statements[i]);
        told_end();
    }
    told_begin("postgresql");
    told.takes_ns = 9000 * ms;
    tell("SELECT for_update FROM job WHERE id = 1", ROWAN_NO_PARAMS);
    judge_one(ROWAN_SLOW_QUERY);
    told_end();
}
END_TEST

START_TEST(a_failed_statement_is_not_slow)
{
    rowan_error failed = {.status = ROWAN_TIMEOUT};

    told_begin("mariadb");
    rowan_event event = {.kind = ROWAN_EVENT_STATEMENT,
                         .engine = "mariadb",
                         .sequence = 1,
                         .sql = AUTHOR,
                         .sql_size = strlen(AUTHOR),
                         .param_rows = 1,
                         .elapsed_ns = 9000 * ms,
                         .error = &failed};
    rowan__watch_event(told.watch, &event);
    judge_silent("a statement that ran into its deadline");
    told_end();
}
END_TEST

/* --- Over scopes. --- */

static rowan__durations *durations;

/* A scope of one execution. @return whether it is found slow in it */
static bool scope_of_one(int64_t takes_ns, int value)
{
    bool found;

    told_begin("sqlite");
    told.watch->durations = durations;
    told.takes_ns = takes_ns;
    tell(PAGE, ROWAN_PARAMS(ROWAN_V(value), ROWAN_V("%x")));
    judge();
    found = find(ROWAN_SLOW_QUERY) != NULL;
    rowan__watch_end(told.watch);
    rowan__watch_free(told.watch);
    rowan__shapes_free(told.shapes);
    return found;
}

START_TEST(one_slow_scope_of_many_is_an_outlier)
{
    durations = rowan__durations_new(&fault_allocator);
    for (int i = 0; i < 59; i++) {
        ck_assert(!scope_of_one(2 * ms, i));
    }
    ck_assert(!scope_of_one(400 * ms, 60)); /* alone it would be slow */
    rowan__durations_free(durations);
    durations = rowan__durations_new(&fault_allocator);
    ck_assert(scope_of_one(400 * ms, 1));
    rowan__durations_free(durations);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

START_TEST(what_is_often_slow_is_found_in_each_scope_that_has_it)
{
    unsigned found = 0;

    durations = rowan__durations_new(&fault_allocator);
    for (int i = 1; i <= 200; i++) {
        bool is_slow = i % 10 == 0;
        bool is_found = scope_of_one(is_slow ? 180 * ms : 60 * ms, i);
        ck_assert(is_slow || !is_found); /* a quick execution is not blamed for others */
        found += is_found;
    }
    ck_assert_uint_ge(found, 18);
    rowan__durations_free(durations);
}
END_TEST

START_TEST(skew_says_to_look_at_the_values_and_tells_of_all_scopes)
{
    const rowan_finding *found;

    durations = rowan__durations_new(&fault_allocator);
    for (int i = 1; i <= 99; i++) {
        scope_of_one(i % 10 == 0 ? 300 * ms : 3 * ms, i);
    }
    told_begin("sqlite");
    told.watch->durations = durations;
    told.takes_ns = 300 * ms;
    tell(PAGE, ROWAN_PARAMS(ROWAN_V(100), ROWAN_V("%x")));
    judge();
    found = find(ROWAN_SLOW_QUERY);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->count, 1);
    ck_assert_ptr_nonnull(strstr(found->suggestion, "look at the values"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "1 of 1 executions took 100.0 ms or more"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "of 100 since the database was opened"));
    ck_assert_ptr_nonnull(strstr(found->evidence, "half took up to 3.0 ms"));
    rowan__watch_free(told.watch);
    rowan__shapes_free(told.shapes);
    rowan__durations_free(durations);
}
END_TEST

START_TEST(many_executions_of_one_scope_count_as_those_of_many)
{
    static const int counts[] = {15, 16, 17, 40, 400};

    for (size_t k = 0; k < 5; k++) {
        rowan__series series = {0};
        durations = rowan__durations_new(&fault_allocator);
        told_begin("sqlite");
        told.watch->durations = durations;
        for (int i = 1; i <= counts[k]; i++) {
            told.takes_ns = i % 8 == 0 ? 150 * ms : 4 * ms;
            tell(PAGE, ROWAN_PARAMS(ROWAN_V(i), ROWAN_V("%x")));
        }
        judge();
        ck_assert_ptr_nonnull(find(ROWAN_SLOW_QUERY));
        ck_assert_uint_eq(find(ROWAN_SLOW_QUERY)->count, (uint64_t)counts[k] / 8);
        uint64_t id = find(ROWAN_SLOW_QUERY)->fingerprint_id;
        rowan__watch_end(told.watch);
        rowan__durations_add_to(durations, id, &series);
        ck_assert_uint_eq(series.sketch.count, (uint64_t)counts[k]);
        ck_assert_uint_eq(series.slow, (uint64_t)counts[k] / 8);
        ck_assert_int_eq(series.max_ns, 150 * ms);
        rowan__watch_free(told.watch);
        rowan__shapes_free(told.shapes);
        rowan__durations_free(durations);
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
}
END_TEST

START_TEST(without_memory_for_durations_nothing_is_said_of_them)
{
    told_begin("sqlite");
    told.takes_ns = 500 * ms;
    for (int i = 0; i < ROWAN__TIMING_EARLY; i++) {
        tell(PAGE, ROWAN_PARAMS(ROWAN_V(i), ROWAN_V("%x")));
    }
    judge();
    ck_assert_ptr_nonnull(find(ROWAN_SLOW_QUERY));
    fault_arm(1); /* for the sketch */
    tell(PAGE, ROWAN_PARAMS(ROWAN_V(1), ROWAN_V("%x")));
    ck_assert(fault_fired());
    tell(PAGE, ROWAN_PARAMS(ROWAN_V(2), ROWAN_V("%x")));
    judge();
    ck_assert_ptr_null(find(ROWAN_SLOW_QUERY));
    ck_assert_uint_eq(told.found.dropped.values, 2);
    told_end();
}
END_TEST

/* --- The store. --- */

static rowan__timing timing_of(int64_t takes_ns, unsigned count)
{
    rowan__timing timing = {0};

    for (unsigned i = 0; i < count; i++) {
        rowan__timing_add(&timing, &fault_allocator, takes_ns, 100 * ms);
    }
    return timing;
}

START_TEST(of_too_many_fingerprints_those_that_took_most_time_stay)
{
    const uint64_t many = 4 * ROWAN__DURATIONS_MOST;
    size_t before = fault_out_bytes();

    durations = rowan__durations_new(&fault_allocator);
    for (uint64_t id = 1; id <= many; id++) { /* every eighth takes much longer */
        rowan__timing timing = timing_of(id % 8 == 0 ? 200 * ms : ms + (int64_t)id, 3);
        rowan__durations_merge(durations, id, &timing, 0);
    }
    ck_assert_uint_eq(rowan__durations_count(durations), ROWAN__DURATIONS_MOST);
    ck_assert_uint_le(fault_out_bytes() - before, ROWAN__DURATIONS_MOST * (2304 + 64) + 4096);
    for (uint64_t id = 8; id <= many; id += 8) {
        rowan__series series = {0};
        rowan__durations_add_to(durations, id, &series);
        ck_assert_uint_eq(series.sketch.count, 3);
        ck_assert_uint_eq(series.slow, 3);
    }
    rowan__durations_free(durations);
    ck_assert_uint_eq(fault_out_bytes(), before);
}
END_TEST

START_TEST(a_store_without_memory_forgets_and_goes_on)
{
    rowan__series series = {0};
    rowan__timing timing = timing_of(5 * ms, 2);

    fault_arm(1);
    ck_assert_ptr_null(rowan__durations_new(&fault_allocator));
    durations = rowan__durations_new(&fault_allocator);
    fault_arm(1);
    rowan__durations_merge(durations, 7, &timing, 0);
    ck_assert(fault_fired());
    rowan__durations_add_to(durations, 7, &series);
    ck_assert_uint_eq(series.sketch.count, 0);
    rowan__durations_merge(durations, 7, &timing, 0);
    rowan__durations_add_to(durations, 7, &series);
    ck_assert_uint_eq(series.sketch.count, 2);
    rowan__durations_free(durations);
}
END_TEST

START_TEST(a_long_past_weighs_less_and_does_not_overflow)
{
    rowan__series series = {0}, more = series_of(1000, 10, 3 * ms, 200 * ms);

    series.sketch.count = UINT32_MAX - 10;
    series.sketch.buckets[rowan__sketch_bucket(50 * ms)] = UINT32_MAX - 10;
    series.slow = 500;
    rowan__series_merge(&series, &more);
    ck_assert_uint_eq(series.sketch.count, (uint64_t)(UINT32_MAX - 10) / 2 + 1000);
    ck_assert_uint_eq(series.slow, 250 + 100);
    ck_assert_uint_eq(rowan__sketch_from(&series.sketch, 0), series.sketch.count);
}
END_TEST

static void *merge_often(void *context)
{
    for (unsigned i = 0; i < 500; i++) {
        rowan__timing timing = timing_of(ms * (1 + i % 7), 4);
        rowan__series series = {0};
        rowan__durations_merge(context, i % 20, &timing, 0);
        rowan__durations_add_to(context, i % 20, &series);
    }
    return NULL;
}

START_TEST(threads_add_up)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    uint64_t total = 0;

    durations = rowan__durations_new(&fault_allocator);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, merge_often, durations), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (uint64_t id = 0; id < 20; id++) {
        rowan__series series = {0};
        rowan__durations_add_to(durations, id, &series);
        total += series.sketch.count;
    }
    ck_assert_uint_eq(total, THREADS * 500 * 4);
    rowan__durations_free(durations);
}
END_TEST

/* --- On databases. --- */

static rowan_findings findings_of_one(rowan_db *db, rowan_scope **scope, unsigned latency_ms)
{
    rowan_findings found;
    rowan_rows rows;

    *scope = library_scope(db);
    fault_plan_set((fault_plan){.latency_ms = latency_ms});
    library_ok(*scope, rowan_raw_all(*scope, "SELECT name FROM publisher WHERE id = 1",
                                     ROWAN_NO_PARAMS, &library_publisher_table, &rows));
    fault_plan_set((fault_plan){0});
    library_ok(*scope, rowan_scope_findings(*scope, &found));
    return found;
}

START_TEST(durations_of_all_scopes_of_a_database_count)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_scope *scope;

    detector.slow_ms = 50;
    options.detector = &detector;
    options.max_open = 1;
    rowan_db *db = library_open((size_t)_i, &options);
    library_fill(db, 1, 1, 1);
    fault_install(db);
    rowan_findings found = findings_of_one(db, &scope, 60); /* the first that is known */
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.at[0].kind, ROWAN_SLOW_QUERY);
    ck_assert_uint_eq(found.at[0].count, 1);
    rowan_scope_end(scope);
    for (int i = 0; i < 58; i++) {
        found = findings_of_one(db, &scope, 0);
        ck_assert_uint_eq(found.count, 0);
        rowan_scope_end(scope);
    }
    found = findings_of_one(db, &scope, 60); /* two of sixty */
    ck_assert_uint_eq(found.count, 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_slow");
    TCase *tc = tcase_create("detector_slow");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, outliers_and_skew_are_told_from_slowness, 0,
                        sizeof judged / sizeof judged[0]);
    tcase_add_test(tc, a_profile_decides_how_many_samples_are_enough);
    tcase_add_test(tc, what_waits_by_its_nature_is_never_slow);
    tcase_add_test(tc, a_failed_statement_is_not_slow);
    tcase_add_test(tc, one_slow_scope_of_many_is_an_outlier);
    tcase_add_test(tc, what_is_often_slow_is_found_in_each_scope_that_has_it);
    tcase_add_test(tc, skew_says_to_look_at_the_values_and_tells_of_all_scopes);
    tcase_add_test(tc, many_executions_of_one_scope_count_as_those_of_many);
    tcase_add_test(tc, without_memory_for_durations_nothing_is_said_of_them);
    tcase_add_test(tc, of_too_many_fingerprints_those_that_took_most_time_stay);
    tcase_add_test(tc, a_store_without_memory_forgets_and_goes_on);
    tcase_add_test(tc, a_long_past_weighs_less_and_does_not_overflow);
    tcase_add_test(tc, threads_add_up);
    tcase_add_loop_test(tc, durations_of_all_scopes_of_a_database_count, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
