/* What the files of this room share. */
#ifndef ROWAN_VERIFY_VERIFY_PRIVATE_H
#define ROWAN_VERIFY_VERIFY_PRIVATE_H

#include <inttypes.h>

#include <rowan/raw.h>

#include "report/rewrite.h"
#include "verify/verify.h"

/** Why a trial is not made, where several files say so. */
#define ROWAN__VERIFY_HIDDEN "values are hidden: record the trace with --values"
#define ROWAN__VERIFY_NO_READ "it may do more than read, so it is not run"

/* --- rows.c: rows as they are compared. --- */

/** One row: the value that it belongs to, and what is in it. */
typedef struct rowan__kept_row {
    uint64_t key; /* 0: it belongs to none in particular */
    uint64_t low, high;
    bool is_void; /* nothing but NULL and 0: an aggregate of no rows */
} rowan__kept_row;

/** Rows that were read. Freed with rowan__kept_fini(). */
typedef struct rowan__kept {
    const rowan_allocator *allocator;
    rowan__kept_row *at;
    size_t count, capacity;
} rowan__kept;

void rowan__kept_fini(rowan__kept *kept);
/**
 * Adds the present row of a cursor. ROWAN_NOMEM.
 *
 * @param cursor   NULL if no column counts
 * @param columns  numbers of those that count, in their order; NULL: the first @p count
 */
rowan_status rowan__kept_add(rowan__kept *kept, uint64_t key, const rowan_cursor *cursor,
                             const size_t *columns, size_t count);
/** Puts rows into the order in which they are compared. */
void rowan__kept_sort(rowan__kept *kept);
/** Whether both have the same rows, each as often, both in order. */
bool rowan__kept_equal(const rowan__kept *a, const rowan__kept *b);
/** Whether there is a row of a key, in order. */
bool rowan__kept_has(const rowan__kept *kept, uint64_t key);
/** Keeps one of rows that are the same, in order. */
void rowan__kept_unite(rowan__kept *kept);
/** Drops the void rows of keys that have no row in @p others; both in order. */
void rowan__kept_drop_void(rowan__kept *kept, const rowan__kept *others);
/** How many keys have not the same rows in both, both in order. */
size_t rowan__kept_differences(const rowan__kept *a, const rowan__kept *b);

/* --- trial.c: one scope, in which nothing is changed. --- */

/** How a finding is tried. */
typedef struct rowan__trial {
    const rowan__verify *verify;
    rowan__trace_finding *finding;
    rowan_scope *scope;
    int64_t began_ns;
    const char *give_back; /* what makes the connection what it was; NULL: it is that */
    rowan__arena arena;    /* what is needed until its end */
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

/** Marks the finding with the scope's error. @return as rowan__trial_refuse() */
rowan_status rowan__trial_fail(rowan__trial *trial, bool is_advice);

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

/** The same for a statement that gives no rows. */
rowan_status rowan__trial_change(rowan__trial *trial, bool is_advice, const char *sql,
                                 rowan_params params, int64_t *elapsed_ns);

/* --- bind.c: recorded statements as raw SQL. --- */

/** A statement, ready to be sent. */
typedef struct rowan__bound {
    const char *sql; /* parameters have names */
    rowan_params params;
} rowan__bound;

/** A value in the place of a recorded one. */
typedef struct rowan__instead {
    size_t param; /* from 0 */
    rowan_value value;
} rowan__instead;

/**
 * Makes a recorded statement one that rowan_raw_open() takes, with its recorded values.
 *
 * @param instead  but for this one; NULL: none
 * @return ROWAN_OK; else the finding says why
 */
rowan_status rowan__recorded_bind(rowan__trial *trial, const rowan__traced *statement,
                                  const rowan__instead *instead, rowan__bound *out);

/** One recorded value. @return ROWAN_OK; else the finding says why */
rowan_status rowan__recorded_value(rowan__trial *trial, const rowan__traced *statement,
                                   size_t param, rowan_value *out);

/** The value for a name in a raw text, without its colon. As rowan__recorded_value(). */
typedef rowan_status (*rowan__value_for)(rowan__trial *trial, void *context, const char *name,
                                         rowan_value *out);

/** Finds a value for every name in a raw text, which is kept. @return as rowan__recorded_bind() */
rowan_status rowan__names_bind(rowan__trial *trial, rowan__text *raw, rowan__value_for value_for,
                               void *context, rowan__bound *out);

/** Whether a value was written as a hash, or was not recorded. */
bool rowan__is_hidden(const rowan_value *value);

/** Whether a statement may be run to see its rows: one SELECT without side effects. */
bool rowan__is_plain_read(const char *dialect, const rowan__parts *parts);

/** Whether a function is called that does what no transaction takes back. */
bool rowan__calls_more(const rowan__parts *parts);

/* --- keys.c: the values that differ between the executions of a finding. --- */

/** One execution: what it asks for. */
typedef struct rowan__asked {
    const rowan__traced *statement; /* NULL: as the first, with `value` for its key */
    uint64_t key;
    rowan_value value; /* of a single key that is bound */
    bool is_first;     /* no execution before it asks for the same */
} rowan__asked;

/** One value of the list that an execution has. */
typedef struct rowan__listed {
    uint64_t key;      /* of the value */
    size_t asked;      /* the execution */
    rowan_value value; /* where lists are bound */
} rowan__listed;

typedef struct rowan__asking {
    rowan__rewrite rewrite;
    rowan__asked *at;
    size_t count;
    rowan_value *list; /* list_count different values of a single key that is bound, none NULL */
    size_t list_count;
    rowan__listed *listed; /* of lists: every value of every execution, by key */
    size_t listed_count, listed_capacity;
} rowan__asking;

/**
 * Finds what a finding's executions ask for: by their recorded values, or, where these are hidden,
 * by the rows that the parent's statement finds in the database.
 *
 * @return ROWAN_OK; else the finding says why
 */
rowan_status rowan__asking_find(rowan__trial *trial, rowan__asking *out);

/** The first value of a list that has a key, among `listed`; listed_count if there is none. */
size_t rowan__asking_listed(const rowan__asking *asking, uint64_t key);

/** One execution, ready to be sent. */
rowan_status rowan__asking_bind(rowan__trial *trial, const rowan__asking *asking, size_t number,
                                rowan__bound *out);

/** The rewritten statement for all executions, ready to be sent. */
rowan_status rowan__asking_bind_all(rowan__trial *trial, rowan__asking *asking, rowan__bound *out);

/** A raw text with names of rowan__rewrite_raw(), ready to be sent. */
rowan_status rowan__asking_bind_text(rowan__trial *trial, rowan__asking *asking, rowan__text *raw,
                                     rowan__bound *out);

/* --- lists.c: keys that are lists. --- */

/** Notes the values of the list of one execution, and what tells it from others. */
rowan_status rowan__listed_add(rowan__trial *trial, rowan__asking *asking,
                               const rowan__traced *statement, rowan__asked *out);

/** Puts what was noted into order, and the different values that are bound into the list. */
rowan_status rowan__listed_finish(rowan__trial *trial, rowan__asking *asking);

/* --- repeated.c --- */

/** Whether one statement finds the rows that many found: N+1, walks. */
rowan_status rowan__verify_repeated(rowan__verify *verify, rowan__trace_finding *finding);

/* --- writes.c --- */

/** Whether one write leaves the rows that many left, in a transaction that is rolled back. */
rowan_status rowan__verify_writes(rowan__verify *verify, rowan__trace_finding *finding);

/* --- writes_there.c --- */

/** Takes out the rows that inserts made, as far as they are as they were made. */
rowan_status rowan__writes_remove(rowan__trial *trial, rowan__asking *asking);

/* --- duplicate.c --- */

/** Whether a statement that was sent again and again gives the same rows each time. */
rowan_status rowan__verify_duplicate(rowan__verify *verify, rowan__trace_finding *finding);

/* --- index.c --- */

/** Whether an index would serve a slow statement. */
rowan_status rowan__verify_index(rowan__verify *verify, rowan__trace_finding *finding);

#endif
