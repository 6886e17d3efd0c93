/* What the wholesaler's file holds. */
#include "cli/compare/cases/import/delivery.h"

#include <stdio.h>

enum { BOOKS = 400, ISBN_SIZE = 24, TITLE_SIZE = 48 };

rowan_status delivery_read(rowan_scope *scope, book_rows *out)
{
    book *books = rowan_scope_alloc(scope, BOOKS * sizeof *books);
    char *isbns = rowan_scope_alloc(scope, BOOKS * ISBN_SIZE);
    char *titles = rowan_scope_alloc(scope, BOOKS * TITLE_SIZE);

    *out = (book_rows){NULL, 0};
    if (!books || !isbns || !titles) {
        return rowan_scope_report(scope, ROWAN_NOMEM, "out of memory");
    }
    for (int i = 0; i < BOOKS; i++) {
        char *isbn = isbns + i * ISBN_SIZE;
        char *title = titles + i * TITLE_SIZE;
        snprintf(isbn, ISBN_SIZE, "999%010d", i);
        snprintf(title, TITLE_SIZE, "Pocket Library, Volume %d", i + 1);
        books[i] = (book){
            .publisher_id = 1,
            .isbn = isbn,
            .title = title,
            .format = BOOK_FORMAT_PAPERBACK,
            .price_cents = 499 + i,
            .weight_kg = {"0.125"},
            .stock = 10,
            .in_print = true,
            .created_at = {INT64_C(1767225600000000)},
            .lock_version = 1,
        };
    }
    *out = (book_rows){books, BOOKS};
    return ROWAN_OK;
}
