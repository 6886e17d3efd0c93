/*
 * The choke point. Every statement of every pattern, and of the library itself, reaches a driver
 * through rowan__execute() or, for a stream, rowan__stream_open(), which share their one sender.
 */
#ifndef ROWAN_DATABASE_EXECUTE_H
#define ROWAN_DATABASE_EXECUTE_H

#include <rowan/database.h>
#include <rowan/event.h>

#include "database/known.h"
#include "driver/driver.h"

struct rowan__text;

/**
 * One statement that a pattern wants sent. Zero it and fill in what applies. Borrowed for the
 * call.
 */
typedef struct rowan__call {
    rowan_pattern pattern;
    rowan_purpose purpose;
    const rowan_table *table;       /* for the event */
    const rowan_relation *relation; /* for the event */
    const char *sql;
    size_t sql_size;
    rowan__known *known;       /* that the text is of; NULL if it is none */
    const rowan_value *params; /* param_rows × param_count */
    size_t param_count;
    size_t param_rows;             /* 0 means 1 */
    const rowan__structs *structs; /* rows to insert from structs, in place of params */
    bool direct;                   /* send the text unprepared; no parameters, no rows */
    bool wants_rows;               /* rows into a block of `shape` */
    bool one_row;                  /* a second one is not wanted, if there is one */
    /*
     * Of the rows; NULL: rows of rowan_value. A table, which has a name, is known by its
     * address; a shape without a name may be made at run time and freed after the call: it is
     * known by its content only.
     */
    const rowan_table *shape;
    rowan_lazy lazy; /* policy for the rows; DEFAULT: the database's */
} rowan__call;

/**
 * A call of a pattern with one row of parameters at most; the members that most calls set are left
 * to them: what is about, text, parameters, rows. Member by member, because a compiler zeroes a
 * struct of this size by a loop.
 */
static inline void rowan__call_begin(rowan__call *call, rowan_pattern pattern)
{
    call->pattern = pattern;
    call->purpose = ROWAN_PURPOSE_QUERY;
    call->relation = NULL;
    call->known = NULL;
    call->param_rows = 1;
    call->structs = NULL;
    call->direct = false;
    call->one_row = false;
    call->lazy = ROWAN_LAZY_DEFAULT;
}

typedef struct rowan__block rowan__block;

/** What came of it. */
typedef struct rowan__result {
    uint64_t affected;
    rowan_rows rows;     /* if wants_rows; the scope's */
    size_t column_count; /* of dynamic rows: each row is that many rowan_value */
    /* Of rows of structs: bit i says that column i was read. Good until the next call. */
    const uint64_t *columns;
    rowan__block *block; /* that rows of a table are in; NULL for any others, and for no rows */
} rowan__result;

/**
 * Executes statements in order, in as few round trips as the engine can; stops at the first
 * failure, of which the scope then has the error. With more than one they must be independent of
 * each other's results.
 *
 * @param results  @p count of them, zeroed on failure
 */
rowan_status rowan__execute(rowan_scope *scope, const rowan__call *calls, size_t count,
                            rowan__result *results);

/**
 * The same.
 *
 * @param failed  gets the index of the statement that failed; @p count if that was none of them
 */
rowan_status rowan__execute_group(rowan_scope *scope, const rowan__call *calls, size_t count,
                                  rowan__result *results, size_t *failed);

/** Whether the keys of inserted structs can be had by `keys` of a call; a failure is a no. */
bool rowan__scope_tells_keys(rowan_scope *scope, const rowan_column *key);

/** Most bytes that one execution may send on the scope's connection, with some room for what is
 * around the values; SIZE_MAX: nothing bounds them, or there is no connection. */
size_t rowan__scope_most_bytes(rowan_scope *scope);

/**
 * Executes a statement and streams its rows; `direct` and more than one parameter row are not
 * allowed.
 */
rowan_status rowan__stream_open(rowan_scope *scope, const rowan__call *call, rowan_stream **out);

/** Columns of a stream's dynamic rows. */
size_t rowan__stream_column_count(const rowan_stream *stream);
const char *rowan__stream_column_name(const rowan_stream *stream, size_t column);

/** Frees memory of the scope's allocator with the stream, whoever closes it. */
void rowan__stream_adopt(rowan_stream *stream, void *memory, size_t size);

/** Whoever gives single columns away notes in a word of his, bit by bit, which of the first 64. */
void rowan__stream_note_columns(rowan_stream *stream, const uint64_t *columns);

/* --- What other rooms may know of a scope. --- */

/** Sets the scope's error, if there is a scope, and returns the status. The message must not quote
 * a bound value. */
rowan_status rowan__scope_fail(rowan_scope *scope, rowan_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Refuses a call that was given NULL where @p what belongs, maybe in place of the scope itself. */
rowan_status rowan__refuse_null(rowan_scope *scope, const char *what);
rowan_status rowan__scope_nomem(rowan_scope *scope);
/** Sets the scope's error to a copy. */
rowan_status rowan__scope_fail_with(rowan_scope *scope, const rowan_error *error);
/**
 * Undoes a failed unit of work: rolls back what it began, if that is still open.
 *
 * @param depth  of transactions before it began its own
 * @return the status of the error that it failed with, which stays the scope's and says what became
 *         of the transaction
 */
rowan_status rowan__scope_undo(rowan_scope *scope, unsigned depth);

rowan__arena *rowan__scope_arena(rowan_scope *scope);
const rowan_allocator *rowan__scope_allocator(const rowan_scope *scope);
const rowan__dialect *rowan__scope_dialect(const rowan_scope *scope);
rowan_site rowan__scope_site(const rowan_scope *scope);
/** The policy of the database. */
rowan_lazy rowan__scope_lazy(const rowan_scope *scope);
/**
 * Puts the scope's comment behind a statement that is to be sent unprepared, if the options ask for
 * one and the statement can have it. The text is the caller's; it fails as texts do.
 */
void rowan__comment_add(rowan_scope *scope, struct rowan__text *text);
/**
 * What a session of Data Mapper keeps for the scope: NULL until set. It stops rewinds while it
 * is not NULL.
 */
void **rowan__scope_session(rowan_scope *scope);
/**
 * Memory that the renderer reuses from statement to statement; valid until the next statement is
 * rendered.
 */
struct rowan__text *rowan__scope_scratch(rowan_scope *scope);
/**
 * Room for the parameters of the statement that is rendered, with those that are there kept; valid
 * until the next one. NULL: out of memory, with the scope's error.
 */
rowan_value *rowan__scope_params(rowan_scope *scope, size_t count);

/** Runs introspection on the scope's connection; the result is in the scope's arena. */
rowan_status rowan__scope_introspect(rowan_scope *scope, rowan__found *out);

#endif
