/*
 * Findings for a person: one line that says it all, then the evidence, both ends of it, and what to
 * write instead.
 */
#include <inttypes.h>
#include <string.h>

#include "report/print.h"

typedef struct inks {
    const char *loud, *quiet, *plain;
} inks;

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
    fprintf(file, "  %sproof%s       %s\n", ink->quiet, ink->plain, line);
    if (proof->state == ROWAN__PROVEN_EQUAL && !proof->is_in_process) {
        rowan__proof_write_price(proof, line, sizeof line);
        fprintf(file, "  %sprice%s       %s\n", ink->quiet, ink->plain, line);
    }
}

const char *rowan__parent_title(const char *kind)
{
    return strcmp(kind, "idle_in_transaction") == 0 ? "waits after" : "values from";
}

static void print_site(const rowan__trace_finding *finding, const inks *ink, FILE *file)
{
    char through[512];

    fprintf(file, "  %ssent from%s   %s%s\n", ink->quiet, ink->plain,
            rowan__site_words(finding->callsite),
            rowan__through_say(finding->through, through, sizeof through));
}

static void print_finding(const rowan__trace_finding *finding, const inks *ink, FILE *file)
{
    fprintf(file, "%s%s %s%s  %" PRIu64 " x  %s", ink->loud, rowan__kind_title(finding->kind),
            finding->is_confirmed ? "confirmed" : "likely", ink->plain, finding->count,
            finding->fingerprint);
    if (finding->trace_ns > 0) {
        fprintf(file, "  %.1f ms of %.1f ms (%d %%)", (double)finding->total_ns / 1e6,
                (double)finding->trace_ns / 1e6,
                (int)(100 * finding->total_ns / finding->trace_ns));
    }
    fprintf(file, "\n  %sevidence%s    %s\n", ink->quiet, ink->plain, finding->evidence);
    if (finding->parent_sql != NULL) {
        fprintf(file, "  %s%-11s%s #%" PRIu64 ", %s: %s\n", ink->quiet,
                rowan__parent_title(finding->kind), ink->plain, finding->parent_seq,
                rowan__site_words(finding->parent_callsite), finding->parent_sql);
    }
    print_site(finding, ink, file);
    fprintf(file, "  %sinstead%s     %s\n", ink->quiet, ink->plain, finding->suggestion);
    if (finding->call != NULL) {
        fprintf(file, "  %sby a call%s   %s\n", ink->quiet, ink->plain, finding->call);
    }
    print_proof(&finding->proof, ink, file);
    if (finding->standing == ROWAN__STANDING_WORSE) {
        fprintf(file, "  %sbefore%s      %" PRIu64 " x\n", ink->quiet, ink->plain,
                finding->count_before);
    }
    if (finding->allowed != NULL) {
        fprintf(file, "  %sallowed%s     %s\n", ink->quiet, ink->plain, finding->allowed);
    }
    fprintf(file, "  %sin%s          %s%s%s, fingerprint %016" PRIx64 "\n\n", ink->quiet,
            ink->plain, finding->trace->path, finding->scope != NULL ? ", scope " : "",
            finding->scope != NULL ? finding->scope : "", finding->fingerprint_id);
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
        fprintf(file, "%s #%" PRIu64 "%s%s: %" PRIu64 " x, %" PRIu64 " different: %s\n",
                one->trace->path, one->seq, one->scope != NULL ? ", scope " : "",
                one->scope != NULL ? one->scope : "", one->silence.count, one->silence.distinct,
                one->silence.why != NULL ? one->silence.why : "it is a finding");
    }
    if (analysis->explained_count == 0) {
        fprintf(file, "no statement has the fingerprint %016" PRIx64 "\n", analysis->explain);
    }
}
