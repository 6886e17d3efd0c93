/* The results as JSON: all figures, and what was made of them. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "goals.h"
#include "machine.h"
#include "report.h"

/* Sets a number that is known. */
static void set(json_t *object, const char *name, double value)
{
    if (value > 0) {
        json_object_set_new(object, name, json_real(value));
    }
}

static json_t *write_verdict(const bench_verdict *v)
{
    json_t *object = json_object();

    set(object, "to_best", v->to_best);
    set(object, "to_typical", v->to_typical);
    return object;
}

static json_t *write_cell(const bench_table *t, const bench_engine *engine, size_t l, size_t column)
{
    const bench_cell *cell = &engine->cells[l][column];
    json_t *object = json_pack("{s:s}", "contestant", t->columns[column]);
    bench_verdict by_instructions = bench_judge(t, engine, l, column, true);
    bench_verdict by_time = bench_judge(t, engine, l, column, false);

    set(object, "goal", by_time.goal);
    set(object, "ns", cell->ns);
    set(object, "low_ns", cell->low_ns);
    set(object, "high_ns", cell->high_ns);
    set(object, "instructions", cell->instructions);
    set(object, "memory_bytes", cell->memory);
    if (cell->ns > 0) {
        json_object_set_new(object, "time", write_verdict(&by_time));
    }
    if (cell->instructions > 0) {
        json_object_set_new(object, "counted", write_verdict(&by_instructions));
    }
    return object;
}

static json_t *write_lines(const bench_table *t, const bench_engine *engine)
{
    json_t *array = json_array();

    for (size_t l = 0; l < t->lines.count; l++) {
        bench_line line = t->lines.at[l];
        json_t *cells = json_array();
        for (size_t column = 0; column < t->column_count; column++) {
            const bench_cell *cell = &engine->cells[l][column];
            if (cell->ns > 0 || cell->instructions > 0 || cell->memory > 0) {
                json_array_append_new(cells, write_cell(t, engine, l, column));
            }
        }
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:I, s:o}", "work", bench_work_key(line.work),
                                        "title", bench_work_title(line.work), "n",
                                        (json_int_t)line.n, "results", cells));
    }
    return array;
}

static json_t *write_engines(const bench_table *t)
{
    json_t *array = json_array();

    for (size_t e = 0; e < t->engine_count; e++) {
        const bench_engine *engine = &t->engines[e];
        json_t *object =
            json_pack("{s:s, s:o}", "engine", engine->name, "works", write_lines(t, engine));
        if (engine->skipped[0]) {
            json_object_set_new(object, "skipped", json_string(engine->skipped));
        }
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *write_starts(const bench_results *results)
{
    json_t *array = json_array();

    for (size_t i = 0; i < results->start_count; i++) {
        const bench_start *s = &results->starts[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:f, s:f, s:f, s:f}", "program", s->name,
                                        "library", s->library, "ns", s->ns, "low_ns", s->low_ns,
                                        "high_ns", s->high_ns, "memory_bytes", s->memory));
    }
    return array;
}

static json_t *write_machine(void)
{
    bench_machine machine;

    bench_machine_read(&machine);
    return json_pack("{s:s, s:s, s:s, s:s}", "processor", machine.processor, "system",
                     machine.system, "compiler", machine.compiler, "date", machine.date);
}

bool bench_report_json(const bench_results *results, const char *path, char *why, size_t why_size)
{
    json_t *root = json_pack("{s:o, s:b, s:i, s:o, s:o, s:o}", "machine", write_machine(), "quick",
                             results->is_quick, "rounds", (int)results->rounds, "engines",
                             write_engines(&results->work), "start", write_starts(results),
                             "detector", write_engines(&results->detector));

    if (root && results->skipped_counts[0]) {
        json_object_set_new(root, "not_counted", json_string(results->skipped_counts));
    }
    bool is_good = root && json_dump_file(root, path, JSON_INDENT(2) | JSON_REAL_PRECISION(8)) == 0;
    json_decref(root);
    if (!is_good) {
        snprintf(why, why_size, "cannot write %s", path);
    }
    return is_good;
}
