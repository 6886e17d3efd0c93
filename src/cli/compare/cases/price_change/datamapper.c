/* Five percent on a publisher's books with Data Mapper: one flush finds and writes what
 * changed. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { PUBLISHER_ID = 1 };

static rowan_status raise_prices(rowan_session *session, bool flush_each, ledger *found)
{
    rowan_query of_publisher = {
        .from = &book_table,
        .where = EQ(BOOK.publisher_id, PUBLISHER_ID),
    };
    rowan_refs books;
    rowan_status status = book_session_all(session, &of_publisher, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = books.at[i];
        b->price_cents = b->price_cents * 105 / 100;
        status = flush_each ? rowan_session_flush(session) : ROWAN_OK;
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status == ROWAN_OK ? rowan_session_flush(session) : status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = raise_prices(session, true, found);
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = raise_prices(session, false, found);
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways price_change_datamapper = {tempting, good};
