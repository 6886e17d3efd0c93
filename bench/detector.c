/*
 * What the detector costs: a thousand look-ups by key in one scope, which is what it has most to do
 * with, with it switched off, with nothing but the scope's own counters, which are asked for at the
 * end, and with all of it. Counting cannot be switched off: it is some 25 instructions a statement.
 * On SQLite the table is in memory, so that nothing else takes the time.
 */
#include "detector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/detector.h>
#include <rowan/raw.h>

#include "between.h"
#include "forum.h"
#include "sum.h"

typedef struct look_ups {
    rowan_db *db;
    rowan_scope *scope; /* of the last run */
    bool counts;        /* asks for the scope's counters */
    person *people[BENCH_LOOK_UPS];
    char why[sizeof((rowan_error *)0)->message];
} look_ups;

static bool can(bench_work work)
{
    return work == BENCH_FIND;
}

/* Copies the people of a file into the database in memory. */
static rowan_status fill_memory(look_ups *self, const bench_place *place, rowan_error *error)
{
    rowan_scope *scope = NULL;
    char sql[700];
    rowan_status status = rowan_scope_begin(self->db, "fill", &scope, error);

    snprintf(sql, sizeof sql,
             "ATTACH '%s' AS file;"
             "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hair_colour TEXT);"
             "INSERT INTO person SELECT id, name, hair_colour FROM file.person;"
             "DETACH file",
             place->path);
    if (status == ROWAN_OK) {
        status = rowan_raw_script(scope, sql, NULL);
        if (status != ROWAN_OK) {
            *error = *rowan_scope_error(scope);
        }
    }
    rowan_scope_end(scope);
    return status;
}

static void close_all(void *state)
{
    look_ups *self = state;

    rowan_scope_end(self->scope);
    rowan_close(self->db);
    free(self);
}

static void *open_with(const bench_place *place, bool has_detector, bool counts, char *why,
                       size_t why_size)
{
    bool is_sqlite = strcmp(place->engine, "sqlite") == 0;
    look_ups *self = calloc(1, sizeof *self);
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_error error = {0};
    rowan_status status;

    if (!self) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    self->counts = counts;
    options.no_detector = !has_detector;
    options.max_open = 1;
    status = rowan_open(is_sqlite ? "sqlite::memory:" : place->url, &options, &self->db, &error);
    if (status == ROWAN_OK && is_sqlite) {
        status = fill_memory(self, place, &error);
    }
    if (status != ROWAN_OK) {
        snprintf(why, why_size, "%s", error.message);
        close_all(self);
        return NULL;
    }
    return self;
}

static void *open_off(const bench_place *place, char *why, size_t why_size)
{
    return open_with(place, false, false, why, why_size);
}

static void *open_counters(const bench_place *place, char *why, size_t why_size)
{
    return open_with(place, false, true, why, why_size);
}

static void *open_full(const bench_place *place, char *why, size_t why_size)
{
    return open_with(place, true, false, why, why_size);
}

static bool run(void *state, const bench_task *task)
{
    look_ups *self = state;
    rowan_error error = {0};
    rowan_status status = rowan_scope_begin(self->db, "look-ups", &self->scope, &error);

    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        void *row = NULL;
        status = rowan_raw_one(self->scope, "SELECT id, name, hair_colour FROM person WHERE id = ?",
                               ROWAN_PARAMS(ROWAN_V(task->keys[i])), &person_table, &row);
        self->people[i] = row;
        if (status != ROWAN_OK) {
            error = *rowan_scope_error(self->scope);
        }
    }
    snprintf(self->why, sizeof self->why, "%s", error.message);
    if (status == ROWAN_OK && self->counts &&
        rowan_scope_counts(self->scope).statements != task->n) {
        snprintf(self->why, sizeof self->why, "statements were not counted");
        return false;
    }
    return status == ROWAN_OK;
}

static void fold(void *state, const bench_task *task, bench_sum *sum)
{
    look_ups *self = state;

    for (size_t i = 0; i < task->n; i++) {
        const person *found = self->people[i];
        bench_sum_int(sum, found->id);
        bench_sum_text(sum, found->name);
        bench_sum_text(sum, found->hair_colour.has ? found->hair_colour.value : NULL);
        bench_sum_row(sum);
    }
}

/* The scope's end is the detector's time to look at what it has seen: it is measured. */
static void clear(void *state, const bench_task *task)
{
    look_ups *self = state;

    (void)task;
    rowan_scope_end(self->scope);
    self->scope = NULL;
}

static const char *why_not(void *state)
{
    return ((look_ups *)state)->why;
}

static const bench_contestant off = {
    "off", NULL, can, open_off, close_all, NULL, run, fold, clear, why_not,
};
static const bench_contestant counters = {
    "counters", NULL, can, open_counters, close_all, NULL, run, fold, clear, why_not,
};
static const bench_contestant full = {
    "full", NULL, can, open_full, close_all, NULL, run, fold, clear, why_not,
};

const bench_contestant *const bench_detectors[] = {&off, &counters, &full, NULL};
