/*
 * Spans: one for each scope, and below it one for each of its statements. A scope whose texts carry
 * a traceparent is a part of that trace.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "base/comment.h"
#include "report/otlp_private.h"

enum { INTERNAL = 1, CLIENT = 3, FAILED = 2 }; /* kinds of spans, and a status */

/* The statements of a scope, and what its spans share. */
typedef struct scope {
    const rowan__trace *trace;
    const rowan__placed *at;
    size_t count;
    rowan__traceparent parent; /* its span; "" if there is none */
    char span_id[17];          /* of the scope's own span */
} scope;

static uint64_t id_of(const char *text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text, strlen(text), seed);
}

/* No id may be all zeros. */
static void write_span_id(char *out, uint64_t id)
{
    snprintf(out, 17, "%016" PRIx64, id | 1);
}

/* Ids are made of the trace's path and place in it: the same trace has the same ids again. */
static void begin_scope(scope *s)
{
    uint64_t seed = (uint64_t)s->trace->began_unix_ns;
    bool found = false;

    for (size_t i = 0; i < s->count && !found; i++) {
        found = rowan__traceparent_in(s->at[i].statement->sql, &s->parent);
    }
    if (!found) {
        snprintf(s->parent.trace_id, sizeof s->parent.trace_id, "%016" PRIx64 "%016" PRIx64,
                 id_of(s->trace->path, seed) | 1, s->at[0].scope);
        s->parent.span_id[0] = '\0';
    }
    write_span_id(s->span_id, s->at[0].scope ^ id_of(s->trace->path, seed + 1));
}

static json_t *time_of(const scope *s, int64_t ns)
{
    return rowan__otlp_time(s->trace->began_unix_ns + ns);
}

static json_t *scope_span(const scope *s)
{
    const rowan__traced *first = s->at[0].statement;
    int64_t end_ns = 0;
    json_t *span;

    for (size_t i = 0; i < s->count; i++) {
        const rowan__traced *statement = s->at[i].statement;
        int64_t ended_ns = statement->start_ns + statement->elapsed_ns;
        end_ns = ended_ns > end_ns ? ended_ns : end_ns;
    }
    span =
        json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:[]}", "traceId", s->parent.trace_id, "spanId",
                  s->span_id, "name", first->scope != NULL ? first->scope : s->trace->name, "kind",
                  INTERNAL, "startTimeUnixNano", time_of(s, first->start_ns), "endTimeUnixNano",
                  time_of(s, end_ns), "attributes");
    if (s->parent.span_id[0] != '\0') {
        json_object_set_new(span, "parentSpanId", json_string(s->parent.span_id));
    }
    return span;
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
    rowan__otlp_add(attributes, "code.file.path", file);
    rowan__otlp_add_number(attributes, "code.line.number", strtol(colon + 1, NULL, 10));
    rowan__otlp_add(attributes, "code.function.name", blank != NULL ? blank + 1 : NULL);
}

static json_t *statement_span(const scope *s, const rowan__traced *statement)
{
    rowan__otlp_summary about;
    char span_id[17];
    json_t *attributes, *span;

    rowan__otlp_summarize(statement, &about);
    attributes = rowan__otlp_attributes(statement, &about);
    rowan__otlp_add(attributes, "db.query.text", about.folded);
    if (about.batch > 0) {
        rowan__otlp_add_number(attributes, "db.operation.batch.size", (int64_t)about.batch);
    }
    add_code(attributes, statement->callsite);
    write_span_id(span_id, id_of(s->span_id, statement->seq * 2 + 3));
    span = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "traceId", s->parent.trace_id,
                     "spanId", span_id, "parentSpanId", s->span_id, "name", about.text, "kind",
                     CLIENT, "startTimeUnixNano", time_of(s, statement->start_ns),
                     "endTimeUnixNano", time_of(s, statement->start_ns + statement->elapsed_ns),
                     "attributes", attributes);
    if (statement->error != NULL) {
        json_object_set_new(span, "status", json_pack("{s:i}", "code", FAILED));
    }
    return span;
}

/* @return false if memory ran out */
static bool add_scope(scope *s, json_t *spans)
{
    bool whole;

    begin_scope(s);
    whole = json_array_append_new(spans, scope_span(s)) == 0;
    for (size_t i = 0; i < s->count && whole; i++) {
        const rowan__traced *statement = s->at[i].statement;
        whole =
            statement->is_cached || json_array_append_new(spans, statement_span(s, statement)) == 0;
    }
    return whole;
}

static bool add_trace(const rowan__analysis *analysis, const rowan__trace *trace, json_t *spans)
{
    rowan__placed *placed = rowan__new(analysis->allocator, trace->count + 1, sizeof *placed);
    bool whole =
        placed != NULL && rowan__scopes_find(trace, analysis->allocator, placed) == ROWAN_OK;

    for (size_t first = 0, end; whole && first < trace->count; first = end) {
        for (end = first + 1; end < trace->count && placed[end].scope == placed[first].scope;
             end++) {
        }
        scope s = {.trace = trace, .at = placed + first, .count = end - first};
        whole = add_scope(&s, spans);
    }
    rowan__free(analysis->allocator, placed, trace->count + 1, sizeof *placed);
    return whole;
}

json_t *rowan__otlp_spans(const rowan__analysis *analysis)
{
    json_t *spans = json_array();
    bool whole = spans != NULL;

    for (size_t t = 0; t < analysis->trace_count && whole; t++) {
        whole = add_trace(analysis, analysis->traces[t], spans);
    }
    if (!whole) {
        json_decref(spans);
        return NULL;
    }
    return spans;
}

json_t *rowan__otlp_trace_request(json_t *spans)
{
    return rowan__otlp_request("resourceSpans", "scopeSpans", "spans", spans);
}
