/* Models of databases that tests made: introspected, described, written. */
#ifndef ROWAN_TESTS_MODELLED_H
#define ROWAN_TESTS_MODELLED_H

#include <rowan/rowan.h>

#include "schema/write.h"

/** One database's model. Zero it; freed with modelled_fini(). */
typedef struct modelled {
    rowan_scope *scope; /* holds what was found */
    rowan__arena arena;
    rowan__found found;
    rowan__hints hints;
    rowan__model model;
    rowan__written written;
    rowan_status status; /* of describing and writing */
    rowan_error error;
} modelled;

/** Introspects an opened database, which must go well, and describes and writes its model; before
 * the database is closed, modelled_fini(). */
void modelled_init(modelled *m, rowan_db *db, const char *hints, bool skip_unknown);
void modelled_fini(modelled *m);

/** The same, and the test fails if anything does. */
void modelled_init_good(modelled *m, rowan_db *db, const char *hints);

/** All relations, a line each: "book.authors many author by book_author.book_id, …". */
const char *modelled_relations(modelled *m);

/** A file of the disk as a text; the test fails if it cannot be read. Freed with free(). */
char *modelled_file(const char *path);

#endif
