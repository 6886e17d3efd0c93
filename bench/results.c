/* What was measured. */
#include "results.h"

#include <string.h>

size_t bench_results_column(const bench_results *results, const char *name)
{
    size_t column = 0;

    while (column < results->column_count && strcmp(results->columns[column], name) != 0) {
        column++;
    }
    return column;
}

void bench_results_columns(bench_results *results)
{
    results->column_count = 0;
    for (const bench_contestant *const *who = bench_contestants; *who; who++) {
        if (bench_results_column(results, (*who)->name) == results->column_count &&
            results->column_count < BENCH_MOST_COLUMNS) {
            results->columns[results->column_count++] = (*who)->name;
        }
    }
}

const bench_contestant *bench_results_contestant(const bench_results *results, size_t column,
                                                 const char *engine)
{
    for (const bench_contestant *const *who = bench_contestants; *who; who++) {
        if (strcmp((*who)->name, results->columns[column]) == 0 &&
            (!(*who)->engine || strcmp((*who)->engine, engine) == 0)) {
            return *who;
        }
    }
    return NULL;
}
