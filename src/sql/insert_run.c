/*
 * Inserts, rendered and sent. One that a statement cannot carry is cut into chunks, all or none of
 * which take effect.
 */
#include <string.h>

#include "sql/sql_private.h"

/*
 * Most bytes of values in one statement: well below what a server takes by default (MariaDB: 16
 * MiB, from which the packet's own overhead is taken).
 */
enum { MOST_BYTES = 4 << 20 };

/* Some engines count an upserted row twice or not at all: what was given was inserted or changed.
 */
static void count_upserted(rowan_scope *scope, const rowan_insert *insert, size_t rows,
                           rowan__result *result)
{
    if (insert->on_conflict == ROWAN_CONFLICT_UPDATE &&
        rowan__scope_dialect(scope)->upsert == ROWAN__UPSERT_ON_DUPLICATE_KEY) {
        result->affected = rows;
    }
}

static rowan_status run_chunk(rowan_scope *scope, rowan__intent intent, const rowan_insert *chunk,
                              const rowan__row_columns *columns, rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status = rowan__render_rows(scope, chunk, columns, &rendered);

    if (status == ROWAN_OK) {
        status = rowan__run_write(scope, intent, chunk->into, chunk->returning, &rendered, result);
    }
    if (status == ROWAN_OK) {
        count_upserted(scope, chunk, chunk->row_count, result);
    }
    if (status == ROWAN_OK && chunk->returning &&
        !rowan__scope_dialect(scope)->inserted_rows_in_order) {
        status = rowan__match_returned(scope, chunk, result->rows.at, result->rows.count);
    }
    return status;
}

static size_t bytes_of(const rowan_value *value)
{
    bool has_bytes = value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_BLOB ||
                     value->type == ROWAN_TYPE_DECIMAL || value->type == ROWAN_TYPE_JSON;

    return has_bytes && !value->is_null ? value->as.bytes.size : 8;
}

/* How many rows from @p first on go into one statement; at least one. */
static size_t chunk_size(rowan_scope *scope, const rowan_insert *insert, size_t first,
                         const rowan__row_columns *columns)
{
    size_t most = columns->count ? rowan__scope_dialect(scope)->max_params / columns->count : 1;
    size_t bytes = 0;
    size_t rows = 0;

    while (rows < most && first + rows < insert->row_count) {
        const char *row = (const char *)insert->rows + (first + rows) * insert->into->row_size;
        for (size_t i = 0; i < columns->count; i++) {
            rowan_value value = rowan_column_value(columns->at[i], row);
            bytes += bytes_of(&value);
        }
        if (bytes > MOST_BYTES && rows > 0) {
            break;
        }
        rows++;
    }
    return rows > 0 ? rows : 1;
}

static rowan_insert part_of(const rowan_insert *insert, size_t first, size_t rows)
{
    rowan_insert part = *insert;

    part.rows = (const char *)insert->rows + first * insert->into->row_size;
    part.row_count = rows;
    return part;
}

/* The rows of all chunks, one behind the other. */
typedef struct gathering {
    char *rows; /* NULL unless rows are returned */
    size_t count;
    uint64_t affected;
} gathering;

static rowan_status run_chunks(rowan_scope *scope, rowan__intent intent, const rowan_insert *insert,
                               const rowan__row_columns *columns, gathering *all)
{
    size_t row_size = insert->into->row_size;

    for (size_t first = 0; first < insert->row_count;) {
        size_t rows = chunk_size(scope, insert, first, columns);
        rowan_insert part = part_of(insert, first, rows);
        rowan__result result;
        rowan_status status = run_chunk(scope, intent, &part, columns, &result);
        if (status != ROWAN_OK) {
            return status;
        }
        if (result.rows.count > rows) {
            return rowan__scope_fail(scope, ROWAN_ENGINE, "an insert returned too many rows");
        }
        if (all->rows && result.rows.count > 0) {
            memcpy(all->rows + all->count * row_size, result.rows.at, result.rows.count * row_size);
        }
        all->count += result.rows.count;
        all->affected += result.affected;
        first += rows;
    }
    return ROWAN_OK;
}

/* Rolls back and keeps the error of what failed first, which then says what became of the
 * transaction. */
static rowan_status undo(rowan_scope *scope, unsigned depth)
{
    rowan_error error = *rowan_scope_error(scope);

    if (rowan_transaction_depth(scope) > depth && rowan_rollback(scope) == ROWAN_OK) {
        error.fate = depth > 0 ? ROWAN_FATE_OPEN : ROWAN_FATE_ROLLED_BACK;
    }
    return rowan__scope_fail_with(scope, &error);
}

static rowan_status give_rows(rowan_scope *scope, const rowan_insert *insert, gathering *all,
                              rowan__result *result)
{
    uint64_t columns[4] = {0};

    result->affected = all->affected;
    if (!insert->returning) {
        return ROWAN_OK;
    }
    for (size_t i = 0; i < insert->into->column_count; i++) {
        columns[i / 64] |= (uint64_t)1 << (i % 64);
    }
    result->rows = (rowan_rows){all->count > 0 ? all->rows : NULL, all->count};
    return rowan__block_new(scope, insert->into, all->rows, all->count, columns,
                            rowan__scope_lazy(scope), &result->block);
}

static rowan_status run_in_transaction(rowan_scope *scope, rowan__intent intent,
                                       const rowan_insert *insert,
                                       const rowan__row_columns *columns, rowan__result *result)
{
    unsigned depth = rowan_transaction_depth(scope);
    gathering all = {.count = 0};
    rowan_status status;

    if (insert->returning) {
        all.rows = rowan__arena_new(rowan__scope_arena(scope), insert->row_count,
                                    insert->into->row_size, insert->into->row_align);
        if (!all.rows) {
            return rowan__scope_nomem(scope);
        }
    }
    status = rowan_begin(scope, NULL);
    if (status != ROWAN_OK) {
        return status;
    }
    status = run_chunks(scope, intent, insert, columns, &all);
    if (status == ROWAN_OK) {
        status = give_rows(scope, insert, &all, result);
    }
    if (status == ROWAN_OK) {
        status = rowan_commit(scope);
    }
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return undo(scope, depth);
    }
    return ROWAN_OK;
}

static rowan_status run_rows(rowan_scope *scope, rowan__intent intent, const rowan_insert *insert,
                             rowan__result *result)
{
    rowan__row_columns columns;
    rowan_status status;

    if (insert->row_count == 0) {
        return ROWAN_OK;
    }
    status = rowan__row_columns_of(scope, insert, &columns);
    if (status != ROWAN_OK) {
        return status;
    }
    if (chunk_size(scope, insert, 0, &columns) >= insert->row_count) {
        return run_chunk(scope, intent, insert, &columns, result);
    }
    return run_in_transaction(scope, intent, insert, &columns, result);
}

rowan_status rowan__run_insert(rowan_scope *scope, rowan__intent intent, const rowan_insert *insert,
                               rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status;

    memset(result, 0, sizeof *result);
    if (insert->rows && !insert->values && !insert->query && insert->into) {
        return run_rows(scope, intent, insert, result);
    }
    status = rowan__render_insert(scope, insert, &rendered);
    if (status == ROWAN_OK) {
        status =
            rowan__run_write(scope, intent, insert->into, insert->returning, &rendered, result);
    }
    if (status == ROWAN_OK && insert->values) {
        count_upserted(scope, insert, 1, result);
    }
    return status;
}
