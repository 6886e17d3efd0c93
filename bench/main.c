/* The benchmark: what is asked for, in order, and how it ends. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "detector.h"
#include "interrupt.h"
#include "report.h"
#include "session.h"
#include "start.h"

enum { DONE = 0, FAILED = 1, USAGE = 2, INTERRUPTED = 130 };

static bench_results results;
static bench_session session;

static int fail(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    return bench_interrupted() ? INTERRUPTED : FAILED;
}

/* --- A job. --- */

static const bench_contestant *find_contestant(const char *name, const char *engine)
{
    const bench_contestant *const *lists[] = {bench_contestants, bench_detectors};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        bench_table table = {.contestants = lists[i]};
        bench_table_columns(&table, NULL);
        size_t column = bench_table_column(&table, name);
        if (column < table.column_count) {
            return bench_table_contestant(&table, column, engine);
        }
    }
    return NULL;
}

static int do_job(const bench_options *o)
{
    bench_measure measure;
    bench_place place;
    char buffer[512];

    if (!o->url || !o->events || !o->contestant || !o->dumps ||
        !bench_measure_named(o->job, &measure) ||
        !bench_place_of(o->url, &place, buffer, sizeof buffer)) {
        return fail("a job is what this program starts itself");
    }
    const bench_contestant *who = find_contestant(o->contestant, place.engine);
    return who ? bench_job_inside(measure, who, o->url, o->events, o->dumps, o->profiles, &o->lines)
               : fail("there is no such contestant");
}

/* --- The list. --- */

static int print_list(void)
{
    bench_lines lines;

    bench_lines_all(&lines, false);
    for (bench_work work = 0; work < BENCH_WORK_COUNT; work++) {
        printf("%-9s %s; n =", bench_work_key(work), bench_work_title(work));
        for (size_t i = 0; i < lines.count; i++) {
            if (lines.at[i].work == work) {
                printf(" %zu", lines.at[i].n);
            }
        }
        putchar('\n');
    }
    puts("W8        from the start of a program to the first row\n"
         "detector  look-ups with the detector off, with counters only, with all of it\n");
    bench_table_columns(&results.work, NULL);
    for (size_t column = 0; column < results.work.column_count; column++) {
        printf("%s:", results.work.columns[column]);
        for (const char *const *engine =
                 (const char *const[]){"sqlite", "postgresql", "mariadb", 0};
             *engine; engine++) {
            if (bench_table_contestant(&results.work, column, *engine)) {
                printf(" %s", *engine);
            }
        }
        putchar('\n');
    }
    return DONE;
}

/* --- Measuring. --- */

/* The detector's table is about the same databases. */
static void prepare_detector(void)
{
    bench_table *t = &results.detector;

    t->contestants = bench_detectors;
    t->lines = (bench_lines){.at = {{BENCH_FIND, BENCH_LOOK_UPS}}, .count = 1};
    bench_table_columns(t, NULL);
    t->engine_count = results.work.engine_count;
    for (size_t i = 0; i < t->engine_count; i++) {
        t->engines[i].name = results.work.engines[i].name;
        t->engines[i].server = results.work.engines[i].server;
        memcpy(t->engines[i].skipped, results.work.engines[i].skipped, BENCH_WHY_SKIPPED);
    }
}

static bool measure_starts(const bench_options *o)
{
    for (size_t i = 0; i < results.work.engine_count; i++) {
        if (strcmp(results.work.engines[i].name, "sqlite") == 0 && session.databases[i]) {
            const char *url =
                bench_database_url(session.databases[i], 0, session.why, sizeof session.why);
            return url &&
                   bench_starts(&results, url, o->quick ? 15 : 41, session.why, sizeof session.why);
        }
    }
    return true;
}

static bool count(bench_table *table)
{
    return results.skipped_counts[0] || bench_session_instructions(&session, table);
}

/* The detector first: later works change people's names, each contestant those in its own file. */
static bool measure(const bench_options *o)
{
    if (o->has_detector) {
        prepare_detector();
        if (!bench_session_times(&session, &results.detector)) {
            return false;
        }
    }
    if (!bench_session_times(&session, &results.work)) {
        return false;
    }
    if (!o->only_instructions &&
        !(bench_session_memory(&session, &results.work) && (!o->has_start || measure_starts(o)))) {
        return false;
    }
    return o->no_instructions ||
           (count(&results.work) && (!o->has_detector || count(&results.detector)));
}

static bool report(const bench_options *o)
{
    if (!bench_report_tables(&results, stdout)) {
        snprintf(session.why, sizeof session.why, "out of memory");
        return false;
    }
    return (!o->json || bench_report_json(&results, o->json, session.why, sizeof session.why)) &&
           (!o->html || bench_report_html(&results, o->html, session.why, sizeof session.why));
}

static bool use_budget(const bench_options *o)
{
    if (results.skipped_counts[0]) {
        snprintf(session.why, sizeof session.why, "%s", results.skipped_counts);
        return false;
    }
    return bench_session_instructions(&session, &results.work) &&
           (o->writes_budget
                ? bench_budget_write(&results.work, o->budget, session.why, sizeof session.why)
                : bench_budget_check(&results.work, o->budget, session.why, sizeof session.why));
}

static int run(const bench_options *o)
{
    results.is_quick = o->quick;
    results.rounds = o->rounds;
    results.work.lines = o->lines;
    if (o->budget) {
        bench_budget_lines(&results.work.lines);
    }
    bench_table_columns(&results.work, o->budget ? bench_budget_columns : o->contestants);
    if (!o->no_instructions) {
        bench_can_count(results.skipped_counts, sizeof results.skipped_counts);
    }
    bool is_good = bench_session_open(&session, o, &results.work);
    is_good = is_good && (o->budget ? use_budget(o) : measure(o));
    bench_session_close(&session);
    if (is_good && !o->budget) {
        is_good = report(o);
    }
    return is_good ? DONE : fail(session.why);
}

int main(int argc, char **argv)
{
    bench_options options;

    setlocale(LC_CTYPE, "C.UTF-8"); /* or tables would escape ≤ and ± */
    results.work.contestants = bench_contestants;
    switch (bench_options_read(&options, argc, argv)) {
    case BENCH_HELPED:
        return DONE;
    case BENCH_REFUSED:
        return USAGE;
    case BENCH_GO_ON:
        break;
    }
    if (options.job) {
        return do_job(&options);
    }
    if (options.list) {
        return print_list();
    }
    bench_catch_interrupts();
    return run(&options);
}
