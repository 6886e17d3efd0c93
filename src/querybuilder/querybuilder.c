/*
 * Query builder: hands queries to the renderer and their rows to the program. Counting and testing
 * for existence are queries themselves, made around the one that was given.
 */
#include <rowan/querybuilder.h>

#include <stddef.h>
#include <string.h>

#include "relation/load.h"
#include "sql/sql.h"

static const rowan__intent intent = {.pattern = ROWAN_PATTERN_QUERY_BUILDER};

rowan_status(rowan_query_all)(rowan_scope *scope, const rowan_query *query, rowan_rows *out)
{
    rowan__result result;
    rowan_status status;

    if (!out) {
        return rowan__refuse_null(scope, "the place for the rows");
    }
    *out = (rowan_rows){NULL, 0};
    status = rowan__load_query(scope, intent.pattern, query, &result);
    if (status == ROWAN_OK) {
        *out = result.rows;
    }
    return status;
}

static rowan_status load_planned(rowan_scope *scope, const rowan_query *query,
                                 rowan__result *result)
{
    rowan_query first = *query;

    if (first.limit == 0 || first.limit > 1) {
        first.limit = 1;
    }
    return rowan__load_planned(scope, intent.pattern, &first, result);
}

static inline rowan_status load_one(rowan_scope *scope, const rowan_query *query,
                                    rowan__result *result)
{
    const rowan__intent one = {.pattern = intent.pattern, .is_one = true};

    return !scope || !query || !query->fetch ? rowan__run_query(scope, one, query, result)
                                             : load_planned(scope, query, result);
}

rowan_status(rowan_query_one)(rowan_scope *scope, const rowan_query *query, void **out)
{
    rowan__result result;
    rowan_status status;

    if (!out) {
        return rowan__refuse_null(scope, "the place for the row");
    }
    *out = NULL;
    status = load_one(scope, query, &result);
    if (status != ROWAN_OK) {
        return status;
    }
    if (result.rows.count == 0) {
        return rowan__scope_fail(scope, ROWAN_NOT_FOUND, "the query gives no row");
    }
    *out = result.rows.at;
    return ROWAN_OK;
}

/* --- One number. --- */

typedef struct number {
    int64_t value;
} number;

static const rowan_table number_shape;
static const rowan_column number_columns[] = {ROWAN_COLUMN(number_shape, number, value, 0)};
static const rowan_table number_shape = ROWAN_SHAPE(number, number_columns);

static rowan_status read_number(rowan_scope *scope, const rowan_query *query, int64_t *out)
{
    rowan__result result;
    rowan_status status = rowan__run_query(scope, intent, query, &result);

    if (status != ROWAN_OK) {
        return status;
    }
    if (result.rows.count != 1) {
        return rowan__scope_fail(scope, ROWAN_ENGINE, "a count gave %zu rows", result.rows.count);
    }
    *out = ((const number *)result.rows.at)->value;
    return ROWAN_OK;
}

/*
 * Whether the rows of a query are those of its tables, one for one: then they can be counted as
 * they are.
 */
static bool counts_directly(const rowan_query *query)
{
    return !query->select && !query->distinct && query->group_count == 0 && !query->having &&
           (!query->sets || query->sets[0].kind == ROWAN_SET_END) && query->after.count == 0 &&
           query->limit == 0 && query->offset == 0;
}

rowan_status(rowan_query_count)(rowan_scope *scope, const rowan_query *query, int64_t *out)
{
    const rowan_selected *count = ROWAN_SELECT(ROWAN_AS(ROWAN_COUNT_ALL, "value"));
    rowan_query counting;

    if (out) {
        *out = 0;
    }
    if (!scope || !query || !out) {
        return rowan__refuse_null(scope, query ? "the place for the number" : "the query");
    }
    if (counts_directly(query)) {
        counting = *query;
        counting.order_by = NULL;
    } else {
        counting = (rowan_query){.from_query = query, .as = "counted"};
    }
    counting.select = count;
    counting.into = &number_shape;
    return read_number(scope, &counting, out);
}

typedef struct answer {
    bool value;
} answer;

static const rowan_table answer_shape;
static const rowan_column answer_columns[] = {ROWAN_COLUMN(answer_shape, answer, value, 0)};
static const rowan_table answer_shape = ROWAN_SHAPE(answer, answer_columns);

rowan_status(rowan_query_exists)(rowan_scope *scope, const rowan_query *query, bool *out)
{
    rowan_query asking = {.select = ROWAN_SELECT(ROWAN_AS(ROWAN_EXISTS(query), "value")),
                          .into = &answer_shape};
    rowan__result result;
    rowan_status status;

    if (!out) {
        return rowan__refuse_null(scope, "the place for the answer");
    }
    *out = false;
    status = rowan__run_query(scope, intent, &asking, &result);
    if (status == ROWAN_OK && result.rows.count == 1) {
        *out = ((const answer *)result.rows.at)->value;
    }
    return status;
}

rowan_status(rowan_query_stream)(rowan_scope *scope, const rowan_query *query, rowan_stream **out)
{
    rowan__call call;
    rowan_status status;

    if (out) {
        *out = NULL;
    }
    if (!scope || !query || !out) {
        return rowan__refuse_null(scope, query ? "the place for the stream" : "the query");
    }
    if (query->fetch && query->fetch[0].relation) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a stream loads no relations: its rows come one by one");
    }
    status = rowan__query_call(scope, intent, query, &call);
    return status == ROWAN_OK ? rowan__stream_open(scope, &call, out) : status;
}

/* --- Writes. --- */

/* What every write gives back; a place for rows is needed if rows are asked for, and only then. */
static rowan_status begin_write(rowan_scope *scope, const void *write, bool returning,
                                rowan_rows *returned, uint64_t *affected)
{
    if (returned) {
        *returned = (rowan_rows){NULL, 0};
    }
    if (affected) {
        *affected = 0;
    }
    if (!scope || !write) {
        return rowan__refuse_null(scope, "the insert, update or delete");
    }
    if (returning != (returned != NULL)) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "`returning` and a place for the rows belong together");
    }
    return ROWAN_OK;
}

static void end_write(const rowan__result *result, rowan_rows *returned, uint64_t *affected)
{
    if (returned) {
        *returned = result->rows;
    }
    if (affected) {
        *affected = result->affected;
    }
}

rowan_status(rowan_query_insert)(rowan_scope *scope, const rowan_insert *insert,
                                 rowan_rows *returned, uint64_t *affected)
{
    rowan__result result;
    bool returning = insert && insert->returning;
    rowan_status status = begin_write(scope, insert, returning, returned, affected);

    if (status == ROWAN_OK) {
        status = rowan__run_insert(scope, intent, insert, &result);
    }
    if (status == ROWAN_OK) {
        end_write(&result, returned, affected);
    }
    return status;
}

rowan_status(rowan_query_insert_keys)(rowan_scope *scope, const rowan_insert *insert, int64_t *keys)
{
    return rowan__insert_for_keys(scope, intent, insert, keys);
}

rowan_status(rowan_query_update)(rowan_scope *scope, const rowan_update *update,
                                 rowan_rows *returned, uint64_t *affected)
{
    rowan__result result;
    bool returning = update && update->returning;
    rowan_status status = begin_write(scope, update, returning, returned, affected);

    if (status == ROWAN_OK) {
        status = rowan__run_update(scope, intent, update, &result);
    }
    if (status == ROWAN_OK) {
        end_write(&result, returned, affected);
    }
    return status;
}

rowan_status(rowan_query_delete)(rowan_scope *scope, const rowan_delete *remove,
                                 rowan_rows *returned, uint64_t *affected)
{
    rowan__result result;
    bool returning = remove && remove->returning;
    rowan_status status = begin_write(scope, remove, returning, returned, affected);

    if (status == ROWAN_OK) {
        status = rowan__run_delete(scope, intent, remove, &result);
    }
    if (status == ROWAN_OK) {
        end_write(&result, returned, affected);
    }
    return status;
}

/* --- What would be sent. --- */

static rowan_status begin_text(rowan_scope *scope, const void *tree, const char **out)
{
    if (out) {
        *out = NULL;
    }
    return scope && tree && out
               ? ROWAN_OK
               : rowan__refuse_null(scope, tree ? "the place for the text" : "what to render");
}

static rowan_status keep_sql(rowan_scope *scope, const rowan__rendered *rendered, const char **out)
{
    *out = rowan__arena_text(rowan__scope_arena(scope), rendered->sql, rendered->sql_size);
    return *out ? ROWAN_OK : rowan__scope_nomem(scope);
}

rowan_status rowan_query_sql(rowan_scope *scope, const rowan_query *query, const char **out)
{
    rowan__rendered rendered;
    rowan_status status = begin_text(scope, query, out);

    if (status == ROWAN_OK) {
        status = rowan__render_query(scope, query, &rendered);
    }
    return status == ROWAN_OK ? keep_sql(scope, &rendered, out) : status;
}

rowan_status rowan_insert_sql(rowan_scope *scope, const rowan_insert *insert, const char **out)
{
    rowan__rendered rendered;
    rowan_status status = begin_text(scope, insert, out);

    if (status == ROWAN_OK) {
        status = rowan__render_insert(scope, insert, &rendered);
    }
    return status == ROWAN_OK ? keep_sql(scope, &rendered, out) : status;
}

rowan_status rowan_update_sql(rowan_scope *scope, const rowan_update *update, const char **out)
{
    rowan__rendered rendered;
    rowan_status status = begin_text(scope, update, out);

    if (status == ROWAN_OK) {
        status = rowan__render_update(scope, update, &rendered);
    }
    return status == ROWAN_OK ? keep_sql(scope, &rendered, out) : status;
}

rowan_status rowan_delete_sql(rowan_scope *scope, const rowan_delete *remove, const char **out)
{
    rowan__rendered rendered;
    rowan_status status = begin_text(scope, remove, out);

    if (status == ROWAN_OK) {
        status = rowan__render_delete(scope, remove, &rendered);
    }
    return status == ROWAN_OK ? keep_sql(scope, &rendered, out) : status;
}
