/* Four hundred new books with Data Mapper: all are new, one flush writes them. */
#include <rowan/short.h>

#include "cli/compare/cases/import/delivery.h"
#include "cli/compare/usecase.h"

static rowan_status add_books(rowan_session *session, bool flush_each, ledger *found)
{
    book_rows books;
    book *b;
    rowan_status status = delivery_read(rowan_session_scope(session), &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        status = book_session_new(session, &b);
        if (status == ROWAN_OK) {
            *b = books.at[i];
            status = flush_each ? rowan_session_flush(session) : ROWAN_OK;
        }
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status == ROWAN_OK ? rowan_session_flush(session) : status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = add_books(session, true, found);
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = add_books(session, false, found);
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways import_datamapper = {tempting, good};
