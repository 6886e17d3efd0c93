/*
 * Loading into a session: rows that come from the database become the rows that the session knows,
 * and relations that came with them lead to such rows too.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

static bool is_away(const rowan__entry *entry)
{
    return entry->state == ROWAN__ENTRY_REMOVED || entry->state == ROWAN__ENTRY_GONE;
}

/* A block whose rows the session has not met: they must have keys, and get places for entries. */
static rowan_status meet_block(rowan_session *session, rowan__block *block)
{
    const rowan_table *table = block->table;
    rowan_status status = rowan__check_writable(session->scope, table, block->columns);

    for (size_t i = 0; status == ROWAN_OK && i < table->primary_count; i++) {
        if ((table->primary[i]->flags & ROWAN_NULLABLE) != 0) {
            status = rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                       "the key column %s.%s may be NULL: a session needs keys",
                                       table->name, table->primary[i]->name);
        }
    }
    return status == ROWAN_OK ? rowan__session_reach(session, block) : status;
}

/* The entry of a row of a block that the session has met; NULL if there is none, or another for its
 * key. */
static inline rowan__entry *own_entry(const rowan__block *block, size_t index)
{
    rowan__entry *entries = block->session;

    return entries != NULL && entries[index].row != NULL ? &entries[index] : NULL;
}

/*
 * The entry for a loaded row: the one that the session has for its key, or a new one with this row.
 * A row that came before may be gone since.
 */
static rowan_status adopt(rowan_session *session, rowan__block *block, size_t index,
                          rowan__entry **out)
{
    rowan_status status = block->session == NULL ? meet_block(session, block) : ROWAN_OK;

    *out = NULL;
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__entry *own = (rowan__entry *)block->session + index;
    if (own->row != NULL) {
        *out = own;
        return ROWAN_OK;
    }
    char *row = block->rows + index * block->table->row_size;
    rowan__identity_table *t = rowan__identity_of(&session->identity, block->table);
    rowan__entry **place = t != NULL ? rowan__identity_place(t, row) : NULL;
    if (place == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    if (*place == NULL) {
        own->row = row;
        *place = own;
    }
    *out = *place;
    return ROWAN_OK;
}

static rowan_status take_plan(rowan_session *session, rowan__block *block, size_t index,
                              rowan__entry *entry, const rowan_fetch *plan);

/* The entry for a row at the other end, with what the plan loaded for it; NULL for one that is to
 * be removed. */
static rowan_status take_row(rowan_session *session, const void *row, const rowan_fetch *then,
                             void **out)
{
    rowan__block *block;
    rowan__entry *entry;
    size_t index;
    rowan_status status = rowan__block_find(session->scope, row, &block, &index);

    *out = NULL;
    if (status == ROWAN_OK) {
        status = adopt(session, block, index, &entry);
    }
    if (status == ROWAN_OK) {
        *out = is_away(entry) ? NULL : entry->row;
        status = take_plan(session, block, index, entry, then);
    }
    return status;
}

/* The rows of a to-many relation are side by side in one block. */
static rowan_status take_many(rowan_session *session, rowan_rows rows, const rowan_fetch *then,
                              rowan_refs *out)
{
    rowan__block *block;
    size_t first;

    *out = (rowan_refs){NULL, 0};
    if (rows.count == 0) {
        return ROWAN_OK;
    }
    out->at = rowan__arena_alloc(rowan__scope_arena(session->scope), rows.count * sizeof(void *),
                                 _Alignof(void *));
    if (out->at == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    rowan_status status = rowan__block_find(session->scope, rows.at, &block, &first);
    for (size_t i = 0; status == ROWAN_OK && i < rows.count; i++) {
        rowan__entry *entry = own_entry(block, first + i);
        if (entry == NULL) {
            status = adopt(session, block, first + i, &entry);
        }
        if (status == ROWAN_OK && !is_away(entry)) {
            out->at[out->count++] = entry->row;
        }
        if (status == ROWAN_OK && then != NULL) {
            status = take_plan(session, block, first + i, entry, then);
        }
    }
    return status;
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
    more->taken_in = session->loading;
    more->taken = plan;
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
        rowan__end *slot = rowan__entry_end(session, entry, relation);
        if (slot == NULL) {
            return rowan__scope_nomem(session->scope);
        }
        if (!is_set(entry, relation)) {
            *slot = end;
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

rowan_status(rowan_session_find)(rowan_session *session, const rowan_table *table, rowan_params key,
                                 void **out)
{
    rowan_status status = check_key(session, table, key);
    rowan__result result;
    rowan__entry *entry;

    *out = NULL;
    if (status != ROWAN_OK) {
        return status;
    }
    entry = rowan__identity_by_key(&session->identity, table, key.items);
    if (entry == NULL) {
        status =
            rowan__find_row(session->scope, ROWAN_PATTERN_DATA_MAPPER, table, key.items, &result);
        if (status == ROWAN_OK && result.rows.count == 0) {
            status = not_found(session, table);
        }
        if (status == ROWAN_OK) {
            status = adopt(session, result.block, 0, &entry);
        }
    } else if (entry->block != NULL) {
        rowan__fetched_is_read(entry->block->fetched); /* a plan brought it, to be found here */
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (is_away(entry)) {
        return not_found(session, table);
    }
    *out = entry->row;
    return ROWAN_OK;
}

static rowan_status take_rows(rowan_session *session, const rowan__result *result,
                              const rowan_fetch *plan, rowan_refs *out)
{
    size_t count = 0;
    void **refs = rowan__arena_alloc(rowan__scope_arena(session->scope),
                                     result->rows.count * sizeof *refs, _Alignof(void *));

    if (refs == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    session->loading++;
    for (size_t i = 0; i < result->rows.count; i++) {
        rowan__entry *entry = own_entry(result->block, i);
        rowan_status status = ROWAN_OK;
        if (entry == NULL) {
            status = adopt(session, result->block, i, &entry);
        }
        if (status == ROWAN_OK && plan != NULL) {
            status = take_plan(session, result->block, i, entry, plan);
        }
        if (status != ROWAN_OK) {
            return status;
        }
        if (!is_away(entry)) {
            refs[count++] = entry->row;
        }
    }
    *out = (rowan_refs){refs, count};
    return ROWAN_OK;
}

rowan_status(rowan_session_all)(rowan_session *session, const rowan_query *query, rowan_refs *out)
{
    rowan__result result;

    *out = (rowan_refs){NULL, 0};
    if (query->from == NULL || query->select != NULL || query->group_count != 0 ||
        (query->into != NULL && query->into != query->from)) {
        return rowan__scope_fail(
            session->scope, ROWAN_MISUSE,
            "a session loads whole rows of a table: the query selects, groups or "
            "reads into something else");
    }
    rowan_status status =
        rowan__load_query(session->scope, ROWAN_PATTERN_DATA_MAPPER, query, &result);
    if (status == ROWAN_OK && result.rows.count != 0) {
        status = take_rows(session, &result, query->fetch, out);
    }
    return status;
}

/* The rows of a call as segments of their blocks. What they have of the plan is to be loaded anew.
 */
static rowan_status collect(rowan_session *session, rowan_refs rows, const rowan_fetch *plan,
                            rowan__segments *segments)
{
    for (size_t i = 0; i < rows.count; i++) {
        rowan__entry *entry;
        rowan_status status = rowan__session_entry(session, rows.at[i], &entry);
        if (status != ROWAN_OK) {
            return status;
        }
        if (entry->block == NULL || entry->table != plan->relation->from) {
            return rowan__scope_fail(session->scope, ROWAN_MISUSE, "%s.%s cannot be loaded for %s",
                                     plan->relation->from->name, plan->relation->name,
                                     entry->block == NULL ? "a row that is not flushed"
                                                          : "a row of another table");
        }
        bool kept = rowan__segments_add(segments, entry->block, entry->index, 1);
        for (const rowan_fetch *fetch = plan; kept && fetch->relation != NULL; fetch++) {
            kept =
                rowan__attached_forget(session->scope, entry->block, entry->index, fetch->relation);
        }
        if (!kept) {
            return rowan__scope_nomem(session->scope);
        }
    }
    return ROWAN_OK;
}

rowan_status(rowan_session_load)(rowan_session *session, rowan_refs rows, const rowan_fetch *plan)
{
    rowan__segments segments;
    rowan_status status;

    if (rows.count == 0 || plan == NULL || plan->relation == NULL) {
        return ROWAN_OK;
    }
    rowan__segments_init(&segments, session->allocator);
    status = rowan__plan_check(session->scope, plan->relation->from, plan);
    if (status == ROWAN_OK) {
        status = collect(session, rows, plan, &segments);
    }
    if (status == ROWAN_OK) {
        status = rowan__load_segments(session->scope, ROWAN_PATTERN_DATA_MAPPER,
                                      plan->relation->from, &segments, plan);
    }
    rowan__segments_fini(&segments);
    session->loading++;
    for (size_t i = 0; status == ROWAN_OK && i < rows.count; i++) {
        rowan__entry *entry;
        status = rowan__session_entry(session, rows.at[i], &entry);
        if (status == ROWAN_OK) {
            status = take_plan(session, entry->block, entry->index, entry, plan);
        }
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
    if (relation->from != entry->table || rowan__relation_is_to_one(relation) != to_one) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                 "%s.%s is no to-%s relation of a row of %s", relation->from->name,
                                 relation->name, to_one ? "one" : "many", entry->table->name);
    }
    const rowan__end *ends = entry->more != NULL ? entry->more->ends : NULL;
    *out = ends != NULL ? &ends[relation->index] : NULL;
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
    rowan_status status = find_end(session, relation, row, true, &end);

    *out = status == ROWAN_OK ? end->one : NULL;
    return status;
}

rowan_status rowan_session_many(rowan_session *session, const rowan_relation *relation,
                                const void *row, rowan_refs *out)
{
    const rowan__end *end = NULL;
    rowan_status status = find_end(session, relation, row, false, &end);

    *out = status == ROWAN_OK ? end->many : (rowan_refs){NULL, 0};
    return status;
}
