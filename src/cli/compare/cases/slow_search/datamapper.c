/* A search in a column without an index, with Data Mapper. */
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
    rowan_session *session = NULL;
    rowan_refs books = {0};
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_all(session, &search, &books);
    }
    for (size_t i = 0; i < books.count; i++) {
        book *b = books.at[i];
        LEDGER_ROW(found, V(b->id), LEDGER_OPT(rowan_v_text, b->subtitle));
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways slow_search_datamapper = {NULL, good};
