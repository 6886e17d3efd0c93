/*
 * Statements from values: what the query builder, Active Record, Data Mapper and the loading of
 * relations share. Renders rowan_query, rowan_insert, rowan_update and rowan_delete for a
 * scope's engine.
 */
#ifndef ROWAN_SQL_SQL_H
#define ROWAN_SQL_SQL_H

#include <rowan/query.h>

#include "database/block.h"
#include "database/execute.h"

/** A rendered statement. Memory of the scope that lasts until the next render on it. */
typedef struct rowan__rendered {
    const char *sql; /* NUL-terminated */
    size_t sql_size;
    const rowan_value *params; /* in the order in which their placeholders stand in the text */
    size_t param_count;
    rowan__known *known; /* that `sql` is of; NULL if its shape was not kept */
} rowan__rendered;

/*
 * Renderers. They refuse, before anything is sent, with the scope's error: ROWAN_MISUSE for a
 * column of a table that is not in the statement or a name given twice, ROWAN_UNSUPPORTED naming
 * feature and engine.
 */
rowan_status rowan__render_query(rowan_scope *scope, const rowan_query *query,
                                 rowan__rendered *out);
rowan_status rowan__render_insert(rowan_scope *scope, const rowan_insert *insert,
                                  rowan__rendered *out);
rowan_status rowan__render_update(rowan_scope *scope, const rowan_update *update,
                                  rowan__rendered *out);
rowan_status rowan__render_delete(rowan_scope *scope, const rowan_delete *remove,
                                  rowan__rendered *out);

/*
 * The same, by shape: what was rendered before on the scope's connection, which it gets if it has
 * none, is not rendered again.
 */
rowan_status rowan__compile_query(rowan_scope *scope, const rowan_query *query,
                                  rowan__rendered *out);
rowan_status rowan__compile_update(rowan_scope *scope, const rowan_update *update,
                                   rowan__rendered *out);
rowan_status rowan__compile_delete(rowan_scope *scope, const rowan_delete *remove,
                                   rowan__rendered *out);

/** Who runs a statement and what for, for its event. */
typedef struct rowan__intent {
    rowan_pattern pattern;
    bool is_whole; /* the caller undoes everything if something fails: no savepoint is needed */
    bool is_one;   /* of a query: its first row alone is wanted, whatever its limit */
    const rowan_relation *relation; /* NULL if none */
} rowan__intent;

/**
 * Renders and runs a query. Its fetch plan is the caller's business (relation/load.h).
 *
 * @param result  rows of `into` or `from`, in a block with the query's lazy policy
 */
rowan_status rowan__run_query(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                              rowan__result *result);

/**
 * Renders a query into the call that would run it, which borrows from the next render on the
 * scope.
 */
rowan_status rowan__query_call(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                               rowan__call *out);

/**
 * Renders and runs an insert, in chunks if one statement cannot carry all of its rows; more than
 * one execution runs in a transaction, or in a savepoint if one is open.
 *
 * @param result  with `returning` the rows in the order given, as one block
 */
rowan_status rowan__run_insert(rowan_scope *scope, rowan__intent intent, const rowan_insert *insert,
                               rowan__result *result);
/** The same for rows that lie anywhere: @p at are row_count pointers, or NULL for `insert->rows`.
 */
rowan_status rowan__run_insert_rows(rowan_scope *scope, rowan__intent intent,
                                    const rowan_insert *insert, const void *const *at,
                                    rowan__result *result);
/**
 * Inserts rows of a table, one behind the other, of which nothing comes back, by what is known of
 * the last such insert: without a further look, if all leave the same to the database.
 *
 * @param is_done  false: it has to be looked at, and nothing was sent
 */
rowan_status rowan__insert_usual(rowan_scope *scope, rowan_pattern pattern,
                                 const rowan_table *table, const void *rows, size_t count,
                                 rowan__result *result, bool *is_done);
/** The same for any rows, which are looked at if they have to be. */
rowan_status rowan__insert_structs(rowan_scope *scope, rowan_pattern pattern,
                                   const rowan_table *table, const void *rows, size_t count,
                                   rowan__result *result);
/** How many rows from @p first on, of @p most, are within a limit of bytes; at least one. */
size_t rowan__rows_that_fit(const rowan__structs *rows, size_t first, size_t most, size_t limit);
/**
 * Looks whether a column of rows is written as it is in their structs, so that a driver can take it
 * from there.
 *
 * @param is_plain  made false if it is not
 * @return as rowan__stored_value(), of any row
 */
rowan_status rowan__check_plain(rowan_scope *scope, const rowan__structs *rows,
                                const rowan_column *column, bool *is_plain);
/**
 * Renders the update of any number of rows at once, whose columns are @p set_count that are set,
 * then those of the key, then the version if there is one, which is raised. For dialects that can
 * ROWAN__CAN_UPDATE_ARRAYS.
 */
rowan_status rowan__render_update_rows(rowan_scope *scope, const rowan_table *table,
                                       const rowan__structs *rows, size_t set_count,
                                       rowan__rendered *out);
/** How many rows have no value for a generated column. */
size_t rowan__count_absent(const rowan__structs *rows, const rowan_column *column);
/**
 * Inserts rows, as rowan__run_insert_rows() without `returning`, if what they will be in the
 * database is known but for a key that it makes: all other columns are written, and as they are.
 * What a trigger makes of them is not seen.
 *
 * @param keys     the keys in the order of the rows, the scope's; NULL if the rows brought them
 * @param is_done  false: it is not known, and nothing was sent
 */
rowan_status rowan__run_insert_keys(rowan_scope *scope, rowan__intent intent,
                                    const rowan_insert *insert, const void *const *at,
                                    int64_t **keys, bool *is_done);
/**
 * Inserts rows and gives their keys, those that the database makes and those that rows brought.
 *
 * @param keys  as many as rows; zeroed on failure
 * @return ROWAN_MISUSE for other inserts than of rows, for those that return rows or know what to
 *         do on a conflict, and for tables without an integer of 64 bits as a key that is made
 */
rowan_status rowan__insert_for_keys(rowan_scope *scope, rowan__intent intent,
                                    const rowan_insert *insert, int64_t *keys);
rowan_status rowan__run_update(rowan_scope *scope, rowan__intent intent, const rowan_update *update,
                               rowan__result *result);
rowan_status rowan__run_delete(rowan_scope *scope, rowan__intent intent, const rowan_delete *remove,
                               rowan__result *result);

/**
 * The value to bind for a column: of an enum its label as text, of others the value itself.
 *
 * @return ROWAN_OUT_OF_RANGE if an enum has no such label.
 */
rowan_status rowan__bind_value(rowan_scope *scope, const rowan_column *column, rowan_value value,
                               rowan_value *out);

/**
 * The value to write into a column: as rowan__bind_value, and refused with ROWAN_OUT_OF_RANGE if
 * the column cannot hold it whole. Decimals get as many digits as the column has.
 */
rowan_status rowan__stored_value(rowan_scope *scope, const rowan_column *column, rowan_value value,
                                 rowan_value *out);

/** The value to write of a member, as rowan__stored_value(): most are numbers and short texts. */
static inline rowan_status rowan__stored_member(rowan_scope *scope, const rowan_column *column,
                                                const void *row, rowan_value *out)
{
    const char *at = (const char *)row;
    bool is_null = (column->flags & ROWAN_NULLABLE) != 0 && !*(const bool *)(at + column->offset);

    at += column->value_offset;
    if (!is_null && column->type == ROWAN_TYPE_INT64) {
        *out = rowan_v_int64(*(const int64_t *)(const void *)at);
        return ROWAN_OK;
    }
    if (!is_null && column->type == ROWAN_TYPE_TEXT) {
        *out = rowan_v_text(*(const char *const *)(const void *)at);
        if (!out->is_null && (column->length == 0 || out->as.bytes.size <= column->length)) {
            return ROWAN_OK;
        }
    }
    return rowan__stored_value(scope, column, rowan_column_value(column, row), out);
}

#endif
