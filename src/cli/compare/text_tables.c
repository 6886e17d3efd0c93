/*
 * The tables of the comparison. They are made wide, a line a cell; one that the terminal has no
 * room for is printed turned, a table for each use case with a column for each pattern or way.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "cli/compare/guide.h"
#include "cli/compare/text_private.h"

/* Colour-blind-safe, the same as on the page: a colour for each pattern. */
static const char *const pattern_colours[PATTERN_COUNT] = {"\033[38;5;244m", "\033[38;5;32m",
                                                           "\033[38;5;172m", "\033[38;5;35m"};
static const char *const warning_colour = "\033[1;31m";
static const char *const pattern_headings[PATTERN_COUNT] = {"RAW SQL", "QUERY BUILDER",
                                                            "ACTIVE RECORD", "DATA MAPPER"};
const char *const way_names[WAY_COUNT] = {"good", "tempting"};

enum { CELL_TEXT = 64 };

/* --- Tables. --- */

static struct libscols_table *new_table(const sheet *to)
{
    struct libscols_table *table = scols_new_table();

    if (table) {
        scols_table_set_stream(table, to->out);
        scols_table_set_termwidth(table, 400); /* a line is cut by the reader, not by us */
        scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
        scols_table_enable_ascii(table, !to->colour);
    }
    return table;
}

/* Sets one cell of a line; text is copied. */
static void set(struct libscols_line *line, size_t column, const char *text, const char *colour)
{
    scols_line_set_data(line, column, text);
    if (colour) {
        scols_cell_set_color(scols_line_get_cell(line, column), colour);
    }
}

/* Whether all lines have room; tables have ASCII only, and no colours yet. */
static bool fits(struct libscols_table *table, unsigned columns)
{
    char *text = NULL;
    bool has_room = true;

    if (columns == 0 || scols_print_table_to_string(table, &text) != 0) {
        return true;
    }
    for (const char *line = text; *line != '\0' && has_room;) {
        size_t size = strcspn(line, "\n");
        has_room = size <= columns;
        line += size + (line[size] == '\n');
    }
    free(text);
    return has_room;
}

static bool finish_table(struct libscols_table *table, const sheet *to)
{
    scols_table_enable_colors(table, to->colour);
    bool printed = scols_print_table(table) == 0;

    scols_unref_table(table);
    return printed;
}

static void print_heading(const char *text, const char *more, const sheet *to)
{
    fprintf(to->out, "%s%s%s%s\n", to->colour ? "\033[1m" : "", text, more,
            to->colour ? "\033[0m" : "");
}

/* --- Overview. --- */

static int64_t total_ns(const measurement *cell)
{
    return cell->times.pattern_ns + cell->times.driver_ns + cell->times.database_ns;
}

/* "2 in 0.21 ms", behind a mark if the detector found something. */
static void set_overview(struct libscols_line *line, size_t column, size_t pattern,
                         const measurement *cell)
{
    char text[CELL_TEXT];

    if (!cell->ran) {
        set(line, column, "=", NULL);
        return;
    }
    if (cell->status != ROWAN_OK) {
        set(line, column, "failed", warning_colour);
        return;
    }
    snprintf(text, sizeof text, "%s%" PRIu64 " in %.2f ms", cell->finding_count ? "! " : "",
             cell->counts.statements, (double)total_ns(cell) / 1e6);
    set(line, column, text, cell->finding_count ? warning_colour : pattern_colours[pattern]);
}

static struct libscols_table *overview(const results *self, size_t engine, const sheet *to)
{
    struct libscols_table *table = new_table(to);

    if (!table) {
        return NULL;
    }
    scols_table_new_column(table, "USE CASE", 0, 0);
    scols_table_new_column(table, "WAY", 0, 0);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        scols_table_new_column(table, pattern_headings[pattern], 0, SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < self->case_count * WAY_COUNT; i++) {
        size_t use_case = i / WAY_COUNT;
        enum way way = i % WAY_COUNT == 0 ? WAY_TEMPTING : WAY_GOOD;
        struct libscols_line *line = scols_table_new_line(table, NULL);
        set(line, 0, way == WAY_TEMPTING ? self->cases[use_case]->title : "", NULL);
        set(line, 1, way_names[way], NULL);
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            set_overview(line, pattern + 2, pattern,
                         results_cell(self, engine, use_case, pattern, way));
        }
    }
    return table;
}

/* A use case as a table: a line for each pattern. */
static bool print_case(const results *self, size_t engine, size_t use_case, const sheet *to)
{
    struct libscols_table *table = new_table(to);

    if (!table) {
        return false;
    }
    scols_table_new_column(table, "PATTERN OF ACCESS", 0, 0);
    scols_table_new_column(table, "TEMPTING", 18, SCOLS_FL_RIGHT);
    scols_table_new_column(table, "GOOD", 18, SCOLS_FL_RIGHT);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        set(line, 0, pattern_names[pattern], pattern_colours[pattern]);
        set_overview(line, 1, pattern, results_cell(self, engine, use_case, pattern, WAY_TEMPTING));
        set_overview(line, 2, pattern, results_cell(self, engine, use_case, pattern, WAY_GOOD));
    }
    print_heading(self->cases[use_case]->title, "", to);
    bool printed = finish_table(table, to);
    fputc('\n', to->out);
    return printed;
}

bool text_overview(const results *self, size_t engine, const sheet *to)
{
    struct libscols_table *table = overview(self, engine, to);
    bool printed = true;

    if (!table) {
        return false;
    }
    text_title(to,
               "%s: statements and time (median of %u runs, scale %g); ! the detector found "
               "something; = as the good way",
               self->engines[engine].engine, self->repeat, self->scale);
    if (fits(table, to->columns)) {
        return finish_table(table, to);
    }
    scols_unref_table(table);
    for (size_t use_case = 0; use_case < self->case_count && printed; use_case++) {
        printed = print_case(self, engine, use_case, to);
    }
    return printed;
}

/* --- All figures. --- */

enum { FIGURES = 11, FIGURE_FIRST = 3 };

static const char *const figure_names[FIGURES] = {"STATEMENTS", "TRIPS",  "ROWS",    "BYTES",
                                                  "ALLOCS",     "MEMORY", "PATTERN", "DRIVER",
                                                  "DATABASE",   "LINES",  "FINDINGS"};

static void write_us(char text[CELL_TEXT], int64_t ns)
{
    snprintf(text, CELL_TEXT, "%.1f", (double)(ns > 0 ? ns : 0) / 1000);
}

/* The figures of a cell as texts, in the order of their names. */
static void write_figures(char texts[FIGURES][CELL_TEXT], const results *self, size_t use_case,
                          size_t pattern, enum way way, const measurement *cell)
{
    unsigned lines;

    free(results_source(self->cases[use_case], pattern, way, &lines));
    const uint64_t counts[FIGURES] = {cell->counts.statements,
                                      cell->counts.round_trips,
                                      cell->counts.rows,
                                      cell->counts.bytes_sent + cell->counts.bytes_received,
                                      cell->allocations,
                                      cell->allocated_bytes,
                                      0,
                                      0,
                                      0,
                                      lines,
                                      cell->finding_count};
    for (size_t i = 0; i < FIGURES; i++) {
        snprintf(texts[i], CELL_TEXT, "%" PRIu64, counts[i]);
    }
    write_us(texts[6], cell->times.pattern_ns);
    write_us(texts[7], cell->times.driver_ns);
    write_us(texts[8], cell->times.database_ns);
}

/* The cell if it has figures, else NULL. */
static const measurement *measured(const results *self, size_t engine, size_t use_case,
                                   size_t pattern, enum way way)
{
    const measurement *cell = results_cell(self, engine, use_case, pattern, way);

    return cell->ran && cell->status == ROWAN_OK ? cell : NULL;
}

static struct libscols_table *figures(const results *self, size_t engine, const sheet *to)
{
    struct libscols_table *table = new_table(to);

    if (!table) {
        return NULL;
    }
    scols_table_new_column(table, "CASE", 0, 0);
    scols_table_new_column(table, "PATTERN OF ACCESS", 0, 0);
    scols_table_new_column(table, "WAY", 0, 0);
    for (size_t i = 0; i < FIGURES; i++) {
        scols_table_new_column(table, figure_names[i], 0, SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT * WAY_COUNT; i++) {
        size_t use_case = i / (PATTERN_COUNT * WAY_COUNT), pattern = i / WAY_COUNT % PATTERN_COUNT;
        enum way way = i % WAY_COUNT == 0 ? WAY_GOOD : WAY_TEMPTING;
        const measurement *cell = measured(self, engine, use_case, pattern, way);
        if (cell) {
            char texts[FIGURES][CELL_TEXT];
            struct libscols_line *line = scols_table_new_line(table, NULL);
            write_figures(texts, self, use_case, pattern, way, cell);
            set(line, 0, self->cases[use_case]->key, NULL);
            set(line, 1, pattern_names[pattern], pattern_colours[pattern]);
            set(line, 2, way_names[way], NULL);
            for (size_t figure = 0; figure < FIGURES; figure++) {
                set(line, FIGURE_FIRST + figure, texts[figure], NULL);
            }
        }
    }
    return table;
}

/* A way of a use case as a table: a line for each figure. */
static bool print_way(const results *self, size_t engine, size_t use_case, enum way way,
                      const sheet *to)
{
    struct libscols_table *table = new_table(to);
    struct libscols_line *lines[FIGURES];
    bool has_any = false;

    if (!table) {
        return false;
    }
    scols_table_new_column(table, "FIGURE", 0, 0);
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        scols_table_new_column(table, pattern_headings[pattern], 0, SCOLS_FL_RIGHT);
    }
    for (size_t i = 0; i < FIGURES; i++) {
        lines[i] = scols_table_new_line(table, NULL);
        set(lines[i], 0, figure_names[i], NULL);
    }
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        char texts[FIGURES][CELL_TEXT];
        const measurement *cell = measured(self, engine, use_case, pattern, way);
        if (cell) {
            write_figures(texts, self, use_case, pattern, way, cell);
            has_any = true;
        }
        for (size_t i = 0; i < FIGURES; i++) {
            set(lines[i], pattern + 1, cell ? texts[i] : "-",
                cell ? pattern_colours[pattern] : NULL);
        }
    }
    if (!has_any) {
        scols_unref_table(table);
        return true;
    }
    print_heading(self->cases[use_case]->title,
                  way == WAY_GOOD ? ", the good way" : ", the tempting way", to);
    bool printed = finish_table(table, to);
    fputc('\n', to->out);
    return printed;
}

bool text_figures(const results *self, size_t engine, const sheet *to)
{
    struct libscols_table *table = figures(self, engine, to);
    bool printed = true;

    if (!table) {
        return false;
    }
    text_title(to, "%s: all figures; times in microseconds by layer, memory in bytes allocated",
               self->engines[engine].engine);
    if (fits(table, to->columns)) {
        return finish_table(table, to);
    }
    scols_unref_table(table);
    for (size_t i = 0; i < self->case_count * WAY_COUNT && printed; i++) {
        printed = print_way(self, engine, i / WAY_COUNT,
                            i % WAY_COUNT == 0 ? WAY_GOOD : WAY_TEMPTING, to);
    }
    return printed;
}
