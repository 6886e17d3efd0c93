/*
 * Sessions: their life, what is known of rows, and what the program says about rows before a flush.
 */
#include <stddef.h>
#include <string.h>

#include "datamapper/datamapper_private.h"

static void *allocate(void *context, size_t size, size_t alignment)
{
    return rowan__arena_alloc(context, size, alignment);
}

static void release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)memory;
    (void)size;
}

rowan_status rowan_session_begin(rowan_scope *scope, rowan_session **out)
{
    rowan__arena *arena;
    rowan_session *session;
    void **place;

    if (out != NULL) {
        *out = NULL;
    }
    if (scope == NULL || out == NULL) {
        return rowan__refuse_null(scope, "the place for the session");
    }
    arena = rowan__scope_arena(scope);
    place = rowan__scope_session(scope);
    if (*place != NULL) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "the scope has a session already: end it first");
    }
    session = rowan__arena_alloc(arena, sizeof *session, _Alignof(rowan_session));
    if (session == NULL) {
        return rowan__scope_nomem(scope);
    }
    session->scope = scope;
    session->memory = (rowan_allocator){allocate, release, arena};
    session->first = NULL;
    session->last = &session->first;
    session->tables = NULL;
    session->slabs = NULL;
    session->made = NULL;
    session->made_count = session->made_capacity = 0;
    session->loading = 0;
    session->has_marks = session->is_ended = false;
    *place = *out = session;
    return ROWAN_OK;
}

void rowan_session_end(rowan_session *session)
{
    if (session == NULL || session->is_ended) {
        return;
    }
    *rowan__scope_session(session->scope) = NULL;
    for (rowan__block *block = session->first; block != NULL; block = block->next_met) {
        block->session = NULL; /* the rows stay, and may come into another session */
    }
    session->is_ended = true;
}

rowan_scope *rowan_session_scope(const rowan_session *session)
{
    return session != NULL ? session->scope : NULL;
}

rowan_session *rowan_session_at(rowan_session *session, const char *file, int line,
                                const char *function)
{
    if (session != NULL) {
        (void)rowan_scope_at(session->scope, file, line, function);
    }
    return session;
}

size_t rowan__block_skip_same(const rowan__block *block, size_t index)
{
    enum { AT_ONCE = 16 };
    size_t size = block->table->row_size;

    while (index < block->count) {
        size_t left = block->count - index;
        size_t rows = left < AT_ONCE ? left : AT_ONCE;
        if (memcmp(block->rows + index * size, block->originals + index * size, rows * size) != 0) {
            break;
        }
        index += rows;
    }
    return index;
}

/* The entry of a row that was made in the session, by its address; or NULL. */
static rowan__entry *find_made(const rowan_session *session, const void *row)
{
    for (const rowan__slab *slab = session->slabs; slab != NULL; slab = slab->before) {
        uintptr_t offset = (uintptr_t)row - (uintptr_t)slab->rows;
        size_t size = slab->table->row_size;
        if (offset < slab->count * size) {
            return offset % size == 0 ? &slab->entries[offset / size] : NULL;
        }
    }
    return NULL;
}

/* A row that was made in the session, or one of a block that its rows came in. */
static rowan_status find_entry(rowan_session *session, const void *row, rowan__entry **out)
{
    rowan__block *block;
    size_t index;

    *out = find_made(session, row);
    if (*out != NULL || rowan__block_find(session->scope, row, &block, &index) != ROWAN_OK ||
        block->session == NULL) {
        return ROWAN_OK;
    }
    rowan__entry *entries = rowan__session_entries(session, block);
    if (entries == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    *out = entries[index].row != NULL ? &entries[index] : NULL;
    return ROWAN_OK;
}

rowan_status rowan__session_entry(rowan_session *session, const void *row, rowan__entry **out)
{
    rowan_status status;

    if (session == NULL || row == NULL) {
        return rowan__refuse_null(rowan_session_scope(session), "the row");
    }
    status = find_entry(session, row, out);
    if (status == ROWAN_OK && *out == NULL) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE, "the row is not of this session");
    }
    if (status == ROWAN_OK && (*out)->state == ROWAN__ENTRY_GONE) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE, "the row of %s was removed",
                                 (*out)->table->name);
    }
    return status;
}

/* The newest room for rows of a table; or NULL. */
static rowan__slab *find_slab(const rowan_session *session, const rowan_table *table)
{
    rowan__slab *slab = session->slabs;

    while (slab != NULL && slab->table != table) {
        slab = slab->before;
    }
    return slab;
}

/* Zeroes rows in pieces that are small enough for the C library not to have one instruction do it
 * (base/bytes.h). */
static void zero(char *rows, size_t size)
{
    enum { PIECE = 1024 };

    for (size_t done = 0; done < size; done += PIECE) {
        memset(rows + done, 0, size - done < PIECE ? size - done : PIECE);
    }
}

/* Room for twice as many rows as the last time, zeroed. Entries are written when a row is made. */
static rowan_status add_slab(rowan_session *session, const rowan_table *table,
                             const rowan__slab *last, rowan__slab **out)
{
    enum { FIRST = 4, MOST = 1024 };
    rowan__arena *arena = rowan__session_arena(session);
    rowan_status status = rowan__identity_check(session, table);
    size_t capacity = last == NULL ? FIRST : last->capacity < MOST ? last->capacity * 2 : MOST;

    if (status != ROWAN_OK) {
        return status;
    }
    rowan__slab *slab = rowan__arena_alloc(arena, sizeof *slab, _Alignof(rowan__slab));
    rowan__entry *entries =
        rowan__arena_alloc(arena, capacity * sizeof *entries, _Alignof(rowan__entry));
    char *rows = rowan__arena_alloc(arena, capacity * table->row_size, table->row_align);
    if (slab == NULL || entries == NULL || rows == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    zero(rows, capacity * table->row_size);
    *slab = (rowan__slab){table, rows, entries, 0, capacity, session->slabs};
    session->slabs = *out = slab;
    return ROWAN_OK;
}

/* A slab of a table with room for a further row, and room in the list of rows. */
static __attribute__((noinline)) rowan_status make_room(rowan_session *session,
                                                        const rowan_table *table, rowan__slab **out)
{
    rowan__slab *slab = find_slab(session, table);
    void *array = session->made;

    if (!rowan__grow(&session->memory, &array, &session->made_capacity, session->made_count,
                     sizeof *session->made)) {
        return rowan__scope_nomem(session->scope);
    }
    session->made = array;
    *out = slab;
    return slab != NULL && slab->count < slab->capacity ? ROWAN_OK
                                                        : add_slab(session, table, slab, out);
}

rowan_status rowan_session_new(rowan_session *session, const rowan_table *table, void **out)
{
    rowan__slab *slab;

    if (out != NULL) {
        *out = NULL;
    }
    if (session == NULL || out == NULL) {
        return rowan__refuse_null(rowan_session_scope(session), "the place for the row");
    }
    slab = session->slabs;
    if (slab == NULL || slab->table != table || slab->count == slab->capacity ||
        session->made_count == session->made_capacity) {
        rowan_status status = make_room(session, table, &slab);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    char *row = slab->rows + slab->count * table->row_size;
    rowan__entry *entry = &slab->entries[slab->count++];
    *entry = (rowan__entry){.table = table, .row = row, .state = ROWAN__ENTRY_NEW};
    session->made[session->made_count++] = entry;
    *out = row;
    return ROWAN_OK;
}

rowan_status rowan_session_remove(rowan_session *session, void *row)
{
    rowan__entry *entry;
    rowan_status status = rowan__session_entry(session, row, &entry);

    if (status == ROWAN_OK) {
        session->has_marks = session->has_marks || entry->block != NULL;
        entry->state = entry->state == ROWAN__ENTRY_NEW ? ROWAN__ENTRY_GONE : ROWAN__ENTRY_REMOVED;
    }
    return status;
}

rowan_status rowan__reference_write(rowan_scope *scope, rowan__entry *entry,
                                    const rowan_relation *relation, const rowan__entry *other)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        const rowan_column *column = relation->from_columns[i];
        if (other == NULL) {
            if ((column->flags & ROWAN_NULLABLE) != 0) {
                rowan__member_clear(column, entry->row);
            }
        } else if (!rowan__member_refer(column, entry->row, relation->to_columns[i], other->row)) {
            return rowan__scope_fail(scope, ROWAN_WRONG_TYPE, "%s.%s cannot hold the key of %s",
                                     entry->table->name, column->name, relation->to->name);
        }
    }
    if (other != NULL && relation->type_column != NULL &&
        relation->type_column->table == relation->from) {
        rowan__member_set_text(relation->type_column, entry->row, relation->type_value);
    }
    return ROWAN_OK;
}

rowan__more *rowan__entry_more(rowan_session *session, rowan__entry *entry)
{
    size_t ends = entry->table->relation_count * sizeof(rowan__end);

    if (entry->more == NULL) {
        entry->more = rowan__arena_new(rowan__session_arena(session), 1, sizeof *entry->more + ends,
                                       _Alignof(rowan__more));
    }
    return entry->more;
}

/* The place of a relation's reference that no flush has written, made on first use. */
static rowan__reference *make_reference(rowan_session *session, rowan__entry *entry,
                                        const rowan_relation *relation)
{
    rowan__more *more = rowan__entry_more(session, entry);
    rowan__reference *reference = more != NULL ? more->references : NULL;

    while (reference != NULL && reference->relation != relation) {
        reference = reference->next;
    }
    if (reference == NULL && more != NULL) {
        reference = rowan__arena_new(rowan__session_arena(session), 1, sizeof *reference,
                                     _Alignof(rowan__reference));
        if (reference != NULL) {
            reference->relation = relation;
            reference->next = more->references;
            more->references = reference;
        }
    }
    return reference;
}

static rowan_status check_refer(rowan_session *session, const rowan_relation *relation,
                                const rowan__entry *entry, const rowan__entry *other)
{
    if (relation == NULL) {
        return rowan__refuse_null(session->scope, "the relation");
    }
    if (relation->kind != ROWAN_BELONGS_TO || relation->from != entry->table ||
        (other != NULL && relation->to != other->table)) {
        return rowan__scope_fail(
            session->scope, ROWAN_MISUSE,
            "%s.%s cannot be set so: it takes a row of %s by a belongs-to relation",
            relation->from->name, relation->name, relation->to->name);
    }
    if (entry->state == ROWAN__ENTRY_REMOVED ||
        (other != NULL && other->state == ROWAN__ENTRY_REMOVED)) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                 "%s.%s: one of the rows is to be removed", relation->from->name,
                                 relation->name);
    }
    if (other == NULL && !rowan__reference_is_nullable(relation)) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                 "%s.%s cannot be cleared: it is never NULL", relation->from->name,
                                 relation->name);
    }
    return ROWAN_OK;
}

rowan_status rowan_session_refer(rowan_session *session, const rowan_relation *relation, void *row,
                                 void *other)
{
    rowan__entry *entry, *other_entry = NULL;
    rowan_status status = rowan__session_entry(session, row, &entry);

    if (status == ROWAN_OK && other != NULL) {
        status = rowan__session_entry(session, other, &other_entry);
    }
    if (status == ROWAN_OK) {
        status = check_refer(session, relation, entry, other_entry);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__reference *reference = make_reference(session, entry, relation);
    if (reference == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    /* A key that is known already is written at once, so that the program sees it. */
    if (other_entry == NULL || other_entry->state == ROWAN__ENTRY_KNOWN) {
        status = rowan__reference_write(session->scope, entry, relation, other_entry);
    }
    if (status == ROWAN_OK) {
        session->has_marks = session->has_marks || entry->block != NULL;
        reference->other = other_entry;
        entry->more->has_ends = true;
        entry->more->ends[relation->index] = (rowan__end){.is_loaded = true, .one = other};
    }
    return status;
}

static bool is_changed(const rowan_table *table, const char *row, const char *original)
{
    if (memcmp(row, original, table->row_size) == 0) {
        return false; /* the usual case: not even the padding differs */
    }
    rowan__mask changes = rowan__changes(table, row, original);
    return !rowan__mask_is_empty(&changes);
}

static void count_pending(rowan_session_changes *changes, const rowan__entry *entry)
{
    switch (entry->state) {
    case ROWAN__ENTRY_NEW:
        changes->inserts++;
        break;
    case ROWAN__ENTRY_REMOVED:
        changes->deletes++;
        break;
    case ROWAN__ENTRY_GONE:
        break;
    case ROWAN__ENTRY_KNOWN:
        if (rowan__entry_refers_to_keyless(entry) ||
            is_changed(entry->table, entry->row, rowan__entry_original(entry))) {
            changes->updates++;
        }
        break;
    }
}

static void count_block(rowan_session_changes *changes, const rowan__block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        size_t at = i * block->table->row_size;
        if (block->entries == NULL) {
            bool differs = is_changed(block->table, block->rows + at, block->originals + at);
            changes->updates += differs ? 1 : 0;
        } else if (block->entries[i].row != NULL) {
            count_pending(changes, &block->entries[i]);
        }
    }
}

rowan_session_changes rowan_session_pending(rowan_session *session)
{
    rowan_session_changes changes = {0, 0, 0};

    if (session == NULL) {
        return changes;
    }
    for (const rowan__block *b = session->first; b != NULL; b = b->next_met) {
        count_block(&changes, b);
    }
    for (size_t i = 0; i < session->made_count; i++) {
        count_pending(&changes, session->made[i]);
    }
    return changes;
}
