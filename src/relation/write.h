/*
 * Writing of rows whose columns are known: what Active Record and Data Mapper share. Rows of one
 * table with the same columns are one statement with many parameter rows.
 */
#ifndef ROWAN_RELATION_WRITE_H
#define ROWAN_RELATION_WRITE_H

#include "relation/member.h"
#include "sql/sql.h"

/** A row to be written: as the program has it, and as the database has it (key and version). */
typedef struct rowan__written {
    char *row;
    char *original;
} rowan__written;

/** The columns that differ between a row and its original; the version column is never among them.
 */
rowan__mask rowan__changes(const rowan_table *table, const void *row, const void *original);

/** The columns that an insert of this row writes: all but generated ones that are zero. */
rowan__mask rowan__insert_columns(const rowan_table *table, const void *row);

/** Whether rows of a table all leave the same generated columns to the database. */
bool rowan__insert_the_same(const rowan_table *table, const rowan__structs *rows);

/** Copies the text that columns of a row point to into the scope's memory. */
rowan_status rowan__keep_texts(rowan_scope *scope, const rowan_table *table,
                               const rowan__mask *columns, void *row);

/** Refuses tables whose rows cannot be told apart: shapes, and those without key columns. */
rowan_status rowan__check_table(rowan_scope *scope, const rowan_table *table);

/** Refuses rows that cannot be told apart: of such a table, or whose key was not loaded. */
rowan_status rowan__check_keyed(rowan_scope *scope, const rowan_table *table,
                                const uint64_t loaded[4]);

/** Refuses rows that cannot be written: those, and rows whose version was not loaded. */
rowan_status rowan__check_writable(rowan_scope *scope, const rowan_table *table,
                                   const uint64_t loaded[4]);

/** Refuses a row whose key differs from its original's. */
rowan_status rowan__check_key(rowan_scope *scope, const rowan_table *table, const void *row,
                              const void *original);

/**
 * Updates the columns of rows, raises their version by one and checks that all were there.
 *
 * @return ROWAN_STALE if fewer rows than @p count were affected. The structs are not changed.
 */
rowan_status rowan__write_updates(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan__mask *columns,
                                  const rowan__written *rows, size_t count);

/**
 * Updates rows as rowan__write_updates(), in one statement for all, where the engine takes arrays.
 *
 * @param affected  rows that were there
 * @param is_done   false: it has to be one statement a row, and nothing was sent
 */
rowan_status rowan__update_at_once(rowan_scope *scope, rowan_pattern pattern,
                                   const rowan_table *table, const rowan__mask *columns,
                                   const rowan__written *rows, size_t count, uint64_t *affected,
                                   bool *is_done);

/** Deletes rows, and checks that all were there as they are known. */
rowan_status rowan__write_deletes(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan__written *rows,
                                  size_t count);

/** Rows to insert that write the same columns: rowan__insert_columns() of each. */
typedef struct rowan__inserted {
    const rowan_table *table;
    const void *rows;      /* count structs, one behind the other … */
    const void *const *at; /* … or count pointers to structs; NULL: they are in `rows` */
    size_t count;
    bool returning;
} rowan__inserted;

/**
 * Inserts rows. A version that is zero becomes 1 in the database; the structs are not changed.
 *
 * @param result  with `returning`, the rows as the database has them, in that order
 */
rowan_status rowan__write_inserts(rowan_scope *scope, rowan__intent intent,
                                  const rowan__inserted *rows, rowan__result *result);

/**
 * Inserts rows of which the database makes no more than the key, which is all that comes back.
 *
 * @param keys     one for each row, the scope's; NULL if the rows brought theirs
 * @param is_done  false: it would make more, and nothing was sent
 */
rowan_status rowan__write_keyed(rowan_scope *scope, rowan__intent intent,
                                const rowan__inserted *rows, int64_t **keys, bool *is_done);

/** Makes copies of rows that were written so what the database has: keys, version, texts kept. */
rowan_status rowan__settle_inserted(rowan_scope *scope, const rowan_table *table,
                                    const int64_t *keys, void *rows, size_t count);

/** Inserts rows either way. @param result  as that of rowan__write_inserts() */
rowan_status rowan__insert_records(rowan_scope *scope, rowan__intent intent,
                                   const rowan__inserted *rows, rowan__result *result);

/** After an update: the row's version, and what the database has of it. */
void rowan__note_updated(const rowan_table *table, const rowan__mask *columns, rowan__written row);

/** Condition that a row of this key is meant, for rowan__key_condition(). */
typedef struct rowan__key_nodes {
    rowan_expr nodes[17];
    const rowan_expr *items[18];
    rowan_expr all;
} rowan__key_nodes;

/**
 * Loads the row of a key, none of whose values is NULL.
 *
 * @param result  the row, or none
 */
rowan_status rowan__find_row(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                             const rowan_value *key, rowan__result *result);

/** The condition that the table's key columns have these values; it lives in @p nodes. */
const rowan_expr *rowan__key_condition(rowan__key_nodes *nodes, const rowan_table *table,
                                       const rowan_value *key);

#endif
