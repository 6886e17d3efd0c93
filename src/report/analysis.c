/*
 * The detector over recorded traces.
 *
 * Scope by scope, each statement is made the event that it was, and given to a watch. What a watch
 * finds belongs to a group, whose statements are found again by the group's first.
 */
#include "report/analysis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "detector/fold.h"

/* One scope at work. */
typedef struct scope {
    rowan__analysis *analysis;
    const rowan__trace *trace;
    rowan__placed *at;
    size_t count;
    int64_t last_trip;
} scope;

rowan_status rowan__analysis_init(rowan__analysis *analysis, const rowan_allocator *allocator,
                                  const rowan__rules *rules)
{
    *analysis = (rowan__analysis){.allocator = allocator, .rules = *rules};
    rowan__arena_init(&analysis->arena, allocator);
    analysis->shapes = rowan__shapes_new(allocator);
    return analysis->shapes != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

void rowan__analysis_fini(rowan__analysis *analysis)
{
    rowan__shapes_free(analysis->shapes);
    rowan__free(analysis->allocator, analysis->at, analysis->capacity, sizeof *analysis->at);
    rowan__free(analysis->allocator, analysis->traces, analysis->trace_capacity,
                sizeof *analysis->traces);
    rowan__free(analysis->allocator, analysis->explained, analysis->explained_capacity,
                sizeof *analysis->explained);
    rowan__arena_fini(&analysis->arena);
}

/* --- Events. --- */

rowan_site rowan__site_of(rowan__arena *arena, const char *callsite)
{
    const char *colon = callsite != NULL ? strrchr(callsite, ':') : NULL;
    rowan_site site = {0};

    if (callsite == NULL || strcmp(callsite, "?") == 0 || callsite[0] == '\0') {
        return site;
    }
    site.line = colon != NULL ? (int)strtol(colon + 1, NULL, 10) : 0;
    site.file = rowan__arena_text(arena, callsite,
                                  colon != NULL ? (size_t)(colon - callsite) : strlen(callsite));
    return site;
}

static rowan_pattern pattern_of(const char *name)
{
    static const char *const names[] = {"", "raw", "querybuilder", "activerecord", "datamapper"};

    for (size_t i = 1; name != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (rowan_pattern)i;
        }
    }
    return ROWAN_PATTERN_NONE;
}

static rowan_batch batch_of(const rowan__traced *statement, rowan_batch_column *columns)
{
    for (size_t i = 0; i < statement->column_count; i++) {
        uint32_t offset = (uint32_t)(i * sizeof(rowan_value));
        columns[i] = (rowan_batch_column){.nullable = true,
                                          .offset = offset,
                                          .value_offset = offset,
                                          .name = statement->columns[i]};
    }
    return (rowan_batch){
        .columns = columns,
        .column_count = statement->column_count,
        .rows = (const char *)statement->rows,
        .row_size = statement->column_count * sizeof(rowan_value),
        .row_count = statement->row_count,
        .is_dynamic = true,
    };
}

static rowan_status tell(scope *s, rowan__watch *watch, rowan__placed *placed, uint64_t sequence)
{
    const rowan__traced *statement = placed->statement;
    const rowan_error failed = {.status = ROWAN_ENGINE};
    const rowan_table model = {.name = statement->model}, owner = {.name = statement->relation_of};
    const rowan_relation relation = {.name = statement->relation, .from = &owner};
    rowan_batch_column *columns =
        rowan__new(s->analysis->allocator, statement->column_count + 1, sizeof *columns);
    rowan_batch batch;
    rowan_reads reads;
    bool same_trip = statement->trip >= 0 && statement->trip == s->last_trip;

    if (columns == NULL) {
        return ROWAN_NOMEM;
    }
    batch = batch_of(statement, columns);
    reads = (rowan_reads){.rows = statement->rows_read,
                          .columns = statement->columns_read,
                          .result = columns,
                          .column_count = statement->column_count};
    s->last_trip = statement->trip;
    rowan_event event = {
        .kind = ROWAN_EVENT_STATEMENT,
        .engine = statement->dialect,
        .sequence = sequence,
        .pattern = pattern_of(statement->pattern),
        .table = statement->model != NULL ? &model : NULL,
        .relation = statement->relation != NULL ? &relation : NULL,
        .site = rowan__site_of(&s->analysis->arena, statement->callsite),
        .sql = statement->sql,
        .sql_size = statement->sql_size,
        .params = statement->params,
        .param_count = statement->param_count,
        .param_rows = 1,
        .batch = statement->row_count > 0 ? &batch : NULL,
        .reads = statement->knows_reads ? &reads : NULL,
        .statements = 1,
        .round_trips = same_trip ? 0 : 1,
        .rows = statement->all_rows,
        .affected = statement->all_rows,
        .start_ns = statement->start_ns + 1, /* nought would mean that there is no clock */
        .elapsed_ns = statement->elapsed_ns,
        .error = statement->error != NULL ? &failed : NULL,
    };
    placed->group = rowan__watch_event(watch, &event);
    rowan__free(s->analysis->allocator, columns, statement->column_count + 1, sizeof *columns);
    return ROWAN_OK;
}

/* --- Findings. --- */

static const char *keep(rowan__analysis *analysis, const char *text)
{
    return text != NULL ? rowan__arena_text(&analysis->arena, text, strlen(text)) : NULL;
}

/* The evidence with the parent's number in the trace, by which all else goes; the detector counts
 * in each scope from 1. */
static const char *keep_evidence(rowan__analysis *analysis, const rowan_finding *finding,
                                 uint64_t parent_seq)
{
    static const char before[] = " in the rows of statement ";
    const char *text = finding->evidence;
    const char *at = text != NULL && parent_seq != 0 ? strstr(text, before) : NULL;
    rowan__text whole;
    const char *kept;
    char *end;

    if (at == NULL || strtoull(at + sizeof before - 1, &end, 10) != finding->parent_sequence) {
        return keep(analysis, text);
    }
    rowan__text_init(&whole, analysis->allocator);
    rowan__text_format(&whole, "%.*s%s%" PRIu64 "%s", (int)(at - text), text, before, parent_seq,
                       end);
    kept = whole.failed ? NULL : keep(analysis, whole.data);
    rowan__text_fini(&whole);
    return kept;
}

static const char *table_of(rowan__analysis *analysis, const char *dialect, const char *sql)
{
    rowan__fold fold;

    rowan__fold_statement(rowan__engine_reading(dialect), dialect, sql, strlen(sql), NULL, 0,
                          &fold);
    return fold.table_count > 0 && fold.table + fold.table_size <= strlen(sql)
               ? rowan__arena_text(&analysis->arena, sql + fold.table, fold.table_size)
               : NULL;
}

/* The executions of a group, in the order in which they began. */
typedef struct members {
    const rowan__placed **at;
    size_t count;
} members;

static bool find_members(const scope *s, uint64_t group, members *out)
{
    *out = (members){.count = 0};
    for (size_t i = 0; i < s->count; i++) {
        out->count += s->at[i].group == group;
    }
    out->at = rowan__arena_new(&s->analysis->arena, out->count + 1, sizeof *out->at,
                               _Alignof(const rowan__placed *));
    for (size_t i = 0, next = 0; out->at != NULL && i < s->count; i++) {
        if (s->at[i].group == group) {
            out->at[next++] = &s->at[i];
        }
    }
    return out->at != NULL && out->count > 0;
}

static bool take_statements(const scope *s, const members *all, rowan__trace_finding *out)
{
    out->seqs =
        rowan__arena_new(&s->analysis->arena, all->count, sizeof *out->seqs, _Alignof(uint64_t));
    for (size_t i = 0; out->seqs != NULL && i < all->count; i++) {
        out->seqs[out->seq_count++] = all->at[i]->statement->seq;
    }
    return out->seqs != NULL;
}

static const rowan__traced *statement_at(const scope *s, uint64_t sequence)
{
    return sequence > 0 && sequence <= s->count ? s->at[sequence - 1].statement : NULL;
}

/*
 * Requests that share a scope's name and run side by side look like a loop. Values that were seen
 * in an earlier result tell them apart; where there are none, the connections do.
 */
static bool is_coincidence(const rowan_finding *finding, const members *all)
{
    bool is_open = finding->kind == ROWAN_DUPLICATE_QUERY ||
                   (finding->kind == ROWAN_N_PLUS_ONE && finding->confidence == ROWAN_LIKELY);

    return is_open && rowan__spread_apart(all->at, all->count);
}

static void fill_parent(const scope *s, const rowan_finding *finding, rowan__trace_finding *out)
{
    const rowan__traced *parent = statement_at(s, finding->parent_sequence);

    if (parent != NULL) {
        out->parent_seq = parent->seq;
        out->parent_sql = parent->sql;
        out->parent_callsite = parent->callsite;
    }
}

static rowan_status take_finding(const scope *s, const rowan_finding *finding)
{
    rowan__analysis *analysis = s->analysis;
    members all;

    if (!find_members(s, finding->first_sequence, &all) ||
        !rowan__grow(analysis->allocator, (void **)&analysis->at, &analysis->capacity,
                     analysis->count, sizeof *analysis->at)) {
        return ROWAN_NOMEM;
    }
    if (is_coincidence(finding, &all)) {
        return ROWAN_OK;
    }
    const rowan__traced *first = all.at[0]->statement;
    const rowan__traced *usual = rowan__spread_usual(all.at, all.count);
    rowan__trace_finding *out = &analysis->at[analysis->count];
    *out = (rowan__trace_finding){
        .trace = s->trace,
        .scope = first->scope,
        .dialect = first->dialect,
        .kind = rowan_finding_kind_name(finding->kind),
        .is_confirmed = finding->confidence == ROWAN_CONFIRMED,
        .parent_column = keep(analysis, finding->parent_column),
        .child_column = keep(analysis, finding->child_column),
        .count = finding->count,
        .distinct = finding->distinct,
        .fingerprint_id = finding->fingerprint_id,
        .fingerprint = keep(analysis, finding->fingerprint),
        .sql = first->sql,
        .callsite = usual->callsite,
        .through = usual->through,
        .table = table_of(analysis, first->dialect, finding->sql),
        .action =
            rowan__action_of(finding, first->dialect, rowan__spread_varying(all.at, all.count),
                             rowan__spread_one_site(all.at, all.count)),
        .suggestion = keep(analysis, finding->suggestion),
        .total_ns = finding->total_ns,
    };
    fill_parent(s, finding, out);
    out->evidence = keep_evidence(analysis, finding, out->parent_seq);
    bool kept = take_statements(s, &all, out) && out->fingerprint != NULL &&
                out->evidence != NULL && out->suggestion != NULL;
    analysis->count += kept;
    return kept ? ROWAN_OK : ROWAN_NOMEM;
}

/* Says of every group of the fingerprint that is asked about why it is no finding, or that it is.
 */
static rowan_status explain(const scope *s, rowan__watch *watch)
{
    enum { MOST = 16 };
    rowan__analysis *analysis = s->analysis;
    rowan__silence silences[MOST];
    size_t count = rowan__watch_silences(watch, analysis->explain, silences, MOST);

    for (size_t i = 0; i < count; i++) {
        const rowan__traced *first = statement_at(s, silences[i].first_sequence);
        if (!rowan__grow(analysis->allocator, (void **)&analysis->explained,
                         &analysis->explained_capacity, analysis->explained_count,
                         sizeof *analysis->explained)) {
            return ROWAN_NOMEM;
        }
        analysis->explained[analysis->explained_count++] =
            (rowan__explained){.trace = s->trace,
                               .scope = first != NULL ? first->scope : NULL,
                               .seq = first != NULL ? first->seq : 0,
                               .silence = silences[i]};
    }
    return ROWAN_OK;
}

static void add_dropped(rowan__analysis *analysis, const rowan_dropped *dropped)
{
    analysis->dropped.statements += dropped->statements;
    analysis->dropped.values += dropped->values;
    analysis->dropped.rows += dropped->rows;
    analysis->scopes_dropped += rowan__is_dropped(dropped);
}

/* What a scope alone cannot tell: how long a statement takes elsewhere, what a connection does. */
static bool is_of_whole_trace(rowan_finding_kind kind)
{
    return kind == ROWAN_SLOW_QUERY || kind == ROWAN_LONG_TRANSACTION ||
           kind == ROWAN_IDLE_IN_TRANSACTION;
}

static rowan_status watch_scope(scope *s)
{
    rowan__analysis *analysis = s->analysis;
    rowan__watch *watch = rowan__watch_new(analysis->allocator, &analysis->rules, analysis->shapes,
                                           NULL, s->at[0].statement->dialect);
    rowan_status status = watch != NULL ? ROWAN_OK : ROWAN_NOMEM;
    rowan_findings findings = {0};

    for (size_t i = 0; i < s->count && status == ROWAN_OK; i++) {
        if (!s->at[i].statement->is_cached) {
            status = tell(s, watch, &s->at[i], i + 1);
        }
    }
    if (status == ROWAN_OK) {
        status = rowan__watch_findings(watch, &findings);
        add_dropped(analysis, &findings.dropped);
    }
    for (size_t i = 0; i < findings.count && status == ROWAN_OK; i++) {
        if (!is_of_whole_trace(findings.at[i].kind)) {
            status = take_finding(s, &findings.at[i]);
        }
    }
    if (status == ROWAN_OK && analysis->explain != 0) {
        status = explain(s, watch);
    }
    rowan__watch_free(watch);
    return status;
}

static int by_seq(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

void rowan__seqs_sort(uint64_t *seqs, size_t count)
{
    qsort(seqs, count, sizeof *seqs, by_seq);
}

static int by_time_lost(const void *a, const void *b)
{
    const rowan__trace_finding *x = a, *y = b;
    bool x_is_hint = rowan__unread_is(x), y_is_hint = rowan__unread_is(y);

    if (x_is_hint != y_is_hint) { /* it is not the statement's time that is lost */
        return x_is_hint ? 1 : -1;
    }
    if (x->total_ns != y->total_ns) {
        return x->total_ns > y->total_ns ? -1 : 1;
    }
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return x->seqs[0] < y->seqs[0] ? -1 : x->seqs[0] > y->seqs[0];
}

static rowan_status watch_scopes(rowan__analysis *analysis, const rowan__trace *trace,
                                 rowan__placed *placed)
{
    rowan_status status = rowan__scopes_find(trace, analysis->allocator, placed);

    for (size_t first = 0, end; first < trace->count && status == ROWAN_OK; first = end) {
        for (end = first + 1; end < trace->count && placed[end].scope == placed[first].scope;
             end++) {
        }
        scope s = {.analysis = analysis,
                   .trace = trace,
                   .at = placed + first,
                   .count = end - first,
                   .last_trip = -1};
        analysis->scopes++;
        status = watch_scope(&s);
    }
    return status;
}

rowan_status rowan__analysis_add(rowan__analysis *analysis, rowan__trace *trace)
{
    size_t before = 0;
    int64_t trace_ns = 0;
    rowan__placed *placed = rowan__new(analysis->allocator, trace->count + 1, sizeof *placed);
    bool has_room =
        rowan__grow(analysis->allocator, (void **)&analysis->traces, &analysis->trace_capacity,
                    analysis->trace_count, sizeof *analysis->traces);
    rowan_status status = placed != NULL && has_room ? ROWAN_OK : ROWAN_NOMEM;

    if (has_room) {
        analysis->traces[analysis->trace_count++] = trace;
    }
    for (size_t i = 0; i < trace->count && status == ROWAN_OK; i++) {
        trace_ns += trace->at[i].elapsed_ns;
        status = rowan__values_recover(&analysis->arena, &trace->at[i]);
    }
    if (status == ROWAN_OK) {
        status = rowan__unread_learn(analysis, trace);
    }
    if (status == ROWAN_OK) {
        status = rowan__unread_settle(analysis); /* the findings of earlier traces */
    }
    before = analysis->count;
    if (status == ROWAN_OK) {
        status = watch_scopes(analysis, trace, placed);
    }
    if (status == ROWAN_OK) {
        status = rowan__unread_settle(analysis);
    }
    if (status == ROWAN_OK) {
        status = rowan__slow_find(analysis, trace);
    }
    if (status == ROWAN_OK) {
        status = rowan__transactions_find(analysis, trace);
    }
    if (status == ROWAN_OK) {
        status = rowan__eager_find(analysis, trace);
    }
    if (status == ROWAN_OK) {
        status = rowan__rewrite_findings(analysis, before);
    }
    for (size_t i = before; i < analysis->count; i++) {
        rowan__trace_finding *finding = &analysis->at[i];
        finding->trace_ns = finding->trace_ns != 0 ? finding->trace_ns : trace_ns;
    }
    if (analysis->count > before) {
        qsort(analysis->at + before, analysis->count - before, sizeof *analysis->at, by_time_lost);
    }
    analysis->statements += trace->count;
    rowan__free(analysis->allocator, placed, trace->count + 1, sizeof *placed);
    return status;
}
