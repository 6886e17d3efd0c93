/* Four hundred new books with raw SQL: one call takes the rows, and needs no SQL. */
#include <rowan/short.h>

#include "cli/compare/cases/import/delivery.h"
#include "cli/compare/usecase.h"

static const char insert_book[] =
    "INSERT INTO book (publisher_id, isbn, title, format, price_cents, "
    "weight_kg, stock, in_print, created_at) "
    "VALUES (?, ?, ?, 'paperback', ?, ?, ?, ?, ?)";

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = delivery_read(scope, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        status = rowan_raw_run(scope, insert_book,
                               PARAMS(V(b->publisher_id), V(b->isbn), V(b->title),
                                      V(b->price_cents), V(b->weight_kg), V(b->stock),
                                      V(b->in_print), V(b->created_at)),
                               NULL);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = delivery_read(scope, &books);

    LEDGER_ROW(found, V((int64_t)books.count));
    return status == ROWAN_OK
               ? rowan_raw_insert_all(scope, &book_table, books.at, books.count, NULL)
               : status;
}

const usecase_ways import_raw = {tempting, good};
