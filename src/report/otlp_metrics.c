/* The histogram db.client.operation.duration, a series for each kind of statement. */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "report/otlp_private.h"

/* The boundaries in seconds that the conventions advise. */
static const double bounds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
enum { BOUNDS = sizeof bounds / sizeof bounds[0], DELTA = 1 };

typedef struct point {
    const rowan__traced *like; /* a statement with its attributes */
    rowan__otlp_summary about;
    uint64_t counts[BOUNDS + 1], count;
    double sum, least, most;
    int64_t begin_ns, end_ns; /* since 1970: several traces may have it */
} point;

typedef struct series {
    const rowan_allocator *allocator;
    point *at;
    size_t count, capacity;
} series;

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same(const point *p, const rowan__traced *statement,
                    const rowan__otlp_summary *about)
{
    return strcmp(p->about.text, about->text) == 0 && strcmp(p->about.table, about->table) == 0 &&
           strcmp(p->like->dialect, statement->dialect) == 0 &&
           same_text(p->like->database, statement->database) &&
           same_text(p->like->error, statement->error);
}

/* The series that a statement belongs to. NULL: no memory. */
static point *point_of(series *all, const rowan__traced *statement)
{
    rowan__otlp_summary about;
    size_t i = 0;

    rowan__otlp_summarize(statement, &about);
    while (i < all->count && !is_same(&all->at[i], statement, &about)) {
        i++;
    }
    if (i == all->count) {
        if (!rowan__grow(all->allocator, (void **)&all->at, &all->capacity, all->count,
                         sizeof *all->at)) {
            return NULL;
        }
        all->at[all->count++] = (point){.like = statement, .about = about, .begin_ns = INT64_MAX};
    }
    return &all->at[i];
}

static bool count_statement(series *all, const rowan__trace *trace, const rowan__traced *statement)
{
    double seconds = (double)statement->elapsed_ns / 1e9;
    int64_t begin_ns = trace->began_unix_ns + statement->start_ns;
    int64_t end_ns = begin_ns + statement->elapsed_ns;
    point *p = point_of(all, statement);
    size_t bucket = 0;

    if (p == NULL) {
        return false;
    }
    while (bucket < BOUNDS && seconds > bounds[bucket]) {
        bucket++;
    }
    p->counts[bucket]++;
    p->least = p->count == 0 || seconds < p->least ? seconds : p->least;
    p->most = seconds > p->most ? seconds : p->most;
    p->count++;
    p->sum += seconds;
    p->begin_ns = begin_ns < p->begin_ns ? begin_ns : p->begin_ns;
    p->end_ns = end_ns > p->end_ns ? end_ns : p->end_ns;
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
    return json_pack("{s:o, s:o, s:o, s:s, s:f, s:f, s:f, s:o, s:o}", "attributes",
                     rowan__otlp_attributes(p->like, &p->about), "startTimeUnixNano",
                     rowan__otlp_time(p->begin_ns), "timeUnixNano", rowan__otlp_time(p->end_ns),
                     "count", count, "sum", p->sum, "min", p->least, "max", p->most, "bucketCounts",
                     counts, "explicitBounds", limits);
}

json_t *rowan__otlp_metric_request(const rowan__analysis *analysis, size_t *points)
{
    series all = {.allocator = analysis->allocator};
    json_t *data = json_array();
    bool whole = data != NULL;

    for (size_t t = 0; t < analysis->trace_count && whole; t++) {
        const rowan__trace *trace = analysis->traces[t];
        for (size_t i = 0; i < trace->count && whole; i++) {
            whole = trace->at[i].is_cached || count_statement(&all, trace, &trace->at[i]);
        }
    }
    for (size_t i = 0; i < all.count && whole; i++) {
        whole = json_array_append_new(data, point_json(&all.at[i])) == 0;
    }
    if (points != NULL) {
        *points = all.count;
    }
    rowan__free(all.allocator, all.at, all.capacity, sizeof *all.at);
    if (!whole) {
        json_decref(data);
        return NULL;
    }
    return rowan__otlp_request("resourceMetrics", "scopeMetrics", "metrics",
                               json_pack("[{s:s, s:s, s:s, s:{s:i, s:o}}]", "name",
                                         "db.client.operation.duration", "unit", "s", "description",
                                         "Duration of database client operations.", "histogram",
                                         "aggregationTemporality", DELTA, "dataPoints", data));
}
