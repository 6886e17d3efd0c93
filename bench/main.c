/* The benchmark: what is asked for, and where things end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "database.h"
#include "interrupt.h"
#include "results.h"
#include "rounds.h"

static bool run_line(const bench_inputs *inputs, bench_results *r, bench_runner *runners, size_t l,
                     bench_check *check, bench_engine *engine, char *why)
{
    bench_line line = r->lines.at[l];
    bench_task task = bench_task_of(inputs, line, 0);
    bench_series *series = calloc(BENCH_MOST_COLUMNS, sizeof *series);
    size_t count = 0, columns[BENCH_MOST_COLUMNS];

    for (size_t c = 0; c < r->column_count; c++) {
        if (runners[c].state && runners[c].who->can(line.work)) {
            if (!bench_check_run(check, &runners[c], &task, false, why, BENCH_WHY * 2)) {
                return false;
            }
            columns[count] = c;
            series[count++].runner = &runners[c];
        }
    }
    if (!bench_rounds(inputs, line, series, count, 5, 2e6, why, BENCH_WHY)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        engine->cells[l][columns[i]].ns = bench_quantile(series[i].ns, 5, 0.5);
    }
    free(series);
    return true;
}

int main(int argc, char **argv)
{
    static bench_results r;
    static bench_runner runners[BENCH_MOST_COLUMNS];
    const char *server = argc > 2 ? argv[2] : NULL;
    bench_site site = {argc > 1 ? argv[1] : "sqlite", server, "/tmp/bench-folder", 1000};
    char why[BENCH_WHY * 2] = "";
    bench_inputs inputs;

    bench_catch_interrupts();
    mkdtemp((char[]){"/tmp/bench-XXXXXX"});
    bench_lines_all(&r.lines, true);
    bench_results_columns(&r);
    bench_inputs_init(&inputs, 100000);
    bench_database *db = bench_database_open(&site, why, sizeof why);
    if (!db) {
        fprintf(stderr, "bench: %s\n", why);
        return 1;
    }
    printf("%-5s %6s", "", "");
    for (size_t c = 0; c < r.column_count; c++) {
        const bench_contestant *who = bench_results_contestant(&r, c, site.engine);
        printf("%15s", r.columns[c]);
        if (who && !bench_runner_open(&runners[c], who, bench_database_url(db, c, why, 99))) {
            fprintf(stderr, "bench: %s: %s\n", who->name, runners[c].why);
        }
    }
    printf("\n");
    for (size_t l = 0; l < r.lines.count; l++) {
        bench_check check;
        if (r.lines.at[l].work == BENCH_STREAM) {
            continue;
        }
        bench_check_init(&check);
        if (!run_line(&inputs, &r, runners, l, &check, &r.engines[0], why)) {
            fprintf(stderr, "bench: %s\n", why);
            break;
        }
        printf("%-5s %6zu", bench_work_key(r.lines.at[l].work), r.lines.at[l].n);
        for (size_t c = 0; c < r.column_count; c++) {
            printf("%15.1f", r.engines[0].cells[l][c].ns / 1000);
        }
        printf("\n");
        bench_check_fini(&check);
    }
    for (size_t c = 0; c < r.column_count; c++) {
        bench_runner_close(&runners[c]);
    }
    bench_database_close(db);
    bench_inputs_fini(&inputs);
    return 0;
}
