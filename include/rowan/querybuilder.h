/*
 * Query builder: runs queries that are values (<rowan/query.h>). You know the tables; Rowan
 * writes the SQL for the engine at hand. Each call that takes a scope notes its call site.
 *
 * Common errors: ROWAN_MISUSE for a query that cannot be (a column of a table that is not in it,
 * an update without a condition …) and ROWAN_UNSUPPORTED for one that this engine cannot run,
 * both before anything is sent; else any engine error. Threads: as the scope.
 */
#ifndef ROWAN_QUERYBUILDER_H
#define ROWAN_QUERYBUILDER_H

#include <rowan/query.h>

ROWAN_BEGIN_C

/**
 * Loads all rows of a query, and the relations of its fetch plan.
 *
 * @param out  structs of `into`, or of `from`; the scope's
 * Statements: 1, and those of the plan, which rowan_fetch has with their round trips.
 */
ROWAN_API rowan_status rowan_query_all(rowan_scope *scope, const rowan_query *query,
                                       rowan_rows *out) ROWAN_NODISCARD;

/** The first row of a query; ROWAN_NOT_FOUND if there is none. Statements: as rowan_query_all(). */
ROWAN_API rowan_status rowan_query_one(rowan_scope *scope, const rowan_query *query,
                                       void **out) ROWAN_NODISCARD;

/** The number of rows that the query would give, its limit and offset included. Statements: 1. */
ROWAN_API rowan_status rowan_query_count(rowan_scope *scope, const rowan_query *query,
                                         int64_t *out) ROWAN_NODISCARD;

/** Whether the query gives any row. Statements: 1. */
ROWAN_API rowan_status rowan_query_exists(rowan_scope *scope, const rowan_query *query,
                                          bool *out) ROWAN_NODISCARD;

/**
 * Loads the rows of several queries that do not depend on one another, in one round trip where the
 * engine has pipelines, as rowan_raw_pipeline() does: each may be of another table or into another
 * struct.
 *
 * What a query points to has to last until the call: a condition that is written in a loop ends
 * with each turn. Write it into an array, as `conditions[i] = *EQ(POST.person_id, id)`, or keep it
 * by rowan_expr_dup().
 *
 * @param queries  @p count of them; a fetch plan is ROWAN_MISUSE: rowan_load() loads relations of
 *                 the rows that came
 * @param out      receives the rows of each, the scope's, as rowan_query_all() gives them; all of
 *                 it is zeroed on failure
 * @return ROWAN_OK, also for none; else what rowan_query_all() returns for the first that fails,
 *         which the message begins with: "queries[3]: …". Those behind it are not run.
 * Statements: @p count; round trips: PostgreSQL 1, MariaDB @p count, and one for each statement
 * that is prepared for the first time.
 */
ROWAN_API rowan_status rowan_query_pipeline(rowan_scope *scope, const rowan_query *queries,
                                            size_t count, rowan_rows *out) ROWAN_NODISCARD;

/** Rows one after another in constant memory; a fetch plan is ROWAN_MISUSE here. Statements: 1. */
ROWAN_API rowan_status rowan_query_stream(rowan_scope *scope, const rowan_query *query,
                                          rowan_stream **out) ROWAN_NODISCARD;

/**
 * Runs an insert.
 *
 * @param returned  with `returning`, the rows as the database has them, in the order given; else
 *                  NULL
 * @param affected  rows inserted or changed; may be NULL
 * Statements: 1, or one for each chunk if the rows exceed what one statement can carry; chunks
 * run in a transaction of their own if none is open.
 */
ROWAN_API rowan_status rowan_query_insert(rowan_scope *scope, const rowan_insert *insert,
                                          rowan_rows *returned, uint64_t *affected) ROWAN_NODISCARD;

/**
 * Runs an insert of structs, and tells their keys, as rowan_raw_insert_keys() does.
 *
 * @param insert  without `returning`, and with ROWAN_CONFLICT_FAIL; else ROWAN_MISUSE
 * @param keys    receives `row_count` keys, in the order of the rows; zeroed on failure
 * Statements: as rowan_query_insert(); none for no rows.
 */
ROWAN_API rowan_status rowan_query_insert_keys(rowan_scope *scope, const rowan_insert *insert,
                                               int64_t *keys) ROWAN_NODISCARD;

/** Runs an update. @p returned as above. Statements: 1. */
ROWAN_API rowan_status rowan_query_update(rowan_scope *scope, const rowan_update *update,
                                          rowan_rows *returned, uint64_t *affected) ROWAN_NODISCARD;

/** Runs a delete. @p returned as above. Statements: 1. */
ROWAN_API rowan_status rowan_query_delete(rowan_scope *scope, const rowan_delete *remove,
                                          rowan_rows *returned, uint64_t *affected) ROWAN_NODISCARD;

/**
 * The SQL that a query would be sent as on this scope's engine, with its placeholders, in the
 * scope's memory.
 *
 * Statements: none.
 */
ROWAN_API rowan_status rowan_query_sql(rowan_scope *scope, const rowan_query *query,
                                       const char **out) ROWAN_NODISCARD;

/** The same for an insert, an update, a delete. */
ROWAN_API rowan_status rowan_insert_sql(rowan_scope *scope, const rowan_insert *insert,
                                        const char **out) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_update_sql(rowan_scope *scope, const rowan_update *update,
                                        const char **out) ROWAN_NODISCARD;
ROWAN_API rowan_status rowan_delete_sql(rowan_scope *scope, const rowan_delete *remove,
                                        const char **out) ROWAN_NODISCARD;

#define rowan_query_all(scope, ...) rowan_query_all(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_one(scope, ...) rowan_query_one(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_count(scope, ...) rowan_query_count(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_exists(scope, ...) rowan_query_exists(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_pipeline(scope, ...) rowan_query_pipeline(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_stream(scope, ...) rowan_query_stream(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_insert(scope, ...) rowan_query_insert(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_insert_keys(scope, ...) rowan_query_insert_keys(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_update(scope, ...) rowan_query_update(ROWAN_HERE(scope), __VA_ARGS__)
#define rowan_query_delete(scope, ...) rowan_query_delete(ROWAN_HERE(scope), __VA_ARGS__)

ROWAN_END_C

#endif
