/* The ten best-selling books in raw SQL: the database groups and sums. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { LEAST = 2 };

typedef struct seller {
    int64_t id;
    const char *title;
    int64_t copies;
    int64_t cents;
} seller;

static const rowan_table seller_shape;
static const rowan_column seller_columns[] = {
    ROWAN_COLUMN(seller_shape, seller, id, 0),
    ROWAN_COLUMN(seller_shape, seller, title, 0),
    ROWAN_COLUMN(seller_shape, seller, copies, 0),
    ROWAN_COLUMN(seller_shape, seller, cents, 0),
};
static const rowan_table seller_shape = ROWAN_SHAPE(seller, seller_columns);

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_rows rows;
    rowan_status status =
        rowan_raw_all(scope,
                      "SELECT b.id, b.title, SUM(l.quantity) AS copies, "
                      "SUM(l.quantity * l.unit_price_cents) AS cents "
                      "FROM purchase_line l JOIN book b ON b.id = l.book_id "
                      "GROUP BY b.id, b.title HAVING SUM(l.quantity) >= ? "
                      "ORDER BY copies DESC, b.id LIMIT 10",
                      PARAMS(V(LEAST)), &seller_shape, &rows);
    const seller *best = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(best[i].id), V(best[i].title), V(best[i].copies),
                   V(best[i].cents));
    }
    return status;
}

const usecase_ways best_sellers_raw = {NULL, good};
