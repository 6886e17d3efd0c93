/*
 * Queries: common table expressions, what is selected, what it is read from, grouping. Names are
 * collected before anything is written, because the list of columns comes first in the text.
 */
#include <string.h>

#include "sql/sql_private.h"

enum { FEW = 6 };

/* --- Names. --- */

static bool knows_cte(const rowan__renderer *r, const char *name)
{
    for (const rowan__cte_names *cte = r->ctes; cte; cte = cte->outer) {
        if (strcmp(cte->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_source(rowan__renderer *r, rowan__names *names, const rowan_join *from)
{
    rowan__source source = {
        .name = from->as,
        .table = from->table,
        .query = from->query,
        .own_name = !from->as || from->query,
        .maybe_absent = from->kind == ROWAN_JOIN_LEFT,
        .computed = from->cte || from->query,
    };

    if (from->cte && !knows_cte(r, from->cte)) {
        rowan__render_fail(r, ROWAN_MISUSE, "there is no CTE \"%.100s\" in the query", from->cte);
        return;
    }
    if (!from->cte && !from->query && (!from->table || !from->table->name)) {
        rowan__render_fail(r, ROWAN_MISUSE, "a shape is no table: a query cannot read from it");
        return;
    }
    if (from->cte && !from->table) {
        rowan__render_fail(r, ROWAN_MISUSE, "CTE \"%.100s\": say by a table what columns it has",
                           from->cte);
        return;
    }
    if (!source.name) {
        source.name = from->cte ? from->cte : (from->query ? NULL : from->table->name);
    }
    rowan__names_add(r, names, source);
}

/* What `from` says, in the form of a join. */
static rowan_join first_source(const rowan_query *query)
{
    return (rowan_join){
        .table = query->from, .cte = query->from_cte, .query = query->from_query, .as = query->as};
}

static bool reads_something(const rowan_query *query)
{
    return query->from || query->from_cte || query->from_query;
}

static size_t join_count(const rowan_query *query)
{
    size_t count = 0;

    while (query->joins && query->joins[count].kind != ROWAN_JOIN_END) {
        count++;
    }
    return count;
}

static void collect_names(rowan__renderer *r, const rowan_query *query, rowan__names *names,
                          rowan__source *few)
{
    size_t joins = join_count(query);

    names->sources = few;
    if (joins + 1 > FEW) {
        names->sources =
            rowan__arena_alloc(rowan__scope_arena(r->scope), (joins + 1) * sizeof *names->sources,
                               _Alignof(rowan__source));
        if (!names->sources) {
            r->status = rowan__scope_nomem(r->scope);
            return;
        }
    }
    if (reads_something(query)) {
        rowan_join first = first_source(query);
        add_source(r, names, &first);
    } else if (joins > 0 || !query->select) {
        rowan__render_fail(r, ROWAN_MISUSE, "a query needs `from`");
    }
    for (size_t i = 0; i < joins; i++) {
        add_source(r, names, &query->joins[i]);
    }
}

/* --- What is selected. --- */

bool rowan__has_output(const rowan_query *query, const char *name)
{
    const rowan_selected *selected = query->select;

    if (!selected) {
        return (query->from && rowan_table_column(query->from, name)) ||
               (!query->from && query->from_query && rowan__has_output(query->from_query, name));
    }
    for (; selected->given; selected++) {
        const char *own = selected->as;
        if (selected->all && rowan_table_column(selected->all, name)) {
            return true;
        }
        if (!own && selected->what.column) {
            own = selected->what.column->name;
        }
        if (own && strcmp(own, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether JSON has to be selected as text, because whole rows are compared. */
static bool flattens(const rowan__renderer *r, rowan_type type)
{
    return r->rows_are_compared && type == ROWAN_TYPE_JSON && r->dialect->json_has_no_equal;
}

static void write_selected_column(rowan__renderer *r, const rowan_column *column, const char *alias)
{
    if (!flattens(r, column->type)) {
        rowan__write_column(r, column, alias);
        return;
    }
    rowan__write(r, "CAST(");
    rowan__write_column(r, column, alias);
    rowan__write(r, " AS ");
    rowan__write(r, r->dialect->cast_types[ROWAN_TYPE_TEXT]);
    rowan__write(r, ") AS ");
    rowan__write_name(r, column->name);
}

static void write_columns(rowan__renderer *r, const rowan_table *table, const char *alias)
{
    for (size_t i = 0; i < table->column_count; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        write_selected_column(r, &table->columns[i], alias);
    }
}

/* The columns of the source that the struct of the result has, too. */
static void write_projection(rowan__renderer *r, const rowan_query *query, const char *alias)
{
    for (size_t i = 0; i < query->into->column_count; i++) {
        const rowan_column *column = rowan_table_column(query->from, query->into->columns[i].name);
        if (!column) {
            rowan__render_fail(r, ROWAN_MISUSE,
                               "`into` has a column %.100s that the table lacks: use `select`",
                               query->into->columns[i].name);
            return;
        }
        rowan__write(r, i == 0 ? "" : ", ");
        write_selected_column(r, column, alias);
    }
}

static void write_everything(rowan__renderer *r, const rowan_query *query)
{
    const char *name = r->names->sources[0].name;

    if (!query->from) {
        rowan__write_name(r, name);
        rowan__write(r, ".*");
    } else if (query->into && query->into != query->from) {
        write_projection(r, query, name);
    } else {
        write_columns(r, query->from, name);
    }
}

/*
 * What the first rows of a recursive CTE have to be cast to, if the column is computed further on:
 * engines take the type of all rows, down to the length of a text, from the first. NULL: no cast.
 */
static const char *first_rows_cast(const rowan__renderer *r, const rowan_query *query, size_t index)
{
    const rowan_query *next = query->sets ? query->sets[0].query : NULL;
    const rowan_selected *item = next ? next->select : NULL;
    rowan_type type;

    for (size_t i = 0; item && item->given && i < index; i++) {
        item++;
    }
    if (!item || !item->given || item->what.column == query->select[index].what.column) {
        return NULL;
    }
    type = rowan__operand_type(&query->select[index].what);
    if (type == ROWAN_TYPE_TEXT || type == ROWAN_TYPE_ENUM) {
        return r->dialect->recursive_text;
    }
    if (type == ROWAN_TYPE_INT16 || type == ROWAN_TYPE_INT32) {
        return r->dialect->cast_types[ROWAN_TYPE_INT64];
    }
    return type == ROWAN_TYPE_DECIMAL ? r->dialect->cast_types[type] : NULL;
}

static void write_item(rowan__renderer *r, const rowan_query *query, size_t index, rowan__role role)
{
    const rowan_selected *item = &query->select[index];
    const char *cast = role == ROWAN__ROLE_RECURSIVE ? first_rows_cast(r, query, index) : NULL;
    const char *name = item->as;

    if (item->all) {
        write_columns(r, item->all, item->what.alias);
        return;
    }
    if (!name && !item->what.column &&
        (role == ROWAN__ROLE_ROWS || role == ROWAN__ROLE_RECURSIVE)) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "an expression that is selected needs a name: use ROWAN_AS");
        return;
    }
    if (!cast && flattens(r, rowan__operand_type(&item->what))) {
        cast = r->dialect->cast_types[ROWAN_TYPE_TEXT];
    }
    rowan__write(r, cast ? "CAST(" : "");
    rowan__write_operand(r, &item->what, NULL, ROWAN__PLACE_ALONE);
    if (cast) {
        rowan__write(r, " AS ");
        rowan__write(r, cast);
        rowan__write(r, ")");
        name = name || !item->what.column ? name : item->what.column->name;
    }
    if (name) {
        rowan__write(r, " AS ");
        rowan__write_name(r, name);
    }
}

static void write_selection(rowan__renderer *r, const rowan_query *query, rowan__role role)
{
    bool any_row = role == ROWAN__ROLE_EXISTENCE && !query->distinct && query->group_count == 0 &&
                   !query->having && !query->sets;

    rowan__write(r, query->distinct ? "SELECT DISTINCT " : "SELECT ");
    if (!query->select) {
        if (any_row) {
            rowan__write(r, "1");
        } else if (r->status == ROWAN_OK) {
            write_everything(r, query);
        }
        return;
    }
    if (!query->select[0].given) {
        rowan__render_fail(r, ROWAN_MISUSE, "a query selects nothing: leave `select` out for all");
    }
    for (size_t i = 0; query->select[i].given && r->status == ROWAN_OK; i++) {
        rowan__write(r, i == 0 ? "" : ", ");
        write_item(r, query, i, role);
    }
}

/* --- What it is read from. --- */

/* A derived table sees what is around the query, but not the tables beside it. */
static void write_derived(rowan__renderer *r, const rowan_query *query)
{
    const rowan__names *names = r->names;
    const rowan__names *closed_off = rowan__names_close(r, names->outer);

    r->names = names->outer;
    rowan__write(r, "(");
    rowan__write_query(r, query, ROWAN__ROLE_ROWS);
    rowan__write(r, ")");
    r->names = names;
    r->closed_off = closed_off;
}

static void write_source(rowan__renderer *r, const rowan_join *from)
{
    if (from->query) {
        write_derived(r, from->query);
    } else {
        rowan__write_name(r, from->cte ? from->cte : from->table->name);
    }
    if (from->as) {
        rowan__write(r, " AS ");
        rowan__write_name(r, from->as);
    }
}

static void write_join(rowan__renderer *r, const rowan_join *join)
{
    bool crosses = join->kind == ROWAN_JOIN_CROSS ||
                   (join->kind == ROWAN_JOIN_INNER && rowan__is_vacuous(join->on));

    if (join->kind == ROWAN_JOIN_CROSS && join->on) {
        rowan__render_fail(r, ROWAN_MISUSE, "a cross join has no condition");
    }
    rowan__write(r, crosses                         ? " CROSS JOIN "
                    : join->kind == ROWAN_JOIN_LEFT ? " LEFT JOIN "
                                                    : " JOIN ");
    write_source(r, join);
    if (crosses) {
        return;
    }
    rowan__write(r, " ON ");
    if (rowan__is_vacuous(join->on)) {
        rowan__write(r, "TRUE");
    } else {
        rowan__write_condition(r, join->on, false);
    }
}

/* The condition of a join may name what was joined so far and nothing after it. */
static void write_from(rowan__renderer *r, const rowan_query *query, rowan__names *names)
{
    size_t all = names->count;
    rowan_join first = first_source(query);

    if (r->status != ROWAN_OK || !reads_something(query)) {
        return;
    }
    rowan__write(r, " FROM ");
    write_source(r, &first);
    for (size_t i = 0; i + 1 < all; i++) {
        names->count = i + 2;
        write_join(r, &query->joins[i]);
    }
    names->count = all;
}

/* --- The rest. --- */

static void write_where(rowan__renderer *r, const rowan_query *query)
{
    bool has_where = !rowan__is_vacuous(query->where);
    bool has_after = query->after.count > 0;

    if (!has_where && !has_after) {
        return;
    }
    rowan__write(r, " WHERE ");
    if (has_where) {
        rowan__write_condition(r, query->where, has_after);
    }
    rowan__write(r, has_where && has_after ? " AND " : "");
    if (has_after) {
        rowan__write_after(r, query);
    }
}

static void write_groups(rowan__renderer *r, const rowan_query *query)
{
    if (!query->group_by && query->group_count > 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "`group_count` is set, but `group_by` is NULL");
        return;
    }
    for (size_t i = 0; i < query->group_count; i++) {
        if (rowan__is_value(&query->group_by[i])) {
            rowan__render_fail(r, ROWAN_MISUSE, "a bound value is nothing to group by");
            return;
        }
        size_t position = rowan__selected_position(r, query, &query->group_by[i]);
        rowan__write(r, i == 0 ? " GROUP BY " : ", ");
        if (position > 0) {
            rowan__text_int(r->text, (int64_t)position);
        } else {
            rowan__write_ordered(r, &query->group_by[i], NULL);
        }
    }
    if (!rowan__is_vacuous(query->having)) {
        rowan__write(r, " HAVING ");
        rowan__write_condition(r, query->having, false);
    }
}

/* Writes the CTEs of a query and adds their names to those in reach. */
static void write_ctes(rowan__renderer *r, const rowan_query *query, rowan__cte_names *nodes)
{
    const rowan__names *names = r->names;
    bool recursive = false;

    for (const rowan_cte *cte = query->with; cte->name; cte++) {
        recursive = recursive || cte->recursive;
    }
    rowan__write(r, recursive ? "WITH RECURSIVE " : "WITH ");
    r->names = NULL;
    for (size_t i = 0; query->with[i].name; i++) {
        const rowan_cte *cte = &query->with[i];
        if (knows_cte(r, cte->name)) {
            rowan__render_fail(r, ROWAN_MISUSE, "CTE \"%.100s\" is there twice", cte->name);
        }
        nodes[i] = (rowan__cte_names){.outer = r->ctes, .name = cte->name};
        r->ctes = cte->recursive ? &nodes[i] : r->ctes;
        rowan__write(r, i == 0 ? "" : ", ");
        rowan__write_name(r, cte->name);
        rowan__write(r, " AS (");
        rowan__write_query(r, cte->query,
                           cte->recursive ? ROWAN__ROLE_RECURSIVE : ROWAN__ROLE_ROWS);
        rowan__write(r, ")");
        r->ctes = &nodes[i];
    }
    rowan__write(r, " ");
    r->names = names;
}

static void write_with(rowan__renderer *r, const rowan_query *query, rowan__cte_names *few)
{
    rowan__cte_names *nodes = few;
    size_t count = 0;

    while (query->with && query->with[count].name) {
        count++;
    }
    if (count == 0) {
        return;
    }
    if (count > FEW) {
        nodes = rowan__arena_alloc(rowan__scope_arena(r->scope), count * sizeof *nodes,
                                   _Alignof(rowan__cte_names));
    }
    if (!nodes) {
        r->status = rowan__scope_nomem(r->scope);
        return;
    }
    write_ctes(r, query, nodes);
}

/* Whether rows are compared with each other as wholes. */
static bool compares_rows(const rowan_query *query)
{
    bool compares = query->distinct;

    for (size_t i = 0; query->sets && query->sets[i].kind != ROWAN_SET_END; i++) {
        compares = compares || query->sets[i].kind != ROWAN_SET_UNION_ALL;
    }
    return compares;
}

static void write_rows(rowan__renderer *r, const rowan_query *query, rowan__role role,
                       rowan__names *names)
{
    bool was_compared = r->rows_are_compared;

    r->rows_are_compared = (role == ROWAN__ROLE_VALUES && was_compared) || compares_rows(query);
    rowan__open_sets(r, query);
    write_selection(r, query, role);
    write_from(r, query, names);
    write_where(r, query);
    write_groups(r, query);
    r->names = names->outer;
    rowan__write_sets(r, query);
    r->names = names;
    r->rows_are_compared = was_compared;
    if (role != ROWAN__ROLE_EXISTENCE || query->limit != 0 || query->offset != 0) {
        rowan__write_order_by(r, query);
    }
    rowan__write_page(r, query);
}

void rowan__write_query(rowan__renderer *r, const rowan_query *query, rowan__role role)
{
    rowan__source few_sources[FEW];
    rowan__cte_names few_ctes[FEW];
    const rowan__cte_names *ctes = r->ctes;
    rowan__names names = {.outer = r->names, .query = query};

    if (!rowan__render_enter(r)) {
        return;
    }
    if (!query) {
        rowan__render_fail(r, ROWAN_MISUSE, "a query is missing where one belongs");
        return;
    }
    write_with(r, query, few_ctes);
    collect_names(r, query, &names, few_sources);
    if (r->status == ROWAN_OK) {
        r->names = &names;
        write_rows(r, query, role, &names);
    }
    r->names = names.outer;
    r->ctes = ctes;
    r->depth--;
}

rowan_status rowan__render_query(rowan_scope *scope, const rowan_query *query, rowan__rendered *out)
{
    rowan__renderer r;

    rowan__render_begin(&r, scope);
    rowan__write_query(&r, query, ROWAN__ROLE_ROWS);
    return rowan__render_end(&r, out);
}
