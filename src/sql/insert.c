/*
 * Inserts: of structs, of one row by assignments, of a query's rows.
 *
 * Rows that a driver takes from their structs have only placeholders in the text, in the form that
 * the dialect says; all others have their values bound one by one.
 */
#include <string.h>

#include "sql/sql_private.h"

/* --- Cells. --- */

/* A cell of a generated column that this row has no value for, though others have. */
static void write_generated_cell(rowan__renderer *r, const rowan_column *column)
{
    bool is_key = column->table->primary_count == 1 && column->table->primary[0] == column &&
                  rowan__same_family(column->type, ROWAN_TYPE_INT64);
    rowan_value null = rowan_v_null();

    if (r->dialect->generated_takes_null && is_key) {
        null.type = column->type;
        rowan__write_param(r, &null);
    } else if ((r->dialect->capabilities & ROWAN__CAN_WRITE_DEFAULT_CELL) != 0) {
        rowan__write(r, "DEFAULT");
    } else {
        rowan__render_unsupported(r, "a generated value for some rows of an insert only");
    }
}

static void write_cell(rowan__renderer *r, const rowan_column *column, const void *row)
{
    rowan_value value = rowan_column_value(column, row);
    rowan_value stored;

    if ((column->flags & ROWAN_GENERATED) != 0 && rowan__is_absent(&value)) {
        write_generated_cell(r, column);
        return;
    }
    r->status = rowan__stored_value(r->scope, column, value, &stored);
    rowan__write_param(r, &stored);
}

static void write_rows(rowan__renderer *r, const rowan__structs *rows, size_t first, size_t count)
{
    rowan__write(r, " VALUES ");
    for (size_t i = 0; i < count && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "(" : ", (");
        for (size_t j = 0; j < rows->column_count && r->status == ROWAN_OK; j++) {
            rowan__write(r, j == 0 ? "" : ", ");
            write_cell(r, rows->columns[j], rowan__structs_row(rows, first + i));
        }
        rowan__write(r, ")");
    }
}

/* --- Rows that a driver takes from their structs. --- */

static void write_marks(rowan__renderer *r, size_t columns, size_t rows)
{
    rowan__write(r, " VALUES ");
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            rowan__write(r, j > 0 ? ", ?" : i > 0 ? ", (?" : "(?");
        }
        rowan__write(r, ")");
    }
}

/*
 * One array for each column. What an enum's type is called in the database is not known here; it is
 * told by the column itself, of which no row is read.
 */
static void write_arrays(rowan__renderer *r, const rowan__structs *rows)
{
    rowan__write(r, " SELECT * FROM unnest(");
    for (size_t i = 0; i < rows->column_count && r->status == ROWAN_OK; i++) {
        const rowan_column *column = rows->columns[i];
        bool is_enum = column->type == ROWAN_TYPE_ENUM;
        rowan__write(r, i > 0 ? ", " : "");
        rowan__write(r, is_enum ? "COALESCE($" : "CAST($");
        rowan__text_int(r->text, (int64_t)i + 1);
        if (is_enum) {
            rowan__write(r, ", ARRAY(SELECT ");
            rowan__write_name(r, column->name);
            rowan__write(r, " FROM ");
            rowan__write_name(r, column->table->name);
            rowan__write(r, " WHERE FALSE))");
        } else {
            rowan__write(r, " AS ");
            rowan__write(r, r->dialect->cast_types[column->type]);
            rowan__write(r, "[])");
        }
    }
    rowan__write(r, ")");
}

static void write_form(rowan__renderer *r, const rowan__structs *rows, size_t count)
{
    switch (r->dialect->insert_form) {
    case ROWAN__INSERT_ROWS:
        write_marks(r, rows->column_count, count);
        break;
    case ROWAN__INSERT_UNNEST:
        write_arrays(r, rows);
        break;
    case ROWAN__INSERT_ARRAYS:
        write_marks(r, rows->column_count, 1);
        break;
    }
}

/* --- Whole statements. --- */

static void write_columns(rowan__renderer *r, const rowan__row_columns *columns)
{
    for (size_t i = 0; i < columns->count && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_name(r, columns->at[i]->name);
    }
}

static void write_head(rowan__renderer *r, const rowan_insert *insert,
                       const rowan__row_columns *columns)
{
    rowan__write(r, "INSERT INTO ");
    rowan__write_name(r, insert->into->name);
    for (size_t i = 0; i < columns->count && r->status == ROWAN_OK; i++) {
        rowan__check_written(r, insert->into, columns->at[i]);
    }
    rowan__write(r, columns->count > 0 ? " (" : "");
    write_columns(r, columns);
    rowan__write(r, columns->count > 0 ? ")" : "");
}

static void write_tail(rowan__renderer *r, const rowan_insert *insert, rowan__returned returns,
                       const rowan__row_columns *columns)
{
    rowan__names names;
    rowan__source source;

    if (insert->on_conflict != ROWAN_CONFLICT_FAIL) {
        rowan__names_of_target(r, insert->into, &names, &source);
        r->inserted = insert->into;
        rowan__write_conflict(r, insert, columns);
        r->inserted = NULL;
        r->names = NULL;
    }
    if (returns == ROWAN__RETURN_ROWS) {
        rowan__write_returning(r, insert->into, ROWAN__CAN_RETURN_INSERTED);
    } else if (returns == ROWAN__RETURN_KEY) {
        rowan__write(r, " RETURNING ");
        rowan__write_name(r, insert->into->primary[0]->name);
    }
}

/* A row of nothing but defaults; such a row cannot say what to do on a conflict. */
static void write_empty_row(rowan__renderer *r, const rowan_insert *insert, size_t row_count)
{
    if (row_count != 1 || insert->on_conflict != ROWAN_CONFLICT_FAIL) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "rows without any value are inserted one at a time, without upsert");
        return;
    }
    rowan__write(r, r->dialect->empty_row);
}

rowan_status rowan__render_rows(rowan_scope *scope, const rowan__insertion *in, size_t first,
                                size_t count, bool as_structs, rowan__rendered *out)
{
    const rowan__row_columns columns = {in->rows.columns, in->rows.column_count};
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    write_head(&r, in->insert, &columns);
    if (as_structs) {
        write_form(&r, &in->rows, count);
    } else if (columns.count == 0) {
        write_empty_row(&r, in->insert, count);
    } else {
        write_rows(&r, &in->rows, first, count);
    }
    write_tail(&r, in->insert, in->returns, &columns);
    return rowan__render_end(&r, out);
}

rowan_status rowan__render_copy(rowan_scope *scope, const rowan__insertion *in,
                                rowan__rendered *out, size_t *query_size)
{
    const rowan__row_columns columns = {in->rows.columns, in->rows.column_count};
    const char *table = in->insert->into->name;
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    rowan__write(&r, "SELECT ");
    write_columns(&r, &columns);
    rowan__write(&r, " FROM ");
    rowan__write_name(&r, table);
    *query_size = r.text->size;
    rowan__text_char(r.text, '\0');
    rowan__write(&r, r.dialect->copy_before);
    rowan__write_name(&r, table);
    rowan__write(&r, r.dialect->copy_between);
    rowan__write(&r, "(");
    write_columns(&r, &columns);
    rowan__write(&r, ")");
    rowan__write(&r, r.dialect->copy_after);
    return rowan__render_end(&r, out);
}

/* The columns of an insert by assignments or of a query's rows; and the version, which the program
 * need not assign. */
static rowan_status listed_columns(rowan_scope *scope, const rowan_insert *insert,
                                   rowan__row_columns *out, bool *adds_version)
{
    size_t count = insert->columns ? insert->column_count : 0;

    if (insert->values) {
        for (count = 0; insert->values[count].column; count++) {
        }
    }
    const rowan_column **at = rowan__arena_alloc(
        rowan__scope_arena(scope), (count + 1) * sizeof *at, _Alignof(const rowan_column *));
    if (!at) {
        return rowan__scope_nomem(scope);
    }
    bool has_version = !insert->into->version || !insert->values || count == 0;
    for (size_t i = 0; i < count; i++) {
        at[i] = insert->values ? insert->values[i].column : insert->columns[i];
        has_version = has_version || at[i] == insert->into->version;
    }
    if (!has_version) {
        at[count] = insert->into->version;
    }
    *adds_version = !has_version;
    *out = (rowan__row_columns){at, count + (has_version ? 0 : 1)};
    return ROWAN_OK;
}

static void write_values(rowan__renderer *r, const rowan_insert *insert, bool adds_version)
{
    rowan_assignment version = {insert->into->version, rowan_o_int64(1)};

    if (!insert->values[0].column) {
        write_empty_row(r, insert, 1);
        return;
    }
    rowan__write(r, " VALUES (");
    for (size_t i = 0; insert->values[i].column && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_assigned(r, &insert->values[i]);
    }
    if (adds_version) {
        rowan__write(r, ", ");
        rowan__write_assigned(r, &version);
    }
    rowan__write(r, ")");
}

/* SQLite takes the ON of an upsert for that of a join unless the query ends in a WHERE. */
static void write_query_rows(rowan__renderer *r, const rowan_insert *insert)
{
    bool wrapped = insert->on_conflict != ROWAN_CONFLICT_FAIL;

    if (insert->column_count == 0 || !insert->columns) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "an insert of a query's rows needs `columns`, in the query's order");
        return;
    }
    rowan__write(r, wrapped ? " SELECT * FROM (" : " ");
    rowan__write_query(r, insert->query, wrapped ? ROWAN__ROLE_ROWS : ROWAN__ROLE_VALUES);
    if (wrapped) {
        rowan__write(r, ") AS ");
        rowan__write_name(r, "given");
        rowan__write(r, " WHERE TRUE");
    }
}

static rowan_status render_listed(rowan_scope *scope, const rowan_insert *insert,
                                  rowan__rendered *out)
{
    rowan__row_columns columns;
    bool adds_version = false;
    rowan_status status = listed_columns(scope, insert, &columns, &adds_version);
    rowan__renderer r;

    if (status != ROWAN_OK) {
        return status;
    }
    rowan__render_begin(&r, scope);
    write_head(&r, insert, &columns);
    if (insert->values) {
        write_values(&r, insert, adds_version);
    } else {
        write_query_rows(&r, insert);
    }
    write_tail(&r, insert, insert->returning ? ROWAN__RETURN_ROWS : ROWAN__RETURN_NOTHING,
               &columns);
    return rowan__render_end(&r, out);
}

rowan_status rowan__render_insert(rowan_scope *scope, const rowan_insert *insert,
                                  rowan__rendered *out)
{
    int forms = (insert->rows != NULL) + (insert->values != NULL) + (insert->query != NULL);
    rowan__insertion in;

    memset(out, 0, sizeof *out);
    if (forms != 1 || !insert->into || !insert->into->name) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "an insert needs a table and one of rows, values and query");
    }
    if (!insert->rows) {
        return render_listed(scope, insert, out);
    }
    rowan_status status = rowan__insertion_begin(scope, insert, NULL, &in);
    if (status == ROWAN_OK) {
        status = rowan__insertion_render(scope, &in, out);
    }
    rowan__insertion_end(scope, &in);
    return status;
}
