/*
 * A trace as OpenTelemetry's, in the JSON form of OTLP: one span for each statement, one root span
 * for each scope, and the histogram db.client.operation.duration. Attributes have the stable names
 * of the conventions for databases; the text of a statement is what it folds to, without values.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <rowan/rowan.h>

#include "base/alloc.h"
#include "detector/fold.h"
#include "report/print.h"

/* The boundaries in seconds that the conventions advise. */
static const double bounds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

static json_t *attribute(const char *key, const char *value)
{
    return json_pack("{s:s, s:{s:s}}", "key", key, "value", "stringValue", value);
}

static void add(json_t *attributes, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        json_array_append_new(attributes, attribute(key, value));
    }
}

static const char *operation_name(const rowan__fold *fold)
{
    switch (fold->verb) {
    case ROWAN__VERB_SELECT:
        return "SELECT";
    case ROWAN__VERB_INSERT:
        return "INSERT";
    case ROWAN__VERB_UPDATE:
        return "UPDATE";
    case ROWAN__VERB_DELETE:
        return "DELETE";
    case ROWAN__VERB_OTHER:
        break;
    }
    return NULL;
}

/* What is said of a statement, in the span and in the histogram. */
typedef struct summary {
    char folded[1024], table[128], text[200];
    const char *operation;
} summary;

static void summarize(const rowan__traced *statement, summary *out)
{
    rowan__fold fold;

    rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                          statement->sql, statement->sql_size, out->folded, sizeof out->folded,
                          &fold);
    out->operation = operation_name(&fold);
    snprintf(out->table, sizeof out->table, "%.*s", fold.table_count > 0 ? (int)fold.table_size : 0,
             statement->sql + fold.table);
    snprintf(out->text, sizeof out->text, "%s%s%s", out->operation != NULL ? out->operation : "SQL",
             out->table[0] != '\0' ? " " : "", out->table);
}

static json_t *attributes_of(const rowan__traced *statement, const summary *about)
{
    json_t *attributes = json_array();

    add(attributes, "db.system.name", statement->dialect);
    add(attributes, "db.namespace", statement->database);
    add(attributes, "db.collection.name", about->table);
    add(attributes, "db.operation.name", about->operation);
    add(attributes, "db.query.summary", about->text);
    add(attributes, "error.type", statement->error);
    return attributes;
}

static void write_id(char *out, size_t digits, uint64_t high, uint64_t low)
{
    if (digits == 32) {
        snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, high, low);
    } else {
        snprintf(out, 17, "%016" PRIx64, low | 1);
    }
}

static uint64_t id_of(const char *text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text, strlen(text), seed);
}

static json_t *time_of(int64_t ns)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, ns);
    return json_string(text);
}

/* What a call site says, by the names that the conventions for code have. */
static void add_code(json_t *attributes, const char *callsite)
{
    char file[256];
    const char *colon = callsite != NULL ? strrchr(callsite, ':') : NULL;
    const char *blank = colon != NULL ? strchr(colon, ' ') : NULL;

    if (colon == NULL) {
        return;
    }
    snprintf(file, sizeof file, "%.*s", (int)(colon - callsite), callsite);
    add(attributes, "code.file.path", file);
    json_array_append_new(attributes,
                          json_pack("{s:s, s:{s:I}}", "key", "code.line.number", "value",
                                    "intValue", (json_int_t)strtol(colon + 1, NULL, 10)));
    add(attributes, "code.function.name", blank != NULL ? blank + 1 : NULL);
}

static json_t *span_of(const rowan__trace *trace, const rowan__traced *statement)
{
    const char *scope = statement->scope != NULL ? statement->scope : trace->name;
    char trace_id[33], span_id[17];
    summary about;
    json_t *attributes;

    summarize(statement, &about);
    attributes = attributes_of(statement, &about);
    add(attributes, "db.query.text", about.folded);
    add(attributes, "db.response.status_code", statement->error);
    add_code(attributes, statement->callsite);
    write_id(trace_id, 32, id_of(trace->path, 1), id_of(scope, 2));
    write_id(span_id, 16, 0, id_of(trace->path, statement->seq + 3));
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:{s:i}}", "traceId", trace_id, "spanId",
                     span_id, "name", about.text, "kind", 3, "startTimeUnixNano",
                     time_of(statement->start_ns), "endTimeUnixNano",
                     time_of(statement->start_ns + statement->elapsed_ns), "attributes", attributes,
                     "status", "code", statement->error != NULL ? 2 : 0);
}

/* --- The histogram. --- */

typedef struct point {
    const rowan__traced *like; /* a statement with its attributes */
    summary about;
    uint64_t counts[BOUNDS + 1], count;
    double sum;
} point;

typedef struct points {
    const rowan_allocator *allocator;
    point *at;
    size_t count, capacity;
} points;

static bool is_same(const point *p, const rowan__traced *statement, const summary *about)
{
    const char *a = p->like->error, *b = statement->error;

    return strcmp(p->about.text, about->text) == 0 &&
           strcmp(p->like->dialect, statement->dialect) == 0 &&
           (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

static bool count_statement(points *all, const rowan__traced *statement)
{
    double seconds = (double)statement->elapsed_ns / 1e9;
    size_t bucket = 0, i = 0;
    summary about;

    summarize(statement, &about);
    while (i < all->count && !is_same(&all->at[i], statement, &about)) {
        i++;
    }
    if (i == all->count) {
        if (!rowan__grow(all->allocator, (void **)&all->at, &all->capacity, all->count,
                         sizeof *all->at)) {
            return false;
        }
        all->at[all->count++] = (point){.like = statement, .about = about};
    }
    while (bucket < BOUNDS && seconds > bounds[bucket]) {
        bucket++;
    }
    all->at[i].counts[bucket]++;
    all->at[i].count++;
    all->at[i].sum += seconds;
    return true;
}

static json_t *point_json(const point *p)
{
    json_t *counts = json_array(), *limits = json_array();
    char count[24];

    for (size_t i = 0; i <= BOUNDS; i++) {
        snprintf(count, sizeof count, "%" PRIu64, p->counts[i]);
        json_array_append_new(counts, json_string(count));
    }
    for (size_t i = 0; i < BOUNDS; i++) {
        json_array_append_new(limits, json_real(bounds[i]));
    }
    snprintf(count, sizeof count, "%" PRIu64, p->count);
    return json_pack("{s:o, s:s, s:f, s:o, s:o}", "attributes", attributes_of(p->like, &p->about),
                     "count", count, "sum", p->sum, "bucketCounts", counts, "explicitBounds",
                     limits);
}

static json_t *metric_of(const rowan__analysis *analysis)
{
    points all = {.allocator = analysis->allocator};
    json_t *data = json_array();
    bool whole = true;

    for (size_t t = 0; t < analysis->trace_count && whole; t++) {
        const rowan__trace *trace = analysis->traces[t];
        for (size_t i = 0; i < trace->count && whole; i++) {
            whole = trace->at[i].is_cached || count_statement(&all, &trace->at[i]);
        }
    }
    for (size_t i = 0; i < all.count; i++) {
        json_array_append_new(data, point_json(&all.at[i]));
    }
    rowan__free(all.allocator, all.at, all.capacity, sizeof *all.at);
    if (!whole) {
        json_decref(data);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:{s:i, s:o}}", "name", "db.client.operation.duration", "unit",
                     "s", "histogram", "aggregationTemporality", 1, "dataPoints", data);
}

static json_t *resource(void)
{
    return json_pack("{s:[o]}", "attributes", attribute("service.name", "rowan"));
}

bool rowan__print_otlp(const rowan__analysis *analysis, FILE *file)
{
    json_t *spans = json_array(), *metric = metric_of(analysis), *document;

    for (size_t t = 0; t < analysis->trace_count; t++) {
        const rowan__trace *trace = analysis->traces[t];
        for (size_t i = 0; i < trace->count; i++) {
            if (!trace->at[i].is_cached) {
                json_array_append_new(spans, span_of(trace, &trace->at[i]));
            }
        }
    }
    document = json_pack(
        "{s:[{s:o, s:[{s:{s:s, s:s}, s:o}]}], s:[{s:o, s:[{s:{s:s, s:s}, s:[o]}]}]}",
        "resourceSpans", "resource", resource(), "scopeSpans", "scope", "name", "rowan", "version",
        rowan_version(), "spans", spans, "resourceMetrics", "resource", resource(), "scopeMetrics",
        "scope", "name", "rowan", "version", rowan_version(), "metrics", metric);
    if (document != NULL) {
        (void)json_dumpf(document, file, JSON_COMPACT);
        fputc('\n', file);
    }
    json_decref(document);
    return document != NULL;
}
