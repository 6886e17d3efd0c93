/* A page of the catalogue with the query builder: the same join as a value. */
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
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
    };
    book_rows books;
    publisher *of;
    rowan_status status = book_query_all(scope, &page, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = &books.at[i];
        rowan_query one = {.from = &publisher_table,
                           .where = EQ(PUBLISHER.id, b->publisher_id)};
        status = publisher_query_one(scope, &one, &of);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(b->id), V(b->title), V(b->price_cents), V(of->name));
        }
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .select = SELECT(COL(BOOK.id), COL(BOOK.title), COL(BOOK.price_cents),
                         AS(PUBLISHER.name, "publisher")),
        .from = &book_table,
        .joins = JOINS(JOIN(&publisher_table, EQ(PUBLISHER.id, BOOK.publisher_id))),
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
        .into = &listed_shape,
    };
    rowan_rows rows;
    rowan_status status = rowan_query_all(scope, &page, &rows);
    const listed *books = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(books[i].id), V(books[i].title), V(books[i].price_cents),
                   V(books[i].publisher));
    }
    return status;
}

const usecase_ways catalogue_querybuilder = {tempting, good};
