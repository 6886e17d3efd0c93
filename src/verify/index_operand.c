/*
 * One side of a comparison: a column, an expression of one, or a value. It is told by the words in
 * it; what is neither is no use to an index.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "verify/index_private.h"

/* Where a scan of pieces stands. */
typedef struct scan {
    const rowan__parts *parts;
    size_t from, end;
    rowan__arena *arena;
} scan;

size_t rowan__piece_close(const rowan__parts *parts, size_t open)
{
    unsigned depth = parts->at[open].depth;
    size_t i = open + 1;

    while (i < parts->count && parts->at[i].depth > depth) {
        i++;
    }
    return i;
}

const char *rowan__unquoted(const rowan__parts *parts, size_t piece, rowan__arena *arena)
{
    const rowan__piece *at = &parts->at[piece];
    const char *text = parts->sql + at->offset;
    char *name;
    size_t size = 0;

    if (at->kind != ROWAN__TOKEN_NAME || at->size < 2) {
        return rowan__arena_text(arena, text, at->size);
    }
    name = rowan__arena_text(arena, text + 1, at->size - 2);
    for (size_t i = 1; name != NULL && i + 1 < at->size; i++) {
        name[size++] = text[i];
        i += text[i] == text[at->size - 1] && text[i + 1] == text[i] && i + 2 < at->size;
    }
    if (name != NULL) {
        name[size] = '\0';
    }
    return name;
}

/* Words that are no column where they stand alone. */
static bool is_keyword(const rowan__parts *parts, size_t piece)
{
    static const char *const words[] = {
        "ALL",     "AND",      "ANY",   "ARRAY",   "AS",      "ASC",      "BETWEEN",  "BINARY",
        "BOTH",    "CASE",     "CAST",  "COLLATE", "DESC",    "DISTINCT", "ELSE",     "END",
        "ESCAPE",  "EXISTS",   "FALSE", "FOR",     "FROM",    "IN",       "INTERVAL", "IS",
        "LEADING", "LIKE",     "NOT",   "NULL",    "OR",      "ROW",      "SOME",     "THEN",
        "TRUE",    "TRAILING", "USING", "WHEN",    "UNKNOWN", "XOR",      "DIV",      "MOD"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (rowan__piece_is(parts, piece, words[i])) {
            return true;
        }
    }
    return parts->at[piece].size > 8 &&
           strncasecmp(parts->sql + parts->at[piece].offset, "CURRENT_", 8) == 0;
}

static bool is_name(const rowan__parts *parts, size_t piece)
{
    return parts->at[piece].kind == ROWAN__TOKEN_NAME ||
           (parts->at[piece].kind == ROWAN__TOKEN_WORD && !is_keyword(parts, piece));
}

static bool follows(const scan *s, size_t piece, const char *word)
{
    return piece + 1 < s->end && rowan__piece_is(s->parts, piece + 1, word);
}

static bool is_behind(const scan *s, size_t piece, const char *word)
{
    return piece > s->from && rowan__piece_is(s->parts, piece - 1, word);
}

/* A type, a collation, a unit or a function is no column. */
static bool is_column(const scan *s, size_t piece)
{
    const rowan__piece *at = s->parts->at;

    if (!is_name(s->parts, piece) || follows(s, piece, "(") || follows(s, piece, ".") ||
        is_behind(s, piece, "::") || is_behind(s, piece, "AS") || is_behind(s, piece, "COLLATE")) {
        return false;
    }
    return !(piece + 1 < s->end && at[piece + 1].kind == ROWAN__TOKEN_STRING) &&
           !(piece > s->from && at[piece - 1].kind == ROWAN__TOKEN_NUMBER);
}

/* Whether a column is the first that is seen, or the same again. */
static bool take_column(const scan *s, size_t piece, rowan__operand *out, bool *failed)
{
    bool qualified = piece >= s->from + 2 && is_behind(s, piece, ".");
    const char *name = rowan__unquoted(s->parts, piece, s->arena);
    const char *qualifier = qualified ? rowan__unquoted(s->parts, piece - 2, s->arena) : NULL;

    *failed = name == NULL || (qualified && qualifier == NULL);
    if (*failed) {
        return false;
    }
    if (out->column == NULL) {
        out->column = name;
        out->qualifier = qualifier;
        return true;
    }
    return strcasecmp(out->column, name) == 0 && (qualifier == NULL) == (out->qualifier == NULL) &&
           (qualifier == NULL || strcasecmp(out->qualifier, qualifier) == 0);
}

/* Whether a piece can only be part of a literal. */
static bool is_literal(const scan *s, size_t piece)
{
    const rowan__piece *at = &s->parts->at[piece];
    bool is_type =
        is_behind(s, piece, "::") || (piece + 1 < s->end && at[1].kind == ROWAN__TOKEN_STRING);

    if (at->kind == ROWAN__TOKEN_WORD) {
        return is_type || rowan__piece_is(s->parts, piece, "TRUE") ||
               rowan__piece_is(s->parts, piece, "FALSE") ||
               rowan__piece_is(s->parts, piece, "NULL");
    }
    return at->kind == ROWAN__TOKEN_STRING || at->kind == ROWAN__TOKEN_NUMBER ||
           at->kind == ROWAN__TOKEN_OPERATOR || at->kind == ROWAN__TOKEN_OPEN ||
           at->kind == ROWAN__TOKEN_CLOSE || at->kind == ROWAN__TOKEN_COMMA;
}

bool rowan__operand_read(const rowan__parts *parts, size_t from, size_t end, rowan__arena *arena,
                         rowan__operand *out)
{
    const scan s = {parts, from, end, arena};
    /* `+column` is how a program tells SQLite to use no index. */
    bool is_mixed = from >= end || rowan__piece_is(parts, from, "+"), has_parameter = false,
         failed = false;
    size_t plain = 1;

    *out = (rowan__operand){.is_literal = from < end};
    for (size_t i = from; i < end && !failed; i++) {
        is_mixed = is_mixed || rowan__piece_is(parts, i, "SELECT");
        has_parameter = has_parameter || parts->at[i].kind == ROWAN__TOKEN_PLACEHOLDER;
        out->is_literal = out->is_literal && is_literal(&s, i);
        if (is_column(&s, i)) {
            is_mixed = !take_column(&s, i, out, &failed) || is_mixed;
        }
    }
    plain += out->qualifier != NULL ? 2 : 0;
    if (failed || is_mixed || (out->column != NULL && has_parameter)) {
        return !failed;
    }
    out->kind = out->column == NULL   ? ROWAN__OPERAND_VALUE
                : end - from == plain ? ROWAN__OPERAND_COLUMN
                                      : ROWAN__OPERAND_EXPRESSION;
    return true;
}

/* Whether a blank stands between two pieces, the second of which is @p i. */
static bool is_blank_before(const scan *s, size_t before, size_t i)
{
    const rowan__piece *a = &s->parts->at[before], *b = &s->parts->at[i];
    bool is_joined = rowan__piece_is(s->parts, before, "::") || rowan__piece_is(s->parts, i, "::");

    if (a->kind == ROWAN__TOKEN_OPEN || b->kind == ROWAN__TOKEN_CLOSE ||
        b->kind == ROWAN__TOKEN_COMMA || is_joined) {
        return false;
    }
    if (b->kind == ROWAN__TOKEN_OPEN) {
        return !is_name(s->parts, before) && !rowan__piece_is(s->parts, before, "CAST");
    }
    return !(a->kind == ROWAN__TOKEN_OPERATOR && b->kind == ROWAN__TOKEN_OPERATOR &&
             a->offset + a->size == b->offset);
}

const char *rowan__operand_text(const rowan__parts *parts, size_t from, size_t end,
                                rowan__arena *arena)
{
    const scan s = {parts, from, end, arena};
    const char *kept = NULL;
    size_t before = SIZE_MAX;
    rowan__text text;

    rowan__text_init(&text, arena->allocator);
    for (size_t i = from; i < end; i++) {
        bool is_qualifier = follows(&s, i, ".") || rowan__piece_is(parts, i, ".");
        if (is_qualifier) {
            continue;
        }
        if (before != SIZE_MAX && is_blank_before(&s, before, i)) {
            rowan__text_char(&text, ' ');
        }
        rowan__text_add(&text, parts->sql + parts->at[i].offset, parts->at[i].size);
        before = i;
    }
    if (!text.failed) {
        kept = rowan__arena_text(arena, rowan__text_string(&text), text.size);
    }
    rowan__text_fini(&text);
    return kept;
}
