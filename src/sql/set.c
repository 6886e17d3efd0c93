/*
 * Set operations, applied from left to right on every engine. Where INTERSECT binds tighter than
 * the others, what comes before it is put in parentheses; an operand with an order, a limit, CTEs
 * or sets of its own goes into parentheses too or, where the grammar has none there, becomes a
 * derived table.
 */
#include "sql/sql_private.h"

/* Whether everything before set operation @p index has to be kept together. */
static bool closes_before(const rowan__renderer *r, const rowan_set *sets, size_t index)
{
    return r->dialect->sets_take_parentheses && index > 0 &&
           sets[index].kind == ROWAN_SET_INTERSECT && sets[index - 1].kind != ROWAN_SET_INTERSECT;
}

void rowan__open_sets(rowan__renderer *r, const rowan_query *query)
{
    for (size_t i = 0; query->sets && query->sets[i].kind != ROWAN_SET_END; i++) {
        rowan__write(r, closes_before(r, query->sets, i) ? "(" : "");
    }
}

bool rowan__sets_nest(const rowan__renderer *r, const rowan_query *query)
{
    for (size_t i = 0; query && query->sets && query->sets[i].kind != ROWAN_SET_END; i++) {
        const rowan_query *operand = query->sets[i].query;
        if (closes_before(r, query->sets, i) ||
            (operand && operand->sets && operand->sets[0].kind != ROWAN_SET_END)) {
            return true;
        }
    }
    return false;
}

static const char *set_word(rowan_set_kind kind)
{
    switch (kind) {
    case ROWAN_SET_UNION:
        return " UNION ";
    case ROWAN_SET_UNION_ALL:
        return " UNION ALL ";
    case ROWAN_SET_INTERSECT:
        return " INTERSECT ";
    case ROWAN_SET_EXCEPT:
        return " EXCEPT ";
    case ROWAN_SET_END:
        break;
    }
    return " ";
}

static bool is_plain(const rowan_query *query)
{
    return !query->with && !query->sets && !query->order_by && query->limit == 0 &&
           query->offset == 0;
}

static void write_operand_query(rowan__renderer *r, const rowan_query *query)
{
    if (!query || is_plain(query)) {
        rowan__write_query(r, query, ROWAN__ROLE_VALUES);
        return;
    }
    if (r->dialect->sets_take_parentheses) {
        rowan__write(r, "(");
        rowan__write_query(r, query, ROWAN__ROLE_VALUES);
        rowan__write(r, ")");
        return;
    }
    rowan__write(r, "SELECT * FROM (");
    rowan__write_query(r, query, ROWAN__ROLE_VALUES);
    rowan__write(r, ")");
}

void rowan__write_sets(rowan__renderer *r, const rowan_query *query)
{
    if (query->sets && query->sets[0].kind != ROWAN_SET_END && query->after.count > 0) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "`after` does not page set operations: read from the query");
    }
    for (size_t i = 0; query->sets && query->sets[i].kind != ROWAN_SET_END; i++) {
        rowan__write(r, closes_before(r, query->sets, i) ? ")" : "");
        rowan__write(r, set_word(query->sets[i].kind));
        write_operand_query(r, query->sets[i].query);
    }
}
