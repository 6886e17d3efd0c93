/*
 * Updates and deletes, and what all statements share that write one table.
 *
 * An update raises the version of its rows even if the program does not mention it, so that whoever
 * has loaded one of them before finds out.
 */
#include <stdio.h>
#include <string.h>

#include "sql/sql_private.h"

void rowan__names_of_target(rowan__renderer *r, const rowan_table *table, rowan__names *names,
                            rowan__source *source)
{
    *names = (rowan__names){.sources = source};
    if (!table || !table->name) {
        rowan__render_fail(r, ROWAN_MISUSE, "a statement that writes needs a table, not a shape");
        return;
    }
    rowan__names_add(r, names,
                     (rowan__source){.name = table->name, .table = table, .own_name = true});
    r->names = names;
}

void rowan__write_returning(rowan__renderer *r, const rowan_table *table, unsigned capability)
{
    if ((r->dialect->capabilities & capability) == 0) {
        rowan__render_unsupported(r, capability == ROWAN__CAN_RETURN_UPDATED ? "UPDATE … RETURNING"
                                     : capability == ROWAN__CAN_RETURN_DELETED
                                         ? "DELETE … RETURNING"
                                         : "INSERT … RETURNING");
        return;
    }
    for (size_t i = 0; r->status == ROWAN_OK && i < table->column_count; i++) {
        rowan__write(r, i == 0 ? " RETURNING " : ", ");
        rowan__write_name(r, table->columns[i].name);
    }
}

void rowan__check_written(rowan__renderer *r, const rowan_table *table, const rowan_column *column)
{
    char label[160];

    if (!column) {
        rowan__render_fail(r, ROWAN_MISUSE, "one of the columns that are written is NULL");
        return;
    }
    if (column->table != table) {
        rowan__render_fail(r, ROWAN_MISUSE, "column %s is not of the table that is written, %.100s",
                           rowan__column_label(column, label, sizeof label), table->name);
    }
}

void rowan__write_assigned(rowan__renderer *r, const rowan_assignment *assignment)
{
    rowan_operand column = rowan_o_column(assignment->column, NULL);

    rowan__check_pair(r, &column, &assignment->value);
    rowan__write_operand(r, &assignment->value, &column, ROWAN__PLACE_WRITTEN);
}

static bool assigns_before(const rowan_assignment *set, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (set[i].column == set[index].column) {
            return true;
        }
    }
    return false;
}

void rowan__write_raised_version(rowan__renderer *r, const rowan_table *table)
{
    if (!table->version) {
        return;
    }
    rowan__write(r, ", ");
    rowan__write_name(r, table->version->name);
    rowan__write(r, " = ");
    rowan__write_column(r, table->version, NULL);
    rowan__write(r, " + 1");
}

void rowan__write_assignments(rowan__renderer *r, const rowan_table *table,
                              const rowan_assignment *set)
{
    bool has_version = false;
    char label[160];

    if (!set || !set[0].column) {
        rowan__render_fail(r, ROWAN_MISUSE, "an update needs something to set");
        return;
    }
    for (size_t i = 0; set[i].column && r->status == ROWAN_OK; i++) {
        rowan__check_written(r, table, set[i].column);
        if (assigns_before(set, i)) {
            rowan__render_fail(r, ROWAN_MISUSE, "column %s is set twice",
                               rowan__column_label(set[i].column, label, sizeof label));
        }
        has_version = has_version || set[i].column == table->version;
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_name(r, set[i].column->name);
        rowan__write(r, " = ");
        rowan__write_assigned(r, &set[i]);
    }
    if (!has_version) {
        rowan__write_raised_version(r, table);
    }
}

/* A condition that turned out empty must not become a write of the whole table. */
static void write_where(rowan__renderer *r, const rowan_expr *where, bool all_rows,
                        const char *statement)
{
    if (rowan__is_vacuous(where)) {
        if (!all_rows) {
            rowan__render_fail(r, ROWAN_MISUSE,
                               "%s has no condition: set `all_rows` if every row is meant",
                               statement);
        }
        return;
    }
    rowan__write(r, " WHERE ");
    rowan__write_condition(r, where, false);
}

void rowan__write_update(rowan__renderer *r, const rowan_update *update)
{
    rowan__names names;
    rowan__source source;

    rowan__names_of_target(r, update->table, &names, &source);
    if (r->status == ROWAN_OK) {
        rowan__write(r, "UPDATE ");
        rowan__write_name(r, update->table->name);
        rowan__write(r, " SET ");
        rowan__write_assignments(r, update->table, update->set);
        write_where(r, update->where, update->all_rows, "an update");
        if (update->returning) {
            rowan__write_returning(r, update->table, ROWAN__CAN_RETURN_UPDATED);
        }
    }
    r->names = NULL;
}

void rowan__write_delete(rowan__renderer *r, const rowan_delete *remove)
{
    rowan__names names;
    rowan__source source;

    rowan__names_of_target(r, remove->from, &names, &source);
    if (r->status == ROWAN_OK) {
        rowan__write(r, "DELETE FROM ");
        rowan__write_name(r, remove->from->name);
        write_where(r, remove->where, remove->all_rows, "a delete");
        if (remove->returning) {
            rowan__write_returning(r, remove->from, ROWAN__CAN_RETURN_DELETED);
        }
    }
    r->names = NULL;
}

rowan_status rowan__render_update(rowan_scope *scope, const rowan_update *update,
                                  rowan__rendered *out)
{
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    rowan__write_update(&r, update);
    return rowan__render_end(&r, out);
}

rowan_status rowan__render_delete(rowan_scope *scope, const rowan_delete *remove,
                                  rowan__rendered *out)
{
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    rowan__write_delete(&r, remove);
    return rowan__render_end(&r, out);
}
