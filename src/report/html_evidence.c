/* The evidence of a finding: rows of the parent, and beside each the child that got its value. */
#include <inttypes.h>
#include <string.h>

#include "detector/fold.h"
#include "report/page_private.h"

enum { EVIDENCE_ROWS = 3, EVIDENCE_COLUMNS = 4 };

/* A parent's result, and which of its columns are shown. */
typedef struct source {
    const rowan__traced *statement;
    size_t column; /* that the values came from */
    size_t first, end;
} source;

/* The number of a column in a result; its column_count if it is not there. */
static size_t column_of(const rowan__traced *statement, const char *name)
{
    size_t c = 0;

    while (c < statement->column_count && strcmp(statement->columns[c], name) != 0) {
        c++;
    }
    return c;
}

/* The parameter that has a key, or NULL. */
static const rowan_value *param_with(const rowan__traced *statement, uint64_t key)
{
    for (size_t i = 0; i < statement->param_count; i++) {
        if (rowan__key_value(&statement->params[i]) == key) {
            return &statement->params[i];
        }
    }
    return NULL;
}

static void print_row(const source *from, size_t row, const rowan__traced *child,
                      const rowan_value *param, FILE *file)
{
    const rowan_value *cells = &from->statement->rows[row * from->statement->column_count];

    fprintf(file, "<tr><td class=\"n\">%zu</td>", row + 1);
    for (size_t c = from->first; c < from->end; c++) {
        fputs(c == from->column ? "<td class=\"given\"><code>" : "<td class=\"other\"><code>",
              file);
        rowan__html_value(&cells[c], file);
        fputs("</code></td>", file);
    }
    fprintf(file,
            "<td class=\"to\" aria-hidden=\"true\">→</td><td class=\"n\">#%" PRIu64
            "</td><td class=\"given\"><code>",
            child->seq);
    rowan__html_value(param, file);
    fputs("</code></td></tr>\n", file);
}

/* One row of the evidence: a row of the parent, and the child that was given its value. */
static bool print_pair(const source *from, const rowan__traced *child, FILE *file)
{
    const rowan__traced *parent = from->statement;

    for (size_t r = 0; r < parent->row_count; r++) {
        const rowan_value *value = &parent->rows[r * parent->column_count + from->column];
        const rowan_value *param = param_with(child, rowan__key_value(value));
        if (param != NULL) {
            print_row(from, r, child, param, file);
            return true;
        }
    }
    return false;
}

static void print_heads(const rowan__trace_finding *finding, const source *from, FILE *file)
{
    fprintf(file,
            "<div class=\"scroll\"><table class=\"evidence\"><caption>Rows of statement #%" PRIu64
            ", and the statements that were given their values</caption>\n<thead><tr>"
            "<th scope=\"col\" class=\"n\">row</th>",
            finding->parent_seq);
    for (size_t c = from->first; c < from->end; c++) {
        fputs(c == from->column ? "<th scope=\"col\" class=\"given\">"
                                : "<th scope=\"col\" class=\"other\">",
              file);
        rowan__markup_text(from->statement->columns[c], file);
        fputs("</th>", file);
    }
    fputs("<td></td><th scope=\"col\" class=\"n\">statement</th>"
          "<th scope=\"col\" class=\"given\">",
          file);
    rowan__markup_text(finding->child_column != NULL ? finding->child_column : "value", file);
    fputs("</th></tr></thead>\n<tbody>\n", file);
}

void rowan__html_evidence(const rowan__trace_finding *finding, FILE *file)
{
    source from = {.statement = rowan__trace_numbered(finding->trace, finding->parent_seq)};
    size_t shown = 0;

    if (from.statement == NULL || finding->parent_column == NULL) {
        return;
    }
    from.column = column_of(from.statement, finding->parent_column);
    if (from.column == from.statement->column_count || from.statement->row_count == 0) {
        return;
    }
    from.first = from.column < EVIDENCE_COLUMNS ? 0 : from.column;
    from.end = from.first + EVIDENCE_COLUMNS < from.statement->column_count
                   ? from.first + EVIDENCE_COLUMNS
                   : from.statement->column_count;
    print_heads(finding, &from, file);
    for (size_t i = 0; i < finding->seq_count && shown < EVIDENCE_ROWS; i++) {
        const rowan__traced *child = rowan__trace_numbered(finding->trace, finding->seqs[i]);
        shown += child != NULL && print_pair(&from, child, file);
    }
    fputs("</tbody></table></div>\n", file);
    if (finding->count > shown) {
        fprintf(file, "<p class=\"soft\">and %" PRIu64 " more</p>\n", finding->count - shown);
    }
}
