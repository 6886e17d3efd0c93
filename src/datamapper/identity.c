/*
 * The identity map: within a session one row of the database is one pointer. Rows are found by
 * their address, which says whether a pointer is of the session at all, and by their key, which
 * says whether a row that comes from the database is known already.
 */
#include <string.h>

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
        rowan__free(identity->allocator, t->numbers, t->number_slots, sizeof *t->numbers);
        rowan__free(identity->allocator, t->entries, t->capacity, sizeof(rowan__entry *));
    }
    rowan__free(identity->allocator, identity->tables, identity->table_capacity,
                sizeof *identity->tables);
    rowan__free(identity->allocator, identity->made, identity->made_slots, sizeof(rowan__entry *));
    rowan__identity_init(identity, identity->allocator);
}

static size_t mix(uint64_t number)
{
    number = (number ^ (number >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(number ^ (number >> 29));
}

/* The slot of an address, or the free one where it would go. */
static size_t made_slot(rowan__entry **slots, size_t count, const void *row)
{
    size_t slot = mix((uintptr_t)row) & (count - 1);

    while (slots[slot] != NULL && slots[slot]->row != row) {
        slot = (slot + 1) & (count - 1);
    }
    return slot;
}

rowan__entry *rowan__identity_made(const rowan__identity *identity, const void *row)
{
    if (identity->made_slots == 0 || row == NULL) {
        return NULL;
    }
    return identity->made[made_slot(identity->made, identity->made_slots, row)];
}

bool rowan__identity_add_made(rowan__identity *identity, rowan__entry *entry)
{
    if (identity->made_count + 1 > identity->made_slots / 2) {
        size_t count = identity->made_slots == 0 ? 64 : identity->made_slots * 2;
        rowan__entry **slots = rowan__new(identity->allocator, count, sizeof *slots);
        if (slots == NULL) {
            return false;
        }
        for (size_t i = 0; i < identity->made_slots; i++) {
            if (identity->made[i] != NULL) {
                slots[made_slot(slots, count, identity->made[i]->row)] = identity->made[i];
            }
        }
        rowan__free(identity->allocator, identity->made, identity->made_slots, sizeof *slots);
        identity->made = slots;
        identity->made_slots = count;
    }
    identity->made[made_slot(identity->made, identity->made_slots, entry->row)] = entry;
    identity->made_count++;
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

static bool is_integer(rowan_type type)
{
    return type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32 || type == ROWAN_TYPE_INT64;
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
    rowan__keys_init(&t->keys, identity->allocator, table->primary, table->primary_count);
    t->by_number = table->primary_count == 1 && is_integer(table->primary[0]->type) &&
                   (table->primary[0]->flags & ROWAN_NULLABLE) == 0;
    return t;
}

/* The slot of a number, or the free one where it would go. */
static size_t number_slot(const rowan__number_slot *slots, size_t count, int64_t key)
{
    size_t slot = mix((uint64_t)key) & (count - 1);

    while (slots[slot].is_used && slots[slot].key != key) {
        slot = (slot + 1) & (count - 1);
    }
    return slot;
}

/* Makes the slots so many that half of them stay free. */
static bool reserve_numbers(rowan__identity *identity, rowan__identity_table *t, size_t count)
{
    size_t slots = t->number_slots == 0 ? 16 : t->number_slots;

    while (slots / 2 < t->number_count + count) {
        slots *= 2;
    }
    if (slots == t->number_slots) {
        return true;
    }
    rowan__number_slot *numbers = rowan__new(identity->allocator, slots, sizeof *numbers);
    if (numbers == NULL) {
        return false;
    }
    for (size_t i = 0; i < t->number_slots; i++) {
        if (t->numbers[i].is_used) {
            numbers[number_slot(numbers, slots, t->numbers[i].key)] = t->numbers[i];
        }
    }
    rowan__free(identity->allocator, t->numbers, t->number_slots, sizeof *numbers);
    t->numbers = numbers;
    t->number_slots = slots;
    return true;
}

/* The place of a key's entry, or NULL if the key is not there. */
static rowan__entry **find_place(const rowan__identity *identity, const rowan_table *table,
                                 const rowan_value *key)
{
    rowan__identity_table *t = find_table(identity, table);
    size_t index;

    if (t == NULL) {
        return NULL;
    }
    if (!t->by_number) {
        return rowan__keys_find(&t->keys, key, &index) ? &t->entries[index] : NULL;
    }
    if (t->number_slots == 0 || !is_integer(key[0].type)) {
        return NULL; /* a key of another type is no key of a row */
    }
    rowan__number_slot *slot =
        &t->numbers[number_slot(t->numbers, t->number_slots, key[0].as.integer)];
    return slot->is_used ? &slot->entry : NULL;
}

rowan__entry *rowan__identity_by_key(const rowan__identity *identity, const rowan_table *table,
                                     const rowan_value *key)
{
    rowan__entry **place = find_place(identity, table, key);

    return place != NULL ? *place : NULL;
}

bool rowan__identity_reserve(rowan__identity *identity, const rowan_table *table, size_t count)
{
    rowan__identity_table *t = make_table(identity, table);

    return t != NULL && (!t->by_number || reserve_numbers(identity, t, count));
}

/* The number that the key column of a row holds. */
static int64_t number_of(const rowan_column *column, const char *row)
{
    int16_t small;
    int32_t middle;
    int64_t large;

    if (column->type == ROWAN_TYPE_INT64) {
        memcpy(&large, row + column->value_offset, sizeof large);
        return large;
    }
    if (column->type == ROWAN_TYPE_INT32) {
        memcpy(&middle, row + column->value_offset, sizeof middle);
        return middle;
    }
    memcpy(&small, row + column->value_offset, sizeof small);
    return small;
}

static rowan__entry **place_of_number(rowan__identity *identity, rowan__identity_table *t,
                                      int64_t key)
{
    if (!reserve_numbers(identity, t, 1)) {
        return NULL;
    }
    rowan__number_slot *slot = &t->numbers[number_slot(t->numbers, t->number_slots, key)];
    if (!slot->is_used) {
        *slot = (rowan__number_slot){key, NULL, true};
        t->number_count++;
    }
    return &slot->entry;
}

rowan__entry **rowan__identity_place(rowan__identity *identity, const rowan_table *table,
                                     const void *row)
{
    rowan__identity_table *t = make_table(identity, table);
    size_t index, count;

    if (t == NULL) {
        return NULL;
    }
    if (t->by_number) {
        return place_of_number(identity, t, number_of(table->primary[0], row));
    }
    /* Room for the entry first, so that no key is ever without its place. */
    void *array = t->entries;
    count = t->keys.count;
    if (!rowan__grow(identity->allocator, &array, &t->capacity, count, sizeof(rowan__entry *))) {
        return NULL;
    }
    t->entries = array;
    if (!rowan__keys_add(&t->keys, table->primary, row, &index)) {
        return NULL;
    }
    if (index == count) {
        t->entries[index] = NULL;
    }
    return &t->entries[index];
}

void rowan__identity_drop_key(rowan__identity *identity, const rowan__entry *entry)
{
    rowan_value key[ROWAN__KEY_MAX];
    rowan__entry **place;

    if (entry->original == NULL ||
        !rowan__key_read(entry->table->primary, entry->table->primary_count, entry->original,
                         key)) {
        return;
    }
    place = find_place(identity, entry->table, key);
    if (place != NULL && *place == entry) {
        *place = NULL;
    }
}
