/* What the files of this folder share: sessions, what they know of rows, and the identity map. */
#ifndef ROWAN_DATAMAPPER_PRIVATE_H
#define ROWAN_DATAMAPPER_PRIVATE_H

#include <rowan/datamapper.h>

#include "base/alloc.h"
#include "relation/keys.h"
#include "relation/load.h"
#include "relation/write.h"

typedef enum rowan__entry_state {
    ROWAN__ENTRY_KNOWN = 0, /* it is in the database, changed or not */
    ROWAN__ENTRY_NEW,       /* the next flush inserts it */
    ROWAN__ENTRY_REMOVED,   /* the next flush deletes it */
    ROWAN__ENTRY_GONE       /* it was deleted, or dropped while new */
} rowan__entry_state;

typedef struct rowan__entry rowan__entry;

/** The other end of a relation of a row. */
typedef struct rowan__end {
    bool is_loaded;
    void *one;
    rowan_refs many;
    rowan_fetched *fetched; /* NULL: nobody wants to know */
} rowan__end;

/** A reference that the program set with rowan_session_refer() and no flush has written. */
typedef struct rowan__reference {
    const rowan_relation *relation;
    rowan__entry *other; /* NULL: cleared */
    bool is_put_off;     /* during a flush: written after the inserts, to break a circle */
    struct rowan__reference *next;
} rowan__reference;

/** What few rows of a session have. */
typedef struct rowan__more {
    rowan__reference *references;
    uint64_t taken_in;        /* the loading in which its relations were taken over … */
    const rowan_fetch *taken; /* … and the plan */
    rowan__end *kept;         /* what `ends` was before that loading, if … */
    bool had_ends;            /* … it had any then */
    bool has_ends;
    rowan__end ends[]; /* by relation */
} rowan__more;

/** What is known of a row of the session, in the scope's memory. */
struct rowan__entry {
    const rowan_table *table;
    char *row;           /* the program's pointer; NULL: another row has the key */
    rowan__block *block; /* NULL while it is new */
    rowan__more *more;   /* NULL: nothing */
    uint32_t index;      /* in the block */
    rowan__entry_state state;
    size_t order_index; /* during a flush: its place among the rows that are being ordered */
};

/** The row as the database has it; NULL while it is new. */
static inline char *rowan__entry_original(const rowan__entry *entry)
{
    return entry->block != NULL
               ? entry->block->originals + (size_t)entry->index * entry->table->row_size
               : NULL;
}

static inline rowan__reference *rowan__entry_references(const rowan__entry *entry)
{
    return entry->more != NULL ? entry->more->references : NULL;
}

/** Whether a row was told to refer to one that has no key yet, or will not have one. */
static inline bool rowan__entry_refers_to_keyless(const rowan__entry *entry)
{
    for (const rowan__reference *r = rowan__entry_references(entry); r != NULL; r = r->next) {
        if (r->other != NULL && r->other->state != ROWAN__ENTRY_KNOWN) {
            return true;
        }
    }
    return false;
}

/**
 * The entries of a block's rows, made on first use: mostly all rows that come are such as the
 * session did not have, and nothing more is said of them than that each is as the database has it,
 * or changed by assignment. NULL if memory ran out.
 */
rowan__entry *rowan__session_entries(const rowan_session *session, rowan__block *block);

/**
 * The rows of one table by their keys: one row, one pointer. Blocks whose keys rise from behind all
 * that came before, as they do from most queries and inserts, are searched themselves; what comes
 * otherwise is indexed. The memory is the scope's, and nothing of it is given back.
 */
typedef struct rowan__identity_table {
    const rowan_table *table;
    const rowan_column *number; /* the key, if it is one integer of 64 bits; else NULL */
    int64_t greatest;           /* of those keys */
    rowan__block **spans;       /* whose keys rise, each behind the one before */
    size_t span_count, span_capacity;
    rowan__block *few_spans[4]; /* what `spans` is as long as they are few; not zeroed */
    rowan__keys keys;           /* of other rows; not zeroed unless `entries` are */
    rowan__entry **entries;     /* for each of the keys its row, or NULL */
    size_t capacity;
    struct rowan__identity_table *next;
} rowan__identity_table;

/** Where the row of a key is. */
typedef struct rowan__place {
    rowan__entry *entry; /* or NULL: it has none, and is … */
    rowan__block *block;
    size_t index; /* … this row of the block */
} rowan__place;

/** Looks for the row of a key. @return whether the session has it */
bool rowan__identity_find(const rowan_session *session, const rowan_table *table,
                          const rowan_value *key, rowan__place *out);

/**
 * Makes a table known, before rows of it are made: it is refused if it has no key or one that may
 * be NULL, because a session knows rows by their keys.
 */
rowan_status rowan__identity_check(rowan_session *session, const rowan_table *table);

/**
 * Takes a block into the session, whose rows must have keys, and what they are written by: those
 * of them become known whose keys are new. On failure none is.
 */
rowan_status rowan__session_meet(rowan_session *session, rowan__block *block);

/**
 * Makes rows known that were inserted: those of a block, which have entries.
 *
 * @return false if memory ran out, or if a column of a key is NULL
 */
bool rowan__identity_insert(rowan_session *session, rowan__block *block, rowan__entry *entries);

/**
 * The entry that the session has for the key of a row, of which it had another one when its block
 * was met. That may be gone since: then it is this row's own. NULL if memory ran out.
 */
rowan__entry *rowan__identity_settle(rowan_session *session, rowan__block *block, size_t index);

/** Forgets the key of an entry, if it is this entry's. */
void rowan__identity_drop_key(rowan_session *session, const rowan__entry *entry);

/** Gives a row of the database the key back that another entry took over and has dropped. */
void rowan__identity_return_key(rowan_session *session, rowan__entry *entry);

/** Forgets the rows of the blocks that were made since; see rowan__blocks_order(). */
void rowan__identity_rewind(rowan_session *session, uint64_t block_order);

/** Room for rows of one table that are made in a session, side by side, and for their entries. */
typedef struct rowan__slab {
    const rowan_table *table;
    char *rows;
    rowan__entry *entries;
    size_t count, capacity;
    struct rowan__slab *before;
} rowan__slab;

struct rowan_session {
    rowan_scope *scope;
    rowan_allocator memory; /* the scope's arena: nothing is given back before its end */
    rowan__block *first, **last; /* that its rows came in, and where the next goes */
    rowan__identity_table *tables;
    rowan__slab *slabs;  /* newest first */
    rowan__entry **made; /* rows that were made in the session, in that order */
    size_t made_count, made_capacity;
    uint64_t loading; /* counts the loadings, for rowan__more.taken_in */
    bool has_marks;   /* a loaded row was removed or got a reference: its bytes do not say all */
    bool is_ended;
};

/** The first row of a block from @p index on that may differ from what the database has. */
size_t rowan__block_skip_same(const rowan__block *block, size_t index);

static inline rowan__arena *rowan__session_arena(const rowan_session *session)
{
    return session->memory.context;
}

/** The entry of a row: ROWAN_MISUSE if it is not of this session, or is gone. */
rowan_status rowan__session_entry(rowan_session *session, const void *row, rowan__entry **out);

/** What few rows have, for this one. NULL if memory ran out. */
rowan__more *rowan__entry_more(rowan_session *session, rowan__entry *entry);

/* --- What rows had before a loading. --- */

/** Keeps the other ends of a row that a loading has come to. @return false if memory ran out */
bool rowan__ends_keep(rowan_session *session, const rowan__entry *entry);
/** The last loading failed: gives every row that it came to what it had. */
void rowan__ends_return(const rowan_session *session);

/** A relation of a row as the scope has it. */
typedef struct rowan__had {
    rowan__attached *place;
    size_t index;
    void *one;
    rowan_rows many;
    rowan_fetched *fetched;
} rowan__had;

/** What the scope had of the rows of a call. */
typedef struct rowan__before {
    rowan_scope *scope;
    rowan__had *at;
    size_t count, capacity;
} rowan__before;

void rowan__before_init(rowan__before *before, rowan_scope *scope);
void rowan__before_fini(rowan__before *before);
/** Has the scope forget a relation of a row, so that it is loaded anew. @return false if memory ran
 * out */
bool rowan__before_forget(rowan__before *before, const rowan__entry *entry,
                          const rowan_relation *relation);
/**
 * The call failed: gives the scope back what it forgot.
 *
 * @param segments  the rows of which it forgot all that the plan loads
 */
void rowan__before_return(const rowan__before *before, const rowan__segments *segments,
                          const rowan_fetch *plan);

/** Writes the key of the other end into the foreign key of a row. */
rowan_status rowan__reference_write(rowan_scope *scope, rowan__entry *entry,
                                    const rowan_relation *relation, const rowan__entry *other);

/** Whether a relation's foreign key can be NULL. */
bool rowan__reference_is_nullable(const rowan_relation *relation);

/* --- Order of rows by what they refer to. --- */

/** A row refers to another one of the same set. */
typedef struct rowan__need {
    size_t from, to; /* rows of the set; sorted by `from` */
    const rowan_relation *relation;
    bool is_broken; /* left out, to break a circle */
} rowan__need;

typedef struct rowan__ordering {
    const rowan_allocator *allocator;
    rowan_scope *scope;
    rowan__entry **entries; /* the set; borrowed */
    size_t count;
    rowan__need *needs;
    size_t need_count, need_capacity;
    size_t *order; /* the rows in order, in waves: rows of one table that do not need one another */
    size_t *waves; /* where each wave begins in `order`, and its end */
    size_t wave_count;
    bool *is_placed;
} rowan__ordering;

/**
 * Whether rows of a table have a foreign key to rows of another, as their relations say.
 *
 * @param strict  one that may be NULL is none
 */
bool rowan__table_needs(const rowan_table *table, const rowan_table *to, bool strict);

/** Begins an ordering of rows. @return false if memory ran out. */
bool rowan__ordering_init(rowan__ordering *ordering, rowan_scope *scope, rowan__entry **entries,
                          size_t count);
void rowan__ordering_fini(rowan__ordering *ordering);

/**
 * Says that a row refers to another; rows in rising order of @p from. @return false if memory ran
 * out.
 */
bool rowan__ordering_need(rowan__ordering *ordering, size_t from, size_t to,
                          const rowan_relation *relation);

/** Orders the rows: ROWAN_MISUSE for a circle of references none of which may be NULL. */
rowan_status rowan__ordering_run(rowan__ordering *ordering);

/* --- Flushing: a unit of work on its way. --- */

/** Rows of one kind of writing. */
typedef struct rowan__list {
    rowan__entry **at;
    size_t count, capacity;
} rowan__list;

typedef struct rowan__unit {
    rowan_session *session;
    rowan_scope *scope;
    const rowan_allocator *allocator;
    rowan__list inserts, updates, deletes;
    bool inserts_many_tables;
    bool has_references;  /* rows to be inserted or updated were told what they refer to */
    rowan__mask *changes; /* of the known updates: what differed when they were found */
    size_t changes_capacity;
    size_t known_updates; /* of `updates`, those that are no inserts */
    char *copies; /* for each row that is touched: the row and, unless it is new, its original */
    size_t copies_size;
    /* Room for one batch, as large as the largest list. */
    size_t room;
    rowan__mask *masks; /* of the rows of the list at hand */
    bool *is_done;
    bool *waits;              /* of the deletes: it comes last */
    rowan__ordering deletion; /* zeroed unless there are any */
    rowan__written *rows;
    const void **structs;
    rowan__entry **members;
    uint64_t block_order; /* of the blocks that the flush makes, the first */
} rowan__unit;

/** How many rows from the first on lie side by side: those whose entries do. */
static inline size_t rowan__entry_run(rowan__entry *const *at, size_t count)
{
    size_t run = 1;

    while (run < count && run < UINT32_MAX && at[run] == at[0] + run) {
        run++;
    }
    return run;
}

bool rowan__list_init(rowan__unit *u, rowan__list *l, size_t capacity);
/** @return false if memory ran out */
bool rowan__list_add(rowan__unit *u, rowan__list *l, rowan__entry *entry);

/**
 * Takes the rows of a list that are of the table and write the columns of its row @p first into
 * `members` and `rows`.
 *
 * @return how many
 */
size_t rowan__unit_take_group(rowan__unit *u, const rowan__list *l, size_t first);

/**
 * Writes keys of rows that this flush has inserted into the foreign keys that refer to them.
 *
 * @param put_off  those too that were put off to break a circle; else they become NULL
 */
rowan_status rowan__unit_write_references(rowan__unit *u, rowan__entry *entry, bool put_off);

/** Updates the rows of a list by their `masks`, those with empty ones left out. */
rowan_status rowan__unit_update_groups(rowan__unit *u, const rowan__list *l);

rowan_status rowan__unit_write_inserts(rowan__unit *u);

/** Orders the deletes and has rows in a circle let go of one another. */
rowan_status rowan__unit_begin_deletes(rowan__unit *u);
/** Deletes the rows that wait for the updates, or those that do not. */
rowan_status rowan__unit_write_deletes(rowan__unit *u, bool waiting);

#endif
