/* What was measured. */
#include "results.h"

#include <string.h>

#include "options.h"

size_t bench_table_column(const bench_table *table, const char *name)
{
    size_t column = 0;

    while (column < table->column_count && strcmp(table->columns[column], name) != 0) {
        column++;
    }
    return column;
}

void bench_table_columns(bench_table *table, const char *names)
{
    table->column_count = 0;
    for (const bench_contestant *const *who = table->contestants; *who; who++) {
        const char *name = (*who)->name;
        if (bench_list_has(names, name) && bench_table_column(table, name) == table->column_count &&
            table->column_count < BENCH_MOST_COLUMNS) {
            table->columns[table->column_count++] = name;
        }
    }
}

const bench_contestant *bench_table_contestant(const bench_table *table, size_t column,
                                               const char *engine)
{
    for (const bench_contestant *const *who = table->contestants; *who; who++) {
        if (strcmp((*who)->name, table->columns[column]) == 0 &&
            (!(*who)->engine || strcmp((*who)->engine, engine) == 0)) {
            return *who;
        }
    }
    return NULL;
}
