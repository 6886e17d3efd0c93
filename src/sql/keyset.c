/*
 * Keyset paging: the rows that come after a given one in the order of the query, as a condition.
 *
 * For terms a, b, c it is `after a, or same a and after b, or same a and same b and after c`. A
 * comparison of whole rows would be shorter, but knows neither NULLs nor mixed directions. NULL
 * comes before everything, so ascending everything that is not NULL comes after NULL, and
 * descending NULL comes after everything else and nothing comes after NULL.
 */
#include "sql/sql_private.h"

typedef struct keyset {
    const rowan_order *order;
    const rowan_value *values;
    size_t count;
} keyset;

static bool may_be_null(rowan__renderer *r, const rowan_operand *by)
{
    return !by->column || rowan__column_may_be_null(r, by->column, by->alias);
}

/* Whether any row can come after a value in this term alone. */
static bool has_after(const keyset *k, size_t i)
{
    return !(k->values[i].is_null && k->order[i].descending);
}

static void write_beside(rowan__renderer *r, const keyset *k, size_t i, const char *word)
{
    rowan_operand value = rowan_o_value(k->values[i]);

    rowan__check_pair(r, &k->order[i].by, &value);
    rowan__write_ordered(r, &k->order[i].by, NULL);
    rowan__write(r, word);
    rowan__write_value(r, &k->values[i], &k->order[i].by, ROWAN__PLACE_COMPARED);
}

static void write_same(rowan__renderer *r, const keyset *k, size_t i)
{
    if (k->values[i].is_null) {
        rowan__write_operand(r, &k->order[i].by, NULL, ROWAN__PLACE_ALONE);
        rowan__write(r, " IS NULL");
    } else {
        write_beside(r, k, i, " = ");
    }
}

static void write_later(rowan__renderer *r, const keyset *k, size_t i)
{
    const rowan_operand *by = &k->order[i].by;
    bool or_null = k->order[i].descending && may_be_null(r, by);

    if (k->values[i].is_null) {
        rowan__write_operand(r, by, NULL, ROWAN__PLACE_ALONE);
        rowan__write(r, " IS NOT NULL");
        return;
    }
    rowan__write(r, or_null ? "(" : "");
    write_beside(r, k, i, k->order[i].descending ? " < " : " > ");
    if (or_null) {
        rowan__write(r, " OR ");
        rowan__write_operand(r, by, NULL, ROWAN__PLACE_ALONE);
        rowan__write(r, " IS NULL)");
    }
}

/*
 * A condition on the first term alone that all these rows fulfil. It says nothing new, but an index
 * on that term serves it, and no index serves the alternatives.
 */
static void write_bound(rowan__renderer *r, const keyset *k)
{
    if (k->count < 2 || k->values[0].is_null ||
        (k->order[0].descending && may_be_null(r, &k->order[0].by))) {
        return;
    }
    write_beside(r, k, 0, k->order[0].descending ? " <= " : " >= ");
    rowan__write(r, " AND ");
}

static void write_alternatives(rowan__renderer *r, const keyset *k)
{
    size_t written = 0;

    for (size_t i = 0; i < k->count && r->status == ROWAN_OK; i++) {
        if (!has_after(k, i)) {
            continue;
        }
        rowan__write(r, written++ > 0 ? " OR " : "");
        for (size_t j = 0; j < i; j++) {
            write_same(r, k, j);
            rowan__write(r, " AND ");
        }
        write_later(r, k, i);
    }
    if (written == 0) {
        rowan__write(r, "FALSE");
    }
}

void rowan__write_after(rowan__renderer *r, const rowan_query *query)
{
    keyset k = {.order = query->order_by, .values = query->after.items};

    while (k.order && k.order[k.count].given) {
        const rowan_operand *by = &k.order[k.count++].by;
        if (rowan__is_value(by) || (by->column && query->into && query->into != query->from &&
                                    by->column->table == query->into)) {
            rowan__render_fail(r, ROWAN_MISUSE,
                               "`after` pages by columns of the tables, not of the result");
        }
    }
    if (k.count != query->after.count || !query->after.items) {
        rowan__render_fail(r, ROWAN_MISUSE, "`after` needs a value for each term of `order_by`");
    }
    if (query->group_count > 0) {
        rowan__render_fail(r, ROWAN_MISUSE, "`after` does not page groups: read from the query");
    }
    if (r->status != ROWAN_OK) {
        return;
    }
    write_bound(r, &k);
    rowan__write(r, k.count > 1 ? "(" : "");
    write_alternatives(r, &k);
    rowan__write(r, k.count > 1 ? ")" : "");
}
