/*
 * Schema folders: tables in portable SQL, written once for all engines, and hints beside them. The
 * form is described in docs/schema.md.
 */
#ifndef ROWAN_SCHEMA_SCHEMA_H
#define ROWAN_SCHEMA_SCHEMA_H

#include "base/arena.h"
#include "database/execute.h"
#include "schema/hints.h"

/** One statement, as the engine wants it. */
typedef struct rowan__schema_statement {
    const char *sql; /* NUL-terminated, without its semicolon */
    size_t size;
    const char *file; /* where it begins */
    unsigned line;
} rowan__schema_statement;

/** A schema for one engine. Everything in it is the arena's. */
typedef struct rowan__schema {
    rowan__schema_statement *statements;
    size_t statement_count;
    rowan__hints hints;
} rowan__schema;

/**
 * Splits portable SQL into statements for an engine and adds them to a schema.
 *
 * @param file   what messages call the text
 * @param error  ROWAN_SYNTAX with file and line for an unknown type word or a text that ends in a
 * string
 */
rowan_status rowan__schema_read(rowan__schema *schema, rowan__arena *arena,
                                const rowan__dialect *dialect, const char *file, const char *text,
                                size_t size, rowan_error *error);

/** Reads the files of a folder: those that end in `.sql`, by name, and `hints` if there is one. */
rowan_status rowan__schema_load(rowan__schema *schema, rowan__arena *arena,
                                const rowan__dialect *dialect, const char *folder,
                                rowan_error *error);

/** Runs all statements. The scope's error names the file and line of the one that failed. */
rowan_status rowan__schema_run(rowan_scope *scope, const rowan__schema *schema);

/** Reads a whole file into the arena, with a NUL behind. ROWAN_IO names the file and the reason. */
rowan_status rowan__file_read(rowan__arena *arena, const char *path, char **text, size_t *size,
                              rowan_error *error);

#endif
