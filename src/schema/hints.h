/* Hints: what no engine can tell of a table. Their form is in docs/schema.md. */
#ifndef ROWAN_SCHEMA_HINTS_H
#define ROWAN_SCHEMA_HINTS_H

#include "base/arena.h"
#include <rowan/error.h>

typedef enum rowan__hint_kind {
    ROWAN__HINT_NAME = 1,   /* value: of the table in C */
    ROWAN__HINT_PLURAL,     /* value: of the table, for relations */
    ROWAN__HINT_VERSION,    /* value: a column */
    ROWAN__HINT_COLUMN,     /* subject: a column; value: its name in C */
    ROWAN__HINT_TYPE,       /* subject: a column; value: name of a type */
    ROWAN__HINT_RELATION,   /* subject: a derived name; value: the name instead, or "none" */
    ROWAN__HINT_POLYMORPHIC /* subject: the type column; id_column; label; value: another table */
} rowan__hint_kind;

typedef struct rowan__hint {
    rowan__hint_kind kind;
    const char *table;
    const char *subject;
    const char *value;
    const char *id_column;
    const char *label;
    unsigned line;
} rowan__hint;

/** All hints of one file. Everything in it is the arena's. */
typedef struct rowan__hints {
    const char *file; /* for messages; NULL if there are none */
    rowan__hint *items;
    size_t count;
} rowan__hints;

/** Reads a text. ROWAN_SYNTAX names file and line. Whether tables and columns exist comes later. */
rowan_status rowan__hints_read(rowan__hints *hints, rowan__arena *arena, const char *file,
                               const char *text, size_t size, rowan_error *error);

/** The value of the first hint of that kind, or NULL. @p subject NULL: of any subject. */
const char *rowan__hint_value(const rowan__hints *hints, rowan__hint_kind kind, const char *table,
                              const char *subject);

/** ROWAN_SYNTAX at the place of a hint: "hints:12: …". */
rowan_status rowan__hint_fail(const rowan__hints *hints, const rowan__hint *hint,
                              rowan_error *error, const char *what, const char *name);

#endif
