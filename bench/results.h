/* What was measured: for each engine a cell for every line and contestant. */
#ifndef ROWAN_BENCH_RESULTS_H
#define ROWAN_BENCH_RESULTS_H

#include "contestants.h"
#include "tasks.h"

enum { BENCH_MOST_COLUMNS = 12, BENCH_MOST_ENGINES = 3 };

/** One contestant's work at one size, per run of it. */
typedef struct bench_cell {
    bool is_there;             /* the contestant can do it, and it was asked for */
    double ns, low_ns, high_ns; /* median and quartiles; 0: not timed */
    double instructions;       /* of the client; 0: not counted */
} bench_cell;

typedef struct bench_engine {
    const char *name;
    const char *server; /* URL; NULL: SQLite */
    char skipped[256];  /* why it is not there; empty: it is */
    bench_cell cells[BENCH_MOST_LINES][BENCH_MOST_COLUMNS];
} bench_engine;

typedef struct bench_results {
    bench_lines lines;
    const char *columns[BENCH_MOST_COLUMNS]; /* names of contestants, the floors first */
    size_t column_count;
    bench_engine engines[BENCH_MOST_ENGINES];
    size_t engine_count;
    bool is_quick;
} bench_results;

/** Fills in the columns: all contestants that have one of these engines. */
void bench_results_columns(bench_results *results);

/** The contestant of a column on an engine, or NULL. */
const bench_contestant *bench_results_contestant(const bench_results *results, size_t column,
                                                 const char *engine);

/** The column of that name, or column_count. */
size_t bench_results_column(const bench_results *results, const char *name);

#endif
