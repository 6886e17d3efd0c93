/* A search in a column without an index, in raw SQL. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status good(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = book_raw_all(scope,
                                       "SELECT * FROM book WHERE subtitle LIKE ? "
                                       "ORDER BY subtitle, id LIMIT 10",
                                       PARAMS(V("%a%")), &books);

    for (size_t i = 0; i < books.count; i++) {
        LEDGER_ROW(found, V(books.at[i].id),
                   LEDGER_OPT(rowan_v_text, books.at[i].subtitle));
    }
    return status;
}

const usecase_ways slow_search_raw = {NULL, good};
