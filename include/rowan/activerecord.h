/*
 * Active Record: the row knows how to save itself. A row that this scope loaded or inserted, by
 * whatever pattern, can be saved, deleted and asked for its relations; anything else, such as a
 * copy, is ROWAN_MISUSE. What the library must know of a row lives beside it, not in it.
 *
 * Generated helpers (`book_find`, `book_save`, `book_publisher` …) are these calls with a table
 * filled in. Each call that takes a scope notes its call site. Threads: as the scope.
 */
#ifndef ROWAN_ACTIVERECORD_H
#define ROWAN_ACTIVERECORD_H

#include <rowan/query.h>

ROWAN_BEGIN_C

/**
 * Finds a row by its primary key.
 *
 * @param key  ROWAN_KEY(42), or ROWAN_PARAMS with a value for each key column
 * @param out  the row, the scope's; each call loads it anew
 * @return ROWAN_OK, ROWAN_NOT_FOUND, ROWAN_MISUSE for a key of the wrong size. Statements: 1.
 */
ROWAN_API rowan_status rowan_record_find(rowan_scope *scope, const rowan_table *table,
                                         rowan_params key, void **out) ROWAN_NODISCARD;

/**
 * Loads all rows of a query of whole rows, with the relations of its fetch plan. As
 * rowan_query_all().
 */
ROWAN_API rowan_status rowan_record_all(rowan_scope *scope, const rowan_query *query,
                                        rowan_rows *out) ROWAN_NODISCARD;

/** The first row of such a query; ROWAN_NOT_FOUND if there is none. */
ROWAN_API rowan_status rowan_record_first(rowan_scope *scope, const rowan_query *query,
                                          void **out) ROWAN_NODISCARD;

/**
 * Inserts a row. Generated columns that are zero get their value from the database, a version
 * starts at 1.
 *
 * What comes back are the columns that the database makes: if that is no more than the key, only
 * the key does. What a trigger makes of the others is seen after rowan_record_reload().
 *
 * @param values  a struct of the program's; borrowed for the call
 * @param out     the row as it is in the database, the scope's; may be NULL
 * @return also ROWAN_CONFLICT, on SQLite, if the table was altered meanwhile so that the key of the
 *         row, which is there, is not known.
 * Statements: 1.
 */
ROWAN_API rowan_status rowan_record_insert(rowan_scope *scope, const rowan_table *table,
                                           const void *values, void **out) ROWAN_NODISCARD;

/**
 * Inserts many rows, as rowan_record_insert() does one.
 *
 * @param values  an array of @p count structs; borrowed for the call
 * @param out     the rows in that order, the scope's; may be NULL
 * Statements: one for each chunk that one statement can carry, in a transaction if more than one.
 */
ROWAN_API rowan_status rowan_record_insert_all(rowan_scope *scope, const rowan_table *table,
                                               const void *values, size_t count,
                                               rowan_rows *out) ROWAN_NODISCARD;

/**
 * Writes the columns that changed since the row was loaded or saved.
 *
 * Text that the program assigned is copied into the scope's memory, and the member then points to
 * the copy.
 *
 * @return ROWAN_OK, also if nothing changed; ROWAN_STALE if the row is gone or, with a version
 *         column, someone changed it; ROWAN_MISUSE if the row is not of this scope, was deleted,
 *         its key was changed, or its key or version was not loaded. Statements: 1, or none if
 *         nothing changed.
 */
ROWAN_API rowan_status rowan_record_save(rowan_scope *scope, void *row) ROWAN_NODISCARD;

/**
 * Saves many rows, in one transaction, with the fewest round trips that the engine allows.
 *
 * On PostgreSQL a group of rows with the same changed columns is one statement, in which they have
 * no order. It is one statement a row, in one round trip, where a changed column is
 * ROWAN_UNIQUE_KEY, where the same row was loaded twice, where the program assigned a version, and
 * where the type of a column in the database is another than that of its member. Values that are
 * unique together are passed from row to row by saving one row at a time.
 *
 * @param rows  pointers to rows of this scope, of any tables; those without changes are skipped
 * @return as rowan_record_save(); on failure nothing was written
 * Statements: one for each group (SQLite: for each row; PostgreSQL: as above, and one for each 16
 * MiB), and two for the transaction, or the savepoint if one is open.
 */
ROWAN_API rowan_status rowan_record_save_all(rowan_scope *scope, void *const *rows,
                                             size_t count) ROWAN_NODISCARD;

/** Deletes a row; it is then no longer a record. As rowan_record_save(). Statements: 1. */
ROWAN_API rowan_status rowan_record_delete(rowan_scope *scope, void *row) ROWAN_NODISCARD;

/**
 * Reads a row again and forgets changes and loaded relations. ROWAN_NOT_FOUND if it is gone.
 * Statements: 1.
 */
ROWAN_API rowan_status rowan_record_reload(rowan_scope *scope, void *row) ROWAN_NODISCARD;

/** Whether a save would write anything. Statements: none. */
ROWAN_API rowan_status rowan_record_changed(rowan_scope *scope, const void *row,
                                            bool *out) ROWAN_NODISCARD;

/**
 * The row at the other end of a to-one relation, loaded as the row's lazy policy says.
 *
 * @param out  the row, or NULL if there is none; the scope's
 * @return ROWAN_OK; ROWAN_LAZY if the policy forbids it: the message names the relation and the
 *         call site.
 * Statements: none if it is loaded; else 1 (ROWAN_LAZY_PEERS: for all rows of the result it came
 * from).
 */
ROWAN_API rowan_status rowan_record_one(rowan_scope *scope, const rowan_relation *relation,
                                        const void *row, void **out) ROWAN_NODISCARD;

/** The rows at the other end of a to-many relation, by primary key. As rowan_record_one(). */
ROWAN_API rowan_status rowan_record_many(rowan_scope *scope, const rowan_relation *relation,
                                         const void *row, rowan_rows *out) ROWAN_NODISCARD;

/**
 * Adds or removes a pair of a many-to-many relation whose between-table has no other columns
 * without default. What was loaded of the relation for @p row is forgotten. Removing a pair that is
 * not there is ROWAN_NOT_FOUND.
 */
ROWAN_API rowan_status rowan_record_link(rowan_scope *scope, const rowan_relation *relation,
                                         const void *row, const void *other) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_record_unlink(rowan_scope *scope, const rowan_relation *relation,
                                           const void *row, const void *other) ROWAN_NODISCARD;

#define rowan_record_find(scope, ...) rowan_record_find(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_all(scope, ...) rowan_record_all(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_first(scope, ...) rowan_record_first(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_insert(scope, ...) rowan_record_insert(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_insert_all(scope, ...) rowan_record_insert_all(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_save(scope, ...) rowan_record_save(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_save_all(scope, ...) rowan_record_save_all(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_delete(scope, ...) rowan_record_delete(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_reload(scope, ...) rowan_record_reload(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_one(scope, ...) rowan_record_one(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_many(scope, ...) rowan_record_many(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_link(scope, ...) rowan_record_link(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_record_unlink(scope, ...) rowan_record_unlink(ROWAN_HERE(scope), __VA_ARGS__)

ROWAN_END_C

#endif
