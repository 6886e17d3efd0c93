/* What the cells look like: cut from the source files that the tool carries. */
#ifndef ROWAN_CLI_COMPARE_SOURCES_H
#define ROWAN_CLI_COMPARE_SOURCES_H

#include <stdbool.h>

/** The text of an embedded file, "cases/catalogue/raw.c"; NULL if there is none. */
const char *source_text(const char *name);

/**
 * The function of a way and the helpers that it needs.
 *
 * @param way    "good" or "tempting"
 * @param lines  receives its lines of code: neither blank nor comment only
 * @return text that the caller frees; NULL if there is no such function or memory ran out
 */
char *source_of_way(const char *text, const char *way, unsigned *lines);

#endif
