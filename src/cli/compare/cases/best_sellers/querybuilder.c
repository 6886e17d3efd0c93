/* The ten best-selling books with the query builder: groups and sums as a value. */
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
    rowan_query report = {
        .select = SELECT(
            COL(BOOK.id), COL(BOOK.title), AS(SUM(PURCHASE_LINE.quantity), "copies"),
            AS(SUM(MULTIPLY(PURCHASE_LINE.quantity, PURCHASE_LINE.unit_price_cents)),
               "cents")),
        .from = &purchase_line_table,
        .joins = JOINS(JOIN(&book_table, EQ(BOOK.id, PURCHASE_LINE.book_id))),
        GROUP_BY(OPERAND(BOOK.id), OPERAND(BOOK.title)),
        .having = GE(SUM(PURCHASE_LINE.quantity), LEAST),
        .order_by = ORDER(DESC(SUM(PURCHASE_LINE.quantity)), ASC(BOOK.id)),
        .limit = 10,
        .into = &seller_shape,
    };
    rowan_rows rows;
    rowan_status status = rowan_query_all(scope, &report, &rows);
    const seller *best = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(best[i].id), V(best[i].title), V(best[i].copies),
                   V(best[i].cents));
    }
    return status;
}

const usecase_ways best_sellers_querybuilder = {NULL, good};
