/*
 * Rewritten statements as texts.
 *
 * Both texts are the same statement: the one to copy has the placeholders of the dialect, and a
 * comment where more of the same follow; the one to send has names for all values. What is not
 * rewritten is copied as it was written, with its spaces and comments.
 */
#include <string.h>

#include "report/rewrite_private.h"

enum { LITERALS_SHOWN = 12, LITERALS_READ = 1024 };

static bool is_postgresql(const rowan__rewriter *w)
{
    return strcmp(w->r->dialect, "postgresql") == 0;
}

void rowan__put(rowan__rewriter *w, const char *text)
{
    rowan__text_str(w->out, text);
}

/* A name of our own, unless the statement has it. */
void rowan__put_name(rowan__rewriter *w, const char *name)
{
    for (size_t i = 0; i < w->r->parts.count; i++) {
        if (rowan__piece_same_name(&w->r->parts, i, name, strlen(name))) {
            rowan__put(w, "the_");
            break;
        }
    }
    rowan__put(w, name);
}

/* --- Pieces as they were. --- */

static void put_operator(rowan__rewriter *w, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        rowan__text_char(w->out, text[i]);
        if (text[i] == '?') {
            rowan__text_char(w->out, '?'); /* raw SQL wants it twice */
        }
    }
}

void rowan__put_piece(rowan__rewriter *w, const rowan__parts *parts, size_t piece)
{
    const rowan__piece *at = &parts->at[piece];

    if (w->is_raw && at->kind == ROWAN__TOKEN_PLACEHOLDER) {
        rowan__text_format(w->out, ":p%zu", at->param);
    } else if (w->is_raw && at->kind == ROWAN__TOKEN_OPERATOR) {
        put_operator(w, parts->sql + at->offset, at->size);
    } else {
        rowan__text_add(w->out, parts->sql + at->offset, at->size);
    }
}

/* What stands between a piece and the one before it: space and comments. */
void rowan__put_gap(rowan__rewriter *w, const rowan__parts *parts, size_t piece)
{
    size_t begin = parts->at[piece - 1].offset + parts->at[piece - 1].size;

    rowan__text_add(w->out, parts->sql + begin, parts->at[piece].offset - begin);
}

void rowan__put_plain(rowan__rewriter *w, const rowan__parts *parts, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (i > begin) {
            rowan__put_gap(w, parts, i);
        }
        rowan__put_piece(w, parts, i);
    }
}

void rowan__put_column(rowan__rewriter *w, const rowan__rewrite_key *key)
{
    rowan__put_plain(w, &w->r->parts, key->column_begin, key->column_end);
}

void rowan__put_columns(rowan__rewriter *w)
{
    for (size_t i = 0; i < w->r->key_count; i++) {
        rowan__put(w, i > 0 ? ", " : "");
        rowan__put_column(w, &w->r->keys[i]);
    }
}

/* --- Conditions on keys. --- */

static const rowan__piece *value_piece(const rowan__rewriter *w, const rowan__rewrite_key *key)
{
    return &w->r->parts.at[key->value];
}

/* The piece of one execution that stands where a piece of the first does, in the trace's memory. */
static const char *piece_of(rowan__rewriter *w, size_t row, size_t piece, size_t *size)
{
    const rowan__trace_finding *finding = w->r->finding;
    const rowan__traced *other =
        row < finding->seq_count ? rowan__trace_numbered(finding->trace, finding->seqs[row]) : NULL;
    rowan__arena_mark mark = rowan__arena_mark_now(w->arena);
    const rowan__piece *at;
    rowan__parts parts;

    *size = 0;
    if (other == NULL ||
        !rowan__parts_read(&parts, w->arena, other->dialect, other->sql, other->sql_size) ||
        piece + w->r->outer_pieces >= parts.count) {
        w->out->failed = true;
        return NULL;
    }
    at = &parts.at[piece + w->r->outer_pieces];
    *size = at->size;
    rowan__arena_rewind(w->arena, &mark);
    return other->sql + at->offset;
}

/* A value of one execution: a name for what was bound, else the literal that it has there. */
void rowan__put_row_value(rowan__rewriter *w, size_t row, size_t piece)
{
    size_t size;

    if (w->r->parts.at[piece].kind == ROWAN__TOKEN_PLACEHOLDER) {
        rowan__text_format(w->out, ":k%zu_%zu", row, piece);
        return;
    }
    const char *text = piece_of(w, row, piece, &size);
    rowan__text_add(w->out, text, size);
}

/* Literals that stood in place of a key. */
typedef struct literals {
    const char *shown[LITERALS_SHOWN];
    size_t sizes[LITERALS_SHOWN];
    size_t count;
} literals;

/* One literal more, unless it is among the first. @return false if a person is shown no more */
static bool put_literal(rowan__rewriter *w, literals *all, const char *text, size_t size)
{
    size_t known = 0;

    while (known < all->count && known < LITERALS_SHOWN &&
           !(all->sizes[known] == size && memcmp(all->shown[known], text, size) == 0)) {
        known++;
    }
    if (known < all->count && known < LITERALS_SHOWN) {
        return true;
    }
    if (all->count >= LITERALS_SHOWN && !w->is_raw) {
        rowan__put(w, " /* , ... */");
        return false;
    }
    rowan__put(w, all->count > 0 ? ", " : "");
    rowan__text_add(w->out, text, size);
    if (all->count < LITERALS_SHOWN) {
        all->shown[all->count] = text;
        all->sizes[all->count] = size;
    }
    all->count++;
    return true;
}

/* How many values the list has in one execution. */
static size_t list_length(rowan__rewriter *w, size_t row, size_t value)
{
    const rowan__trace_finding *finding = w->r->finding;
    const rowan__traced *other = rowan__trace_numbered(finding->trace, finding->seqs[row]);
    rowan__arena_mark mark = rowan__arena_mark_now(w->arena);
    rowan__parts parts;
    size_t length = 1;

    if (other != NULL &&
        rowan__parts_read(&parts, w->arena, other->dialect, other->sql, other->sql_size)) {
        length = (rowan__rewrite_list_end(&parts, value - 1) - value) / 2;
    }
    rowan__arena_rewind(w->arena, &mark);
    return length;
}

/* The literals that stood in place of a key: a person is shown the first ones, each once. */
static void put_literals(rowan__rewriter *w, const rowan__rewrite_key *key)
{
    size_t rows = w->is_raw ? w->rows : w->r->finding->seq_count;
    literals all = {.count = 0};

    for (size_t row = 0; row < rows && row < LITERALS_READ; row++) {
        size_t length = key->is_list ? list_length(w, row, key->value) : 1;
        for (size_t i = 0; i < length; i++) {
            size_t size;
            const char *text = piece_of(w, row, key->value + 2 * i, &size);
            if (text != NULL && !put_literal(w, &all, text, size)) {
                return;
            }
        }
    }
}

/* One column among many values: a list, or an array where one can be bound. */
static void put_single(rowan__rewriter *w, const rowan__rewrite_key *key)
{
    bool is_bound = value_piece(w, key)->kind == ROWAN__TOKEN_PLACEHOLDER;
    bool has_cast = rowan__piece_is(&w->r->parts, key->value + 1, "::");
    bool has_array = is_bound && (w->is_raw || w->r->set_count == 0);

    rowan__put_column(w, key);
    if (is_postgresql(w) && has_array) {
        rowan__put(w, " = ANY (");
        rowan__put(w, w->is_raw ? ":keys" : "");
        if (!w->is_raw) {
            rowan__put_piece(w, &w->r->parts, key->value);
        }
        if (has_cast) {
            rowan__put_plain(w, &w->r->parts, key->value + 1, key->value + 3);
            rowan__put(w, "[]");
        }
        rowan__put(w, ")");
        return;
    }
    rowan__put(w, " IN (");
    if (!is_bound) {
        put_literals(w, key);
    } else if (w->is_raw) {
        rowan__put(w, ":keys");
    } else {
        rowan__put_piece(w, &w->r->parts, key->value);
        rowan__put(w, " /* , ... */");
    }
    rowan__put(w, ")");
}

/* Several columns among rows of values. */
static void put_tuples(rowan__rewriter *w)
{
    const rowan__rewrite *r = w->r;

    rowan__put(w, "(");
    rowan__put_columns(w);
    rowan__put(w, ") IN (");
    for (size_t row = 0; row < (w->is_raw ? w->rows : 1); row++) {
        rowan__put(w, row > 0 ? ", (" : "(");
        for (size_t i = 0; i < r->key_count; i++) {
            const rowan__rewrite_key *key = &r->keys[i];
            bool has_cast = rowan__piece_is(&r->parts, key->value + 1, "::");
            rowan__put(w, i > 0 ? ", " : "");
            if (w->is_raw) {
                rowan__put_row_value(w, row, key->value);
            } else {
                rowan__put_piece(w, &r->parts, key->value);
            }
            if (has_cast) {
                rowan__put_plain(w, &r->parts, key->value + 1, key->value + 3);
            }
        }
        rowan__put(w, ")");
    }
    rowan__put(w, w->is_raw ? ")" : " /* , ... */)");
}

static void put_key(rowan__rewriter *w, size_t number)
{
    const rowan__rewrite_key *key = &w->r->keys[number];

    if (w->style == ROWAN__KEYS_NAMED) {
        rowan__put_column(w, key);
        rowan__put(w, " = ");
        rowan__put_name(w, "keys");
        rowan__put(w, ".key_1");
    } else if (w->r->key_count == 1) {
        put_single(w, key);
    } else {
        put_tuples(w);
    }
}

/* The number of the key that begins at a piece; key_count if none does. */
static size_t key_at(const rowan__rewrite *r, size_t piece)
{
    size_t i = 0;

    while (i < r->key_count && r->keys[i].begin != piece) {
        i++;
    }
    return i;
}

/* Whether at a piece an AND begins that goes with the key behind it, which is written elsewhere. */
static bool goes_with_key(const rowan__rewriter *w, size_t piece)
{
    size_t next = key_at(w->r, piece + 1);

    return rowan__piece_is(&w->r->parts, piece, "AND") && next < w->r->key_count &&
           (w->style == ROWAN__KEYS_DROPPED || (next > 0 && w->style == ROWAN__KEYS_MANY));
}

/* Pieces with their keys as the style has them. */
void rowan__put_pieces(rowan__rewriter *w, size_t begin, size_t end)
{
    const rowan__parts *parts = &w->r->parts;

    for (size_t i = begin; i < end;) {
        size_t key = key_at(w->r, i);
        if (goes_with_key(w, i)) {
            i = w->r->keys[key_at(w->r, i + 1)].end;
            continue;
        }
        if (key < w->r->key_count && w->style == ROWAN__KEYS_DROPPED) {
            i = w->r->keys[key].end + 1; /* the AND behind it */
            rowan__put(w, " ");
            continue;
        }
        if (i > begin) {
            rowan__put_gap(w, parts, i);
        }
        if (key < w->r->key_count) {
            put_key(w, key);
            i = w->r->keys[key].end;
        } else {
            rowan__put_piece(w, parts, i);
            i++;
        }
    }
}

/* --- The whole. --- */

void rowan__rewrite_show(const rowan__rewrite *rewrite, rowan__arena *arena, rowan__text *out)
{
    rowan__rewriter w = {.r = rewrite, .arena = arena, .out = out};

    rowan__write_form(&w);
}

void rowan__rewrite_raw(const rowan__rewrite *rewrite, rowan__arena *arena, size_t rows,
                        rowan__text *out)
{
    rowan__rewriter w = {.r = rewrite, .arena = arena, .out = out, .is_raw = true, .rows = rows};

    rowan__write_form(&w);
}

void rowan__rewrite_raw_keys(const rowan__rewrite *rewrite, rowan__arena *arena, size_t rows,
                             rowan__text *out)
{
    rowan__rewriter w = {.r = rewrite, .arena = arena, .out = out, .is_raw = true, .rows = rows};

    put_key(&w, 0);
}

size_t rowan__rewrite_key_name(const rowan__rewrite *rewrite, size_t key, const char **name)
{
    const rowan__piece *last = &rewrite->parts.at[rewrite->keys[key].column_end - 1];
    size_t quote = last->kind == ROWAN__TOKEN_NAME && last->size >= 2 ? 1 : 0;

    *name = rewrite->parts.sql + last->offset + quote;
    return last->size - 2 * quote;
}
