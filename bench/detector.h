/* What the detector costs. */
#ifndef ROWAN_BENCH_DETECTOR_H
#define ROWAN_BENCH_DETECTOR_H

#include "bench.h"

enum { BENCH_LOOK_UPS = 1000 }; /* in one run of BENCH_FIND */

/** The same look-ups with the detector off, with counters only, with all of it; ended by NULL. */
extern const bench_contestant *const bench_detectors[];

#endif
