/* Two editors of one book with Data Mapper: the flush knows the version the book was
 * loaded with. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 3, NEW_PRICE = 1999 };

/* One sitting at the desk: open the book, be slow the first time, save. */
static rowan_status edit(rowan_scope *scope, bool is_slow)
{
    rowan_session *session = NULL;
    book *mine;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_find(session, BOOK_ID, &mine);
    }
    if (status == ROWAN_OK && is_slow) {
        status = rival_retitles(scope, BOOK_ID);
    }
    if (status == ROWAN_OK) {
        mine->price_cents = NEW_PRICE;
        status = rowan_session_flush(session);
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_status status = edit(scope, true);

    if (status == ROWAN_STALE) {
        LEDGER_ROW(found, V("refused: someone else was faster"));
        status = edit(scope, false);
    }
    return status;
}

const usecase_ways stale_edit_datamapper = {NULL, good};
