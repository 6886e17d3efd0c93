/*
 * What differs in the SQL of the engines, as data. The renderer, the schema's type words and the
 * transactions read it; nobody asks which engine it is.
 */
#ifndef ROWAN_DRIVER_DIALECT_H
#define ROWAN_DRIVER_DIALECT_H

#include <rowan/query.h>

/** What an engine can do, combined with `|`. */
enum {
    ROWAN__CAN_RETURN_INSERTED = 1u << 0, /* INSERT … RETURNING */
    ROWAN__CAN_RETURN_UPDATED = 1u << 1,
    ROWAN__CAN_RETURN_DELETED = 1u << 2,
    ROWAN__CAN_BIND_ARRAYS = 1u << 3,     /* `= ANY($1)` with a list as one parameter */
    ROWAN__CAN_PIPELINE = 1u << 4,        /* many statements in one round trip */
    ROWAN__CAN_BIND_ROWS = 1u << 5,       /* one statement with many parameter rows */
    ROWAN__CAN_LATERAL = 1u << 6,
    ROWAN__CAN_DECIMAL_MATH = 1u << 7,    /* exact arithmetic on decimals */
    ROWAN__CAN_ISOLATE = 1u << 8,         /* isolation levels other than serializable */
    ROWAN__CAN_WRITE_DEFAULT_CELL = 1u << 9 /* DEFAULT as a value in VALUES */
};

/** How an upsert is written. */
typedef enum rowan__upsert {
    ROWAN__UPSERT_ON_CONFLICT,     /* ON CONFLICT (…) DO UPDATE SET c = excluded.c */
    ROWAN__UPSERT_ON_DUPLICATE_KEY /* ON DUPLICATE KEY UPDATE c = VALUES(c) */
} rowan__upsert;

typedef struct rowan__dialect {
    const char *engine;          /* "sqlite", … */
    char quote;                  /* around identifiers, doubled inside */
    bool numbered_placeholders;  /* $1 $2 …, else ? */
    bool backslash_escapes;      /* in strings */
    bool hash_comments;          /* # to the end of the line */
    bool nested_comments;
    bool dollar_quotes;
    bool brackets_quote;         /* [name] */
    bool double_quotes_are_text; /* "x" is a string */
    unsigned capabilities;       /* ROWAN__CAN_… */
    unsigned max_params;         /* of one statement */
    rowan__upsert upsert;
    bool nulls_need_words;       /* ORDER BY … NULLS FIRST | LAST has to be written out */
    const char *like_escape;     /* written behind LIKE so that a backslash escapes; "" if it does already */
    /**
     * How a function is written, by rowan_function: %1 and %2 stand for arguments, %* for all of them with
     * commas. NULL: this engine cannot.
     */
    const char *functions[ROWAN_FN_LEAD + 1];
    const char *begin_write, *begin_read, *begin_default; /* what opens a transaction */
    /** Words of the schema files, such as "@key" or "@text": what they become. Ended by a NULL word. */
    const struct rowan__type_word {
        const char *word;
        const char *sql; /* "%" stands for what is in parentheses behind the word */
    } *type_words;
} rowan__dialect;

extern const rowan__dialect rowan__sqlite_dialect;
extern const rowan__dialect rowan__postgresql_dialect;
extern const rowan__dialect rowan__mariadb_dialect;

#endif
