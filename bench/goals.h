/* How fast each has to be, as a ratio to the best hand-written code. */
#ifndef ROWAN_BENCH_GOALS_H
#define ROWAN_BENCH_GOALS_H

#include "results.h"

/** The goal of a contestant for a line; 0: it has none. */
double bench_goal(const char *contestant, bench_line line);

/** Goals in absolute figures. */
#define BENCH_START_GOAL_NS 0.7e6
#define BENCH_START_GOAL_BYTES (1024.0 * 1024)
#define BENCH_STREAM_GOAL_BYTES (2 * 1024.0 * 1024)

/** By how much of it the detector may slow a look-up on an engine; 0: no goal. */
double bench_detector_goal(const char *column, const char *engine);

/** What is compared: instructions where they were counted, else time. 0: neither. */
double bench_figure(const bench_cell *cell, bool has_instructions);

/** A cell's ratio to that of a floor, and whether it is as good as it has to be. */
typedef struct bench_verdict {
    double to_best, to_typical; /* 0: not known */
    double goal;                /* 0: none */
    bool is_met;                /* within the goal, and below typical */
} bench_verdict;

bench_verdict bench_judge(const bench_table *table, const bench_engine *engine, size_t line,
                          size_t column, bool by_instructions);

#endif
