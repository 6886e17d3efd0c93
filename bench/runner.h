/* A contestant at work on a database. */
#ifndef ROWAN_BENCH_RUNNER_H
#define ROWAN_BENCH_RUNNER_H

#include "bench.h"
#include "tasks.h"

enum { BENCH_WHY = 512 };

typedef struct bench_runner {
    const bench_contestant *who;
    bench_place place;
    char parts[512]; /* that the place points into */
    void *state;     /* NULL: not open */
    char why[BENCH_WHY];
} bench_runner;

/** @param url  borrowed until it is closed. @return false with a line in the runner's `why` */
bool bench_runner_open(bench_runner *self, const bench_contestant *who, const char *url);
void bench_runner_close(bench_runner *self);

/** Makes ready for tasks that differ from this one in keys and names only. Not measured. */
bool bench_runner_prepare(bench_runner *self, const bench_task *task);

/** Runs a task; what it loaded is there until bench_runner_clear(). */
bool bench_runner_run(bench_runner *self, const bench_task *task);
void bench_runner_clear(bench_runner *self, const bench_task *task);

#endif
