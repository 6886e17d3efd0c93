/* Every order line ever sold, with Active Record: a thousand rows at a time, then their
 * memory again. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_query all = {
        .from = &purchase_line_table,
        .order_by = ORDER(ASC(PURCHASE_LINE.purchase_id), ASC(PURCHASE_LINE.line_no)),
    };
    purchase_line_rows lines;
    int64_t cents = 0;
    rowan_status status = purchase_line_all(scope, &all, &lines);

    for (size_t i = 0; i < lines.count; i++) {
        cents += (int64_t)lines.at[i].quantity * lines.at[i].unit_price_cents;
    }
    LEDGER_ROW(found, V((int64_t)lines.count), V(cents));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_value last[] = {V(0), V(0)};
    rowan_query page = {
        .from = &purchase_line_table,
        .order_by = ORDER(ASC(PURCHASE_LINE.purchase_id), ASC(PURCHASE_LINE.line_no)),
        .after = {last, 2},
        .limit = 1000,
    };
    rowan_mark mark = rowan_scope_mark(scope);
    purchase_line_rows lines;
    int64_t count = 0, cents = 0;
    rowan_status status;

    do {
        status = purchase_line_all(scope, &page, &lines);
        for (size_t i = 0; i < lines.count; i++) {
            purchase_line *line = &lines.at[i];
            cents += (int64_t)line->quantity * line->unit_price_cents;
            last[0] = V(line->purchase_id);
            last[1] = V(line->line_no);
        }
        count += (int64_t)lines.count;
        if (status == ROWAN_OK) {
            status = rowan_scope_rewind(scope, mark);
        }
    } while (status == ROWAN_OK && (int64_t)lines.count == page.limit);
    LEDGER_ROW(found, V(count), V(cents));
    return status;
}

const usecase_ways export_activerecord = {tempting, good};
