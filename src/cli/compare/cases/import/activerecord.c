/* Four hundred new books with Active Record: one call inserts them all. */
#include <rowan/short.h>

#include "cli/compare/cases/import/delivery.h"
#include "cli/compare/usecase.h"

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = delivery_read(scope, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        status = book_insert(scope, &books.at[i], NULL);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = delivery_read(scope, &books);

    LEDGER_ROW(found, V((int64_t)books.count));
    return status == ROWAN_OK ? book_insert_all(scope, books.at, books.count, NULL)
                              : status;
}

const usecase_ways import_activerecord = {tempting, good};
