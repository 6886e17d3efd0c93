/*
 * Inserts of which the keys are asked for. Where the database makes the keys of all rows, they are
 * all that comes back; where rows brought theirs, or some did, whole rows do.
 */
#include <string.h>

#include "sql/sql_private.h"

/* The table's key, if it is one that the database makes and that a list of keys can hold. */
static const rowan_column *made_key(const rowan_table *table)
{
    const rowan_column *key = table->primary_count == 1 ? table->primary[0] : NULL;
    bool is_made = key && key->type == ROWAN_TYPE_INT64 &&
                   (key->flags & (ROWAN_GENERATED | ROWAN_NULLABLE)) == ROWAN_GENERATED;

    return is_made ? key : NULL;
}

static bool writes(const rowan__insertion *in, const rowan_column *column)
{
    for (size_t i = 0; i < in->rows.column_count; i++) {
        if (in->rows.columns[i] == column) {
            return true;
        }
    }
    return false;
}

/* --- Rows of which only the key is made. --- */

/* Whether what is written is all that will be there, but for the key if @p is_made. */
static bool stays_as_given(const rowan__insertion *in, bool *is_made)
{
    const rowan_table *table = in->insert->into;
    const rowan_column *key = made_key(table);

    for (size_t i = 0; i < in->rows.column_count; i++) {
        if (in->rows.columns[i]->type == ROWAN_TYPE_JSON) {
            return false; /* which an engine may write in another way */
        }
    }
    *is_made = in->rows.column_count < table->column_count;
    return in->is_plain && (!*is_made || (key && !writes(in, key) &&
                                          in->rows.column_count + 1 == table->column_count));
}

static rowan_status run_made(rowan_scope *scope, rowan__intent intent, rowan__insertion *in,
                             int64_t **keys)
{
    rowan__result result;

    *keys = rowan__arena_alloc(rowan__scope_arena(scope), in->rows.count * sizeof **keys,
                               _Alignof(int64_t));
    return *keys ? rowan__insertion_run(scope, intent, in, *keys, &result)
                 : rowan__scope_nomem(scope);
}

rowan_status rowan__run_insert_keys(rowan_scope *scope, rowan__intent intent,
                                    const rowan_insert *insert, const void *const *at,
                                    int64_t **keys, bool *is_done)
{
    rowan__insertion in;
    rowan__result result;
    bool is_made;
    rowan_status status = rowan__insertion_begin(scope, insert, at, &in);

    *keys = NULL;
    *is_done = status == ROWAN_OK && stays_as_given(&in, &is_made);
    if (*is_done) {
        status = is_made ? run_made(scope, intent, &in, keys)
                         : rowan__insertion_run(scope, intent, &in, NULL, &result);
    }
    rowan__insertion_end(scope, &in);
    return status;
}

/* --- Keys, whatever else there is. --- */

static rowan_status check(rowan_scope *scope, const rowan_insert *insert)
{
    if (!insert->into || !insert->into->name || !insert->rows || insert->values || insert->query ||
        insert->returning || insert->on_conflict != ROWAN_CONFLICT_FAIL) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "keys come back from an insert of structs into a table, without "
                                 "upsert and without `returning`");
    }
    if (!made_key(insert->into)) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "the key of %s is no single integer of 64 bits that the database "
                                 "makes: ask for whole rows",
                                 insert->into->name);
    }
    return ROWAN_OK;
}

/* Whole rows come back, of which the keys are read. */
static rowan_status run_mixed(rowan_scope *scope, rowan__intent intent, rowan__insertion *in,
                              int64_t *keys)
{
    const rowan_table *table = in->insert->into;
    rowan__result result = {0};

    in->returns = ROWAN__RETURN_ROWS;
    rowan_status status = rowan__insertion_run(scope, intent, in, NULL, &result);
    const char *at = result.rows.at;
    for (size_t i = 0; status == ROWAN_OK && i < in->rows.count; i++, at += table->row_size) {
        memcpy(&keys[i], at + table->primary[0]->value_offset, sizeof keys[i]);
    }
    return status;
}

rowan_status rowan__insert_for_keys(rowan_scope *scope, rowan__intent intent,
                                    const rowan_insert *insert, int64_t *keys)
{
    rowan__insertion in;
    rowan__result result;

    if (!scope || !insert || (!keys && insert->row_count > 0)) {
        return rowan__refuse_null(scope, insert ? "the place for the keys" : "the insert");
    }
    memset(keys, 0, insert->row_count * sizeof *keys);
    rowan_status status = insert->row_count == 0 ? ROWAN_OK : check(scope, insert);
    if (status != ROWAN_OK || insert->row_count == 0) {
        return status;
    }
    status = rowan__insertion_begin(scope, insert, NULL, &in);
    if (status == ROWAN_OK) {
        status = writes(&in, made_key(insert->into))
                     ? run_mixed(scope, intent, &in, keys)
                     : rowan__insertion_run(scope, intent, &in, keys, &result);
    }
    rowan__insertion_end(scope, &in);
    if (status != ROWAN_OK) {
        memset(keys, 0, insert->row_count * sizeof *keys);
    }
    return status;
}
