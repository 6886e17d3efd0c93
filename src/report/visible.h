/* Texts of others on a terminal. */
#ifndef ROWAN_REPORT_VISIBLE_H
#define ROWAN_REPORT_VISIBLE_H

#include <stdio.h>

/**
 * Writes a text, or nothing for NULL, as a line or a part of one, so that a terminal shows it and
 * obeys none of it. Ends of lines and tabs become blanks. What else would move, colour or name
 * something, or turn the direction of the letters, is written as \x1b, and so are bytes that are no
 * UTF-8.
 */
void rowan__visible_line(const char *text, FILE *file);

/** The same of a text that may have NULs. */
void rowan__visible_bytes(const char *text, size_t size, FILE *file);

/** The same of a text that keeps its lines, each but the first behind that many blanks. */
void rowan__visible_lines(const char *text, int indent, FILE *file);

#endif
