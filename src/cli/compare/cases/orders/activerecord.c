/* A customer's orders with Active Record: walking from row to row, three deep. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { CUSTOMER_ID = 1 };

static rowan_status show_lines(rowan_scope *scope, const purchase *p, ledger *found)
{
    purchase_line_rows lines;
    book *b;
    rowan_status status = purchase_lines(scope, p, &lines);

    for (size_t i = 0; status == ROWAN_OK && i < lines.count; i++) {
        purchase_line *line = &lines.at[i];
        status = purchase_line_book(scope, line, &b);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(p->id), V(p->placed_at), V(line->line_no),
                       V(line->quantity), V(b->title));
        }
    }
    return status;
}

static rowan_status show_orders(rowan_scope *scope, rowan_lazy lazy, ledger *found)
{
    rowan_query by_id = {
        .from = &customer_table,
        .where = EQ(CUSTOMER.id, CUSTOMER_ID),
        .lazy = lazy,
    };
    customer *who;
    purchase_rows purchases;
    rowan_status status = customer_first(scope, &by_id, &who);

    if (status == ROWAN_OK) {
        status = customer_purchases(scope, who, &purchases);
    }
    for (size_t i = 0; status == ROWAN_OK && i < purchases.count; i++) {
        status = show_lines(scope, &purchases.at[i], found);
    }
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    return show_orders(scope, ROWAN_LAZY_EACH, found);
}

/* The same walk. What one row is asked for is loaded for all: once a level. */
static rowan_status good(rowan_scope *scope, ledger *found)
{
    return show_orders(scope, ROWAN_LAZY_PEERS, found);
}

const usecase_ways orders_activerecord = {tempting, good};
