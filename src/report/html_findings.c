/* The findings of the HTML report: ranked by the time that is lost in them. */
#include <inttypes.h>
#include <string.h>

#include "detector/fold.h"
#include "report/page_private.h"

enum { EVIDENCE_ROWS = 3 };

static int percent_of(const rowan__trace_finding *finding)
{
    return finding->trace_ns > 0 ? (int)(100 * finding->total_ns / finding->trace_ns) : 0;
}

static void print_site(const char *what, const char *callsite, FILE *file)
{
    bool known = callsite != NULL && strcmp(callsite, "?") != 0;

    fprintf(file, "<p><span class=\"soft\">%s</span> ", what);
    rowan__markup_text(known ? callsite : "call site unknown", file);
    fputs("</p>\n", file);
}

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

/* One row of the evidence: a row of the parent, and the child that was given its value. */
static bool print_pair(const rowan__trace_finding *finding, const rowan__traced *parent,
                       size_t column, const rowan__traced *child, FILE *file)
{
    for (size_t r = 0; r < parent->row_count; r++) {
        const rowan_value *value = &parent->rows[r * parent->column_count + column];
        const rowan_value *param = param_with(child, rowan__key_value(value));
        if (param == NULL) {
            continue;
        }
        fprintf(file, "<tr><td class=\"n\">%zu</td><td><code>", r + 1);
        rowan__html_value(value, file);
        fprintf(file, "</code></td><td class=\"n\">%" PRIu64 "</td><td><code>", child->seq);
        rowan__html_value(param, file);
        fputs("</code></td></tr>\n", file);
        return true;
    }
    (void)finding;
    return false;
}

static void print_evidence(const rowan__trace_finding *finding, FILE *file)
{
    const rowan__traced *parent = rowan__trace_numbered(finding->trace, finding->parent_seq);
    size_t column, shown = 0;

    if (parent == NULL || finding->parent_column == NULL) {
        return;
    }
    column = column_of(parent, finding->parent_column);
    if (column == parent->column_count) {
        return;
    }
    fputs("<div class=\"scroll\"><table><caption class=\"soft\">Rows of the parent beside the "
          "values of the children</caption><thead><tr><th class=\"n\">row</th><th>",
          file);
    rowan__markup_text(finding->parent_column, file);
    fputs("</th><th class=\"n\">statement</th><th>", file);
    rowan__markup_text(finding->child_column != NULL ? finding->child_column : "value", file);
    fputs("</th></tr></thead><tbody>\n", file);
    for (size_t i = 0; i < finding->seq_count && shown < EVIDENCE_ROWS; i++) {
        const rowan__traced *child = rowan__trace_numbered(finding->trace, finding->seqs[i]);
        shown += child != NULL && print_pair(finding, parent, column, child, file);
    }
    fputs("</tbody></table></div>\n", file);
}

/* A call site without its function, as the allow-list has it. */
static void print_place(const char *callsite, FILE *file)
{
    char place[256] = "*";

    if (callsite != NULL && strcmp(callsite, "?") != 0) {
        snprintf(place, sizeof place, "%.*s", (int)strcspn(callsite, " "), callsite);
    }
    rowan__markup_text(place, file);
}

static void print_fix(const rowan__trace_finding *finding, size_t number, FILE *file)
{
    fprintf(file,
            "<p class=\"soft\">Instead <button type=\"button\" hidden data-copy=\"fix%zu\">Copy"
            "</button></p>\n<pre id=\"fix%zu\">",
            number, number);
    rowan__markup_text(finding->suggestion, file);
    fprintf(file,
            "</pre>\n<p class=\"soft\">To live with it for a while, in the allow-list: "
            "<code>%016" PRIx64 " ",
            finding->fingerprint_id);
    print_place(finding->callsite, file);
    fputs(" YYYY-MM-DD REASON</code></p>\n", file);
}

/* What came of trying the advice, and what it saves at some distances of the database. */
static void print_proof(const rowan__proof *proof, FILE *file)
{
    char line[ROWAN__PROOF_LINE];

    if (proof->state == ROWAN__PROVEN_NOT_TRIED) {
        return;
    }
    rowan__proof_write(proof, line, sizeof line);
    fprintf(file, "<p class=\"proof\"><b>%s</b> ",
            proof->state == ROWAN__PROVEN_EQUAL ? "Proven:" : "Proof:");
    rowan__markup_text(line, file);
    fputs("</p>\n", file);
    if (proof->state == ROWAN__PROVEN_EQUAL && !proof->is_in_process) {
        rowan__proof_write_price(proof, line, sizeof line);
        fputs("<p class=\"soft\">Price: ", file);
        rowan__markup_text(line, file);
        fputs("</p>\n", file);
    }
}

static void print_finding(const rowan__trace_finding *finding, size_t number, FILE *file)
{
    int percent = percent_of(finding);

    fprintf(file, "<article id=\"finding%zu\">\n<h3><span class=\"kind\">", number);
    rowan__markup_text(rowan__kind_title(finding->kind), file);
    fprintf(file, "</span> %s · %" PRIu64 " × <code>",
            finding->is_confirmed ? "confirmed" : "likely", finding->count);
    rowan__markup_text(finding->fingerprint, file);
    fprintf(file,
            "</code></h3>\n<div class=\"meter\" role=\"img\" aria-label=\"%d percent of the "
            "trace's time\"><span style=\"width:%d%%\"></span></div>\n"
            "<p>%.1f ms of %.1f ms (%d %%)</p>\n<p>",
            percent, percent, (double)finding->total_ns / 1e6, (double)finding->trace_ns / 1e6,
            percent);
    rowan__markup_text(finding->evidence, file);
    fputs("</p>\n", file);
    print_evidence(finding, file);
    if (finding->parent_sql != NULL) {
        print_site("values read at", finding->parent_callsite, file);
    }
    print_site("sent from", finding->callsite, file);
    print_fix(finding, number, file);
    print_proof(&finding->proof, file);
    if (finding->allowed != NULL) {
        fputs("<p><b>Allowed:</b> ", file);
        rowan__markup_text(finding->allowed, file);
        fputs("</p>\n", file);
    }
    fputs("</article>\n", file);
}

void rowan__html_findings(const rowan__analysis *analysis, FILE *file)
{
    fputs("<section aria-labelledby=\"findings\"><h2 id=\"findings\">Findings</h2>\n", file);
    if (analysis->count == 0) {
        fputs("<p>Nothing repeats that should not, and nothing is slow.</p>\n", file);
    }
    for (size_t i = 0; i < analysis->count; i++) {
        print_finding(&analysis->at[i], i + 1, file);
    }
    fputs("</section>\n", file);
}
