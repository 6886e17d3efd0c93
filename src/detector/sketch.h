/*
 * Durations of many executions in a few numbers: a DDSketch, after C. Masson, J. E. Rim and
 * H. K. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees",
 * PVLDB 12(12), 2019. Any quantile is told within 2 %, and two sketches are added up exactly.
 */
#ifndef ROWAN_DETECTOR_SKETCH_H
#define ROWAN_DETECTOR_SKETCH_H

#include <stddef.h>
#include <stdint.h>

enum {
    ROWAN__SKETCH_LEAST = 10,   /* power of two of the least nanoseconds told apart: 1 µs */
    ROWAN__SKETCH_OCTAVES = 30, /* doublings from there: up to 1,100 s */
    ROWAN__SKETCH_OCTAVE = 19,  /* buckets of each */
    ROWAN__SKETCH_BUCKETS = ROWAN__SKETCH_OCTAVES * ROWAN__SKETCH_OCTAVE + 2 /* and both ends */
};

typedef struct rowan__sketch {
    uint64_t count;
    uint32_t buckets[ROWAN__SKETCH_BUCKETS];
} rowan__sketch;

/** The bucket of a duration. */
static inline unsigned rowan__sketch_bucket(int64_t ns)
{
    if (ns < (int64_t)1 << ROWAN__SKETCH_LEAST) {
        return 0;
    }
    /*
     * The position within its octave is what a logarithm is for. m (4 - m) / 3 is near to it: its
     * slope is nowhere less than 0.92 of the logarithm's, for which 19 buckets make up instead
     * of 18. m is kept in 30 bits.
     */
    unsigned power = 63 - (unsigned)__builtin_clzll((uint64_t)ns);
    uint64_t m = ((uint64_t)ns << (63 - power) & INT64_MAX) >> 33;
    uint64_t place = (m * (((uint64_t)1 << 32) - m) >> 30) * ROWAN__SKETCH_OCTAVE / 3 >> 30;
    unsigned bucket = (power - ROWAN__SKETCH_LEAST) * ROWAN__SKETCH_OCTAVE + (unsigned)place + 1;

    return bucket < ROWAN__SKETCH_BUCKETS ? bucket : ROWAN__SKETCH_BUCKETS - 1;
}

static inline void rowan__sketch_add(rowan__sketch *sketch, unsigned bucket)
{
    sketch->buckets[bucket]++;
    sketch->count++;
}

/** Adds all that another one has; both together have no more than UINT32_MAX. */
void rowan__sketch_merge(rowan__sketch *into, const rowan__sketch *from);

/** Forgets half of every bucket, so that no number overflows. */
void rowan__sketch_halve(rowan__sketch *sketch);

/** The least duration of a bucket, in nanoseconds; 0 of the first. */
int64_t rowan__sketch_floor(unsigned bucket);

/** What @p percent of the durations do not exceed, within 2 %; 0 if there are none. */
int64_t rowan__sketch_quantile(const rowan__sketch *sketch, unsigned percent);

/** How many durations are in a bucket or in one of longer ones. */
uint64_t rowan__sketch_from(const rowan__sketch *sketch, unsigned bucket);

#endif
