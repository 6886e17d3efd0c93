/* Whether all contestants do the same work. */
#ifndef ROWAN_BENCH_CHECK_H
#define ROWAN_BENCH_CHECK_H

#include "runner.h"
#include "sum.h"

/** What one contestant read and wrote in a task; that of the first is what the others must have. */
typedef struct bench_check {
    bench_sum expected, found;
    char of[48]; /* who the first is */
    bool is_known;
} bench_check;

void bench_check_init(bench_check *check);
void bench_check_fini(bench_check *check);

/**
 * Lets a contestant do a task and compares what came of it. One that is the first is believed.
 *
 * @param falsify  adds a letter to its last row, to see that a difference is found
 * @return false with a text of several lines in @p why: who differs from whom, where and how
 */
bool bench_check_run(bench_check *check, bench_runner *runner,
                     const bench_task *task, bool falsify, char *why, size_t why_size);

#endif
