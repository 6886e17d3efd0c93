/* Time: alternating rounds of all contestants, so that what slows the machine slows all alike. */
#ifndef ROWAN_BENCH_ROUNDS_H
#define ROWAN_BENCH_ROUNDS_H

#include "runner.h"

enum { BENCH_MOST_ROUNDS = 101 };

/** Times of one contestant's rounds, in nanoseconds a run. */
typedef struct bench_series {
    bench_runner *runner;
    size_t runs; /* in a round */
    double ns[BENCH_MOST_ROUNDS];
} bench_series;

/**
 * Runs a line in rounds.
 *
 * @param round_ns  a round repeats the run until it has taken about so long
 * @return false with a line in @p why
 */
bool bench_rounds(const bench_inputs *inputs, bench_line line,
                  bench_series *series, size_t count, size_t rounds, double round_ns, char *why,
                  size_t why_size);

/** The value below which a share of them is; sorts them. */
double bench_quantile(double *values, size_t count, double share);

#endif
