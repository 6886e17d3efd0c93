/*
 * Members of row structs by their columns. Nothing here allocates except rowan__member_keep().
 */
#include "relation/member.h"

#include <string.h>

/* Bytes that are not there are SQL NULL, whatever their size. */
static bool has_value(const rowan_column *column, const void *row)
{
    bool has = true;

    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memcpy(&has, (const char *)row + column->offset, sizeof has);
    }
    if (has && column->type == ROWAN_TYPE_BLOB) {
        rowan_blob blob;
        memcpy(&blob, (const char *)row + column->value_offset, sizeof blob);
        has = blob.data != NULL || blob.size == 0;
    }
    return has;
}

static bool is_text(rowan_type type)
{
    return type == ROWAN_TYPE_TEXT || type == ROWAN_TYPE_DECIMAL || type == ROWAN_TYPE_JSON;
}

rowan__mask rowan__mask_all(const rowan_table *table)
{
    rowan__mask mask = {{0}};
    size_t word = 0, left = table->column_count;

    for (; left >= 64; left -= 64) {
        mask.bits[word++] = UINT64_MAX;
    }
    if (left > 0) {
        mask.bits[word] = ((uint64_t)1 << left) - 1;
    }
    return mask;
}

size_t rowan__type_size(rowan_type type)
{
    switch (type) {
    case ROWAN_TYPE_BOOL:
        return sizeof(bool);
    case ROWAN_TYPE_INT16:
        return sizeof(int16_t);
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_DATE:
        return sizeof(int32_t);
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
        return sizeof(int64_t);
    case ROWAN_TYPE_FLOAT:
        return sizeof(float);
    case ROWAN_TYPE_DOUBLE:
        return sizeof(double);
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        return sizeof(const char *);
    case ROWAN_TYPE_BLOB:
        return sizeof(rowan_blob);
    case ROWAN_TYPE_UUID:
        return sizeof(rowan_uuid);
    case ROWAN_TYPE_ENUM:
        return sizeof(unsigned);
    case ROWAN_TYPE_LIST:
        break;
    }
    return 0;
}

size_t rowan__type_align(rowan_type type)
{
    if (type == ROWAN_TYPE_UUID) {
        return _Alignof(rowan_uuid);
    }
    if (type == ROWAN_TYPE_BLOB) {
        return _Alignof(rowan_blob);
    }
    return rowan__type_size(type); /* every other type is a scalar */
}

bool rowan__member_same(const rowan_column *column, const void *a, const void *b)
{
    bool a_has = has_value(column, a);

    if (a_has != has_value(column, b)) {
        return false;
    }
    if (!a_has) {
        return true;
    }
    const char *x = (const char *)a + column->value_offset;
    const char *y = (const char *)b + column->value_offset;
    if (is_text(column->type)) {
        const char *s, *t;
        memcpy(&s, x, sizeof s);
        memcpy(&t, y, sizeof t);
        return s == t || (s != NULL && t != NULL && strcmp(s, t) == 0);
    }
    if (column->type == ROWAN_TYPE_BLOB) {
        rowan_blob s, t;
        memcpy(&s, x, sizeof s);
        memcpy(&t, y, sizeof t);
        return s.size == t.size &&
               (s.size == 0 || s.data == t.data || memcmp(s.data, t.data, s.size) == 0);
    }
    size_t size = rowan__type_size(column->type);
    if (size == sizeof(uint64_t)) {
        return memcmp(x, y, sizeof(uint64_t)) == 0; /* one comparison, and no call */
    }
    return memcmp(x, y, size) == 0;
}

bool rowan__member_is_zero(const rowan_column *column, const void *row)
{
    static const char zeros[sizeof(rowan_uuid) + sizeof(rowan_blob)];

    return !has_value(column, row) || ((column->flags & ROWAN_NULLABLE) == 0 &&
                                       memcmp((const char *)row + column->value_offset, zeros,
                                              rowan__type_size(column->type)) == 0);
}

void rowan__member_copy(const rowan_column *column, void *to, const void *from)
{
    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memcpy((char *)to + column->offset, (const char *)from + column->offset, sizeof(bool));
    }
    memcpy((char *)to + column->value_offset, (const char *)from + column->value_offset,
           rowan__type_size(column->type));
}

void rowan__member_clear(const rowan_column *column, void *row)
{
    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memset((char *)row + column->offset, 0, sizeof(bool));
    }
    memset((char *)row + column->value_offset, 0, rowan__type_size(column->type));
}

void rowan__member_set_integer(const rowan_column *column, void *row, int64_t value)
{
    char *member = (char *)row + column->value_offset;
    int16_t small = (int16_t)value;
    int32_t middle = (int32_t)value;

    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memset((char *)row + column->offset, 1, sizeof(bool));
    }
    if (column->type == ROWAN_TYPE_INT16) {
        memcpy(member, &small, sizeof small);
    } else if (column->type == ROWAN_TYPE_INT32) {
        memcpy(member, &middle, sizeof middle);
    } else {
        memcpy(member, &value, sizeof value);
    }
}

void rowan__member_set_text(const rowan_column *column, void *row, const char *text)
{
    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memset((char *)row + column->offset, 1, sizeof(bool));
    }
    memcpy((char *)row + column->value_offset, &text, sizeof text);
}

static bool integer_fits(rowan_type type, int64_t value)
{
    return (type != ROWAN_TYPE_INT16 || (value >= INT16_MIN && value <= INT16_MAX)) &&
           (type != ROWAN_TYPE_INT32 || (value >= INT32_MIN && value <= INT32_MAX));
}

bool rowan__member_refer(const rowan_column *column, void *row, const rowan_column *from_column,
                         const void *from_row)
{
    if (!has_value(from_column, from_row)) {
        rowan__member_clear(column, row);
        return (column->flags & ROWAN_NULLABLE) != 0;
    }
    if (rowan__is_integer(column->type) && rowan__is_integer(from_column->type)) {
        int64_t value = rowan_column_value(from_column, from_row).as.integer;
        rowan__member_set_integer(column, row, value);
        return integer_fits(column->type, value);
    }
    if (column->type != from_column->type) {
        return false;
    }
    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memset((char *)row + column->offset, 1, sizeof(bool));
    }
    memcpy((char *)row + column->value_offset, (const char *)from_row + from_column->value_offset,
           rowan__type_size(column->type));
    return true;
}

bool rowan__member_keep(rowan__arena *arena, const rowan_column *column, void *row)
{
    char *member = (char *)row + column->value_offset;

    if (!has_value(column, row)) {
        return true;
    }
    if (is_text(column->type)) {
        const char *text;
        memcpy(&text, member, sizeof text);
        if (text != NULL && (text = rowan__arena_text(arena, text, strlen(text))) == NULL) {
            return false;
        }
        memcpy(member, &text, sizeof text);
    } else if (column->type == ROWAN_TYPE_BLOB) {
        rowan_blob blob;
        memcpy(&blob, member, sizeof blob);
        if (blob.size != 0 &&
            (blob.data = rowan__arena_text(arena, blob.data, blob.size)) == NULL) {
            return false;
        }
        memcpy(member, &blob, sizeof blob);
    }
    return true;
}
