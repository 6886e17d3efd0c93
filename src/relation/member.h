/*
 * Members of row structs by their columns: compared, copied, kept. Shared by the loading of
 * relations and by the patterns that write rows.
 */
#ifndef ROWAN_RELATION_MEMBER_H
#define ROWAN_RELATION_MEMBER_H

#include <rowan/model.h>

#include "base/arena.h"

/** A set of columns of one table: bit i stands for column i. */
typedef struct rowan__mask {
    uint64_t bits[4];
} rowan__mask;

static inline bool rowan__mask_has(const rowan__mask *mask, size_t column)
{
    return (mask->bits[column / 64] >> (column % 64) & 1) != 0;
}

static inline void rowan__mask_add(rowan__mask *mask, size_t column)
{
    mask->bits[column / 64] |= (uint64_t)1 << (column % 64);
}

static inline bool rowan__mask_is_empty(const rowan__mask *mask)
{
    return (mask->bits[0] | mask->bits[1] | mask->bits[2] | mask->bits[3]) == 0;
}

static inline bool rowan__mask_same(const rowan__mask *a, const rowan__mask *b)
{
    return a->bits[0] == b->bits[0] && a->bits[1] == b->bits[1] && a->bits[2] == b->bits[2] &&
           a->bits[3] == b->bits[3];
}

/** Every column of a table. */
rowan__mask rowan__mask_all(const rowan_table *table);

/** The place of a column in its table. */
static inline size_t rowan__column_index(const rowan_column *column)
{
    return (size_t)(column - column->table->columns);
}

/** Size and alignment of what a member of this type holds. */
size_t rowan__type_size(rowan_type type);
size_t rowan__type_align(rowan_type type);

static inline bool rowan__is_integer(rowan_type type)
{
    return type == ROWAN_TYPE_INT64 || type == ROWAN_TYPE_INT32 || type == ROWAN_TYPE_INT16;
}

/** Reads an integer member. @return false if it is NULL, or no integer. */
static inline bool rowan__member_number(const rowan_column *column, const void *row, int64_t *out)
{
    const char *at = (const char *)row + column->value_offset;

    if ((column->flags & ROWAN_NULLABLE) != 0 &&
        !*(const bool *)((const char *)row + column->offset)) {
        return false;
    }
    if (column->type == ROWAN_TYPE_INT64) {
        *out = *(const int64_t *)(const void *)at;
    } else if (column->type == ROWAN_TYPE_INT32) {
        *out = *(const int32_t *)(const void *)at;
    } else if (column->type == ROWAN_TYPE_INT16) {
        *out = *(const int16_t *)(const void *)at;
    } else {
        return false;
    }
    return true;
}

/** Whether a member has the same content in two rows: text by its bytes, reals by their bits. */
bool rowan__member_same(const rowan_column *column, const void *a, const void *b);

/** Whether it surely has, as one look at a number or at where a text is tells mostly. */
static inline bool rowan__member_untouched(const rowan_column *column, const void *a, const void *b)
{
    const unsigned words = 1u << ROWAN_TYPE_INT64 | 1u << ROWAN_TYPE_TEXT |
                           1u << ROWAN_TYPE_DECIMAL | 1u << ROWAN_TYPE_TIMESTAMP;
    const char *x = a, *y = b;

    return (words >> column->type & 1) != 0 &&
           *(const uint64_t *)(const void *)(x + column->value_offset) ==
               *(const uint64_t *)(const void *)(y + column->value_offset) &&
           ((column->flags & ROWAN_NULLABLE) == 0 ||
            *(const bool *)(x + column->offset) == *(const bool *)(y + column->offset));
}

/** Whether a member is NULL, or all zero bytes. */
bool rowan__member_is_zero(const rowan_column *column, const void *row);

/** Copies a member from one row to another of the same struct; text stays shared. */
void rowan__member_copy(const rowan_column *column, void *to, const void *from);

/** Sets a member to zero, which is NULL for a nullable one. */
void rowan__member_clear(const rowan_column *column, void *row);

/** Sets an integer member; a value that does not fit is cut, so the caller counts within its range.
 */
void rowan__member_set_integer(const rowan_column *column, void *row, int64_t value);

/** Sets a text member; the text stays where it is. */
void rowan__member_set_text(const rowan_column *column, void *row, const char *text);

/**
 * Sets a member from that of another column, as a foreign key from a key: the types are of one
 * family.
 *
 * @return false if they are not, if the number does not fit, or for NULL into a member that has no
 * NULL.
 */
bool rowan__member_refer(const rowan_column *column, void *row, const rowan_column *from_column,
                         const void *from_row);

/** Copies the text or bytes that a member points to into the arena. @return false if memory ran
 * out. */
bool rowan__member_keep(rowan__arena *arena, const rowan_column *column, void *row);

#endif
