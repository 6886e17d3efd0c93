/* The ten best-selling books with Data Mapper, whose session has rows of tables. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/best_sellers/tally.h"
#include "cli/compare/usecase.h"

enum { LEAST = 2 };

/* Every line becomes a row of the session, to be added up in the program. */
static rowan_status add_up(rowan_session *session, ledger *found)
{
    rowan_query all = {.from = &purchase_line_table};
    rowan_refs lines;
    book *b;
    rowan_status status = purchase_line_session_all(session, &all, &lines);
    tally best = tally_new(rowan_session_scope(session), lines.count);

    if (status != ROWAN_OK || !best.at) {
        return status != ROWAN_OK ? status : ROWAN_NOMEM;
    }
    for (size_t i = 0; i < lines.count; i++) {
        tally_add(&best, lines.at[i]);
    }
    tally_sort(&best);
    for (size_t i = 0; i < best.count && i < 10 && best.at[i].copies >= LEAST; i++) {
        status = book_session_find(session, best.at[i].book_id, &b);
        if (status != ROWAN_OK) {
            break;
        }
        LEDGER_ROW(found, V(b->id), V(b->title), V(best.at[i].copies),
                   V(best.at[i].cents));
    }
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = add_up(session, found);
    }
    rowan_session_end(session);
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

/* A line of a report is no row that could change: it is left to a query, without a
 * session. */
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

const usecase_ways best_sellers_datamapper = {tempting, good};
