/* The books that came. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/state.h"

rowan_status import_state(rowan_scope *scope, ledger *found)
{
    rowan_query came = {
        .from = &book_table,
        .where = LIKE(BOOK.isbn, "999%"),
        .order_by = ORDER(ASC(BOOK.isbn)),
    };
    book_rows books;
    rowan_status status = book_query_all(scope, &came, &books);

    for (size_t i = 0; i < books.count; i++) {
        book *b = &books.at[i];
        LEDGER_ROW(found, V(b->isbn), V(b->title), V(b->format), V(b->price_cents),
                   V(b->weight_kg), V(b->stock), V(b->in_print), V(b->created_at),
                   V(b->lock_version));
    }
    return status;
}
