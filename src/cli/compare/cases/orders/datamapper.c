/* A customer's orders with Data Mapper: one fetch plan for all three levels. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { CUSTOMER_ID = 1 };

/* One load for each order, and one for each book that the session does not have yet. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query of_customer = {
        .from = &purchase_table,
        .where = EQ(PURCHASE.customer_id, CUSTOMER_ID),
        .order_by = ORDER(ASC(PURCHASE.id)),
    };
    rowan_session *session = NULL;
    rowan_refs purchases = {0}, lines = {0};
    book *b;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = purchase_session_all(session, &of_customer, &purchases);
    }
    for (size_t i = 0; status == ROWAN_OK && i < purchases.count; i++) {
        purchase *p = purchases.at[i];
        status = rowan_session_load(session, (rowan_refs){&purchases.at[i], 1},
                                    FETCH(RELATED(&purchase_lines_relation)));
        if (status == ROWAN_OK) {
            status = purchase_session_lines(session, p, &lines);
        }
        for (size_t n = 0; status == ROWAN_OK && n < lines.count; n++) {
            purchase_line *line = lines.at[n];
            status = book_session_find(session, line->book_id, &b);
            if (status == ROWAN_OK) {
                LEDGER_ROW(found, V(p->id), V(p->placed_at), V(line->line_no),
                           V(line->quantity), V(b->title));
            }
        }
    }
    rowan_session_end(session);
    return status;
}

static rowan_status show_lines(rowan_session *session, const purchase *p, ledger *found)
{
    rowan_refs lines;
    book *b;
    rowan_status status = purchase_session_lines(session, p, &lines);

    for (size_t i = 0; status == ROWAN_OK && i < lines.count; i++) {
        purchase_line *line = lines.at[i];
        status = purchase_line_session_book(session, line, &b);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(p->id), V(p->placed_at), V(line->line_no),
                       V(line->quantity), V(b->title));
        }
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query history = {
        .from = &purchase_table,
        .where = EQ(PURCHASE.customer_id, CUSTOMER_ID),
        .order_by = ORDER(ASC(PURCHASE.id)),
        .fetch = FETCH({.relation = &purchase_lines_relation,
                        .then = FETCH(RELATED(&purchase_line_book_relation))}),
    };
    rowan_session *session = NULL;
    rowan_refs purchases = {0};
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = purchase_session_all(session, &history, &purchases);
    }
    for (size_t i = 0; status == ROWAN_OK && i < purchases.count; i++) {
        status = show_lines(session, purchases.at[i], found);
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways orders_datamapper = {tempting, good};
