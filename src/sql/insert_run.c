/*
 * Inserts, rendered and sent. Rows go in the fastest form that engine and rows allow: very many by
 * a copy; plain ones from their structs; the rest as values, cell by cell. What one execution
 * cannot carry is cut into chunks, all or none of which take effect.
 */
#include <string.h>

#include "base/straight.h"
#include "sql/sql_private.h"

/*
 * Most bytes of values in one statement with a placeholder for each: well below what a server takes
 * by default (MariaDB: 16 MiB). And what a value may take beside its bytes.
 */
enum { MOST_BYTES = 4 << 20, VALUE_OVERHEAD = 10 };

/* Some of the rows: by one call, which executes its statement for so many of them at a time. */
typedef struct chunk {
    size_t first, count, at_a_time;
} chunk;

/* Rows on their way. */
typedef struct running {
    rowan_scope *scope;
    rowan__intent intent;
    const rowan__insertion *in;
    bool as_structs;
    size_t most_bytes; /* of one execution, as the connection has it */
    chunk first;
    int64_t *keys;                /* that are asked for, one for each row; or NULL */
    const rowan_table *key_shape; /* that they come back in, if they are returned */
} running;

/* --- How rows go. --- */

/* Of a single row, arrays that are taken apart would be the long way. */
static bool goes_as_structs(const rowan__dialect *dialect, const rowan__insertion *in)
{
    switch (dialect->insert_form) {
    case ROWAN__INSERT_ROWS:
        return in->is_plain && in->rows.column_count <= dialect->max_params;
    case ROWAN__INSERT_UNNEST:
        return in->is_plain && in->rows.count > 1;
    case ROWAN__INSERT_ARRAYS:
        return in->is_plain;
    }
    return false;
}

static bool goes_as_copy(const rowan__dialect *dialect, const rowan__insertion *in)
{
    return dialect->copy_before && in->is_plain && in->rows.count >= dialect->copy_from_rows &&
           in->returns == ROWAN__RETURN_NOTHING && in->insert->on_conflict == ROWAN_CONFLICT_FAIL;
}

/* --- Chunks. --- */

/* Most bytes that a value of a column can have; SIZE_MAX if nothing bounds them. */
static size_t most_bytes_of(const rowan_column *column)
{
    switch (column->type) {
    case ROWAN_TYPE_TEXT:
        return column->length > 0 ? 4 * (size_t)column->length : SIZE_MAX;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_LIST:
        return SIZE_MAX;
    case ROWAN_TYPE_BOOL:
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
    case ROWAN_TYPE_ENUM:
        break;
    }
    return 16;
}

size_t rowan__most_row_bytes(const rowan_column *const *columns, size_t count)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        size_t most = most_bytes_of(columns[i]);
        if (most > SIZE_MAX - VALUE_OVERHEAD - bytes) {
            return SIZE_MAX;
        }
        bytes += most + VALUE_OVERHEAD;
    }
    return bytes;
}

static size_t bytes_of(const rowan__structs *rows, size_t index)
{
    const char *row = rowan__structs_row(rows, index);
    size_t bytes = 0;

    for (size_t i = 0; i < rows->column_count; i++) {
        rowan_value value = rowan_column_value(rows->columns[i], row);
        bool has_bytes = value.type == ROWAN_TYPE_TEXT || value.type == ROWAN_TYPE_BLOB ||
                         value.type == ROWAN_TYPE_DECIMAL || value.type == ROWAN_TYPE_JSON;
        bytes += VALUE_OVERHEAD + (has_bytes && !value.is_null ? value.as.bytes.size : 8);
    }
    return bytes;
}

size_t rowan__rows_that_fit(const rowan__structs *rows, size_t first, size_t most, size_t limit)
{
    size_t bytes = 0, count = 0;

    most = most < rows->count - first ? most : rows->count - first;
    if (most <= 1 || rowan__most_row_bytes(rows->columns, rows->column_count) <= limit / most) {
        return most > 0 ? most : 1;
    }
    while (count < most) {
        bytes += bytes_of(rows, first + count);
        if (bytes > limit && count > 0) {
            break;
        }
        count++;
    }
    return count;
}

static chunk chunk_at(const running *run, size_t first)
{
    const rowan__dialect *dialect = rowan__scope_dialect(run->scope);
    const rowan__structs *rows = &run->in->rows;
    size_t left = rows->count - first;
    size_t most = rows->column_count ? dialect->max_params / rows->column_count : 1;

    if (run->as_structs && dialect->insert_form == ROWAN__INSERT_ROWS) {
        most = most < dialect->most_insert_rows ? most : dialect->most_insert_rows;
        most = most < left ? most : left;
        return (chunk){first, left - left % most, most};
    }
    if (run->as_structs && dialect->insert_form == ROWAN__INSERT_ARRAYS &&
        left >= ROWAN__MANY_ROWS) {
        return (chunk){first, left, 1}; /* in packets of the driver's */
    }
    size_t limit = run->as_structs ? dialect->most_insert_bytes : MOST_BYTES;
    limit = limit < run->most_bytes ? limit : run->most_bytes;
    size_t count = rowan__rows_that_fit(rows, first, run->as_structs ? left : most, limit);
    return (chunk){first, count, count};
}

/* --- Sending. --- */

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

static rowan__structs part_of(const running *run, chunk c)
{
    rowan__structs part = run->in->rows;

    part.count = c.count;
    if (part.at) {
        part.at += c.first;
    } else {
        part.rows += c.first * part.stride;
    }
    if (run->keys && run->in->returns == ROWAN__RETURN_NOTHING) {
        part.keys = run->keys + c.first;
    }
    return part;
}

/* The shape of what comes back; NULL: nothing does. */
static const rowan_table *shape_of(const running *run)
{
    switch (run->in->returns) {
    case ROWAN__RETURN_ROWS:
        return run->in->insert->into;
    case ROWAN__RETURN_KEY:
        return run->key_shape;
    case ROWAN__RETURN_NOTHING:
        break;
    }
    return NULL;
}

static rowan_status send_structs(const running *run, chunk c, const rowan__structs *part,
                                 rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status =
        rowan__compile_rows(run->scope, run->in, c.first, c.at_a_time, true, &rendered);

    if (status != ROWAN_OK) {
        return status;
    }
    return rowan__run_structs(run->scope, run->intent, run->in->insert->into, shape_of(run),
                              &rendered, part, result);
}

static rowan_status send_values(const running *run, chunk c, rowan__result *result)
{
    const rowan_insert *insert = run->in->insert;
    rowan__rendered rendered;
    rowan_status status =
        rowan__compile_rows(run->scope, run->in, c.first, c.count, false, &rendered);

    return status == ROWAN_OK ? rowan__run_write(run->scope, run->intent, insert->into,
                                                 shape_of(run), &rendered, result)
                              : status;
}

/* The keys that came back, in the order of the rows. Only an engine that promises no order would
 * have it otherwise, and it keeps it; numbers that are taken at random do not tell. */
static rowan_status take_keys(const running *run, chunk c, const rowan__result *result)
{
    if (result->rows.count != c.count) {
        return rowan__scope_fail(run->scope, ROWAN_ENGINE,
                                 "an insert into %s gave %zu rows back, not %zu",
                                 run->in->insert->into->name, result->rows.count, c.count);
    }
    memcpy(run->keys + c.first, result->rows.at, c.count * sizeof *run->keys);
    return ROWAN_OK;
}

static rowan_status run_chunk(const running *run, chunk c, rowan__result *result)
{
    const rowan_insert *insert = run->in->insert;
    rowan__structs part = part_of(run, c);
    rowan_status status =
        run->as_structs ? send_structs(run, c, &part, result) : send_values(run, c, result);

    if (status != ROWAN_OK) {
        return status;
    }
    if (run->in->returns == ROWAN__RETURN_KEY) {
        return take_keys(run, c, result);
    }
    count_upserted(run->scope, insert, c.count, result);
    if (result->rows.count > c.count) {
        return rowan__scope_fail(run->scope, ROWAN_ENGINE, "an insert returned too many rows");
    }
    return run->in->returns == ROWAN__RETURN_ROWS &&
                   !rowan__scope_dialect(run->scope)->inserted_rows_in_order
               ? rowan__match_returned(run->scope, insert, &part, result->rows.at,
                                       result->rows.count)
               : ROWAN_OK;
}

/* --- Several chunks. --- */

/* The rows of all chunks, one behind the other. */
typedef struct gathering {
    char *rows; /* NULL unless rows are returned */
    size_t count;
    uint64_t affected;
} gathering;

static rowan_status run_rest(const running *run, size_t first, gathering *all)
{
    size_t row_size = run->in->insert->into->row_size;

    while (first < run->in->rows.count) {
        chunk c = chunk_at(run, first);
        rowan__result result;
        rowan_status status = run_chunk(run, c, &result);
        if (status != ROWAN_OK) {
            return status;
        }
        if (all->rows && result.rows.count > 0) {
            memcpy(all->rows + all->count * row_size, result.rows.at, result.rows.count * row_size);
        }
        all->count += result.rows.count;
        all->affected += result.affected;
        first += c.count;
    }
    return ROWAN_OK;
}

static rowan_status give_rows(rowan_scope *scope, const rowan__insertion *in, gathering *all,
                              rowan__result *result)
{
    const rowan_insert *insert = in->insert;
    uint64_t columns[4] = {0};

    result->affected = all->affected;
    if (in->returns != ROWAN__RETURN_ROWS) {
        return ROWAN_OK;
    }
    for (size_t i = 0; i < insert->into->column_count; i++) {
        columns[i / 64] |= (uint64_t)1 << (i % 64);
    }
    result->rows = (rowan_rows){all->count > 0 ? all->rows : NULL, all->count};
    return rowan__block_new(scope, insert->into, all->rows, all->count, columns,
                            rowan__scope_lazy(scope), &result->block);
}

static rowan_status run_chunks(const running *run, rowan__result *result)
{
    const rowan_insert *insert = run->in->insert;
    gathering all = {.count = 0};

    if (run->first.count == run->in->rows.count) {
        return run_chunk(run, run->first, result);
    }
    if (run->in->returns == ROWAN__RETURN_ROWS) {
        all.rows = rowan__arena_new(rowan__scope_arena(run->scope), run->in->rows.count,
                                    insert->into->row_size, insert->into->row_align);
        if (!all.rows) {
            return rowan__scope_nomem(run->scope);
        }
    }
    rowan_status status = run_rest(run, 0, &all);
    return status == ROWAN_OK ? give_rows(run->scope, run->in, &all, result) : status;
}

/* Runs in a transaction of its own, or in a savepoint. */
static rowan_status run_whole(const running *run,
                              rowan_status (*send)(const running *run, rowan__result *result),
                              rowan__result *result)
{
    unsigned depth = rowan_transaction_depth(run->scope);
    rowan_status status = (rowan_begin)(run->scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    status = send(run, result);
    if (status == ROWAN_OK) {
        status = (rowan_commit)(run->scope);
    }
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return rowan__scope_undo(run->scope, depth);
    }
    return ROWAN_OK;
}

static rowan_status send_copy(const running *run, rowan__result *result)
{
    rowan__structs rows = run->in->rows;
    rowan__rendered rendered;
    size_t query_size;
    rowan_status status = rowan__render_copy(run->scope, run->in, &rendered, &query_size);

    if (status != ROWAN_OK) {
        return status;
    }
    rows.copy_sql = rendered.sql + query_size + 1;
    rows.copy_sql_size = rendered.sql_size - query_size - 1;
    rowan__call call = {
        .pattern = run->intent.pattern,
        .relation = run->intent.relation,
        .table = run->in->insert->into,
        .sql = rendered.sql,
        .sql_size = query_size,
        .structs = &rows,
    };
    return rowan__execute(run->scope, &call, 1, result);
}

/* What an upsert sets may have values of its own, which have no place among the structs. */
static rowan_status choose_form(running *run)
{
    rowan__rendered rendered;
    rowan_status status = ROWAN_OK;

    run->as_structs = goes_as_structs(rowan__scope_dialect(run->scope), run->in);
    if (run->as_structs && run->in->insert->set) {
        status = rowan__render_rows(run->scope, run->in, 0, 1, true, &rendered);
        run->as_structs = rendered.param_count == 0;
    }
    return status;
}

static rowan_status run_rows(running *run, rowan__result *result)
{
    const rowan__insertion *in = run->in;
    rowan_status status;

    if (goes_as_copy(rowan__scope_dialect(run->scope), in)) {
        status = run_whole(run, send_copy, result);
        if (status != ROWAN_UNSUPPORTED) {
            return status;
        }
    }
    status = choose_form(run);
    if (status != ROWAN_OK) {
        return status;
    }
    run->most_bytes = rowan__scope_most_bytes(run->scope);
    run->first = chunk_at(run, 0);
    return run->intent.is_whole ||
                   (run->first.count == in->rows.count && run->first.at_a_time == run->first.count)
               ? run_chunks(run, result)
               : run_whole(run, run_chunks, result);
}

rowan_status rowan__insertion_render(rowan_scope *scope, const rowan__insertion *in,
                                     rowan__rendered *out)
{
    const rowan__dialect *dialect = rowan__scope_dialect(scope);
    running run = {.scope = scope,
                   .in = in,
                   .as_structs = goes_as_structs(dialect, in),
                   .most_bytes = SIZE_MAX};

    size_t count = run.as_structs ? chunk_at(&run, 0).at_a_time : in->rows.count;
    return rowan__render_rows(scope, in, 0, count, run.as_structs, out);
}

/* The keys come back alone, as rows of nothing else, unless the driver tells them. */
static rowan_status run_keyed(running *run, rowan__insertion *in, rowan__result *result)
{
    const rowan_column *key = in->insert->into->primary[0];
    rowan_column column = {.name = key->name, .type = ROWAN_TYPE_INT64};
    const rowan_table shape = {.columns = &column,
                               .column_count = 1,
                               .row_size = sizeof *run->keys,
                               .row_align = _Alignof(int64_t)};

    column.table = &shape;
    run->key_shape = &shape;
    in->returns = goes_as_structs(rowan__scope_dialect(run->scope), in) &&
                          rowan__scope_tells_keys(run->scope, key)
                      ? ROWAN__RETURN_NOTHING
                      : ROWAN__RETURN_KEY;
    rowan_status status = run_rows(run, result);
    run->key_shape = NULL;
    return status;
}

rowan_status rowan__insertion_run(rowan_scope *scope, rowan__intent intent, rowan__insertion *in,
                                  int64_t *keys, rowan__result *result)
{
    running run = {.scope = scope, .intent = intent, .in = in, .keys = keys};

    return keys ? run_keyed(&run, in, result) : run_rows(&run, result);
}

rowan_status rowan__insert_anew(rowan_scope *scope, rowan__intent intent,
                                const rowan_insert *insert, const void *const *at,
                                rowan__result *result)
{
    rowan__insertion in;

    memset(result, 0, sizeof *result);
    if (insert->row_count == 0) {
        return ROWAN_OK;
    }
    rowan_status status = rowan__insertion_begin(scope, insert, at, &in);
    if (status == ROWAN_OK) {
        status = rowan__insertion_run(scope, intent, &in, NULL, result);
    }
    rowan__insertion_end(scope, &in);
    return status;
}

rowan_status rowan__run_insert_rows(rowan_scope *scope, rowan__intent intent,
                                    const rowan_insert *insert, const void *const *at,
                                    rowan__result *result)
{
    bool is_done = false;
    rowan_status status = rowan__insert_again(scope, intent, insert, at, result, &is_done);

    return is_done || status != ROWAN_OK ? status
                                         : rowan__insert_anew(scope, intent, insert, at, result);
}

/* Inserts values or the rows of a query. */
RARE rowan_status insert_other(rowan_scope *scope, rowan__intent intent, const rowan_insert *insert,
                               rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status = rowan__render_insert(scope, insert, &rendered);

    memset(result, 0, sizeof *result);
    if (status == ROWAN_OK) {
        status = rowan__run_write(scope, intent, insert->into,
                                  insert->returning ? insert->into : NULL, &rendered, result);
    }
    if (status == ROWAN_OK && insert->values) {
        count_upserted(scope, insert, 1, result);
    }
    return status;
}

rowan_status rowan__run_insert(rowan_scope *scope, rowan__intent intent, const rowan_insert *insert,
                               rowan__result *result)
{
    return insert->rows && !insert->values && !insert->query && insert->into
               ? rowan__run_insert_rows(scope, intent, insert, NULL, result)
               : insert_other(scope, intent, insert, result);
}
