/* How fast each has to be. */
#include "goals.h"

#include <string.h>

/* What a line is mostly about. */
typedef enum kind { MANY_ROWS, SINGLE_ROW, SIX_COMPARISONS, INSERTS, NO_GOAL, KIND_COUNT } kind;

static const struct {
    const char *contestant;
    double goals[KIND_COUNT];
} goals[] = {
    {"raw", {[MANY_ROWS] = 1.00, [SINGLE_ROW] = 1.08, [SIX_COMPARISONS] = 1.08, [INSERTS] = 1.05}},
    {"query builder",
     {[MANY_ROWS] = 1.02, [SINGLE_ROW] = 1.15, [SIX_COMPARISONS] = 1.25, [INSERTS] = 1.10}},
    {"data mapper",
     {[MANY_ROWS] = 1.10, [SINGLE_ROW] = 1.15, [SIX_COMPARISONS] = 1.25, [INSERTS] = 1.15}},
    {"active record",
     {[MANY_ROWS] = 1.05, [SINGLE_ROW] = 1.15, [SIX_COMPARISONS] = 1.25, [INSERTS] = 1.15}},
};

static kind kind_of(bench_line line)
{
    switch (line.work) {
    case BENCH_LOAD:
    case BENCH_JOIN:
        return line.n >= 100 ? MANY_ROWS : SINGLE_ROW;
    case BENCH_TREE:
    case BENCH_TREE_LAZY:
        return MANY_ROWS;
    case BENCH_FIND:
    case BENCH_UPDATE:
        return SINGLE_ROW;
    case BENCH_FILTER:
        return SIX_COMPARISONS;
    case BENCH_INSERT:
    case BENCH_SAVE:
    case BENCH_BULK:
        return INSERTS;
    case BENCH_STREAM:
    case BENCH_WORK_COUNT:
        break;
    }
    return NO_GOAL;
}

double bench_goal(const char *contestant, bench_line line)
{
    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++) {
        if (strcmp(goals[i].contestant, contestant) == 0) {
            return goals[i].goals[kind_of(line)];
        }
    }
    return 0;
}

double bench_detector_goal(const char *column, const char *engine)
{
    if (strcmp(column, "counters") == 0) {
        return 1.01;
    }
    if (strcmp(column, "full") == 0) {
        return strcmp(engine, "sqlite") == 0 ? 1.10 : 1.03;
    }
    return 0;
}

double bench_figure(const bench_cell *cell, bool has_instructions)
{
    return has_instructions ? cell->instructions : cell->ns;
}

static double ratio(const bench_table *table, const bench_engine *engine, size_t line,
                    double figure, const char *floor, bool by_instructions)
{
    size_t column = bench_table_column(table, floor);
    double other = column < table->column_count
                       ? bench_figure(&engine->cells[line][column], by_instructions)
                       : 0;

    return other > 0 ? figure / other : 0;
}

bench_verdict bench_judge(const bench_table *table, const bench_engine *engine, size_t line,
                          size_t column, bool by_instructions)
{
    double figure = bench_figure(&engine->cells[line][column], by_instructions);
    bench_verdict v = {
        .to_best = ratio(table, engine, line, figure, "best", by_instructions),
        .to_typical = ratio(table, engine, line, figure, "typical", by_instructions),
        .goal = bench_goal(table->columns[column], table->lines.at[line]),
    };

    /* Shown with two digits, so judged with two. */
    v.is_met = v.to_best < v.goal + 0.005 && v.to_typical < 1;
    return v;
}
