/* Every order line ever sold, with Data Mapper: a session for each thousand rows. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

typedef struct totals {
    int64_t count, cents;
    rowan_value last[2]; /* the key of the line that was read last */
} totals;

static rowan_status add_lines(rowan_scope *scope, const rowan_query *query, totals *sum)
{
    rowan_session *session = NULL;
    rowan_refs lines = {0};
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = purchase_line_session_all(session, query, &lines);
    }
    for (size_t i = 0; i < lines.count; i++) {
        purchase_line *line = lines.at[i];
        sum->cents += (int64_t)line->quantity * line->unit_price_cents;
        sum->last[0] = V(line->purchase_id);
        sum->last[1] = V(line->line_no);
    }
    sum->count += (int64_t)lines.count;
    rowan_session_end(session);
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    totals sum = {0};
    rowan_query all = {
        .from = &purchase_line_table,
        .order_by = ORDER(ASC(PURCHASE_LINE.purchase_id), ASC(PURCHASE_LINE.line_no)),
    };
    rowan_status status = add_lines(scope, &all, &sum);

    LEDGER_ROW(found, V(sum.count), V(sum.cents));
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    totals sum = {.last = {V(0), V(0)}};
    rowan_query page = {
        .from = &purchase_line_table,
        .order_by = ORDER(ASC(PURCHASE_LINE.purchase_id), ASC(PURCHASE_LINE.line_no)),
        .after = {sum.last, 2},
        .limit = 1000,
    };
    rowan_mark mark = rowan_scope_mark(scope);
    int64_t before;
    rowan_status status;

    do {
        before = sum.count;
        status = add_lines(scope, &page, &sum);
        if (status == ROWAN_OK) {
            status = rowan_scope_rewind(scope, mark);
        }
    } while (status == ROWAN_OK && sum.count - before == page.limit);
    LEDGER_ROW(found, V(sum.count), V(sum.cents));
    return status;
}

const usecase_ways export_datamapper = {tempting, good};
