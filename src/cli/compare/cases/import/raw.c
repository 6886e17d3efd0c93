/* Four hundred new books in raw SQL: one statement with four hundred rows of
 * parameters. */
#include <rowan/short.h>

#include "cli/compare/cases/import/delivery.h"
#include "cli/compare/usecase.h"

enum { COLUMNS = 8 };

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
    rowan_value *values =
        rowan_scope_alloc(scope, books.count * COLUMNS * sizeof *values + 1);
    rowan_value *next = values;

    if (status != ROWAN_OK || !values) {
        return status != ROWAN_OK ? status : ROWAN_NOMEM;
    }
    for (size_t i = 0; i < books.count; i++) {
        book *b = &books.at[i];
        *next++ = V(b->publisher_id);
        *next++ = V(b->isbn);
        *next++ = V(b->title);
        *next++ = V(b->price_cents);
        *next++ = V(b->weight_kg);
        *next++ = V(b->stock);
        *next++ = V(b->in_print);
        *next++ = V(b->created_at);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return rowan_raw_run_many(scope, insert_book, values, books.count, NULL);
}

const usecase_ways import_raw = {tempting, good};
