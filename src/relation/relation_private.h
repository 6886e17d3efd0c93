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
    rowan__segments children;
    size_t kept_count;      /* parents whose other end is loaded already */
    size_t new_count;       /* rows that came */
    rowan_fetched *fetched; /* NULL: the program asked for it, or nobody wants to know */
} rowan__loading;

/** Loads the rows for keys @p first and following: one statement. */
rowan_status rowan__batch_load(rowan__loading *loading, size_t first, size_t count);

/** Most keys of one statement. */
size_t rowan__batch_most(const rowan__loading *loading);

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
