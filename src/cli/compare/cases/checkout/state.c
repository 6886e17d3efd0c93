/* The purchase with its lines, the stock that is left, and the movements. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/checkout/basket.h"
#include "cli/compare/cases/state.h"

static rowan_status note_lines(rowan_scope *scope, const purchase *p, ledger *found)
{
    purchase_line_rows lines;
    book *b;
    rowan_status status = purchase_loaded_lines(scope, p, &lines);

    for (size_t i = 0; status == ROWAN_OK && i < lines.count; i++) {
        purchase_line *line = &lines.at[i];
        status = purchase_line_loaded_book(scope, line, &b);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(line->line_no), V(line->quantity),
                       V(line->unit_price_cents), V(b->id), V(b->stock),
                       V(b->lock_version));
        }
    }
    return status;
}

static rowan_status note_movements(rowan_scope *scope, ledger *found)
{
    rowan_query of_checkout = {
        .from = &stock_movement_table,
        .where = EQ(STOCK_MOVEMENT.moved_at, placed_at),
        .order_by = ORDER(ASC(STOCK_MOVEMENT.book_id), ASC(STOCK_MOVEMENT.id)),
    };
    stock_movement_rows movements;
    rowan_status status = stock_movement_query_all(scope, &of_checkout, &movements);

    for (size_t i = 0; i < movements.count; i++) {
        stock_movement *m = &movements.at[i];
        LEDGER_ROW(found, V(m->book_id), V(m->delta), V(m->reason));
    }
    return status;
}

rowan_status checkout_state(rowan_scope *scope, ledger *found)
{
    rowan_query placed = {
        .from = &purchase_table,
        .where = EQ(PURCHASE.public_id, receipt),
        .fetch = FETCH({.relation = &purchase_lines_relation,
                        .then = FETCH(RELATED(&purchase_line_book_relation))}),
    };
    purchase_rows purchases;
    rowan_status status = purchase_query_all(scope, &placed, &purchases);

    for (size_t i = 0; status == ROWAN_OK && i < purchases.count; i++) {
        purchase *p = &purchases.at[i];
        LEDGER_ROW(found, V(p->customer_id), V(p->status), V(p->placed_at),
                   V(p->lock_version));
        status = note_lines(scope, p, found);
    }
    return status == ROWAN_OK ? note_movements(scope, found) : status;
}
