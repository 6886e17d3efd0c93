/*
 * Random trees: expressions, queries and writes on the archive, the same ones for the same seed on
 * every run. Their values are of one of several sets, so that trees of one shape differ in nothing
 * else; and any one of the choices that made a tree can be made to come out another way.
 */
#ifndef ROWAN_TESTS_TREES_H
#define ROWAN_TESTS_TREES_H

#include "support/archive.h"

/* What every text contains in the first set, with quotes of every kind and what would end a
 * statement. */
#define TREES_MARK "KANARIE' \" ` \\ ; -- /* "
enum { TREES_NUMBER = 7771777, TREES_VARIANTS = 6 };

typedef struct trees {
    rowan_scope *scope; /* in whose memory they are */
    uint64_t state;
    unsigned choices; /* made so far */
    unsigned changed; /* which of them, from 1, comes out another way; 0: none does */
    unsigned variant; /* of the values; 0: the marked ones */
    bool wild;        /* also what engines or the renderer refuse, NULLs, and other types */
} trees;

/** Makes what comes next from a seed. */
void trees_begin(trees *t, rowan_scope *scope, uint64_t seed);

/** One of @p n. */
unsigned trees_below(trees *t, unsigned n);

rowan_operand trees_text(trees *t, unsigned depth);
rowan_operand trees_number(trees *t, unsigned depth);
const rowan_expr *trees_condition(trees *t, unsigned depth);

/** A query with any of its parts. */
const rowan_query *trees_query(trees *t, unsigned depth);
rowan_update trees_update(trees *t, unsigned depth);
rowan_delete trees_delete(trees *t, unsigned depth);

#endif
