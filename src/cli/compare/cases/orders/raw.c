/* A customer's orders in raw SQL: one join over four tables. */
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
    purchase_line_rows lines;
    book *b;
    rowan_status status =
        purchase_line_raw_all(scope,
                              "SELECT * FROM purchase_line "
                              "WHERE purchase_id = ? ORDER BY line_no",
                              PARAMS(V(p->id)), &lines);

    for (size_t i = 0; status == ROWAN_OK && i < lines.count; i++) {
        purchase_line *line = &lines.at[i];
        status = book_raw_one(scope, "SELECT * FROM book WHERE id = ?",
                              PARAMS(V(line->book_id)), &b);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(p->id), V(p->placed_at), V(line->line_no),
                       V(line->quantity), V(b->title));
        }
    }
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    purchase_rows purchases;
    rowan_status status = purchase_raw_all(
        scope, "SELECT * FROM purchase WHERE customer_id = ? ORDER BY id",
        PARAMS(V(CUSTOMER_ID)), &purchases);

    for (size_t i = 0; status == ROWAN_OK && i < purchases.count; i++) {
        status = show_lines(scope, &purchases.at[i], found);
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_rows rows;
    rowan_status status = rowan_raw_all(
        scope,
        "SELECT p.id AS purchase_id, p.placed_at, l.line_no, l.quantity, b.title "
        "FROM purchase p "
        "JOIN purchase_line l ON l.purchase_id = p.id "
        "JOIN book b ON b.id = l.book_id "
        "WHERE p.customer_id = ? ORDER BY p.id, l.line_no",
        PARAMS(V(CUSTOMER_ID)), &ordered_shape, &rows);
    const ordered *line = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        LEDGER_ROW(found, V(line[i].purchase_id), V(line[i].placed_at),
                   V(line[i].line_no), V(line[i].quantity), V(line[i].title));
    }
    return status;
}

const usecase_ways orders_raw = {tempting, good};
