/* A page of the catalogue with Data Mapper: a fetch plan says what comes with the
 * books. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

/* The session keeps each publisher that it has seen, so this asks once a publisher, not
 * once a book. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
    };
    rowan_session *session = NULL;
    rowan_refs books = {0};
    publisher *of;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_all(session, &page, &books);
    }
    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = books.at[i];
        status = publisher_session_find(session, b->publisher_id, &of);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(b->id), V(b->title), V(b->price_cents), V(of->name));
        }
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.in_print, true),
        .order_by = ORDER(ASC(BOOK.title), ASC(BOOK.id)),
        .limit = 20,
        .fetch = FETCH(RELATED(&book_publisher_relation)),
    };
    rowan_session *session = NULL;
    rowan_refs books = {0};
    publisher *of;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_all(session, &page, &books);
    }
    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = books.at[i];
        status = book_session_publisher(session, b, &of);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(b->id), V(b->title), V(b->price_cents), V(of->name));
        }
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways catalogue_datamapper = {tempting, good};
