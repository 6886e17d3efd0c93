/* A search with optional filters in raw SQL: the text is put together, and the values
 * beside it. */
#include <stdio.h>

#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/search/request.h"
#include "cli/compare/usecase.h"

/* Writes the filters that are there; their values go to values[]. @return how many
 * there are. */
static size_t add_filters(char *sql, size_t size, rowan_value *values)
{
    size_t count = 0;

    snprintf(sql, size, "SELECT * FROM book WHERE %s%s%s%s",
             wanted.title ? "title LIKE ? AND " : "",
             wanted.most_cents ? "price_cents <= ? AND " : "",
             wanted.publisher_id ? "publisher_id = ? AND " : "",
             wanted.in_print ? "in_print AND " : "");
    if (wanted.title) {
        values[count++] = V(wanted.title);
    }
    if (wanted.most_cents) {
        values[count++] = V(wanted.most_cents);
    }
    if (wanted.publisher_id) {
        values[count++] = V(wanted.publisher_id);
    }
    return count;
}

/* Pages by number: the database reads and drops all that came before. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    char filters[256], sql[512];
    rowan_value values[5];
    size_t count = add_filters(filters, sizeof filters, values);
    book_rows books;
    rowan_status status = ROWAN_OK;

    snprintf(sql, sizeof sql, "%s1 = 1 ORDER BY price_cents, id LIMIT ? OFFSET ?",
             filters);
    values[count] = V(PAGE_SIZE);
    for (int page = 0; status == ROWAN_OK && page < PAGES; page++) {
        values[count + 1] = V(page * PAGE_SIZE);
        status = book_raw_all(scope, sql, (rowan_params){values, count + 2}, &books);
        for (size_t i = 0; i < books.count; i++) {
            book *b = &books.at[i];
            LEDGER_ROW(found, V(page), V(b->id), V(b->title), V(b->price_cents));
        }
    }
    return status;
}

/* Each page begins behind the last book of the page before, wherever that is. */
static rowan_status good(rowan_scope *scope, ledger *found)
{
    char filters[256], sql[512];
    rowan_value values[6];
    size_t count = add_filters(filters, sizeof filters, values);
    book_rows books;
    rowan_status status = ROWAN_OK;

    snprintf(sql, sizeof sql,
             "%s(price_cents, id) > (?, ?) ORDER BY price_cents, id LIMIT ?", filters);
    values[count] = V(-1);
    values[count + 1] = V(0);
    values[count + 2] = V(PAGE_SIZE);
    for (int page = 0; status == ROWAN_OK && page < PAGES; page++) {
        status = book_raw_all(scope, sql, (rowan_params){values, count + 3}, &books);
        for (size_t i = 0; i < books.count; i++) {
            book *b = &books.at[i];
            LEDGER_ROW(found, V(page), V(b->id), V(b->title), V(b->price_cents));
            values[count] = V(b->price_cents);
            values[count + 1] = V(b->id);
        }
    }
    return status;
}

const usecase_ways search_raw = {tempting, good};
