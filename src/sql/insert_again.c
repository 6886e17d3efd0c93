/*
 * Inserts of the usual kind: rows of a table whose cells are written as they are, by one statement
 * that returns nothing. What there is to know of one depends on the table, on the columns that are
 * left to the database, and on the form in which so many rows go. By these it is found again, and
 * the rows are sent without a further look.
 */
#include <string.h>

#include "base/straight.h"
#include "sql/sql_private.h"

enum { MOST_COLUMNS = 64 };

/* What such an insert is known by. */
typedef struct shape {
    const rowan_table *table;
    uint64_t left_out; /* columns, by bits */
    uint64_t form;     /* rows of one statement, if its text tells them; lowest bit: the text is
                          that for structs, not for a row of values */
} shape;

/* What is known. */
typedef struct recipe {
    size_t row_bytes; /* as rowan__most_row_bytes() */
    size_t column_count, left_out_count, generated_count;
    /* Those that are written, and all that are generated, which begin with those that are left out;
     * no more than those are kept. */
    const rowan_column *columns[2 * MOST_COLUMNS];
} recipe;

/* The bytes that a recipe of so many columns has. */
static size_t recipe_size(size_t columns)
{
    return offsetof(recipe, columns) + columns * sizeof(const rowan_column *);
}

/* Whether so many rows can go at once, as far as their number tells, and how. */
STRAIGHT bool choose_form(const rowan__dialect *dialect, size_t count, uint64_t *form)
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

/* Whether an insert into the table of a known one is such a one. */
STRAIGHT bool is_such(const rowan__known *known, const rowan__structs *rows, uint64_t form)
{
    const recipe *r = known->recipe;
    const shape *s = known->key;
    const rowan_column *const *generated = r->columns + r->column_count;

    for (size_t i = 0; i < r->generated_count; i++) {
        size_t left_out = i < r->left_out_count ? rows->count : 0;
        if (count_absent(rows, generated[i]) != left_out) {
            return false;
        }
    }
    return s->form == form;
}

/* Puts the generated columns that are left out, or those that are not, behind so many others. */
static size_t keep_generated(recipe *r, const shape *s, bool left_out, size_t kept)
{
    for (size_t i = 0; i < s->table->column_count; i++) {
        const rowan_column *column = &s->table->columns[i];
        if ((column->flags & ROWAN_GENERATED) != 0 && (s->left_out >> i & 1) == left_out) {
            r->columns[kept++] = column;
        }
    }
    return kept;
}

/* Renders an insert of this shape for the first time and keeps it, unless a cell may have to be
 * looked at. */
RARE rowan_status learn(rowan_scope *scope, const rowan__structs *rows, rowan__shape_key *key,
                        rowan__known **out)
{
    const shape *s = key->data;
    const rowan_table *table = s->table;
    const rowan_insert insert = {.into = table, .rows = rows->rows, .row_count = rows->count};
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
    size_t kept = keep_generated(&r, s, true, r.column_count);
    r.left_out_count = kept - r.column_count;
    kept = keep_generated(&r, s, false, kept);
    r.generated_count = kept - r.column_count;
    r.row_bytes = rowan__most_row_bytes(r.columns, r.column_count);
    rowan__insertion in = {.insert = &insert, .rows = *rows, .is_plain = true};
    in.rows.columns = r.columns;
    in.rows.column_count = r.column_count;
    rowan_status status =
        rowan__render_rows(scope, &in, 0, rows->count, (s->form & 1) != 0, &rendered);
    if (status == ROWAN_OK) {
        *out =
            rowan__known_learn(scope, key, rendered.sql, rendered.sql_size, &r, recipe_size(kept));
    }
    return status;
}

/* The address that it is remembered by: another one than that of finding a row. */
static inline const void *place_of(const rowan_table *table)
{
    return &table->column_count;
}

/* Looks for what is known of an insert that is another than the last one into its table, or learns
 * it; NULL: it is of another kind. */
RARE rowan_status find(rowan_scope *scope, const rowan_table *table, const rowan__structs *rows,
                       uint64_t form, rowan__known **out)
{
    shape s = {.table = table, .form = form};
    rowan__shape_key key = {.maker = ROWAN__KEY_OF_INSERT, .data = &s, .size = sizeof s};

    *out = NULL;
    if (table->version || table->column_count > MOST_COLUMNS ||
        !leave_out(table, rows, &s.left_out)) {
        return ROWAN_OK;
    }
    rowan_status status = rowan__known_find_at(scope, place_of(table), &key, out);
    return status == ROWAN_OK && !*out ? learn(scope, rows, &key, out) : status;
}

/* Whether rows are one execution, however long their texts are. */
static inline bool fits(rowan_scope *scope, const rowan__dialect *dialect, const recipe *r,
                        size_t count)
{
    if (count == 1 || dialect->insert_form == ROWAN__INSERT_ROWS) {
        return true;
    }
    size_t most = rowan__scope_most_bytes(scope);
    most = most < dialect->most_insert_bytes ? most : dialect->most_insert_bytes;
    return r->row_bytes <= most / count;
}

STRAIGHT rowan_status send(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                           rowan__known *known, const rowan__structs *rows, rowan__result *result)
{
    rowan__call call;

    rowan__call_begin(&call, pattern);
    call.table = table;
    call.sql = known->sql;
    call.sql_size = known->sql_size;
    call.known = known;
    call.structs = rows;
    call.params = NULL;
    call.param_count = 0;
    call.wants_rows = false;
    call.shape = NULL;
    return rowan__execute(scope, &call, 1, result);
}

/* Inserts rows of a table that has a name; their columns are found. */
STRAIGHT rowan_status insert_again(rowan_scope *scope, rowan_pattern pattern,
                                   const rowan_table *table, rowan__structs *rows,
                                   rowan__result *result, bool *is_done)
{
    const rowan__dialect *dialect = rowan__scope_dialect(scope);
    rowan_status status = ROWAN_OK;
    uint64_t form;

    *is_done = false;
    if (!choose_form(dialect, rows->count, &form)) {
        return ROWAN_OK;
    }
    rowan__known *known = rowan__known_recall_at(scope, place_of(table), ROWAN__KEY_OF_INSERT);
    if (!known || !is_such(known, rows, form)) {
        status = find(scope, table, rows, form, &known);
    }
    if (status != ROWAN_OK || !known) {
        return status;
    }
    const recipe *r = known->recipe;
    rows->columns = r->columns;
    rows->column_count = r->column_count;
    rows->is_row = (form & 1) == 0;
    *is_done = fits(scope, dialect, r, rows->count);
    return *is_done ? send(scope, pattern, table, known, rows, result) : ROWAN_OK;
}

rowan_status rowan__insert_again(rowan_scope *scope, rowan__intent intent,
                                 const rowan_insert *insert, const void *const *at,
                                 rowan__result *result, bool *is_done)
{
    const rowan_table *table = insert->into;

    *is_done = false;
    if (!table || !table->name || insert->columns || insert->returning ||
        insert->on_conflict != ROWAN_CONFLICT_FAIL || intent.relation) {
        return ROWAN_OK;
    }
    rowan__structs rows = {
        .rows = insert->rows, .stride = table->row_size, .at = at, .count = insert->row_count};
    return insert_again(scope, intent.pattern, table, &rows, result, is_done);
}

rowan_status rowan__insert_usual(rowan_scope *scope, rowan_pattern pattern,
                                 const rowan_table *table, const void *rows, size_t count,
                                 rowan__result *result, bool *is_done)
{
    rowan__structs structs = {.rows = rows, .stride = table->row_size, .count = count};

    return insert_again(scope, pattern, table, &structs, result, is_done);
}

rowan_status rowan__insert_structs(rowan_scope *scope, rowan_pattern pattern,
                                   const rowan_table *table, const void *rows, size_t count,
                                   rowan__result *result)
{
    rowan__structs structs = {.rows = rows, .stride = table->row_size, .count = count};
    bool is_done;
    rowan_status status = insert_again(scope, pattern, table, &structs, result, &is_done);

    if (is_done || status != ROWAN_OK) {
        return status;
    }
    const rowan_insert insert = {.into = table, .rows = rows, .row_count = count};
    return rowan__insert_anew(scope, (rowan__intent){.pattern = pattern}, &insert, NULL, result);
}
