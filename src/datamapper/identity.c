/*
 * The identity map: within a session one row of the database is one pointer. Rows are found by
 * their address, which says whether a pointer is of the session at all, and by their key, which
 * says whether a row that comes from the database is known already.
 */
#include <string.h>

#include <xxhash.h>

#include "datamapper/datamapper_private.h"

void rowan__identity_init(rowan__identity *identity, const rowan_allocator *allocator)
{
    memset(identity, 0, sizeof *identity);
    identity->allocator = allocator;
}

void rowan__identity_fini(rowan__identity *identity)
{
    for (size_t i = 0; i < identity->table_count; i++) {
        rowan__identity_table *t = &identity->tables[i];
        rowan__keys_fini(&t->keys);
        rowan__free(identity->allocator, t->entries, t->capacity, sizeof(rowan__entry *));
    }
    rowan__free(identity->allocator, identity->tables, identity->table_capacity,
                sizeof *identity->tables);
    rowan__free(identity->allocator, identity->by_row, identity->row_slots, sizeof(rowan__entry *));
    rowan__identity_init(identity, identity->allocator);
}

/* The slot of an address, or the free one where it would go. */
static size_t row_slot(rowan__entry **slots, size_t count, const void *row)
{
    uintptr_t address = (uintptr_t)row;
    size_t slot = (size_t)XXH3_64bits(&address, sizeof address) & (count - 1);

    while (slots[slot] != NULL && slots[slot]->row != row) {
        slot = (slot + 1) & (count - 1);
    }
    return slot;
}

rowan__entry *rowan__identity_by_row(const rowan__identity *identity, const void *row)
{
    if (identity->row_slots == 0 || row == NULL) {
        return NULL;
    }
    return identity->by_row[row_slot(identity->by_row, identity->row_slots, row)];
}

bool rowan__identity_add_row(rowan__identity *identity, rowan__entry *entry)
{
    if (identity->row_count + 1 > identity->row_slots / 2) {
        size_t count = identity->row_slots == 0 ? 64 : identity->row_slots * 2;
        rowan__entry **slots = rowan__new(identity->allocator, count, sizeof *slots);
        if (slots == NULL) {
            return false;
        }
        for (size_t i = 0; i < identity->row_slots; i++) {
            if (identity->by_row[i] != NULL) {
                slots[row_slot(slots, count, identity->by_row[i]->row)] = identity->by_row[i];
            }
        }
        rowan__free(identity->allocator, identity->by_row, identity->row_slots, sizeof *slots);
        identity->by_row = slots;
        identity->row_slots = count;
    }
    size_t slot = row_slot(identity->by_row, identity->row_slots, entry->row);
    identity->row_count += identity->by_row[slot] == NULL ? 1 : 0;
    identity->by_row[slot] = entry;
    return true;
}

static rowan__identity_table *find_table(const rowan__identity *identity, const rowan_table *table)
{
    for (size_t i = 0; i < identity->table_count; i++) {
        if (identity->tables[i].table == table) {
            return &identity->tables[i];
        }
    }
    return NULL;
}

static rowan__identity_table *make_table(rowan__identity *identity, const rowan_table *table)
{
    rowan__identity_table *t = find_table(identity, table);
    void *array = identity->tables;

    if (t != NULL) {
        return t;
    }
    if (!rowan__grow(identity->allocator, &array, &identity->table_capacity, identity->table_count,
                     sizeof *identity->tables)) {
        return NULL;
    }
    identity->tables = array;
    t = &identity->tables[identity->table_count++];
    memset(t, 0, sizeof *t);
    t->table = table;
    rowan__keys_init(&t->keys, identity->allocator, table->primary_count);
    return t;
}

rowan__entry *rowan__identity_by_key(const rowan__identity *identity, const rowan_table *table,
                                     const rowan_value *key)
{
    const rowan__identity_table *t = find_table(identity, table);
    size_t index;

    return t != NULL && rowan__keys_find(&t->keys, key, &index) ? t->entries[index] : NULL;
}

bool rowan__identity_add_key(rowan__identity *identity, rowan__entry *entry)
{
    rowan__identity_table *t = make_table(identity, entry->table);
    rowan_value key[ROWAN__KEY_MAX];
    size_t index;

    if (t == NULL) {
        return false;
    }
    /* Room for the entry first, so that no key is ever without its place. */
    void *array = t->entries;
    if (!rowan__grow(identity->allocator, &array, &t->capacity, t->keys.count,
                     sizeof(rowan__entry *))) {
        return false;
    }
    t->entries = array;
    if (!rowan__key_read(entry->table->primary, entry->table->primary_count, entry->original,
                         key) ||
        !rowan__keys_add(&t->keys, key, &index)) {
        return false;
    }
    t->entries[index] = entry;
    return true;
}

void rowan__identity_drop_key(rowan__identity *identity, const rowan__entry *entry)
{
    rowan__identity_table *t = find_table(identity, entry->table);
    rowan_value key[ROWAN__KEY_MAX];
    size_t index;

    if (t != NULL && entry->original != NULL &&
        rowan__key_read(entry->table->primary, entry->table->primary_count, entry->original, key) &&
        rowan__keys_find(&t->keys, key, &index) && t->entries[index] == entry) {
        t->entries[index] = NULL;
    }
}
