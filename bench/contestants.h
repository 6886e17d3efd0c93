/* Who takes part. */
#ifndef ROWAN_BENCH_CONTESTANTS_H
#define ROWAN_BENCH_CONTESTANTS_H

#include "bench.h"

/** Those that could be built, ended by NULL; written by cmake/RowanBench.cmake. */
extern const bench_contestant *const bench_contestants[];

/** The peers that are not installed, separated by semicolons. */
extern const char bench_missing_peers[];

#endif
