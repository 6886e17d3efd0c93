/*
 * The settings: of a profile, with those that the options change. A test has few rows, so that
 * three repetitions are a loop there; in production it takes more to be sure, and what is slow is
 * what a user feels.
 */
#include <string.h>

#include "detector/watch.h"

static const struct {
    const char *name;
    rowan__rules rules;
} profiles[] = {
    [ROWAN_PROFILE_DEFAULT] = {"default",
                               {.n_plus_one_min = 5,
                                .duplicate_min = 3,
                                .write_loop_min = 5,
                                .slow_ms = 100,
                                .rows_captured = 32,
                                .coverage_percent = 80,
                                .slow_samples = 20,
                                .long_transaction_ms = 5000,
                                .idle_transaction_ms = 1000}},
    [ROWAN_PROFILE_STRICT] = {"strict",
                              {.n_plus_one_min = 3,
                               .duplicate_min = 2,
                               .write_loop_min = 3,
                               .slow_ms = 50,
                               .rows_captured = 64,
                               .coverage_percent = 80,
                               .slow_samples = 20,
                               .long_transaction_ms = 1000,
                               .idle_transaction_ms = 200}},
    [ROWAN_PROFILE_PRODUCTION] = {"production",
                                  {.n_plus_one_min = 10,
                                   .duplicate_min = 5,
                                   .write_loop_min = 10,
                                   .slow_ms = 500,
                                   .rows_captured = 8,
                                   .coverage_percent = 90,
                                   .slow_samples = 100,
                                   .long_transaction_ms = 10000,
                                   .idle_transaction_ms = 2000}},
};

enum { PROFILES = sizeof profiles / sizeof profiles[0] };

static void choose(unsigned *setting, unsigned value)
{
    *setting = value != 0 ? value : *setting;
}

rowan__rules rowan__rules_of(const rowan_detector_options *options)
{
    static const rowan_detector_options defaults = ROWAN_DETECTOR_OPTIONS_INIT;
    const rowan_detector_options *chosen = options != NULL ? options : &defaults;
    unsigned profile = (unsigned)chosen->profile;
    rowan__rules rules = profiles[profile < PROFILES ? profile : ROWAN_PROFILE_DEFAULT].rules;

    choose(&rules.n_plus_one_min, chosen->n_plus_one_min);
    choose(&rules.duplicate_min, chosen->duplicate_min);
    choose(&rules.write_loop_min, chosen->write_loop_min);
    choose(&rules.slow_ms, chosen->slow_ms);
    choose(&rules.rows_captured, chosen->rows_captured);
    choose(&rules.coverage_percent, chosen->coverage_percent);
    choose(&rules.slow_samples, chosen->slow_samples);
    choose(&rules.long_transaction_ms, chosen->long_transaction_ms);
    choose(&rules.idle_transaction_ms, chosen->idle_transaction_ms);
    return rules;
}

bool rowan__profile_named(const char *name, rowan_detector_profile *out)
{
    for (size_t i = 0; i < PROFILES; i++) {
        if (strcmp(name, profiles[i].name) == 0) {
            *out = (rowan_detector_profile)i;
            return true;
        }
    }
    return false;
}
