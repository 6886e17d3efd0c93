/* A branch of the category tree with Active Record: each category is asked for its
 * children. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { ROOT_ID = 1, MOST = 500 };

/* Parents before children, as a queue: those that are read last are still to be asked
 * for theirs. */
static rowan_status walk(rowan_scope *scope, rowan_lazy lazy, ledger *found)
{
    rowan_query root = {
        .from = &category_table,
        .where = EQ(CATEGORY.id, ROOT_ID),
        .lazy = lazy,
    };
    const category *queue[MOST];
    category_rows rows;
    size_t count = 0;
    rowan_status status = category_all(scope, &root, &rows);

    for (size_t at = 0; status == ROWAN_OK; at++) {
        for (size_t i = 0; i < rows.count && count < MOST; i++) {
            queue[count++] = &rows.at[i];
        }
        if (at == count) {
            break;
        }
        LEDGER_ROW(found, V(queue[at]->id), V(queue[at]->name));
        status = category_children(scope, queue[at], &rows);
    }
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    return walk(scope, ROWAN_LAZY_EACH, found);
}

/* The same walk, one statement for each level of the tree. */
static rowan_status good(rowan_scope *scope, ledger *found)
{
    return walk(scope, ROWAN_LAZY_PEERS, found);
}

const usecase_ways category_tree_activerecord = {tempting, good};
