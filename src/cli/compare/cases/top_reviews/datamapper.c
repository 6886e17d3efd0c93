/* The best three reviews of each of twenty books with Data Mapper: a fetch plan with a
 * limit. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table, .order_by = ORDER(ASC(BOOK.id)), .limit = 20};
    rowan_session *session = NULL;
    rowan_refs books = {0}, best;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_all(session, &page, &books);
    }
    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = books.at[i];
        rowan_query of_book = {
            .from = &review_table,
            .where = EQ(REVIEW.book_id, b->id),
            .order_by = ORDER(DESC(REVIEW.stars), ASC(REVIEW.id)),
            .limit = 3,
        };
        status = review_session_all(session, &of_book, &best);
        for (size_t n = 0; n < best.count; n++) {
            review *r = best.at[n];
            LEDGER_ROW(found, V(b->title), V(r->id), V(r->stars));
        }
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table,
        .order_by = ORDER(ASC(BOOK.id)),
        .limit = 20,
        .fetch = FETCH({.relation = &book_reviews_relation,
                        .order_by = ORDER(DESC(REVIEW.stars), ASC(REVIEW.id)),
                        .limit = 3}),
    };
    rowan_session *session = NULL;
    rowan_refs books = {0}, best;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = book_session_all(session, &page, &books);
    }
    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        book *b = books.at[i];
        status = book_session_reviews(session, b, &best);
        for (size_t n = 0; n < best.count; n++) {
            review *r = best.at[n];
            LEDGER_ROW(found, V(b->title), V(r->id), V(r->stars));
        }
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways top_reviews_datamapper = {tempting, good};
