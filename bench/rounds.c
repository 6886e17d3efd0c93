/*
 * Time.
 *
 * The tasks of a round are made before its clock starts. They differ in their keys, so that a
 * look-up is not always the same one. The number of the run goes on through all contestants of a
 * database, because two of them that wrote the same names to the same people one after another
 * would not do the same: to the second it is no change.
 */
#include "rounds.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "between.h"
#include "interrupt.h"

enum { MOST_RUNS = 4096 };

static int compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

double bench_quantile(double *values, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;

    qsort(values, count, sizeof *values, compare);
    return below + 1 < count
               ? values[below] + (place - (double)below) * (values[below + 1] - values[below])
               : values[below];
}

/* One round: the time of a run, or a negative number on failure. */
static double run_round(bench_runner *runner, const bench_task *tasks, size_t runs)
{
    int64_t start = rowan__now_ns();

    for (size_t i = 0; i < runs; i++) {
        if (!bench_runner_run(runner, &tasks[i])) {
            return -1;
        }
        bench_runner_clear(runner, &tasks[i]);
    }
    return (double)(rowan__now_ns() - start) / (double)runs;
}

typedef struct lap {
    const bench_inputs *inputs;
    bench_line line;
    bench_task *tasks;
    size_t run; /* the number of the next one */
} lap;

static double measure(lap *l, bench_runner *runner, size_t runs, char *why, size_t why_size)
{
    for (size_t i = 0; i < runs; i++) {
        l->tasks[i] = bench_task_of(l->inputs, l->line, l->run++);
    }
    if (!bench_ready(runner->place.url, l->line.work, why, why_size)) {
        return -1;
    }
    double ns = bench_runner_prepare(runner, l->tasks) ? run_round(runner, l->tasks, runs) : -1;
    if (ns < 0) {
        snprintf(why, why_size, "%s on %s fails at %s n=%zu: %s", runner->who->name,
                 runner->place.engine, bench_work_key(l->line.work), l->line.n, runner->why);
    }
    return ns;
}

/* Warms a contestant up, and finds how many runs are a round. */
static bool find_runs(lap *l, bench_series *series, double round_ns, char *why, size_t why_size)
{
    double ns = 0;

    series->runs = 1;
    for (size_t i = 0; i < 8; i++) {
        ns = measure(l, series->runner, series->runs, why, why_size);
        if (ns < 0) {
            return false;
        }
        if (ns * (double)series->runs >= round_ns / 2) {
            break;
        }
        series->runs = series->runs * 8 < MOST_RUNS ? series->runs * 8 : MOST_RUNS;
    }
    double runs = round_ns / (ns > 1 ? ns : 1);
    series->runs = runs < 1 ? 1 : runs > MOST_RUNS ? MOST_RUNS : (size_t)runs;
    return true;
}

/*
 * Gives all the same number of runs, as many as any needs: the first one that writes pays for what
 * was done in between, such as a log that begins anew and is flushed to the disk.
 */
static void level_runs(bench_series *series, size_t count)
{
    size_t most = 1;

    for (size_t i = 0; i < count; i++) {
        most = series[i].runs > most ? series[i].runs : most;
    }
    for (size_t i = 0; i < count; i++) {
        series[i].runs = most;
    }
}

static bool run_rounds(lap *l, bench_series *series, size_t count, size_t rounds, double round_ns,
                       char *why, size_t why_size)
{
    for (size_t i = 0; i < count; i++) {
        if (!find_runs(l, &series[i], round_ns, why, why_size)) {
            return false;
        }
    }
    if (bench_work_writes(l->line.work)) {
        level_runs(series, count);
    }
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            /* Another one begins each time: the first one pays for what the last one left. */
            bench_series *s = &series[(i + round) % count];
            s->ns[round] = measure(l, s->runner, s->runs, why, why_size);
            if (s->ns[round] < 0) {
                return false;
            }
            if (bench_interrupted()) {
                snprintf(why, why_size, "interrupted");
                return false;
            }
        }
    }
    return true;
}

bool bench_rounds(const bench_inputs *inputs, bench_line line, bench_series *series, size_t count,
                  size_t rounds, double round_ns, char *why, size_t why_size)
{
    lap l = {.inputs = inputs, .line = line};

    l.tasks = malloc(MOST_RUNS * sizeof *l.tasks);
    if (!l.tasks) {
        snprintf(why, why_size, "out of memory");
        return false;
    }
    bool is_good = run_rounds(&l, series, count, rounds, round_ns, why, why_size);
    free(l.tasks);
    return is_good;
}
