/* One book and all that its page shows, with Data Mapper: a session loads it by a fetch
 * plan. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { BOOK_ID = 7 };

static rowan_status show_book(rowan_session *session, const book *b, ledger *found)
{
    publisher *of;
    category *in;
    rowan_status status = book_session_publisher(session, b, &of);

    if (status == ROWAN_OK) {
        status = book_session_category(session, b, &in);
    }
    if (status == ROWAN_OK) {
        LEDGER_ROW(found, V(b->title), V(b->price_cents), V(of->name),
                   in ? V(in->name) : rowan_v_null());
    }
    return status;
}

static rowan_status show_credits(rowan_session *session, const book *b, ledger *found)
{
    const char *const *roles = BOOK_AUTHOR.role.column->enumeration->labels;
    rowan_refs credits;
    author *who;
    rowan_status status = book_session_book_authors(session, b, &credits);

    for (size_t i = 0; status == ROWAN_OK && i < credits.count; i++) {
        book_author *credit = credits.at[i];
        status = book_author_session_author(session, credit, &who);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(who->name), V(roles[credit->role]));
        }
    }
    return status;
}

static rowan_status show_tags(rowan_session *session, const book *b, ledger *found)
{
    rowan_refs tags;
    rowan_status status = book_session_tags(session, b, &tags);

    for (size_t i = 0; i < tags.count; i++) {
        LEDGER_ROW(found, V(((tag *)tags.at[i])->label));
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .where = EQ(BOOK.id, BOOK_ID),
        .fetch = FETCH({.relation = &book_publisher_relation, .way = ROWAN_FETCH_JOIN},
                       {.relation = &book_category_relation, .way = ROWAN_FETCH_JOIN},
                       {.relation = &book_book_authors_relation,
                        .then = FETCH(RELATED(&book_author_author_relation))},
                       RELATED(&book_tags_relation)),
    };
    rowan_session *session = NULL;
    rowan_refs books;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_all(session, &page, &books);
    }
    if (status == ROWAN_OK) {
        status = show_book(session, books.at[0], found);
    }
    if (status == ROWAN_OK) {
        status = show_credits(session, books.at[0], found);
    }
    if (status == ROWAN_OK) {
        status = show_tags(session, books.at[0], found);
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways book_page_datamapper = {NULL, good};
