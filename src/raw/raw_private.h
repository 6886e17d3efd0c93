/* What the files of this folder share: a raw statement made ready for its engine. */
#ifndef ROWAN_RAW_PRIVATE_H
#define ROWAN_RAW_PRIVATE_H

#include <rowan/raw.h>

#include "database/execute.h"

enum { ROWAN__RAW_INLINE_VALUES = 16 };

/** A statement with the engine's own placeholders, and the values in their order. */
typedef struct rowan__raw_statement {
    const char *sql; /* the caller's text if it needs no rewriting, else the scope's scratch */
    size_t sql_size;
    const rowan_value *values; /* the caller's, `own`, or on the heap */
    size_t value_count;
    rowan_value *own;
    size_t own_capacity; /* 0 while `own` is `few` */
    rowan_value few[ROWAN__RAW_INLINE_VALUES];
} rowan__raw_statement;

/**
 * Rewrites the parameters of a statement. Released with rowan__raw_release(), also after a
 * failure.
 *
 * @return ROWAN_OK; ROWAN_MISUSE naming the parameter that is missing, unused or of the wrong
 *         kind; ROWAN_NOMEM.
 */
rowan_status rowan__raw_rewrite(rowan_scope *scope, const char *sql, rowan_params params,
                                rowan__raw_statement *out);

/**
 * The short way: takes the statement whose text is in @p out if it can.
 *
 * @return false if parameters.c has to look at it, from the beginning.
 */
bool rowan__raw_rewrite_plain(rowan_scope *scope, rowan_params params, rowan__raw_statement *out);

/**
 * The same for a statement that is run for many rows: only placeholders are rewritten, and
 * counted.
 */
rowan_status rowan__raw_rewrite_many(rowan_scope *scope, const char *sql,
                                     rowan__raw_statement *out);

void rowan__raw_release(rowan_scope *scope, rowan__raw_statement *statement);

/**
 * After a failure: translates the error's position from the rewritten statement back to the text
 * that the caller wrote.
 *
 * @return @p status
 */
rowan_status rowan__raw_locate(rowan_scope *scope, rowan_status status, const char *sql,
                               rowan_params params, const rowan__raw_statement *statement);

/** As rowan_raw_stream(), also for rows of rowan_value: then @p shape is NULL. */
rowan_status rowan__raw_stream(rowan_scope *scope, const char *sql, rowan_params params,
                               const rowan_table *shape, rowan_stream **out);

/** Number of characters in the first @p size bytes of a UTF-8 text. */
size_t rowan__raw_characters(const char *text, size_t size);

#endif
