/*
 * Findings for a person: one line that says it all, then the evidence, both ends of it, and what to
 * write instead.
 */
#include <inttypes.h>
#include <string.h>

#include "report/print.h"
#include "report/visible.h"

typedef struct inks {
    const char *loud, *quiet, *plain;
} inks;

enum { LABEL = 14 }; /* columns of a line before what it says */

/* Begins a line of a finding with what it is about. */
static void print_label(const char *label, const inks *ink, FILE *file)
{
    fprintf(file, "  %s%-*s%s ", ink->quiet, LABEL - 3, label, ink->plain);
}

/* A line of a finding. Texts of the trace have the lines that they have. */
static void print_line(const char *label, const char *text, const inks *ink, FILE *file)
{
    print_label(label, ink, file);
    rowan__visible_lines(text, LABEL, file);
    fputc('\n', file);
}

const char *rowan__kind_title(const char *kind)
{
    static const struct {
        const char *kind, *title;
    } titles[] = {
        {"n_plus_one", "N+1"},
        {"duplicate_query", "duplicate query"},
        {"write_loop", "writes in a loop"},
        {"recursive_walk", "recursive walk"},
        {"slow_query", "slow query"},
        {"unused_eager_load", "unused eager load"},
        {"long_transaction", "long transaction"},
        {"idle_in_transaction", "idle in a transaction"},
        {"unread_columns", "columns nobody read"},
        {"unread_rows", "rows nobody read"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (strcmp(kind, titles[i].kind) == 0) {
            return titles[i].title;
        }
    }
    return kind;
}

const char *rowan__site_words(const char *callsite)
{
    return callsite != NULL && callsite[0] != '\0' && strcmp(callsite, "?") != 0
               ? callsite
               : "call site unknown";
}

/* What came of trying the advice, and what following it is worth. */
static void print_proof(const rowan__proof *proof, const inks *ink, FILE *file)
{
    char line[ROWAN__PROOF_LINE];

    if (proof->state == ROWAN__PROVEN_NOT_TRIED) {
        return;
    }
    rowan__proof_write(proof, line, sizeof line);
    print_line("proof", line, ink, file);
    if (proof->state == ROWAN__PROVEN_EQUAL && !proof->is_in_process) {
        rowan__proof_write_price(proof, line, sizeof line);
        print_line("price", line, ink, file);
    }
}

const char *rowan__parent_title(const char *kind)
{
    return strcmp(kind, "idle_in_transaction") == 0 ? "waits after" : "values from";
}

static void print_parent(const rowan__trace_finding *finding, const inks *ink, FILE *file)
{
    print_label(rowan__parent_title(finding->kind), ink, file);
    fprintf(file, "#%" PRIu64 ", ", finding->parent_seq);
    rowan__visible_line(rowan__site_words(finding->parent_callsite), file);
    fputs(": ", file);
    rowan__visible_line(finding->parent_sql, file);
    fputc('\n', file);
}

static void print_site(const rowan__trace_finding *finding, const inks *ink, FILE *file)
{
    char through[512];

    print_label("sent from", ink, file);
    rowan__visible_line(rowan__site_words(finding->callsite), file);
    rowan__visible_line(rowan__through_say(finding->through, through, sizeof through), file);
    fputc('\n', file);
}

static void print_scope(const char *scope, FILE *file)
{
    if (scope != NULL) {
        fputs(", scope ", file);
        rowan__visible_line(scope, file);
    }
}

static void print_headline(const rowan__trace_finding *finding, const inks *ink, FILE *file)
{
    fprintf(file, "%s%s %s%s  %" PRIu64 " x  ", ink->loud, rowan__kind_title(finding->kind),
            finding->is_confirmed ? "confirmed" : "likely", ink->plain, finding->count);
    rowan__visible_line(finding->fingerprint, file);
    if (finding->trace_ns > 0) {
        fprintf(file, "  %.1f ms of %.1f ms (%d %%)", (double)finding->total_ns / 1e6,
                (double)finding->trace_ns / 1e6,
                (int)(100 * finding->total_ns / finding->trace_ns));
    }
    fputc('\n', file);
}

static void print_finding(const rowan__trace_finding *finding, const inks *ink, FILE *file)
{
    print_headline(finding, ink, file);
    print_line("evidence", finding->evidence, ink, file);
    if (finding->parent_sql != NULL) {
        print_parent(finding, ink, file);
    }
    print_site(finding, ink, file);
    print_line("instead", finding->suggestion, ink, file);
    if (finding->call != NULL) {
        print_line("by a call", finding->call, ink, file);
    }
    print_proof(&finding->proof, ink, file);
    if (finding->standing == ROWAN__STANDING_WORSE) {
        print_label("before", ink, file);
        fprintf(file, "%" PRIu64 " x\n", finding->count_before);
    }
    if (finding->allowed != NULL) {
        print_line("allowed", finding->allowed, ink, file);
    }
    print_label("in", ink, file);
    rowan__visible_line(finding->trace->path, file);
    print_scope(finding->scope, file);
    fprintf(file, ", fingerprint %016" PRIx64 "\n\n", finding->fingerprint_id);
}

bool rowan__dropped_say(const rowan__analysis *analysis, rowan__text *out)
{
    rowan__text_init(out, analysis->allocator);
    if (rowan__is_dropped(&analysis->dropped)) {
        rowan__text_format(out, "Not all was seen: in %zu scope%s, ", analysis->scopes_dropped,
                           analysis->scopes_dropped == 1 ? "" : "s");
        rowan__dropped_text(&analysis->dropped, out);
        rowan__text_char(out, '.');
    }
    return !out->failed && out->size > 0;
}

static void print_dropped(const rowan__analysis *analysis, FILE *file)
{
    rowan__text text;

    if (rowan__dropped_say(analysis, &text)) {
        fprintf(file, "%s\n", rowan__text_string(&text));
    }
    rowan__text_fini(&text);
}

void rowan__print_text(const rowan__analysis *analysis, bool colour, FILE *file)
{
    const inks none = {"", "", ""}, colours = {"\033[1;33m", "\033[2m", "\033[0m"};

    for (size_t i = 0; i < analysis->count; i++) {
        print_finding(&analysis->at[i], colour ? &colours : &none, file);
    }
    fprintf(file, "%zu finding%s in %zu statement%s of %zu scope%s\n", analysis->count,
            analysis->count == 1 ? "" : "s", analysis->statements,
            analysis->statements == 1 ? "" : "s", analysis->scopes,
            analysis->scopes == 1 ? "" : "s");
    print_dropped(analysis, file);
}

void rowan__print_silence(const rowan__analysis *analysis, FILE *file)
{
    for (size_t i = 0; i < analysis->explained_count; i++) {
        const rowan__explained *one = &analysis->explained[i];
        rowan__visible_line(one->trace->path, file);
        fprintf(file, " #%" PRIu64, one->seq);
        print_scope(one->scope, file);
        fprintf(file, ": %" PRIu64 " x, %" PRIu64 " different: %s\n", one->silence.count,
                one->silence.distinct,
                one->silence.why != NULL ? one->silence.why : "it is a finding");
    }
    if (analysis->explained_count == 0) {
        fprintf(file, "no statement has the fingerprint %016" PRIx64 "\n", analysis->explain);
    }
}
