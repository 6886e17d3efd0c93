/*
 * Eager loads that nobody used. Only the eager loader itself knows: a driver sees every row read.
 * One of no rows or for a single owner proves nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/fold.h"
#include "report/analysis.h"

static bool is_unused(const rowan__traced *statement)
{
    const rowan__eager *eager = statement->eager;

    return eager != NULL && eager->touched == 0 && eager->owners > 1 && statement->all_rows > 0 &&
           statement->error == NULL && !statement->is_cached;
}

static bool fill(rowan__analysis *analysis, const rowan__traced *statement,
                 rowan__trace_finding *out)
{
    const rowan__reading *reading = rowan__engine_reading(statement->dialect);
    char folded[512], evidence[256], suggestion[256];
    rowan__fold fold;
    const char *association =
        statement->eager->association != NULL ? statement->eager->association : "the relation";

    rowan__fold_statement(reading, statement->dialect, statement->sql, statement->sql_size, folded,
                          sizeof folded, &fold);
    snprintf(evidence, sizeof evidence,
             "%.80s was loaded for %" PRIu64 " rows, %" PRIu64
             " rows of it, and not read for one of them",
             association, statement->eager->owners, statement->all_rows);
    snprintf(suggestion, sizeof suggestion, "leave %.80s out of the fetch plan", association);
    out->seqs = rowan__arena_new(&analysis->arena, 1, sizeof *out->seqs, _Alignof(uint64_t));
    out->kind = "unused_eager_load";
    out->is_confirmed = true;
    out->scope = statement->scope;
    out->dialect = statement->dialect;
    out->parent_seq = statement->eager->parent_seq;
    out->count = out->distinct = 1;
    out->fingerprint_id = fold.id;
    out->fingerprint = rowan__arena_text(&analysis->arena, folded, strlen(folded));
    out->sql = statement->sql;
    out->callsite = statement->callsite;
    out->through = statement->through;
    out->table =
        fold.table_count > 0
            ? rowan__arena_text(&analysis->arena, statement->sql + fold.table, fold.table_size)
            : NULL;
    out->action = ROWAN__ACTION_REMOVE_EAGER_LOAD;
    out->evidence = rowan__arena_text(&analysis->arena, evidence, strlen(evidence));
    out->suggestion = rowan__arena_text(&analysis->arena, suggestion, strlen(suggestion));
    out->total_ns = statement->elapsed_ns;
    if (out->seqs == NULL || out->fingerprint == NULL || out->evidence == NULL ||
        out->suggestion == NULL) {
        return false;
    }
    out->seqs[out->seq_count++] = statement->seq;
    return true;
}

rowan_status rowan__eager_find(rowan__analysis *analysis, const rowan__trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        if (!is_unused(&trace->at[i])) {
            continue;
        }
        if (!rowan__grow(analysis->allocator, (void **)&analysis->at, &analysis->capacity,
                         analysis->count, sizeof *analysis->at)) {
            return ROWAN_NOMEM;
        }
        rowan__trace_finding *out = &analysis->at[analysis->count];
        *out = (rowan__trace_finding){.trace = trace};
        if (!fill(analysis, &trace->at[i], out)) {
            return ROWAN_NOMEM;
        }
        analysis->count++;
    }
    return ROWAN_OK;
}
