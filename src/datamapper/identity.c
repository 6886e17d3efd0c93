/*
 * The identity map: within a session one row of the database is one pointer. A row is found by its
 * key, which says whether one that comes from the database is known already.
 *
 * Keys are those that the database has. Nothing is copied of blocks whose keys rise: it is enough
 * that none of them can be another row's, which one look at each tells.
 */
#include <string.h>

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

static inline bool add_span(const rowan_session *session, rowan__identity_table *t, rowan__met *met,
                            int64_t greatest)
{
    void *array = t->spans;

    if (t->span_count == t->span_capacity &&
        !rowan__grow(&session->memory, &array, &t->span_capacity, t->span_count,
                     sizeof(rowan__met *))) {
        return false;
    }
    t->spans = array;
    t->spans[t->span_count++] = met;
    t->greatest = greatest;
    return true;
}

/* The span that a number would be in; NULL if it is before all of them. */
static rowan__met *span_of(const rowan__identity_table *t, int64_t number)
{
    size_t low = 0, high = t->span_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_at(t, t->spans[middle]->block, 0) <= number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? t->spans[low - 1] : NULL;
}

static bool find_in_spans(const rowan__identity_table *t, int64_t number, rowan__place *out)
{
    rowan__met *met = number <= t->greatest ? span_of(t, number) : NULL;
    size_t low = 0, high = met != NULL ? met->block->count : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_at(t, met->block, middle) < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (met == NULL || low == met->block->count || number_at(t, met->block, low) != number) {
        return false;
    }
    *out = (rowan__place){met->entries != NULL ? &met->entries[low] : NULL, met, low};
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

/* Whether the key is one integer of 64 bits that is there. */
static inline bool has_number(const rowan_table *table)
{
    return table->primary_count == 1 && table->primary[0]->type == ROWAN_TYPE_INT64 &&
           (table->primary[0]->flags & ROWAN_NULLABLE) == 0;
}

static rowan__identity_table *add_table(rowan_session *session, const rowan_table *table)
{
    rowan__identity_table *t = rowan__arena_alloc(rowan__session_arena(session), sizeof *t,
                                                  _Alignof(rowan__identity_table));

    if (t == NULL) {
        return NULL;
    }
    t->table = table;
    t->number = has_number(table) ? table->primary[0] : NULL;
    t->greatest = INT64_MIN;
    t->spans = t->few_spans;
    t->span_count = 0;
    t->span_capacity = sizeof t->few_spans / sizeof t->few_spans[0];
    t->entries = NULL;
    t->capacity = 0;
    t->next = session->tables;
    session->tables = t;
    return t;
}

/* The rows of a table; NULL if memory ran out. */
static inline rowan__identity_table *table_of(rowan_session *session, const rowan_table *table)
{
    rowan__identity_table *t = find_table(session, table);

    return t != NULL ? t : add_table(session, table);
}

bool rowan__identity_find(const rowan_session *session, const rowan_table *table,
                          const rowan_value *key, rowan__place *out)
{
    const rowan__identity_table *t = find_table(session, table);

    return t != NULL && find_in(t, key, out);
}

/* --- Blocks. --- */

rowan__entry *rowan__met_entries(const rowan_session *session, rowan__met *met)
{
    rowan__block *block = met->block;
    char *row = block->rows;

    if (met->entries != NULL) {
        return met->entries;
    }
    rowan__entry *entries = rowan__arena_alloc(
        rowan__session_arena(session), block->count * sizeof *entries, _Alignof(rowan__entry));
    for (size_t i = 0; entries != NULL && i < block->count; i++, row += block->table->row_size) {
        entries[i] =
            (rowan__entry){.table = block->table, .row = row, .block = block, .index = (uint32_t)i};
    }
    return met->entries = entries;
}

/* Indexes the rows of a block, of which some may be known. */
static bool adopt_rows(const rowan_session *session, rowan__identity_table *t, rowan__met *met)
{
    rowan__block *block = met->block;

    if (!reserve(session, t, block->count) || !rowan__met_entries(session, met)) {
        return false;
    }
    for (size_t i = 0; i < block->count; i++) {
        rowan__entry *own = &met->entries[i];
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

rowan_status rowan__session_check_keys(const rowan_session *session, const rowan_table *table)
{
    for (size_t i = 0; i < table->primary_count; i++) {
        if ((table->primary[i]->flags & ROWAN_NULLABLE) != 0) {
            return rowan__scope_fail(session->scope, ROWAN_MISUSE,
                                     "the key column %s.%s may be NULL: a session needs keys",
                                     table->name, table->primary[i]->name);
        }
    }
    return ROWAN_OK;
}

static inline rowan_status check_block(const rowan_session *session, const rowan__block *block)
{
    const rowan_table *table = block->table;
    rowan_status status = is_whole(block)
                              ? rowan__check_table(session->scope, table)
                              : rowan__check_writable(session->scope, table, block->columns);

    return status == ROWAN_OK && !has_number(table) ? rowan__session_check_keys(session, table)
                                                    : status;
}

/* What is known of a block, with its table's rows. NULL if memory ran out. */
static inline rowan__met *make_met(rowan_session *session, rowan__block *block,
                                   rowan__entry *entries, rowan__identity_table **t)
{
    rowan__met *met =
        rowan__arena_alloc(rowan__session_arena(session), sizeof *met, _Alignof(rowan__met));

    *t = table_of(session, block->table);
    if (met == NULL || *t == NULL || block->count > UINT32_MAX) {
        return NULL;
    }
    *met = (rowan__met){block, entries, NULL};
    return met;
}

rowan_status rowan__session_meet(rowan_session *session, rowan__block *block)
{
    rowan_status status = check_block(session, block);
    rowan__identity_table *t;
    int64_t greatest;

    if (status != ROWAN_OK) {
        return status;
    }
    rowan__met *met = make_met(session, block, NULL, &t);
    if (met == NULL || !(rises(t, block, &greatest) ? add_span(session, t, met, greatest)
                                                    : adopt_rows(session, t, met))) {
        return rowan__scope_nomem(session->scope);
    }
    block->session = met;
    *session->last = met;
    session->last = &met->next;
    return ROWAN_OK;
}

/* Indexes rows that were inserted: whatever had their keys before is not in the database. */
static bool index_inserted(const rowan_session *session, rowan__identity_table *t,
                           const rowan__met *met)
{
    if (!reserve(session, t, met->block->count)) {
        return false;
    }
    for (size_t i = 0; i < met->block->count; i++) {
        rowan__entry **place = place_of(t, met->block, i);
        if (place == NULL) {
            return false;
        }
        *place = &met->entries[i];
    }
    return true;
}

bool rowan__identity_insert(rowan_session *session, rowan__block *block, rowan__entry *entries)
{
    rowan__identity_table *t;
    rowan__met *met = make_met(session, block, entries, &t);
    int64_t greatest;

    return met != NULL && (rises(t, block, &greatest) ? add_span(session, t, met, greatest)
                                                      : index_inserted(session, t, met));
}

rowan__entry *rowan__identity_settle(rowan_session *session, rowan__met *met, size_t index)
{
    const rowan_table *table = met->block->table;
    rowan__identity_table *t = find_table(session, table);
    rowan__entry *own = &met->entries[index];
    rowan_value key[ROWAN__KEY_MAX];
    rowan__place found;

    if (own->row != NULL) {
        return own;
    }
    (void)rowan__key_read(table->primary, table->primary_count,
                          met->block->originals + index * table->row_size, key);
    if (find_in(t, key, &found)) {
        rowan__entry *entries = found.entry == NULL ? rowan__met_entries(session, found.met) : NULL;
        return entries != NULL ? &entries[found.index] : found.entry;
    }
    rowan__entry **place = reserve(session, t, 1) ? place_of(t, met->block, index) : NULL;
    if (place == NULL) {
        return NULL;
    }
    own->row = met->block->rows + index * table->row_size;
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
        while (t->span_count > 0 && t->spans[t->span_count - 1]->block->order >= block_order) {
            t->span_count--;
        }
    }
}
