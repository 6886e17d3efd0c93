/*
 * What the traces do not have. A report is as good as what was recorded; what is missing is said,
 * so that silence is not mistaken for health.
 */
#include <inttypes.h>

#include "report/page_private.h"

/* Counted over all traces. */
typedef struct unseen {
    size_t refused;   /* lines that could not be read */
    uint64_t dropped; /* numbers that are missing: lines that were never written */
    size_t cut;       /* results of which the first rows only were captured */
    size_t hidden;    /* statements whose values are hashes */
    size_t siteless;  /* statements without a call site */
    size_t timeless;  /* statements without a time */
    size_t unscoped;  /* statements without a scope: put together by their connection */
    size_t laneless;  /* statements without a connection and without a thread */
} unseen;

static bool is_hash(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_TEXT && !value->is_null && value->as.bytes.size == 17 &&
           ((const char *)value->as.bytes.data)[0] == '#';
}

static void count_statement(unseen *all, const rowan__traced *statement)
{
    bool is_read = statement->column_count > 0;
    bool hidden = false;

    for (size_t i = 0; i < statement->param_count && !hidden; i++) {
        hidden = is_hash(&statement->params[i]);
    }
    all->hidden += hidden;
    all->cut += is_read && statement->all_rows > statement->row_count;
    all->siteless += !rowan__is_known_site(statement->callsite);
    all->timeless += statement->elapsed_ns == 0;
    all->unscoped += statement->scope == NULL;
    all->laneless += statement->connection == NULL && statement->thread == NULL;
}

/* Numbers are given when a line is made, so a gap is a line that was lost. */
static uint64_t numbers_missing(const rowan__trace *trace)
{
    uint64_t last = 0;

    for (size_t i = 0; i < trace->count; i++) {
        last = trace->at[i].seq > last ? trace->at[i].seq : last;
    }
    return last > trace->count + trace->lines_refused ? last - trace->count - trace->lines_refused
                                                      : 0;
}

/* @return whether something is missing */
static bool print_items(const unseen *all, FILE *file)
{
    const struct {
        uint64_t count;
        const char *what, *meaning;
    } items[] = {
        {all->refused, "Lines that could not be read", "They are left out."},
        {all->dropped, "Numbers that are missing", "These statements were dropped."},
        {all->cut, "Results captured in part",
         "Values from their other rows cannot be shown as evidence."},
        {all->hidden, "Statements with hashes for values", "They can be compared, not read."},
        {all->siteless, "Statements without a call site", "Where they are sent is not known."},
        {all->timeless, "Statements without a time", "They are counted, and no time is lost."},
        {all->unscoped, "Statements without a scope",
         "They are put together by connection, and apart where it was idle for three seconds."},
        {all->laneless, "Statements without a connection", "They share a lane."},
    };
    bool any = false;

    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        if (items[i].count > 0) {
            fprintf(file, "<li>%s: <b>%" PRIu64 "</b>. <span class=\"soft\">%s</span></li>\n",
                    items[i].what, items[i].count, items[i].meaning);
            any = true;
        }
    }
    return any;
}

/* What the detector had no room for. @return whether there is such a thing */
static bool print_dropped(const rowan__analysis *analysis, FILE *file)
{
    rowan__text text;
    bool any = rowan__dropped_say(analysis, &text);

    if (any) {
        fputs("<li>", file);
        rowan__markup_text(rowan__text_string(&text), file);
        fputs("</li>\n", file);
    }
    rowan__text_fini(&text);
    return any;
}

void rowan__html_unseen(const rowan__page *page)
{
    unseen all = {0};
    FILE *file = page->file;

    for (size_t t = 0; t < page->analysis->trace_count; t++) {
        const rowan__trace *trace = page->analysis->traces[t];
        all.refused += trace->lines_refused;
        all.dropped += numbers_missing(trace);
        for (size_t i = 0; i < trace->count; i++) {
            count_statement(&all, &trace->at[i]);
        }
    }
    fputs("<section aria-labelledby=\"unseen\"><h2 id=\"unseen\">Not seen</h2>\n"
          "<p>Of statements that are not in the traces nothing is said. In those that are:</p>\n"
          "<ul class=\"unseen-list\">\n",
          file);
    bool lacks = print_items(&all, file);
    lacks = print_dropped(page->analysis, file) || lacks;
    fputs(lacks ? "" : "<li>Nothing is missing.</li>\n", file);
    fputs("</ul></section>\n", file);
}
