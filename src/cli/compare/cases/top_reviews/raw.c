/* The best three reviews of each of twenty books in raw SQL: a window function numbers
 * them. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    book_rows books;
    review_rows best;
    rowan_status status = book_raw_all(scope, "SELECT * FROM book ORDER BY id LIMIT 20",
                                       NO_PARAMS, &books);

    for (size_t i = 0; status == ROWAN_OK && i < books.count; i++) {
        status = review_raw_all(scope,
                                "SELECT * FROM review WHERE book_id = ? "
                                "ORDER BY stars DESC, id LIMIT 3",
                                PARAMS(V(books.at[i].id)), &best);
        for (size_t n = 0; n < best.count; n++) {
            LEDGER_ROW(found, V(books.at[i].title), V(best.at[n].id),
                       V(best.at[n].stars));
        }
    }
    return status;
}

typedef struct opinion {
    const char *title;
    int64_t id;
    int16_t stars;
} opinion;

static const rowan_table opinion_shape;
static const rowan_column opinion_columns[] = {
    ROWAN_COLUMN(opinion_shape, opinion, title, 0),
    ROWAN_COLUMN(opinion_shape, opinion, id, 0),
    ROWAN_COLUMN(opinion_shape, opinion, stars, 0),
};
static const rowan_table opinion_shape = ROWAN_SHAPE(opinion, opinion_columns);

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_rows rows;
    rowan_status status = rowan_raw_all(
        scope,
        "SELECT title, id, stars "
        "FROM (SELECT b.id AS book_id, b.title, r.id, r.stars, row_number() OVER "
        "(PARTITION BY b.id ORDER BY r.stars DESC, r.id) AS place "
        "FROM (SELECT id, title FROM book ORDER BY id LIMIT 20) b "
        "JOIN review r ON r.book_id = b.id) best "
        "WHERE place <= 3 ORDER BY book_id, place",
        NO_PARAMS, &opinion_shape, &rows);
    const opinion *best = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(best[i].title), V(best[i].id), V(best[i].stars));
    }
    return status;
}

const usecase_ways top_reviews_raw = {tempting, good};
