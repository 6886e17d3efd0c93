/*
 * Rewritten statements as texts.
 *
 * Both texts are the same statement: the one to copy has the placeholders of the dialect, and a
 * comment where more of the same follow; the one to send has names for all values. What is not
 * rewritten is copied as it was written, with its spaces and comments.
 */
#include <string.h>

#include "report/rewrite.h"

enum { LITERALS_SHOWN = 12, LITERALS_READ = 1024 };

/* What becomes of the conditions on keys. */
typedef enum key_style {
    KEYS_MANY,   /* column IN (...) */
    KEYS_NAMED,  /* column = keys.key_1 */
    KEYS_DROPPED /* no condition */
} key_style;

typedef struct writer {
    const rowan__rewrite *r;
    rowan__arena *arena; /* rewound to where it was */
    rowan__text *out;
    bool is_raw;
    size_t rows; /* raw: how many */
    key_style style;
} writer;

static bool is_postgresql(const writer *w)
{
    return strcmp(w->r->dialect, "postgresql") == 0;
}

static void put(writer *w, const char *text)
{
    rowan__text_str(w->out, text);
}

/* A name of our own, unless the statement has it. */
static void put_name(writer *w, const char *name)
{
    for (size_t i = 0; i < w->r->parts.count; i++) {
        if (rowan__piece_same_name(&w->r->parts, i, name, strlen(name))) {
            put(w, "the_");
            break;
        }
    }
    put(w, name);
}

/* --- Pieces as they were. --- */

static void put_operator(writer *w, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        rowan__text_char(w->out, text[i]);
        if (text[i] == '?') {
            rowan__text_char(w->out, '?'); /* raw SQL wants it twice */
        }
    }
}

static void put_piece(writer *w, const rowan__parts *parts, size_t piece)
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
static void put_gap(writer *w, const rowan__parts *parts, size_t piece)
{
    size_t begin = parts->at[piece - 1].offset + parts->at[piece - 1].size;

    rowan__text_add(w->out, parts->sql + begin, parts->at[piece].offset - begin);
}

static void put_plain(writer *w, const rowan__parts *parts, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (i > begin) {
            put_gap(w, parts, i);
        }
        put_piece(w, parts, i);
    }
}

static void put_column(writer *w, const rowan__rewrite_key *key)
{
    put_plain(w, &w->r->parts, key->begin, key->column_end);
}

static void put_columns(writer *w)
{
    for (size_t i = 0; i < w->r->key_count; i++) {
        put(w, i > 0 ? ", " : "");
        put_column(w, &w->r->keys[i]);
    }
}

/* --- Conditions on keys. --- */

static const rowan__piece *value_piece(const writer *w, const rowan__rewrite_key *key)
{
    return &w->r->parts.at[key->value];
}

/* The piece of one execution that stands where a piece of the first does, in the trace's memory. */
static const char *piece_of(writer *w, size_t row, size_t piece, size_t *size)
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
    rowan__arena_rewind(w->arena, mark);
    return other->sql + at->offset;
}

/* A value of one execution: a name for what was bound, else the literal that it has there. */
static void put_row_value(writer *w, size_t row, size_t piece)
{
    size_t size;

    if (w->r->parts.at[piece].kind == ROWAN__TOKEN_PLACEHOLDER) {
        rowan__text_format(w->out, ":k%zu_%zu", row, piece);
        return;
    }
    const char *text = piece_of(w, row, piece, &size);
    rowan__text_add(w->out, text, size);
}

/* The literals that stood in place of a key: a person is shown the first ones, each once. */
static void put_literals(writer *w, const rowan__rewrite_key *key)
{
    size_t rows = w->is_raw ? w->rows : w->r->finding->seq_count, count = 0;
    const char *shown[LITERALS_SHOWN];
    size_t sizes[LITERALS_SHOWN];

    for (size_t row = 0; row < rows && row < LITERALS_READ; row++) {
        size_t size, known = 0;
        const char *text = piece_of(w, row, key->value, &size);
        while (known < count && known < LITERALS_SHOWN &&
               !(sizes[known] == size && memcmp(shown[known], text, size) == 0)) {
            known++;
        }
        if (text == NULL || (known < count && known < LITERALS_SHOWN)) {
            continue;
        }
        if (count >= LITERALS_SHOWN && !w->is_raw) {
            put(w, " /* , ... */");
            return;
        }
        put(w, count > 0 ? ", " : "");
        rowan__text_add(w->out, text, size);
        if (count < LITERALS_SHOWN) {
            shown[count] = text;
            sizes[count] = size;
        }
        count++;
    }
}

/* One column among many values: a list, or an array where one can be bound. */
static void put_single(writer *w, const rowan__rewrite_key *key)
{
    bool is_bound = value_piece(w, key)->kind == ROWAN__TOKEN_PLACEHOLDER;
    bool has_cast = rowan__piece_is(&w->r->parts, key->value + 1, "::");
    bool has_array = is_bound && (w->is_raw || w->r->set_count == 0);

    put_column(w, key);
    if (is_postgresql(w) && has_array) {
        put(w, " = ANY (");
        put(w, w->is_raw ? ":keys" : "");
        if (!w->is_raw) {
            put_piece(w, &w->r->parts, key->value);
        }
        if (has_cast) {
            put_plain(w, &w->r->parts, key->value + 1, key->value + 3);
            put(w, "[]");
        }
        put(w, ")");
        return;
    }
    put(w, " IN (");
    if (!is_bound) {
        put_literals(w, key);
    } else if (w->is_raw) {
        put(w, ":keys");
    } else {
        put_piece(w, &w->r->parts, key->value);
        put(w, " /* , ... */");
    }
    put(w, ")");
}

/* Several columns among rows of values. */
static void put_tuples(writer *w)
{
    const rowan__rewrite *r = w->r;

    put(w, "(");
    put_columns(w);
    put(w, ") IN (");
    for (size_t row = 0; row < (w->is_raw ? w->rows : 1); row++) {
        put(w, row > 0 ? ", (" : "(");
        for (size_t i = 0; i < r->key_count; i++) {
            const rowan__rewrite_key *key = &r->keys[i];
            bool has_cast = rowan__piece_is(&r->parts, key->value + 1, "::");
            put(w, i > 0 ? ", " : "");
            if (w->is_raw) {
                put_row_value(w, row, key->value);
            } else {
                put_piece(w, &r->parts, key->value);
            }
            if (has_cast) {
                put_plain(w, &r->parts, key->value + 1, key->value + 3);
            }
        }
        put(w, ")");
    }
    put(w, w->is_raw ? ")" : " /* , ... */)");
}

static void put_key(writer *w, size_t number)
{
    const rowan__rewrite_key *key = &w->r->keys[number];

    if (w->style == KEYS_NAMED) {
        put_column(w, key);
        put(w, " = ");
        put_name(w, "keys");
        put(w, ".key_1");
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
static bool goes_with_key(const writer *w, size_t piece)
{
    size_t next = key_at(w->r, piece + 1);

    return rowan__piece_is(&w->r->parts, piece, "AND") && next < w->r->key_count &&
           (w->style == KEYS_DROPPED || (next > 0 && w->style == KEYS_MANY));
}

/* Pieces with their keys as the style has them. */
static void put_pieces(writer *w, size_t begin, size_t end)
{
    const rowan__parts *parts = &w->r->parts;

    for (size_t i = begin; i < end;) {
        size_t key = key_at(w->r, i);
        if (goes_with_key(w, i)) {
            i = w->r->keys[key_at(w->r, i + 1)].end;
            continue;
        }
        if (key < w->r->key_count && w->style == KEYS_DROPPED) {
            i = w->r->keys[key].end + 1; /* the AND behind it */
            put(w, " ");
            continue;
        }
        if (i > begin) {
            put_gap(w, parts, i);
        }
        if (key < w->r->key_count) {
            put_key(w, key);
            i = w->r->keys[key].end;
        } else {
            put_piece(w, parts, i);
            i++;
        }
    }
}

/* --- Reads. --- */

/* The first pieces up to FROM, and the keys behind if they are not there. */
static void put_select(writer *w, bool with_keys)
{
    put_plain(w, &w->r->parts, 0, w->r->parts.from);
    if (with_keys && w->r->adds_keys) {
        put(w, ", ");
        put_columns(w);
    }
    put(w, " ");
}

/* FROM and WHERE. */
static void put_source(writer *w, key_style style)
{
    w->style = style;
    put_pieces(w, w->r->parts.from, rowan__clause_end(&w->r->parts, w->r->parts.where));
}

/* The clauses behind WHERE up to LIMIT, keys among what is grouped by. */
static void put_rest(writer *w, bool sorted)
{
    const rowan__parts *parts = &w->r->parts;

    if (parts->group < parts->count) {
        put(w, " ");
        put_plain(w, parts, parts->group, rowan__clause_end(parts, parts->group));
        put(w, ", ");
        put_columns(w);
    } else if (w->r->form == ROWAN__FORM_GROUP) {
        put(w, " GROUP BY ");
        put_columns(w);
    }
    if (parts->having < parts->count) {
        put(w, " ");
        put_plain(w, parts, parts->having, rowan__clause_end(parts, parts->having));
    }
    if (sorted && parts->order < parts->count) {
        put(w, " ");
        put_plain(w, parts, parts->order, rowan__clause_end(parts, parts->order));
    }
}

static void write_in(writer *w)
{
    put_select(w, true);
    put_source(w, KEYS_MANY);
    put_rest(w, w->r->form == ROWAN__FORM_IN);
    if (!w->is_raw && w->r->drops_limit) {
        put(w, " /* without its LIMIT: one row for each value is expected */");
    }
    if (!w->is_raw && w->r->form == ROWAN__FORM_GROUP) {
        put(w, " /* no row for a value without rows: its count is 0 */");
    }
}

static void write_exists(writer *w)
{
    put(w, "SELECT DISTINCT ");
    put_columns(w);
    put(w, " ");
    put_source(w, KEYS_MANY);
}

/* What ORDER BY says behind its two words. */
static void put_order(writer *w)
{
    const rowan__parts *parts = &w->r->parts;

    put_plain(w, parts, parts->order + 2, rowan__clause_end(parts, parts->order));
}

static void write_first(writer *w)
{
    put(w, "SELECT DISTINCT ON (");
    put_columns(w);
    put(w, ") ");
    put_plain(w, &w->r->parts, 1, w->r->parts.from);
    if (w->r->adds_keys) {
        put(w, ", ");
        put_columns(w);
    }
    put(w, " ");
    put_source(w, KEYS_MANY);
    put(w, " ORDER BY ");
    put_columns(w);
    put(w, ", ");
    put_order(w);
}

static void write_lateral(writer *w)
{
    const rowan__parts *parts = &w->r->parts;

    put(w, "SELECT ");
    put_name(w, "child");
    put(w, ".*");
    if (w->r->adds_keys) {
        put(w, ", ");
        put_name(w, "keys");
        put(w, ".key_1");
    }
    put(w, " FROM (SELECT DISTINCT ");
    put_columns(w);
    put(w, " AS key_1 ");
    put_source(w, KEYS_MANY);
    put(w, ") AS ");
    put_name(w, "keys");
    put(w, " CROSS JOIN LATERAL (");
    put_select(w, false);
    put_source(w, KEYS_NAMED);
    put(w, " ");
    put_plain(w, parts, parts->order, parts->count);
    put(w, ") AS ");
    put_name(w, "child");
}

static void write_window(writer *w)
{
    const rowan__parts *parts = &w->r->parts;

    put(w, "SELECT * FROM (");
    put_plain(w, parts, 0, parts->from);
    if (w->r->adds_keys) {
        put(w, ", ");
        put_columns(w);
    }
    put(w, ", row_number() OVER (PARTITION BY ");
    put_columns(w);
    put(w, " ORDER BY ");
    put_order(w);
    put(w, ") AS row_place ");
    put_source(w, KEYS_MANY);
    put(w, ") AS ");
    put_name(w, "ranked");
    put(w, " WHERE row_place <= ");
    put_piece(w, parts, parts->limit + 1);
    put(w, " ORDER BY row_place");
}

/* Whether a statement selects a column of the same name as another's piece is. */
static bool selects(const rowan__parts *parts, const rowan__parts *other, size_t name)
{
    size_t quote = other->at[name].kind == ROWAN__TOKEN_NAME ? 1 : 0;

    for (size_t end, i = 1; i < parts->from; i = end + 1) {
        end = rowan__name_end(parts, i);
        if (rowan__piece_same_name(parts, end - 1, other->sql + other->at[name].offset + quote,
                                   other->at[name].size - 2 * quote)) {
            return true;
        }
    }
    return false;
}

/* The child's columns that the parent lacks, behind its own; both are lists of names. */
static void write_parent(writer *w)
{
    const rowan__parts *parent = &w->r->parent_parts, *child = &w->r->parts;

    put_plain(w, parent, 0, parent->from);
    for (size_t end, i = 1; i < child->from; i = end + 1) {
        end = rowan__name_end(child, i);
        if (!selects(parent, child, end - 1)) {
            put(w, ", ");
            put_piece(w, child, end - 1);
        }
    }
    put_gap(w, parent, parent->from);
    put_plain(w, parent, parent->from, parent->count);
}

/*
 * The tree from the first value on. The statement without its key is the table of nodes, so that
 * no name in it can be mistaken for one of the tree's.
 */
static void write_walk(writer *w)
{
    const rowan__parts *parts = &w->r->parts;
    const rowan__rewrite_key *key = &w->r->keys[0];
    const char *name;
    size_t size = rowan__rewrite_key_name(w->r, 0, &name);
    bool is_alone =
        key->begin == parts->where + 1 && key->end == rowan__clause_end(parts, parts->where);

    put(w, "WITH RECURSIVE ");
    put_name(w, "tree");
    put(w, " AS (");
    put_select(w, true);
    if (w->is_raw) {
        put_source(w, KEYS_MANY);
    } else {
        put_plain(w, parts, parts->from, rowan__clause_end(parts, parts->where));
    }
    put(w, " UNION ALL SELECT ");
    put_name(w, "node");
    put(w, ".* FROM (");
    put_select(w, true);
    if (is_alone) {
        put_plain(w, parts, parts->from, parts->where);
    } else {
        put_source(w, KEYS_DROPPED);
    }
    put(w, ") AS ");
    put_name(w, "node");
    put(w, " JOIN ");
    put_name(w, "tree");
    put(w, " ON ");
    put_name(w, "node");
    put(w, ".");
    rowan__text_add(w->out, name, size);
    put(w, " = ");
    put_name(w, "tree");
    rowan__text_format(w->out, ".%s) SELECT * FROM ", w->r->finding->parent_column);
    put_name(w, "tree");
}

/* --- Writes. --- */

/* The row of VALUES of one execution. */
static void put_row(writer *w, size_t row, size_t open, size_t close)
{
    for (size_t i = open; i <= close; i++) {
        rowan__token_kind kind = w->r->parts.at[i].kind;
        bool differs = kind == ROWAN__TOKEN_PLACEHOLDER || kind == ROWAN__TOKEN_NUMBER ||
                       kind == ROWAN__TOKEN_STRING;
        if (i > open) {
            put_gap(w, &w->r->parts, i);
        }
        if (w->is_raw && differs) {
            put_row_value(w, row, i);
        } else {
            put_piece(w, &w->r->parts, i);
        }
    }
}

static void write_insert(writer *w)
{
    const rowan__parts *parts = &w->r->parts;
    size_t open = w->r->values_row, close = open + 1, end = parts->count;

    while (parts->at[close].depth != parts->at[open].depth) {
        close++;
    }
    put_plain(w, parts, 0, open);
    put(w, " ");
    for (size_t row = 0; row < (w->is_raw ? w->rows : 1); row++) {
        put(w, row > 0 ? ", " : "");
        put_row(w, row, open, close);
    }
    put(w, w->is_raw ? "" : " /* , (...) for each row */");
    if (w->is_raw && rowan__piece_is(parts, parts->other, "RETURNING")) {
        end = parts->other; /* who sends it wants other columns back */
    }
    if (close + 1 < end) {
        put(w, " ");
        put_plain(w, parts, close + 1, end);
    }
}

/* The value of one assignment: by key, and what it was for what is no key. */
static void put_case(writer *w, size_t value)
{
    const rowan__parts *parts = &w->r->parts;
    const rowan__rewrite_key *key = &w->r->keys[0];
    size_t name = value - 2;

    put(w, "CASE ");
    put_column(w, key);
    for (size_t row = 0; row < (w->is_raw ? w->rows : 1); row++) {
        put(w, " WHEN ");
        if (w->is_raw) {
            put_row_value(w, row, key->value);
        } else {
            put_piece(w, parts, key->value);
        }
        put(w, " THEN ");
        if (w->is_raw) {
            put_row_value(w, row, value);
        } else {
            put_piece(w, parts, value);
        }
    }
    put(w, w->is_raw ? " ELSE " : " /* WHEN ... THEN ... */ ELSE ");
    put_piece(w, parts, name);
    put(w, " END");
}

static void write_change(writer *w)
{
    const rowan__parts *parts = &w->r->parts;
    size_t set = 0;

    for (size_t i = 0; i < parts->where; i++) {
        if (i > 0) {
            put_gap(w, parts, i);
        }
        if (set < w->r->set_count && w->r->sets[set] == i) {
            put_case(w, i);
            set++;
        } else {
            put_piece(w, parts, i);
        }
    }
    put(w, " ");
    w->style = KEYS_MANY;
    put_pieces(w, parts->where, parts->count);
}

/* --- The whole. --- */

static void write_form(writer *w)
{
    switch (w->r->form) {
    case ROWAN__FORM_NONE:
        return;
    case ROWAN__FORM_IN:
    case ROWAN__FORM_GROUP:
        write_in(w);
        return;
    case ROWAN__FORM_EXISTS:
        write_exists(w);
        return;
    case ROWAN__FORM_FIRST:
        write_first(w);
        return;
    case ROWAN__FORM_LATERAL:
        write_lateral(w);
        return;
    case ROWAN__FORM_WINDOW:
        write_window(w);
        return;
    case ROWAN__FORM_PARENT:
        write_parent(w);
        return;
    case ROWAN__FORM_WALK:
        write_walk(w);
        return;
    case ROWAN__FORM_INSERT:
        write_insert(w);
        return;
    case ROWAN__FORM_UPDATE:
    case ROWAN__FORM_DELETE:
        write_change(w);
        return;
    }
}

void rowan__rewrite_show(const rowan__rewrite *rewrite, rowan__arena *arena, rowan__text *out)
{
    writer w = {.r = rewrite, .arena = arena, .out = out};

    write_form(&w);
}

void rowan__rewrite_raw(const rowan__rewrite *rewrite, rowan__arena *arena, size_t rows,
                        rowan__text *out)
{
    writer w = {.r = rewrite, .arena = arena, .out = out, .is_raw = true, .rows = rows};

    write_form(&w);
}

void rowan__rewrite_raw_keys(const rowan__rewrite *rewrite, rowan__arena *arena, size_t rows,
                             rowan__text *out)
{
    writer w = {.r = rewrite, .arena = arena, .out = out, .is_raw = true, .rows = rows};

    put_key(&w, 0);
}

size_t rowan__rewrite_key_name(const rowan__rewrite *rewrite, size_t key, const char **name)
{
    const rowan__piece *last = &rewrite->parts.at[rewrite->keys[key].column_end - 1];
    size_t quote = last->kind == ROWAN__TOKEN_NAME && last->size >= 2 ? 1 : 0;

    *name = rewrite->parts.sql + last->offset + quote;
    return last->size - 2 * quote;
}
