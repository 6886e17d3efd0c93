/* A checkout with the query builder: the stock of the whole basket in one update, put
 * together in a loop. */
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
    return book_query_all(scope, &of_basket, out);
}

static rowan_status add_purchase(rowan_scope *scope, int64_t *id)
{
    purchase p = {.customer_id = CUSTOMER_ID,
                  .public_id = receipt,
                  .status = PURCHASE_STATUS_PAID,
                  .placed_at = placed_at,
                  .lock_version = 1};
    rowan_insert insert = {
        .into = &purchase_table, .rows = &p, .row_count = 1, .returning = true};
    rowan_rows rows;
    rowan_status status = rowan_query_insert(scope, &insert, &rows, NULL);

    *id = status == ROWAN_OK ? ((purchase *)rows.at)->id : 0;
    return status;
}

/* A book that changed since it was read is not found by its version. */
static rowan_status take_stock(rowan_scope *scope, const book_rows *books, size_t first,
                               size_t count)
{
    const rowan_expr *unchanged = NULL;
    const rowan_expr *left = SUBTRACT(BOOK.stock, 0);
    uint64_t affected;

    for (size_t i = first; i < first + count; i++) {
        const book *b = &books->at[i];
        left =
            rowan_expr_dup(scope, CASE(EQ(BOOK.id, b->id),
                                       SUBTRACT(BOOK.stock, basket[i].quantity), left));
        unchanged = rowan_expr_dup(
            scope, OR(unchanged,
                      AND(EQ(BOOK.id, b->id), EQ(BOOK.lock_version, b->lock_version))));
    }
    rowan_update sale = {
        .table = &book_table,
        .set =
            SET(TO(BOOK.stock, left), TO(BOOK.lock_version, ADD(BOOK.lock_version, 1))),
        .where = unchanged,
    };
    rowan_status status = rowan_query_update(scope, &sale, NULL, &affected);
    if (status == ROWAN_OK && affected < count) {
        status =
            rowan_scope_report(scope, ROWAN_STALE, "someone else has changed a book");
    }
    return status;
}

static rowan_status add_lines(rowan_scope *scope, const book_rows *books,
                              int64_t purchase_id, size_t first, size_t count)
{
    purchase_line lines[WISHES];
    rowan_insert insert = {
        .into = &purchase_line_table, .rows = lines, .row_count = count};

    for (size_t i = 0; i < count; i++) {
        lines[i] = (purchase_line){
            .purchase_id = purchase_id,
            .line_no = (int16_t)(first + i + 1),
            .book_id = basket[first + i].book_id,
            .quantity = basket[first + i].quantity,
            .unit_price_cents = books->at[first + i].price_cents,
        };
    }
    return rowan_query_insert(scope, &insert, NULL, NULL);
}

static rowan_status add_movements(rowan_scope *scope, size_t first, size_t count)
{
    stock_movement movements[WISHES];
    rowan_insert insert = {
        .into = &stock_movement_table, .rows = movements, .row_count = count};

    for (size_t i = 0; i < count; i++) {
        movements[i] = (stock_movement){
            .book_id = basket[first + i].book_id,
            .delta = -basket[first + i].quantity,
            .reason = STOCK_MOVEMENT_REASON_SALE,
            .moved_at = placed_at,
        };
    }
    return rowan_query_insert(scope, &insert, NULL, NULL);
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

const usecase_ways checkout_querybuilder = {tempting, good};
