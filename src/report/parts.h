/*
 * A statement in parts: its tokens without space and comments, the numbers of its parameters, and
 * where its clauses begin. No grammar: what is not a plain statement of the usual form says so.
 */
#ifndef ROWAN_REPORT_PARTS_H
#define ROWAN_REPORT_PARTS_H

#include "base/arena.h"
#include "base/token.h"

/** A token that counts. */
typedef struct rowan__piece {
    rowan__token_kind kind;
    size_t offset, size; /* in the text, in bytes */
    unsigned depth;      /* of parentheses and brackets around it; of one of these, that outside */
    size_t param;        /* of a placeholder: the number of its value, from 0 */
} rowan__piece;

/** The pieces of one statement. Numbers of pieces; `count` where there is no such clause. */
typedef struct rowan__parts {
    const char *sql;
    size_t sql_size;
    const rowan__reading *reading;
    rowan__piece *at;
    size_t count;
    bool is_one; /* one whole statement: nothing behind a semicolon, nothing open at its end, and no
                    comment whose inside is code */
    size_t param_count;
    size_t from, where, group, having, order, limit, /* LIMIT, OFFSET or FETCH, what is first */
        other; /* a clause or a set operation that has no name here, such as UNION, WINDOW or FOR */
} rowan__parts;

/** Reads a statement. @return false if memory ran out */
bool rowan__parts_read(rowan__parts *parts, rowan__arena *arena, const char *dialect,
                       const char *sql, size_t sql_size);

/** The same for a text that is read in a way of its own; @p reading is borrowed. */
bool rowan__parts_read_as(rowan__parts *parts, rowan__arena *arena, const rowan__reading *reading,
                          const char *sql, size_t sql_size);

/** Whether a piece is the given word, which is in capitals, or the given sign. */
bool rowan__piece_is(const rowan__parts *parts, size_t piece, const char *word);

/** Whether two pieces are the same name, quoted or not, in either case. */
bool rowan__piece_same_name(const rowan__parts *parts, size_t piece, const char *name, size_t size);

/** The first piece behind @p from that is @p word at @p depth; @p end if there is none. */
size_t rowan__parts_find(const rowan__parts *parts, size_t from, size_t end, const char *word,
                         unsigned depth);

/** Whether a piece is a placeholder, a string or a number. */
bool rowan__piece_is_value(const rowan__piece *piece);

/** Whether a piece is a word or a quoted name. */
bool rowan__piece_is_name(const rowan__parts *parts, size_t piece);

/** Whether a word is among pieces, at whatever depth. */
bool rowan__parts_have(const rowan__parts *parts, size_t begin, size_t end, const char *word);

/** Behind the last piece of the clause that begins at @p clause. */
size_t rowan__clause_end(const rowan__parts *parts, size_t clause);

/** Behind the parenthesis that closes what is opened at a piece; @p end if none does. */
size_t rowan__close_of(const rowan__parts *parts, size_t open, size_t end);

/**
 * The first piece of the name that ends before a piece: name, table.name, schema.table.name; @p end
 * if there is none.
 */
size_t rowan__name_before(const rowan__parts *parts, size_t end);

/** Behind such a name that begins at a piece; @p begin if there is none. */
size_t rowan__name_end(const rowan__parts *parts, size_t begin);

/** Behind a value and its cast, `::name`; what more a type may be is not read. */
size_t rowan__value_end(const rowan__parts *parts, size_t value);

#endif
