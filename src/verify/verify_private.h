/* What the files of this room share. */
#ifndef ROWAN_VERIFY_VERIFY_PRIVATE_H
#define ROWAN_VERIFY_VERIFY_PRIVATE_H

#include <inttypes.h>

#include <rowan/raw.h>

#include "report/parts.h"
#include "verify/verify.h"

/* --- rows.c: rows as they are compared. --- */

/** One row: the value that it belongs to, and what is in it. */
typedef struct rowan__kept_row {
    uint64_t key; /* 0: it belongs to none in particular */
    uint64_t low, high;
} rowan__kept_row;

/** Rows that were read. Freed with rowan__kept_fini(). */
typedef struct rowan__kept {
    const rowan_allocator *allocator;
    rowan__kept_row *at;
    size_t count, capacity;
} rowan__kept;

void rowan__kept_fini(rowan__kept *kept);
/** Adds the present row of a cursor, its first @p columns. ROWAN_NOMEM. */
rowan_status rowan__kept_add(rowan__kept *kept, uint64_t key, const rowan_cursor *cursor,
                             size_t columns);
/** Puts rows into the order in which they are compared. */
void rowan__kept_sort(rowan__kept *kept);
/** Whether both have the same rows, each as often, both in order. */
bool rowan__kept_equal(const rowan__kept *a, const rowan__kept *b);

/* --- trial.c: one scope, in which nothing is changed. --- */

/** How a finding is tried. */
typedef struct rowan__trial {
    const rowan__verify *verify;
    rowan__trace_finding *finding;
    rowan_scope *scope;
    bool is_query_only; /* an engine without transactions that only read was told so */
    rowan__arena arena; /* what is needed until its end */
} rowan__trial;

/** What is done with each row of a result; @p context is the caller's. */
typedef rowan_status (*rowan__take_row)(void *context, const rowan_cursor *cursor);

/**
 * Begins to try a finding.
 *
 * @param writes  in a transaction that is rolled back; else in one that may only read
 * @return ROWAN_OK; else the finding says why, but for ROWAN_NOMEM
 */
rowan_status rowan__trial_begin(rowan__trial *trial, rowan__verify *verify,
                                rowan__trace_finding *finding, bool writes);
/** Rolls back and gives everything back. Also after a failure to begin. */
void rowan__trial_end(rowan__trial *trial);

/** Marks the finding with why it could not be tried. @return ROWAN_UNEXPECTED, or ROWAN_NOMEM */
rowan_status rowan__trial_refuse(rowan__trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The same for advice that does not hold. */
rowan_status rowan__trial_withdraw(rowan__trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Runs a statement in time and hands over its rows. A failure marks the finding: as withdrawn if
 * the statement is the advice, else as not verified.
 *
 * @param take        NULL: rows are dropped
 * @param elapsed_ns  added to; NULL: nobody wants to know
 */
rowan_status rowan__trial_run(rowan__trial *trial, bool is_advice, const char *sql,
                              rowan_params params, rowan__take_row take, void *context,
                              int64_t *elapsed_ns);

/* --- bind.c: recorded statements as raw SQL. --- */

/** A recorded statement, ready to be sent. */
typedef struct rowan__bound {
    const char *sql; /* parameters are :p0, :p1 … */
    rowan_params params;
} rowan__bound;

/**
 * Makes a recorded statement one that rowan_raw_open() takes, with its recorded values.
 *
 * @return ROWAN_OK; else the finding says why
 */
rowan_status rowan__recorded_bind(rowan__trial *trial, const rowan__traced *statement,
                                  rowan__bound *out);

/** One recorded value. @return ROWAN_OK; else the finding says why */
rowan_status rowan__recorded_value(rowan__trial *trial, const rowan__traced *statement,
                                   size_t param, rowan_value *out);

/** Whether a value was written as a hash, or was not recorded. */
bool rowan__is_hidden(const rowan_value *value);

/** Whether a statement may be run to see its rows: one SELECT without side effects. */
bool rowan__is_plain_read(const char *dialect, const rowan__parts *parts);

/* --- duplicate.c --- */

/** Whether a statement that was sent again and again gives the same rows each time. */
rowan_status rowan__verify_duplicate(rowan__verify *verify, rowan__trace_finding *finding);

#endif
