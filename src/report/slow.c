/*
 * Slow statements, by fingerprint over the whole trace: a scope has too few executions to tell. The
 * rule is the detector's; here are the statements that it is about, and what to do.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/slow.h"
#include "report/analysis.h"

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

/* How many took at least so long. */
static size_t slower_than(const series *s, int64_t limit_ns)
{
    size_t count = 0;

    while (count < s->count && s->at[s->count - 1 - count].statement->elapsed_ns >= limit_ns) {
        count++;
    }
    return count;
}

static void time_all(const series *s, int64_t slow_ns, rowan__series *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < s->count; i++) {
        rowan__series_add(out, s->at[i].statement->elapsed_ns, slow_ns);
    }
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

static const char *evidence_of(rowan__analysis *analysis, const series *s,
                               const rowan__series *durations, const rowan__slowness *slowness,
                               size_t count)
{
    rowan__text text;
    const char *kept = NULL;

    rowan__text_init(&text, analysis->allocator);
    rowan__slow_evidence(&text, slowness, count, s->count, durations);
    if (!text.failed) {
        kept = rowan__arena_text(&analysis->arena, rowan__text_string(&text), text.size);
    }
    rowan__text_fini(&text);
    return kept;
}

static rowan_status add(rowan__analysis *analysis, const rowan__trace *trace, const series *s,
                        const rowan__series *durations, const rowan__slowness *slowness)
{
    const rowan__traced *worst = s->at[s->count - 1].statement;
    size_t count = slower_than(s, slowness->from_ns);
    char folded[2048];
    rowan__fold fold;

    if (!rowan__grow(analysis->allocator, (void **)&analysis->at, &analysis->capacity,
                     analysis->count, sizeof *analysis->at)) {
        return ROWAN_NOMEM;
    }
    rowan__fold_statement(rowan__engine_reading(worst->dialect), worst->dialect, worst->sql,
                          worst->sql_size, folded, sizeof folded, &fold);
    rowan__trace_finding *out = &analysis->at[analysis->count];
    *out = (rowan__trace_finding){
        .trace = trace,
        .scope = worst->scope,
        .dialect = worst->dialect,
        .kind = "slow_query",
        .is_confirmed = true,
        .seqs = rowan__arena_new(&analysis->arena, count, sizeof *out->seqs, _Alignof(uint64_t)),
        .count = count,
        .distinct = count,
        .fingerprint_id = fold.id,
        .fingerprint = rowan__arena_text(&analysis->arena, folded, strlen(folded)),
        .sql = worst->sql,
        .callsite = worst->callsite,
        .through = worst->through,
        .table = fold.table_count > 0
                     ? rowan__arena_text(&analysis->arena, worst->sql + fold.table, fold.table_size)
                     : NULL,
        .action = action_of(&fold, folded, slowness->is_skewed),
        .evidence = evidence_of(analysis, s, durations, slowness, count),
    };
    out->suggestion = suggestion_of(out->action);
    if (out->seqs == NULL || out->fingerprint == NULL || out->evidence == NULL) {
        return ROWAN_NOMEM;
    }
    for (size_t i = s->count - count; i < s->count; i++) {
        out->seqs[out->seq_count++] = s->at[i].statement->seq;
        out->total_ns += s->at[i].statement->elapsed_ns;
    }
    rowan__seqs_sort(out->seqs, out->seq_count);
    analysis->count++;
    return ROWAN_OK;
}

/*
 * Whether a statement was still open while others were sent with values of its rows: what it took
 * was then the program's time.
 */
static bool was_streamed(const rowan__analysis *analysis, const rowan__trace *trace,
                         const rowan__traced *statement)
{
    int64_t end_ns = statement->start_ns + statement->elapsed_ns;

    for (size_t i = 0; i < analysis->count; i++) {
        const rowan__trace_finding *finding = &analysis->at[i];
        if (finding->trace == trace && finding->parent_seq == statement->seq &&
            finding->seq_count > 0) {
            const rowan__traced *first = rowan__trace_numbered(trace, finding->seqs[0]);
            if (first != NULL && first->start_ns < end_ns) {
                return true;
            }
        }
    }
    return false;
}

/* The executions that can be slow at all. @return how many */
static size_t collect(const rowan__analysis *analysis, const rowan__trace *trace, sample *out)
{
    size_t count = 0;
    char folded[2048];

    for (size_t i = 0; i < trace->count; i++) {
        const rowan__traced *statement = &trace->at[i];
        rowan__fold fold;
        rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                              statement->sql, statement->sql_size, folded, sizeof folded, &fold);
        if (rowan__slow_applies(&fold, folded) && !statement->is_cached &&
            statement->error == NULL && !was_streamed(analysis, trace, statement)) {
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
    size_t count = samples != NULL ? collect(analysis, trace, samples) : 0;
    rowan__series durations;

    if (count > 0) {
        qsort(samples, count, sizeof *samples, by_id_and_time);
    }
    for (size_t first = 0, end; first < count && status == ROWAN_OK; first = end) {
        for (end = first + 1; end < count && samples[end].id == samples[first].id; end++) {
        }
        series s = {samples + first, end - first};
        time_all(&s, slow_ns, &durations);
        rowan__slowness slowness = rowan__slow_judge(&durations, &analysis->rules);
        if (slowness.is_slow) {
            status = add(analysis, trace, &s, &durations, &slowness);
        }
    }
    rowan__free(analysis->allocator, samples, trace->count + 1, sizeof *samples);
    return status;
}
