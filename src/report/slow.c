/*
 * Slow statements, by fingerprint over the whole trace: a scope has too few executions to tell.
 *
 * With few samples every execution above the limit counts. With enough of them one outlier does
 * not: the 95th percentile has to be above it. A statement most of whose executions are quick, and
 * a part of which takes more than five times as long as the median, is skewed: then it is the
 * values that want a look, not an index. What waits by its nature, or changes the schema, is not
 * slow.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/fold.h"
#include "report/analysis.h"

enum { SKEW = 5, PERCENT = 5 };

/* One execution. */
typedef struct sample {
    uint64_t id; /* of its fingerprint */
    const rowan__traced *statement;
} sample;

/* The executions of one fingerprint, from the quickest on. */
typedef struct series {
    const sample *at;
    size_t count;
} series;

static int by_id_and_time(const void *a, const void *b)
{
    const sample *x = a, *y = b;

    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    if (x->statement->elapsed_ns != y->statement->elapsed_ns) {
        return x->statement->elapsed_ns < y->statement->elapsed_ns ? -1 : 1;
    }
    return x->statement->seq < y->statement->seq ? -1 : x->statement->seq > y->statement->seq;
}

static int64_t percentile(const series *s, unsigned percent)
{
    size_t rank = (s->count * percent + 99) / 100;

    return s->at[rank > 0 ? rank - 1 : 0].statement->elapsed_ns;
}

/* How many took at least so long. */
static size_t slower_than(const series *s, int64_t limit_ns)
{
    size_t count = 0;

    while (count < s->count && s->at[s->count - 1 - count].statement->elapsed_ns >= limit_ns) {
        count++;
    }
    return count;
}

/* What was found of a series: how many of its slowest executions it is about; 0: nothing. */
typedef struct verdict {
    size_t count;
    bool is_skewed;
} verdict;

static verdict judge(const series *s, int64_t slow_ns, unsigned samples)
{
    size_t slow = slower_than(s, slow_ns), skewed;
    int64_t limit_ns = SKEW * percentile(s, 50);

    if (s->count < samples || percentile(s, 95) >= slow_ns) {
        bool mostly = s->count >= samples && percentile(s, 50) < slow_ns && limit_ns < slow_ns;
        return (verdict){slow, mostly && slow > 1};
    }
    limit_ns = limit_ns > slow_ns / 2 ? limit_ns : slow_ns / 2 + 1;
    skewed = slower_than(s, limit_ns);
    return (verdict){skewed > 1 && skewed * 100 >= s->count * PERCENT ? skewed : 0, true};
}

/* Whether a value is compared with what a function makes of a column: lower(name) = ?. */
static bool compares_computed(const char *folded)
{
    static const char *const ends[] = {") = ?",  ") > ?",    ") < ?",       ") >= ?",
                                       ") <= ?", ") like ?", ") between ?", ") in (?+)"};
    const char *where = strstr(folded, " where ");

    for (size_t i = 0; where != NULL && i < sizeof ends / sizeof ends[0]; i++) {
        const char *end = strstr(where, ends[i]);
        const char *open = end;
        while (open != NULL && open > where && *open != '(') {
            open--;
        }
        if (open != NULL && open > where && open[-1] >= 'a' && open[-1] <= 'z' && open[1] != '?') {
            return true;
        }
    }
    return false;
}

static rowan__action action_of(const rowan__fold *fold, const char *folded, bool is_skewed)
{
    if (is_skewed) {
        return ROWAN__ACTION_INVESTIGATE_SKEW;
    }
    if (compares_computed(folded)) {
        return ROWAN__ACTION_ADD_EXPRESSION_INDEX;
    }
    for (size_t i = 0; i < fold->slot_count; i++) {
        rowan__role role = fold->slots[i].role;
        if (role == ROWAN__ROLE_EQUAL || role == ROWAN__ROLE_LIST || role == ROWAN__ROLE_RANGE) {
            return ROWAN__ACTION_ADD_INDEX;
        }
    }
    return fold->has_where ? ROWAN__ACTION_ADD_INDEX : ROWAN__ACTION_REPORT_PERCENTILES;
}

static const char *suggestion_of(rowan__action action)
{
    switch ((int)action) {
    case ROWAN__ACTION_INVESTIGATE_SKEW:
        return "look at the values of the slow executions: most are quick, so an index is there or "
               "not needed, and some values find far more rows";
    case ROWAN__ACTION_ADD_EXPRESSION_INDEX:
        return "an index on the column does not serve what a function makes of it: make one on the "
               "expression";
    case ROWAN__ACTION_ADD_INDEX:
        return "look at its plan with EXPLAIN: is a table read whole, or sorted, for few rows? "
               "Then an index on what it compares would do";
    default:
        return "it reads all there is: no index helps; read less, or less often";
    }
}

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

static void write_evidence(const series *s, const verdict *v, unsigned slow_ms, char *out,
                           size_t size)
{
    snprintf(out, size,
             "%zu of %zu executions took %.1f ms or more%s: half took up to %.1f ms, 95 %% up to "
             "%.1f ms, 99 %% up to %.1f ms, the slowest %.1f ms",
             v->count, s->count,
             v->is_skewed ? ms(s->at[s->count - v->count].statement->elapsed_ns) : (double)slow_ms,
             v->is_skewed ? ", far more than the rest" : "", ms(percentile(s, 50)),
             ms(percentile(s, 95)), ms(percentile(s, 99)), ms(percentile(s, 100)));
}

static int by_seq(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static rowan_status add(rowan__analysis *analysis, const rowan__trace *trace, const series *s,
                        const verdict *v)
{
    const rowan__traced *worst = s->at[s->count - 1].statement;
    char folded[2048], evidence[512];
    rowan__fold fold;

    if (!rowan__grow(analysis->allocator, (void **)&analysis->at, &analysis->capacity,
                     analysis->count, sizeof *analysis->at)) {
        return ROWAN_NOMEM;
    }
    rowan__fold_statement(rowan__engine_reading(worst->dialect), worst->dialect, worst->sql,
                          worst->sql_size, folded, sizeof folded, &fold);
    write_evidence(s, v, analysis->rules.slow_ms, evidence, sizeof evidence);
    rowan__trace_finding *out = &analysis->at[analysis->count];
    *out = (rowan__trace_finding){
        .trace = trace,
        .scope = worst->scope,
        .dialect = worst->dialect,
        .kind = "slow_query",
        .is_confirmed = true,
        .seqs = rowan__arena_new(&analysis->arena, v->count, sizeof *out->seqs, _Alignof(uint64_t)),
        .count = v->count,
        .distinct = v->count,
        .fingerprint_id = fold.id,
        .fingerprint = rowan__arena_text(&analysis->arena, folded, strlen(folded)),
        .sql = worst->sql,
        .callsite = worst->callsite,
        .table = fold.table_count > 0
                     ? rowan__arena_text(&analysis->arena, worst->sql + fold.table, fold.table_size)
                     : NULL,
        .action = action_of(&fold, folded, v->is_skewed),
        .evidence = rowan__arena_text(&analysis->arena, evidence, strlen(evidence)),
    };
    out->suggestion = suggestion_of(out->action);
    if (out->seqs == NULL || out->fingerprint == NULL || out->evidence == NULL) {
        return ROWAN_NOMEM;
    }
    for (size_t i = s->count - v->count; i < s->count; i++) {
        out->seqs[out->seq_count++] = s->at[i].statement->seq;
        out->total_ns += s->at[i].statement->elapsed_ns;
    }
    qsort(out->seqs, out->seq_count, sizeof *out->seqs, by_seq);
    analysis->count++;
    return ROWAN_OK;
}

/* The executions that can be slow at all. @return how many */
static size_t collect(const rowan__trace *trace, sample *out)
{
    size_t count = 0;

    for (size_t i = 0; i < trace->count; i++) {
        const rowan__traced *statement = &trace->at[i];
        rowan__fold fold;
        rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                              statement->sql, statement->sql_size, NULL, 0, &fold);
        if (fold.verb != ROWAN__VERB_OTHER && !fold.is_volatile && !statement->is_cached &&
            statement->error == NULL) {
            out[count++] = (sample){fold.id, statement};
        }
    }
    return count;
}

rowan_status rowan__slow_find(rowan__analysis *analysis, const rowan__trace *trace)
{
    sample *samples = rowan__new(analysis->allocator, trace->count + 1, sizeof *samples);
    int64_t slow_ns = (int64_t)analysis->rules.slow_ms * 1000000;
    rowan_status status = samples != NULL ? ROWAN_OK : ROWAN_NOMEM;
    size_t count = samples != NULL ? collect(trace, samples) : 0;

    if (count > 0) {
        qsort(samples, count, sizeof *samples, by_id_and_time);
    }
    for (size_t first = 0, end; first < count && status == ROWAN_OK; first = end) {
        for (end = first + 1; end < count && samples[end].id == samples[first].id; end++) {
        }
        series s = {samples + first, end - first};
        verdict v = judge(&s, slow_ns, analysis->rules.slow_samples);
        if (v.count > 0) {
            status = add(analysis, trace, &s, &v);
        }
    }
    rowan__free(analysis->allocator, samples, trace->count + 1, sizeof *samples);
    return status;
}
