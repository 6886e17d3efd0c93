/*
 * Blocks: the rows of one result with what the library knows of them, beside them. From the
 * address of a row its block is found in the scope's own index, never by reading around the
 * address.
 */
#ifndef ROWAN_DATABASE_BLOCK_H
#define ROWAN_DATABASE_BLOCK_H

#include "database/execute.h"

/** Rows of one relation, loaded for the rows of a block. */
typedef struct rowan__attached {
    void **one;       /* to-one: for each row of the block the other row, or NULL */
    rowan_rows *many; /* to-many: for each row of the block its rows, side by side in one
                         block */
    bool *loaded;     /* for each row of the block; NULL: for all of them */
    rowan_fetched *fetched; /* NULL: it was asked for, or nobody wants to know */
} rowan__attached;

/** What is known of one row. */
typedef enum rowan__row_state {
    ROWAN__ROW_CLEAN = 0, /* as loaded, or changed by assignment */
    ROWAN__ROW_DELETED
} rowan__row_state;

struct rowan__block {
    const rowan_table *table;
    char *rows; /* count structs of table->row_size bytes, `bytes` in all */
    size_t count, bytes;
    char *originals;               /* the same rows as the database has them */
    uint64_t columns[4];           /* bit i: column i of the table was loaded */
    uint8_t *states;               /* a rowan__row_state for each row; NULL: all clean */
    struct rowan_session *session; /* of Data Mapper that its rows came into; NULL: none, and … */
    struct rowan__entry *entries;  /* … what it says of each row, or NULL, and … */
    rowan__block *next_met;        /* … what came into it after this one are not set */
    rowan__attached *attached;     /* one for each relation of the table; NULL: none loaded */
    rowan_fetched *fetched; /* that the rows came with; NULL: they were asked for themselves, or
                               nobody wants to know */
    rowan_lazy lazy;        /* policy, never DEFAULT */
    rowan_site site;        /* where the rows were loaded */
    uint64_t order;         /* of its making in the scope */
    rowan__block *peers;    /* further block whose rows count as peers (chunks of one load);
                               ring, or itself */
};

/**
 * A block in the scope's arena for @p count rows of a table that are already there; takes the copy
 * of the originals now.
 */
rowan_status rowan__block_new(rowan_scope *scope, const rowan_table *table, void *rows,
                              size_t count, const uint64_t columns[4], rowan_lazy lazy,
                              rowan__block **out);

/** What the blocks have in common that are made from now on, for rowan__blocks_forget(). */
uint64_t rowan__blocks_order(const rowan_scope *scope);
/** Forgets the blocks made since: their rows are not known any longer. */
void rowan__blocks_forget(rowan_scope *scope, uint64_t order);

/**
 * The block that a row is in.
 *
 * @param index  which row of it; may be NULL
 * @return ROWAN_OK; ROWAN_MISUSE, with a message, for an address that is no row of this scope:
 *         inside a row, of another scope, unknown.
 */
rowan_status rowan__block_find(rowan_scope *scope, const void *row, rowan__block **out,
                               size_t *index);

/** The place for a relation's rows, made on first use. NULL: out of memory. */
rowan__attached *rowan__block_attach(rowan_scope *scope, rowan__block *block,
                                     const rowan_relation *relation);

#endif
