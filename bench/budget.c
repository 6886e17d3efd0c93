/* The budget. */
#include "budget.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char heading[] =
    "# engine work n contestant instructions best\n"
    "# Written by ./run bench --budget; checked by tests/test_budget.sh.\n";

const char bench_budget_columns[] = "best,raw,query builder,data mapper,active record";

void bench_budget_lines(bench_lines *lines)
{
    static const bench_line budgeted[] = {
        {BENCH_LOAD, 100}, {BENCH_JOIN, 100},      {BENCH_FIND, 1},
        {BENCH_FILTER, 1}, {BENCH_INSERT, 50},     {BENCH_SAVE, 100},
        {BENCH_TREE, 100}, {BENCH_TREE_LAZY, 100}, {BENCH_UPDATE, 20},
    };

    lines->count = sizeof budgeted / sizeof budgeted[0];
    memcpy(lines->at, budgeted, sizeof budgeted);
}

/* One figure of a pattern, with the floor's. */
typedef struct entry {
    const char *engine, *column;
    bench_line line;
    double counted, best;
} entry;

/* The entry of an index over engines, lines and columns; false: there is none. */
static bool entry_at(const bench_table *t, size_t index, entry *out)
{
    const bench_engine *engine = &t->engines[index / (t->lines.count * t->column_count)];
    size_t l = index / t->column_count % t->lines.count, column = index % t->column_count;
    size_t best = bench_table_column(t, "best");

    *out = (entry){engine->name, t->columns[column], t->lines.at[l],
                   engine->cells[l][column].instructions,
                   best < t->column_count ? engine->cells[l][best].instructions : 0};
    return column != best && out->counted > 0 && out->best > 0;
}

static size_t entry_count(const bench_table *t)
{
    return t->engine_count * t->lines.count * t->column_count;
}

/* In the file a name is one word. */
static void replace(char *name, char from, char to)
{
    for (; *name; name++) {
        *name = *name == from ? to : *name;
    }
}

bool bench_budget_write(const bench_table *table, const char *path, char *why, size_t why_size)
{
    FILE *out = fopen(path, "w");
    bool is_good = out != NULL;
    entry e;

    if (out) {
        fputs(heading, out);
        for (size_t i = 0; i < entry_count(table); i++) {
            if (entry_at(table, i, &e)) {
                char column[32];
                snprintf(column, sizeof column, "%s", e.column);
                replace(column, ' ', '_');
                fprintf(out, "%s %s %zu %s %.0f %.0f\n", e.engine, bench_work_key(e.line.work),
                        e.line.n, column, e.counted, e.best);
            }
        }
        is_good = !ferror(out);
        is_good = fclose(out) == 0 && is_good;
    }
    if (!is_good) {
        snprintf(why, why_size, "cannot write %s: %s", path, strerror(errno));
    }
    return is_good;
}

/* What the file says of an entry; false: nothing. */
static bool find(FILE *file, const entry *e, double *counted, double *best)
{
    char line[160], engine[16], work[8], column[32];
    size_t n;

    rewind(file);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%15s %7s %zu %31s %lf %lf", engine, work, &n, column, counted, best) !=
            6) {
            continue;
        }
        replace(column, '_', ' ');
        if (strcmp(engine, e->engine) == 0 && strcmp(column, e->column) == 0 &&
            strcmp(work, bench_work_key(e->line.work)) == 0 && n == e->line.n) {
            return true;
        }
    }
    return false;
}

/* @return whether it is within the budget */
static bool check(FILE *file, const entry *e)
{
    double counted, best;

    if (!find(file, e, &counted, &best)) {
        printf("%s %s n = %zu, %s: not in the budget\n", e->engine, bench_work_key(e->line.work),
               e->line.n, e->column);
        return false;
    }
    double more = e->counted / counted, more_to_best = more * best / e->best;
    double least = more < more_to_best ? more : more_to_best;
    if (least <= BENCH_BUDGET_ROOM) {
        return true;
    }
    printf("%s %s n = %zu, %s: %.0f instructions, %.1f %% more than the budget's %.0f\n", e->engine,
           bench_work_key(e->line.work), e->line.n, e->column, e->counted, (least - 1) * 100,
           counted);
    return false;
}

bool bench_budget_check(const bench_table *table, const char *path, char *why, size_t why_size)
{
    FILE *file = fopen(path, "r");
    size_t checked = 0, above = 0;
    entry e;

    if (!file) {
        snprintf(why, why_size, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < entry_count(table); i++) {
        if (entry_at(table, i, &e)) {
            checked++;
            above += !check(file, &e);
        }
    }
    fclose(file);
    for (size_t i = 0; i < table->engine_count; i++) {
        if (table->engines[i].skipped[0]) {
            printf("skipped: %s: %s\n", table->engines[i].name, table->engines[i].skipped);
        }
    }
    printf("%zu figures are within the budget, %zu are not\n", checked - above, above);
    snprintf(why, why_size, "%s",
             checked == 0 ? "nothing was counted" : "something costs more than its budget");
    return checked > 0 && above == 0;
}
