/*
 * Keys are compared by content, and integers of different widths are equal if their numbers are,
 * since a column may refer to one of another width. Text is compared byte by byte, as the schemas
 * collate it.
 */
#include "relation/keys.h"

#include <string.h>

#include <xxhash.h>

/* What is compared of a value: a number, or bytes. */
typedef struct content {
    const void *data;
    size_t size;
    int64_t number; /* that `data` points to for values that are no bytes */
} content;

static void content_of(const rowan_value *value, content *out)
{
    out->data = &out->number;
    out->size = sizeof out->number;
    out->number = 0;
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        out->number = value->as.boolean;
        break;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        out->number = value->as.integer;
        break;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        memcpy(&out->number, &value->as.real, sizeof out->number);
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        out->data = value->as.bytes.data;
        out->size = value->as.bytes.size;
        break;
    case ROWAN_TYPE_DATE:
        out->number = value->as.date.days;
        break;
    case ROWAN_TYPE_TIME:
        out->number = value->as.time.us;
        break;
    case ROWAN_TYPE_TIMESTAMP:
        out->number = value->as.timestamp.us;
        break;
    case ROWAN_TYPE_UUID:
        out->data = value->as.uuid.bytes;
        out->size = sizeof value->as.uuid.bytes;
        break;
    case ROWAN_TYPE_LIST:
        break;
    }
}

static uint64_t key_hash(const rowan_value *key, size_t width)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < width; i++) {
        content c;
        content_of(&key[i], &c);
        hash = XXH3_64bits_withSeed(c.size != 0 ? c.data : "", c.size, hash);
    }
    return hash;
}

static bool key_equal(const rowan_value *a, const rowan_value *b, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        content x, y;
        content_of(&a[i], &x);
        content_of(&b[i], &y);
        if (x.size != y.size || (x.size != 0 && memcmp(x.data, y.data, x.size) != 0)) {
            return false;
        }
    }
    return true;
}

/* The slot that holds the key, or the free one where it would go. There is always a free one. */
static size_t slot_of(const rowan__keys *keys, const rowan_value *key)
{
    size_t mask = keys->slot_count - 1;
    size_t slot = (size_t)key_hash(key, keys->width) & mask;

    while (keys->slots[slot] != 0 &&
           !key_equal(keys->values + (keys->slots[slot] - 1) * keys->width, key, keys->width)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Doubles the slots once half of them are taken. */
static bool make_slots(rowan__keys *keys)
{
    size_t old_count = keys->slot_count;
    uint32_t *old = keys->slots;

    if (keys->count + 1 <= old_count / 2) {
        return true;
    }
    size_t new_count = old_count == 0 ? 16 : old_count * 2;
    uint32_t *slots = rowan__new(keys->allocator, new_count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    keys->slots = slots;
    keys->slot_count = new_count;
    for (size_t i = 0; i < keys->count; i++) {
        slots[slot_of(keys, keys->values + i * keys->width)] = (uint32_t)(i + 1);
    }
    rowan__free(keys->allocator, old, old_count, sizeof *old);
    return true;
}

void rowan__keys_init(rowan__keys *keys, const rowan_allocator *allocator, size_t width)
{
    memset(keys, 0, sizeof *keys);
    keys->allocator = allocator;
    keys->width = width;
}

void rowan__keys_fini(rowan__keys *keys)
{
    rowan__free(keys->allocator, keys->values, keys->capacity, keys->width * sizeof *keys->values);
    rowan__free(keys->allocator, keys->slots, keys->slot_count, sizeof *keys->slots);
    keys->values = NULL;
    keys->slots = NULL;
    keys->count = keys->capacity = keys->slot_count = 0;
}

bool rowan__keys_add(rowan__keys *keys, const rowan_value *key, size_t *index)
{
    void *values = keys->values;

    if (!make_slots(keys)) {
        return false;
    }
    size_t slot = slot_of(keys, key);
    if (keys->slots[slot] != 0) {
        *index = keys->slots[slot] - 1;
        return true;
    }
    if (keys->count >= UINT32_MAX - 1 ||
        !rowan__grow(keys->allocator, &values, &keys->capacity, keys->count,
                     keys->width * sizeof *keys->values)) {
        return false;
    }
    keys->values = values;
    memcpy(keys->values + keys->count * keys->width, key, keys->width * sizeof *key);
    *index = keys->count++;
    keys->slots[slot] = (uint32_t)keys->count;
    return true;
}

bool rowan__keys_find(const rowan__keys *keys, const rowan_value *key, size_t *index)
{
    if (keys->slot_count == 0) {
        return false;
    }
    size_t slot = slot_of(keys, key);
    if (keys->slots[slot] == 0) {
        return false;
    }
    *index = keys->slots[slot] - 1;
    return true;
}

bool rowan__key_read(const rowan_column *const *columns, size_t count, const void *row,
                     rowan_value *key)
{
    for (size_t i = 0; i < count; i++) {
        key[i] = rowan_column_value(columns[i], row);
        if (key[i].is_null) {
            return false;
        }
    }
    return true;
}
