/*
 * Running a comparison.
 *
 * The rows of raw SQL's good way are the reference: every other cell of the use case must have
 * found the same, and on further engines the reference of the first engine too.
 */
#include "cli/compare/run.h"

#include <string.h>

#include "cli/compare/guide.h"

enum { DIFF_ROWS = 5 };

typedef struct runner {
    results *results;
    size_t engine;
    bench *bench;
    run_progress progress;
    void *context;
    FILE *messages;
    size_t done;
} runner;

static const char *way_name(enum way way)
{
    return way == WAY_GOOD ? "good" : "tempting";
}

static run_outcome failed(const runner *self, const usecase *use_case, size_t pattern, enum way way,
                          const measurement *cell)
{
    fprintf(self->messages, "rowan: %s on %s: %s, the %s way, failed with %s: %s\n", use_case->key,
            self->results->engines[self->engine].engine, pattern_names[pattern], way_name(way),
            rowan_status_name(cell->status), cell->error ? cell->error : "out of memory");
    return RUN_FAILED;
}

/* Measures one way of one pattern, if it is there. */
static run_outcome measure_way(runner *self, size_t index, size_t pattern, enum way way)
{
    const usecase *use_case = self->results->cases[index];
    const usecase_ways *ways = use_case->ways[pattern];
    usecase_cell cell = way == WAY_GOOD ? ways->good : ways->tempting;
    size_t all = self->results->case_count * PATTERN_COUNT * WAY_COUNT;

    self->done++;
    if (!cell) {
        return RUN_EQUAL;
    }
    if (self->progress &&
        !self->progress(self->context, self->results->engines[self->engine].engine, use_case,
                        pattern, self->done - 1, all)) {
        return RUN_STOPPED;
    }
    measurement *out = results_cell(self->results, self->engine, index, pattern, way);
    bench_measure(self->bench, use_case, cell, self->results->repeat, out);
    return out->status == ROWAN_OK ? RUN_EQUAL : failed(self, use_case, pattern, way, out);
}

static run_outcome differs(const runner *self, const usecase *use_case,
                           const measurement *reference, const char *reference_name,
                           const measurement *cell, const char *name)
{
    fprintf(self->messages, "rowan: %s: %s and %s did not find the same rows\n", use_case->key,
            reference_name, name);
    ledger_diff(reference->found, reference_name, cell->found, name, DIFF_ROWS, self->messages);
    return RUN_DIFFERENT;
}

static run_outcome compare_case(runner *self, size_t index)
{
    const usecase *use_case = self->results->cases[index];
    const char *engine = self->results->engines[self->engine].engine;
    const measurement *reference = results_cell(self->results, self->engine, index, 0, WAY_GOOD);
    const measurement *first = results_cell(self->results, 0, index, 0, WAY_GOOD);
    char name[96], reference_name[96];

    snprintf(reference_name, sizeof reference_name, "raw SQL (good, %s)", engine);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
            const measurement *cell =
                results_cell(self->results, self->engine, index, pattern, way);
            if (cell->ran && !ledger_equal(reference->found, cell->found)) {
                snprintf(name, sizeof name, "%s (%s, %s)", pattern_names[pattern], way_name(way),
                         engine);
                return differs(self, use_case, reference, reference_name, cell, name);
            }
        }
    }
    if (!ledger_equal(first->found, reference->found)) {
        snprintf(name, sizeof name, "raw SQL (good, %s)", self->results->engines[0].engine);
        return differs(self, use_case, first, name, reference, reference_name);
    }
    self->results->engines[self->engine].equal[index] = true;
    return RUN_EQUAL;
}

run_outcome run_engine(results *self, size_t engine, bench *on, run_progress progress,
                       void *context, FILE *messages)
{
    runner work = {self, engine, on, progress, context, messages, 0};

    self->engines[engine].engine = strdup(bench_engine(on));
    if (!self->engines[engine].engine) {
        fprintf(messages, "rowan: out of memory\n");
        return RUN_FAILED;
    }
    for (size_t index = 0; index < self->case_count; index++) {
        run_outcome outcome = RUN_EQUAL;
        for (size_t i = 0; i < PATTERN_COUNT * WAY_COUNT && outcome == RUN_EQUAL; i++) {
            outcome = measure_way(&work, index, i / WAY_COUNT, (enum way)(i % WAY_COUNT));
        }
        if (outcome == RUN_EQUAL) {
            outcome = compare_case(&work, index);
        }
        if (outcome != RUN_EQUAL) {
            return outcome;
        }
    }
    return RUN_EQUAL;
}
