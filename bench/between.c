/* What the benchmark itself does in the tables: none of it is measured. */
#include "between.h"

#include <stdio.h>
#include <string.h>

#include <rowan/raw.h>

#include "forum.h"
#include "tasks.h"

rowan_status bench_visit_begin(bench_visit *v, const char *url)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_status status;

    *v = (bench_visit){0};
    options.no_detector = true;
    options.max_open = 1;
    status = rowan_open(url, &options, &v->db, &v->error);
    return status == ROWAN_OK ? rowan_scope_begin(v->db, "benchmark", &v->scope, &v->error)
                              : status;
}

/* Ends it and writes why it failed, if it did. */
bool bench_visit_end(bench_visit *v, rowan_status status, char *why, size_t why_size)
{
    const rowan_error *error = v->scope ? rowan_scope_error(v->scope) : &v->error;

    if (status != ROWAN_OK) {
        snprintf(why, why_size, "%s%s%s", error->message, error->engine_message[0] ? ": " : "",
                 error->engine_message);
    }
    rowan_scope_end(v->scope);
    rowan_close(v->db);
    return status == ROWAN_OK;
}

bool bench_send(const char *url, const char *sql, char *why, size_t why_size)
{
    bench_visit v;
    rowan_status status = bench_visit_begin(&v, url);

    if (status == ROWAN_OK) {
        status = rowan_raw_run(v.scope, sql, ROWAN_NO_PARAMS, NULL);
    }
    return bench_visit_end(&v, status, why, why_size);
}

static bool is_on(const char *url, const char *engine)
{
    return strncmp(url, engine, strlen(engine)) == 0;
}

static bool empty_newcomers(const char *url, char *why, size_t why_size)
{
    if (is_on(url, "postgresql")) {
        return bench_send(url, "TRUNCATE newcomer RESTART IDENTITY", why, why_size);
    }
    return bench_send(url, is_on(url, "sqlite") ? "DELETE FROM newcomer" : "TRUNCATE newcomer", why,
                      why_size);
}

/* SQLite's log is emptied, so that when it is written back is the same for all; and begun, because
 * whoever writes to it first has to wait for the disk. */
static bool empty_log(const char *url, char *why, size_t why_size)
{
    return bench_send(url, "PRAGMA wal_checkpoint(TRUNCATE)", why, why_size) &&
           bench_send(url, "PRAGMA user_version = 1", why, why_size);
}

bool bench_ready(const char *url, bench_work work, char *why, size_t why_size)
{
    if (!bench_work_writes(work)) {
        return true;
    }
    return (!bench_work_inserts(work) || empty_newcomers(url, why, why_size)) &&
           (!is_on(url, "sqlite") || empty_log(url, why, why_size));
}

bool bench_ready_first(const char *url, bench_work work, char *why, size_t why_size)
{
    return (work != BENCH_UPDATE ||
            bench_send(url, "UPDATE person SET name = 'Nobody' WHERE name LIKE 'Renamed%'", why,
                       why_size)) &&
           bench_ready(url, work, why, why_size);
}

static rowan_status read_newcomers(rowan_scope *scope, const bench_task *task, bench_sum *sum)
{
    newcomer_rows rows = {0};
    rowan_rows all;
    rowan_status status =
        rowan_raw_all(scope, "SELECT id, name, hair_colour FROM newcomer ORDER BY id",
                      ROWAN_NO_PARAMS, &newcomer_table, &all);

    if (status == ROWAN_OK) {
        rows = (newcomer_rows){all.at, all.count};
    }
    for (size_t i = 0; i < rows.count; i++) {
        if (task->work == BENCH_SAVE) {
            bench_sum_int(sum, rows.at[i].id);
        }
        bench_sum_text(sum, rows.at[i].name);
        bench_sum_text(sum, rows.at[i].hair_colour.has ? rows.at[i].hair_colour.value : NULL);
        bench_sum_row(sum);
    }
    return status;
}

static rowan_status read_people(rowan_scope *scope, const bench_task *task, bench_sum *sum)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        const rowan_value key = rowan_v_int64(task->keys[i]);
        void *row = NULL;
        status = rowan_raw_one(scope, "SELECT id, name, hair_colour FROM person WHERE id = ?",
                               ((rowan_params){&key, 1}), &person_table, &row);
        if (status == ROWAN_OK) {
            const person *found = row;
            bench_sum_int(sum, found->id);
            bench_sum_text(sum, found->name);
            bench_sum_text(sum, found->hair_colour.has ? found->hair_colour.value : NULL);
            bench_sum_row(sum);
        }
    }
    return status;
}

bool bench_left(const char *url, const bench_task *task, bench_sum *sum, char *why, size_t why_size)
{
    bench_visit v;
    rowan_status status;

    if (!bench_work_writes(task->work)) {
        return true;
    }
    status = bench_visit_begin(&v, url);
    if (status == ROWAN_OK) {
        status = bench_work_inserts(task->work) ? read_newcomers(v.scope, task, sum)
                                                : read_people(v.scope, task, sum);
    }
    return bench_visit_end(&v, status, why, why_size);
}
