/* Two editors of one book in raw SQL: the version that was read stands in the
 * condition. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 3, NEW_PRICE = 1999 };

static rowan_status open_book(rowan_scope *scope, book **out)
{
    return book_raw_one(scope, "SELECT * FROM book WHERE id = ?", PARAMS(V(BOOK_ID)),
                        out);
}

static rowan_status save_price(rowan_scope *scope, const book *opened)
{
    uint64_t affected;
    rowan_status status = rowan_raw_run(
        scope,
        "UPDATE book SET price_cents = ?, "
        "lock_version = lock_version + 1 "
        "WHERE id = ? AND lock_version = ?",
        PARAMS(V(NEW_PRICE), V(BOOK_ID), V(opened->lock_version)), &affected);

    if (status == ROWAN_OK && affected == 0) {
        status =
            rowan_scope_report(scope, ROWAN_STALE, "someone else has changed the book");
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    book *mine;
    rowan_status status = open_book(scope, &mine);

    if (status == ROWAN_OK) {
        status = rival_retitles(scope, BOOK_ID);
    }
    if (status == ROWAN_OK) {
        status = save_price(scope, mine);
    }
    if (status == ROWAN_STALE) {
        LEDGER_ROW(found, V("refused: someone else was faster"));
        status = open_book(scope, &mine);
        if (status == ROWAN_OK) {
            status = save_price(scope, mine);
        }
    }
    return status;
}

const usecase_ways stale_edit_raw = {NULL, good};
