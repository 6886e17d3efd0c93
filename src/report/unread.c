/*
 * Columns that nobody read, over all traces: a scope has too few executions to tell. What one of
 * them reads is read, whichever scope, process or run it was in, so a finding goes or says less as
 * more is known, and is one for all scopes of its trace.
 */
#include "detector/unread.h"

#include <string.h>

#include "base/alloc.h"
#include "report/analysis.h"

enum { CHAINS = 256, FOLDED = 2048 };

/* What is known of a statement that reads. */
typedef struct taken {
    struct taken *next;
    uint64_t id;         /* of its fingerprint */
    uint64_t executions; /* of which it may not be known */
    rowan__taken sum;
    rowan__fold fold; /* of the first */
    const char *folded;
} taken;

struct rowan__taken_by_id {
    taken *chains[CHAINS];
};

static taken *find(const rowan__analysis *analysis, uint64_t id)
{
    taken *one = analysis->taken->chains[id % CHAINS];

    while (one != NULL && one->id != id) {
        one = one->next;
    }
    return one;
}

static taken *make(rowan__analysis *analysis, const rowan__fold *fold, const char *folded)
{
    taken *made = rowan__arena_new(&analysis->arena, 1, sizeof *made, _Alignof(taken));
    const char *kept = rowan__arena_text(&analysis->arena, folded, strlen(folded));

    if (made == NULL || kept == NULL) {
        return NULL;
    }
    *made = (taken){.id = fold->id,
                    .fold = *fold,
                    .folded = kept,
                    .next = analysis->taken->chains[fold->id % CHAINS]};
    return analysis->taken->chains[fold->id % CHAINS] = made;
}

static bool add_execution(taken *one, const rowan__analysis *analysis,
                          const rowan__traced *statement)
{
    rowan_batch_column *columns =
        rowan__new(analysis->allocator, statement->column_count + 1, sizeof *columns);

    if (columns == NULL) {
        return false;
    }
    for (size_t i = 0; i < statement->column_count; i++) {
        columns[i].name = statement->columns[i];
    }
    const rowan_reads reads = {.rows = statement->rows_read,
                               .columns = statement->columns_read,
                               .result = columns,
                               .column_count = statement->column_count};
    rowan__taken_add(&one->sum, &reads, statement->all_rows);
    rowan__free(analysis->allocator, columns, statement->column_count + 1, sizeof *columns);
    return true;
}

static rowan_status take(rowan__analysis *analysis, const rowan__traced *statement)
{
    char folded[FOLDED];
    rowan__fold fold;
    taken *one;

    rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                          statement->sql, statement->sql_size, folded, sizeof folded, &fold);
    if (fold.verb != ROWAN__VERB_SELECT) {
        return ROWAN_OK;
    }
    one = find(analysis, fold.id);
    one = one != NULL ? one : make(analysis, &fold, folded);
    if (one == NULL) {
        return ROWAN_NOMEM;
    }
    one->executions++;
    return !statement->knows_reads || add_execution(one, analysis, statement) ? ROWAN_OK
                                                                              : ROWAN_NOMEM;
}

rowan_status rowan__unread_learn(rowan__analysis *analysis, const rowan__trace *trace)
{
    rowan_status status = ROWAN_OK;

    if (analysis->taken == NULL) {
        analysis->taken = rowan__arena_new(&analysis->arena, 1, sizeof *analysis->taken,
                                           _Alignof(struct rowan__taken_by_id));
        status = analysis->taken != NULL ? ROWAN_OK : ROWAN_NOMEM;
    }
    for (size_t i = 0; i < trace->count && status == ROWAN_OK; i++) {
        const rowan__traced *statement = &trace->at[i];
        if (!statement->is_cached && statement->error == NULL) {
            status = take(analysis, statement);
        }
    }
    return status;
}

/* --- Findings. --- */

bool rowan__unread_is(const rowan__trace_finding *finding)
{
    return strcmp(finding->kind, "unread_columns") == 0;
}

static const char *keep(rowan__analysis *analysis, const taken *one,
                        void (*write)(const rowan__taken *, rowan__text *))
{
    rowan__text text;
    const char *kept = NULL;

    rowan__text_init(&text, analysis->allocator);
    write(&one->sum, &text);
    if (!text.failed) {
        kept = rowan__arena_text(&analysis->arena, rowan__text_string(&text), text.size);
    }
    rowan__text_fini(&text);
    return kept;
}

/* The finding of the same statement and trace among those that stay, or NULL. */
static rowan__trace_finding *same_as(rowan__analysis *analysis, size_t count,
                                     const rowan__trace_finding *finding)
{
    for (size_t i = 0; i < count; i++) {
        rowan__trace_finding *other = &analysis->at[i];
        if (rowan__unread_is(other) && other->fingerprint_id == finding->fingerprint_id &&
            other->trace == finding->trace) {
            return other;
        }
    }
    return NULL;
}

static rowan_status join(rowan__analysis *analysis, rowan__trace_finding *into,
                         const rowan__trace_finding *from)
{
    size_t count = into->seq_count + from->seq_count;
    uint64_t *seqs = rowan__arena_new(&analysis->arena, count, sizeof *seqs, _Alignof(uint64_t));

    if (seqs == NULL) {
        return ROWAN_NOMEM;
    }
    memcpy(seqs, into->seqs, into->seq_count * sizeof *seqs);
    memcpy(seqs + into->seq_count, from->seqs, from->seq_count * sizeof *seqs);
    rowan__seqs_sort(seqs, count);
    into->seqs = seqs;
    into->seq_count = count;
    into->count += from->count;
    into->distinct += from->distinct;
    into->total_ns += from->total_ns;
    return ROWAN_OK;
}

static rowan_status say(rowan__analysis *analysis, rowan__trace_finding *finding, const taken *one)
{
    finding->evidence = keep(analysis, one, rowan__taken_evidence);
    finding->suggestion = keep(analysis, one, rowan__taken_suggestion);
    return finding->evidence != NULL && finding->suggestion != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

rowan_status rowan__unread_settle(rowan__analysis *analysis)
{
    rowan_status status = ROWAN_OK;
    size_t kept = 0;

    for (size_t i = 0; i < analysis->count && status == ROWAN_OK; i++) {
        rowan__trace_finding finding = analysis->at[i];
        const taken *one =
            rowan__unread_is(&finding) ? find(analysis, finding.fingerprint_id) : NULL;
        if (one != NULL &&
            !rowan__taken_lacks_columns(&one->sum, one->executions, &one->fold, one->folded)) {
            continue;
        }
        rowan__trace_finding *same = one != NULL ? same_as(analysis, kept, &finding) : NULL;
        if (same != NULL) {
            status = join(analysis, same, &finding);
            continue;
        }
        status = one != NULL ? say(analysis, &finding, one) : ROWAN_OK;
        analysis->at[kept++] = finding;
    }
    analysis->count = status == ROWAN_OK ? kept : analysis->count;
    return status;
}
