/*
 * Loading into a session: rows that come from the database become the rows that the session knows,
 * and relations that came with them lead to such rows too.
 */
#include <string.h>

#include "base/straight.h"
#include "datamapper/datamapper_private.h"

static bool is_away(const rowan__entry *entry)
{
    return entry->state == ROWAN__ENTRY_REMOVED || entry->state == ROWAN__ENTRY_GONE;
}

/* A block that the session has not met comes into it. */
static inline rowan_status meet(rowan_session *session, rowan__block *block)
{
    return block->session == NULL ? rowan__session_meet(session, block) : ROWAN_OK;
}

/* Writes where rows are of which nothing is said but that they are the session's. */
static inline void point(const rowan__block *block, size_t first, size_t count, void **out)
{
    size_t size = block->table->row_size;
    char *row = block->rows + first * size;

    for (size_t i = 0; i < count; i++, row += size) {
        out[i] = row;
    }
}

/*
 * The entry for a loaded row: its own, or the one that the session has for its key. NULL if memory
 * ran out.
 */
static inline rowan__entry *adopt(rowan_session *session, rowan__block *block, size_t index)
{
    rowan__entry *entries = rowan__session_entries(session, block);

    if (entries != NULL && entries[index].row == NULL) {
        return rowan__identity_settle(session, block, index);
    }
    return entries != NULL ? &entries[index] : NULL;
}

static rowan_status take_plan(rowan_session *session, rowan__block *block, size_t index,
                              rowan__entry *entry, const rowan_fetch *plan);

/* The session's pointer for a row at the other end, with what the plan loaded for it; NULL for one
 * that is to be removed. */
static rowan_status take_row(rowan_session *session, const void *row, const rowan_fetch *then,
                             void **out)
{
    rowan__block *block;
    size_t index;
    rowan_status status = rowan__block_find(session->scope, row, &block, &index);

    *out = NULL;
    if (status == ROWAN_OK) {
        status = meet(session, block);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (block->entries == NULL && then == NULL) {
        point(block, index, 1, out);
        return ROWAN_OK;
    }
    rowan__entry *entry = adopt(session, block, index);
    if (entry == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    *out = is_away(entry) ? NULL : entry->row;
    return take_plan(session, block, index, entry, then);
}

/* The rows of a block of which something is said, without those that are to be removed, into the
 * array that @p out has. */
RARE rowan_status take_each(rowan_session *session, rowan__block *block, size_t first, size_t count,
                            const rowan_fetch *then, rowan_refs *out)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = first; status == ROWAN_OK && i < first + count; i++) {
        rowan__entry *entry = adopt(session, block, i);
        if (entry == NULL) {
            return rowan__scope_nomem(session->scope);
        }
        if (!is_away(entry)) {
            out->at[out->count++] = entry->row;
        }
        if (then != NULL) {
            status = take_plan(session, block, i, entry, then);
        }
    }
    return status;
}

/* The same for rows of a block that are side by side, into @p out, which is empty. */
STRAIGHT rowan_status take_side_by_side(rowan_session *session, rowan__block *block, size_t first,
                                        size_t count, const rowan_fetch *then, rowan_refs *out)
{
    rowan_status status = meet(session, block);

    if (status != ROWAN_OK) {
        return status;
    }
    void **at =
        rowan__arena_alloc(rowan__session_arena(session), count * sizeof *at, _Alignof(void *));
    if (at == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    out->at = at;
    if (block->entries != NULL || then != NULL) {
        return take_each(session, block, first, count, then, out);
    }
    point(block, first, count, at);
    out->count = count;
    return ROWAN_OK;
}

/* The rows of a to-many relation, which are side by side in one block. */
static rowan_status take_many(rowan_session *session, rowan_rows rows, const rowan_fetch *then,
                              rowan_refs *out)
{
    rowan__block *block;
    size_t first;

    *out = (rowan_refs){NULL, 0};
    if (rows.count == 0) {
        return ROWAN_OK;
    }
    rowan_status status = rowan__block_find(session->scope, rows.at, &block, &first);
    return status == ROWAN_OK ? take_side_by_side(session, block, first, rows.count, then, out)
                              : status;
}

/* A reference that the program set stays, whatever the database says. */
static bool is_set(const rowan__entry *entry, const rowan_relation *relation)
{
    for (const rowan__reference *r = rowan__entry_references(entry); r != NULL; r = r->next) {
        if (r->relation == relation) {
            return true;
        }
    }
    return false;
}

/* Takes over the relations that a plan loaded for a row of a block. */
static rowan_status take_plan(rowan_session *session, rowan__block *block, size_t index,
                              rowan__entry *entry, const rowan_fetch *plan)
{
    if (plan == NULL) {
        return ROWAN_OK;
    }
    rowan__more *more = rowan__entry_more(session, entry);
    if (more == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    if (more->taken_in == session->loading && more->taken == plan) {
        return ROWAN_OK;
    }
    if (more->taken_in != session->loading && !rowan__ends_keep(session, entry)) {
        return rowan__scope_nomem(session->scope);
    }
    more->taken_in = session->loading;
    more->taken = plan;
    more->has_ends = true;
    for (const rowan_fetch *fetch = plan; fetch->relation != NULL; fetch++) {
        const rowan_relation *relation = fetch->relation;
        const rowan__attached *place = rowan__attached_find(block, index, relation);
        rowan__end end = {.is_loaded = true};
        rowan_status status = ROWAN_OK;
        if (place == NULL) {
            continue;
        }
        end.fetched = place->fetched;
        if (!rowan__relation_is_to_one(relation)) {
            status = take_many(session, place->many[index], fetch->then, &end.many);
        } else if (place->one[index] != NULL) {
            status = take_row(session, place->one[index], fetch->then, &end.one);
        }
        if (status != ROWAN_OK) {
            return status;
        }
        if (!is_set(entry, relation)) {
            more->ends[relation->index] = end;
        }
    }
    return ROWAN_OK;
}

/* The key columns that the program gave as the values that rows have. */
static rowan_status check_key(rowan_session *session, const rowan_table *table, rowan_params key)
{
    rowan_status status = rowan__check_table(session->scope, table);

    if (status != ROWAN_OK) {
        return status;
    }
    if (key.items == NULL && key.count > 0) {
        return rowan__refuse_null(session->scope, "what the key is in");
    }
    if (key.count != table->primary_count) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                 "the key of %s has %zu columns, not %zu", table->name,
                                 table->primary_count, key.count);
    }
    for (size_t i = 0; i < key.count; i++) {
        if (key.items[i].is_null || key.items[i].type == 0) {
            return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                     "the key column %s.%s is never NULL", table->name,
                                     table->primary[i]->name);
        }
    }
    return ROWAN_OK;
}

static rowan_status not_found(rowan_session *session, const rowan_table *table)
{
    return rowan__scope_fail(session->scope, ROWAN_NOT_FOUND, "%s has no row of that key",
                             table->name);
}

/* A row that the session has, unless it is to be removed. */
static rowan_status give_known(rowan_session *session, const rowan_table *table,
                               const rowan__place *place, void **out)
{
    const rowan__block *block = place->entry != NULL ? place->entry->block : place->block;

    if (block != NULL) {
        rowan__fetched_is_read(block->fetched); /* a plan brought it, to be found here */
    }
    if (place->entry != NULL && is_away(place->entry)) {
        return not_found(session, table);
    }
    *out = place->entry != NULL ? place->entry->row : block->rows + place->index * table->row_size;
    return ROWAN_OK;
}

/* The session's pointer for the row of a key that it did not have: its own, if that is the key by
 * which the database has it. */
static rowan_status take_found(rowan_session *session, rowan__block *block, void **out)
{
    rowan_status status = meet(session, block);

    if (status == ROWAN_OK && block->entries == NULL) {
        *out = block->rows;
    } else if (status == ROWAN_OK) {
        rowan__entry *entry = adopt(session, block, 0);
        if (entry == NULL) {
            return rowan__scope_nomem(session->scope);
        }
        if (is_away(entry)) {
            return not_found(session, block->table);
        }
        *out = entry->row;
    }
    return status;
}

rowan_status(rowan_session_find)(rowan_session *session, const rowan_table *table, rowan_params key,
                                 void **out)
{
    rowan_status status;
    rowan__place place;
    rowan__result result;

    if (out != NULL) {
        *out = NULL;
    }
    if (session == NULL || out == NULL) {
        return rowan__refuse_null(rowan_session_scope(session), "the place for the row");
    }
    status = check_key(session, table, key);
    if (status != ROWAN_OK) {
        return status;
    }
    if (rowan__identity_find(session, table, key.items, &place)) {
        return give_known(session, table, &place, out);
    }
    status = rowan__find_row(session->scope, ROWAN_PATTERN_DATA_MAPPER, table, key.items, &result);
    if (status == ROWAN_OK && result.rows.count == 0) {
        return not_found(session, table);
    }
    return status == ROWAN_OK ? take_found(session, result.block, out) : status;
}

rowan_status(rowan_session_all)(rowan_session *session, const rowan_query *query, rowan_refs *out)
{
    rowan__result result;

    if (out != NULL) {
        *out = (rowan_refs){NULL, 0};
    }
    if (session == NULL || query == NULL || out == NULL) {
        return rowan__refuse_null(rowan_session_scope(session),
                                  query == NULL ? "the query" : "the place for the rows");
    }
    if (query->from == NULL || query->select != NULL || query->group_count != 0 ||
        (query->into != NULL && query->into != query->from)) {
        return rowan__scope_fail(
            session->scope, ROWAN_MISUSE,
            "a session loads whole rows of a table: the query selects, groups or "
            "reads into something else");
    }
    rowan_status status =
        rowan__load_query(session->scope, ROWAN_PATTERN_DATA_MAPPER, query, &result);
    if (status != ROWAN_OK || result.rows.count == 0) {
        return status;
    }
    session->loading++;
    status = take_side_by_side(session, result.block, 0, result.rows.count, query->fetch, out);
    if (status != ROWAN_OK) {
        *out = (rowan_refs){NULL, 0};
        rowan__ends_return(session);
    }
    return status;
}

/* A row of a call for which a plan is to be loaded. What it has of the plan is to be loaded anew.
 */
static rowan_status begin_load(rowan_session *session, const void *row, const rowan_fetch *plan,
                               rowan__before *before, rowan__entry **out)
{
    rowan_status status = rowan__session_entry(session, row, out);
    const rowan__entry *entry = *out;

    if (status != ROWAN_OK) {
        return status;
    }
    if (entry->block == NULL || entry->table != plan->relation->from) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE, "%s.%s cannot be loaded for %s",
                                 plan->relation->from->name, plan->relation->name,
                                 entry->block == NULL ? "a row that is not flushed"
                                                      : "a row of another table");
    }
    for (const rowan_fetch *fetch = plan; fetch->relation != NULL; fetch++) {
        if (!rowan__before_forget(before, entry, fetch->relation)) {
            return rowan__scope_nomem(session->scope);
        }
    }
    return ROWAN_OK;
}

/* The rows of a call as segments of their blocks. */
static rowan_status collect(rowan_session *session, rowan_refs rows, const rowan_fetch *plan,
                            rowan__before *before, rowan__segments *segments)
{
    for (size_t i = 0; i < rows.count; i++) {
        rowan__entry *entry;
        rowan_status status = begin_load(session, rows.at[i], plan, before, &entry);
        if (status != ROWAN_OK) {
            return status;
        }
        if (!rowan__segments_add(segments, entry->block, entry->index, 1)) {
            return rowan__scope_nomem(session->scope);
        }
    }
    return ROWAN_OK;
}

static rowan_status load(rowan_session *session, const rowan__segments *segments,
                         const rowan_fetch *plan)
{
    return rowan__load_segments(session->scope, ROWAN_PATTERN_DATA_MAPPER, plan->relation->from,
                                segments, plan);
}

static rowan_status load_for_one(rowan_session *session, const void *row, const rowan_fetch *plan,
                                 rowan__before *before)
{
    rowan__entry *entry;
    rowan__segment at;
    rowan__segments segments = {NULL, &at, 0, 1, 0};
    rowan_status status = begin_load(session, row, plan, before, &entry);

    if (status == ROWAN_OK) {
        at = (rowan__segment){entry->block, entry->index, 1};
        segments.count = segments.row_count = 1;
        status = load(session, &segments, plan);
    }
    if (status == ROWAN_OK) {
        status = take_plan(session, entry->block, entry->index, entry, plan);
    }
    if (status != ROWAN_OK) {
        rowan__before_return(before, &segments, plan);
    }
    return status;
}

static rowan_status load_for_many(rowan_session *session, rowan_refs rows, const rowan_fetch *plan,
                                  rowan__before *before)
{
    rowan__segments segments;

    rowan__segments_init(&segments, rowan__scope_allocator(session->scope));
    rowan_status status = collect(session, rows, plan, before, &segments);
    if (status == ROWAN_OK) {
        status = load(session, &segments, plan);
    }
    for (size_t i = 0; status == ROWAN_OK && i < rows.count; i++) {
        rowan__entry *entry;
        status = rowan__session_entry(session, rows.at[i], &entry);
        if (status == ROWAN_OK) {
            status = take_plan(session, entry->block, entry->index, entry, plan);
        }
    }
    if (status != ROWAN_OK) {
        rowan__before_return(before, &segments, plan);
    }
    rowan__segments_fini(&segments);
    return status;
}

rowan_status(rowan_session_load)(rowan_session *session, rowan_refs rows, const rowan_fetch *plan)
{
    if (rows.count == 0 || plan == NULL || plan->relation == NULL) {
        return ROWAN_OK;
    }
    if (session == NULL || rows.at == NULL) {
        return rowan__refuse_null(rowan_session_scope(session), "what the rows are in");
    }
    rowan_status status = rowan__plan_check(session->scope, plan->relation->from, plan);
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__before before;
    rowan__before_init(&before, session->scope);
    session->loading++;
    status = rows.count == 1 ? load_for_one(session, rows.at[0], plan, &before)
                             : load_for_many(session, rows, plan, &before);
    rowan__before_fini(&before);
    if (status != ROWAN_OK) {
        rowan__ends_return(session);
    }
    return status;
}

/* The loaded other end of a relation of the kind asked for. */
static rowan_status find_end(rowan_session *session, const rowan_relation *relation,
                             const void *row, bool to_one, const rowan__end **out)
{
    rowan__entry *entry;
    rowan_status status = rowan__session_entry(session, row, &entry);

    if (status != ROWAN_OK) {
        return status;
    }
    if (relation == NULL) {
        return rowan__refuse_null(session->scope, "the relation");
    }
    if (relation->from != entry->table || rowan__relation_is_to_one(relation) != to_one) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                 "%s.%s is no to-%s relation of a row of %s", relation->from->name,
                                 relation->name, to_one ? "one" : "many", entry->table->name);
    }
    *out = entry->more != NULL ? &entry->more->ends[relation->index] : NULL;
    if (*out == NULL || !(*out)->is_loaded) {
        return rowan__scope_fail(
            session->scope, ROWAN_LAZY,
            "%s.%s is not loaded, and a session loads nothing by itself: load it with "
            "a plan",
            relation->from->name, relation->name);
    }
    rowan__fetched_is_read((*out)->fetched);
    return ROWAN_OK;
}

rowan_status rowan_session_one(rowan_session *session, const rowan_relation *relation,
                               const void *row, void **out)
{
    const rowan__end *end = NULL;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(rowan_session_scope(session), "the place for the row");
    }
    status = find_end(session, relation, row, true, &end);
    *out = status == ROWAN_OK ? end->one : NULL;
    return status;
}

rowan_status rowan_session_many(rowan_session *session, const rowan_relation *relation,
                                const void *row, rowan_refs *out)
{
    const rowan__end *end = NULL;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(rowan_session_scope(session), "the place for the rows");
    }
    status = find_end(session, relation, row, false, &end);
    *out = status == ROWAN_OK ? end->many : (rowan_refs){NULL, 0};
    return status;
}
