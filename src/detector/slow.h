/*
 * When a statement is slow, by the durations of all its executions that are known: those of a
 * trace, or those of all scopes of a database. Live and recorded statements are judged by the same.
 */
#ifndef ROWAN_DETECTOR_SLOW_H
#define ROWAN_DETECTOR_SLOW_H

#include "detector/fold.h"
#include "detector/sketch.h"
#include "detector/watch.h"

/** The durations of one fingerprint. */
typedef struct rowan__series {
    rowan__sketch sketch;
    uint64_t slow; /* of its executions, those from the rules' slow_ms on: counted exactly */
    int64_t total_ns, max_ns;
} rowan__series;

enum { ROWAN__TIMING_EARLY = 16 };

/** The same in a scope, where most statements run a few times: those are kept one by one. */
typedef struct rowan__timing {
    uint64_t count, slow;
    int64_t total_ns, max_ns;
    rowan__sketch *sketch; /* of those behind the early ones; NULL: there are none */
    bool is_cut;           /* there was no memory for it */
    uint16_t early[ROWAN__TIMING_EARLY]; /* the buckets of the first */
} rowan__timing;

/** Adds an execution that is no early one. */
void rowan__timing_add_late(rowan__timing *timing, const rowan_allocator *allocator,
                            unsigned bucket);

/** Adds one execution. @param slow_ns  from which on it is slow */
static inline void rowan__timing_add(rowan__timing *timing, const rowan_allocator *allocator,
                                     int64_t elapsed_ns, int64_t slow_ns)
{
    unsigned bucket = rowan__sketch_bucket(elapsed_ns);

    if (timing->count < ROWAN__TIMING_EARLY) {
        timing->early[timing->count] = (uint16_t)bucket;
    } else if (timing->sketch != NULL) {
        rowan__sketch_add(timing->sketch, bucket);
    } else {
        rowan__timing_add_late(timing, allocator, bucket);
    }
    timing->count++;
    timing->slow += elapsed_ns >= slow_ns;
    timing->total_ns += elapsed_ns;
    timing->max_ns = elapsed_ns > timing->max_ns ? elapsed_ns : timing->max_ns;
}

void rowan__timing_fini(rowan__timing *timing, const rowan_allocator *allocator);

/** How many executions took at least so long, which is slow_ns or the floor of a bucket. */
uint64_t rowan__timing_from(const rowan__timing *timing, int64_t from_ns, int64_t slow_ns);

/** Adds one execution. @param slow_ns  from which on it is slow */
void rowan__series_add(rowan__series *series, int64_t elapsed_ns, int64_t slow_ns);

/** Adds the executions of a scope, unless it is cut. */
void rowan__series_add_timing(rowan__series *series, const rowan__timing *timing);

/** Adds all executions of another one, which was counted by the same rules. */
void rowan__series_merge(rowan__series *into, const rowan__series *from);

/** What was found of a series. */
typedef struct rowan__slowness {
    bool is_slow;
    bool is_skewed;  /* most are quick and some are not: it is the values */
    int64_t from_ns; /* it is about the executions that took so long or longer */
} rowan__slowness;

/**
 * Judges a series. With few samples every execution above the limit counts. With enough of them the
 * 95th percentile has to be above it. It is skewed if one in twenty takes more than five times as
 * long as the median, and more than half the limit.
 */
rowan__slowness rowan__slow_judge(const rowan__series *series, const rowan__rules *rules);

/**
 * Whether a statement can be slow at all: not if it changes the schema, copies, waits by its
 * nature, or waits for the locks that it takes.
 *
 * @param folded  its folded text
 */
bool rowan__slow_applies(const rowan__fold *fold, const char *folded);

/**
 * Appends the figures.
 *
 * @param count, all  executions that it is about, of so many
 * @param series      the percentiles are theirs
 */
void rowan__slow_evidence(rowan__text *out, const rowan__slowness *slowness, uint64_t count,
                          uint64_t all, const rowan__series *series);

#endif
