/* Five percent on a publisher's books with Active Record: the rows save themselves,
 * together. */
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
    rowan_status status = book_all(scope, &of_publisher, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        b->price_cents = b->price_cents * 105 / 100;
        status = book_save(scope, b);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query of_publisher = {
        .from = &book_table,
        .where = EQ(BOOK.publisher_id, PUBLISHER_ID),
    };
    book_rows books;
    rowan_status status = book_all(scope, &of_publisher, &books);
    void **rows = rowan_scope_alloc(scope, (books.count + 1) * sizeof *rows);

    if (status != ROWAN_OK || !rows) {
        return status != ROWAN_OK ? status : ROWAN_NOMEM;
    }
    for (size_t i = 0; i < books.count; i++) {
        books.at[i].price_cents = books.at[i].price_cents * 105 / 100;
        rows[i] = &books.at[i];
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return rowan_record_save_all(scope, rows, books.count);
}

const usecase_ways price_change_activerecord = {tempting, good};
