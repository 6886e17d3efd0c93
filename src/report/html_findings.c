/* The findings of the HTML report: ranked by the time that is lost in them. */
#include <inttypes.h>
#include <string.h>

#include "report/page_private.h"

/* How many findings are open before anybody asks for them. */
enum { OPEN = 1 };

static void print_summary(const rowan__trace_finding *finding, FILE *file)
{
    double percent = rowan__percent(finding->total_ns, finding->trace_ns);

    fprintf(file,
            "<summary><span class=\"share\"><b>%.*f %%</b><span class=\"meter\" "
            "aria-hidden=\"true\"><span style=\"width:%.1f%%\"></span></span></span>\n"
            "<h3><span class=\"kind\">",
            percent < 9.95 ? 1 : 0, percent, percent);
    rowan__markup_text(rowan__kind_title(finding->kind), file);
    fprintf(file, "</span> <span class=\"sure\">%s · %" PRIu64 " × · %s of %s ms%s</span>\n<code>",
            finding->is_confirmed ? "confirmed" : "likely", finding->count,
            rowan__html_time(finding->total_ns).text, rowan__html_time(finding->trace_ns).text,
            finding->allowed != NULL                     ? " · allowed"
            : finding->standing == ROWAN__STANDING_KNOWN ? " · known"
            : finding->standing == ROWAN__STANDING_WORSE ? " · worse"
                                                         : "");
    rowan__markup_text(finding->fingerprint, file);
    fputs("</code></h3></summary>\n", file);
}

/* --- The fix. --- */

/* Where the statement begins that a suggestion ends with; NULL: it has none. */
static const char *statement_in(const char *suggestion)
{
    static const char *const verbs[] = {"select ", "with ", "insert ", "update ", "delete "};

    for (const char *at = suggestion; (at = strstr(at, ": ")) != NULL;) {
        at += 2;
        for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
            if (strncmp(at, verbs[i], strlen(verbs[i])) == 0) {
                return at;
            }
        }
    }
    return NULL;
}

static void print_lead(const char *suggestion, const char *end, FILE *file)
{
    char lead[512];

    snprintf(lead, sizeof lead, "%.*s", (int)(end - suggestion), suggestion);
    fputs("<p>", file);
    rowan__markup_text(lead, file);
    fputs("</p>\n", file);
}

static void print_fix(const rowan__trace_finding *finding, size_t number, FILE *file)
{
    const char *statement = finding->is_written_out ? NULL : statement_in(finding->suggestion);

    fputs("<div class=\"fix\"><h4>Instead</h4>\n", file);
    if (statement != NULL) {
        print_lead(finding->suggestion, statement, file);
    }
    fprintf(file, "<div class=\"copied\"><pre id=\"fix%zu\"%s>", number,
            statement == NULL && !finding->is_written_out ? " class=\"words\"" : "");
    rowan__markup_text(statement != NULL ? statement : finding->suggestion, file);
    fprintf(file,
            "</pre><button type=\"button\" hidden data-copy=\"fix%zu\">Copy<span "
            "class=\"unseen\"> what to write instead</span></button></div>\n",
            number);
    if (finding->call != NULL) {
        fputs("<p><span class=\"soft\">By a call:</span> ", file);
        rowan__markup_text(finding->call, file);
        fputs("</p>\n", file);
    }
    fputs("</div>\n", file);
}

/* --- Facts. --- */

static void begin_fact(const char *what, FILE *file)
{
    fprintf(file, "<dt>%s</dt><dd>", what);
}

static void print_code(const char *text, FILE *file)
{
    fputs("<code>", file);
    rowan__markup_text(text, file);
    fputs("</code>", file);
}

static void print_site(const char *what, const char *callsite, const char *const *through,
                       FILE *file)
{
    begin_fact(what, file);
    if (rowan__is_known_site(callsite)) {
        print_code(callsite, file);
    } else {
        fputs("call site unknown", file);
    }
    for (size_t i = 0; through != NULL && through[i] != NULL; i++) {
        fputs(i == 0 ? ", through " : ", ", file);
        print_code(through[i], file);
    }
    fputs("</dd>\n", file);
}

/* Whether it is that a statement is sent more often than it would have to be. */
static bool is_repetition(const rowan__trace_finding *finding)
{
    static const char *const kinds[] = {"n_plus_one", "duplicate_query", "write_loop",
                                        "recursive_walk"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(finding->kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* An engine in the process makes no round trips; over a network they are most of what is lost. */
static void print_round_trips(const rowan__trace_finding *finding, FILE *file)
{
    if (!is_repetition(finding)) {
        return;
    }
    begin_fact("round trips", file);
    if (finding->dialect != NULL && strcmp(finding->dialect, "sqlite") == 0) {
        fputs("none: the engine is in the process, so this costs less than on a server</dd>\n",
              file);
    } else {
        fprintf(file,
                "up to %" PRIu64 ", and each waits for the network; one statement has one"
                "</dd>\n",
                finding->count);
    }
}

static void print_facts(const rowan__trace_finding *finding, FILE *file)
{
    fputs("<dl>\n", file);
    if (finding->parent_sql != NULL) {
        begin_fact(rowan__parent_title(finding->kind), file);
        fprintf(file, "#%" PRIu64 " <code>", finding->parent_seq);
        rowan__markup_text(finding->parent_sql, file);
        fputs("</code></dd>\n", file);
        print_site("read at", finding->parent_callsite, NULL, file);
    }
    print_site("sent from", finding->callsite, finding->through, file);
    begin_fact("first sent as", file);
    fputs("<code>", file);
    rowan__markup_text(finding->sql, file);
    fputs("</code></dd>\n", file);
    print_round_trips(finding, file);
    begin_fact("in", file);
    rowan__markup_text(finding->trace->path, file);
    if (finding->scope != NULL) {
        fputs(", scope <code>", file);
        rowan__markup_text(finding->scope, file);
        fputs("</code>", file);
    }
    fputs("</dd>\n", file);
    if (!finding->is_confirmed && is_repetition(finding)) {
        begin_fact("likely only", file);
        fputs("the repetition is certain; where its values came from was not seen</dd>\n", file);
    }
    if (finding->standing == ROWAN__STANDING_WORSE) {
        begin_fact("before", file);
        fprintf(file, "%" PRIu64 " ×</dd>\n", finding->count_before);
    }
    if (finding->allowed != NULL) {
        begin_fact("allowed", file);
        rowan__markup_text(finding->allowed, file);
        fputs("</dd>\n", file);
    }
    fputs("</dl>\n", file);
}

/* --- Living with it. --- */

/* A call site without its function, as the allow-list has it. */
static void print_place(const char *callsite, FILE *file)
{
    char place[256] = "*";

    if (rowan__is_known_site(callsite)) {
        snprintf(place, sizeof place, "%.*s", (int)strcspn(callsite, " "), callsite);
    }
    rowan__markup_text(place, file);
}

/* The line for the allow-list; a script fills in the day and the reason. */
static void print_allow(const rowan__trace_finding *finding, size_t number, FILE *file)
{
    fprintf(file,
            "<details class=\"allow\"><summary>To live with it for a while</summary>\n"
            "<form hidden><label>until <input type=\"date\"></label> <label>because <input "
            "type=\"text\" placeholder=\"a reason\"></label></form>\n"
            "<p class=\"soft\">A line for the file that <code>--allow</code> names:</p>\n"
            "<div class=\"copied\"><pre id=\"allow%zu\">%016" PRIx64 " ",
            number, finding->fingerprint_id);
    print_place(finding->callsite, file);
    fprintf(file,
            " <span class=\"day\">YYYY-MM-DD</span> <span class=\"why\">REASON</span></pre>"
            "<button type=\"button\" hidden data-copy=\"allow%zu\">Copy<span class=\"unseen\"> the "
            "line for the allow-list</span></button></div></details>\n",
            number);
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
    fprintf(file, "<article id=\"finding%zu\" data-kind=\"", number);
    rowan__markup_text(finding->kind, file);
    fprintf(file, "\"><details%s>", number <= OPEN ? " open" : "");
    print_summary(finding, file);
    fputs("<div class=\"body\">\n<p class=\"evidence\">", file);
    rowan__markup_text(finding->evidence, file);
    fputs("</p>\n", file);
    rowan__html_evidence(finding, file);
    print_fix(finding, number, file);
    print_proof(&finding->proof, file);
    print_facts(finding, file);
    fprintf(file, "<p><button type=\"button\" hidden data-show=\"%zu\">Show in time</button></p>\n",
            number);
    print_allow(finding, number, file);
    fputs("</div></details></article>\n", file);
}

void rowan__html_findings(const rowan__page *page)
{
    fputs("<section aria-labelledby=\"findings\"><h2 id=\"findings\" tabindex=\"-1\">Findings"
          "</h2>\n",
          page->file);
    if (page->analysis->count == 0) {
        fputs("<p>Nothing repeats that should not, and nothing is slow.</p>\n", page->file);
    } else {
        fputs("<p class=\"soft\">By the time that is lost in them, in percent of all time that "
              "their trace spent in the database.</p>\n",
              page->file);
    }
    for (size_t i = 0; i < page->analysis->count; i++) {
        print_finding(page->ranked[i], i + 1, page->file);
    }
    fputs("<p id=\"nothing\" hidden>No finding has this.</p></section>\n", page->file);
}
