/* The panels of the page: for each use case the code of the four side by side, their statements,
 * the findings. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/compare/html_private.h"
#include "report/print.h"

static void write_code(const results *self, size_t use_case, size_t pattern, enum way way,
                       FILE *out)
{
    unsigned lines;
    char *source = results_source(self->cases[use_case], pattern, way, &lines);

    if (!source) {
        return;
    }
    if (way == WAY_GOOD) {
        fprintf(out, "<p class=\"sans legend\">the good way, %u lines</p>\n<pre><code>", lines);
    } else {
        fprintf(out,
                "<details><summary>the tempting way <small>%u lines</small></summary>\n<pre><code>",
                lines);
    }
    rowan__markup_text(source, out);
    fputs(way == WAY_GOOD ? "</code></pre>\n" : "</code></pre></details>\n", out);
    free(source);
}

static void write_statements(const measurement *cell, const char *way, const char *engine,
                             FILE *out)
{
    if (!html_usable(cell) || cell->statement_count == 0) {
        return;
    }
    fprintf(out,
            "<details><summary>statements of the %s way <small>%" PRIu64
            " on %s</small></summary>\n",
            way, cell->counts.statements, engine);
    for (size_t i = 0; i < cell->statement_count; i++) {
        fprintf(out, "<pre class=\"sql\"><code>%" PRIu64 " × ", cell->statements[i].count);
        rowan__markup_text(cell->statements[i].sql, out);
        fputs("</code></pre>\n", out);
    }
    fputs("</details>\n", out);
}

static void write_findings(const measurement *cell, const char *engine, FILE *out)
{
    for (size_t i = 0; i < cell->finding_count; i++) {
        const kept_finding *finding = &cell->findings[i];
        fprintf(out, "<div class=\"finding\"><strong>%s</strong> on %s",
                rowan__kind_title(rowan_finding_kind_name(finding->kind)), engine);
        if (finding->evidence) {
            fputs(": ", out);
            rowan__markup_text(finding->evidence, out);
        }
        if (finding->suggestion) {
            fputs("<pre class=\"sql\"><code>", out);
            rowan__markup_text(finding->suggestion, out);
            fputs("</code></pre>", out);
        }
        fputs("</div>\n", out);
    }
}

static void write_pattern(const results *self, size_t use_case, size_t pattern, FILE *out)
{
    fprintf(out, "<section class=\"%s\"><h3>%s</h3>\n", pattern_keys[pattern],
            pattern_names[pattern]);
    write_code(self, use_case, pattern, WAY_GOOD, out);
    write_code(self, use_case, pattern, WAY_TEMPTING, out);
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        const char *name = engine_title(self->engines[engine].engine);
        const measurement *good = results_cell(self, engine, use_case, pattern, WAY_GOOD);
        const measurement *tempting = results_cell(self, engine, use_case, pattern, WAY_TEMPTING);
        write_statements(good, "good", name, out);
        write_statements(tempting, "tempting", name, out);
        write_findings(good, name, out);
        write_findings(tempting, name, out);
    }
    fputs("</section>\n", out);
}

void html_panels(const results *self, FILE *out)
{
    fputs("<section aria-labelledby=\"cases\">\n<h2 id=\"cases\">Use cases</h2>\n", out);
    for (size_t use_case = 0; use_case < self->case_count; use_case++) {
        const usecase *which = self->cases[use_case];
        fprintf(out, "<details id=\"case-%s\"><summary>", which->key);
        rowan__markup_text(which->title, out);
        fputs(" <small>", out);
        rowan__markup_text(which->story, out);
        fputs("</small></summary>\n<p>", out);
        rowan__markup_text(which->lesson, out);
        fputs("</p>\n<div class=\"four\">\n", out);
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            write_pattern(self, use_case, pattern, out);
        }
        fputs("</div>\n</details>\n", out);
    }
    fputs("</section>\n", out);
}

static void write_figures_row(const results *self, size_t use_case, size_t pattern, enum way way,
                              const measurement *cell, FILE *out)
{
    const rowan_counts *counts = &cell->counts;
    unsigned lines;

    free(results_source(self->cases[use_case], pattern, way, &lines));
    fputs("<tr><td>", out);
    rowan__markup_text(self->cases[use_case]->title, out);
    fprintf(out,
            "</td><td>%s</td><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
            "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
            "</td><td>%.1f</td><td>%.1f</td><td>%.1f</td><td>%u</td><td>%zu</td></tr>\n",
            pattern_names[pattern], way == WAY_GOOD ? "good" : "tempting", counts->statements,
            counts->round_trips, counts->rows, counts->bytes_sent + counts->bytes_received,
            cell->allocations, cell->allocated_bytes, (double)cell->times.pattern_ns / 1000,
            (double)cell->times.driver_ns / 1000, (double)cell->times.database_ns / 1000, lines,
            cell->finding_count);
}

void html_figures(const results *self, size_t engine, FILE *out)
{
    const char *title = engine_title(self->engines[engine].engine);

    fprintf(
        out,
        "<h3>%s</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All "
        "figures of %s\"><table "
        "class=\"figures\">\n<thead><tr><th scope=\"col\">use case</th><th "
        "scope=\"col\">pattern</th><th "
        "scope=\"col\">way</th><th scope=\"col\">statements</th><th scope=\"col\">round "
        "trips</th><th "
        "scope=\"col\">rows</th><th scope=\"col\">bytes</th><th scope=\"col\">allocations</th><th "
        "scope=\"col\">memory</th><th "
        "scope=\"col\">pattern µs</th><th scope=\"col\">driver µs</th><th "
        "scope=\"col\">database µs</th><th "
        "scope=\"col\">lines</th><th scope=\"col\">findings</th></tr></thead>\n<tbody>\n",
        title, title);
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT; i++) {
        for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
            const measurement *cell =
                results_cell(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, way);
            if (html_usable(cell)) {
                write_figures_row(self, i / PATTERN_COUNT, i % PATTERN_COUNT, way, cell, out);
            }
        }
    }
    fputs("</tbody></table></div>\n", out);
}
