/* What the files of this folder share: one relation on its way. */
#ifndef ROWAN_RELATION_PRIVATE_H
#define ROWAN_RELATION_PRIVATE_H

#include "relation/keys.h"
#include "relation/load.h"
#include "relation/member.h"
#include "relation/shape.h"

#define ROWAN__KEEPS_LOADED (SIZE_MAX - 1) /* the row's other end is loaded already */

/** One relation that is being loaded for the rows of some segments. */
typedef struct rowan__loading {
    struct rowan__loading *next;
    rowan_scope *scope;
    rowan_pattern pattern;
    const rowan_relation *relation;
    const rowan_fetch *entry;
    const rowan__segments *parents;
    size_t row_count;    /* of the parents */
    rowan_lazy lazy;     /* for the rows that are loaded */
    rowan__keys keys;    /* the distinct keys of the parents */
    size_t *key_of;      /* for each parent the index of its key, or one of the above */
    void **one_of;       /* to-one: the row for each key */
    rowan_rows *many_of; /* to-many: the rows for each key */
    size_t found_count;  /* allocated of the above */
    rowan__shape pair;   /* with `through`: the row and its key; without columns: none */
    rowan_value *listed; /* keys that are one integer each, as values; NULL if that is not needed */
    rowan__segments children;
    size_t kept_segments;   /* of the children: they were loaded already */
    size_t kept_count;      /* parents whose other end is loaded already */
    size_t new_count;       /* rows that came */
    rowan_fetched *fetched; /* NULL: the program asked for it, or nobody wants to know */
} rowan__loading;

/** What one statement loads of a relation: the rows for some of the keys. */
typedef struct rowan__part {
    rowan__loading *loading;
    size_t first, count; /* of the keys */
} rowan__part;

/** The columns that equal the keys: of the rows, or of the table between. */
static inline const rowan_column *const *rowan__key_targets(const rowan_relation *relation)
{
    return relation->through != NULL ? relation->through_from : relation->to_columns;
}

/** Makes what the statements of a relation have in common, of its keys. */
rowan_status rowan__batch_begin(rowan__loading *loading);
/** Frees it; nothing, if there is none. */
void rowan__batch_end(rowan__loading *loading);

/** Most keys of one statement. */
size_t rowan__batch_most(const rowan__loading *loading);

/**
 * Makes the call that loads a part. It borrows from the loading and, until the next render, from
 * the scope.
 */
rowan_status rowan__batch_call(const rowan__part *part, rowan__call *call);

/** Sorts the rows that came for a part to their keys. */
rowan_status rowan__sort_rows(const rowan__part *part, const rowan__result *result);

/**
 * Loads the rows of relations that do not depend on one another, from @p first to the end of the
 * list.
 *
 * @param is_ahead  of being asked for
 */
rowan_status rowan__load_level(rowan__loading *first, bool is_ahead);

/** Makes room for what was loaded in the blocks of the parents, which may fail … */
rowan_status rowan__attach_begin(const rowan__loading *loading);
/** … and puts it there, which does not. */
void rowan__attach(const rowan__loading *loading);

/** Refuses rows that were read without the columns that a relation goes by. */
rowan_status rowan__check_related(rowan_scope *scope, const rowan_relation *relation,
                                  const rowan__block *block);

/** Notes by which plan the rows of a block have a relation; NULL is none, or nobody wants to know.
 */
void rowan__attached_by(rowan__attached *place, rowan_fetched *fetched);

/**
 * Loads a plan of one relation, all rows of it, for one row.
 *
 * @param is_ahead  of being asked for
 * @param is_done   false: the plan has more, or the relation has no single number as its key;
 *                  nothing was sent
 */
rowan_status rowan__load_one(rowan_scope *scope, rowan_pattern pattern, rowan__block *block,
                             size_t index, const rowan_fetch *plan, bool is_ahead, bool *is_done);

/** Whether a relation goes by one number alone, for rowan__find_related(). */
bool rowan__finds_related(const rowan_relation *relation);

/**
 * Finds the rows at the other end of a relation for one key, in the order of their own.
 *
 * @param intent   whose relation it is
 * @param key      an integer
 * @param is_done  false: the other end's column does not hold such numbers; nothing was sent
 */
rowan_status rowan__find_related(rowan_scope *scope, rowan__intent intent, const rowan_value *key,
                                 rowan_lazy lazy, rowan__result *result, bool *is_done);

#endif
