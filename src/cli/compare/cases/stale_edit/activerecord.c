/* Two editors of one book with Active Record: the row knows the version it was loaded
 * with. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 3, NEW_PRICE = 1999 };

static rowan_status good(rowan_scope *scope, ledger *found)
{
    book *mine;
    rowan_status status = book_find(scope, BOOK_ID, &mine);

    if (status == ROWAN_OK) {
        status = rival_retitles(scope, BOOK_ID);
    }
    if (status == ROWAN_OK) {
        mine->price_cents = NEW_PRICE;
        status = book_save(scope, mine);
    }
    if (status == ROWAN_STALE) {
        LEDGER_ROW(found, V("refused: someone else was faster"));
        status = book_reload(scope, mine);
        if (status == ROWAN_OK) {
            mine->price_cents = NEW_PRICE;
            status = book_save(scope, mine);
        }
    }
    return status;
}

const usecase_ways stale_edit_activerecord = {NULL, good};
