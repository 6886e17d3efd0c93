/*
 * The identity map: within a session one row of the database is one pointer. A row is found by its
 * key, which says whether one that comes from the database is known already.
 *
 * Keys are those that the database has. Nothing is copied of blocks whose keys rise: it is enough
 * that none of them can be another row's, which one look at each tells.
 */
#include <string.h>

#include "base/straight.h"
#include "datamapper/datamapper_private.h"

/* --- Rows that are searched where they are. --- */

static inline int64_t number_at(const rowan__identity_table *t, const rowan__block *block,
                                size_t index)
{
    const char *row = block->originals + index * t->table->row_size;

    return *(const int64_t *)(const void *)(row + t->number->value_offset);
}

/* Whether the keys of a block rise from behind all that are known. @param greatest  the last one */
static inline bool rises(const rowan__identity_table *t, const rowan__block *block,
                         int64_t *greatest)
{
    size_t size = t->table->row_size;

    if (t->number == NULL) {
        return false;
    }
    int64_t last = t->greatest;
    const char *at = block->originals + t->number->value_offset;
    for (size_t i = 0; i < block->count; i++, at += size) {
        int64_t number = *(const int64_t *)(const void *)at;
        if (number <= last) {
            return false;
        }
        last = number;
    }
    *greatest = last;
    return true;
}

RARE bool grow_spans(const rowan_session *session, rowan__identity_table *t)
{
    void *array = t->spans;
    bool grown = rowan__grow(&session->memory, &array, &t->span_capacity, t->span_count,
                             sizeof(rowan__block *));

    t->spans = array;
    return grown;
}

static inline bool add_span(const rowan_session *session, rowan__identity_table *t,
                            rowan__block *block, int64_t greatest)
{
    if (t->span_count == t->span_capacity && !grow_spans(session, t)) {
        return false;
    }
    t->spans[t->span_count++] = block;
    t->greatest = greatest;
    return true;
}

/* The span that a number would be in; NULL if it is before all of them. */
static rowan__block *span_of(const rowan__identity_table *t, int64_t number)
{
    size_t low = 0, high = t->span_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_at(t, t->spans[middle], 0) <= number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? t->spans[low - 1] : NULL;
}

static bool find_in_spans(const rowan__identity_table *t, int64_t number, rowan__place *out)
{
    rowan__block *block = number <= t->greatest ? span_of(t, number) : NULL;
    size_t low = 0, high = block != NULL ? block->count : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_at(t, block, middle) < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (block == NULL || low == block->count || number_at(t, block, low) != number) {
        return false;
    }
    *out = (rowan__place){block->entries != NULL ? &block->entries[low] : NULL, block, low};
    return out->entry == NULL || out->entry->state != ROWAN__ENTRY_GONE;
}

/* --- Rows that are indexed. --- */

/* Makes room for the keys of further rows, and for their entries. */
static bool reserve(const rowan_session *session, rowan__identity_table *t, size_t count)
{
    const rowan_allocator *allocator = &session->memory;

    if (t->entries != NULL && count <= t->capacity - t->keys.count &&
        t->keys.count + count <= t->keys.slot_count / 2) {
        return true;
    }
    if (t->entries == NULL) {
        rowan__keys_init(&t->keys, allocator, t->table->primary, t->table->primary_count);
        t->keys.is_rising = false;
    }
    if (!rowan__keys_reserve(&t->keys, count)) {
        return false;
    }
    if (t->capacity >= t->keys.capacity) {
        return true;
    }
    rowan__entry **entries = rowan__alloc(allocator, t->keys.capacity, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    if (t->keys.count > 0) {
        memcpy(entries, t->entries, t->keys.count * sizeof *entries);
    }
    t->entries = entries;
    t->capacity = t->keys.capacity;
    return true;
}

/* The place for the entry of the key that a row has, for which there is room; it holds NULL if the
 * key is new. Good until there has to be more room. NULL if a column of the key is. */
static rowan__entry **place_of(rowan__identity_table *t, const rowan__block *block, size_t index)
{
    const char *row = block->originals + index * t->table->row_size;
    size_t at, count = t->keys.count;

    if (!rowan__keys_add(&t->keys, t->table->primary, row, &at) || at == ROWAN__NO_KEY) {
        return NULL;
    }
    if (at == count) {
        t->entries[at] = NULL;
    }
    if (t->number != NULL && number_at(t, block, index) > t->greatest) {
        t->greatest = number_at(t, block, index);
    }
    return &t->entries[at];
}

static bool find_in(const rowan__identity_table *t, const rowan_value *key, rowan__place *out)
{
    size_t at;

    if (t->entries != NULL && rowan__keys_find(&t->keys, key, &at) && t->entries[at] != NULL) {
        out->entry = t->entries[at];
        return true;
    }
    return t->number != NULL && rowan__is_integer(key->type) &&
           find_in_spans(t, key->as.integer, out);
}

/* --- Tables. --- */

static inline rowan__identity_table *find_table(const rowan_session *session,
                                                const rowan_table *table)
{
    rowan__identity_table *t = session->tables;

    while (t != NULL && t->table != table) {
        t = t->next;
    }
    return t;
}

static inline rowan_status check_table(const rowan_session *session, const rowan_table *table)
{
    rowan_status status = rowan__check_table(session->scope, table);

    for (size_t i = 0; status == ROWAN_OK && i < table->primary_count; i++) {
        if ((table->primary[i]->flags & ROWAN_NULLABLE) != 0) {
            return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                     "the key column %s.%s may be NULL: a session needs keys",
                                     table->name, table->primary[i]->name);
        }
    }
    return status;
}

STRAIGHT rowan_status add_table(rowan_session *session, const rowan_table *table,
                                rowan__identity_table **out)
{
    rowan_status status = check_table(session, table);

    if (status != ROWAN_OK) {
        return status;
    }
    rowan__identity_table *t = rowan__arena_alloc(rowan__session_arena(session), sizeof *t,
                                                  _Alignof(rowan__identity_table));
    if (t == NULL) {
        return rowan__scope_nomem(session->scope);
    }
    t->table = table;
    t->number = table->primary_count == 1 && table->primary[0]->type == ROWAN_TYPE_INT64
                    ? table->primary[0]
                    : NULL;
    t->greatest = INT64_MIN;
    t->spans = t->few_spans;
    t->span_count = 0;
    t->span_capacity = sizeof t->few_spans / sizeof t->few_spans[0];
    t->entries = NULL;
    t->capacity = 0;
    t->next = session->tables;
    session->tables = *out = t;
    return ROWAN_OK;
}

/* The rows of a table, which is looked at when the first ones come. */
STRAIGHT rowan_status table_of(rowan_session *session, const rowan_table *table,
                               rowan__identity_table **out)
{
    *out = find_table(session, table);
    return *out != NULL ? ROWAN_OK : add_table(session, table, out);
}

rowan_status rowan__identity_check(rowan_session *session, const rowan_table *table)
{
    rowan__identity_table *t;

    return table_of(session, table, &t);
}

bool rowan__identity_find(const rowan_session *session, const rowan_table *table,
                          const rowan_value *key, rowan__place *out)
{
    const rowan__identity_table *t = find_table(session, table);

    return t != NULL && find_in(t, key, out);
}

/* --- Blocks. --- */

rowan__entry *rowan__session_entries(const rowan_session *session, rowan__block *block)
{
    char *row = block->rows;

    if (block->entries != NULL || block->count > UINT32_MAX) {
        return block->entries;
    }
    rowan__entry *entries = rowan__arena_alloc(
        rowan__session_arena(session), block->count * sizeof *entries, _Alignof(rowan__entry));
    for (size_t i = 0; entries != NULL && i < block->count; i++, row += block->table->row_size) {
        entries[i] =
            (rowan__entry){.table = block->table, .row = row, .block = block, .index = (uint32_t)i};
    }
    return block->entries = entries;
}

/* Indexes the rows of a block, of which some may be known. */
RARE bool adopt_rows(const rowan_session *session, rowan__identity_table *t, rowan__block *block)
{
    if (!reserve(session, t, block->count) || !rowan__session_entries(session, block)) {
        return false;
    }
    for (size_t i = 0; i < block->count; i++) {
        rowan__entry *own = &block->entries[i];
        rowan__place found;
        bool is_known = t->span_count > 0 && find_in_spans(t, number_at(t, block, i), &found);
        rowan__entry **place = is_known ? NULL : place_of(t, block, i);
        if (is_known || (place != NULL && *place != NULL)) {
            own->row = NULL;
        } else if (place != NULL) {
            *place = own;
        }
    }
    return true;
}

/* Whether a block was read with all columns of a table, as one look tells of all but wide ones. */
static inline bool is_whole(const rowan__block *block)
{
    size_t count = block->table->column_count;

    return count < 64 && block->columns[0] == ((uint64_t)1 << count) - 1;
}

rowan_status rowan__session_meet(rowan_session *session, rowan__block *block)
{
    rowan__identity_table *t;
    rowan_status status = table_of(session, block->table, &t);
    int64_t greatest;

    if (status == ROWAN_OK && !is_whole(block)) {
        status = rowan__check_writable(session->scope, block->table, block->columns);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    block->entries = NULL;
    if (!(rises(t, block, &greatest) ? add_span(session, t, block, greatest)
                                     : adopt_rows(session, t, block))) {
        return rowan__scope_nomem(session->scope);
    }
    block->session = session;
    block->next_met = NULL;
    *session->last = block;
    session->last = &block->next_met;
    return ROWAN_OK;
}

/* Indexes rows that were inserted: whatever had their keys before is not in the database. */
static bool index_inserted(const rowan_session *session, rowan__identity_table *t,
                           const rowan__block *block)
{
    if (!reserve(session, t, block->count)) {
        return false;
    }
    for (size_t i = 0; i < block->count; i++) {
        rowan__entry **place = place_of(t, block, i);
        if (place == NULL) {
            return false;
        }
        *place = &block->entries[i];
    }
    return true;
}

bool rowan__identity_insert(rowan_session *session, rowan__block *block, rowan__entry *entries)
{
    rowan__identity_table *t = find_table(session, block->table); /* its rows were made for it */
    int64_t greatest;

    block->entries = entries;
    return rises(t, block, &greatest) ? add_span(session, t, block, greatest)
                                      : index_inserted(session, t, block);
}

rowan__entry *rowan__identity_settle(rowan_session *session, rowan__block *block, size_t index)
{
    const rowan_table *table = block->table;
    rowan__identity_table *t = find_table(session, table);
    rowan__entry *own = &block->entries[index];
    rowan_value key[ROWAN__KEY_MAX];
    rowan__place found;

    if (own->row != NULL) {
        return own;
    }
    (void)rowan__key_read(table->primary, table->primary_count,
                          block->originals + index * table->row_size, key);
    if (find_in(t, key, &found)) {
        rowan__entry *entries =
            found.entry == NULL ? rowan__session_entries(session, found.block) : NULL;
        return entries != NULL ? &entries[found.index] : found.entry;
    }
    rowan__entry **place = reserve(session, t, 1) ? place_of(t, block, index) : NULL;
    if (place == NULL) {
        return NULL;
    }
    own->row = block->rows + index * table->row_size;
    return *place = own;
}

/* The place of the key that an entry's row has in the database, if it is indexed; else NULL. */
static rowan__entry **find_place(const rowan_session *session, const rowan__entry *entry)
{
    const char *original = rowan__entry_original(entry);
    rowan__identity_table *t = find_table(session, entry->table);
    rowan_value key[ROWAN__KEY_MAX];
    size_t at;

    return original != NULL && t != NULL && t->entries != NULL &&
                   rowan__key_read(entry->table->primary, entry->table->primary_count, original,
                                   key) &&
                   rowan__keys_find(&t->keys, key, &at)
               ? &t->entries[at]
               : NULL;
}

void rowan__identity_drop_key(rowan_session *session, const rowan__entry *entry)
{
    rowan__entry **place = find_place(session, entry);

    if (place != NULL && *place == entry) {
        *place = NULL;
    }
}

void rowan__identity_return_key(rowan_session *session, rowan__entry *entry)
{
    bool is_there = entry->row != NULL &&
                    (entry->state == ROWAN__ENTRY_KNOWN || entry->state == ROWAN__ENTRY_REMOVED);
    rowan__entry **place = is_there ? find_place(session, entry) : NULL;

    if (place != NULL && *place == NULL) {
        *place = entry;
    }
}

void rowan__identity_rewind(rowan_session *session, uint64_t block_order)
{
    for (rowan__identity_table *t = session->tables; t != NULL; t = t->next) {
        while (t->span_count > 0 && t->spans[t->span_count - 1]->order >= block_order) {
            t->span_count--;
        }
    }
}
