/*
 * A trace as Chrome's trace events. Statements are slices in the lane of their connection, named by
 * what they fold to; the provenance that a finding is built on is drawn as flow arrows.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "detector/fold.h"
#include "report/lanes.h"
#include "report/print.h"

enum { MOST_ARROWS = 100 }; /* of one finding */

/* Events are written one by one: a trace may be large. */
typedef struct writer {
    FILE *file;
    bool is_first, failed;
    const rowan__trace *trace;
    size_t number; /* of the trace, from 1 */
    rowan__lanes lanes;
} writer;

static void put(writer *w, json_t *event)
{
    if (event == NULL) {
        w->failed = true;
        return;
    }
    fputs(w->is_first ? "\n" : ",\n", w->file);
    w->is_first = false;
    (void)json_dumpf(event, w->file, JSON_COMPACT);
    json_decref(event);
}

static double us(int64_t ns)
{
    return (double)ns / 1e3;
}

static void put_statement(writer *w, const rowan__traced *statement)
{
    char folded[512];
    size_t lanes = w->lanes.count, lane = rowan__lane_of(&w->lanes, statement);

    rowan_fingerprint(statement->dialect, statement->sql, statement->sql_size, folded,
                      sizeof folded, NULL);
    if (w->lanes.count > lanes) {
        put(w, json_pack("{s:s, s:s, s:I, s:I, s:{s:s}}", "name", "thread_name", "ph", "M", "pid",
                         (json_int_t)w->number, "tid", (json_int_t)lane, "args", "name",
                         w->lanes.names[lane]));
    }
    put(w,
        json_pack("{s:s, s:s, s:s, s:f, s:f, s:I, s:I, s:{s:I, s:s, s:s?, s:s?, s:s?}}", "name",
                  folded, "cat", "sql", "ph", "X", "ts", us(statement->start_ns), "dur",
                  us(statement->elapsed_ns), "pid", (json_int_t)w->number, "tid", (json_int_t)lane,
                  "args", "seq", (json_int_t)statement->seq, "sql", statement->sql, "scope",
                  statement->scope, "callsite", statement->callsite, "error", statement->error));
}

/* One arrow: it leaves the parent where that ends and meets the child where it begins. */
static void put_arrow(writer *w, const rowan__traced *parent, const rowan__traced *child,
                      int64_t id, const char *column)
{
    put(w,
        json_pack("{s:s, s:s, s:s, s:I, s:f, s:I, s:I}", "name", column, "cat", "provenance", "ph",
                  "s", "id", (json_int_t)id, "ts", us(parent->start_ns + parent->elapsed_ns), "pid",
                  (json_int_t)w->number, "tid", (json_int_t)rowan__lane_of(&w->lanes, parent)));
    put(w,
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:I, s:I}", "name", column, "cat", "provenance",
                  "ph", "f", "bp", "e", "id", (json_int_t)id, "ts", us(child->start_ns), "pid",
                  (json_int_t)w->number, "tid", (json_int_t)rowan__lane_of(&w->lanes, child)));
}

static void put_arrows(writer *w, const rowan__trace_finding *finding, int64_t *id)
{
    const rowan__traced *parent =
        finding->parent_seq != 0 ? rowan__trace_numbered(w->trace, finding->parent_seq) : NULL;
    const char *column = finding->parent_column != NULL ? finding->parent_column : "values";

    for (size_t i = 0; parent != NULL && i < finding->seq_count && i < MOST_ARROWS; i++) {
        const rowan__traced *child = rowan__trace_numbered(w->trace, finding->seqs[i]);
        if (child != NULL) {
            put_arrow(w, parent, child, ++*id, column);
        }
    }
}

static void put_trace(writer *w, const rowan__analysis *analysis, int64_t *arrow)
{
    w->lanes = (rowan__lanes){.most = ROWAN__LANES_MOST};
    put(w, json_pack("{s:s, s:s, s:I, s:{s:s}}", "name", "process_name", "ph", "M", "pid",
                     (json_int_t)w->number, "args", "name", w->trace->name));
    for (size_t i = 0; i < w->trace->count; i++) {
        put_statement(w, &w->trace->at[i]);
    }
    for (size_t i = 0; i < analysis->count; i++) {
        if (analysis->at[i].trace == w->trace) {
            put_arrows(w, &analysis->at[i], arrow);
        }
    }
}

bool rowan__print_chrome(const rowan__analysis *analysis, FILE *file)
{
    writer w = {.file = file, .is_first = true};
    int64_t arrow = 0;

    fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", file);
    for (size_t i = 0; i < analysis->trace_count; i++) {
        w.trace = analysis->traces[i];
        w.number = i + 1;
        put_trace(&w, analysis, &arrow);
    }
    fputs("\n]}\n", file);
    return !w.failed;
}
