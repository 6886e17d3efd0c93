/* What the files share that plan and write rewritten statements. */
#ifndef ROWAN_REPORT_REWRITE_PRIVATE_H
#define ROWAN_REPORT_REWRITE_PRIVATE_H

#include "report/rewrite.h"

/* --- Planning: rewrite.c, rewrite_read.c, rewrite_change.c. --- */

/** One plan on its way. */
typedef struct rowan__planner {
    rowan__rewrite *out;
    rowan__arena *arena;
    bool *varies; /* by piece of the first execution */
    size_t list;  /* the first value of a list that is longer in some; 0: none */
    bool no_memory;
} rowan__planner;

/**
 * Takes a value that differs as a key.
 *
 * @param is_long  it is the first of a list, in some execution at least
 * @return false if it is none
 */
bool rowan__take_key(rowan__rewrite *rewrite, size_t value, bool is_long);
/** Takes all values that differ as keys. @return false if one of them is none */
bool rowan__take_keys(rowan__planner *planner);

/** Reads what lets only some rows through. */
void rowan__read_limit(rowan__rewrite *rewrite);

/** Each gives the plan a form, or leaves it without. */
void rowan__plan_read(rowan__planner *planner);
void rowan__plan_parent(rowan__planner *planner);
void rowan__plan_walk(rowan__planner *planner);
void rowan__plan_write(rowan__planner *planner);

/* --- Writing: rewrite_text.c has the pieces, rewrite_forms.c the whole. --- */

/** What becomes of the conditions on keys. */
typedef enum rowan__key_style {
    ROWAN__KEYS_MANY,   /* column IN (...) */
    ROWAN__KEYS_NAMED,  /* column = keys.key_1 */
    ROWAN__KEYS_DROPPED /* no condition */
} rowan__key_style;

/** One statement being written. */
typedef struct rowan__rewriter {
    const rowan__rewrite *r;
    rowan__arena *arena; /* rewound to where it was */
    rowan__text *out;
    bool is_raw;
    size_t rows; /* raw: how many */
    rowan__key_style style;
} rowan__rewriter;

void rowan__put(rowan__rewriter *w, const char *text);
/** A name of our own, unless the statement has it. */
void rowan__put_name(rowan__rewriter *w, const char *name);
void rowan__put_piece(rowan__rewriter *w, const rowan__parts *parts, size_t piece);
/** What stands between a piece and the one before it: space and comments. */
void rowan__put_gap(rowan__rewriter *w, const rowan__parts *parts, size_t piece);
/** Pieces as they were. */
void rowan__put_plain(rowan__rewriter *w, const rowan__parts *parts, size_t begin, size_t end);
/** Pieces with the conditions on keys as the style has them. */
void rowan__put_pieces(rowan__rewriter *w, size_t begin, size_t end);
void rowan__put_column(rowan__rewriter *w, const rowan__rewrite_key *key);
/** The columns of all keys, with commas. */
void rowan__put_columns(rowan__rewriter *w);
/** A value of one execution: a name for what was bound, else the literal that it has there. */
void rowan__put_row_value(rowan__rewriter *w, size_t row, size_t piece);

void rowan__write_form(rowan__rewriter *w);

#endif
