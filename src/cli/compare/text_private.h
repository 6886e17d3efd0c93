/* The parts of the comparison as text. */
#ifndef ROWAN_CLI_COMPARE_TEXT_PRIVATE_H
#define ROWAN_CLI_COMPARE_TEXT_PRIVATE_H

#include "cli/compare/results.h"

/** Where the text goes. */
typedef struct sheet {
    FILE *out;
    bool colour;
    unsigned columns; /* of the terminal; 0: it is none, and lines are as long as they are */
} sheet;

extern const char *const way_names[WAY_COUNT];

/**
 * All figures of an engine, and its overview: each cell is a line of a table or, where the terminal
 * is too narrow for that, a column. @return false if memory ran out or nothing can be written
 */
bool text_figures(const results *self, size_t engine, const sheet *to);
bool text_overview(const results *self, size_t engine, const sheet *to);

/** What comes next, between blank lines. */
void text_title(const sheet *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A paragraph behind that many blanks, in lines that the sheet has room for. */
void text_paragraph(const char *text, size_t indent, const sheet *to);

#endif
