/* A checkout with Active Record: the books know their version, and many rows are saved
 * or inserted at once. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/checkout/basket.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

static rowan_status read_books(rowan_scope *scope, book_rows *out)
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
    return book_all(scope, &of_basket, out);
}

static rowan_status add_purchase(rowan_scope *scope, int64_t *id)
{
    purchase p = {.customer_id = CUSTOMER_ID,
                  .public_id = receipt,
                  .status = PURCHASE_STATUS_PAID,
                  .placed_at = placed_at};
    purchase *placed;
    rowan_status status = purchase_insert(scope, &p, &placed);

    *id = status == ROWAN_OK ? placed->id : 0;
    return status;
}

static rowan_status take_stock(rowan_scope *scope, const book_rows *books, size_t first,
                               size_t count)
{
    void *changed[WISHES];

    for (size_t i = 0; i < count; i++) {
        books->at[first + i].stock -= basket[first + i].quantity;
        changed[i] = &books->at[first + i];
    }
    return count == 1 ? book_save(scope, changed[0])
                      : rowan_record_save_all(scope, changed, count);
}

static rowan_status add_lines(rowan_scope *scope, const book_rows *books,
                              int64_t purchase_id, size_t first, size_t count)
{
    purchase_line lines[WISHES];

    for (size_t i = 0; i < count; i++) {
        lines[i] = (purchase_line){
            .purchase_id = purchase_id,
            .line_no = (int16_t)(first + i + 1),
            .book_id = basket[first + i].book_id,
            .quantity = basket[first + i].quantity,
            .unit_price_cents = books->at[first + i].price_cents,
        };
    }
    return purchase_line_insert_all(scope, lines, count, NULL);
}

static rowan_status add_movements(rowan_scope *scope, size_t first, size_t count)
{
    stock_movement movements[WISHES];

    for (size_t i = 0; i < count; i++) {
        movements[i] = (stock_movement){
            .book_id = basket[first + i].book_id,
            .delta = -basket[first + i].quantity,
            .reason = STOCK_MOVEMENT_REASON_SALE,
            .moved_at = placed_at,
        };
    }
    return stock_movement_insert_all(scope, movements, count, NULL);
}

/* All or nothing. Each statement is for `at_once` books of the basket. */
static rowan_status place(rowan_scope *scope, const book_rows *books, size_t at_once)
{
    int64_t purchase_id;
    rowan_status status = rowan_begin(scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    status = add_purchase(scope, &purchase_id);
    for (size_t i = 0; status == ROWAN_OK && i < WISHES; i += at_once) {
        status = take_stock(scope, books, i, at_once);
        if (status == ROWAN_OK) {
            status = add_lines(scope, books, purchase_id, i, at_once);
        }
        if (status == ROWAN_OK) {
            status = add_movements(scope, i, at_once);
        }
    }
    if (status == ROWAN_OK) {
        return rowan_commit(scope);
    }
    rowan_status undone = rowan_rollback(scope);
    return undone == ROWAN_OK ? status : undone;
}

/* A second attempt, with what is true by then, if someone else was faster. */
static rowan_status check_out(rowan_scope *scope, size_t at_once, ledger *found)
{
    book_rows books;
    rowan_status status = ROWAN_STALE;

    for (int attempt = 1; status == ROWAN_STALE && attempt <= 2; attempt++) {
        status = read_books(scope, &books);
        if (status == ROWAN_OK && attempt == 1) {
            status = rival_sells_one(scope, basket[CONTESTED].book_id);
        }
        if (status == ROWAN_OK) {
            status = place(scope, &books, at_once);
        }
        LEDGER_ROW(found, V(attempt),
                   V(status == ROWAN_STALE ? "try again" : "placed"));
    }
    return status;
}

/* Statement after statement for each book of the basket. */
static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    return check_out(scope, 1, found);
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    return check_out(scope, WISHES, found);
}

const usecase_ways checkout_activerecord = {tempting, good};
