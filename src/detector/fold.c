/*
 * Folding a statement to its fingerprint.
 *
 * The folded text is written token by token with blanks by rule, so that white space and comments
 * do not count; and it folds to itself. Unquoted names are in small letters, and quotes that a
 * plain name does not need are gone. Values and placeholders are `?`. Lists of nothing but values
 * are `?+`, whatever their length: behind IN and VALUES and in array[…]. What only looks alike is
 * kept apart: `= ?`, `in (?+)` and `= any(?)`; IS NULL; LIMIT with and without OFFSET; sub-selects.
 */
#include <rowan/detector.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/utf8.h"
#include "detector/fold_private.h"

/** Kinds of written tokens, as far as blanks depend on them. */
typedef enum ink {
    INK_NONE = 0, /* nothing was written yet */
    INK_WORD,     /* a name: `(` behind it belongs to it */
    INK_KEYWORD,  /* `(` behind it does not */
    INK_VALUE,
    INK_SIGN,
    INK_OPEN,
    INK_CLOSE,
    INK_COMMA,
    INK_DOT,
    INK_CAST,
    INK_BRACKET_OPEN,
    INK_BRACKET_CLOSE
} ink;

typedef struct folder {
    rowan__reader reader;
    rowan__sense sense;
    XXH3_state_t hash;
    char *buffer;
    size_t size;    /* of the buffer */
    size_t written; /* of the whole text */
    ink last;
    rowan__word word;  /* of the last token, if it was a word */
    bool after_is;     /* IS [NOT] came before */
    bool takes_sign;   /* `-` and a number would be a negative number here */
    size_t semicolons; /* seen, but not yet written */
    unsigned depth;    /* of parentheses */
    bool in_values;    /* rows of VALUES, at … */
    unsigned values_depth;
    bool was_string; /* another string would go on with it */
} folder;

/* --- Writing. --- */

static void put(folder *f, const char *data, size_t size)
{
    XXH3_64bits_update(&f->hash, data, size);
    if (f->written < f->size) {
        size_t room = f->size - f->written;
        memcpy(f->buffer + f->written, data, size < room ? size : room);
    }
    f->written += size;
}

static bool needs_blank(const folder *f, ink next)
{
    bool glued = f->last == INK_NONE || f->last == INK_OPEN || f->last == INK_DOT ||
                 f->last == INK_CAST || f->last == INK_BRACKET_OPEN;

    switch (next) {
    case INK_CLOSE:
    case INK_COMMA:
    case INK_BRACKET_CLOSE:
        return false;
    case INK_DOT:
    case INK_CAST: /* `: ::` is not `:::` */
        return f->last == INK_SIGN;
    case INK_OPEN:
        return !glued && f->last != INK_WORD;
    case INK_BRACKET_OPEN:
        return !glued && f->last != INK_WORD && f->last != INK_VALUE && f->last != INK_CLOSE &&
               f->last != INK_BRACKET_CLOSE && f->word != ROWAN__WORD_ARRAY;
    case INK_NONE:
    case INK_WORD:
    case INK_KEYWORD:
    case INK_VALUE:
    case INK_SIGN:
        return !glued;
    }
    return false;
}

/** Begins a token: writes the semicolons and the blank that come before it. */
static void begin(folder *f, ink next)
{
    for (; f->semicolons > 0 && f->last != INK_NONE; f->semicolons--) {
        put(f, ";", 1);
        f->last = INK_SIGN;
    }
    f->semicolons = 0;
    if (needs_blank(f, next)) {
        put(f, " ", 1);
    }
    f->last = next;
    f->was_string = false;
}

static void put_lower(folder *f, const char *text, size_t size)
{
    char lower[64];

    while (size > 0) {
        size_t piece = size < sizeof lower ? size : sizeof lower;
        for (size_t i = 0; i < piece; i++) {
            lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        }
        put(f, lower, piece);
        text += piece;
        size -= piece;
    }
}

/* --- Lists. --- */

static const char *text_of(const folder *f, const rowan__token *token)
{
    return f->reader.text + token->offset;
}

/** The next token that counts: no blanks, and of comments only hints. */
static void next_token(rowan__reader *reader, rowan__token *token)
{
    bool skipped;

    do {
        rowan__token_next(reader, token);
        const char *text = reader->text + token->offset;
        bool is_hint = token->kind == ROWAN__TOKEN_COMMENT && token->size > 4 && text[0] == '/' &&
                       text[2] == '+';
        skipped =
            token->kind == ROWAN__TOKEN_SPACE || (token->kind == ROWAN__TOKEN_COMMENT && !is_hint);
    } while (skipped);
}

static bool is_sign(const rowan__reader *reader, const rowan__token *token, const char *sign)
{
    return token->kind == ROWAN__TOKEN_OPERATOR && token->size == strlen(sign) &&
           memcmp(reader->text + token->offset, sign, token->size) == 0;
}

static bool is_open(const rowan__reader *reader, const rowan__token *token)
{
    return token->kind == ROWAN__TOKEN_OPEN || is_sign(reader, token, "[");
}

static bool is_close(const rowan__reader *reader, const rowan__token *token)
{
    return token->kind == ROWAN__TOKEN_CLOSE || is_sign(reader, token, "]");
}

/** The mark of a folded list, `?+`: one operator where `?` is one, else a placeholder and a sign.
 */
static bool skip_list_mark(rowan__reader *reader, const rowan__token *token)
{
    rowan__reader ahead = *reader;
    rowan__token plus, close;

    if (is_sign(reader, token, "?+")) {
        return true;
    }
    rowan__token_next(&ahead, &plus);
    if (token->kind != ROWAN__TOKEN_PLACEHOLDER || !is_sign(&ahead, &plus, "+")) {
        return false;
    }
    *reader = ahead;
    next_token(&ahead, &close);
    return is_close(&ahead, &close);
}

/** Whether a word is a value in a list. */
static bool is_constant(const rowan__reader *reader, const rowan__token *token)
{
    unsigned flags;
    rowan__word word = token->kind == ROWAN__TOKEN_WORD
                           ? rowan__word_of(reader->text + token->offset, token->size, &flags)
                           : ROWAN__WORD_NONE;

    return word == ROWAN__WORD_CONSTANT || word == ROWAN__WORD_DEFAULT;
}

/** One value of a list, from its token on; strings that follow one another are one. */
static bool read_item(folder *f, rowan__reader *reader, rowan__token *token)
{
    bool negative = is_sign(reader, token, "-");
    rowan__reader ahead;
    rowan__token next;

    if (negative || is_sign(reader, token, "+")) {
        next_token(reader, token);
        if (token->kind != ROWAN__TOKEN_NUMBER) {
            return false;
        }
    }
    if (token->kind == ROWAN__TOKEN_NUMBER || is_constant(reader, token)) {
        rowan__sense_value(&f->sense, token, negative);
        return true;
    }
    if (token->kind != ROWAN__TOKEN_STRING) {
        ahead = *reader;
        if (skip_list_mark(&ahead, token)) {
            *reader = ahead;
        } else if (token->kind != ROWAN__TOKEN_PLACEHOLDER) {
            return false;
        }
        rowan__sense_value(&f->sense, token, false);
        return true;
    }
    rowan__sense_value(&f->sense, token, false);
    for (ahead = *reader, next_token(&ahead, &next); next.kind == ROWAN__TOKEN_STRING;
         next_token(&ahead, &next)) {
        *reader = ahead;
    }
    return true;
}

/** Reads a list of nothing but values, or of such lists, from behind its opening to behind its end.
 */
static bool read_list(folder *f, rowan__reader *reader)
{
    rowan__token token;
    unsigned depth = 1;

    for (;;) {
        next_token(reader, &token);
        while (is_open(reader, &token)) {
            depth++;
            next_token(reader, &token);
        }
        if (!read_item(f, reader, &token)) {
            return false;
        }
        next_token(reader, &token);
        while (is_close(reader, &token)) {
            if (--depth == 0) {
                return true;
            }
            next_token(reader, &token);
        }
        if (token.kind != ROWAN__TOKEN_COMMA) {
            return false;
        }
    }
}

/**
 * Reads a list as one slot, if it is one; else everything is as before. The slot's values are those
 * that are kept of the list.
 */
static bool try_list(folder *f)
{
    rowan__reader reader = f->reader;
    rowan__sense before = f->sense;
    rowan__fold *out = f->sense.out;
    rowan__fold counts = {.slot_count = out->slot_count,
                          .place_count = out->place_count,
                          .value_count = out->value_count,
                          .literal_count = out->literal_count,
                          .literals = out->literals};

    rowan__sense_slot(&f->sense, true);
    if (read_list(f, &reader)) {
        f->reader = reader;
        return true;
    }
    f->sense = before;
    out->slot_count = counts.slot_count;
    out->place_count = counts.place_count;
    out->value_count = counts.value_count;
    out->literal_count = counts.literal_count;
    out->literals = counts.literals;
    return false;
}

/** Reads a further row of VALUES that is a list: it counts, but it is no slot of its own. */
static bool try_value_row(folder *f)
{
    rowan__fold *out = f->sense.out;
    size_t slots = out->slot_count, places = out->place_count;
    rowan__token token;

    next_token(&f->reader, &token);
    if (token.kind != ROWAN__TOKEN_COMMA) {
        return false;
    }
    next_token(&f->reader, &token);
    if (token.kind != ROWAN__TOKEN_OPEN || !try_list(f)) {
        return false;
    }
    out->slot_count = slots;
    out->place_count = places;
    out->value_rows++;
    return true;
}

static void skip_value_rows(folder *f)
{
    rowan__reader before;

    do {
        before = f->reader;
    } while (try_value_row(f));
    f->reader = before;
}

/* --- Tokens. --- */

static void fold_value(folder *f, const rowan__token *token, bool is_negative)
{
    bool goes_on = f->was_string && token->kind == ROWAN__TOKEN_STRING;

    if (!goes_on) {
        begin(f, INK_VALUE);
        put(f, "?", 1);
        rowan__sense_slot(&f->sense, false);
        rowan__sense_value(&f->sense, token, is_negative);
    }
    f->was_string = token->kind == ROWAN__TOKEN_STRING;
    f->takes_sign = false;
    f->after_is = false;
    f->word = ROWAN__WORD_NONE;
}

/** Whether a point comes next: what is before it is a name, whatever the word means elsewhere. */
static bool is_qualifier(const folder *f)
{
    rowan__reader ahead = f->reader;
    rowan__token next;

    next_token(&ahead, &next);
    return is_sign(&ahead, &next, ".");
}

static void fold_word(folder *f, const rowan__token *token)
{
    const char *text = text_of(f, token);
    unsigned flags;
    rowan__word word = rowan__word_of(text, token->size, &flags);
    bool is_part = f->last == INK_DOT; /* of a qualified name */
    bool is_operand =
        f->last == INK_SIGN || f->last == INK_COMMA; /* the function VALUES (column) */

    if (word == ROWAN__WORD_CONSTANT && !f->after_is && f->word != ROWAN__WORD_SET && !is_part &&
        !is_qualifier(f)) {
        fold_value(f, token, false);
        return;
    }
    word = is_part ? ROWAN__WORD_NONE : word;
    flags = is_part ? 0 : flags;
    begin(f, (flags & ROWAN__WORD_SPACED) != 0 ? INK_KEYWORD : INK_WORD);
    put_lower(f, text, token->size);
    f->after_is = word == ROWAN__WORD_IS || (word == ROWAN__WORD_NOT);
    f->takes_sign = (flags & ROWAN__WORD_TAKES_SIGN) != 0;
    if (word == ROWAN__WORD_VALUES && !is_operand) {
        f->in_values = true;
        f->values_depth = f->depth;
    } else if (f->depth == f->values_depth) {
        f->in_values = false;
    }
    f->word = word;
    rowan__sense_word(&f->sense, token, word, flags);
}

/** Whether a quoted name is one that needs no quotes. */
static bool is_plain(const char *name, size_t size)
{
    unsigned flags;

    if (size == 0 || (name[0] >= '0' && name[0] <= '9') ||
        rowan__word_of(name, size, &flags) != ROWAN__WORD_NONE) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        bool plain = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') ||
                     name[i] == '_';
        if (!plain) {
            return false;
        }
    }
    return true;
}

static void fold_name(folder *f, const rowan__token *token)
{
    const char *text = text_of(f, token);
    bool quoted = text[0] == '"' || text[0] == '`' || text[0] == '[';

    begin(f, INK_WORD);
    if (quoted && !token->unterminated && is_plain(text + 1, token->size - 2)) {
        put(f, text + 1, token->size - 2);
    } else {
        put(f, text, token->size);
    }
    f->word = ROWAN__WORD_NONE;
    f->after_is = false;
    f->takes_sign = false;
    if (f->depth == f->values_depth) {
        f->in_values = false;
    }
    rowan__sense_word(&f->sense, token, ROWAN__WORD_NONE, 0);
}

static void fold_list(folder *f, const rowan__token *open)
{
    bool bracket = text_of(f, open)[0] == '[';

    begin(f, bracket ? INK_BRACKET_OPEN : INK_OPEN);
    put(f, bracket ? "[?+]" : "(?+)", 4);
    f->last = bracket ? INK_BRACKET_CLOSE : INK_CLOSE;
    f->takes_sign = false;
    f->after_is = false;
    f->word = ROWAN__WORD_NONE;
}

static void fold_open(folder *f, const rowan__token *token)
{
    bool is_row = f->in_values && f->depth == f->values_depth;
    bool is_in = f->word == ROWAN__WORD_IN && f->last == INK_KEYWORD;

    rowan__sense_sign(&f->sense, token);
    f->sense.out->value_rows += is_row && f->depth == f->sense.verb_depth;
    if ((is_row || is_in) && try_list(f)) {
        rowan__token close = {.kind = ROWAN__TOKEN_CLOSE, .offset = token->offset, .size = 1};
        rowan__sense_sign(&f->sense, &close);
        fold_list(f, token);
        if (is_row) {
            skip_value_rows(f);
            f->sense.role = ROWAN__ROLE_VALUES;
        }
        return;
    }
    begin(f, INK_OPEN);
    put(f, "(", 1);
    f->depth++;
    f->takes_sign = true;
    f->after_is = false;
    f->word = ROWAN__WORD_NONE;
}

static void fold_punctuation(folder *f, const rowan__token *token)
{
    bool close = token->kind == ROWAN__TOKEN_CLOSE;

    begin(f, close ? INK_CLOSE : INK_COMMA);
    put(f, close ? ")" : ",", 1);
    f->depth -= close && f->depth > 0;
    f->takes_sign = !close;
    f->after_is = false;
    f->word = ROWAN__WORD_NONE;
    rowan__sense_sign(&f->sense, token);
}

/** A sign before a number where a value is expected belongs to it. */
static bool try_signed_number(folder *f, const rowan__token *token)
{
    rowan__reader ahead = f->reader;
    rowan__token number;

    if (!f->takes_sign || !(is_sign(&f->reader, token, "-") || is_sign(&f->reader, token, "+"))) {
        return false;
    }
    next_token(&ahead, &number);
    if (number.kind != ROWAN__TOKEN_NUMBER) {
        return false;
    }
    f->reader = ahead;
    fold_value(f, &number, text_of(f, token)[0] == '-');
    return true;
}

static ink ink_of_sign(const char *text, size_t size)
{
    if (size == 2 && memcmp(text, "::", 2) == 0) {
        return INK_CAST;
    }
    if (size != 1) {
        return INK_SIGN;
    }
    return text[0] == '.'   ? INK_DOT
           : text[0] == '[' ? INK_BRACKET_OPEN
           : text[0] == ']' ? INK_BRACKET_CLOSE
           : text[0] == '?' ? INK_VALUE
                            : INK_SIGN;
}

/** A point that belongs to no name stands apart: `. 1st` is not `.1` and a word. */
static ink ink_of_point(const folder *f)
{
    bool has_name = f->semicolons == 0 && (f->last == INK_WORD || f->last == INK_KEYWORD);

    return has_name || !f->reader.reading->words_begin_with_digit ? INK_DOT : INK_SIGN;
}

static void fold_sign(folder *f, const rowan__token *token)
{
    const char *text = text_of(f, token);
    ink kind = ink_of_sign(text, token->size);

    kind = kind == INK_DOT ? ink_of_point(f) : kind;

    if (try_signed_number(f, token)) {
        return;
    }
    if (kind == INK_BRACKET_OPEN && f->word == ROWAN__WORD_ARRAY && try_list(f)) {
        fold_list(f, token);
        return;
    }
    begin(f, kind);
    put(f, text, token->size);
    f->takes_sign = kind == INK_SIGN || kind == INK_BRACKET_OPEN;
    f->after_is = false;
    f->word = ROWAN__WORD_NONE;
    rowan__sense_sign(&f->sense, token);
}

static void fold_token(folder *f, const rowan__token *token)
{
    switch (token->kind) {
    case ROWAN__TOKEN_END:
    case ROWAN__TOKEN_SPACE:
        break;
    case ROWAN__TOKEN_COMMENT: /* only hints come here */
        begin(f, INK_SIGN);
        put(f, text_of(f, token), token->size);
        break;
    case ROWAN__TOKEN_WORD:
        fold_word(f, token);
        break;
    case ROWAN__TOKEN_NAME:
        fold_name(f, token);
        break;
    case ROWAN__TOKEN_STRING:
    case ROWAN__TOKEN_NUMBER:
    case ROWAN__TOKEN_PLACEHOLDER:
        fold_value(f, token, false);
        break;
    case ROWAN__TOKEN_OPERATOR:
        fold_sign(f, token);
        break;
    case ROWAN__TOKEN_OPEN:
        fold_open(f, token);
        break;
    case ROWAN__TOKEN_CLOSE:
    case ROWAN__TOKEN_COMMA:
        fold_punctuation(f, token);
        break;
    case ROWAN__TOKEN_SEMICOLON:
        f->semicolons++;
        f->takes_sign = true;
        break;
    }
}

void rowan__fold_statement(const rowan__reading *reading, const char *engine, const char *sql,
                           size_t sql_size, char *buffer, size_t size, rowan__fold *out)
{
    folder f = {.buffer = buffer, .size = size > 0 ? size - 1 : 0, .takes_sign = true};
    const unsigned char version = ROWAN__FOLD_VERSION;
    rowan__token token;

    rowan__sense_init(&f.sense, reading, sql, out);
    rowan__reader_init(&f.reader, reading, sql, sql_size);
    XXH3_64bits_reset(&f.hash);
    XXH3_64bits_update(&f.hash, &version, sizeof version);
    XXH3_64bits_update(&f.hash, engine, strlen(engine) + 1);
    do {
        next_token(&f.reader, &token);
        fold_token(&f, &token);
    } while (token.kind != ROWAN__TOKEN_END);
    if (size > 0) {
        buffer[f.written < size - 1 ? f.written : size - 1] = '\0';
    }
    out->size = f.written;
    out->id = XXH3_64bits_digest(&f.hash);
}

size_t rowan_fingerprint(const char *engine, const char *sql, size_t sql_size, char *buffer,
                         size_t size, uint64_t *id)
{
    rowan__fold fold;

    rowan__fold_statement(rowan__engine_reading(engine), engine != NULL ? engine : "", sql,
                          sql_size, buffer, size, &fold);
    if (size > 0 && fold.size >= size) {
        rowan__utf8_trim(buffer);
    }
    if (id != NULL) {
        *id = fold.id;
    }
    return fold.size;
}
