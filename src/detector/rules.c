/*
 * The rules: what a group's executions mean. Each rule first says what is no finding, because a
 * detector that is wrong once is switched off: few repetitions, pages, long lists, values that
 * were written in between, queues, sequences.
 *
 * That values came from a column is said only if nearly all did, and if they were sent from one
 * place or in the order of the rows: small integers occur in many columns, and one of them
 * holding the same numbers is not evidence yet.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/detector_private.h"
#include "detector/transactions.h"

enum {
    BATCH_LIST_MEAN = 8, /* values in a list that make it a batch */
    FEWEST_DISTINCT = 3,
    LIKELY_DISTINCT = 5,
    VERDICTS = 5 /* on one group, at most */
};

static bool is_share(uint64_t part, uint64_t whole, unsigned percent)
{
    return whole > 0 && part * 100 >= whole * percent;
}

/* --- Names. --- */

static char lower_of(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size != b_size) {
        return false;
    }
    for (size_t i = 0; i < a_size; i++) {
        if (lower_of(a[i]) != lower_of(b[i])) {
            return false;
        }
    }
    return true;
}

/**
 * Whether a column is called after a table's key: "author_id" after `id` of "author" or
 * "authors".
 */
static bool is_called_after(const char *column, size_t size, const char *table, size_t table_size,
                            const char *key, size_t key_size)
{
    size_t stem = size > key_size + 1 ? size - key_size - 1 : 0;

    return stem > 0 && column[stem] == '_' && stem <= table_size && table_size <= stem + 2 &&
           same_name(column + stem + 1, key_size, key, key_size) &&
           same_name(column, stem, table, stem);
}

int rowan__affinity(const rowan__watch *watch, const rowan__group *child, const rowan__slot *slot,
                    const rowan__source *source)
{
    const rowan__group *parent = watch->groups[source->group];
    const rowan__fold *from = parent->fold, *to = child->fold;
    const char *column = child->sql + slot->column, *name = source->name;
    size_t size = slot->column_size, name_size = strlen(name);

    if (size == 0 || slot->column + size > ROWAN__WATCH_TEXT ||
        from->table + from->table_size > ROWAN__WATCH_TEXT) {
        return 0;
    }
    if (is_called_after(column, size, parent->sql + from->table, from->table_size, name,
                        name_size) ||
        is_called_after(name, name_size, child->sql + to->table, to->table_size, column, size)) {
        return 2;
    }
    return same_name(column, size, name, name_size) ? 1 : 0;
}

/* --- Reads. --- */

/**
 * Whether a slot that varies also varies as a range of the same column: a page after a key with
 * ties.
 */
static bool is_tie(const rowan__group *group, size_t slot)
{
    const rowan__slot *slots = group->fold->slots;

    for (size_t i = 0; i < group->fold->slot_count && i < ROWAN__WATCH_SLOTS; i++) {
        if (slots[i].role == ROWAN__ROLE_RANGE && group->slots[i].varies &&
            same_name(group->sql + slots[i].column, slots[i].column_size,
                      group->sql + slots[slot].column, slots[slot].column_size)) {
            return true;
        }
    }
    return false;
}

/** Whether a slot's variation is that of an access: not a page, a bucket or a long list. */
static bool is_access(const rowan__group *group, size_t slot)
{
    rowan__role role = group->fold->slots[slot].role;
    const rowan__watched_slot *watched = &group->slots[slot];

    if (!watched->varies || role == ROWAN__ROLE_LIMIT || role == ROWAN__ROLE_RANGE ||
        (role == ROWAN__ROLE_VALUES && group->fold->value_rows >= BATCH_LIST_MEAN - 1)) {
        return false; /* of a sub-select's rows of values the first is not counted */
    }
    return watched->list_values < BATCH_LIST_MEAN * group->followed && !is_tie(group, slot);
}

/** A candidate of a slot is better than the best so far, which may be of another slot. */
static bool is_better(const rowan__watch *watch, const rowan__group *group, const rowan__slot *slot,
                      const rowan__candidate *a, const rowan__slot *best, const rowan__candidate *b)
{
    const rowan__source *sources = watch->provenance.sources;
    int a_names, b_names;

    if (b == NULL || a->votes != b->votes) {
        return b == NULL || a->votes > b->votes;
    }
    a_names = rowan__affinity(watch, group, slot, &sources[a->source]);
    b_names = rowan__affinity(watch, group, best, &sources[b->source]);
    if (a_names != b_names) {
        return a_names > b_names;
    }
    if (a->ordered != b->ordered) {
        return a->ordered > b->ordered;
    }
    return sources[a->source].last_sequence > sources[b->source].last_sequence;
}

/** The best candidates of a group: another group's column, and one of its own. */
typedef struct ranking {
    const rowan__slot *slot, *own_slot;
    const rowan__candidate *other, *own;
    const rowan__slot *varying; /* the first slot that varies */
    bool is_tail;               /* every varying slot is a page, bucket or list */
    bool is_rare;               /* the values of `slot` are in no other column by chance */
} ranking;

static void rank_slot(const rowan__watch *watch, const rowan__group *group, size_t s, ranking *best)
{
    const rowan__slot *slot = &group->fold->slots[s];

    for (size_t i = 0; i < ROWAN__WATCH_CANDIDATES; i++) {
        const rowan__candidate *candidate = &group->slots[s].candidates[i];
        bool own;
        if (candidate->votes == 0) {
            continue;
        }
        own = watch->provenance.sources[candidate->source].group == group->index;
        if (own && is_better(watch, group, slot, candidate, best->own_slot, best->own)) {
            best->own = candidate;
            best->own_slot = slot;
        } else if (!own && is_better(watch, group, slot, candidate, best->slot, best->other)) {
            best->other = candidate;
            best->slot = slot;
            best->is_rare = is_share(group->slots[s].rare, group->followed, 80);
        }
    }
}

static ranking rank(const rowan__watch *watch, const rowan__group *group)
{
    ranking best = {.is_tail = true};

    for (size_t s = 0; s < group->fold->slot_count && s < ROWAN__WATCH_SLOTS; s++) {
        if (is_access(group, s)) {
            best.is_tail = false;
            best.varying = best.varying != NULL ? best.varying : &group->fold->slots[s];
            rank_slot(watch, group, s, &best);
        }
    }
    return best;
}

/** Whether more rows than so many were hit, as far as they are told apart. */
static bool has_more_rows(const rowan__candidate *candidate, unsigned rows)
{
    uint64_t left = candidate->seen;

    for (unsigned i = 0; i < rows; i++) {
        left &= left - 1; /* without its lowest */
    }
    return left != 0;
}

static bool is_confirmed(const rowan__watch *watch, const rowan__group *group, const ranking *best)
{
    const rowan__candidate *candidate = best->other;
    const rowan__source *source;
    bool truncated, in_order;

    if (candidate == NULL) {
        return false;
    }
    source = &watch->provenance.sources[candidate->source];
    truncated = source->is_truncated;
    in_order = candidate->exact > 1 && is_share(candidate->ordered, candidate->exact, 80) &&
               (candidate->repeats == 0 || has_more_rows(candidate, FEWEST_DISTINCT) ||
                rowan__affinity(watch, group, best->slot, source) == 2);
    if (!is_share(candidate->votes, group->followed, watch->rules->coverage_percent) &&
        !(truncated && candidate->votes >= 4 &&
          is_share(candidate->ordered, candidate->exact, 90))) {
        return false;
    }
    return is_share(group->same_site, group->count, 60) || in_order || best->is_rare;
}

/**
 * Whether a candidate's rows come one at a time of a queue, or the like, as often as the group is
 * executed: what is done for each cannot be done for all.
 */
static bool is_taken_singly(const rowan__watch *watch, const rowan__group *group,
                            const rowan__candidate *candidate)
{
    const rowan__group *parent =
        candidate->votes > 0 ? watch->groups[watch->provenance.sources[candidate->source].group]
                             : NULL;

    return parent != NULL && parent->fold->is_volatile && parent->count * 2 >= group->count &&
           is_share(candidate->votes, group->followed, watch->rules->coverage_percent);
}

/** Whether what is read is written between most executions: reading it once before would not do. */
static bool is_rewritten(const rowan__group *group)
{
    return group->count > 1 && is_share(group->epoch_changes, group->count - 1, 50);
}

static bool is_plain_read(const rowan__group *group)
{
    const rowan__fold *fold = group->fold;

    return fold->verb == ROWAN__VERB_SELECT && fold->table_count > 0 && !fold->is_volatile &&
           !fold->is_catalog;
}

static const char one_of_a_queue[] = "its values are taken from a queue, one at a time";

/** No finding, and why. */
static bool be_silent(rowan__verdict *out, const char *why)
{
    out->silence = why;
    return false;
}

static const char *why_no_plain_read(const rowan__group *group)
{
    return group->fold->verb != ROWAN__VERB_SELECT ? "it does not read"
           : group->fold->is_volatile
               ? "it reads what changes by itself: a sequence, a lock, a queue"
           : group->fold->is_catalog ? "it reads the engine's own tables"
                                     : "it reads no table";
}

static bool judge_values(const rowan__watch *watch, const rowan__group *group, rowan__verdict *out)
{
    ranking best = rank(watch, group);

    if (best.is_tail) {
        return be_silent(out, "only a page, a range or a long list varies: paging, or a batch");
    }
    out->kind = ROWAN_N_PLUS_ONE;
    out->slot = best.slot;
    out->candidate = best.other;
    if (best.other != NULL && is_taken_singly(watch, group, best.other)) {
        return be_silent(out, one_of_a_queue);
    }
    if (is_confirmed(watch, group, &best)) {
        return true;
    }
    if (best.own != NULL && is_share(best.own->votes, group->followed, 60)) {
        const rowan__watched_slot *slot = &group->slots[best.own_slot - group->fold->slots];
        if (slot->list_values >= 2 * (uint64_t)group->followed) {
            return be_silent(out, "it reads a tree level by level");
        }
        out->kind = ROWAN_RECURSIVE_WALK;
        out->slot = best.varying;
        out->candidate = best.own;
        return true;
    }
    out->confidence = ROWAN_LIKELY;
    out->slot = best.varying;
    out->candidate = NULL;
    return (group->vector_count >= LIKELY_DISTINCT &&
            is_share(group->same_site, group->count, 80)) ||
           be_silent(out, "its values are in no earlier result, and it is not sent from one place");
}

static bool judge_read(const rowan__watch *watch, const rowan__group *group, rowan__verdict *out)
{
    const rowan__rules *rules = watch->rules;

    *out = (rowan__verdict){.group = group, .confidence = ROWAN_CONFIRMED};
    if (!is_plain_read(group)) {
        return be_silent(out, why_no_plain_read(group));
    }
    if (group->vector_count == 1) {
        out->kind = ROWAN_DUPLICATE_QUERY;
        return group->longest_run >= rules->duplicate_min ||
               be_silent(out, group->count == 1
                                  ? "it ran once"
                                  : "between equal executions the result changed, the "
                                    "table was written, or time passed");
    }
    if (group->vector_count < FEWEST_DISTINCT || group->count < rules->n_plus_one_min) {
        return be_silent(out, "it ran too few times with different values");
    }
    if (is_rewritten(group)) {
        return be_silent(out,
                         "what it reads is written between: reading it once before would not do");
    }
    return judge_values(watch, group, out);
}

/* --- Writes. --- */

static bool shares_table(const rowan__fold *a, uint64_t table)
{
    for (size_t i = 0; i < a->table_count; i++) {
        if (a->tables[i] == table) {
            return true;
        }
    }
    return false;
}

/** The group that reads the table between its writes, if there is one. */
static const rowan__group *reader_of(const rowan__watch *watch, const rowan__group *writer)
{
    for (size_t i = 0; i < watch->group_count; i++) {
        const rowan__group *group = watch->groups[i];
        if (is_plain_read(group) && group->count >= watch->rules->write_loop_min &&
            is_rewritten(group) && shares_table(group->fold, writer->fold->tables[0])) {
            return group;
        }
    }
    return NULL;
}

/** Whether a slot's column is given a value, too: `SET version = ? WHERE version = ?`. */
static bool is_set_too(const rowan__group *group, size_t slot)
{
    const rowan__slot *slots = group->fold->slots;

    for (size_t s = 0; s < group->fold->slot_count; s++) {
        if (slots[s].role == ROWAN__ROLE_SET && slots[s].column_size > 0 &&
            same_name(group->sql + slots[s].column, slots[s].column_size,
                      group->sql + slots[slot].column, slots[slot].column_size)) {
            return true;
        }
    }
    return false;
}

/** Whether a slot tells which row a write is about: one value that differs from turn to turn. */
static bool is_varying_key(const rowan__group *group, size_t slot)
{
    rowan__role role = group->fold->slots[slot].role;

    return group->slots[slot].varies && (role == ROWAN__ROLE_EQUAL || role == ROWAN__ROLE_LIST) &&
           group->slots[slot].list_values < 2 * (uint64_t)group->followed;
}

/**
 * Whether a write's place varies: the row that an UPDATE or DELETE is about. What is read, and then
 * set if it is still the same, is one row that is counted up.
 */
static bool has_varying_key(const rowan__watch *watch, const rowan__group *group)
{
    bool is_read = reader_of(watch, group) != NULL;

    for (size_t s = 0; s < group->fold->slot_count && s < ROWAN__WATCH_SLOTS; s++) {
        if (is_varying_key(group, s) && !(is_read && is_set_too(group, s))) {
            return true;
        }
    }
    return false;
}

/** Whether each row that is written was taken from a queue just before. */
static bool is_of_queue(const rowan__watch *watch, const rowan__group *group)
{
    for (size_t s = 0; s < group->fold->slot_count && s < ROWAN__WATCH_SLOTS; s++) {
        for (size_t i = 0; i < ROWAN__WATCH_CANDIDATES && is_varying_key(group, s); i++) {
            if (is_taken_singly(watch, group, &group->slots[s].candidates[i])) {
                return true;
            }
        }
    }
    return false;
}

/** Statements that went out together, several in one round trip, are batched already. */
static bool is_pipelined(const rowan__watch *watch, const rowan__group *group)
{
    return watch->round_trips > 0 && group->round_trips * 2 < group->count;
}

/** Whether a write is of one row, by its text and by what it changed. */
static bool is_single(const rowan__watch *watch, const rowan__group *group)
{
    const rowan__fold *fold = group->fold;

    if (fold->verb == ROWAN__VERB_INSERT && fold->value_rows > 0) {
        return fold->value_rows == 1;
    }
    return (fold->verb == ROWAN__VERB_INSERT ? !fold->takes_rows : has_varying_key(watch, group)) &&
           !is_share(group->affected_many, group->count, 20);
}

/** Whether a loop sends it: from one place, or, where places are unknown, in turns of one length.
 */
static bool is_in_loop(const rowan__group *group)
{
    return is_share(group->same_site, group->count, 60) ||
           (group->unplaced == group->count && group->count > 2 &&
            is_share(group->steady, group->count - 2, 80));
}

/** Whether what is written are the rows of an earlier result, one after another. */
static bool is_of_rows(const rowan__watch *watch, const rowan__group *group)
{
    ranking best = rank(watch, group);

    return group->fold->verb != ROWAN__VERB_INSERT && is_confirmed(watch, group, &best);
}

static bool judge_write(const rowan__watch *watch, const rowan__group *group, rowan__verdict *out)
{
    const rowan__fold *fold = group->fold;
    unsigned min = watch->rules->write_loop_min;

    *out =
        (rowan__verdict){.kind = ROWAN_WRITE_LOOP, .confidence = ROWAN_CONFIRMED, .group = group};
    if (fold->verb == ROWAN__VERB_SELECT || fold->verb == ROWAN__VERB_OTHER ||
        fold->table_count == 0) {
        return be_silent(out, "it writes no table");
    }
    if (group->batches > 0 || is_pipelined(watch, group)) {
        return be_silent(out, "its executions went out together already");
    }
    if (!is_single(watch, group)) {
        return be_silent(out, "it writes many rows at once, or no row of its own each time");
    }
    if (group->count < min || group->vector_count < min) {
        return be_silent(out, "it ran too few times with different values");
    }
    if (group->fold->verb != ROWAN__VERB_INSERT && is_of_queue(watch, group)) {
        return be_silent(out, one_of_a_queue);
    }
    out->reader = reader_of(watch, group);
    out->confidence = is_share(group->same_site, group->count, 60) ? ROWAN_CONFIRMED : ROWAN_LIKELY;
    return is_in_loop(group) || is_of_rows(watch, group) ||
           be_silent(out, "it is not sent from one place");
}

/* --- Slowness. --- */

static bool judge_time(const rowan__watch *watch, const rowan__group *group, rowan__verdict *out)
{
    rowan__series series;

    *out =
        (rowan__verdict){.kind = ROWAN_SLOW_QUERY, .confidence = ROWAN_CONFIRMED, .group = group};
    if (group->timing.max_ns <= watch->slow_ns / 2 || group->timing.is_cut ||
        !rowan__slow_applies(group->fold, group->folded)) {
        return false;
    }
    rowan__group_series(watch, group, &series);
    out->slowness = rowan__slow_judge(&series, watch->rules);
    return out->slowness.is_slow &&
           rowan__timing_from(&group->timing, out->slowness.from_ns, watch->slow_ns) > 0;
}

/* --- What nobody read. --- */

static bool judge_unread(const rowan__group *group, rowan_finding_kind kind, rowan__verdict *out)
{
    bool is_of_rows = kind == ROWAN_UNREAD_ROWS;

    *out = (rowan__verdict){
        .kind = kind, .confidence = is_of_rows ? ROWAN_CONFIRMED : ROWAN_LIKELY, .group = group};
    return is_of_rows ? rowan__unread_rows(group) : rowan__unread_columns(group);
}

static bool judge_fetch(const rowan__watched_fetch *fetch, rowan__verdict *out)
{
    *out = (rowan__verdict){.kind = ROWAN_UNUSED_EAGER_LOAD,
                            .confidence = ROWAN_CONFIRMED,
                            .group = fetch->group,
                            .fetch = fetch};
    return rowan__unused_is(fetch);
}

/* --- All findings. --- */

size_t rowan__watch_silences(rowan__watch *watch, uint64_t id, rowan__silence *out, size_t max)
{
    size_t count = 0;

    rowan__watch_settle(watch);
    for (size_t i = 0; i < watch->group_count && count < max; i++) {
        const rowan__group *group = watch->groups[i];
        rowan__verdict verdict;
        if (group->fold->id != id) {
            continue;
        }
        bool found = group->fold->verb == ROWAN__VERB_SELECT ? judge_read(watch, group, &verdict)
                                                             : judge_write(watch, group, &verdict);
        out[count++] = (rowan__silence){.first_sequence = group->first_sequence,
                                        .count = group->count,
                                        .distinct = group->vector_count,
                                        .why = found ? NULL : verdict.silence};
    }
    return count;
}

static int compare_findings(const void *a, const void *b)
{
    const rowan_finding *x = a, *y = b;
    bool x_is_hint = x->kind == ROWAN_UNREAD_COLUMNS, y_is_hint = y->kind == ROWAN_UNREAD_COLUMNS;

    if (x_is_hint != y_is_hint) { /* it is not the statement's time that is lost */
        return x_is_hint ? 1 : -1;
    }
    if (x->total_ns != y->total_ns) {
        return x->total_ns > y->total_ns ? -1 : 1;
    }
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return x->first_sequence < y->first_sequence ? -1 : x->first_sequence > y->first_sequence;
}

static size_t judge_all(const rowan__watch *watch, rowan__verdict *verdicts)
{
    size_t count = 0;

    for (size_t i = 0; i < watch->group_count; i++) {
        const rowan__group *group = watch->groups[i];
        count += judge_read(watch, group, &verdicts[count]);
        count += judge_write(watch, group, &verdicts[count]);
        count += judge_time(watch, group, &verdicts[count]);
        count += judge_unread(group, ROWAN_UNREAD_COLUMNS, &verdicts[count]);
        count += judge_unread(group, ROWAN_UNREAD_ROWS, &verdicts[count]);
    }
    for (const rowan__watched_fetch *fetch = watch->fetches; fetch != NULL; fetch = fetch->next) {
        count += judge_fetch(fetch, &verdicts[count]);
    }
    return count;
}

/** The most verdicts that there can be, and one. */
static size_t most_verdicts(const rowan__watch *watch)
{
    size_t most = VERDICTS * watch->group_count + 1;

    for (const rowan__watched_fetch *fetch = watch->fetches; fetch != NULL; fetch = fetch->next) {
        most++;
    }
    return most;
}

rowan_dropped rowan__watch_dropped(const rowan__watch *watch)
{
    rowan_dropped dropped = {.statements = watch->dropped_statements,
                             .rows = watch->provenance.dropped_rows};

    for (size_t i = 0; i < watch->group_count; i++) {
        const rowan__group *group = watch->groups[i];
        uint64_t untimed = group->timing.is_cut ? group->timing.count - ROWAN__TIMING_EARLY : 0;
        dropped.values += untimed > group->dropped_values ? untimed : group->dropped_values;
    }
    return dropped;
}

/** Writes out what was judged: @p group_count verdicts, then what the log has. */
static rowan_status fill_all(rowan__watch *watch, const rowan__verdict *verdicts,
                             size_t group_count, const rowan__transaction_log *log,
                             rowan_finding *out)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < group_count && status == ROWAN_OK; i++) {
        status = rowan__finding_fill(watch, &verdicts[i], &out[i]);
    }
    for (size_t i = 0; i < log->count && status == ROWAN_OK; i++) {
        status = rowan__finding_fill_transactions(watch, &log->at[i], &out[group_count + i]);
    }
    return status;
}

rowan_status rowan__watch_findings(rowan__watch *watch, rowan_findings *out)
{
    size_t most = most_verdicts(watch);
    rowan__verdict *verdicts = rowan__new(watch->source, most, sizeof *verdicts);
    rowan__transaction_log log;
    rowan_status status = ROWAN_OK;
    rowan_finding *findings = NULL;
    size_t judged, count;

    rowan__watch_settle(watch);
    *out = (rowan_findings){.dropped = rowan__watch_dropped(watch)};
    if (verdicts == NULL) {
        return ROWAN_NOMEM;
    }
    judged = judge_all(watch, verdicts);
    count = judged + rowan__watch_transactions(watch, &log);
    if (count > 0) {
        findings = rowan__arena_new(&watch->told, count, sizeof *findings, _Alignof(rowan_finding));
        status = findings != NULL ? fill_all(watch, verdicts, judged, &log, findings) : ROWAN_NOMEM;
    }
    rowan__free(watch->source, verdicts, most, sizeof *verdicts);
    if (status == ROWAN_OK && count > 0) {
        qsort(findings, count, sizeof *findings, compare_findings);
        out->at = findings;
        out->count = count;
    }
    return status;
}
