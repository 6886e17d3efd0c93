/*
 * Updates of many rows by one statement, in which each column is an array: those that are set, and
 * those that a row is known by. They are taken from structs.
 *
 * What an array is of is told by the column itself, of which no row is read: so a column may be of
 * any type, of which a driver says whether it takes arrays.
 */
#include <string.h>

#include "sql/sql_private.h"

/* What the arrays are called in the statement, as their columns; another name than the table's. */
static const char *name_of_arrays(const rowan_table *table)
{
    return strcmp(table->name, "given") == 0 ? "given_rows" : "given";
}

static void write_dotted(rowan__renderer *r, const char *table, const rowan_column *column)
{
    rowan__write_name(r, table);
    rowan__write(r, ".");
    rowan__write_name(r, column->name);
}

static void write_set(rowan__renderer *r, const rowan_table *table, const rowan__structs *rows,
                      size_t set_count)
{
    for (size_t i = 0; i < set_count; i++) {
        rowan__write(r, i > 0 ? ", " : " SET ");
        rowan__write_name(r, rows->columns[i]->name);
        rowan__write(r, " = ");
        write_dotted(r, name_of_arrays(table), rows->columns[i]);
    }
    if (table->version) {
        rowan__write(r, ", ");
        rowan__write_name(r, table->version->name);
        rowan__write(r, " = ");
        write_dotted(r, table->name, table->version);
        rowan__write(r, " + 1");
    }
}

static void write_arrays(rowan__renderer *r, const rowan_table *table, const rowan__structs *rows)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        rowan__write(r, i > 0 ? ", COALESCE($" : " FROM unnest(COALESCE($");
        rowan__text_int(r->text, (int64_t)i + 1);
        rowan__write(r, ", ARRAY(SELECT ");
        rowan__write_name(r, rows->columns[i]->name);
        rowan__write(r, " FROM ");
        rowan__write_name(r, table->name);
        rowan__write(r, " WHERE FALSE))");
    }
    rowan__write(r, ") AS ");
    rowan__write_name(r, name_of_arrays(table));
    for (size_t i = 0; i < rows->column_count; i++) {
        rowan__write(r, i > 0 ? ", " : " (");
        rowan__write_name(r, rows->columns[i]->name);
    }
    rowan__write(r, ")");
}

rowan_status rowan__render_update_rows(rowan_scope *scope, const rowan_table *table,
                                       const rowan__structs *rows, size_t set_count,
                                       rowan__rendered *out)
{
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    rowan__write(&r, "UPDATE ");
    rowan__write_name(&r, table->name);
    write_set(&r, table, rows, set_count);
    write_arrays(&r, table, rows);
    for (size_t i = set_count; i < rows->column_count; i++) {
        rowan__write(&r, i > set_count ? " AND " : " WHERE ");
        write_dotted(&r, table->name, rows->columns[i]);
        rowan__write(&r, " = ");
        write_dotted(&r, name_of_arrays(table), rows->columns[i]);
    }
    return rowan__render_end(&r, out);
}
