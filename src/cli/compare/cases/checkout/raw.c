/* A checkout in raw SQL: what was read is in the conditions, and the rows of a table go
 * in one statement. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/checkout/basket.h"
#include "cli/compare/cases/rival.h"
#include "cli/compare/usecase.h"

static rowan_status read_books(rowan_scope *scope, book_rows *out)
{
    rowan_value ids[WISHES];

    for (size_t i = 0; i < WISHES; i++) {
        ids[i] = V(basket[i].book_id);
    }
    return book_raw_all(scope,
                        "SELECT * FROM book WHERE id IN (?, ?, ?, ?, ?, ?) ORDER BY id",
                        (rowan_params){ids, WISHES}, out);
}

static rowan_status add_purchase(rowan_scope *scope, int64_t *id)
{
    purchase *placed;
    rowan_status status = purchase_raw_one(
        scope,
        "INSERT INTO purchase (customer_id, public_id, status, placed_at) "
        "VALUES (?, ?, 'paid', ?) RETURNING id",
        PARAMS(V(CUSTOMER_ID), V(receipt), V(placed_at)), &placed);

    *id = status == ROWAN_OK ? placed->id : 0;
    return status;
}

/* A book that changed since it was read is not found by its version. */
static rowan_status take_stock(rowan_scope *scope, const book_rows *books, size_t first,
                               size_t count)
{
    rowan_value values[WISHES * 3];
    uint64_t affected;

    for (size_t i = 0; i < count; i++) {
        values[3 * i] = V(basket[first + i].quantity);
        values[3 * i + 1] = V(books->at[first + i].id);
        values[3 * i + 2] = V(books->at[first + i].lock_version);
    }
    rowan_status status = rowan_raw_run_many(scope,
                                             "UPDATE book SET stock = stock - ?, "
                                             "lock_version = lock_version + 1 "
                                             "WHERE id = ? AND lock_version = ?",
                                             values, count, &affected);
    if (status == ROWAN_OK && affected < count) {
        status =
            rowan_scope_report(scope, ROWAN_STALE, "someone else has changed a book");
    }
    return status;
}

static rowan_status add_lines(rowan_scope *scope, const book_rows *books,
                              int64_t purchase_id, size_t first, size_t count)
{
    rowan_value values[WISHES * 5];
    rowan_value *next = values;

    for (size_t i = first; i < first + count; i++) {
        *next++ = V(purchase_id);
        *next++ = V((int16_t)(i + 1));
        *next++ = V(basket[i].book_id);
        *next++ = V(basket[i].quantity);
        *next++ = V(books->at[i].price_cents);
    }
    return rowan_raw_run_many(
        scope,
        "INSERT INTO purchase_line (purchase_id, line_no, book_id, "
        "quantity, unit_price_cents) VALUES (?, ?, ?, ?, ?)",
        values, count, NULL);
}

static rowan_status add_movements(rowan_scope *scope, size_t first, size_t count)
{
    rowan_value values[WISHES * 3];
    rowan_value *next = values;

    for (size_t i = first; i < first + count; i++) {
        *next++ = V(basket[i].book_id);
        *next++ = V(-basket[i].quantity);
        *next++ = V(placed_at);
    }
    return rowan_raw_run_many(
        scope,
        "INSERT INTO stock_movement (book_id, delta, reason, moved_at) "
        "VALUES (?, ?, 'sale', ?)",
        values, count, NULL);
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

const usecase_ways checkout_raw = {tempting, good};
