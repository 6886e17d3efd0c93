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
    rowan__arena *arena = rowan__scope_arena(scope);
    rowan_session *session;

    *out = NULL;
    if (*rowan__scope_session(scope) != NULL) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "the scope has a session already: end it first");
    }
    session = rowan__arena_alloc(arena, sizeof *session, _Alignof(rowan_session));
    if (session == NULL) {
        return rowan__scope_nomem(scope);
    }
    session->scope = scope;
    session->allocator = rowan__scope_allocator(scope);
    session->memory = (rowan_allocator){allocate, release, arena};
    rowan__identity_init(&session->identity, &session->memory);
    session->blocks = session->few_blocks;
    session->block_count = 0;
    session->block_capacity = sizeof session->few_blocks / sizeof session->few_blocks[0];
    session->slabs = NULL;
    session->made = NULL;
    session->made_count = session->made_capacity = 0;
    session->has_marks = false;
    session->loading = 0;
    session->is_ended = false;
    *rowan__scope_session(scope) = session;
    *out = session;
    return ROWAN_OK;
}

void rowan_session_end(rowan_session *session)
{
    if (session == NULL || session->is_ended) {
        return;
    }
    *rowan__scope_session(session->scope) = NULL;
    for (size_t i = 0; i < session->block_count; i++) {
        session->blocks[i]->session = NULL; /* the rows stay, and may come into another session */
    }
    session->is_ended = true;
}

rowan_scope *rowan_session_scope(const rowan_session *session)
{
    return session->scope;
}

rowan_session *rowan_session_at(rowan_session *session, const char *file, int line,
                                const char *function)
{
    (void)rowan_scope_at(session->scope, file, line, function);
    return session;
}

/* Gives entries to those rows of a block whose keys are new. @return false if memory ran out: then
 * none has one. */
static bool adopt_rows(rowan__identity *identity, rowan__identity_table *t, rowan__block *block,
                       rowan__entry *entries)
{
    size_t size = t->table->row_size, first = t->keys.count;
    size_t new =
        rowan__keys_add_rising(&t->keys, t->table->primary, block->rows, size, block->count);
    char *row = block->rows;

    for (size_t i = 0; i < new; i++, row += size) {
        entries[i] = (rowan__entry){t->table, row, block, NULL, (uint32_t)i, ROWAN__ENTRY_KNOWN, 0};
        t->entries[first + i] = &entries[i];
    }
    for (size_t i = new; i < block->count; i++, row += size) {
        rowan__entry **place = rowan__identity_place(t, row);
        if (place == NULL) {
            while (i-- > 0) {
                rowan__identity_drop_key(identity, &entries[i]);
            }
            return false;
        }
        entries[i] = (rowan__entry){.table = t->table, .block = block, .index = (uint32_t)i};
        if (*place == NULL) {
            entries[i].row = row;
            *place = &entries[i];
        }
    }
    return true;
}

rowan_status rowan__session_reach(rowan_session *session, rowan__block *block)
{
    rowan__arena *arena = rowan__scope_arena(session->scope);
    void *array = session->blocks;

    if (block->session != NULL) {
        return ROWAN_OK;
    }
    rowan__entry *entries =
        rowan__arena_alloc(arena, block->count * sizeof *entries, _Alignof(rowan__entry));
    rowan__identity_table *t = rowan__identity_of(&session->identity, block->table);
    if (entries == NULL || t == NULL || block->count > UINT32_MAX ||
        !rowan__identity_reserve(t, block->count) ||
        !rowan__grow(&session->memory, &array, &session->block_capacity, session->block_count,
                     sizeof *session->blocks)) {
        return rowan__scope_nomem(session->scope);
    }
    session->blocks = array;
    if (!adopt_rows(&session->identity, t, block, entries)) {
        return rowan__scope_nomem(session->scope);
    }
    block->session = entries;
    session->blocks[session->block_count++] = block;
    return ROWAN_OK;
}

rowan__entry *rowan__session_next(const rowan_session *session, rowan__walk *walk)
{
    for (; walk->block < session->block_count; walk->block++, walk->index = 0) {
        const rowan__block *block = session->blocks[walk->block];
        rowan__entry *entries = block->session;
        while (walk->index < block->count) {
            rowan__entry *entry = &entries[walk->index++];
            if (entry->row != NULL) {
                return entry;
            }
        }
    }
    return walk->made < session->made_count ? session->made[walk->made++] : NULL;
}

/* Where the first rows from @p index on are that differ from what the database has: not before
 * that. */
static size_t skip_same(const rowan__block *block, size_t index)
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

rowan__entry *rowan__session_next_touched(const rowan_session *session, rowan__walk *walk)
{
    while (walk->block < session->block_count) {
        const rowan__block *block = session->blocks[walk->block];
        rowan__entry *entries = block->session;
        if (!session->has_marks && walk->index % 16 == 0) {
            walk->index = skip_same(block, walk->index);
        }
        if (walk->index >= block->count) {
            walk->block++;
            walk->index = 0;
            continue;
        }
        rowan__entry *entry = &entries[walk->index++];
        if (entry->row != NULL) {
            return entry;
        }
    }
    return NULL;
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
static rowan__entry *find_entry(rowan_session *session, const void *row)
{
    rowan__entry *entry = find_made(session, row);
    rowan__block *block;
    size_t index;

    if (entry != NULL) {
        return entry;
    }
    if (rowan__block_find(session->scope, row, &block, &index) != ROWAN_OK ||
        block->session == NULL) {
        return NULL;
    }
    entry = (rowan__entry *)block->session + index;
    return entry->row != NULL ? entry : NULL;
}

rowan_status rowan__session_entry(rowan_session *session, const void *row, rowan__entry **out)
{
    *out = find_entry(session, row);
    if (*out == NULL) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE, "%s",
                                 row == NULL ? "the row is NULL"
                                             : "the row is not of this session");
    }
    if ((*out)->state == ROWAN__ENTRY_GONE) {
        return rowan__scope_fail(session->scope, ROWAN_MISUSE, "the row of %s was removed",
                                 (*out)->table->name);
    }
    return ROWAN_OK;
}

static rowan_status keep_made(rowan_session *session, rowan__entry *entry)
{
    void *array = session->made;

    if (session->made_count == session->made_capacity &&
        !rowan__grow(&session->memory, &array, &session->made_capacity, session->made_count,
                     sizeof *session->made)) {
        return rowan__scope_nomem(session->scope);
    }
    session->made = array;
    session->made[session->made_count++] = entry;
    return ROWAN_OK;
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

/* Room for twice as many rows as the last time. What is in it is written when a row is made. */
static rowan_status add_slab(rowan_session *session, const rowan_table *table,
                             const rowan__slab *last, rowan__slab **out)
{
    enum { FIRST = 4, MOST = 1024 };
    rowan__arena *arena = rowan__scope_arena(session->scope);
    rowan__mask all = rowan__mask_all(table);
    rowan_status status = rowan__check_writable(session->scope, table, all.bits);
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
    *slab = (rowan__slab){table, rows, entries, 0, capacity, session->slabs};
    session->slabs = *out = slab;
    return ROWAN_OK;
}

rowan_status rowan_session_new(rowan_session *session, const rowan_table *table, void **out)
{
    rowan__slab *slab = find_slab(session, table);
    rowan_status status = ROWAN_OK;

    *out = NULL;
    if (slab == NULL || slab->count == slab->capacity) {
        status = add_slab(session, table, slab, &slab);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__entry *entry = &slab->entries[slab->count];
    char *row = slab->rows + slab->count * table->row_size;
    *entry = (rowan__entry){.table = table, .row = row, .state = ROWAN__ENTRY_NEW};
    memset(row, 0, table->row_size);
    status = keep_made(session, entry);
    if (status == ROWAN_OK) {
        slab->count++;
        *out = row;
    }
    return status;
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
    if (entry->more == NULL) {
        entry->more = rowan__arena_new(rowan__scope_arena(session->scope), 1, sizeof *entry->more,
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
        reference = rowan__arena_new(rowan__scope_arena(session->scope), 1, sizeof *reference,
                                     _Alignof(rowan__reference));
        if (reference != NULL) {
            reference->relation = relation;
            reference->next = more->references;
            more->references = reference;
        }
    }
    return reference;
}

rowan__end *rowan__entry_end(rowan_session *session, rowan__entry *entry,
                             const rowan_relation *relation)
{
    rowan__more *more = rowan__entry_more(session, entry);

    if (more != NULL && more->ends == NULL) {
        more->ends =
            rowan__arena_new(rowan__scope_arena(session->scope), entry->table->relation_count,
                             sizeof *more->ends, _Alignof(rowan__end));
    }
    return more != NULL && more->ends != NULL ? &more->ends[relation->index] : NULL;
}

static rowan_status check_refer(rowan_session *session, const rowan_relation *relation,
                                const rowan__entry *entry, const rowan__entry *other)
{
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
    rowan__end *end = rowan__entry_end(session, entry, relation);
    if (reference == NULL || end == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    /* A key that is known already is written at once, so that the program sees it. */
    if (other_entry == NULL || other_entry->state == ROWAN__ENTRY_KNOWN) {
        status = rowan__reference_write(session->scope, entry, relation, other_entry);
    }
    if (status == ROWAN_OK) {
        session->has_marks = session->has_marks || entry->block != NULL;
        reference->other = other_entry;
        *end = (rowan__end){.is_loaded = true, .one = other};
    }
    return status;
}

rowan__pending rowan__entry_pending(const rowan__entry *entry)
{
    switch (entry->state) {
    case ROWAN__ENTRY_NEW:
        return ROWAN__PENDING_INSERT;
    case ROWAN__ENTRY_REMOVED:
        return ROWAN__PENDING_DELETE;
    case ROWAN__ENTRY_GONE:
        return ROWAN__PENDING_NOTHING;
    case ROWAN__ENTRY_KNOWN:
        break;
    }
    for (const rowan__reference *r = rowan__entry_references(entry); r != NULL; r = r->next) {
        if (r->other != NULL && r->other->state == ROWAN__ENTRY_NEW) {
            return ROWAN__PENDING_UPDATE;
        }
    }
    const char *original = rowan__entry_original(entry);
    if (memcmp(entry->row, original, entry->table->row_size) == 0) {
        return ROWAN__PENDING_NOTHING; /* the usual case: not even the padding differs */
    }
    rowan__mask changes = rowan__changes(entry->table, entry->row, original);
    return rowan__mask_is_empty(&changes) ? ROWAN__PENDING_NOTHING : ROWAN__PENDING_UPDATE;
}

rowan_session_changes rowan_session_pending(rowan_session *session)
{
    rowan_session_changes changes = {0, 0, 0};
    rowan__walk walk = {0, 0, 0};

    for (rowan__entry *entry; (entry = rowan__session_next(session, &walk)) != NULL;) {
        rowan__pending pending = rowan__entry_pending(entry);
        changes.inserts += pending == ROWAN__PENDING_INSERT ? 1 : 0;
        changes.updates += pending == ROWAN__PENDING_UPDATE ? 1 : 0;
        changes.deletes += pending == ROWAN__PENDING_DELETE ? 1 : 0;
    }
    return changes;
}
