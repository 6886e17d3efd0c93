/*
 * Inserting records. Rows that leave the same generated columns to the database are one insert; an
 * array in which rows differ in that is inserted in groups, and put together in the order given.
 */
#include <string.h>

#include "activerecord/activerecord_private.h"
#include "base/alloc.h"

static const rowan__intent intent = {.pattern = ROWAN_PATTERN_ACTIVE_RECORD};

static rowan_status check_insertable(rowan_scope *scope, const rowan_table *table,
                                     const void *values)
{
    if (scope == NULL || table == NULL || table->name == NULL) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "rows can be inserted only into a table");
    }
    return values != NULL ? ROWAN_OK
                          : rowan__scope_fail(scope, ROWAN_MISUSE,
                                              "the rows to insert into %s are NULL", table->name);
}

rowan_status(rowan_record_insert)(rowan_scope *scope, const rowan_table *table, const void *values,
                                  void **out)
{
    rowan_status status = check_insertable(scope, table, values);
    rowan__result result;

    if (out != NULL) {
        *out = NULL;
    }
    if (status != ROWAN_OK) {
        return status;
    }
    const rowan__inserted rows = {
        .table = table, .rows = values, .count = 1, .returning = out != NULL};
    status = rowan__insert_records(scope, intent, &rows, &result);
    if (status == ROWAN_OK && out != NULL) {
        *out = result.rows.at;
    }
    return status;
}

/* The rows of an array by what they write. */
typedef struct insertion {
    rowan_scope *scope;
    const rowan_table *table;
    const char *values;
    size_t count;
    bool returning;
    const void **group; /* rows of the group at hand */
    size_t *place;      /* of each of them in the array */
    bool *is_done;
    char *rows; /* the rows that came back, in the order of the array */
} insertion;

/* Inserts the first row that is left and all that write the same columns. @return how many. */
static rowan_status insert_group(insertion *in, size_t first, size_t *done)
{
    const rowan__intent whole = {.pattern = ROWAN_PATTERN_ACTIVE_RECORD, .is_whole = true};
    size_t size = in->table->row_size;
    rowan__mask columns = rowan__insert_columns(in->table, in->values + first * size);
    rowan__inserted rows = {.table = in->table, .at = in->group, .returning = in->returning};
    rowan__result result;

    for (size_t i = first; i < in->count; i++) {
        rowan__mask own = rowan__insert_columns(in->table, in->values + i * size);
        if (!in->is_done[i] && rowan__mask_same(&own, &columns)) {
            in->is_done[i] = true;
            in->group[rows.count] = in->values + i * size;
            in->place[rows.count++] = i;
        }
    }
    rowan_status status = rowan__insert_records(in->scope, whole, &rows, &result);
    for (size_t i = 0; status == ROWAN_OK && in->returning && i < rows.count; i++) {
        memcpy(in->rows + in->place[i] * size, (char *)result.rows.at + i * size, size);
    }
    *done += rows.count;
    return status;
}

static rowan_status insert_groups(insertion *in)
{
    unsigned depth = rowan_transaction_depth(in->scope);
    rowan_status status = (rowan_begin)(in->scope, NULL);
    size_t done = 0;

    if (status != ROWAN_OK) {
        return status;
    }
    for (size_t i = 0; status == ROWAN_OK && done < in->count; i++) {
        if (!in->is_done[i]) {
            status = insert_group(in, i, &done);
        }
    }
    if (status == ROWAN_OK) {
        status = (rowan_commit)(in->scope);
    }
    return status == ROWAN_OK ? ROWAN_OK : rowan__scope_undo(in->scope, depth);
}

/* Inserts rows that do not all write the same columns. */
static rowan_status insert_mixed(insertion *in, rowan_rows *out)
{
    const rowan_allocator *allocator = rowan__scope_allocator(in->scope);
    rowan__mask all = rowan__mask_all(in->table);
    rowan__block *block;
    rowan_status status = ROWAN_NOMEM;

    in->group = rowan__new(allocator, in->count, sizeof *in->group);
    in->place = rowan__new(allocator, in->count, sizeof *in->place);
    in->is_done = rowan__new(allocator, in->count, sizeof *in->is_done);
    in->rows = rowan__arena_new(rowan__scope_arena(in->scope), in->returning ? in->count : 1,
                                in->table->row_size, in->table->row_align);
    if (in->group == NULL || in->place == NULL || in->is_done == NULL || in->rows == NULL) {
        status = rowan__scope_nomem(in->scope);
        goto done;
    }
    status = insert_groups(in);
    if (status == ROWAN_OK && in->returning) {
        status = rowan__block_new(in->scope, in->table, in->rows, in->count, all.bits,
                                  rowan__scope_lazy(in->scope), &block);
    }
    if (status == ROWAN_OK && in->returning) {
        *out = (rowan_rows){in->rows, in->count};
    }
done:
    rowan__free(allocator, in->group, in->count, sizeof *in->group);
    rowan__free(allocator, in->place, in->count, sizeof *in->place);
    rowan__free(allocator, in->is_done, in->count, sizeof *in->is_done);
    return status;
}

rowan_status(rowan_record_insert_all)(rowan_scope *scope, const rowan_table *table,
                                      const void *values, size_t count, rowan_rows *out)
{
    rowan_status status = check_insertable(scope, table, count > 0 ? values : "");
    rowan__result result;
    bool is_done = false;

    if (out != NULL) {
        *out = (rowan_rows){NULL, 0};
    }
    if (status == ROWAN_OK && out == NULL && count > 0) {
        status = rowan__insert_usual(scope, ROWAN_PATTERN_ACTIVE_RECORD, table, values, count,
                                     &result, &is_done);
    }
    if (status != ROWAN_OK || is_done || count == 0) {
        return status;
    }
    const rowan__structs all = {.rows = values, .stride = table->row_size, .count = count};
    if (!rowan__insert_the_same(table, &all)) {
        insertion in = {.scope = scope,
                        .table = table,
                        .values = values,
                        .count = count,
                        .returning = out != NULL};
        return insert_mixed(&in, out);
    }
    const rowan__inserted rows = {
        .table = table, .rows = values, .count = count, .returning = out != NULL};
    status = rowan__insert_records(scope, intent, &rows, &result);
    if (status == ROWAN_OK && out != NULL) {
        *out = result.rows;
    }
    return status;
}
