/* The benchmark: what is asked for, in order, and how it ends. */
#include <stdio.h>
#include <stdlib.h>

#include "interrupt.h"
#include "session.h"

int main(int argc, char **argv)
{
    static bench_results r;
    static bench_session session;
    bench_options o;

    switch (bench_options_read(&o, argc, argv)) {
    case BENCH_GO_ON:
        break;
    case BENCH_HELPED:
        return EXIT_SUCCESS;
    case BENCH_REFUSED:
        return 2;
    }
    r.work.contestants = bench_contestants;
    if (o.job) {
        bench_measure measure;
        bench_place place;
        char buffer[512];
        bench_measure_named(o.job, &measure);
        bench_place_of(o.url, &place, buffer, sizeof buffer);
        bench_table_columns(&r.work, o.contestant);
        const bench_contestant *who = bench_table_contestant(
            &r.work, bench_table_column(&r.work, o.contestant), place.engine);
        return bench_job_inside(measure, who, o.url, o.events, o.dumps, &o.lines);
    }
    bench_catch_interrupts();
    r.work.lines = o.lines;
    bench_table_columns(&r.work, o.contestants);
    bool is_good = bench_session_open(&session, &o, &r.work);
    is_good = is_good && bench_session_times(&session, &r.work) &&
              bench_session_memory(&session, &r.work) &&
              (o.no_instructions || bench_session_instructions(&session, &r.work));
    bench_session_close(&session);
    if (!is_good) {
        fprintf(stderr, "bench: %s\n", session.why);
        return 1;
    }
    for (size_t e = 0; e < r.work.engine_count; e++) {
        printf("%s %s\n", r.work.engines[e].name, r.work.engines[e].skipped);
        for (size_t l = 0; l < r.work.lines.count; l++) {
            printf("%-5s %6zu", bench_work_key(r.work.lines.at[l].work), r.work.lines.at[l].n);
            for (size_t c = 0; c < r.work.column_count; c++) {
                bench_cell *cell = &r.work.engines[e].cells[l][c];
                printf("%10.1f%12.0f%6.0f", cell->ns / 1000, cell->instructions,
                       cell->memory / 1024);
            }
            printf("\n");
        }
    }
    return 0;
}
