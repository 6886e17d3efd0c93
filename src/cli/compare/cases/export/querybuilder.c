/* Every order line ever sold, with the query builder: a stream holds one row. */
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
    rowan_status status = purchase_line_query_all(scope, &all, &lines);

    for (size_t i = 0; i < lines.count; i++) {
        cents += (int64_t)lines.at[i].quantity * lines.at[i].unit_price_cents;
    }
    LEDGER_ROW(found, V((int64_t)lines.count), V(cents));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_query all = {
        .from = &purchase_line_table,
        .order_by = ORDER(ASC(PURCHASE_LINE.purchase_id), ASC(PURCHASE_LINE.line_no)),
    };
    rowan_stream *stream;
    void *row;
    int64_t count = 0, cents = 0;
    rowan_status status = rowan_query_stream(scope, &all, &stream);

    while (status == ROWAN_OK &&
           (status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
        const purchase_line *line = row;
        cents += (int64_t)line->quantity * line->unit_price_cents;
        count++;
    }
    rowan_stream_close(stream);
    LEDGER_ROW(found, V(count), V(cents));
    return status == ROWAN_DONE ? ROWAN_OK : status;
}

const usecase_ways export_querybuilder = {tempting, good};
