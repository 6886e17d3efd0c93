/*
 * Inserts of the usual kind: rows of a table whose cells are written as they are, by one statement
 * that returns nothing. What there is to know of one depends on the table, on the columns that are
 * left to the database, and on the form in which so many rows go. By these it is found again, and
 * the rows are sent without a further look.
 */
#include <string.h>

#include "sql/sql_private.h"

enum { MOST_COLUMNS = 64 };

/* What such an insert is known by. */
typedef struct shape {
    const rowan_table *table;
    uint64_t left_out; /* columns, by bits */
    uint64_t form;     /* rows of one statement, if its text tells them; lowest bit: as structs */
} shape;

/* What is known. */
typedef struct recipe {
    size_t row_bytes; /* as rowan__most_row_bytes() */
    size_t column_count;
    const rowan_column *columns[MOST_COLUMNS]; /* column_count of them are kept */
} recipe;

/* The bytes that a recipe of so many columns has. */
static size_t recipe_size(size_t columns)
{
    return offsetof(recipe, columns) + columns * sizeof(const rowan_column *);
}

/* Whether so many rows can go at once, as far as their number tells, and how. */
static bool choose_form(const rowan__dialect *dialect, size_t count, uint64_t *form)
{
    if (count == 0 || (dialect->copy_before && count >= dialect->copy_from_rows)) {
        return false;
    }
    switch (dialect->insert_form) {
    case ROWAN__INSERT_ROWS:
        *form = count << 1 | 1;
        return count <= dialect->most_insert_rows;
    case ROWAN__INSERT_UNNEST: /* a single row goes as values */
        *form = count == 1 ? 1 << 1 : 1;
        return true;
    case ROWAN__INSERT_ARRAYS:
        *form = 1;
        return count < ROWAN__MANY_ROWS;
    }
    return false;
}

/* How many rows have no value for a generated column, which nearly always is a number: of one row
 * it is seen without a call. */
static inline size_t count_absent(const rowan__structs *rows, const rowan_column *column)
{
    if (rows->count == 1 && column->type == ROWAN_TYPE_INT64 &&
        (column->flags & ROWAN_NULLABLE) == 0) {
        const char *member = rowan__structs_row(rows, 0) + column->offset;
        return *(const int64_t *)(const void *)member == 0;
    }
    return rowan__count_absent(rows, column);
}

/* The columns that no row has a value for. false: some rows have one and some do not. */
static bool leave_out(const rowan_table *table, const rowan__structs *rows, uint64_t *left_out)
{
    *left_out = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if ((table->columns[i].flags & ROWAN_GENERATED) != 0) {
            size_t absent = count_absent(rows, &table->columns[i]);
            if (absent != 0 && absent != rows->count) {
                return false;
            }
            *left_out |= (uint64_t)(absent != 0) << i;
        }
    }
    return true;
}

/* Describes an insert; false: it is of another kind. */
static bool describe(const rowan__dialect *dialect, const rowan_insert *insert,
                     rowan__structs *rows, shape *out)
{
    const rowan_table *table = insert->into;

    if (!table || !table->name || table->version || table->column_count > MOST_COLUMNS ||
        insert->columns || insert->returning || insert->on_conflict != ROWAN_CONFLICT_FAIL) {
        return false;
    }
    out->table = table;
    rows->rows = insert->rows;
    rows->stride = table->row_size;
    rows->count = insert->row_count;
    return choose_form(dialect, rows->count, &out->form) && leave_out(table, rows, &out->left_out);
}

/* Renders an insert of this shape for the first time and keeps it, unless a cell may have to be
 * looked at. */
static __attribute__((noinline)) rowan_status learn(rowan_scope *scope, const rowan_insert *insert,
                                                    const rowan__structs *rows,
                                                    rowan__shape_key *key, rowan__known **out)
{
    const shape *s = key->data;
    const rowan_table *table = s->table;
    recipe r = {.column_count = 0};
    rowan__rendered rendered;

    for (size_t i = 0; i < table->column_count; i++) {
        if ((s->left_out >> i & 1) != 0) {
            continue;
        }
        if (!rowan__is_written_as_is(&table->columns[i])) {
            return ROWAN_OK;
        }
        r.columns[r.column_count++] = &table->columns[i];
    }
    if (r.column_count == 0) {
        return ROWAN_OK;
    }
    r.row_bytes = rowan__most_row_bytes(r.columns, r.column_count);
    rowan__insertion in = {.insert = insert, .rows = *rows, .is_plain = true};
    in.rows.columns = r.columns;
    in.rows.column_count = r.column_count;
    rowan_status status =
        rowan__render_rows(scope, &in, 0, rows->count, (s->form & 1) != 0, &rendered);
    if (status == ROWAN_OK) {
        *out = rowan__known_learn(scope, key, rendered.sql, rendered.sql_size, &r,
                                  recipe_size(r.column_count));
    }
    return status;
}

rowan_status rowan__insert_again(rowan_scope *scope, rowan__intent intent,
                                 const rowan_insert *insert, const void *const *at,
                                 rowan__result *result, bool *is_done)
{
    const rowan__dialect *dialect = rowan__scope_dialect(scope);
    rowan__structs rows = {.at = at};
    shape s;
    rowan__shape_key key = {.maker = ROWAN__KEY_OF_INSERT, .data = &s, .size = sizeof s};
    rowan_status status = ROWAN_OK;

    *is_done = false;
    if (!describe(dialect, insert, &rows, &s)) {
        return ROWAN_OK;
    }
    rowan__known *known = rowan__known_recall(scope, &key);
    if (!known) {
        status = rowan__known_find(scope, &key, &known);
    }
    if (status == ROWAN_OK && !known) {
        status = learn(scope, insert, &rows, &key, &known);
    }
    if (status != ROWAN_OK || !known) {
        return status;
    }
    const recipe *r = known->recipe;
    rows.columns = r->columns;
    rows.column_count = r->column_count;
    if (rows.count > 1 && dialect->insert_form != ROWAN__INSERT_ROWS) {
        size_t most = rowan__scope_most_bytes(scope);
        most = most < dialect->most_insert_bytes ? most : dialect->most_insert_bytes;
        if (r->row_bytes > most / rows.count) {
            return ROWAN_OK; /* it may take more than one statement */
        }
    }
    *is_done = true;
    rowan__rendered rendered = {.sql = known->sql, .sql_size = known->sql_size, .known = known};
    if ((s.form & 1) != 0) {
        return rowan__run_structs(scope, intent, s.table, NULL, &rendered, &rows, NULL, result);
    }
    status = rowan__bind_rows(scope, &rows, 0, rows.count, &rendered);
    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    return rowan__run_write(scope, intent, s.table, NULL, &rendered, result);
}
