/*
 * What is to be done: the lines of the tables, and for each run of one its task. The same run of
 * the same line has the same task for every contestant, on every engine and machine.
 */
#ifndef ROWAN_BENCH_TASKS_H
#define ROWAN_BENCH_TASKS_H

#include "base/arena.h"
#include "bench.h"

/** The sizes that a work can have. */
size_t bench_work_least(bench_work work);
size_t bench_work_most(bench_work work);

/** A work at a size. */
typedef struct bench_line {
    bench_work work;
    size_t n;
} bench_line;

enum { BENCH_MOST_LINES = 40, BENCH_MOST_KEYS = 100 }; /* keys: of one task */

typedef struct bench_lines {
    bench_line at[BENCH_MOST_LINES];
    size_t count;
} bench_lines;

/** "W1" and what it is; static. */
const char *bench_work_key(bench_work work);
const char *bench_work_title(bench_work work);

/** Whether it leaves rows in the database, and whether they are in `newcomer`. */
bool bench_work_writes(bench_work work);
bool bench_work_inserts(bench_work work);

/** The lines of all works, or the fewer and smaller ones of a quick run. */
void bench_lines_all(bench_lines *lines, bool quick);

/** Keys, names and newcomers that tasks point into. */
typedef struct bench_inputs {
    rowan__arena arena;
    int64_t *keys;      /* of people, each once, in no order */
    const char **names; /* no two the same */
    bench_newcomer *newcomers;
    size_t newcomer_count;
} bench_inputs;

/** @return false if memory ran out */
bool bench_inputs_init(bench_inputs *inputs, size_t newcomer_count);
void bench_inputs_fini(bench_inputs *inputs);

/**
 * The task of a line's run; borrows the inputs. Runs that follow one another have other keys, and
 * write other names.
 */
bench_task bench_task_of(const bench_inputs *inputs, bench_line line, size_t run);

#endif
