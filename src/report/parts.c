/*
 * Statements in parts. A clause is told by its first word outside of all parentheses; those inside
 * belong to a sub-select or a function and are no business of the statement.
 */
#include "report/parts.h"

#include <string.h>
#include <strings.h>

#include "detector/fold.h"

/* Parameters with names, in the order in which they were first seen. */
typedef struct numbering {
    const rowan__parts *parts;
    size_t next; /* number of a parameter without one */
} numbering;

static size_t written_number(const char *text, size_t size)
{
    size_t number = 0;

    for (size_t i = 1; i < size && i < 8; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return 0;
        }
        number = number * 10 + (size_t)(text[i] - '0');
    }
    return number;
}

/* The parameter of the same name among the pieces so far; SIZE_MAX if it is the first. */
static size_t same_before(const numbering *n, size_t piece)
{
    const rowan__piece *at = n->parts->at;
    const char *sql = n->parts->sql;

    for (size_t i = 0; i < piece; i++) {
        if (at[i].kind == ROWAN__TOKEN_PLACEHOLDER && at[i].size == at[piece].size &&
            memcmp(sql + at[i].offset, sql + at[piece].offset, at[piece].size) == 0) {
            return at[i].param;
        }
    }
    return SIZE_MAX;
}

/* As the engines number: what has a number has that, a name has one for all its places. */
static size_t number_of(numbering *n, size_t piece)
{
    const rowan__piece *at = &n->parts->at[piece];
    const char *text = n->parts->sql + at->offset;
    size_t number = written_number(text, at->size);
    size_t before = at->size > 1 && number == 0 ? same_before(n, piece) : SIZE_MAX;

    if (before != SIZE_MAX) {
        return before;
    }
    number = number > 0 ? number - 1 : n->next;
    n->next = number + 1 > n->next ? number + 1 : n->next;
    return number;
}

static bool is_sign(const rowan__parts *parts, const rowan__token *token, char sign)
{
    return token->kind == ROWAN__TOKEN_OPERATOR && token->size == 1 &&
           parts->sql[token->offset] == sign;
}

static size_t count_tokens(const rowan__parts *parts, size_t sql_size)
{
    rowan__reader reader;
    rowan__token token;
    size_t count = 0;

    rowan__reader_init(&reader, parts->reading, parts->sql, sql_size);
    do {
        rowan__token_next(&reader, &token);
        count++;
    } while (token.kind != ROWAN__TOKEN_END);
    return count;
}

static void take(rowan__parts *parts, numbering *n, const rowan__token *token, unsigned *depth)
{
    bool opens = token->kind == ROWAN__TOKEN_OPEN || is_sign(parts, token, '[');
    bool closes = token->kind == ROWAN__TOKEN_CLOSE || is_sign(parts, token, ']');

    parts->is_one = parts->is_one && !(closes && *depth == 0);
    *depth -= closes && *depth > 0;
    parts->at[parts->count] = (rowan__piece){
        .kind = token->kind, .offset = token->offset, .size = token->size, .depth = *depth};
    if (token->kind == ROWAN__TOKEN_PLACEHOLDER) {
        size_t param = number_of(n, parts->count);
        parts->at[parts->count].param = param;
        parts->param_count = param + 1 > parts->param_count ? param + 1 : parts->param_count;
    }
    *depth += opens;
    parts->count++;
}

/* What a comment or token says of the whole text: comments may be code, a text may not end. */
static bool is_sound(const rowan__parts *parts, const rowan__token *token)
{
    const char *text = parts->sql + token->offset;
    bool is_code = token->kind == ROWAN__TOKEN_COMMENT && token->size > 2 && text[0] == '/' &&
                   (text[2] == '!' || (text[2] == 'M' && token->size > 3 && text[3] == '!'));

    return !token->unterminated && !is_code && memchr(text, '\0', token->size) == NULL;
}

static void read_pieces(rowan__parts *parts, size_t sql_size)
{
    numbering n = {.parts = parts};
    rowan__reader reader;
    rowan__token token;
    unsigned depth = 0;
    bool has_ended = false;

    rowan__reader_init(&reader, parts->reading, parts->sql, sql_size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        parts->is_one = parts->is_one && is_sound(parts, &token);
        if (token.kind == ROWAN__TOKEN_SEMICOLON) {
            has_ended = true;
        } else if (token.kind != ROWAN__TOKEN_SPACE && token.kind != ROWAN__TOKEN_COMMENT) {
            parts->is_one = parts->is_one && !has_ended;
            take(parts, &n, &token, &depth);
        }
    }
    parts->is_one = parts->is_one && depth == 0 && parts->count > 0;
}

/* The clause that a word begins, by address; NULL: none. */
static size_t *clause_of(rowan__parts *parts, size_t piece)
{
    static const char *const others[] = {"UNION",   "INTERSECT", "EXCEPT",    "WINDOW",
                                         "FOR",     "LOCK",      "PROCEDURE", "INTO",
                                         "QUALIFY", "RETURNING", "CONNECT"};
    const struct {
        const char *word;
        size_t *clause;
    } known[] = {
        {"FROM", &parts->from},     {"WHERE", &parts->where}, {"GROUP", &parts->group},
        {"HAVING", &parts->having}, {"ORDER", &parts->order}, {"LIMIT", &parts->limit},
        {"OFFSET", &parts->limit},  {"FETCH", &parts->limit},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (rowan__piece_is(parts, piece, known[i].word)) {
            return known[i].clause;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (rowan__piece_is(parts, piece, others[i])) {
            return &parts->other;
        }
    }
    return NULL;
}

static void find_clauses(rowan__parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        bool is_name = i > 0 && rowan__piece_is(parts, i - 1, ".");
        size_t *clause =
            parts->at[i].depth == 0 && parts->at[i].kind == ROWAN__TOKEN_WORD && !is_name
                ? clause_of(parts, i)
                : NULL;
        if (clause != NULL && *clause == parts->count) {
            *clause = i;
        }
    }
}

bool rowan__parts_read(rowan__parts *parts, rowan__arena *arena, const char *dialect,
                       const char *sql, size_t sql_size)
{
    return rowan__parts_read_as(parts, arena, rowan__engine_reading(dialect), sql, sql_size);
}

bool rowan__parts_read_as(rowan__parts *parts, rowan__arena *arena, const rowan__reading *reading,
                          const char *sql, size_t sql_size)
{
    size_t tokens;

    *parts = (rowan__parts){.sql = sql, .sql_size = sql_size, .reading = reading, .is_one = true};
    tokens = count_tokens(parts, sql_size);
    parts->at = rowan__arena_new(arena, tokens, sizeof *parts->at, _Alignof(rowan__piece));
    if (parts->at == NULL) {
        return false;
    }
    read_pieces(parts, sql_size);
    parts->from = parts->where = parts->group = parts->having = parts->order = parts->limit =
        parts->other = parts->count;
    find_clauses(parts);
    return true;
}

bool rowan__piece_is(const rowan__parts *parts, size_t piece, const char *word)
{
    const rowan__piece *at = &parts->at[piece];

    return piece < parts->count && at->kind != ROWAN__TOKEN_STRING &&
           at->kind != ROWAN__TOKEN_NAME && at->size == strlen(word) &&
           strncasecmp(parts->sql + at->offset, word, at->size) == 0;
}

bool rowan__piece_same_name(const rowan__parts *parts, size_t piece, const char *name, size_t size)
{
    const rowan__piece *at = &parts->at[piece];
    size_t quote = at->kind == ROWAN__TOKEN_NAME && at->size >= 2 ? 1 : 0;

    return piece < parts->count &&
           (at->kind == ROWAN__TOKEN_WORD || at->kind == ROWAN__TOKEN_NAME) &&
           at->size - 2 * quote == size &&
           strncasecmp(parts->sql + at->offset + quote, name, size) == 0;
}

size_t rowan__parts_find(const rowan__parts *parts, size_t from, size_t end, const char *word,
                         unsigned depth)
{
    for (size_t i = from; i < end; i++) {
        if (parts->at[i].depth == depth && rowan__piece_is(parts, i, word)) {
            return i;
        }
    }
    return end;
}

bool rowan__piece_is_value(const rowan__piece *piece)
{
    return piece->kind == ROWAN__TOKEN_PLACEHOLDER || piece->kind == ROWAN__TOKEN_STRING ||
           piece->kind == ROWAN__TOKEN_NUMBER;
}

bool rowan__piece_is_name(const rowan__parts *parts, size_t piece)
{
    return piece < parts->count && (parts->at[piece].kind == ROWAN__TOKEN_WORD ||
                                    parts->at[piece].kind == ROWAN__TOKEN_NAME);
}

bool rowan__parts_have(const rowan__parts *parts, size_t begin, size_t end, const char *word)
{
    for (size_t i = begin; i < end; i++) {
        if (rowan__piece_is(parts, i, word)) {
            return true;
        }
    }
    return false;
}

size_t rowan__clause_end(const rowan__parts *parts, size_t clause)
{
    const size_t others[] = {parts->from,  parts->where, parts->group, parts->having,
                             parts->order, parts->limit, parts->other};
    size_t end = parts->count;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        end = others[i] > clause && others[i] < end ? others[i] : end;
    }
    return end;
}

size_t rowan__close_of(const rowan__parts *parts, size_t open, size_t end)
{
    for (size_t i = open + 1; i < end; i++) {
        if (parts->at[i].depth == parts->at[open].depth) {
            return i + 1;
        }
    }
    return end;
}

size_t rowan__name_before(const rowan__parts *parts, size_t end)
{
    size_t begin = end;

    while (begin > 0 && rowan__piece_is_name(parts, begin - 1)) {
        begin--;
        if (begin == 0 || !rowan__piece_is(parts, begin - 1, ".")) {
            return begin;
        }
        begin--;
    }
    return end;
}

size_t rowan__name_end(const rowan__parts *parts, size_t begin)
{
    size_t end = begin;

    while (rowan__piece_is_name(parts, end)) {
        end++;
        if (!rowan__piece_is(parts, end, ".")) {
            return end;
        }
        end++;
    }
    return begin;
}

size_t rowan__value_end(const rowan__parts *parts, size_t value)
{
    bool is_cast = value + 2 < parts->count && rowan__piece_is(parts, value + 1, "::") &&
                   parts->at[value + 2].kind == ROWAN__TOKEN_WORD;

    return is_cast ? value + 3 : value + 1;
}
