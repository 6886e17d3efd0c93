/* The detector's profiles: what each sets, what overrides them, and what they change. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/told.h"

static const struct expected {
    const char *name;
    rowan_detector_profile profile;
    rowan__rules rules;
} profiles[] = {
    {"default", ROWAN_PROFILE_DEFAULT, {5, 3, 5, 100, 32, 80, 20, 5000, 1000}},
    {"strict", ROWAN_PROFILE_STRICT, {3, 2, 3, 50, 64, 80, 20, 1000, 200}},
    {"production", ROWAN_PROFILE_PRODUCTION, {10, 5, 10, 500, 8, 90, 100, 10000, 2000}},
};

static void are_equal(const rowan__rules *a, const rowan__rules *b)
{
    ck_assert_uint_eq(a->n_plus_one_min, b->n_plus_one_min);
    ck_assert_uint_eq(a->duplicate_min, b->duplicate_min);
    ck_assert_uint_eq(a->write_loop_min, b->write_loop_min);
    ck_assert_uint_eq(a->slow_ms, b->slow_ms);
    ck_assert_uint_eq(a->rows_captured, b->rows_captured);
    ck_assert_uint_eq(a->coverage_percent, b->coverage_percent);
    ck_assert_uint_eq(a->slow_samples, b->slow_samples);
    ck_assert_uint_eq(a->long_transaction_ms, b->long_transaction_ms);
    ck_assert_uint_eq(a->idle_transaction_ms, b->idle_transaction_ms);
}

START_TEST(a_profile_has_its_settings_and_its_name)
{
    const struct expected *one = &profiles[_i];
    rowan_detector_options options = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_detector_profile named = ROWAN_PROFILE_DEFAULT;

    options.profile = one->profile;
    rowan__rules rules = rowan__rules_of(&options);
    are_equal(&rules, &one->rules);
    ck_assert(rowan__profile_named(one->name, &named));
    ck_assert_int_eq(named, one->profile);
}
END_TEST

START_TEST(no_options_are_the_default_profile)
{
    rowan__rules rules = rowan__rules_of(NULL);
    rowan_detector_profile named = ROWAN_PROFILE_STRICT;

    are_equal(&rules, &profiles[0].rules);
    ck_assert(!rowan__profile_named("Strict", &named));
    ck_assert(!rowan__profile_named("", &named));
    ck_assert_int_eq(named, ROWAN_PROFILE_STRICT);
}
END_TEST

START_TEST(a_member_overrides_its_profile_and_no_other)
{
    rowan_detector_options options = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan__rules expected = profiles[_i].rules;

    options.profile = profiles[_i].profile;
    options.slow_ms = expected.slow_ms = 7;
    options.coverage_percent = expected.coverage_percent = 55;
    rowan__rules rules = rowan__rules_of(&options);
    are_equal(&rules, &expected);
    options = (rowan_detector_options){.size = sizeof options,
                                       .profile = profiles[_i].profile,
                                       .n_plus_one_min = 1,
                                       .duplicate_min = 2,
                                       .write_loop_min = 3,
                                       .slow_ms = 4,
                                       .rows_captured = 5,
                                       .coverage_percent = 6,
                                       .slow_samples = 7,
                                       .long_transaction_ms = 8,
                                       .idle_transaction_ms = 9};
    rules = rowan__rules_of(&options);
    are_equal(&rules, &(rowan__rules){1, 2, 3, 4, 5, 6, 7, 8, 9});
}
END_TEST

/* Whether a loop of so many turns is found by a profile. */
static size_t found_in_loop(size_t profile, int turns)
{
    size_t found;

    told_begin("sqlite");
    told.rules = profiles[profile].rules;
    rows_of("author_id", 1000, 7, 16);
    tell(BOOKS, ROWAN_NO_PARAMS);
    for (int i = 0; i < turns; i++) {
        tell_one(AUTHOR, 1000 + 7 * i);
    }
    judge();
    found = told.found.count;
    told_end();
    return found;
}

static size_t found_among_writes(size_t profile, int turns)
{
    size_t found;

    told_begin("mariadb");
    told.rules = profiles[profile].rules;
    told.affected = 1;
    for (int i = 0; i < turns; i++) {
        tell_one("DELETE FROM review WHERE id = ?", i);
    }
    judge();
    found = told.found.count;
    told_end();
    return found;
}

static size_t found_among_equals(size_t profile, int turns)
{
    size_t found;

    told_begin("sqlite");
    told.rules = profiles[profile].rules;
    for (int i = 0; i < turns; i++) {
        tell_one(AUTHOR, 1);
    }
    judge();
    found = told.found.count;
    told_end();
    return found;
}

START_TEST(each_profile_speaks_up_at_its_own_number_and_not_before)
{
    const rowan__rules *rules = &profiles[_i].rules;

    ck_assert_uint_eq(found_among_writes((size_t)_i, (int)rules->write_loop_min - 1), 0);
    ck_assert_uint_eq(found_among_writes((size_t)_i, (int)rules->write_loop_min), 1);
    ck_assert_uint_eq(found_among_equals((size_t)_i, (int)rules->duplicate_min - 1), 0);
    ck_assert_uint_eq(found_among_equals((size_t)_i, (int)rules->duplicate_min), 1);
    ck_assert_uint_eq(found_in_loop((size_t)_i, (int)rules->n_plus_one_min - 1), 0);
    ck_assert_uint_eq(found_in_loop((size_t)_i, (int)rules->n_plus_one_min), 1);
}
END_TEST

/* Of ten values eight or nine are the parent's: enough by default, nine only in production. */
START_TEST(coverage_decides_what_is_confirmed)
{
    for (int known = 7; known <= 10; known++) {
        told_begin("sqlite");
        told.rules = profiles[_i].rules;
        rows_of("author_id", 1000, 7, 8); /* as many as production remembers exactly */
        tell(BOOKS, ROWAN_NO_PARAMS);
        rows_of("id", 1056, 7, 2);
        tell("SELECT id FROM author WHERE born > 1900", ROWAN_NO_PARAMS);
        for (int i = 0; i < 10; i++) {
            tell_one("SELECT title FROM book WHERE author_id = ?",
                     i < known && i < 8 ? 1000 + 7 * i : 5000 + i);
        }
        judge();
        ck_assert_uint_eq(told.found.count, 1);
        int covered = known < 8 ? known : 8;
        ck_assert_int_eq(told.found.at[0].confidence,
                         covered * 10 >= (int)profiles[_i].rules.coverage_percent ? ROWAN_CONFIRMED
                                                                                  : ROWAN_LIKELY);
        told_end();
    }
}
END_TEST

/* --- On databases. --- */

static size_t found_on(size_t engine, rowan_detector_profile profile, unsigned min, int turns)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_findings found;
    size_t count = 0;
    rowan_rows rows;

    detector.profile = profile;
    detector.duplicate_min = min;
    options.detector = &detector;
    rowan_db *db = library_open(engine, &options);
    library_fill(db, 2, 1, 1);
    rowan_scope *scope = library_scope(db);
    for (int i = 0; i < turns; i++) {
        library_ok(scope, rowan_raw_all(scope, "SELECT name FROM publisher", ROWAN_NO_PARAMS,
                                        &library_publisher_table, &rows));
    }
    library_ok(scope, rowan_scope_findings(scope, &found));
    for (size_t i = 0; i < found.count; i++) {
        count += found.at[i].kind == ROWAN_DUPLICATE_QUERY;
    }
    rowan_scope_end(scope);
    engine_close(db);
    return count;
}

START_TEST(an_opened_database_has_the_profile_that_it_was_given)
{
    size_t engine = (size_t)_i;

    ck_assert_uint_eq(found_on(engine, ROWAN_PROFILE_DEFAULT, 0, 2), 0);
    ck_assert_uint_eq(found_on(engine, ROWAN_PROFILE_STRICT, 0, 2), 1);
    ck_assert_uint_eq(found_on(engine, ROWAN_PROFILE_STRICT, 4, 3), 0);
    ck_assert_uint_eq(found_on(engine, ROWAN_PROFILE_PRODUCTION, 0, 4), 0);
    ck_assert_uint_eq(found_on(engine, ROWAN_PROFILE_PRODUCTION, 0, 5), 1);
    ck_assert_uint_eq(found_on(engine, ROWAN_PROFILE_PRODUCTION, 2, 2), 1);
}
END_TEST

START_TEST(a_setting_that_there_is_not_is_refused)
{
    rowan_detector_options detector = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_error error;
    rowan_db *db = NULL;
    unsigned unknown = 3;

    options.detector = &detector;
    memcpy(&detector.profile, &unknown, sizeof detector.profile);
    ck_assert_int_eq(rowan_open("sqlite::memory:", &options, &db, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(db);
    ck_assert_ptr_nonnull(strstr(error.message, "profile is 3"));
    detector.profile = ROWAN_PROFILE_STRICT;
    detector.coverage_percent = 101;
    ck_assert_int_eq(rowan_open("sqlite::memory:", &options, &db, NULL), ROWAN_MISUSE);
    detector.coverage_percent = 100;
    ck_assert_int_eq(rowan_open("sqlite::memory:", &options, &db, NULL), ROWAN_OK);
    rowan_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_profiles");
    TCase *tc = tcase_create("detector_profiles");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_profile_has_its_settings_and_its_name, 0, 3);
    tcase_add_test(tc, no_options_are_the_default_profile);
    tcase_add_loop_test(tc, a_member_overrides_its_profile_and_no_other, 0, 3);
    tcase_add_loop_test(tc, each_profile_speaks_up_at_its_own_number_and_not_before, 0, 3);
    tcase_add_loop_test(tc, coverage_decides_what_is_confirmed, 0, 3);
    tcase_add_loop_test(tc, an_opened_database_has_the_profile_that_it_was_given, 0, engines);
    tcase_add_test(tc, a_setting_that_there_is_not_is_refused);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
