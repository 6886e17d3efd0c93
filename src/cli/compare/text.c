/*
 * The comparison as text: an overview by use case, all figures by cell, the findings, the guide.
 * Coloured tables on a terminal, plain ones elsewhere.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "cli/compare/guide.h"
#include "cli/compare/results.h"

/* Colour-blind-safe, the same as on the page: a colour for each pattern. */
static const char *const pattern_colours[PATTERN_COUNT] = {"\033[38;5;244m", "\033[38;5;32m",
                                                           "\033[38;5;172m", "\033[38;5;35m"};
static const char *const warning_colour = "\033[1;31m";
static const char *const way_names[WAY_COUNT] = {"good", "tempting"};

static int64_t total_ns(const measurement *cell)
{
    return cell->times.pattern_ns + cell->times.driver_ns + cell->times.database_ns;
}

/* Sets one cell of a line; text is copied. */
static void set(struct libscols_line *line, size_t column, const char *text, const char *colour)
{
    scols_line_set_data(line, column, text);
    if (colour) {
        scols_cell_set_color(scols_line_get_cell(line, column), colour);
    }
}

static void set_count(struct libscols_line *line, size_t column, uint64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRIu64, number);
    set(line, column, text, NULL);
}

static void set_us(struct libscols_line *line, size_t column, int64_t ns)
{
    char text[32];

    snprintf(text, sizeof text, "%.1f", (double)(ns > 0 ? ns : 0) / 1000);
    set(line, column, text, NULL);
}

static struct libscols_table *new_table(bool colour, FILE *out)
{
    struct libscols_table *table = scols_new_table();

    if (table) {
        scols_table_enable_colors(table, colour);
        scols_table_set_stream(table, out);
        scols_table_set_termwidth(table, 400); /* a table is cut by the reader, not by us */
        scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
        scols_table_enable_ascii(table, !colour);
    }
    return table;
}

static bool finish_table(struct libscols_table *table)
{
    bool printed = scols_print_table(table) == 0;

    scols_unref_table(table);
    return printed;
}

/* --- Overview. --- */

/* "2 in 0.21 ms", behind a mark if the detector found something. */
static void overview_cell(struct libscols_line *line, size_t pattern, const measurement *cell)
{
    char text[64];

    if (!cell->ran) {
        set(line, pattern + 2, "=", NULL);
        return;
    }
    if (cell->status != ROWAN_OK) {
        set(line, pattern + 2, "failed", warning_colour);
        return;
    }
    snprintf(text, sizeof text, "%s%" PRIu64 " in %.2f ms", cell->finding_count ? "! " : "",
             cell->counts.statements, (double)total_ns(cell) / 1e6);
    set(line, pattern + 2, text, cell->finding_count ? warning_colour : pattern_colours[pattern]);
}

static bool print_overview(const results *self, size_t engine, bool colour, FILE *out)
{
    static const char *const headings[PATTERN_COUNT] = {"RAW SQL", "QUERY BUILDER", "ACTIVE RECORD",
                                                        "DATA MAPPER"};
    struct libscols_table *table = new_table(colour, out);

    if (!table) {
        return false;
    }
    scols_table_new_column(table, "USE CASE", 0, 0);
    scols_table_new_column(table, "WAY", 0, 0);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        scols_table_new_column(table, headings[pattern], 0, SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < self->case_count * WAY_COUNT; i++) {
        size_t use_case = i / WAY_COUNT;
        enum way way = i % WAY_COUNT == 0 ? WAY_TEMPTING : WAY_GOOD;
        struct libscols_line *line = scols_table_new_line(table, NULL);
        set(line, 0, way == WAY_TEMPTING ? self->cases[use_case]->title : "", NULL);
        set(line, 1, way_names[way], NULL);
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            overview_cell(line, pattern, results_cell(self, engine, use_case, pattern, way));
        }
    }
    fprintf(out,
            "\n%s: statements and time (median of %u runs, scale %g); ! the detector found "
            "something; = as the good "
            "way\n\n",
            self->engines[engine].engine, self->repeat, self->scale);
    return finish_table(table);
}

/* --- All figures. --- */

enum { FIGURE_FIRST = 3 };

static void figures_line(struct libscols_table *table, const results *self, size_t use_case,
                         size_t pattern, enum way way, const measurement *cell)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    unsigned lines;
    size_t at = FIGURE_FIRST;

    free(results_source(self->cases[use_case], pattern, way, &lines));
    set(line, 0, self->cases[use_case]->key, NULL);
    set(line, 1, pattern_names[pattern], pattern_colours[pattern]);
    set(line, 2, way_names[way], NULL);
    set_count(line, at++, cell->counts.statements);
    set_count(line, at++, cell->counts.round_trips);
    set_count(line, at++, cell->counts.rows);
    set_count(line, at++, cell->counts.bytes_sent + cell->counts.bytes_received);
    set_count(line, at++, cell->allocations);
    set_count(line, at++, cell->allocated_bytes);
    set_us(line, at++, cell->times.pattern_ns);
    set_us(line, at++, cell->times.driver_ns);
    set_us(line, at++, cell->times.database_ns);
    set_count(line, at++, lines);
    set_count(line, at, cell->finding_count);
}

static bool print_figures(const results *self, size_t engine, bool colour, FILE *out)
{
    static const char *const headings[] = {"STATEMENTS", "TRIPS",  "ROWS",    "BYTES",
                                           "ALLOCS",     "MEMORY", "PATTERN", "DRIVER",
                                           "DATABASE",   "LINES",  "FINDINGS"};
    struct libscols_table *table = new_table(colour, out);

    if (!table) {
        return false;
    }
    scols_table_new_column(table, "CASE", 0, 0);
    scols_table_new_column(table, "PATTERN OF ACCESS", 0, 0);
    scols_table_new_column(table, "WAY", 0, 0);
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++) {
        scols_table_new_column(table, headings[i], 0, SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT; i++) {
        for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
            const measurement *cell =
                results_cell(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, way);
            if (cell->ran && cell->status == ROWAN_OK) {
                figures_line(table, self, i / PATTERN_COUNT, i % PATTERN_COUNT, way, cell);
            }
        }
    }
    fprintf(out, "\n%s: all figures; times in microseconds by layer, memory in bytes allocated\n\n",
            self->engines[engine].engine);
    return finish_table(table);
}

/* --- Findings and guide. --- */

enum { TEXT_WIDTH = 96, NARROWEST = 20 };

static void print_indented(const char *text, FILE *out)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        fprintf(out, "    %.*s\n", (int)size, text);
        text += size + (text[size] == '\n');
    }
}

/* The first line of what is expected; all of what is not. */
static void print_finding(const usecase *use_case, size_t pattern, enum way way,
                          const kept_finding *finding, FILE *out)
{
    const char *text = finding->text ? finding->text : "";

    if (results_expects(finding, way)) {
        size_t size = strcspn(text, "\n");
        bool is_cut = size > TEXT_WIDTH;
        fprintf(out, "  %-14s %-14s %-9s %.*s%s\n", use_case->key, pattern_names[pattern],
                way_names[way], (int)(is_cut ? TEXT_WIDTH - 3 : size), text, is_cut ? "..." : "");
        return;
    }
    fprintf(out, "  %s, %s, the %s way: not expected of this use case\n", use_case->key,
            pattern_names[pattern], way_names[way]);
    print_indented(text, out);
}

static void print_findings(const results *self, size_t engine, FILE *out)
{
    fprintf(out, "\n%s: what the detector found; the page and the JSON have the evidence\n\n",
            self->engines[engine].engine);
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT; i++) {
        for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
            const measurement *cell =
                results_cell(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, way);
            for (size_t f = 0; f < cell->finding_count; f++) {
                print_finding(self->cases[i / PATTERN_COUNT], i % PATTERN_COUNT, way,
                              &cell->findings[f], out);
            }
        }
    }
}

/* A paragraph in lines of at most @p width bytes. */
static void print_paragraph(const char *text, size_t width, FILE *out)
{
    size_t column = 0;

    while (*text) {
        size_t size = strcspn(text, " ");
        bool breaks = column > 0 && column + size + 1 > width;
        fprintf(out, "%s%.*s", column == 0 ? "  " : breaks ? "\n  " : " ", (int)size, text);
        column = (column == 0 || breaks ? 0 : column + 1) + size;
        text += size + (text[size] == ' ');
    }
    fputc('\n', out);
}

/* How wide text may be on a terminal, behind the two blanks before it. */
static size_t width_on(unsigned columns)
{
    return columns > NARROWEST && columns < TEXT_WIDTH + 2 ? columns - 2 : TEXT_WIDTH;
}

static bool print_guide(const results *self, bool colour, unsigned columns, FILE *out)
{
    guide *sentences = guide_new(self);

    if (!sentences) {
        return false;
    }
    for (size_t i = 0; i < sentences->count; i++) {
        fprintf(out, "\n%s%s%s\n", colour ? "\033[1m" : "", sentences->at[i].heading,
                colour ? "\033[0m" : "");
        print_paragraph(sentences->at[i].text, width_on(columns), out);
    }
    guide_free(sentences);
    return true;
}

/* On a terminal the end is what one sees, so details come first. */
bool results_text(const results *self, bool colour, unsigned columns, FILE *out)
{
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        if (!print_figures(self, engine, colour, out)) {
            return false;
        }
        print_findings(self, engine, out);
    }
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        if (!print_overview(self, engine, colour, out)) {
            return false;
        }
    }
    fprintf(out, "\nAll four patterns found the same rows in every use case%s: %s\n",
            self->engine_count > 1 ? ", on every engine" : "", results_equal(self) ? "yes" : "NO");
    return print_guide(self, colour, columns, out) && !ferror(out);
}
