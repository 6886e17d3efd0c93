/*
 * The identity map: within a session one row of the database is one pointer. A row is found by its
 * key, which says whether one that comes from the database is known already.
 */
#include <string.h>

#include "datamapper/datamapper_private.h"

void rowan__identity_init(rowan__identity *identity, const rowan_allocator *allocator)
{
    memset(identity, 0, sizeof *identity);
    identity->allocator = allocator;
}

static rowan__identity_table *find_table(const rowan__identity *identity, const rowan_table *table)
{
    rowan__identity_table *t = identity->tables;

    while (t != NULL && t->table != table) {
        t = t->next;
    }
    return t;
}

/* A table with room for the rows of most sessions. It is not given back: see rowan__identity. */
typedef struct roomy {
    rowan__identity_table table;
    int64_t numbers[ROWAN__IDENTITY_FEW];
    rowan__entry *entries[ROWAN__IDENTITY_FEW];
} roomy;

static rowan__identity_table *add_table(rowan__identity *identity, const rowan_table *table)
{
    roomy *made = rowan__alloc(identity->allocator, 1, sizeof *made);

    if (made == NULL) {
        return NULL;
    }
    rowan__identity_table *t = &made->table;
    rowan__keys_init_in(&t->keys, identity->allocator, table->primary, table->primary_count,
                        made->numbers, ROWAN__IDENTITY_FEW);
    t->table = table;
    t->allocator = identity->allocator;
    t->entries = made->entries;
    t->capacity = t->keys.capacity;
    t->next = identity->tables;
    identity->tables = t;
    return t;
}

rowan__identity_table *rowan__identity_of(rowan__identity *identity, const rowan_table *table)
{
    rowan__identity_table *t = find_table(identity, table);

    return t != NULL ? t : add_table(identity, table);
}

bool rowan__identity_grow(rowan__identity_table *t, size_t count)
{
    if (!rowan__keys_reserve(&t->keys, count)) {
        return false;
    }
    if (t->capacity >= t->keys.capacity) {
        return true;
    }
    rowan__entry **entries = rowan__alloc(t->allocator, t->keys.capacity, sizeof(rowan__entry *));
    if (entries == NULL) {
        return false;
    }
    if (t->keys.count > 0) {
        memcpy(entries, t->entries, t->keys.count * sizeof *entries);
    }
    rowan__free(t->allocator, t->entries, t->capacity, sizeof *entries);
    t->entries = entries;
    t->capacity = t->keys.capacity;
    return true;
}

rowan__entry **rowan__identity_place(rowan__identity_table *t, const void *row)
{
    size_t index, count = t->keys.count;

    /* Room for the entry first, so that no key is ever without its place. */
    if (count == t->capacity && !rowan__identity_reserve(t, 1)) {
        return NULL;
    }
    if (!rowan__keys_add(&t->keys, t->table->primary, row, &index)) {
        return NULL;
    }
    if (index == count) {
        t->entries[index] = NULL;
    }
    return &t->entries[index];
}

/* The place of a key's entry, or NULL if the key is not there. */
static rowan__entry **find_place(const rowan__identity *identity, const rowan_table *table,
                                 const rowan_value *key)
{
    const rowan__identity_table *t = find_table(identity, table);
    size_t index;

    return t != NULL && rowan__keys_find(&t->keys, key, &index) ? &t->entries[index] : NULL;
}

rowan__entry *rowan__identity_by_key(const rowan__identity *identity, const rowan_table *table,
                                     const rowan_value *key)
{
    rowan__entry **place = find_place(identity, table, key);

    return place != NULL ? *place : NULL;
}

void rowan__identity_drop_key(rowan__identity *identity, const rowan__entry *entry)
{
    const char *original = rowan__entry_original(entry);
    rowan_value key[ROWAN__KEY_MAX];
    rowan__entry **place;

    if (original == NULL ||
        !rowan__key_read(entry->table->primary, entry->table->primary_count, original, key)) {
        return;
    }
    place = find_place(identity, entry->table, key);
    if (place != NULL && *place == entry) {
        *place = NULL;
    }
}
