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
    ROWAN__CAN_BIND_ARRAYS = 1u << 3, /* `= ANY($1)` with a list as one parameter */
    ROWAN__CAN_PIPELINE = 1u << 4,    /* many statements in one round trip */
    ROWAN__CAN_BIND_ROWS = 1u << 5,   /* one statement with many parameter rows */
    ROWAN__CAN_LATERAL = 1u << 6,
    ROWAN__CAN_DECIMAL_MATH = 1u << 7,       /* exact arithmetic on decimals */
    ROWAN__CAN_ISOLATE = 1u << 8,            /* isolation levels other than serializable */
    ROWAN__CAN_WRITE_DEFAULT_CELL = 1u << 9, /* DEFAULT as a value in VALUES */
    ROWAN__CAN_UPDATE_ARRAYS = 1u << 10      /* UPDATE … FROM unnest($1, …): each an array */
};

/** How a function is written for a first argument of one type, where that differs. */
typedef struct rowan__typed_function {
    rowan_function function; /* 0 ends the list */
    rowan_type type;
    const char *sql; /* as rowan__dialect.functions; NULL: this engine cannot */
} rowan__typed_function;

/** How an upsert is written. */
typedef enum rowan__upsert {
    ROWAN__UPSERT_ON_CONFLICT,     /* ON CONFLICT (…) DO UPDATE SET c = excluded.c */
    ROWAN__UPSERT_ON_DUPLICATE_KEY /* ON DUPLICATE KEY UPDATE c = VALUES(c) */
} rowan__upsert;

/** How rows are inserted from structs by a prepared statement. */
typedef enum rowan__insert_form {
    ROWAN__INSERT_ROWS, /* VALUES (?, ?), (?, ?) …: up to most_insert_rows rows in one statement */
    ROWAN__INSERT_UNNEST, /* SELECT * FROM unnest($1::t[], $2::t[]): each parameter is an array */
    ROWAN__INSERT_ARRAYS  /* VALUES (?, ?): each parameter is bound to an array */
} rowan__insert_form;

typedef struct rowan__dialect {
    const char *engine;         /* "sqlite", … */
    char quote;                 /* around identifiers, doubled inside */
    bool numbered_placeholders; /* $1 $2 …, else ? */
    bool backslash_escapes;     /* in strings */
    bool hash_comments;         /* # to the end of the line */
    bool nested_comments;
    bool dollar_quotes;
    bool brackets_quote;         /* [name] */
    bool double_quotes_are_text; /* "x" is a string */
    unsigned capabilities;       /* ROWAN__CAN_… */
    unsigned max_params;         /* of one statement */
    rowan__upsert upsert;
    bool nulls_need_words;      /* ORDER BY … NULLS FIRST | LAST has to be written out */
    bool sets_take_parentheses; /* (SELECT …) UNION (SELECT …), and INTERSECT binds tighter; else
                                   operands are derived tables, and all go from left to right */
    bool infers_placeholders;   /* a placeholder gets the type of what it is compared with */
    bool narrow_math;           /* small integers overflow among themselves: widened with a CAST */
    bool json_has_no_equal;     /* a JSON column has to be compared as text */
    bool in_takes_no_limit;     /* IN (SELECT … LIMIT …) has to be wrapped */
    bool exists_takes_no_nest;  /* EXISTS ((… UNION …) INTERSECT …) has to be wrapped */
    bool derived_are_closed;    /* a derived table sees nothing of the query around it */
    bool generated_takes_null;  /* NULL makes the database generate a number as key */
    bool inserted_rows_in_order; /* RETURNING gives the rows in the order of VALUES */
    rowan__insert_form insert_form;
    size_t most_insert_rows; /* of one statement with ROWAN__INSERT_ROWS */
    /* Of the values of one execution in another form, 10 for each beside its bytes: more than these
     * are several executions. */
    size_t most_insert_bytes;
    /**
     * What surrounds table and columns in the text that begins a copy of very many rows: "COPY ",
     * " ", " FROM STDIN (FORMAT binary)"; NULL: the engine has no such thing.
     */
    const char *copy_before, *copy_between, *copy_after;
    size_t copy_from_rows;       /* how many rows it pays from */
    const char *like_escape;     /* behind LIKE so that a backslash escapes; "" if it does
                                    already */
    const char *same;            /* between operands: true if equal or both NULL */
    const char *no_limit;        /* what stands before OFFSET if there is no limit; "" if nothing */
    const char *empty_row;       /* behind INSERT INTO t, for a row of defaults only */
    const char *whole_partition; /* what a sorted window over all rows says as its partition, or
                                    "" */
    const char *recursive_text;  /* what CAST calls a text in the first rows of a recursive CTE, so
                                    that later rows may have longer ones; NULL: no cast */
    const char *decimal_order;   /* behind a computed decimal that is compared or sorted; or "" */
    /**
     * How a function is written, by rowan_function: %1 and %2 stand for arguments, %* for all of
     * them with commas (`*` if there are none), %w for the window that it is over, if any; without
     * a %w the window comes last. One with %2 is applied from the left to more than two arguments.
     * NULL: this engine cannot.
     */
    const char *functions[ROWAN_FN_LEAD + 1];
    const rowan__typed_function *typed_functions; /* looked up first; ended by a function of 0 */
    /**
     * What CAST(… AS …) calls a type, by rowan_type; NULL: a bound value is of its type as it
     * is.
     */
    const char *cast_types[ROWAN_TYPE_LIST + 1];
    /**
     * A query of the elements of a list that is bound as one JSON array, by their rowan_type: %1
     * stands for the placeholder. NULL: elements of this type cannot be written that way.
     */
    const char *list_elements[ROWAN_TYPE_LIST + 1];
    bool prepares_at_home;     /* without a server: what is sent often is worth preparing at once */
    bool isolate_before_begin; /* SET TRANSACTION ISOLATION LEVEL comes before the begin, else
                                  behind */
    const char *begin_write, *begin_read; /* what opens a transaction */
    /** Makes the next generated key of table %1, column %2 be %3; NULL: it follows the largest. */
    const char *restart_key;
    /**
     * Words of the schema files: what they become. "@text()" is the word @text with something in
     * parentheses behind it, which replaces "%". Ended by a NULL word.
     */
    const struct rowan__type_word {
        const char *word;
        const char *sql;
    } * type_words;
} rowan__dialect;

extern const rowan__dialect rowan__sqlite_dialect;
extern const rowan__dialect rowan__postgresql_dialect;
extern const rowan__dialect rowan__mariadb_dialect;

#endif
