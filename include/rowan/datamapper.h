/*
 * Data Mapper: the session knows, the row does not. A session has an identity map (the same row is
 * the same pointer) and a unit of work (what is new, changed and removed is found by comparing, and
 * written by one flush: ordered by foreign keys, in batches, in one transaction).
 *
 * Threads: as the scope. Each call that can send a statement notes its call site.
 */
#ifndef ROWAN_DATAMAPPER_H
#define ROWAN_DATAMAPPER_H

#include <rowan/query.h>

ROWAN_BEGIN_C

/** A session. It lives in its scope, and holds rows of it; one thread at a time. */
typedef struct rowan_session rowan_session;

/** Pointers to rows, in the scope's memory. */
typedef struct rowan_refs {
    void **at;
    size_t count;
} rowan_refs;

/** Begins a session; a scope has at most one at a time (ROWAN_MISUSE). Statements: none. */
ROWAN_API rowan_status rowan_session_begin(rowan_scope *scope, rowan_session **out) ROWAN_NODISCARD;

/** Ends a session and drops what was not flushed. The rows stay the scope's. NULL is a no-op. */
ROWAN_API void rowan_session_end(rowan_session *session);

/** The scope of a session, for rowan_scope_error() and others; borrowed. */
ROWAN_API rowan_scope *rowan_session_scope(const rowan_session *session);

/**
 * Finds a row by its primary key.
 *
 * @return ROWAN_OK, ROWAN_NOT_FOUND (also for a row removed in this session).
 * Statements: 1, or none if the session has the row.
 */
ROWAN_API rowan_status rowan_session_find(rowan_session *session, const rowan_table *table,
                                          rowan_params key, void **out) ROWAN_NODISCARD;

/**
 * Loads the rows of a query of whole rows, with the relations of its fetch plan. A row that the
 * session has already keeps its pointer and its members, changed or not, and on failure the
 * relations that it had.
 *
 * Statements: as rowan_query_all(). Changes that are not flushed are not seen by the query.
 */
ROWAN_API rowan_status rowan_session_all(rowan_session *session, const rowan_query *query,
                                         rowan_refs *out) ROWAN_NODISCARD;

/**
 * Loads relations for rows of the session, by a fetch plan; what is loaded of them already is
 * loaded anew. On failure all rows have the relations that they had.
 *
 * Statements and round trips: as rowan_fetch has them.
 */
ROWAN_API rowan_status rowan_session_load(rowan_session *session, rowan_refs rows,
                                          const rowan_fetch *plan) ROWAN_NODISCARD;

/**
 * The row at the other end of a to-one relation that was loaded; ROWAN_LAZY if it was not.
 * Statements: none.
 */
ROWAN_API rowan_status rowan_session_one(rowan_session *session, const rowan_relation *relation,
                                         const void *row, void **out) ROWAN_NODISCARD;

/**
 * The rows at the other end of a to-many relation that was loaded; ROWAN_LAZY if not. Statements:
 * none.
 */
ROWAN_API rowan_status rowan_session_many(rowan_session *session, const rowan_relation *relation,
                                          const void *row, rowan_refs *out) ROWAN_NODISCARD;

/**
 * Makes a new row, zeroed, that the next flush inserts. Fill in its members before.
 *
 * After the flush its generated columns have their values; what a trigger makes of others is not
 * seen. Statements: none.
 */
ROWAN_API rowan_status rowan_session_new(rowan_session *session, const rowan_table *table,
                                         void **out) ROWAN_NODISCARD;

/**
 * Inserts many rows at once, as rowan_raw_insert_all(): past the unit of work, for rows that the
 * session need not know. It neither tracks them nor has their keys.
 *
 * @param rows      @p count structs of the program's; borrowed for the call
 * @param affected  rows inserted; may be NULL
 */
ROWAN_API rowan_status rowan_session_insert_all(rowan_session *session, const rowan_table *table,
                                                const void *rows, size_t count,
                                                uint64_t *affected) ROWAN_NODISCARD;

/**
 * Says that @p row refers to @p other by a belongs-to relation: when the flush writes it, the
 * foreign key is taken from @p other, whose key may not be known before. NULL @p other clears the
 * reference. Statements: none.
 */
ROWAN_API rowan_status rowan_session_refer(rowan_session *session, const rowan_relation *relation,
                                           void *row, void *other) ROWAN_NODISCARD;

/**
 * Marks a row of the session for deletion by the next flush; a new one is dropped. Statements:
 * none.
 */
ROWAN_API rowan_status rowan_session_remove(rowan_session *session, void *row) ROWAN_NODISCARD;

/**
 * Writes everything that is new, changed or removed: inserts in the order of foreign keys, updates
 * of only the columns that changed, deletes in the reverse order; rows of one table and shape as a
 * batch; all in one transaction, or in a savepoint if one is open.
 *
 * Removed rows go first, so that new ones can take over their keys and unique values; those that a
 * changed row referred to go last, when it has let go of them.
 *
 * @return ROWAN_OK; ROWAN_STALE if a row is gone or its version is old. On failure the database and
 *         the session's own state are as before the flush.
 * Statements: none if there is nothing to write; else the transaction's two, and for each table and
 * shape one for each chunk of inserts, one for each group of updates or deletes, which may go first
 * and last (SQLite: for each row; PostgreSQL: for updates as rowan_record_save_all(), for each row
 * that is deleted, in one round trip a group).
 */
ROWAN_API rowan_status rowan_session_flush(rowan_session *session) ROWAN_NODISCARD;

/** Number of rows that a flush would insert, update and delete. Statements: none. */
typedef struct rowan_session_changes {
    size_t inserts, updates, deletes;
} rowan_session_changes;
ROWAN_API rowan_session_changes rowan_session_pending(rowan_session *session);

/** As ROWAN_HERE, for calls that take a session. */
ROWAN_API rowan_session *rowan_session_at(rowan_session *session, const char *file, int line,
                                          const char *function);
#define ROWAN_SESSION_HERE(session) rowan_session_at((session), __FILE__, __LINE__, __func__)

#define rowan_session_find(session, ...)                                                           \
    rowan_session_find(ROWAN_SESSION_HERE(session), __VA_ARGS__)
#define rowan_session_all(session, ...) rowan_session_all(ROWAN_SESSION_HERE(session), __VA_ARGS__)
#define rowan_session_load(session, ...)                                                           \
    rowan_session_load(ROWAN_SESSION_HERE(session), __VA_ARGS__)
#define rowan_session_insert_all(session, ...)                                                     \
    rowan_session_insert_all(ROWAN_SESSION_HERE(session), __VA_ARGS__)
#define rowan_session_flush(session) rowan_session_flush(ROWAN_SESSION_HERE(session))

ROWAN_END_C

#endif
