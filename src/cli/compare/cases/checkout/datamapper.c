/* A checkout with Data Mapper: change and add rows of the session; the flush orders and
 * batches the writes. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/checkout/basket.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

static rowan_status read_books(rowan_session *session, rowan_refs *out)
{
    rowan_value ids[WISHES];
    rowan_query of_basket = {
        .from = &book_table,
        .where = IN_VALUES(BOOK.id, ids, WISHES),
        .order_by = ORDER(ASC(BOOK.id)),
    };

    for (size_t i = 0; i < WISHES; i++) {
        ids[i] = V(basket[i].book_id);
    }
    return book_session_all(session, &of_basket, out);
}

/* Takes one book of the basket from the stock and puts it on the purchase. */
static rowan_status sell(rowan_session *session, purchase *p, book *b, size_t i)
{
    purchase_line *line;
    stock_movement *movement;
    rowan_status status = purchase_line_session_new(session, &line);

    if (status == ROWAN_OK) {
        status = stock_movement_session_new(session, &movement);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    b->stock -= basket[i].quantity;
    *line = (purchase_line){
        .line_no = (int16_t)(i + 1),
        .book_id = b->id,
        .quantity = basket[i].quantity,
        .unit_price_cents = b->price_cents,
    };
    *movement = (stock_movement){
        .book_id = b->id,
        .delta = -basket[i].quantity,
        .reason = STOCK_MOVEMENT_REASON_SALE,
        .moved_at = placed_at,
    };
    return rowan_session_refer(session, &purchase_line_purchase_relation, line, p);
}

static rowan_status place(rowan_session *session, const rowan_refs *books,
                          bool flush_each)
{
    purchase *p;
    rowan_status status = purchase_session_new(session, &p);

    if (status == ROWAN_OK) {
        *p = (purchase){.customer_id = CUSTOMER_ID,
                        .public_id = receipt,
                        .status = PURCHASE_STATUS_PAID,
                        .placed_at = placed_at};
    }
    for (size_t i = 0; status == ROWAN_OK && i < WISHES; i++) {
        status = sell(session, p, books->at[i], i);
        if (status == ROWAN_OK && flush_each) {
            status = rowan_session_flush(session);
        }
    }
    return status == ROWAN_OK ? rowan_session_flush(session) : status;
}

/* Many flushes are all or nothing only in a transaction of the program's own. */
static rowan_status place_slowly(rowan_session *session, const rowan_refs *books)
{
    rowan_scope *scope = rowan_session_scope(session);
    rowan_status status = rowan_begin(scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    status = place(session, books, true);
    if (status == ROWAN_OK) {
        return rowan_commit(scope);
    }
    rowan_status undone = rowan_rollback(scope);
    return undone == ROWAN_OK ? status : undone;
}

/* One attempt, with a session of its own. */
static rowan_status attempt_once(rowan_scope *scope, bool is_first, bool flush_each)
{
    rowan_session *session = NULL;
    rowan_refs books = {0};
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = read_books(session, &books);
    }
    if (status == ROWAN_OK && is_first) {
        status = rival_sells_one(scope, basket[CONTESTED].book_id);
    }
    if (status == ROWAN_OK) {
        status =
            flush_each ? place_slowly(session, &books) : place(session, &books, false);
    }
    rowan_session_end(session);
    return status;
}

/* A second attempt, with what is true by then, if someone else was faster. */
static rowan_status check_out(rowan_scope *scope, bool flush_each, ledger *found)
{
    rowan_status status = ROWAN_STALE;

    for (int attempt = 1; status == ROWAN_STALE && attempt <= 2; attempt++) {
        status = attempt_once(scope, attempt == 1, flush_each);
        LEDGER_ROW(found, V(attempt),
                   V(status == ROWAN_STALE ? "try again" : "placed"));
    }
    return status;
}

/* A flush for each book of the basket. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    return check_out(scope, true, found);
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    return check_out(scope, false, found);
}

const usecase_ways checkout_datamapper = {tempting, good};
