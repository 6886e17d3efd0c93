/*
 * The fix, written out: from the statement of a finding, the values that differ between its
 * executions and what is to be done, one statement in the same dialect that does it all at once. It
 * is made of the tokens of what was sent, so whatever is not a plain statement of a form that is
 * known stays unwritten, and the advice is in words only.
 */
#ifndef ROWAN_REPORT_REWRITE_H
#define ROWAN_REPORT_REWRITE_H

#include "base/text.h"
#include "report/analysis.h"
#include "report/parts.h"

enum { ROWAN__REWRITE_KEYS = 4, ROWAN__REWRITE_SETS = 32 };

/** What the new statement is. */
typedef enum rowan__form {
    ROWAN__FORM_NONE = 0, /* it is not written */
    ROWAN__FORM_IN,       /* the same for many keys */
    ROWAN__FORM_GROUP,    /* an aggregate of each key's rows; a key without rows has no row */
    ROWAN__FORM_EXISTS,   /* the keys that have rows */
    ROWAN__FORM_FIRST,    /* the first row of each key: DISTINCT ON */
    ROWAN__FORM_LATERAL,  /* the first rows of each key */
    ROWAN__FORM_WINDOW,   /* the same where there is no LATERAL */
    ROWAN__FORM_PARENT,   /* the parent's statement with the child's columns */
    ROWAN__FORM_WALK,     /* WITH RECURSIVE from the first key on */
    ROWAN__FORM_INSERT,   /* many rows of VALUES */
    ROWAN__FORM_UPDATE,   /* a CASE for each value that differs */
    ROWAN__FORM_DELETE
} rowan__form;

/**
 * A condition whose value differs between executions: `column = value`, `value = column`,
 * `column IN (value)`, or a list of values that may differ in length.
 */
typedef struct rowan__rewrite_key {
    size_t begin, end;               /* pieces of the condition */
    size_t column_begin, column_end; /* pieces that name the column */
    size_t value; /* the piece of the value, or of the first in a list; a cast may follow it */
    bool is_list; /* `column IN (values)` or `column = ANY (array)`: the only key then */
} rowan__rewrite_key;

/** What lets only some rows through: LIMIT, OFFSET, FETCH FIRST in the ways of all engines. */
typedef struct rowan__rewrite_limit {
    size_t count;  /* the piece of how many rows; 0: there is none */
    int64_t most;  /* rows; -1: not known */
    int64_t skips; /* rows before them; -1: not known */
    bool is_read;  /* the clause is of a form that is known, or there is none */
} rowan__rewrite_limit;

/** How a statement is rewritten. Everything in it is borrowed from the finding and the arena. */
typedef struct rowan__rewrite {
    rowan__form form;
    const char *dialect;
    const rowan__trace_finding *finding;
    const rowan__traced *first; /* the execution that it is made of */
    rowan__parts parts;         /* of `first`, or of the sub-select in its EXISTS */
    rowan__rewrite_key keys[ROWAN__REWRITE_KEYS];
    size_t key_count;
    size_t sets[ROWAN__REWRITE_SETS]; /* pieces of values in SET that differ */
    size_t set_count;
    size_t outer_pieces; /* of `first` before `parts` */
    size_t values_row;   /* FORM_INSERT: the piece that opens the row of VALUES */
    bool adds_keys;      /* they stand behind the columns of `first`; else they are among them */
    rowan__rewrite_limit limit;
    bool drops_limit;    /* a LIMIT that no execution is expected to reach */
    const rowan__traced *parent; /* FORM_PARENT, FORM_WALK: its rows hold the keys */
    rowan__parts parent_parts;   /* FORM_PARENT */
} rowan__rewrite;

/** How a finding's statement is rewritten; form NONE if it is not. @return false: no memory */
bool rowan__rewrite_plan(rowan__rewrite *out, rowan__arena *arena,
                         const rowan__trace_finding *finding);

/** Behind the list of values that a piece opens, `(?, ?)`; the piece itself if it is none. */
size_t rowan__rewrite_list_end(const rowan__parts *parts, size_t open);

/** The statement to copy: with the placeholders of the dialect, and a comment where more follow.
 * The arena is left as it was. */
void rowan__rewrite_show(const rowan__rewrite *rewrite, rowan__arena *arena, rowan__text *out);

/**
 * The same as raw SQL that can be sent: values of `first` are :p0, :p1 …; one key is the list
 * :keys; keys of several columns and the rows of a write are, by execution and piece, :k0_7, :k1_7
 * …. Literals are those of the executions.
 *
 * @param rows  executions, from the first on
 */
void rowan__rewrite_raw(const rowan__rewrite *rewrite, rowan__arena *arena, size_t rows,
                        rowan__text *out);

/** Only the condition that keys are among those of the executions. */
void rowan__rewrite_raw_keys(const rowan__rewrite *rewrite, rowan__arena *arena, size_t rows,
                             rowan__text *out);

/** The name of a key's column in a result, without table and quotes. @return its length */
size_t rowan__rewrite_key_name(const rowan__rewrite *rewrite, size_t key, const char **name);

#endif
