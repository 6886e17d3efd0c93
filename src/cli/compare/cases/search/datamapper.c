/* A search with optional filters with Data Mapper: the same query in a session. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/search/request.h"
#include "cli/compare/usecase.h"

static rowan_status show_page(rowan_session *session, const rowan_query *search,
                              int page, rowan_value *last, ledger *found)
{
    rowan_refs books;
    rowan_status status = book_session_all(session, search, &books);

    for (size_t i = 0; i < books.count; i++) {
        book *b = books.at[i];
        LEDGER_ROW(found, V(page), V(b->id), V(b->title), V(b->price_cents));
        last[0] = V(b->price_cents);
        last[1] = V(b->id);
    }
    return status;
}

/* Pages by number: the database reads and drops all that came before. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query search = {
        .from = &book_table,
        .where =
            AND(wanted.title ? LIKE(BOOK.title, wanted.title) : NULL,
                wanted.most_cents ? LE(BOOK.price_cents, wanted.most_cents) : NULL,
                wanted.publisher_id ? EQ(BOOK.publisher_id, wanted.publisher_id) : NULL,
                wanted.in_print ? EQ(BOOK.in_print, true) : NULL),
        .order_by = ORDER(ASC(BOOK.price_cents), ASC(BOOK.id)),
        .limit = PAGE_SIZE,
    };
    rowan_value last[2];
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    for (int page = 0; status == ROWAN_OK && page < PAGES; page++) {
        status = show_page(session, &search, page, last, found);
        search.offset += PAGE_SIZE;
    }
    rowan_session_end(session);
    return status;
}

/* Each page begins behind the last book of the page before, wherever that is. */
static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query search = {
        .from = &book_table,
        .where =
            AND(wanted.title ? LIKE(BOOK.title, wanted.title) : NULL,
                wanted.most_cents ? LE(BOOK.price_cents, wanted.most_cents) : NULL,
                wanted.publisher_id ? EQ(BOOK.publisher_id, wanted.publisher_id) : NULL,
                wanted.in_print ? EQ(BOOK.in_print, true) : NULL),
        .order_by = ORDER(ASC(BOOK.price_cents), ASC(BOOK.id)),
        .limit = PAGE_SIZE,
    };
    rowan_value last[] = {V(-1), V(0)};
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    search.after = (rowan_params){last, 2};
    for (int page = 0; status == ROWAN_OK && page < PAGES; page++) {
        status = show_page(session, &search, page, last, found);
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways search_datamapper = {tempting, good};
