/* A branch of the category tree with the query builder: a recursive query. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { ROOT_ID = 1, MOST = 500 };

/* Parents before children, as a queue: those that are read last are still to be asked
 * for theirs. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query root = {.from = &category_table, .where = EQ(CATEGORY.id, ROOT_ID)};
    const category *queue[MOST];
    category_rows rows;
    size_t count = 0;
    rowan_status status = category_query_all(scope, &root, &rows);

    for (size_t at = 0; status == ROWAN_OK; at++) {
        for (size_t i = 0; i < rows.count && count < MOST; i++) {
            queue[count++] = &rows.at[i];
        }
        if (at == count) {
            break;
        }
        LEDGER_ROW(found, V(queue[at]->id), V(queue[at]->name));
        rowan_query children = {
            .from = &category_table,
            .where = EQ(CATEGORY.parent_id, queue[at]->id),
            .order_by = ORDER(ASC(CATEGORY.id)),
        };
        status = category_query_all(scope, &children, &rows);
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query deeper = {
        .from = &category_table,
        .joins = JOINS(JOIN_CTE("branch", &category_table,
                                EQ(CATEGORY.parent_id, OF("branch", CATEGORY.id)))),
    };
    rowan_query branch = {
        .from = &category_table,
        .where = EQ(CATEGORY.id, ROOT_ID),
        .sets = SETS(UNION_ALL(&deeper)),
    };
    rowan_query all = {
        .with = WITH(RECURSIVE("branch", &branch)),
        .from = &category_table,
        .from_cte = "branch",
        .order_by = ORDER(ASC(OF("branch", CATEGORY.id))),
    };
    category_rows rows;
    rowan_status status = category_query_all(scope, &all, &rows);

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(rows.at[i].id), V(rows.at[i].name));
    }
    return status;
}

const usecase_ways category_tree_querybuilder = {tempting, good};
