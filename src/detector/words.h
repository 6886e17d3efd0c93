/* The words of SQL that folding has to know. */
#ifndef ROWAN_DETECTOR_WORDS_H
#define ROWAN_DETECTOR_WORDS_H

#include <stddef.h>

typedef enum rowan__word {
    ROWAN__WORD_NONE = 0, /* a name */
    ROWAN__WORD_OTHER,    /* a keyword that needs nothing but its flags */
    ROWAN__WORD_AND,
    ROWAN__WORD_ANY, /* ANY, SOME, ALL */
    ROWAN__WORD_ARRAY,
    ROWAN__WORD_BETWEEN,
    ROWAN__WORD_CONSTANT, /* NULL, TRUE, FALSE */
    ROWAN__WORD_DEFAULT,
    ROWAN__WORD_DELETE,
    ROWAN__WORD_FROM,
    ROWAN__WORD_IN,
    ROWAN__WORD_INSERT,
    ROWAN__WORD_INTO,
    ROWAN__WORD_IS,
    ROWAN__WORD_JOIN,
    ROWAN__WORD_LIKE,
    ROWAN__WORD_LIMIT, /* LIMIT, OFFSET, FETCH */
    ROWAN__WORD_LOCKED,
    ROWAN__WORD_NOT,
    ROWAN__WORD_ONLY, /* may stand before a table: ONLY, IGNORE, LATERAL */
    ROWAN__WORD_SELECT,
    ROWAN__WORD_SET,
    ROWAN__WORD_UPDATE,
    ROWAN__WORD_VALUES,
    ROWAN__WORD_WHERE,
    ROWAN__WORD_WITH
} rowan__word;

enum {
    ROWAN__WORD_TAKES_SIGN = 1, /* `-` behind it is a sign */
    ROWAN__WORD_SPACED = 2,     /* `(` behind it does not belong to it */
    ROWAN__WORD_ENDS_FROM = 4   /* ends the list of tables */
};

/** What a word is, and its flags. @p text need not be NUL-terminated; case does not matter. */
rowan__word rowan__word_of(const char *text, size_t size, unsigned *flags);

#endif
