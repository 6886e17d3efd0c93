/*
 * The transactions of a trace, connection by connection: one may go on from scope to scope. What is
 * long or idle is the detector's to say; here it gets the statements.
 */
#include "detector/transactions.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "detector/fold.h"
#include "report/analysis.h"

/* A connection and its transaction. */
typedef struct session {
    uint64_t key;
    rowan__transaction now;
} session;

typedef struct sessions {
    const rowan_allocator *allocator;
    session *at;
    size_t count, capacity;
} sessions;

static uint64_t hash_of(uint64_t seed, const char *text)
{
    return text != NULL ? XXH3_64bits_withSeed(text, strlen(text), seed) : seed;
}

/* Without connections, what a scope sends is taken for what one of them does. */
static uint64_t key_of(const rowan__traced *statement)
{
    return hash_of(
        hash_of(1, statement->connection != NULL ? statement->connection : statement->scope),
        statement->thread);
}

static session *session_of(sessions *all, const rowan__traced *statement)
{
    uint64_t key = key_of(statement);

    for (size_t i = all->count; i-- > 0;) {
        if (all->at[i].key == key) {
            return &all->at[i];
        }
    }
    if (!rowan__grow(all->allocator, (void **)&all->at, &all->capacity, all->count,
                     sizeof *all->at)) {
        return NULL;
    }
    all->at[all->count] = (session){.key = key};
    return &all->at[all->count++];
}

static int by_time(const void *a, const void *b)
{
    const rowan__traced *x = *(const rowan__traced *const *)a;
    const rowan__traced *y = *(const rowan__traced *const *)b;

    if (x->start_ns != y->start_ns) {
        return x->start_ns < y->start_ns ? -1 : 1;
    }
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static bool step(rowan__analysis *analysis, sessions *all, const rowan__traced *statement,
                 rowan__transaction_log *log)
{
    rowan__control control = rowan__control_of(statement->sql, statement->sql_size);
    session *of = session_of(all, statement);

    if (of == NULL) {
        return false;
    }
    if (control == ROWAN__CONTROL_BEGIN ? statement->error == NULL : of->now.is_open) {
        const rowan__step one = {
            .sql = statement->sql,
            .sql_size = statement->sql_size,
            .site = rowan__site_of(&analysis->arena, statement->callsite),
            .sequence = statement->seq,
            .start_ns = statement->start_ns + 1, /* nought would mean that there is no clock */
            .end_ns = statement->start_ns + 1 + statement->elapsed_ns,
        };
        rowan__transaction_step(&of->now, control, &one, log);
    }
    return true;
}

/* Passes all statements in the order in which they began. */
static rowan_status follow(rowan__analysis *analysis, const rowan__trace *trace,
                           rowan__transaction_log *log)
{
    const rowan__traced **order =
        rowan__new(analysis->allocator, trace->count + 1, sizeof(const rowan__traced *));
    sessions all = {.allocator = analysis->allocator};
    bool whole = order != NULL;

    for (size_t i = 0; order != NULL && i < trace->count; i++) {
        order[i] = &trace->at[i];
    }
    if (whole && trace->count > 0) {
        qsort(order, trace->count, sizeof *order, by_time);
    }
    for (size_t i = 0; i < trace->count && whole; i++) {
        whole = order[i]->is_cached || step(analysis, &all, order[i], log);
    }
    for (size_t i = 0; i < all.count && whole; i++) {
        if (all.at[i].now.is_open) { /* the trace ends before it does */
            rowan__transaction_judge(&all.at[i].now, log);
        }
    }
    rowan__free(analysis->allocator, order, trace->count + 1, sizeof(const rowan__traced *));
    rowan__free(analysis->allocator, all.at, all.capacity, sizeof *all.at);
    return whole ? ROWAN_OK : ROWAN_NOMEM;
}

/* --- Findings. --- */

/* How long the trace is, waits and all. */
static int64_t length_of(const rowan__trace *trace)
{
    int64_t first_ns = INT64_MAX, last_ns = 0;

    for (size_t i = 0; i < trace->count; i++) {
        int64_t end_ns = trace->at[i].start_ns + trace->at[i].elapsed_ns;
        first_ns = trace->at[i].start_ns < first_ns ? trace->at[i].start_ns : first_ns;
        last_ns = end_ns > last_ns ? end_ns : last_ns;
    }
    return last_ns > first_ns ? last_ns - first_ns : 0;
}

static const char *evidence_of(rowan__analysis *analysis, const rowan__transactions *found)
{
    rowan__text text;
    const char *kept = NULL;

    rowan__text_init(&text, analysis->allocator);
    rowan__transactions_evidence(found, &text);
    if (!text.failed) {
        kept = rowan__arena_text(&analysis->arena, rowan__text_string(&text), text.size);
    }
    rowan__text_fini(&text);
    return kept;
}

static bool fill(rowan__analysis *analysis, const rowan__trace *trace,
                 const rowan__transactions *found, rowan__trace_finding *out)
{
    bool is_idle = found->kind == ROWAN_IDLE_IN_TRANSACTION;
    const rowan__traced *begin = rowan__trace_numbered(trace, found->begin.sequence);
    const rowan__traced *before =
        is_idle ? rowan__trace_numbered(trace, found->before_gap.sequence) : NULL;
    char folded[256];
    rowan__fold fold;

    rowan__fold_statement(rowan__engine_reading(begin->dialect), begin->dialect, begin->sql,
                          begin->sql_size, folded, sizeof folded, &fold);
    *out = (rowan__trace_finding){
        .trace = trace,
        .scope = begin->scope,
        .dialect = begin->dialect,
        .kind = rowan_finding_kind_name(found->kind),
        .is_confirmed = true,
        .seqs = rowan__arena_new(&analysis->arena, 1, sizeof *out->seqs, _Alignof(uint64_t)),
        .count = found->count,
        .distinct = found->count,
        .fingerprint_id = fold.id,
        .fingerprint = rowan__arena_text(&analysis->arena, folded, strlen(folded)),
        .sql = begin->sql,
        .callsite = begin->callsite,
        .through = begin->through,
        .action = is_idle ? ROWAN__ACTION_COMMIT_BEFORE_WAIT : ROWAN__ACTION_SHORTEN_TRANSACTION,
        .evidence = evidence_of(analysis, found),
        .suggestion = rowan__transactions_suggestion(found),
        .total_ns = is_idle ? found->idle_ns : found->open_ns,
    };
    if (before != NULL) {
        out->parent_seq = before->seq;
        out->parent_sql = before->sql;
        out->parent_callsite = before->callsite;
    }
    if (out->seqs == NULL || out->fingerprint == NULL || out->evidence == NULL) {
        return false;
    }
    out->seqs[out->seq_count++] = begin->seq;
    return true;
}

rowan_status rowan__transactions_find(rowan__analysis *analysis, const rowan__trace *trace)
{
    rowan__transaction_log log = {.rules = &analysis->rules};
    rowan_status status = follow(analysis, trace, &log);
    int64_t length_ns = length_of(trace);

    for (size_t i = 0; i < log.count && status == ROWAN_OK; i++) {
        if (!rowan__grow(analysis->allocator, (void **)&analysis->at, &analysis->capacity,
                         analysis->count, sizeof *analysis->at) ||
            !fill(analysis, trace, &log.at[i], &analysis->at[analysis->count])) {
            return ROWAN_NOMEM;
        }
        /* several connections may wait at once, and together for longer than all of it */
        rowan__trace_finding *added = &analysis->at[analysis->count++];
        added->trace_ns = length_ns > added->total_ns ? length_ns : added->total_ns;
    }
    return status;
}
