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

static bool is_unused(const rowan__traced *statement, const rowan__eager *eager)
{
    return eager->touched == 0 && eager->owners > 1 && eager->rows > 0 &&
           statement->error == NULL && !statement->is_cached;
}

/* What it says: the figures, and what to do. NULL: no memory. */
static const char *evidence_of(rowan__analysis *analysis, const rowan__eager *eager,
                               const char *association)
{
    rowan__text text;

    rowan__text_init(&text, analysis->allocator);
    rowan__unused_evidence(&text, association, eager->owners, eager->rows);
    const char *kept =
        text.failed ? NULL
                    : rowan__arena_text(&analysis->arena, rowan__text_string(&text), text.size);
    rowan__text_fini(&text);
    return kept;
}

static bool fill(rowan__analysis *analysis, const rowan__traced *statement,
                 const rowan__eager *eager, rowan__trace_finding *out)
{
    const rowan__reading *reading = rowan__engine_reading(statement->dialect);
    char folded[512], suggestion[256];
    rowan__fold fold;
    const char *association = eager->association != NULL ? eager->association : "the relation";

    rowan__fold_statement(reading, statement->dialect, statement->sql, statement->sql_size, folded,
                          sizeof folded, &fold);
    snprintf(suggestion, sizeof suggestion, "leave %.80s out of the fetch plan", association);
    out->seqs = rowan__arena_new(&analysis->arena, 1, sizeof *out->seqs, _Alignof(uint64_t));
    out->kind = "unused_eager_load";
    out->is_confirmed = true;
    out->scope = statement->scope;
    out->dialect = statement->dialect;
    out->parent_seq = eager->parent_seq;
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
    out->evidence = evidence_of(analysis, eager, association);
    out->suggestion = rowan__arena_text(&analysis->arena, suggestion, strlen(suggestion));
    out->total_ns = statement->elapsed_ns;
    if (out->seqs == NULL || out->fingerprint == NULL || out->evidence == NULL ||
        out->suggestion == NULL) {
        return false;
    }
    out->seqs[out->seq_count++] = statement->seq;
    return true;
}

static rowan_status find_in(rowan__analysis *analysis, const rowan__trace *trace,
                            const rowan__traced *statement)
{
    for (const rowan__eager *eager = statement->eager; eager != NULL; eager = eager->next) {
        if (!is_unused(statement, eager)) {
            continue;
        }
        if (!rowan__grow(analysis->allocator, (void **)&analysis->at, &analysis->capacity,
                         analysis->count, sizeof *analysis->at)) {
            return ROWAN_NOMEM;
        }
        rowan__trace_finding *out = &analysis->at[analysis->count];
        *out = (rowan__trace_finding){.trace = trace};
        if (!fill(analysis, statement, eager, out)) {
            return ROWAN_NOMEM;
        }
        analysis->count++;
    }
    return ROWAN_OK;
}

rowan_status rowan__eager_find(rowan__analysis *analysis, const rowan__trace *trace)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < trace->count; i++) {
        status = find_in(analysis, trace, &trace->at[i]);
    }
    return status;
}
