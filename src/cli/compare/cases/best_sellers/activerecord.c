/* The ten best-selling books with Active Record, whose rows know nothing of sums. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/best_sellers/tally.h"
#include "cli/compare/usecase.h"

enum { LEAST = 2 };

/* Every line becomes a row of the program, to be added up there. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query all = {.from = &purchase_line_table};
    purchase_line_rows lines;
    book *b;
    rowan_status status = purchase_line_all(scope, &all, &lines);
    tally best = tally_new(scope, lines.count);

    if (status != ROWAN_OK || !best.at) {
        return status != ROWAN_OK ? status : ROWAN_NOMEM;
    }
    for (size_t i = 0; i < lines.count; i++) {
        tally_add(&best, &lines.at[i]);
    }
    tally_sort(&best);
    for (size_t i = 0; i < best.count && i < 10 && best.at[i].copies >= LEAST; i++) {
        status = book_find(scope, best.at[i].book_id, &b);
        if (status != ROWAN_OK) {
            break;
        }
        LEDGER_ROW(found, V(b->id), V(b->title), V(best.at[i].copies),
                   V(best.at[i].cents));
    }
    return status;
}

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

/* A line of a report is no record that could be saved: it is left to a query. */
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

const usecase_ways best_sellers_activerecord = {tempting, good};
