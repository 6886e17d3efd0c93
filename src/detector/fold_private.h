/* What folding (fold.c) tells the reading of a statement's sense (sense.c). */
#ifndef ROWAN_DETECTOR_FOLD_PRIVATE_H
#define ROWAN_DETECTOR_FOLD_PRIVATE_H

#include "detector/fold.h"
#include "detector/words.h"

enum { ROWAN__SENSE_NAMED = 16 };

/** Where the reading of a statement's sense is. */
typedef struct rowan__sense {
    rowan__fold *out;
    const char *sql;
    rowan__role role;        /* of a value that comes next */
    unsigned role_depth;     /* of parentheses, where the role was given */
    unsigned depth;          /* of parentheses */
    uint32_t name, name_size; /* the last name, without quotes; size 0: none */
    rowan__word before;      /* the last word, NONE for a name, OTHER for any other token */
    bool in_assignments;     /* between SET and WHERE */
    bool in_between;         /* between BETWEEN and its AND */
    bool expects_table;
    uint32_t last_table;     /* where the last table's name begins, plus 1 */
    bool in_from;
    unsigned from_depth;
    bool is_comparing;       /* behind `value =` or `value <`, whose slot is `compared` */
    bool after_value;
    bool after_open;         /* behind a parenthesis, with nothing in between */
    bool in_type;            /* behind `::`: what comes next is no column */
    bool in_merge;
    bool in_any;             /* between ANY, or a function of lists, and its value */
    rowan__role held_role;   /* of `column = name`: `(` makes the name a function … */
    uint32_t held_name, held_size; /* … and its values are compared with the column */
    unsigned verb_depth;     /* of parentheses around the verb */
    bool after_point;        /* the token just read is one: the next name is a part */
    size_t compared;
    rowan__role compared_as;
    bool begins_select;      /* the next word is the first of a select list */
    bool saw_with;
    bool overflowed;         /* more slots than are kept */
    uint32_t params;         /* counted so far, where they have no numbers */
    struct {
        uint32_t offset, size, number;
    } named[ROWAN__SENSE_NAMED]; /* the first of those that have a name */
    size_t named_count;
    bool heeds_backslashes;  /* in strings */
} rowan__sense;

void rowan__sense_init(rowan__sense *sense, const rowan__reading *reading, const char *sql,
                       rowan__fold *out);
/** A word or quoted name; @p word is NONE for a name. */
void rowan__sense_word(rowan__sense *sense, const rowan__token *token, rowan__word word,
                       unsigned flags);
void rowan__sense_sign(rowan__sense *sense, const rowan__token *token);
/** A new slot, for one value or a list of them. */
void rowan__sense_slot(rowan__sense *sense, bool is_list);
/** A value of the last slot. */
void rowan__sense_value(rowan__sense *sense, const rowan__token *token, bool is_negative);

#endif
