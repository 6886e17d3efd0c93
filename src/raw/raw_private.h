/* What the files of this folder share: a raw statement made ready for its engine. */
#ifndef ROWAN_RAW_PRIVATE_H
#define ROWAN_RAW_PRIVATE_H

#include <rowan/raw.h>

#include "database/execute.h"

/** A statement with the engine's own placeholders, and the values in their order. */
typedef struct rowan__raw_statement {
    const char *sql; /* the caller's text if it needs no rewriting, else the scope's */
    size_t sql_size;
    const rowan_value *values; /* the caller's, or the scope's until the next statement */
    size_t value_count;
} rowan__raw_statement;

/**
 * Fills in the call of a statement for rows of a shape, or of none: one whose text was seen before,
 * with values of the same kind, without looking at the text. It says `one_row` of a statement that
 * is known to look a row of the shape up by its key.
 *
 * @return ROWAN_OK; ROWAN_MISUSE naming the parameter that is missing, unused or of the wrong
 *         kind; ROWAN_NOMEM; any failure to get a connection.
 */
rowan_status rowan__raw_call(rowan_scope *scope, const char *sql, rowan_params params,
                             const rowan_table *shape, rowan__call *out);

/**
 * Fills in the call of a statement for many rows but for the rows: one whose text was seen before
 * without looking at the text.
 *
 * @return as above
 */
rowan_status rowan__raw_call_many(rowan_scope *scope, const char *sql, rowan__call *out);

/** Which values become which parameters. */
typedef struct rowan__raw_step {
    uint32_t value; /* of those given */
    uint32_t count; /* parameters, if it is a list that is written out; else 0 */
} rowan__raw_step;

enum { ROWAN__RAW_MOST_STEPS = 48 };

/** What is noted while a statement is rewritten. */
typedef struct rowan__raw_notes {
    bool useless; /* too many, or a statement that depends on more than the kinds of its values */
    size_t step_count;
    rowan__raw_step steps[ROWAN__RAW_MOST_STEPS]; /* unless the caller's values serve as given */
} rowan__raw_notes;

/** How many parameters a list becomes that is written out. */
size_t rowan__raw_padded(size_t count);

/** Whether a list is one that can be bound: of values of one type, none of them NULL. */
bool rowan__raw_list_is_sound(const rowan_value *list);

/** Rewrites the parameters of a statement. */
rowan_status rowan__raw_rewrite(rowan_scope *scope, const char *sql, rowan_params params,
                                rowan__raw_statement *out, rowan__raw_notes *notes);

/**
 * The same for a statement that is run for many rows: only placeholders are rewritten, and
 * counted.
 */
rowan_status rowan__raw_rewrite_many(rowan_scope *scope, const char *sql,
                                     rowan__raw_statement *out);

/**
 * After a failure: translates the error's position from the text that was sent back to the one that
 * the caller wrote.
 *
 * @return @p status
 */
rowan_status rowan__raw_locate(rowan_scope *scope, rowan_status status, const char *sql,
                               rowan_params params, const rowan__call *call);

/** As rowan_raw_stream(), also for rows of rowan_value: then @p shape is NULL. */
rowan_status rowan__raw_stream(rowan_scope *scope, const char *sql, rowan_params params,
                               const rowan_table *shape, rowan_stream **out);

/**
 * Whether a statement, as the program wrote it, looks rows of a table up by its key, so that it
 * gives one at most.
 */
bool rowan__raw_is_look_up(const rowan__dialect *dialect, const char *sql,
                           const rowan_table *table);

/** Number of characters in the first @p size bytes of a UTF-8 text. */
size_t rowan__raw_characters(const char *text, size_t size);

#endif
