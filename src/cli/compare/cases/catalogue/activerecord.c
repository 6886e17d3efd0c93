/* A page of the catalogue with Active Record: each book is asked for its publisher. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status list(rowan_scope *scope, const rowan_query *page, ledger *found)
{
    book_rows books;
    publisher *of;
    rowan_status status = book_all(scope, page, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        status = book_publisher(scope, b, &of);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(b->id), V(b->title), V(b->price_cents), V(of->name));
        }
    }
    return status;
}

/* The policy that most libraries have: a relation is loaded for the one row that is
 * asked. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
        .lazy = ROWAN_LAZY_EACH,
    };

    return list(scope, &page, found);
}

/* By default the first book that is asked for its publisher loads those of the whole
 * page. */
static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
    };

    return list(scope, &page, found);
}

const usecase_ways catalogue_activerecord = {tempting, good};
