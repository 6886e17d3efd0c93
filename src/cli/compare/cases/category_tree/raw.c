/* A branch of the category tree in raw SQL: the database walks it. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { ROOT_ID = 1, MOST = 500 };

/* Parents before children, as a queue: those that are read last are still to be asked
 * for theirs. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    const category *queue[MOST];
    category_rows rows;
    size_t count = 0;
    rowan_status status = category_raw_all(scope, "SELECT * FROM category WHERE id = ?",
                                           PARAMS(V(ROOT_ID)), &rows);

    for (size_t at = 0; status == ROWAN_OK; at++) {
        for (size_t i = 0; i < rows.count && count < MOST; i++) {
            queue[count++] = &rows.at[i];
        }
        if (at == count) {
            break;
        }
        LEDGER_ROW(found, V(queue[at]->id), V(queue[at]->name));
        status = category_raw_all(
            scope, "SELECT * FROM category WHERE parent_id = ? ORDER BY id",
            PARAMS(V(queue[at]->id)), &rows);
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    category_rows rows;
    rowan_status status =
        category_raw_all(scope,
                         "WITH RECURSIVE branch AS ("
                         "SELECT * FROM category WHERE id = ? UNION ALL "
                         "SELECT c.* FROM category c "
                         "JOIN branch b ON c.parent_id = b.id) "
                         "SELECT * FROM branch ORDER BY id",
                         PARAMS(V(ROOT_ID)), &rows);

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(rows.at[i].id), V(rows.at[i].name));
    }
    return status;
}

const usecase_ways category_tree_raw = {tempting, good};
