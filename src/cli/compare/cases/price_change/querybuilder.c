/* Five percent on a publisher's books with the query builder: one update. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { PUBLISHER_ID = 1 };

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query of_publisher = {
        .from = &book_table,
        .where = EQ(BOOK.publisher_id, PUBLISHER_ID),
    };
    book_rows books;
    rowan_status status = book_query_all(scope, &of_publisher, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        rowan_update price = {
            .table = &book_table,
            .set = SET(TO(BOOK.price_cents, b->price_cents * 105 / 100),
                       TO(BOOK.lock_version, ADD(BOOK.lock_version, 1))),
            .where = EQ(BOOK.id, b->id),
        };
        status = rowan_query_update(scope, &price, NULL, NULL);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_update prices = {
        .table = &book_table,
        .set = SET(TO(BOOK.price_cents, DIVIDE(MULTIPLY(BOOK.price_cents, 105), 100)),
                   TO(BOOK.lock_version, ADD(BOOK.lock_version, 1))),
        .where = EQ(BOOK.publisher_id, PUBLISHER_ID),
    };
    uint64_t affected;
    rowan_status status = rowan_query_update(scope, &prices, NULL, &affected);

    LEDGER_ROW(found, V((int64_t)affected));
    return status;
}

const usecase_ways price_change_querybuilder = {tempting, good};
