/* A customer's orders with the query builder: one join over three tables. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { CUSTOMER_ID = 1 };

typedef struct ordered {
    int64_t purchase_id;
    rowan_timestamp placed_at;
    int16_t line_no;
    int32_t quantity;
    const char *title;
} ordered;

static const rowan_table ordered_shape;
static const rowan_column ordered_columns[] = {
    ROWAN_COLUMN(ordered_shape, ordered, purchase_id, 0),
    ROWAN_COLUMN(ordered_shape, ordered, placed_at, 0),
    ROWAN_COLUMN(ordered_shape, ordered, line_no, 0),
    ROWAN_COLUMN(ordered_shape, ordered, quantity, 0),
    ROWAN_COLUMN(ordered_shape, ordered, title, 0),
};
static const rowan_table ordered_shape = ROWAN_SHAPE(ordered, ordered_columns);

static rowan_status show_lines(rowan_scope *scope, const purchase *p, ledger *found)
{
    rowan_query of_purchase = {
        .from = &purchase_line_table,
        .where = EQ(PURCHASE_LINE.purchase_id, p->id),
        .order_by = ORDER(ASC(PURCHASE_LINE.line_no)),
    };
    purchase_line_rows lines;
    book *b;
    rowan_status status = purchase_line_query_all(scope, &of_purchase, &lines);

    for (size_t i = 0; status == ROWAN_OK && i < lines.count; i++) {
        purchase_line *line = &lines.at[i];
        rowan_query one = {.from = &book_table, .where = EQ(BOOK.id, line->book_id)};
        status = book_query_one(scope, &one, &b);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(p->id), V(p->placed_at), V(line->line_no),
                       V(line->quantity), V(b->title));
        }
    }
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query of_customer = {
        .from = &purchase_table,
        .where = EQ(PURCHASE.customer_id, CUSTOMER_ID),
        .order_by = ORDER(ASC(PURCHASE.id)),
    };
    purchase_rows purchases;
    rowan_status status = purchase_query_all(scope, &of_customer, &purchases);

    for (size_t i = 0; status == ROWAN_OK && i < purchases.count; i++) {
        status = show_lines(scope, &purchases.at[i], found);
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query history = {
        .select = SELECT(AS(PURCHASE.id, "purchase_id"), COL(PURCHASE.placed_at),
                         COL(PURCHASE_LINE.line_no), COL(PURCHASE_LINE.quantity),
                         COL(BOOK.title)),
        .from = &purchase_table,
        .joins = JOINS(
            JOIN(&purchase_line_table, EQ(PURCHASE_LINE.purchase_id, PURCHASE.id)),
            JOIN(&book_table, EQ(BOOK.id, PURCHASE_LINE.book_id))),
        .where = EQ(PURCHASE.customer_id, CUSTOMER_ID),
        .order_by = ORDER(ASC(PURCHASE.id), ASC(PURCHASE_LINE.line_no)),
        .into = &ordered_shape,
    };
    rowan_rows rows;
    rowan_status status = rowan_query_all(scope, &history, &rows);
    const ordered *line = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(line[i].purchase_id), V(line[i].placed_at),
                   V(line[i].line_no), V(line[i].quantity), V(line[i].title));
    }
    return status;
}

const usecase_ways orders_querybuilder = {tempting, good};
