/*
 * The comparison as text: all figures by cell, the findings, an overview by use case, the guide.
 * Coloured on a terminal and as wide as that is, plain elsewhere.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare/guide.h"
#include "cli/compare/text_private.h"

/* --- Findings and guide. --- */

/* Columns of text, of the narrowest terminal that it is broken for, and of one that has room for a
 * finding behind whose it is. */
enum { TEXT_WIDTH = 96, NARROWEST = 20, WIDE = 2 + 15 + 15 + 10 + TEXT_WIDTH };

/* How wide text may be on a terminal, behind the blanks before it. */
static size_t width_on(unsigned columns, size_t indent)
{
    return columns > NARROWEST && columns < TEXT_WIDTH + indent ? columns - indent : TEXT_WIDTH;
}

void text_paragraph(const char *text, size_t indent, const sheet *to)
{
    size_t column = 0, width = width_on(to->columns, indent);

    while (*text) {
        size_t size = strcspn(text, " ");
        bool breaks = column > 0 && column + size + 1 > width;
        if (column == 0 || breaks) {
            fprintf(to->out, "%s%*s", breaks ? "\n" : "", (int)indent, "");
        } else {
            fputc(' ', to->out);
        }
        fprintf(to->out, "%.*s", (int)size, text);
        column = (column == 0 || breaks ? 0 : column + 1) + size;
        text += size + (text[size] == ' ');
    }
    fputc('\n', to->out);
}

void text_title(const sheet *to, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fputc('\n', to->out);
    text_paragraph(text, 0, to);
    fputc('\n', to->out);
}

/* A text that has lines of its own, as they are or in as many as they need. */
static void print_indented(const char *text, const sheet *to)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        char *line = to->columns > 0 ? strndup(text, size) : NULL;
        if (line) {
            text_paragraph(line, 4, to);
        } else {
            fprintf(to->out, "    %.*s\n", (int)size, text);
        }
        free(line);
        text += size + (text[size] == '\n');
    }
}

/* The first line of what is expected, behind whose it is or below. */
static void print_expected(const usecase *use_case, size_t pattern, enum way way, const char *text,
                           const sheet *to)
{
    size_t size = strcspn(text, "\n");
    bool is_cut = size > TEXT_WIDTH;
    char line[TEXT_WIDTH + 4];

    snprintf(line, sizeof line, "%.*s%s", (int)(is_cut ? TEXT_WIDTH - 3 : size), text,
             is_cut ? "..." : "");
    if (to->columns == 0 || to->columns >= WIDE) {
        fprintf(to->out, "  %-14s %-14s %-9s %s\n", use_case->key, pattern_names[pattern],
                way_names[way], line);
    } else {
        fprintf(to->out, "  %s, %s, the %s way\n", use_case->key, pattern_names[pattern],
                way_names[way]);
        text_paragraph(line, 4, to);
    }
}

/* The first line of what is expected; all of what is not. */
static void print_finding(const usecase *use_case, size_t pattern, enum way way,
                          const kept_finding *finding, const sheet *to)
{
    const char *text = finding->text ? finding->text : "";

    if (results_expects(finding, way)) {
        print_expected(use_case, pattern, way, text, to);
        return;
    }
    fprintf(to->out, "  %s, %s, the %s way: not expected\n", use_case->key, pattern_names[pattern],
            way_names[way]);
    print_indented(text, to);
}

static void print_findings(const results *self, size_t engine, const sheet *to)
{
    text_title(to, "%s: what the detector found; the page and the JSON have the evidence",
               self->engines[engine].engine);
    for (size_t i = 0; i < self->case_count * PATTERN_COUNT; i++) {
        for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
            const measurement *cell =
                results_cell(self, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, way);
            for (size_t f = 0; f < cell->finding_count; f++) {
                print_finding(self->cases[i / PATTERN_COUNT], i % PATTERN_COUNT, way,
                              &cell->findings[f], to);
            }
        }
    }
}

static bool print_guide(const results *self, const sheet *to)
{
    guide *sentences = guide_new(self);

    if (!sentences) {
        return false;
    }
    for (size_t i = 0; i < sentences->count; i++) {
        fprintf(to->out, "%s%s%s%s\n", i > 0 ? "\n" : "", to->colour ? "\033[1m" : "",
                sentences->at[i].heading, to->colour ? "\033[0m" : "");
        text_paragraph(sentences->at[i].text, 2, to);
    }
    guide_free(sentences);
    return true;
}

/* On a terminal the end is what one sees, so details come first. */
bool results_text(const results *self, bool colour, unsigned columns, FILE *out)
{
    const sheet to = {out, colour, columns};

    for (size_t engine = 0; engine < self->engine_count; engine++) {
        if (!text_figures(self, engine, &to)) {
            return false;
        }
        print_findings(self, engine, &to);
    }
    for (size_t engine = 0; engine < self->engine_count; engine++) {
        if (!text_overview(self, engine, &to)) {
            return false;
        }
    }
    text_title(&to, "All four patterns found the same rows in every use case%s: %s",
               self->engine_count > 1 ? ", on every engine" : "",
               results_equal(self) ? "yes" : "NO");
    return print_guide(self, &to) && !ferror(out);
}
