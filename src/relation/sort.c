/*
 * Sorting the rows that came for a part of the keys to these.
 *
 * The rows of one key mostly come side by side and stay where they are. Those that came by way of a
 * table between are copied out of the shape that has the key behind them.
 */
#include <string.h>

#include "relation/relation_private.h"

typedef struct sorting {
    rowan__loading *loading;
    const rowan__part *part;
    const rowan__result *result;
    size_t row_size; /* of the result */
    const rowan_column *key_columns[ROWAN__KEY_MAX];
} sorting;

/* The columns of a row by which it belongs to a key: with `through`, those behind the row. */
static void find_key_columns(sorting *s)
{
    const rowan_relation *r = s->loading->relation;
    const rowan_column *behind = s->loading->pair.columns;

    for (size_t i = 0; i < s->loading->keys.width; i++) {
        s->key_columns[i] =
            behind != NULL ? behind + r->to->column_count + i : rowan__key_targets(r)[i];
    }
}

static char *row_at(const sorting *s, size_t index)
{
    return (char *)s->result->rows.at + index * s->row_size;
}

/*
 * Which key a row came for; false for one that the engine compares as equal and we do not.
 *
 * @param key_at  before, that of the row before
 */
static bool key_of_row(const sorting *s, const char *row, size_t *key_at)
{
    return rowan__keys_find_row(&s->loading->keys, s->key_columns, row, key_at);
}

static rowan_status keep_block(const sorting *s, rowan__block *block)
{
    block->fetched = s->loading->fetched;
    s->loading->new_count += block->count;
    return rowan__segments_add(&s->loading->children, block, 0, block->count)
               ? ROWAN_OK
               : rowan__scope_nomem(s->loading->scope);
}

static void sort_ones(const sorting *s)
{
    size_t key = s->part->first;

    for (size_t i = 0; i < s->result->rows.count; i++) {
        char *row = row_at(s, i);
        if (key_of_row(s, row, &key) && s->loading->one_of[key] == NULL) {
            s->loading->one_of[key] = row;
        }
    }
}

/* Counts the rows of each key. @return whether they are side by side and can stay where they are.
 */
static bool sort_many(const sorting *s, size_t *known)
{
    bool in_place = s->loading->pair.columns == NULL;
    size_t last = ROWAN__NO_KEY, key = s->part->first, run;

    *known = 0;
    for (size_t i = 0; i < s->result->rows.count; i += run) {
        char *row = row_at(s, i);
        run = rowan__keys_run(&s->loading->keys, s->key_columns, row, s->row_size,
                              s->result->rows.count - i);
        if (!key_of_row(s, row, &key)) {
            last = ROWAN__NO_KEY;
            continue;
        }
        rowan_rows *rows = &s->loading->many_of[key];
        in_place = in_place && (key == last || rows->count == 0);
        if (rows->count == 0) {
            rows->at = row;
        }
        rows->count += run;
        last = key;
        *known += run;
    }
    return in_place;
}

/* Copies the rows so that those of each key are side by side. The counts are there, the places are
 * not. */
static rowan_status copy_many(const sorting *s, size_t known)
{
    const rowan_table *to = s->loading->relation->to;
    rowan_scope *scope = s->loading->scope;
    rowan__mask all = rowan__mask_all(to);
    rowan__block *block;
    size_t first = s->part->first, key = first;
    char *next,
        *rows = rowan__arena_alloc(rowan__scope_arena(scope), known * to->row_size, to->row_align);

    if (rows == NULL) {
        return rowan__scope_nomem(scope);
    }
    next = rows;
    for (size_t i = first; i < first + s->part->count; i++) {
        rowan_rows *of_key = &s->loading->many_of[i];
        of_key->at = of_key->count != 0 ? next : NULL;
        next += of_key->count * to->row_size;
        of_key->count = 0;
    }
    for (size_t i = 0; i < s->result->rows.count; i++) {
        const char *row = row_at(s, i);
        if (key_of_row(s, row, &key)) {
            rowan_rows *of_key = &s->loading->many_of[key];
            memcpy((char *)of_key->at + of_key->count++ * to->row_size, row, to->row_size);
        }
    }
    rowan_status status =
        rowan__block_new(scope, to, rows, known, all.bits, s->loading->lazy, &block);
    return status == ROWAN_OK ? keep_block(s, block) : status;
}

rowan_status rowan__sort_rows(const rowan__part *part, const rowan__result *result)
{
    rowan__loading *loading = part->loading;
    sorting s;
    size_t known;

    if (result->rows.count == 0) {
        return ROWAN_OK;
    }
    s.loading = loading;
    s.part = part;
    s.result = result;
    s.row_size = loading->pair.columns != NULL ? loading->pair.table.row_size
                                               : loading->relation->to->row_size;
    find_key_columns(&s);
    if (rowan__relation_is_to_one(loading->relation)) {
        sort_ones(&s);
        return keep_block(&s, result->block);
    }
    if (sort_many(&s, &known)) {
        return keep_block(&s, result->block);
    }
    return known != 0 ? copy_many(&s, known) : ROWAN_OK;
}
