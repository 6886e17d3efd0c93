/*
 * The decision guide: what the figures of one comparison say about when to use which pattern, in
 * sentences that quote them.
 */
#ifndef ROWAN_CLI_COMPARE_GUIDE_H
#define ROWAN_CLI_COMPARE_GUIDE_H

#include "cli/compare/results.h"

/** Sentences, each a paragraph with a heading. Freed with guide_free(). */
typedef struct guide {
    struct guide_entry {
        char *heading;
        char *text;
    } * at;
    size_t count;
} guide;

/** Writes the guide; with nothing measured it is empty. NULL if out of memory. */
guide *guide_new(const results *from);
void guide_free(guide *self);

/*
 * The names of patterns as people write them: "raw SQL", "query builder", "Active Record", "Data
 * Mapper".
 */
extern const char *const pattern_names[PATTERN_COUNT];

/** An engine's name as people write it: "SQLite" for "sqlite". Static text. */
const char *engine_title(const char *engine);

#endif
