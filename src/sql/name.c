/*
 * Names: how identifiers are quoted, and which source of a query a column belongs to.
 *
 * A column without an alias means the table under its own name, so a table that a query reads twice
 * has to be told apart by aliases, and inside a sub-query an unaliased column never silently means
 * the aliased copy of its table. Where a query reads a CTE or another query that was given no alias
 * of its own, the columns of the table that describes it are found there too.
 */
#include <stdio.h>
#include <string.h>

#include "sql/sql_private.h"

void rowan__write_name(rowan__renderer *r, const char *name)
{
    char quote = r->dialect->quote;

    if (r->status != ROWAN_OK) {
        return;
    }
    if (!name || !*name) {
        rowan__render_fail(r, ROWAN_MISUSE, "a name in the statement is empty");
        return;
    }
    rowan__text_char(r->text, quote);
    for (; *name; name++) {
        if (*name == quote) {
            rowan__text_char(r->text, quote);
        }
        rowan__text_char(r->text, *name);
    }
    rowan__text_char(r->text, quote);
}

const char *rowan__column_label(const rowan_column *column, char *out, size_t size)
{
    if (column->table && column->table->name) {
        snprintf(out, size, "%s.%s", column->table->name, column->name);
    } else {
        snprintf(out, size, "%s", column->name);
    }
    return out;
}

void rowan__names_add(rowan__renderer *r, rowan__names *names, rowan__source source)
{
    if (!source.name || !*source.name) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "a query that is read from needs a name: set `as`, or a table");
        return;
    }
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->sources[i].name, source.name) == 0) {
            rowan__render_fail(r, ROWAN_MISUSE,
                               "\"%.100s\" is in the query twice: give one of them an alias",
                               source.name);
            return;
        }
    }
    names->sources[names->count++] = source;
}

static const rowan__source *find_by_alias(const rowan__names *names, const char *alias)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->sources[i].name, alias) == 0) {
            return &names->sources[i];
        }
    }
    return NULL;
}

/* The table under its own name, else a CTE or query without alias that the table describes. */
static const rowan__source *find_by_table(const rowan__names *names, const rowan_table *table)
{
    for (size_t i = 0; i < names->count; i++) {
        const rowan__source *source = &names->sources[i];
        if (source->table == table && !source->computed && source->own_name) {
            return source;
        }
    }
    for (size_t i = 0; i < names->count; i++) {
        const rowan__source *source = &names->sources[i];
        if (source->table == table && source->computed && source->own_name) {
            return source;
        }
    }
    return NULL;
}

static bool source_has(const rowan__source *source, const rowan_column *column)
{
    if (source->table) {
        return source->table == column->table;
    }
    return source->query && rowan__has_output(source->query, column->name);
}

const rowan__source *rowan__names_find(rowan__renderer *r, const rowan_column *column,
                                       const char *alias)
{
    char label[160];
    bool closed_off = false;

    for (const rowan__names *names = r->names; names; names = names->outer) {
        closed_off = closed_off || names == r->closed_off;
        const rowan__source *source =
            alias ? find_by_alias(names, alias) : find_by_table(names, column->table);
        if (source && closed_off) {
            rowan__render_unsupported(r, "a derived table that refers to the query around it");
            return NULL;
        }
        if (source && source_has(source, column)) {
            return source;
        }
        if (source) {
            break;
        }
    }
    rowan__column_label(column, label, sizeof label);
    if (alias) {
        rowan__render_fail(r, ROWAN_MISUSE, "column %s: nothing in the query has it as \"%.60s\"",
                           label, alias);
    } else {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "column %s: its table is not in the query under its own name", label);
    }
    return NULL;
}

const rowan__names *rowan__names_close(rowan__renderer *r, const rowan__names *around)
{
    const rowan__names *before = r->closed_off;

    if (r->dialect->derived_are_closed && around) {
        r->closed_off = around;
    }
    return before;
}

void rowan__write_column(rowan__renderer *r, const rowan_column *column, const char *alias)
{
    const rowan__source *source;

    if (r->status != ROWAN_OK) {
        return;
    }
    source = rowan__names_find(r, column, alias);
    if (source) {
        rowan__write_name(r, source->name);
        rowan__write(r, ".");
        rowan__write_name(r, column->name);
    }
}

bool rowan__column_may_be_null(rowan__renderer *r, const rowan_column *column, const char *alias)
{
    const rowan__source *source;

    if ((column->flags & ROWAN_NULLABLE) != 0) {
        return true;
    }
    source = rowan__names_find(r, column, alias);
    return !source || source->maybe_absent || source->computed;
}
