/* A search in a column without an index, with the query builder. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query search = {
        .from = &book_table,
        .where = LIKE(BOOK.subtitle, "%a%"),
        .order_by = ORDER(ASC(BOOK.subtitle), ASC(BOOK.id)),
        .limit = 10,
    };
    book_rows books;
    rowan_status status = book_query_all(scope, &search, &books);

    for (size_t i = 0; i < books.count; i++) {
        LEDGER_ROW(found, V(books.at[i].id),
                   LEDGER_OPT(rowan_v_text, books.at[i].subtitle));
    }
    return status;
}

const usecase_ways slow_search_querybuilder = {NULL, good};
