/* Four hundred new books with the query builder: one insert of an array of structs. */
#include <rowan/short.h>

#include "cli/compare/cases/import/delivery.h"
#include "cli/compare/usecase.h"

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = delivery_read(scope, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        rowan_insert one = {.into = &book_table, .rows = &books.at[i], .row_count = 1};
        status = rowan_query_insert(scope, &one, NULL, NULL);
    }
    LEDGER_ROW(found, V((int64_t)books.count));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    book_rows books;
    rowan_status status = delivery_read(scope, &books);
    rowan_insert all = {
        .into = &book_table, .rows = books.at, .row_count = books.count};

    LEDGER_ROW(found, V((int64_t)books.count));
    return status == ROWAN_OK ? rowan_query_insert(scope, &all, NULL, NULL) : status;
}

const usecase_ways import_querybuilder = {tempting, good};
