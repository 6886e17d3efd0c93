/* Two editors of one book with the query builder: the version that was read stands in
 * the condition. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 3, NEW_PRICE = 1999 };

static rowan_status open_book(rowan_scope *scope, book **out)
{
    rowan_query one = {.from = &book_table, .where = EQ(BOOK.id, BOOK_ID)};

    return book_query_one(scope, &one, out);
}

static rowan_status save_price(rowan_scope *scope, const book *opened)
{
    rowan_update price = {
        .table = &book_table,
        .set = SET(TO(BOOK.price_cents, NEW_PRICE),
                   TO(BOOK.lock_version, ADD(BOOK.lock_version, 1))),
        .where = AND(EQ(BOOK.id, BOOK_ID), EQ(BOOK.lock_version, opened->lock_version)),
    };
    uint64_t affected;
    rowan_status status = rowan_query_update(scope, &price, NULL, &affected);

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

const usecase_ways stale_edit_querybuilder = {NULL, good};
