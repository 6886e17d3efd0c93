/*
 * Raw SQL: your statement, your parameters, our structs.
 *
 * Parameters are positional (`?`) or named (`:name`), written the same way for every engine,
 * never both in one statement. Text inside strings, comments, quoted names and dollar quotes is
 * left alone, and so are `::` casts. PostgreSQL's JSON operators with a question mark are
 * written `??`, `??|` and `??&`. Each call that takes a scope notes its call site.
 */
#ifndef ROWAN_RAW_H
#define ROWAN_RAW_H

#include <rowan/database.h>
#include <rowan/model.h>
#include <rowan/value.h>

ROWAN_BEGIN_C

/** Rows whose columns are known only at run time. One thread at a time. */
typedef struct rowan_cursor rowan_cursor;

/**
 * Executes a statement for its effect; rows that it may give are dropped.
 *
 * @param affected  rows changed; may be NULL
 * @return ROWAN_OK; ROWAN_MISUSE if parameters and placeholders do not match; any engine error.
 * Threads: as @p scope. Statements: 1.
 */
ROWAN_API rowan_status rowan_raw_run(rowan_scope *scope, const char *sql, rowan_params params,
                                     uint64_t *affected) ROWAN_NODISCARD;

/**
 * Executes one statement for many rows of positional parameters, at once where the engine can.
 *
 * @param values  @p row_count × (number of placeholders) values, row by row
 * @return as rowan_raw_run(). Not atomic by itself: use a transaction.
 * Statements: MariaDB 1; PostgreSQL @p row_count in one round trip; SQLite @p row_count.
 */
ROWAN_API rowan_status rowan_raw_run_many(rowan_scope *scope, const char *sql,
                                          const rowan_value *values, size_t row_count,
                                          uint64_t *affected) ROWAN_NODISCARD;

/**
 * Inserts many rows, all or none, by whatever is fastest on the engine.
 *
 * Columns that the database generates are left to it if they are 0 in every row, a version that is
 * 0 is written as 1. Nothing but the count comes back: the structs stay as they are.
 *
 * @param table     of the rows
 * @param rows      @p count structs of the table, one behind the other; borrowed for the call
 * @param affected  rows inserted; may be NULL
 * @return ROWAN_OK, also for no rows; ROWAN_OUT_OF_RANGE for a value that its column cannot hold
 *         whole; ROWAN_MISUSE if @p table is a shape; any engine error.
 * Threads: as @p scope. Statements: none for no rows; else one for each chunk that one statement
 * can carry, and two for the transaction, or the savepoint if one is open, if that is more than one
 * or may be.
 */
ROWAN_API rowan_status rowan_raw_insert_all(rowan_scope *scope, const rowan_table *table,
                                            const void *rows, size_t count,
                                            uint64_t *affected) ROWAN_NODISCARD;

/**
 * Inserts many rows as rowan_raw_insert_all(), and tells their keys.
 *
 * The keys come as each engine has them cheapest: SQLite tells them as it writes, the others return
 * them and nothing else. A row that brings a key keeps it; as soon as one does, whole rows come
 * back.
 *
 * @param table  whose key is one integer of 64 bits that the database makes
 * @param keys   receives @p count keys, in the order of the rows; zeroed on failure
 * @return as rowan_raw_insert_all(); ROWAN_MISUSE for a table of another key.
 * Threads: as @p scope. Statements: as rowan_raw_insert_all(), but never a copy.
 */
ROWAN_API rowan_status rowan_raw_insert_keys(rowan_scope *scope, const rowan_table *table,
                                             const void *rows, size_t count,
                                             int64_t *keys) ROWAN_NODISCARD;

/**
 * Loads all rows of a result into structs. Result columns go to the shape's columns by name; a
 * result column that the shape lacks is ROWAN_WRONG_TYPE; members that the result lacks stay
 * zero.
 *
 * @param shape  a table or a ROWAN_SHAPE
 * @param out    the scope's
 * @return ROWAN_OK, also for no rows; ROWAN_NOT_NULL for NULL in a column that is not nullable;
 *         ROWAN_WRONG_TYPE, ROWAN_OUT_OF_RANGE for a value that does not fit; any engine error.
 * Threads: as @p scope. Statements: 1.
 */
ROWAN_API rowan_status rowan_raw_all(rowan_scope *scope, const char *sql, rowan_params params,
                                     const rowan_table *shape, rowan_rows *out) ROWAN_NODISCARD;

/**
 * As rowan_raw_all(), for a result of one row: ROWAN_NOT_FOUND for none, ROWAN_MISUSE for more. A
 * look-up by the key of the table @p shape, `SELECT columns FROM table WHERE key = ?` and further
 * conditions behind AND, has no more by the model's word: SQLite is not asked for a second row.
 */
ROWAN_API rowan_status rowan_raw_one(rowan_scope *scope, const char *sql, rowan_params params,
                                     const rowan_table *shape, void **out) ROWAN_NODISCARD;

/** One of several reads that are sent at once. Zero what does not apply. */
typedef struct rowan_raw_read {
    const char *sql;
    rowan_params params; /* not ROWAN_PARAMS() in a loop, whose values end with each turn */
    const rowan_table *shape;
} rowan_raw_read;

/**
 * Loads the rows of several statements that do not depend on one another, in one round trip where
 * the engine has pipelines. The values have to last until the call: those of a loop are in an array
 * of their own.
 *
 *     for (size_t i = 0; i < count; i++) {
 *         keys[i] = ROWAN_V(people[i].id);
 *         reads[i] = (rowan_raw_read){.sql = "SELECT id, title FROM post WHERE person_id = ?",
 *                                     .params = {&keys[i], 1},
 *                                     .shape = &post_table};
 *     }
 *     status = rowan_raw_pipeline(scope, reads, count, posts);
 *
 * They run in their order. Each sees what the database holds at its turn: for one state of it begin
 * a transaction with ROWAN_REPEATABLE_READ. A statement that writes may be among them if it gives
 * rows, and is done as if it were alone; but outside of a transaction PostgreSQL takes a pipeline
 * as one, and undoes all of it if a statement fails.
 *
 * @param reads  @p count of them; borrowed for the call
 * @param out    receives the rows of each, the scope's, as rowan_raw_all() gives them; all of it is
 *               zeroed on failure
 * @return ROWAN_OK, also for none; else what rowan_raw_all() returns for the first that fails,
 *         which the message begins with: "reads[3]: …". Those behind it are not run, unless it was
 *         a row that did not fit. What cannot be prepared, or gives no rows by its nature, fails
 *         before any is run.
 * Threads: as @p scope. Statements: @p count; round trips: PostgreSQL 1, MariaDB @p count, and one
 * for each text that is prepared for the first time.
 */
ROWAN_API rowan_status rowan_raw_pipeline(rowan_scope *scope, const rowan_raw_read *reads,
                                          size_t count, rowan_rows *out) ROWAN_NODISCARD;

/** As rowan_raw_all(), one row after another in constant memory. Statements: 1. */
ROWAN_API rowan_status rowan_raw_stream(rowan_scope *scope, const char *sql, rowan_params params,
                                        const rowan_table *shape,
                                        rowan_stream **out) ROWAN_NODISCARD;

/**
 * Opens a cursor: rows one after another, columns by index. While it is open, the scope is busy.
 *
 * @param out  closed with rowan_cursor_close(), before the scope ends
 * @return as rowan_raw_run(). Statements: 1.
 */
ROWAN_API rowan_status rowan_raw_open(rowan_scope *scope, const char *sql, rowan_params params,
                                      rowan_cursor **out) ROWAN_NODISCARD;

/** Goes to the next row: ROWAN_OK, ROWAN_DONE after the last, or an error. Statements: none. */
ROWAN_API rowan_status rowan_cursor_next(rowan_cursor *cursor) ROWAN_NODISCARD;

/** Ends a cursor. NULL is a no-op. */
ROWAN_API void rowan_cursor_close(rowan_cursor *cursor);

/** Number of columns. */
ROWAN_API size_t rowan_cursor_column_count(const rowan_cursor *cursor);

/** Name of a column, borrowed from the cursor; NULL if there is no such column. */
ROWAN_API const char *rowan_cursor_column_name(const rowan_cursor *cursor, size_t column);

/**
 * One value as the engine typed it, borrowed until the next call of rowan_cursor_next(); NULL if
 * none.
 */
ROWAN_API const rowan_value *rowan_cursor_value(const rowan_cursor *cursor, size_t column);

/*
 * Strict getters: NULL is ROWAN_NOT_NULL, another type is ROWAN_WRONG_TYPE, no such column or no
 * current row is ROWAN_MISUSE. Text and blobs are borrowed until the next call of
 * rowan_cursor_next().
 */
ROWAN_API rowan_status rowan_cursor_bool(rowan_cursor *cursor, size_t column,
                                         bool *out) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_cursor_int64(rowan_cursor *cursor, size_t column,
                                          int64_t *out) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_cursor_double(rowan_cursor *cursor, size_t column,
                                           double *out) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_cursor_text(rowan_cursor *cursor, size_t column,
                                         const char **out) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_cursor_blob(rowan_cursor *cursor, size_t column,
                                         rowan_blob *out) ROWAN_NODISCARD;

/** The value, or @p otherwise if it is NULL, no integer, or there is no such column or row. */
ROWAN_API int64_t rowan_cursor_int64_or(rowan_cursor *cursor, size_t column, int64_t otherwise);

/** The text, or @p otherwise if it is NULL, no text, or there is no such column or row. */
ROWAN_API const char *rowan_cursor_text_or(rowan_cursor *cursor, size_t column,
                                           const char *otherwise);

/**
 * Executes the statements of a script one after another, without parameters. Stops at the first
 * that fails; the error's position is counted from the start of the script.
 *
 * @param done  number of statements that went well; may be NULL
 * Statements: one for each statement in the text.
 */
ROWAN_API rowan_status rowan_raw_script(rowan_scope *scope, const char *text,
                                        size_t *done) ROWAN_NODISCARD;

#define rowan_raw_run(scope, ...) rowan_raw_run(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_run_many(scope, ...) rowan_raw_run_many(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_insert_all(scope, ...) rowan_raw_insert_all(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_insert_keys(scope, ...) rowan_raw_insert_keys(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_all(scope, ...) rowan_raw_all(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_one(scope, ...) rowan_raw_one(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_pipeline(scope, ...) rowan_raw_pipeline(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_stream(scope, ...) rowan_raw_stream(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_open(scope, ...) rowan_raw_open(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_raw_script(scope, ...) rowan_raw_script(ROWAN_HERE(scope), __VA_ARGS__)

ROWAN_END_C

#endif
