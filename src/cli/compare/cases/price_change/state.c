/* The prices afterwards. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/state.h"

rowan_status price_change_state(rowan_scope *scope, ledger *found)
{
    rowan_query changed = {
        .from = &book_table,
        .where = EQ(BOOK.publisher_id, 1),
        .order_by = ORDER(ASC(BOOK.id)),
    };
    book_rows books;
    rowan_status status = book_query_all(scope, &changed, &books);

    for (size_t i = 0; i < books.count; i++) {
        book *b = &books.at[i];
        LEDGER_ROW(found, V(b->id), V(b->price_cents), V(b->lock_version));
    }
    return status;
}
