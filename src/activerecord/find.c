/* Reading records: by key, by query, and again. */
#include <string.h>

#include "activerecord/activerecord_private.h"
#include "base/straight.h"
#include "relation/keys.h"

rowan_status rowan__record_of(rowan_scope *scope, const void *row, rowan__record *out)
{
    rowan_status status = rowan__block_find(scope, row, &out->block, &out->index);

    if (status != ROWAN_OK) {
        return status;
    }
    out->table = out->block->table;
    status = rowan__check_keyed(scope, out->table, out->block->columns);
    if (status != ROWAN_OK) {
        return status;
    }
    if (out->block->states != NULL && out->block->states[out->index] == ROWAN__ROW_DELETED) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "the row of %s was deleted",
                                 out->table->name);
    }
    out->row = out->block->rows + out->index * out->table->row_size;
    out->original = out->block->originals + out->index * out->table->row_size;
    return ROWAN_OK;
}

static rowan_status check_key(rowan_scope *scope, const rowan_table *table, rowan_params key)
{
    if (scope == NULL || (key.items == NULL && key.count > 0)) {
        return rowan__refuse_null(scope, "what the key is in");
    }
    if (table == NULL || table->name == NULL || table->primary_count == 0 ||
        table->primary_count > ROWAN__KEY_MAX) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "rows can be found by key only in a table with one");
    }
    if (key.count != table->primary_count) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "the key of %s has %zu columns, not %zu",
                                 table->name, table->primary_count, key.count);
    }
    for (size_t i = 0; i < key.count; i++) {
        if (key.items[i].is_null || key.items[i].type == 0) {
            return rowan__scope_fail(scope, ROWAN_MISUSE, "the key column %s.%s is never NULL",
                                     table->name, table->primary[i]->name);
        }
    }
    return ROWAN_OK;
}

rowan_status(rowan_record_find)(rowan_scope *scope, const rowan_table *table, rowan_params key,
                                void **out)
{
    rowan__result result;
    rowan_status status;

    if (out == NULL) {
        return rowan__refuse_null(scope, "the place for the row");
    }
    *out = NULL;
    status = check_key(scope, table, key);
    if (status == ROWAN_OK) {
        status = rowan__find_row(scope, ROWAN_PATTERN_ACTIVE_RECORD, table, key.items, &result);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (result.rows.count == 0) {
        return rowan__scope_fail(scope, ROWAN_NOT_FOUND, "%s has no row of that key", table->name);
    }
    *out = result.rows.at;
    return ROWAN_OK;
}

static rowan_status check_whole(rowan_scope *scope, const rowan_query *query)
{
    bool whole = query->from != NULL && query->from->name != NULL && query->select == NULL &&
                 query->group_count == 0 && (query->into == NULL || query->into == query->from);

    return whole ? ROWAN_OK
                 : rowan__scope_fail(
                       scope, ROWAN_MISUSE,
                       "records are whole rows of a table: the query selects, groups or "
                       "reads into something else");
}

STRAIGHT rowan_status load(rowan_scope *scope, const rowan_query *query, rowan_rows *out)
{
    rowan__result result;
    rowan_status status = check_whole(scope, query);

    if (status == ROWAN_OK) {
        status = rowan__load_query(scope, ROWAN_PATTERN_ACTIVE_RECORD, query, &result);
    }
    if (status == ROWAN_OK) {
        *out = result.rows;
    }
    return status;
}

rowan_status(rowan_record_all)(rowan_scope *scope, const rowan_query *query, rowan_rows *out)
{
    if (out != NULL) {
        *out = (rowan_rows){NULL, 0};
    }
    if (query == NULL || out == NULL) {
        return rowan__refuse_null(scope, query == NULL ? "the query" : "the place for the rows");
    }
    return load(scope, query, out);
}

rowan_status(rowan_record_first)(rowan_scope *scope, const rowan_query *query, void **out)
{
    rowan_order by_key[ROWAN__KEY_MAX + 1];
    rowan_query first;
    rowan_rows rows;

    if (out != NULL) {
        *out = NULL;
    }
    if (query == NULL || out == NULL) {
        return rowan__refuse_null(scope, query == NULL ? "the query" : "the place for the row");
    }
    first = *query;
    if (first.order_by == NULL && first.from != NULL &&
        first.from->primary_count <= ROWAN__KEY_MAX) {
        memset(&by_key[first.from->primary_count], 0, sizeof by_key[0]);
        for (size_t i = 0; i < first.from->primary_count; i++) {
            by_key[i] = (rowan_order){.by = rowan_o_column(first.from->primary[i], first.as),
                                      .given = true};
        }
        first.order_by = by_key;
    }
    first.limit = 1;
    rowan_status status = load(scope, &first, &rows);
    if (status != ROWAN_OK) {
        return status;
    }
    if (rows.count == 0) {
        return rowan__scope_fail(scope, ROWAN_NOT_FOUND, "the query on %s gave no row",
                                 first.from->name);
    }
    *out = rows.at;
    return ROWAN_OK;
}

rowan_status(rowan_record_reload)(rowan_scope *scope, void *row)
{
    rowan__record record;
    rowan__result result;
    rowan_value key[ROWAN__KEY_MAX];
    rowan_status status = rowan__record_of(scope, row, &record);

    if (status != ROWAN_OK) {
        return status;
    }
    (void)rowan__key_read(record.table->primary, record.table->primary_count, record.original, key);
    status = rowan__find_row(scope, ROWAN_PATTERN_ACTIVE_RECORD, record.table, key, &result);
    if (status != ROWAN_OK) {
        return status;
    }
    if (result.rows.count == 0) {
        return rowan__scope_fail(scope, ROWAN_NOT_FOUND, "the row of %s is gone",
                                 record.table->name);
    }
    if (!rowan__attached_forget(scope, record.block, record.index, NULL)) {
        return rowan__scope_nomem(scope);
    }
    memcpy(record.row, result.rows.at, record.table->row_size);
    memcpy(record.original, result.rows.at, record.table->row_size);
    if (record.block->count == 1) { /* what was not read before is there now, for all of its rows */
        memcpy(record.block->columns, result.block->columns, sizeof record.block->columns);
    }
    return ROWAN_OK;
}
