/* The best three reviews of each of twenty books with Active Record: a fetch plan with
 * a limit. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query page = {
        .from = &book_table, .order_by = ORDER(ASC(BOOK.id)), .limit = 20};
    book_rows books;
    review_rows best;
    rowan_status status = book_all(scope, &page, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        rowan_query of_book = {
            .from = &review_table,
            .where = EQ(REVIEW.book_id, books.at[i].id),
            .order_by = ORDER(DESC(REVIEW.stars), ASC(REVIEW.id)),
            .limit = 3,
        };
        status = review_all(scope, &of_book, &best);
        for (size_t n = 0; n < best.count; n++) {
            LEDGER_ROW(found, V(books.at[i].title), V(best.at[n].id),
                       V(best.at[n].stars));
        }
    }
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
    book_rows books;
    review_rows best;
    rowan_status status = book_all(scope, &page, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        status = book_reviews(scope, &books.at[i], &best);
        for (size_t n = 0; n < best.count; n++) {
            LEDGER_ROW(found, V(books.at[i].title), V(best.at[n].id),
                       V(best.at[n].stars));
        }
    }
    return status;
}

const usecase_ways top_reviews_activerecord = {tempting, good};
