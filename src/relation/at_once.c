/*
 * Many rows that are updated in the same columns by one statement, where the engine takes arrays.
 *
 * It does what one statement a row would have done, or is not sent: a row that is given twice would
 * be changed once, a value that is unique by itself may be passed from row to row only in their
 * order, and the version and the key are those of the struct only while they are the original's.
 */
#include <string.h>

#include "relation/keys.h"
#include "relation/write.h"

enum { COLUMNS_MAX = 256 + ROWAN__KEY_MAX + 1 };

/* The statement's columns: those that are set, the key, the version. @return how many are set */
static size_t list_columns(const rowan_table *table, const rowan__mask *columns,
                           const rowan_column **out, size_t *count)
{
    size_t set_count = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        if (rowan__mask_has(columns, i)) {
            out[set_count++] = &table->columns[i];
        }
    }
    *count = set_count;
    for (size_t i = 0; i < table->primary_count; i++) {
        out[(*count)++] = table->primary[i];
    }
    if (table->version != NULL) {
        out[(*count)++] = table->version;
    }
    return set_count;
}

static bool sets_unique(const rowan_column *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((columns[i]->flags & ROWAN_UNIQUE_KEY) != 0) {
            return true;
        }
    }
    return false;
}

/* Whether all rows have the versions that they were read with. */
static bool has_versions(const rowan_table *table, const rowan__written *rows, size_t count)
{
    for (size_t i = 0; table->version != NULL && i < count; i++) {
        if (!rowan__member_same(table->version, rows[i].row, rows[i].original)) {
            return false;
        }
    }
    return true;
}

/* Whether no two rows have the same key. */
static rowan_status check_keys(rowan_scope *scope, const rowan_table *table,
                               const rowan__structs *rows, bool *are_distinct)
{
    rowan__keys keys;
    bool is_good = true;
    size_t index;

    rowan__keys_init(&keys, rowan__scope_allocator(scope), table->primary, table->primary_count);
    is_good = rowan__keys_reserve(&keys, rows->count);
    for (size_t i = 0; is_good && i < rows->count; i++) {
        is_good = rowan__keys_add(&keys, table->primary, rows->at[i], &index);
    }
    *are_distinct = is_good && keys.count == rows->count;
    rowan__keys_fini(&keys);
    return is_good ? ROWAN_OK : rowan__scope_nomem(scope);
}

/* Whether rows can go as arrays as far as they themselves say; a value may be refused. */
static rowan_status check_rows(rowan_scope *scope, const rowan_table *table,
                               const rowan__structs *rows, bool *are_good)
{
    rowan_status status = check_keys(scope, table, rows, are_good);

    for (size_t i = 0; status == ROWAN_OK && *are_good && i < rows->column_count; i++) {
        status = rowan__check_plain(scope, rows, rows->columns[i], are_good);
    }
    return status;
}

/*
 * Sends rows by the statement that is known for their columns, or is rendered; a known one without
 * a text stands for columns whose types take no arrays.
 *
 * @param is_done  false: nothing was sent
 */
static rowan_status send(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                         const rowan__mask *columns, const rowan__structs *rows, size_t set_count,
                         uint64_t *affected, bool *is_done)
{
    uint64_t words[6] = {(uintptr_t)table, 0, 0, 0, 0, 1};
    rowan__shape_key shape = {.maker = ROWAN__KEY_OF_CHANGE, .data = words, .size = sizeof words};
    rowan__rendered rendered = {.sql = NULL};
    rowan__result result;

    memcpy(words + 1, columns->bits, sizeof columns->bits);
    rowan__known *known;
    rowan_status status = rowan__known_find(scope, &shape, &known);
    *is_done = true;
    if (status == ROWAN_OK && known == NULL) {
        status = rowan__render_update_rows(scope, table, rows, set_count, &rendered);
    } else if (status == ROWAN_OK) {
        *is_done = known->sql_size > 0;
        rendered =
            (rowan__rendered){.sql = known->sql, .sql_size = known->sql_size, .known = known};
    }
    if (status != ROWAN_OK || !*is_done) {
        return status;
    }
    rowan__call call = {.pattern = pattern,
                        .table = table,
                        .sql = rendered.sql,
                        .sql_size = rendered.sql_size,
                        .known = known,
                        .structs = rows};
    status = rowan__execute(scope, &call, 1, &result);
    *is_done = status != ROWAN_UNSUPPORTED || rowan_scope_error(scope)->sqlstate[0] != '\0';
    if (known == NULL && (status == ROWAN_OK || !*is_done)) {
        (void)rowan__known_learn(scope, &shape, rendered.sql, *is_done ? rendered.sql_size : 0, "",
                                 0);
    }
    *affected += status == ROWAN_OK ? result.affected : 0;
    return *is_done ? status : ROWAN_OK;
}

/* All rows, in as many parts as the engine's limits ask for. */
static rowan_status send_parts(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                               const rowan__mask *columns, const rowan__structs *rows,
                               size_t set_count, uint64_t *affected, bool *is_done)
{
    const size_t limit = rowan__scope_dialect(scope)->most_insert_bytes;
    rowan_status status = ROWAN_OK;
    size_t done = 0;

    do {
        rowan__structs part = *rows;
        part.at += done;
        part.count = rowan__rows_that_fit(rows, done, rows->count - done, limit);
        status = send(scope, pattern, table, columns, &part, set_count, affected, is_done);
        done += part.count;
    } while (status == ROWAN_OK && *is_done && done < rows->count);
    return status;
}

rowan_status rowan__update_at_once(rowan_scope *scope, rowan_pattern pattern,
                                   const rowan_table *table, const rowan__mask *columns,
                                   const rowan__written *rows, size_t count, uint64_t *affected,
                                   bool *is_done)
{
    const rowan_allocator *allocator = rowan__scope_allocator(scope);
    const rowan_column *all[COLUMNS_MAX];
    rowan__structs structs = {.columns = all, .stride = table->row_size, .count = count};
    size_t set_count = list_columns(table, columns, all, &structs.column_count);

    *affected = 0;
    *is_done = !sets_unique(all, set_count) && has_versions(table, rows, count);
    if (!*is_done) {
        return ROWAN_OK;
    }
    const void **at = rowan__alloc(allocator, count, sizeof *at);
    if (at == NULL) {
        return rowan__scope_nomem(scope);
    }
    for (size_t i = 0; i < count; i++) {
        at[i] = rows[i].row;
    }
    structs.at = at;
    rowan_status status = check_rows(scope, table, &structs, is_done);
    if (status == ROWAN_OK && *is_done) {
        status = send_parts(scope, pattern, table, columns, &structs, set_count, affected, is_done);
    }
    rowan__free(allocator, at, count, sizeof *at);
    return status;
}
