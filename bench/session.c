/* One run of the benchmark. */
#define _GNU_SOURCE
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "interrupt.h"
#include "pin.h"
#include "rounds.h"

/* --- Opening and closing. --- */

static size_t most_rows(const bench_lines *lines, bool (*is_one)(bench_work work), size_t least)
{
    size_t most = least;

    for (size_t i = 0; i < lines->count; i++) {
        if (is_one(lines->at[i].work) && lines->at[i].n > most) {
            most = lines->at[i].n;
        }
    }
    return most;
}

static bool is_stream(bench_work work)
{
    return work == BENCH_STREAM;
}

/* Says on a terminal what is being done. */
static void say(const char *engine, const char *what)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r\033[K%s%s%s", engine, *engine ? ": " : "", what);
    }
}

static bool make_folder(bench_session *self)
{
    const char *parent = getenv("TMPDIR");

    snprintf(self->folder, sizeof self->folder, "%s/rowan-bench.XXXXXX",
             parent && *parent && strlen(parent) < 40 ? parent : "/tmp");
    if (!mkdtemp(self->folder)) {
        snprintf(self->why, sizeof self->why, "cannot make a folder: %s", strerror(errno));
        self->folder[0] = '\0';
        return false;
    }
    return true;
}

static void open_database(bench_session *self, bench_table *table, const char *engine,
                          const char *variable)
{
    size_t index = table->engine_count++;
    bench_engine *e = &table->engines[index];
    const char *server = variable ? getenv(variable) : NULL;
    bench_site site = {.engine = engine, .server = server, .folder = self->folder};

    *e = (bench_engine){.name = engine, .server = server};
    if (variable && (!server || !*server)) {
        snprintf(e->skipped, sizeof e->skipped, "%s is not set", variable);
        return;
    }
    say(engine, "filling the tables");
    site.event_count = most_rows(&table->lines, is_stream, 0);
    self->databases[index] = bench_database_open(&site, e->skipped, sizeof e->skipped);
}

bool bench_session_open(bench_session *self, const bench_options *options, bench_table *table)
{
    static const struct {
        const char *engine, *variable;
    } engines[] = {
#ifdef ROWAN_WITH_SQLITE
        {"sqlite", NULL},
#endif
#ifdef ROWAN_WITH_POSTGRESQL
        {"postgresql", "ROWAN_TEST_POSTGRESQL"},
#endif
#ifdef ROWAN_WITH_MARIADB
        {"mariadb", "ROWAN_TEST_MARIADB"},
#endif
    };

    *self = (bench_session){.options = options};
    if (options->profiles && mkdir(options->profiles, 0777) != 0 && errno != EEXIST) {
        snprintf(self->why, sizeof self->why, "cannot make %s: %s", options->profiles,
                 strerror(errno));
        return false;
    }
    if (!make_folder(self)) {
        return false;
    }
    if (!bench_inputs_init(&self->inputs, most_rows(&table->lines, bench_work_inserts, 1))) {
        snprintf(self->why, sizeof self->why, "out of memory");
        return false;
    }
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (bench_list_has(options->engines, engines[i].engine) && !bench_interrupted()) {
            open_database(self, table, engines[i].engine, engines[i].variable);
        }
    }
    snprintf(self->why, sizeof self->why, "interrupted");
    return !bench_interrupted();
}

/* The databases have removed theirs; what callgrind and a job that was ended left is here. */
static void remove_folder(const char *folder)
{
    DIR *directory = opendir(folder);

    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        char path[64 + sizeof entry->d_name];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (directory) {
        closedir(directory);
    }
    rmdir(folder);
}

void bench_session_close(bench_session *self)
{
    say("", "");
    for (size_t i = 0; i < BENCH_MOST_ENGINES; i++) {
        bench_database_close(self->databases[i]);
    }
    if (self->folder[0]) {
        remove_folder(self->folder);
    }
    bench_inputs_fini(&self->inputs);
}

/* --- Time. --- */

/* The contestants of a line, opened. */
typedef struct team {
    bench_runner runners[BENCH_MOST_COLUMNS];
    bool is_open[BENCH_MOST_COLUMNS];
} team;

static void close_team(team *t)
{
    for (size_t i = 0; i < BENCH_MOST_COLUMNS; i++) {
        if (t->is_open[i]) {
            bench_runner_close(&t->runners[i]);
            t->is_open[i] = false;
        }
    }
}

static bool open_team(bench_session *self, const bench_table *table, size_t engine, bool streams,
                      team *t)
{
    const char *name = table->engines[engine].name;
    bench_database *database = self->databases[engine];

    *t = (team){0};
    for (size_t column = 0; column < table->column_count; column++) {
        const bench_contestant *who = bench_table_contestant(table, column, name);
        const char *url = streams
                              ? bench_database_events(database)
                              : bench_database_url(database, column, self->why, sizeof self->why);
        if (!url) {
            return false;
        }
        if (who && !bench_runner_open(&t->runners[column], who, url)) {
            snprintf(self->why, sizeof self->why, "%s cannot open %s: %s", who->name, name,
                     t->runners[column].why);
            return false;
        }
        t->is_open[column] = who != NULL;
    }
    return true;
}

/* Lets all of a team do a line once and compares. */
static bool check_line(bench_session *self, const bench_table *table, team *t, bench_line line,
                       bench_check *check)
{
    bench_task task = bench_task_of(&self->inputs, line, 0);
    const char *falsify = self->options->falsify;

    for (size_t column = 0; column < table->column_count; column++) {
        bool is_false = falsify && strcmp(falsify, table->columns[column]) == 0;
        if (t->is_open[column] && t->runners[column].who->can(line.work) &&
            !bench_check_run(check, &t->runners[column], &task, is_false, self->why,
                             sizeof self->why)) {
            return false;
        }
    }
    return true;
}

static bool time_line(bench_session *self, bench_table *table, size_t engine, team *t, size_t l)
{
    bench_line line = table->lines.at[l];
    bench_series *series = calloc(BENCH_MOST_COLUMNS, sizeof *series);
    size_t columns[BENCH_MOST_COLUMNS], count = 0;
    size_t rounds = self->options->rounds;
    bool is_large = line.work == BENCH_STREAM || line.work == BENCH_BULK;

    if (!series) {
        snprintf(self->why, sizeof self->why, "out of memory");
        return false;
    }
    for (size_t column = 0; column < table->column_count; column++) {
        if (t->is_open[column] && t->runners[column].who->can(line.work)) {
            columns[count] = column;
            series[count++].runner = &t->runners[column];
        }
    }
    rounds = is_large && rounds > 5 ? 5 : is_large && self->options->quick ? 2 : rounds;
    bool is_good = bench_rounds(&self->inputs, line, series, count, rounds,
                                self->options->quick ? 2e6 : 5e6, self->why, sizeof self->why);
    for (size_t i = 0; is_good && i < count; i++) {
        bench_cell *cell = &table->engines[engine].cells[l][columns[i]];
        cell->ns = bench_quantile(series[i].ns, rounds, 0.5);
        cell->low_ns = bench_quantile(series[i].ns, rounds, 0.25);
        cell->high_ns = bench_quantile(series[i].ns, rounds, 0.75);
    }
    free(series);
    return is_good;
}

static bool do_line(bench_session *self, bench_table *table, size_t engine, size_t l,
                    bench_check *check)
{
    bench_line line = table->lines.at[l];
    char what[64];
    team *t = malloc(sizeof *t);
    bool is_good = t != NULL;

    snprintf(what, sizeof what, "%s, n = %zu", bench_work_key(line.work), line.n);
    say(table->engines[engine].name, what);
    if (t) {
        is_good = open_team(self, table, engine, is_stream(line.work), t) &&
                  check_line(self, table, t, line, check) &&
                  (self->options->only_instructions || time_line(self, table, engine, t, l));
        close_team(t);
    }
    free(t);
    return is_good;
}

bool bench_session_times(bench_session *self, bench_table *table)
{
    bool is_good = true;

    bench_pin(self->options->cpu);
    for (size_t l = 0; is_good && l < table->lines.count; l++) {
        bench_check check;
        bench_check_init(&check);
        for (size_t engine = 0; is_good && engine < table->engine_count; engine++) {
            if (self->databases[engine]) {
                is_good = do_line(self, table, engine, l, &check);
            }
        }
        bench_check_fini(&check);
        if (is_good && bench_interrupted()) {
            snprintf(self->why, sizeof self->why, "interrupted");
            is_good = false;
        }
    }
    bench_unpin();
    return is_good;
}

/* --- Jobs. --- */

typedef struct job_list {
    bench_job *at;
    size_t count;
    size_t columns[BENCH_MOST_ENGINES * BENCH_MOST_COLUMNS];
    size_t engines[BENCH_MOST_ENGINES * BENCH_MOST_COLUMNS];
} job_list;

/* Each job on SQLite has a file that nobody used before, so that its counts are always the same. */
static bool add_jobs(bench_session *self, const bench_table *table, size_t engine,
                     bench_measure measure, const bench_lines *lines, job_list *jobs)
{
    bench_database *database = self->databases[engine];

    for (size_t column = 0; database && column < table->column_count; column++) {
        const bench_contestant *who =
            bench_table_contestant(table, column, table->engines[engine].name);
        const char *url =
            bench_database_url(database, BENCH_MOST_COLUMNS + column, self->why, sizeof self->why);
        if (!url) {
            return false;
        }
        if (who) {
            jobs->columns[jobs->count] = column;
            jobs->engines[jobs->count] = engine;
            jobs->at[jobs->count++] = (bench_job){.measure = measure,
                                                  .who = who,
                                                  .url = url,
                                                  .events = bench_database_events(database),
                                                  .lines = lines,
                                                  .profiles = self->options->profiles};
        }
    }
    return true;
}

static void keep_values(bench_table *table, const bench_lines *lines, const job_list *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        bench_engine *engine = &table->engines[jobs->engines[i]];
        for (size_t l = 0; l < table->lines.count; l++) {
            bench_cell *cell = &engine->cells[l][jobs->columns[i]];
            for (size_t k = 0; k < lines->count; k++) {
                bool is_this = lines->at[k].work == table->lines.at[l].work &&
                               lines->at[k].n == table->lines.at[l].n;
                if (is_this && jobs->at[i].measure == BENCH_INSTRUCTIONS) {
                    cell->instructions = jobs->at[i].values[k];
                } else if (is_this) {
                    cell->memory = jobs->at[i].values[k];
                }
            }
        }
    }
}

static bool do_jobs(bench_session *self, bench_table *table, bench_measure measure,
                    const bench_lines *lines)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    job_list jobs = {0};
    bool is_good = true;

    jobs.at = calloc(BENCH_MOST_ENGINES * BENCH_MOST_COLUMNS, sizeof *jobs.at);
    if (!jobs.at) {
        snprintf(self->why, sizeof self->why, "out of memory");
        return false;
    }
    for (size_t engine = 0; is_good && engine < table->engine_count; engine++) {
        is_good = add_jobs(self, table, engine, measure, lines, &jobs);
    }
    say("", measure == BENCH_INSTRUCTIONS ? "counting instructions" : "measuring memory");
    is_good = is_good && bench_jobs_run(jobs.at, jobs.count, processors > 1 ? 2 : 1, self->folder,
                                        self->why, sizeof self->why);
    if (is_good) {
        keep_values(table, lines, &jobs);
    }
    free(jobs.at);
    return is_good;
}

bool bench_session_instructions(bench_session *self, bench_table *table)
{
    return table->lines.count == 0 || do_jobs(self, table, BENCH_INSTRUCTIONS, &table->lines);
}

bool bench_session_memory(bench_session *self, bench_table *table)
{
    bench_lines lines = {.count = 0};

    for (size_t i = 0; i < table->lines.count; i++) {
        if (is_stream(table->lines.at[i].work)) {
            lines.at[lines.count++] = table->lines.at[i];
        }
    }
    return lines.count == 0 || do_jobs(self, table, BENCH_MEMORY, &lines);
}
