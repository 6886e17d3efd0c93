/*
 * Keys are compared by content, and integers of different widths are equal if their numbers are,
 * since a column may refer to one of another width. Text is compared byte by byte, as the schemas
 * collate it.
 */
#include "relation/keys.h"

#include <string.h>

#include <xxhash.h>

#include "relation/member.h"

enum { FEWEST = 8 /* keys that there is room for */ };

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

static size_t number_hash(int64_t number)
{
    uint64_t mixed = ((uint64_t)number ^ (uint64_t)number >> 32) * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(mixed ^ mixed >> 29);
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

static size_t slot_of_number(const rowan__keys *keys, int64_t number)
{
    size_t mask = keys->slot_count - 1;
    size_t slot = number_hash(number) & mask;

    while (keys->slots[slot] != 0 && keys->numbers[keys->slots[slot] - 1] != number) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Makes so many slots that half of them stay free with @p count keys. */
static bool make_slots(rowan__keys *keys, size_t count)
{
    size_t old_count = keys->slot_count;
    size_t new_count = old_count == 0 ? 16 : old_count;
    uint32_t *old = keys->slots;

    while (new_count / 2 < count) {
        new_count *= 2;
    }
    if (new_count == old_count) {
        return true;
    }
    uint32_t *slots = rowan__new(keys->allocator, new_count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    keys->slots = slots;
    keys->slot_count = new_count;
    for (size_t i = 0; i < keys->count; i++) {
        size_t slot = keys->by_number ? slot_of_number(keys, keys->numbers[i])
                                      : slot_of(keys, keys->values + i * keys->width);
        slots[slot] = (uint32_t)(i + 1);
    }
    rowan__free(keys->allocator, old, old_count, sizeof *old);
    return true;
}

void rowan__keys_init(rowan__keys *keys, const rowan_allocator *allocator,
                      const rowan_column *const *columns, size_t width)
{
    memset(keys, 0, sizeof *keys);
    keys->allocator = allocator;
    keys->width = width;
    keys->by_number = width == 1 && rowan__is_integer(columns[0]->type);
    keys->is_rising = keys->by_number;
}

void rowan__keys_fini(rowan__keys *keys)
{
    size_t size = keys->width * sizeof *keys->values;

    rowan__free(keys->allocator, keys->numbers, keys->capacity, sizeof *keys->numbers);
    rowan__free(keys->allocator, keys->values, keys->capacity, size);
    rowan__free(keys->allocator, keys->slots, keys->slot_count, sizeof *keys->slots);
    keys->numbers = NULL;
    keys->values = NULL;
    keys->slots = NULL;
    keys->count = keys->capacity = keys->slot_count = 0;
}

/* A larger array with the keys of the old one, which is freed; NULL if memory ran out. */
static void *grown(rowan__keys *keys, void *old, size_t capacity, size_t size)
{
    void *array = rowan__alloc(keys->allocator, capacity, size);

    if (array != NULL) {
        if (keys->count > 0) {
            memcpy(array, old, keys->count * size);
        }
        rowan__free(keys->allocator, old, keys->capacity, size);
    }
    return array;
}

bool rowan__keys_reserve(rowan__keys *keys, size_t count)
{
    size_t most = keys->count + count;
    void *array;

    if (most > UINT32_MAX - 1 || (!keys->is_rising && !make_slots(keys, most))) {
        return false;
    }
    if (most <= keys->capacity) {
        return true;
    }
    most = most < 2 * keys->capacity ? 2 * keys->capacity : most;
    most = most < FEWEST ? FEWEST : most;
    if (keys->by_number) {
        array = grown(keys, keys->numbers, most, sizeof *keys->numbers);
        keys->numbers = array != NULL ? array : keys->numbers;
    } else {
        array = grown(keys, keys->values, most, keys->width * sizeof *keys->values);
        keys->values = array != NULL ? array : keys->values;
    }
    keys->capacity = array != NULL ? most : keys->capacity;
    return array != NULL;
}

static bool has_room(rowan__keys *keys)
{
    bool has_slot = keys->is_rising || keys->count + 1 <= keys->slot_count / 2;

    return (has_slot && keys->count < keys->capacity) || rowan__keys_reserve(keys, 1);
}

/* The first number that does not rise: from now on slots tell where each is. */
static bool stop_rising(rowan__keys *keys)
{
    if (!make_slots(keys, keys->count + 1)) {
        return false;
    }
    keys->is_rising = false;
    return true;
}

static bool add_number(rowan__keys *keys, int64_t number, size_t *index)
{
    if (keys->is_rising && keys->count > 0 && number <= keys->numbers[keys->count - 1]) {
        *index = keys->count - 1;
        if (number == keys->numbers[*index]) {
            return true;
        }
        if (!stop_rising(keys)) {
            return false;
        }
    }
    if (!has_room(keys)) {
        return false;
    }
    if (!keys->is_rising) {
        size_t slot = slot_of_number(keys, number);
        if (keys->slots[slot] != 0) {
            *index = keys->slots[slot] - 1;
            return true;
        }
        keys->slots[slot] = (uint32_t)(keys->count + 1);
    }
    *index = keys->count++;
    keys->numbers[*index] = number;
    return true;
}

static bool add_values(rowan__keys *keys, const rowan_value *key, size_t *index)
{
    if (!has_room(keys)) {
        return false;
    }
    size_t slot = slot_of(keys, key);
    if (keys->slots[slot] != 0) {
        *index = keys->slots[slot] - 1;
        return true;
    }
    memcpy(keys->values + keys->count * keys->width, key, keys->width * sizeof *key);
    *index = keys->count++;
    keys->slots[slot] = (uint32_t)keys->count;
    return true;
}

bool rowan__keys_add(rowan__keys *keys, const rowan_column *const *columns, const void *row,
                     size_t *index)
{
    rowan_value key[ROWAN__KEY_MAX];
    int64_t number;

    if (keys->by_number && rowan__member_number(columns[0], row, &number)) {
        return add_number(keys, number, index);
    }
    if (keys->by_number || !rowan__key_read(columns, keys->width, row, key)) {
        *index = ROWAN__NO_KEY;
        return true;
    }
    return add_values(keys, key, index);
}

static bool are_plain_numbers(const rowan__keys *keys, const rowan_column *column)
{
    return keys->by_number && column->type == ROWAN_TYPE_INT64 &&
           (column->flags & ROWAN_NULLABLE) == 0;
}

/* Where a number is among those that rise; SIZE_MAX if it is not. */
static size_t search(const int64_t *numbers, size_t count, int64_t number)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && numbers[low] == number ? low : SIZE_MAX;
}

static bool find_number(const rowan__keys *keys, int64_t number, size_t *index)
{
    if (keys->is_rising) {
        *index = search(keys->numbers, keys->count, number);
        return *index != SIZE_MAX;
    }
    size_t slot = slot_of_number(keys, number);
    *index = (size_t)keys->slots[slot] - 1;
    return keys->slots[slot] != 0;
}

bool rowan__keys_find_row(const rowan__keys *keys, const rowan_column *const *columns,
                          const void *row, size_t *index)
{
    rowan_value key[ROWAN__KEY_MAX];
    int64_t number;

    if (!keys->by_number) {
        return rowan__key_read(columns, keys->width, row, key) &&
               rowan__keys_find(keys, key, index);
    }
    if (!rowan__member_number(columns[0], row, &number)) {
        return false;
    }
    for (size_t near = *index; near < keys->count && near - *index <= 1; near++) {
        if (keys->numbers[near] == number) {
            *index = near;
            return true;
        }
    }
    return find_number(keys, number, index);
}

size_t rowan__keys_run(const rowan__keys *keys, const rowan_column *const *columns, const char *row,
                       size_t size, size_t most)
{
    size_t offset = columns[0]->value_offset, count = 1;
    int64_t first, number;

    if (!are_plain_numbers(keys, columns[0])) {
        return 1;
    }
    memcpy(&first, row + offset, sizeof first);
    for (const char *next = row + offset + size; count < most; count++, next += size) {
        memcpy(&number, next, sizeof number);
        if (number != first) {
            break;
        }
    }
    return count;
}

bool rowan__keys_find(const rowan__keys *keys, const rowan_value *key, size_t *index)
{
    if (!keys->is_rising && keys->slot_count == 0) {
        return false;
    }
    if (keys->by_number) {
        return rowan__is_integer(key->type) && find_number(keys, key->as.integer, index);
    }
    size_t slot = slot_of(keys, key);
    if (keys->slots[slot] == 0) {
        return false;
    }
    *index = keys->slots[slot] - 1;
    return true;
}

rowan_value rowan__keys_value(const rowan__keys *keys, size_t index, size_t column)
{
    return keys->by_number ? rowan_v_int64(keys->numbers[index])
                           : keys->values[index * keys->width + column];
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
