/*
 * What the hooks of a client library tell of the statements that pass them. The recorder writes it
 * to files of the profiling session, from which `rowan profile` makes a trace.
 *
 * Nothing here fails: what cannot be kept is counted as lost, and the program goes on. No function
 * takes a lock, and none may be called from a signal handler. Without a session (the library was
 * loaded by something else than `rowan profile`) every id is 0 and nothing is written.
 *
 * How a hook uses it, for one execution of a statement:
 *
 *     recording_begin(&mine->recording, mine->connection, text, __builtin_return_address(0));
 *     recording_param(&mine->recording, &value);            in the order of the placeholders
 *     result = REAL(PQexecParams)(...);
 *     recording_pause(&mine->recording);                    waiting has ended
 *     recording_columns(&mine->recording, recorder_columns(names, count));
 *     for each row: while recording_wants_row(), recording_cell() for each column; recording_row()
 *     recording_error(&mine->recording, "23505");           if it failed
 *     recording_end(&mine->recording);
 *
 * A recording belongs to the statement that it is about and not to a thread: it may begin on one
 * thread and end on another, and any number may be under way, as long as no two threads use the
 * same one at a time.
 */
#ifndef ROWAN_PRELOAD_RECORDER_H
#define ROWAN_PRELOAD_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rowan/value.h>

#include "base/text.h"

/** The names are those of the detector's dialects; see recorder_connection(). */
typedef enum recorder_dialect {
    RECORDER_SQLITE = 1,
    RECORDER_POSTGRESQL,
    RECORDER_MARIADB
} recorder_dialect;

/** Whether anything is recorded. A hook that finds false has nothing to do but call what it hooks.
 */
bool recorder_is_on(void);

/*
 * Things that many statements refer to are told once and have a number from then on, which no other
 * process of the session uses; a forked child goes on using its parent's. 0 means: none, or it
 * could not be kept.
 */

/**
 * A connection that was opened.
 *
 * @param database  its database: statements of two are never put together. NULL: unknown. For a
 *                  server "HOST:PORT/NAME", for SQLite the file. No password.
 */
uint32_t recorder_connection(recorder_dialect dialect, const char *database);

/**
 * A statement's text; literals in it are hidden unless `--values` was given. The same text may get
 * another number the next time. Texts that were told of lately are found again without telling
 * them anew, so this may be called for each execution; a prepared statement keeps the number.
 */
uint32_t recorder_text(recorder_dialect dialect, const char *sql, size_t size);

/** The names of a result's columns; as recorder_text(). A name may be NULL. */
uint32_t recorder_columns(const char *const *names, size_t count);

/** A statement on its way. Kept by the caller, zeroed at first; nothing in it is the caller's. */
typedef struct recording {
    bool is_open;    /* begun and not ended; may be read */
    bool is_running; /* time passes */
    bool is_coarse;  /* by the clock that is cheap: after many rows */
    uint32_t connection, text, columns, chain;
    uint32_t param_count, cell_count;
    uint64_t rows;
    uint64_t trip;
    uint64_t watched;
    uint64_t read; /* columns, bit by bit */
    bool knows_read;
    int64_t start_ns, resumed_ns, elapsed_ns;
    char error[32];
    rowan__text values; /* parameters and cells, as they are written */
} recording;

/**
 * Begins an execution; the clock runs. One that is still open is ended first.
 *
 * @param text    of recorder_text()
 * @param caller  __builtin_return_address(0) of the hook: where in the program it was called
 */
void recording_begin(recording *r, uint32_t connection, uint32_t text, const void *caller);

/** A bound value; in order, and before the first cell. Copied. NULL values have `is_null`. */
void recording_param(recording *r, const rowan_value *value);

/**
 * A value that is bound now and told later, as SQLite's are. Zeroed at first. With hidden values it
 * holds a hash and no memory.
 */
typedef struct recorded_value {
    uint64_t hash;
    bool is_hashed;
    rowan__text *more; /* as it is written, if it is not hashed; NULL: it is NULL */
} recorded_value;

void recorded_value_set(recorded_value *kept, const rowan_value *value);
void recorded_value_fini(recorded_value *kept);
/** As recording_param(). One that was never set is NULL. */
void recording_recorded(recording *r, const recorded_value *kept);

/** Sets aside the parameters told so far, for an execution with several rows of them. */
void recording_forget_params(recording *r);

/**
 * Stops and goes on with its clock: around what the program does between two calls. Pausing what
 * is paused is a no-op, as is any call for a recording that is not open.
 */
void recording_pause(recording *r);
void recording_resume(recording *r);

/** The columns of its result, before the first cell; `columns` of recorder_columns(). */
void recording_columns(recording *r, uint32_t columns);

/** Whether the cells of the next row are wanted: of the first 32 rows. */
bool recording_wants_row(const recording *r);

/** The next cell of a wanted row. Copied. A long one is told by its size, its beginning and its
 * end. */
void recording_cell(recording *r, const rowan_value *value);

/** A row is complete, or was passed without looking at its cells. */
void recording_row(recording *r);

/** Further rows without a look at their cells, or rows that were changed. */
void recording_rows(recording *r, uint64_t count);

/**
 * What the program read of the rows that it went to, which are all of them: of a library whose rows
 * cannot be read when the statement has ended.
 *
 * @param columns  bit by bit, of the first 64; several calls add up
 */
void recording_read(recording *r, uint64_t columns);

/**
 * What the program reads of its rows will be told when that is known, perhaps after its end.
 * Without a call nothing is said of it.
 *
 * @return its number for recorder_reads(); 0: it is not recorded
 */
uint64_t recording_watch(recording *r);

/**
 * What the program read of the rows of a statement that was watched; several calls add up.
 *
 * @param rows     that it went to
 * @param columns  bit by bit, of the first 64; all bits where that is not known
 */
void recorder_reads(uint64_t watched, uint64_t rows, uint64_t columns);

/** It failed. @p code is the SQLSTATE or the engine's name for the error; cut at 31 bytes. */
void recording_error(recording *r, const char *code);

/**
 * The round trip that it went in: statements of one pipeline have the same. Without a call it has
 * none of its own, as SQLite, or made by recorder_trip().
 */
void recording_trip(recording *r, uint64_t trip);

/** Numbers a round trip; never 0. */
uint64_t recorder_trip(void);

/** Ends and writes it. No-op for one that is not open. */
void recording_end(recording *r);

/** Leaves it out: it was none after all. */
void recording_drop(recording *r);

/** Frees what it holds; one that is open is ended. It may be begun again. */
void recording_fini(recording *r);

#endif
