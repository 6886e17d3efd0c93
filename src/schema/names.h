/* Names in C for what a database calls by any name, and plurals. All results are the arena's; NULL:
 * no memory. */
#ifndef ROWAN_SCHEMA_NAMES_H
#define ROWAN_SCHEMA_NAMES_H

#include "base/arena.h"

/**
 * A name in small letters, digits and single underscores: "BookAuthor" and "book author" are both
 * "book_author". A letter outside ASCII is written as its code point, a leading digit gets "n_"
 * before it.
 */
char *rowan__c_name(rowan__arena *arena, const char *name);

/** The same for a struct member: behind a word of C or C++, and a type of ours, stands "_". */
char *rowan__c_member(rowan__arena *arena, const char *name);

/** The same for a type: behind a word that C, C++, the C library or <rowan/short.h> has taken
 * stands "_row". */
char *rowan__c_type(rowan__arena *arena, const char *name);

/** In capitals. */
char *rowan__c_upper(rowan__arena *arena, const char *name);

/** What many of a thing are called; @p name is a result of rowan__c_name(), NULL gives NULL. */
char *rowan__plural(rowan__arena *arena, const char *name);

/** A name with a number behind, where the plain one is taken: "book_2", "int_2". */
char *rowan__numbered(rowan__arena *arena, const char *name, unsigned number);

/** A text from a printf format. */
char *rowan__printed(rowan__arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** A set of names. Zero it. */
typedef struct rowan__name_set {
    const char **slots; /* open addressing; NULL is free */
    size_t capacity, count;
} rowan__name_set;

bool rowan__name_set_has(const rowan__name_set *names, const char *name);

/** Adds a name, which is borrowed. @return false if memory ran out. */
bool rowan__name_set_add(rowan__name_set *names, rowan__arena *arena, const char *name);

#endif
