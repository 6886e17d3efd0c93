/*
 * The report as one page: no network, readable without scripts, light and dark, by keyboard and by
 * screen reader. Its style and its script are files of their own, page.css and page.js, which the
 * build makes part of the program. A policy in the page's head keeps it from asking the network,
 * whatever a recorded text may hold.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/page_private.h"

void rowan__html_value(const rowan_value *value, FILE *file)
{
    if (value->is_null || value->type == 0) {
        fputs("<i>NULL</i>", file);
    } else if (value->type == ROWAN_TYPE_TEXT) {
        rowan__markup_text(value->as.bytes.data, file);
    } else if (value->type == ROWAN_TYPE_INT64) {
        fprintf(file, "%" PRId64, value->as.integer);
    } else if (value->type == ROWAN_TYPE_DOUBLE) {
        fprintf(file, "%.17g", value->as.real);
    } else if (value->type == ROWAN_TYPE_BOOL) {
        fputs(value->as.boolean ? "true" : "false", file);
    } else {
        fputs("…", file);
    }
}

rowan__html_ms rowan__html_time(int64_t ns)
{
    double ms = (double)ns / 1e6;
    rowan__html_ms out;

    snprintf(out.text, sizeof out.text, "%.*f",
             ns == 0    ? 0
             : ms < 0.1 ? 4
             : ms < 1   ? 3
             : ms < 10  ? 2
                        : 1,
             ms);
    return out;
}

bool rowan__is_known_site(const char *callsite)
{
    return callsite != NULL && callsite[0] != '\0' && strcmp(callsite, "?") != 0;
}

double rowan__percent(int64_t part, int64_t whole)
{
    double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;

    return percent < 100 ? percent : 100;
}

static const char *part_named(const char *name)
{
    const rowan__embedded_part *part = rowan__embedded_parts;

    while (strcmp(part->name, name) != 0) {
        part++;
    }
    return part->text;
}

static int by_time_lost(const void *a, const void *b)
{
    const rowan__trace_finding *x = *(const rowan__trace_finding *const *)a;
    const rowan__trace_finding *y = *(const rowan__trace_finding *const *)b;

    if (x->total_ns != y->total_ns) {
        return x->total_ns > y->total_ns ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

/* --- Head and foot. --- */

static void print_head(FILE *file)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
            "<link rel=\"icon\" href=\"data:,\">\n"
            "<title>Rowan: what the statements say</title>\n<style>\n%s</style>\n</head>\n<body>\n"
            "<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n",
            part_named("page.css"));
}

/* A number and what it counts. */
static void print_figure(size_t count, const char *one, const char *many, FILE *file)
{
    fprintf(file, "<li><b>%zu</b> %s</li>\n", count, count == 1 ? one : many);
}

static void print_figures(const rowan__analysis *analysis, FILE *file)
{
    int64_t all_ns = 0;

    for (size_t t = 0; t < analysis->trace_count; t++) {
        for (size_t i = 0; i < analysis->traces[t]->count; i++) {
            all_ns += analysis->traces[t]->at[i].elapsed_ns;
        }
    }
    fputs("<ul class=\"figures\">\n", file);
    print_figure(analysis->count, "finding", "findings", file);
    print_figure(analysis->statements, "statement", "statements", file);
    print_figure(analysis->scopes, "scope", "scopes", file);
    fprintf(file, "<li><b>%s</b> ms in the database</li>\n</ul>\n", rowan__html_time(all_ns).text);
}

static void print_header(const rowan__page *page)
{
    FILE *file = page->file;

    fputs("<header>\n<div class=\"top\"><h1>What the statements say</h1>\n"
          "<button type=\"button\" id=\"theme\" hidden aria-pressed=\"false\">Dark</button>"
          "</div>\n",
          file);
    print_figures(page->analysis, file);
    fputs(
        "<nav aria-label=\"Parts of the page\"><a href=\"#findings\">Findings</a> "
        "<a href=\"#time\">In time</a> <a href=\"#statements\">Statements</a> "
        "<a href=\"#unseen\">Not seen</a></nav>\n"
        "<form id=\"search\" role=\"search\" hidden><label for=\"filter\">Filter</label> "
        "<input type=\"search\" id=\"filter\" autocomplete=\"off\" placeholder=\"a table, a file, "
        "a kind\"> <output id=\"matches\" for=\"filter\"></output></form>\n</header>\n",
        file);
}

static void print_foot(FILE *file)
{
    fprintf(file,
            "<footer><p id=\"keys\" hidden>Keys: <kbd>j</kbd> and <kbd>k</kbd> go to the next "
            "finding and back, <kbd>Enter</kbd> opens it, <kbd>c</kbd> copies what to write "
            "instead, <kbd>/</kbd> filters, <kbd>d</kbd> turns the light off. In a timeline the "
            "arrow keys go from statement to statement.</p>\n"
            "<p>Made by <code>rowan analyze</code>. This page asks nothing of the network.</p>"
            "</footer>\n<p id=\"said\" class=\"unseen\" role=\"status\"></p>\n"
            "<script>\n%s</script>\n</body>\n</html>\n",
            part_named("page.js"));
}

bool rowan__print_html(const rowan__analysis *analysis, FILE *file)
{
    rowan__page page = {.analysis = analysis, .file = file};
    bool whole;

    page.ranked = rowan__new(analysis->allocator, analysis->count + 1, sizeof *page.ranked);
    if (page.ranked == NULL) {
        return false;
    }
    for (size_t i = 0; i < analysis->count; i++) {
        page.ranked[i] = &analysis->at[i];
    }
    qsort(page.ranked, analysis->count, sizeof *page.ranked, by_time_lost);
    print_head(file);
    print_header(&page);
    fputs("<main>\n", file);
    rowan__html_findings(&page);
    whole = rowan__html_timelines(&page);
    whole = rowan__html_statements(&page) && whole;
    rowan__html_unseen(&page);
    fputs("</main>\n", file);
    print_foot(file);
    rowan__free(analysis->allocator, page.ranked, analysis->count + 1, sizeof *page.ranked);
    return whole;
}
