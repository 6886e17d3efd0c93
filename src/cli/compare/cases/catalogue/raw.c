/* A page of the catalogue in raw SQL: one join, and a struct for its columns. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

typedef struct listed {
    int64_t id;
    const char *title;
    int32_t price_cents;
    const char *publisher;
} listed;

static const rowan_table listed_shape;
static const rowan_column listed_columns[] = {
    ROWAN_COLUMN(listed_shape, listed, id, 0),
    ROWAN_COLUMN(listed_shape, listed, title, 0),
    ROWAN_COLUMN(listed_shape, listed, price_cents, 0),
    ROWAN_COLUMN(listed_shape, listed, publisher, 0),
};
static const rowan_table listed_shape = ROWAN_SHAPE(listed, listed_columns);

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    book_rows books;
    publisher *of;
    rowan_status status = book_raw_all(scope,
                                       "SELECT * FROM book WHERE in_print "
                                       "ORDER BY title, id LIMIT 20",
                                       NO_PARAMS, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        status = publisher_raw_one(scope, "SELECT * FROM publisher WHERE id = ?",
                                   PARAMS(V(b->publisher_id)), &of);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(b->id), V(b->title), V(b->price_cents), V(of->name));
        }
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_rows rows;
    rowan_status status =
        rowan_raw_all(scope,
                      "SELECT b.id, b.title, b.price_cents, p.name AS publisher "
                      "FROM book b JOIN publisher p ON p.id = b.publisher_id "
                      "WHERE b.in_print ORDER BY b.title, b.id LIMIT 20",
                      NO_PARAMS, &listed_shape, &rows);
    const listed *books = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(books[i].id), V(books[i].title), V(books[i].price_cents),
                   V(books[i].publisher));
    }
    return status;
}

const usecase_ways catalogue_raw = {tempting, good};
