/*
 * Rows as they are compared: not kept, but hashed to 128 bits, so that a result of any size costs
 * 24 bytes a row. Numbers of one sort are equal whatever their width.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "verify/verify_private.h"

void rowan__kept_fini(rowan__kept *kept)
{
    rowan__free(kept->allocator, kept->at, kept->capacity, sizeof *kept->at);
    kept->at = NULL;
    kept->count = kept->capacity = 0;
}

/* Where the bytes of a value are, and what sort of value they are. */
static const void *bytes_of(const rowan_value *value, size_t *size, char *sort)
{
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        *sort = 'b';
        *size = sizeof value->as.boolean;
        return &value->as.boolean;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        *sort = 'i';
        *size = sizeof value->as.integer;
        return &value->as.integer;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        *sort = 'r';
        *size = sizeof value->as.real;
        return &value->as.real;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
        *sort = value->type == ROWAN_TYPE_BLOB ? 'x' : 't';
        *size = value->as.bytes.size;
        return value->as.bytes.data;
    case ROWAN_TYPE_DATE:
        *sort = 'd';
        *size = sizeof value->as.date.days;
        return &value->as.date.days;
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
        *sort = value->type == ROWAN_TYPE_TIME ? 'c' : 's';
        *size = sizeof value->as.time.us;
        return &value->as.time.us;
    case ROWAN_TYPE_UUID:
        *sort = 'u';
        *size = sizeof value->as.uuid.bytes;
        return value->as.uuid.bytes;
    case ROWAN_TYPE_LIST:
        break;
    }
    *sort = '?';
    *size = 0;
    return NULL;
}

static void add_value(XXH3_state_t *hash, const rowan_value *value)
{
    const void *bytes = NULL;
    uint64_t length;
    size_t size = 0;
    char sort = 'n';

    if (!value->is_null && value->type != 0) {
        bytes = bytes_of(value, &size, &sort);
    }
    length = size;
    XXH3_128bits_update(hash, &sort, 1);
    XXH3_128bits_update(hash, &length, sizeof length); /* no two rows run together */
    if (size > 0) {
        XXH3_128bits_update(hash, bytes, size);
    }
}

/* A decimal is a text: 0, -0.00 or 0E-8. */
static bool is_zero_text(const rowan_value *value)
{
    const char *text = value->as.bytes.data;
    size_t size = value->as.bytes.size, i = 0;

    while (i < size && (text[i] == '-' || text[i] == '0' || text[i] == '.')) {
        i++;
    }
    return i == size || (i > 0 && text[i] == 'E');
}

static bool is_zero(const rowan_value *value)
{
    switch (value->type) {
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        return value->as.integer == 0;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return !(value->as.real < 0) && !(value->as.real > 0) && value->as.real == value->as.real;
    case ROWAN_TYPE_DECIMAL:
        return is_zero_text(value);
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

static bool is_void(const rowan_value *value)
{
    return value->is_null || value->type == 0 || is_zero(value);
}

rowan_status rowan__kept_add(rowan__kept *kept, uint64_t key, const rowan_cursor *cursor,
                             const size_t *columns, size_t count)
{
    rowan__kept_row row = {.key = key, .is_void = true};
    XXH3_state_t hash;
    XXH128_hash_t digest;

    if (!rowan__grow(kept->allocator, (void **)&kept->at, &kept->capacity, kept->count,
                     sizeof *kept->at)) {
        return ROWAN_NOMEM;
    }
    XXH3_128bits_reset(&hash);
    for (size_t i = 0; i < count; i++) {
        const rowan_value *value = rowan_cursor_value(cursor, columns != NULL ? columns[i] : i);
        add_value(&hash, value);
        row.is_void = row.is_void && is_void(value);
    }
    digest = XXH3_128bits_digest(&hash);
    row.low = digest.low64;
    row.high = digest.high64;
    kept->at[kept->count++] = row;
    return ROWAN_OK;
}

static int by_key_and_content(const void *a, const void *b)
{
    const rowan__kept_row *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    if (x->low != y->low) {
        return x->low < y->low ? -1 : 1;
    }
    return x->high < y->high ? -1 : x->high > y->high;
}

void rowan__kept_sort(rowan__kept *kept)
{
    if (kept->count > 0) {
        qsort(kept->at, kept->count, sizeof *kept->at, by_key_and_content);
    }
}

bool rowan__kept_equal(const rowan__kept *a, const rowan__kept *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (by_key_and_content(&a->at[i], &b->at[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool rowan__kept_has(const rowan__kept *kept, uint64_t key)
{
    size_t begin = 0, end = kept->count;

    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (kept->at[middle].key < key) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin < kept->count && kept->at[begin].key == key;
}

void rowan__kept_unite(rowan__kept *kept)
{
    size_t count = 0;

    for (size_t i = 0; i < kept->count; i++) {
        if (count == 0 || by_key_and_content(&kept->at[count - 1], &kept->at[i]) != 0) {
            kept->at[count++] = kept->at[i];
        }
    }
    kept->count = count;
}

void rowan__kept_drop_void(rowan__kept *kept, const rowan__kept *others)
{
    size_t count = 0;

    for (size_t i = 0; i < kept->count; i++) {
        if (!kept->at[i].is_void || rowan__kept_has(others, kept->at[i].key)) {
            kept->at[count++] = kept->at[i];
        }
    }
    kept->count = count;
}

/* Behind the rows of the key that a row has. */
static size_t key_end(const rowan__kept *kept, size_t begin)
{
    size_t end = begin;

    while (end < kept->count && kept->at[end].key == kept->at[begin].key) {
        end++;
    }
    return end;
}

size_t rowan__kept_differences(const rowan__kept *a, const rowan__kept *b)
{
    size_t i = 0, k = 0, differences = 0;

    while (i < a->count || k < b->count) {
        bool in_a = i < a->count && (k == b->count || a->at[i].key <= b->at[k].key);
        bool in_b = k < b->count && (i == a->count || b->at[k].key <= a->at[i].key);
        rowan__kept x = {.at = a->at + i, .count = in_a ? key_end(a, i) - i : 0};
        rowan__kept y = {.at = b->at + k, .count = in_b ? key_end(b, k) - k : 0};
        differences += !rowan__kept_equal(&x, &y);
        i += x.count;
        k += y.count;
    }
    return differences;
}
