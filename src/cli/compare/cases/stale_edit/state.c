/* The book after both edits. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/state.h"

rowan_status stale_edit_state(rowan_scope *scope, ledger *found)
{
    rowan_query edited = {.from = &book_table, .where = EQ(BOOK.id, 3)};
    book *b;
    rowan_status status = book_query_one(scope, &edited, &b);

    if (status == ROWAN_OK) {
        LEDGER_ROW(found, V(b->title), V(b->price_cents), V(b->lock_version));
    }
    return status;
}
