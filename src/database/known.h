/*
 * Known statements: what was rendered once for a shape is kept by the connection that it was
 * rendered for, so that the second time nothing is rendered, hashed twice, looked up by its text or
 * prepared. A shape is what a statement looks like without its values, as bytes: a hit is confirmed
 * by comparing all of them.
 */
#ifndef ROWAN_DATABASE_KNOWN_H
#define ROWAN_DATABASE_KNOWN_H

#include <rowan/database.h>

/** Who made the bytes of a key, so that those of one never pass for those of another. */
typedef enum rowan__key_maker {
    ROWAN__KEY_OF_TREE = 1, /* sql: words that describe a query, an update, a delete */
    ROWAN__KEY_OF_TEXT,     /* raw: the text as the program wrote it */
    ROWAN__KEY_OF_MANY,     /* raw: the text as the program wrote it, for many rows of values */
    ROWAN__KEY_OF_ROWS,     /* sql: words that describe an insert of rows */
    ROWAN__KEY_OF_INSERT,   /* sql: the table, the columns left out and the form of rows */
    ROWAN__KEY_OF_ROW,      /* relation: the table whose row is found by its key */
    ROWAN__KEY_OF_RELATED,  /* relation: the relation whose rows are found for one key */
    ROWAN__KEY_OF_CHANGE    /* relation: the table and the columns of rows that are updated; none of
                               those that are deleted */
} rowan__key_maker;

typedef struct rowan__shape_key {
    rowan__key_maker maker;
    const void *data;
    size_t size;
    uint64_t hash; /* of the data; made of it if it has to be looked for */
} rowan__shape_key;

/** A known statement. Borrowed until the next one is learned on the scope. */
typedef struct rowan__known {
    const char *sql; /* NUL-terminated */
    size_t sql_size;
    const void *recipe;           /* how values become parameters: what the maker of the key gave */
    struct rowan__cached *cached; /* the prepared statement, while there is one */
    struct rowan__known *next_cached; /* another shape with the same text */
    struct rowan__known *next_bucket;
    struct rowan__known *next_turn; /* in the circle in which they are forgotten */
    rowan__key_maker maker;
    bool used; /* since its last turn */
    uint64_t hash;
    const void *key; /* a NUL behind it */
    size_t key_size, block_size;
} rowan__known;

/**
 * Looks a shape up where it is mostly found: a line of the program that sends a statement mostly
 * sends what it sent the last time. For who has something else to do before rowan__known_find(),
 * which begins with it.
 *
 * @return NULL if it is not there
 */
rowan__known *rowan__known_recall(rowan_scope *scope, const rowan__shape_key *key);

/**
 * Looks a shape up on the scope's connection, which it gets if it has none.
 *
 * @param out  the statement, or NULL if the shape is new
 * @return any failure to get a connection
 */
rowan_status rowan__known_find(rowan_scope *scope, rowan__shape_key *key, rowan__known **out);

/**
 * What a key that is made of an address alone was last found as.
 *
 * @return NULL if that is not known: rowan__known_find_at() has to look
 */
rowan__known *rowan__known_recall_at(rowan_scope *scope, const void *address,
                                     rowan__key_maker maker);

/** As rowan__known_find(), for such a key. */
rowan_status rowan__known_find_at(rowan_scope *scope, const void *address, rowan__shape_key *key,
                                  rowan__known **out);

/**
 * What a text of the program, which makes the key but for its maker, was last found as where it is
 * now: most texts are constants. The text is compared.
 *
 * @return NULL if that is not known: rowan__known_find_text() has to look
 */
rowan__known *rowan__known_recall_text(rowan_scope *scope, const char *text,
                                       rowan__key_maker maker);

/** As rowan__known_find(), for such a text. */
rowan_status rowan__known_find_text(rowan_scope *scope, const char *text, rowan__shape_key *key,
                                    rowan__known **out);

/**
 * Keeps a statement for a shape that was not found; the longest unused one may be forgotten for it.
 *
 * @param recipe  copied, @p recipe_size bytes
 * @return NULL if memory ran out or the statement is too large to be kept, which is no failure
 */
rowan__known *rowan__known_learn(rowan_scope *scope, const rowan__shape_key *key, const char *sql,
                                 size_t sql_size, const void *recipe, size_t recipe_size);

#endif
