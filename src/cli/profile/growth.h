/* How often each statement was sent at growing sizes, and which of them grow with it. */
#ifndef ROWAN_CLI_PROFILE_GROWTH_H
#define ROWAN_CLI_PROFILE_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/analysis.h"

enum { GROWTH_SIZES = 8 /* at most */ };

typedef enum growth_shape {
    GROWTH_NONE = 0, /* as often at the largest size as at the smallest, or less */
    GROWTH_LINEAR,   /* by the same for each n, between all sizes */
    GROWTH_FASTER,   /* by more for each n, the larger n is */
    GROWTH_SLOWER,
    GROWTH_UNEVEN
} growth_shape;

/** One fingerprint. */
typedef struct growth {
    uint64_t id;
    uint64_t counts[GROWTH_SIZES];
    growth_shape shape;
    const rowan__traced *statement; /* the first of it, at the largest size that has it */
    const rowan__trace_finding *finding; /* at the largest size; NULL: none is about it */
} growth;

typedef struct growths {
    const rowan_allocator *allocator;
    const uint64_t *sizes; /* size_count, growing */
    size_t size_count;
    growth *at;
    size_t count, capacity;
} growths;

/** Counts the statements of a trace, which stays as long. @param size  its index. ROWAN_NOMEM */
rowan_status growths_count(growths *all, size_t size, const rowan__trace *trace);

/** Judges what was counted, with what was found at the largest size; those that grow come first,
 * by how much. */
void growths_judge(growths *all, const rowan__analysis *largest);
void growths_fini(growths *all);

/** Executions more for each n, from one size to the next, as a fraction in lowest terms. */
void growth_slope(const growths *all, const growth *g, size_t from, size_t to, int64_t *numerator,
                  int64_t *denominator);

#endif
