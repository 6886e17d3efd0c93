/* From traces to a report: what analyze does, and every verb that records before. */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/send.h"
#include "driver/driver.h"
#include "report/baseline.h"
#include "report/print.h"
#include "report/visible.h"
#include "verify/verify.h"

static error_t choose_format(const char *name, cli_format *out)
{
    static const char *const formats[] = {"text", "json",   "sarif", "junit",
                                          "html", "chrome", "otlp",  "prometheus"};

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(name, formats[i]) == 0) {
            *out = (cli_format)i;
            return 0;
        }
    }
    cli_fail("there is no format %s: see rowan analyze --help", name);
    return CLI_REFUSED;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    cli_report *r = state->input;

    switch (key) {
    case 'f':
        return choose_format(argument, &r->format);
    case 'b':
        r->baseline = argument;
        return 0;
    case 'a':
        r->allow = argument;
        return 0;
    case 'v':
        r->verify = argument;
        return 0;
    case 's':
        r->send = argument;
        return 0;
    case 'p':
        if (!rowan__profile_named(argument, &r->profile)) {
            cli_fail("there is no profile %s: see rowan analyze --help", argument);
            return CLI_REFUSED;
        }
        return 0;
    case 'x':
        if (!rowan__fingerprint_read(argument, &r->explain) || r->explain == 0) {
            cli_fail("%s is no fingerprint: give the 16 digits that analyze prints", argument);
            return CLI_REFUSED;
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option report_options[] = {
    {"format", 'f', "NAME", 0,
     "text (the default); json, one object a line; sarif, for code review; junit; html, one"
     " page; the trace itself as chrome (for Perfetto), otlp (OpenTelemetry) or prometheus",
     0},
    {"baseline", 'b', "FILE", 0,
     "The json of an earlier run: what was there before is no reason to fail", 0},
    {"allow", 'a', "FILE", 0,
     "What to live with: lines of fingerprint, call site or *, last day, reason", 0},
    {"verify", 'v', "URL", 0,
     "Try the advice on this database, which holds tests' data: run what was sent and what is to"
     " replace it, change nothing, compare the rows",
     0},
    {"send", 's', "URL", 0,
     "With --format otlp: send the trace to this collector, its spans to URL/v1/traces and its"
     " histogram to URL/v1/metrics",
     0},
    {"profile", 'p', "NAME", 0,
     "How soon to speak up: default; strict, for the few rows of tests; production", 0},
    {"explain-silence", 'x', "FINGERPRINT", 0,
     "Say of a statement why it is no finding, scope by scope", 0},
    {0},
};

const struct argp cli_report_argp = {.options = report_options, .parser = parse_option};

/* What has been complained of. Of a file that is no trace a few lines say enough. */
typedef struct complaints {
    size_t all, of_file;
} complaints;

enum { MOST_OF_FILE = 5 };

static void complain(void *context, const char *path, size_t line, const char *why)
{
    complaints *self = context;

    self->all++;
    if (++self->of_file <= MOST_OF_FILE) {
        cli_fail("%s:%zu: %s", path, line, why);
    }
}

/* What else is to be said of a file when it has been read. */
static void conclude(complaints *self, const char *path, size_t statements)
{
    if (self->of_file > MOST_OF_FILE) {
        size_t more = self->of_file - MOST_OF_FILE;
        cli_fail("%s: %zu more line%s cannot be read", path, more, more == 1 ? "" : "s");
    }
    if (statements == 0) {
        cli_fail("%s: there is no statement in it; rowan-trace(5) says what a trace is", path);
        self->all++;
    }
    self->of_file = 0;
}

/* Reads every file and adds what is found in it; a file that cannot be read keeps no other back. */
static int analyze_files(const cli_report *r, char *const *files, size_t count,
                         rowan__analysis *analysis, rowan__trace *traces)
{
    complaints said = {0};
    const rowan__complaint complaint = {complain, &said};
    rowan_error error = {0};
    int status = CLI_DONE;

    for (size_t i = 0; i < count; i++) {
        rowan_status read =
            rowan__trace_read(&traces[i], &rowan__default_allocator, files[i], &complaint, &error);
        if (read != ROWAN_OK) {
            (void)cli_fail_with(&error);
            status = read == ROWAN_IO ? CLI_USAGE : CLI_FAILED;
            continue;
        }
        traces[i].path = r->title != NULL ? r->title : traces[i].path;
        if (rowan__analysis_add(analysis, &traces[i]) != ROWAN_OK) {
            cli_fail("%s: out of memory", files[i]);
            return CLI_FAILED;
        }
        conclude(&said, files[i], traces[i].count);
    }
    return said.all > 0 && analysis->statements == 0 ? CLI_USAGE : status;
}

/* --- Proofs. --- */

static bool has_advice_to_verify(const rowan__analysis *analysis)
{
    for (size_t i = 0; i < analysis->count; i++) {
        if (rowan__verify_can(&analysis->at[i])) {
            return true;
        }
    }
    return false;
}

/* Tries the advice. A database that cannot be reached is said, and nothing is proven then. */
static bool verify(const char *url, rowan__analysis *analysis)
{
    rowan_error error = {0};
    rowan__verify on = {.analysis = analysis};
    rowan_status status;

    if (url == NULL || !has_advice_to_verify(analysis)) {
        return true;
    }
    status = rowan__verify_open(url, &on.db, &error);
    if (status == ROWAN_OK) {
        status = rowan__verify_findings(&on);
    } else {
        (void)cli_fail_with(&error);
        status = rowan__verify_give_up(analysis, error.message);
    }
    rowan_close(on.db);
    return status == ROWAN_OK;
}

/* --- What is known of before. --- */

/* Compares with the baseline and the allow-list. @return CLI_DONE, or why not */
static int compare_with_known(const cli_report *r, rowan__analysis *analysis, rowan__known *known)
{
    rowan_error error = {0};
    rowan_status status = ROWAN_OK;
    char today[16];
    time_t now = time(NULL);
    struct tm day;

    if (gmtime_r(&now, &day) == NULL || strftime(today, sizeof today, "%Y-%m-%d", &day) == 0) {
        today[0] = '\0';
    }
    if (r->baseline != NULL) {
        status = rowan__baseline_compare(analysis, r->baseline, known, &error);
    }
    if (status == ROWAN_OK && r->allow != NULL) {
        status = rowan__allow_list_apply(analysis, r->allow, today, known, &error);
    }
    if (status != ROWAN_OK) {
        (void)cli_fail_with(&error);
        return status == ROWAN_NOMEM ? CLI_FAILED : CLI_USAGE;
    }
    return CLI_DONE;
}

static void print_known(const rowan__known *known, FILE *out)
{
    for (size_t i = 0; i < known->fixed_count; i++) {
        fputs("fixed: ", out);
        rowan__visible_line(known->fixed[i].trace, out);
        fputc(' ', out);
        rowan__visible_line(rowan__kind_title(known->fixed[i].kind), out);
        fputs("  ", out);
        rowan__visible_line(known->fixed[i].fingerprint, out);
        fputc('\n', out);
    }
}

/* --- The report. --- */

static bool print_as(const cli_report *r, const rowan__analysis *analysis)
{
    switch (r->format) {
    case CLI_FORMAT_TEXT:
        rowan__print_text(analysis, isatty(fileno(r->out)) && cli_wants_colour(), r->out);
        return true;
    case CLI_FORMAT_JSON:
        return rowan__print_json(analysis, r->out);
    case CLI_FORMAT_SARIF:
        return rowan__print_sarif(analysis, r->out);
    case CLI_FORMAT_JUNIT:
        rowan__print_junit(analysis, r->out);
        return true;
    case CLI_FORMAT_HTML:
        return rowan__print_html(analysis, r->out);
    case CLI_FORMAT_CHROME:
        return rowan__print_chrome(analysis, r->out);
    case CLI_FORMAT_OTLP:
        return r->send != NULL || rowan__print_otlp(analysis, r->out);
    case CLI_FORMAT_PROMETHEUS:
        return rowan__print_prometheus(analysis, r->out);
    }
    return false;
}

static int status_of(const rowan__analysis *analysis, const rowan__known *known)
{
    int status = CLI_DONE;

    for (size_t i = 0; i < analysis->count; i++) {
        status = rowan__is_news(&analysis->at[i]) ? CLI_LOOK : status;
    }
    for (size_t i = 0; i < known->stale_count; i++) {
        cli_fail("%s", known->stale[i]);
        status = CLI_LOOK;
    }
    return status;
}

/* A report that was written is worth more than the lines that could not be read; a file that could
 * not is no small matter. */
static int report(const cli_report *r, rowan__analysis *analysis, int read)
{
    rowan__known known = {0};
    int status = compare_with_known(r, analysis, &known);

    if (status == CLI_DONE && r->explain != 0) {
        rowan__print_silence(analysis, r->out);
        status = read;
    } else if (status == CLI_DONE && !(verify(r->verify, analysis) && print_as(r, analysis))) {
        cli_fail("out of memory");
        status = CLI_FAILED;
    } else if (status == CLI_DONE) {
        if (r->format == CLI_FORMAT_TEXT) {
            print_known(&known, r->out);
        }
        status = read != CLI_DONE ? read : status_of(analysis, &known);
    }
    if (r->send != NULL && status != CLI_FAILED) {
        int sent = cli_send(analysis, r->send, r->out);
        status = sent != CLI_DONE ? sent : status;
    }
    rowan__known_fini(&known, analysis->allocator);
    return status;
}

bool cli_report_is_sound(const cli_report *r)
{
    if (r->send != NULL && (r->format != CLI_FORMAT_OTLP || r->explain != 0)) {
        cli_fail("--send sends a trace in the format otlp: say --format otlp, too");
        return false;
    }
    if (r->verify != NULL) {
        const rowan__driver *driver;
        rowan__url parts;
        rowan_error error = {0};
        if (rowan__driver_find(r->verify, &driver, &parts, &error) != ROWAN_OK) {
            cli_fail("--verify: %s", error.message);
            return false;
        }
    }
    return true;
}

int cli_report_files(const cli_report *r, char *const *files, size_t count)
{
    rowan_detector_options options = ROWAN_DETECTOR_OPTIONS_INIT;
    rowan__trace *traces = calloc(count, sizeof *traces);
    rowan__analysis analysis = {.allocator = &rowan__default_allocator};
    int status = CLI_FAILED;

    options.profile = r->profile;
    rowan__rules rules = rowan__rules_of(&options);
    if (traces == NULL ||
        rowan__analysis_init(&analysis, &rowan__default_allocator, &rules) != ROWAN_OK) {
        cli_fail("out of memory");
    } else {
        analysis.explain = r->explain;
        status = analyze_files(r, files, count, &analysis, traces);
        if (status == CLI_DONE || analysis.statements > 0) {
            status = report(r, &analysis, status);
        }
    }
    rowan__analysis_fini(&analysis);
    for (size_t i = 0; traces != NULL && i < count; i++) {
        if (traces[i].allocator != NULL) {
            rowan__trace_fini(&traces[i]);
        }
    }
    free(traces);
    return status;
}
