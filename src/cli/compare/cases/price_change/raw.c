/* Five percent on a publisher's books in raw SQL: one statement says it all. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { PUBLISHER_ID = 1 };

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status =
        book_raw_all(scope, "SELECT * FROM book WHERE publisher_id = ?",
                     PARAMS(V(PUBLISHER_ID)), &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        status = rowan_raw_run(
            scope,
            "UPDATE book SET price_cents = ?, lock_version = lock_version + 1 "
            "WHERE id = ?",
            PARAMS(V(b->price_cents * 105 / 100), V(b->id)), NULL);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status;
}

/* What 20 does not divide is taken off first: MariaDB's / would give a fraction and
 * round it. */
static rowan_status good(rowan_scope *scope, ledger *found)
{
    uint64_t affected;
    rowan_status status = rowan_raw_run(
        scope,
        "UPDATE book SET "
        "price_cents = price_cents + (price_cents - price_cents % 20) / 20, "
        "lock_version = lock_version + 1 WHERE publisher_id = ?",
        PARAMS(V(PUBLISHER_ID)), &affected);

    LEDGER_ROW(found, V((int64_t)affected));
    return status;
}

const usecase_ways price_change_raw = {tempting, good};
