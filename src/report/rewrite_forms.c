/*
 * The forms of rewritten statements, clause by clause. What is not rewritten is copied.
 */
#include <inttypes.h>
#include <string.h>

#include "report/rewrite_private.h"

/* --- Reads. --- */

/* The first pieces up to FROM, and the keys behind if they are not there. */
static void put_select(rowan__rewriter *w, bool with_keys)
{
    rowan__put_plain(w, &w->r->parts, 0, w->r->parts.from);
    if (with_keys && w->r->adds_keys) {
        rowan__put(w, ", ");
        rowan__put_columns(w);
    }
    rowan__put(w, " ");
}

/* FROM and WHERE. */
static void put_source(rowan__rewriter *w, rowan__key_style style)
{
    w->style = style;
    rowan__put_pieces(w, w->r->parts.from, rowan__clause_end(&w->r->parts, w->r->parts.where));
}

/* The clauses behind WHERE up to LIMIT, keys among what is grouped by. */
static void put_rest(rowan__rewriter *w, bool sorted)
{
    const rowan__parts *parts = &w->r->parts;

    if (parts->group < parts->count) {
        rowan__put(w, " ");
        rowan__put_plain(w, parts, parts->group, rowan__clause_end(parts, parts->group));
        rowan__put(w, ", ");
        rowan__put_columns(w);
    } else if (w->r->form == ROWAN__FORM_GROUP) {
        rowan__put(w, " GROUP BY ");
        rowan__put_columns(w);
    }
    if (parts->having < parts->count) {
        rowan__put(w, " ");
        rowan__put_plain(w, parts, parts->having, rowan__clause_end(parts, parts->having));
    }
    if (sorted && parts->order < parts->count) {
        rowan__put(w, " ");
        rowan__put_plain(w, parts, parts->order, rowan__clause_end(parts, parts->order));
    }
}

static void write_in(rowan__rewriter *w)
{
    put_select(w, true);
    put_source(w, ROWAN__KEYS_MANY);
    put_rest(w, w->r->form == ROWAN__FORM_IN);
    if (!w->is_raw && w->r->drops_limit) {
        rowan__put(w, w->r->limit.most == 1
                          ? " /* without its LIMIT: one row for each value is expected */"
                          : " /* without its LIMIT: fewer rows for each value are expected */");
    }
    if (!w->is_raw && w->r->form == ROWAN__FORM_GROUP) {
        rowan__put(w, " /* no row for a value without rows: its count is 0 */");
    }
}

static void write_exists(rowan__rewriter *w)
{
    rowan__put(w, "SELECT DISTINCT ");
    rowan__put_columns(w);
    rowan__put(w, " ");
    put_source(w, ROWAN__KEYS_MANY);
}

/* What ORDER BY says behind its two words. */
static void put_order(rowan__rewriter *w)
{
    const rowan__parts *parts = &w->r->parts;

    rowan__put_plain(w, parts, parts->order + 2, rowan__clause_end(parts, parts->order));
}

static void write_first(rowan__rewriter *w)
{
    rowan__put(w, "SELECT DISTINCT ON (");
    rowan__put_columns(w);
    rowan__put(w, ") ");
    rowan__put_plain(w, &w->r->parts, 1, w->r->parts.from);
    if (w->r->adds_keys) {
        rowan__put(w, ", ");
        rowan__put_columns(w);
    }
    rowan__put(w, " ");
    put_source(w, ROWAN__KEYS_MANY);
    rowan__put(w, " ORDER BY ");
    rowan__put_columns(w);
    rowan__put(w, ", ");
    put_order(w);
}

static void write_lateral(rowan__rewriter *w)
{
    const rowan__parts *parts = &w->r->parts;

    rowan__put(w, "SELECT ");
    rowan__put_name(w, "child");
    rowan__put(w, ".*");
    if (w->r->adds_keys) {
        rowan__put(w, ", ");
        rowan__put_name(w, "keys");
        rowan__put(w, ".key_1");
    }
    rowan__put(w, " FROM (SELECT DISTINCT ");
    rowan__put_columns(w);
    rowan__put(w, " AS key_1 ");
    put_source(w, ROWAN__KEYS_MANY);
    rowan__put(w, ") AS ");
    rowan__put_name(w, "keys");
    rowan__put(w, " CROSS JOIN LATERAL (");
    put_select(w, false);
    put_source(w, ROWAN__KEYS_NAMED);
    rowan__put(w, " ");
    rowan__put_plain(w, parts, parts->order, parts->count);
    rowan__put(w, ") AS ");
    rowan__put_name(w, "child");
}

/* Which rows of each key the statement lets through. */
static void put_places(rowan__rewriter *w)
{
    const rowan__rewrite_limit *limit = &w->r->limit;

    rowan__put(w, " WHERE ");
    rowan__put_name(w, "row_place");
    if (limit->skips > 0) {
        rowan__text_format(w->out, " > %" PRId64, limit->skips);
        if (limit->most != INT64_MAX) {
            rowan__put(w, " AND ");
            rowan__put_name(w, "row_place");
            rowan__text_format(w->out, " <= %" PRId64, limit->skips + limit->most);
        }
        return;
    }
    rowan__put(w, " <= ");
    if (limit->count != 0) {
        rowan__put_piece(w, &w->r->parts, limit->count);
    } else {
        rowan__put(w, "1"); /* FETCH FIRST ROW ONLY */
    }
}

static void write_window(rowan__rewriter *w)
{
    const rowan__parts *parts = &w->r->parts;

    rowan__put(w, "SELECT * FROM (");
    rowan__put_plain(w, parts, 0, parts->from);
    if (w->r->adds_keys) {
        rowan__put(w, ", ");
        rowan__put_columns(w);
    }
    rowan__put(w, ", row_number() OVER (PARTITION BY ");
    rowan__put_columns(w);
    rowan__put(w, " ORDER BY ");
    put_order(w);
    rowan__put(w, ") AS ");
    rowan__put_name(w, "row_place");
    rowan__put(w, " ");
    put_source(w, ROWAN__KEYS_MANY);
    rowan__put(w, ") AS ");
    rowan__put_name(w, "ranked");
    put_places(w);
    rowan__put(w, " ORDER BY ");
    rowan__put_name(w, "row_place");
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
static void write_parent(rowan__rewriter *w)
{
    const rowan__parts *parent = &w->r->parent_parts, *child = &w->r->parts;

    rowan__put_plain(w, parent, 0, parent->from);
    for (size_t end, i = 1; i < child->from; i = end + 1) {
        end = rowan__name_end(child, i);
        if (!selects(parent, child, end - 1)) {
            rowan__put(w, ", ");
            rowan__put_piece(w, child, end - 1);
        }
    }
    rowan__put_gap(w, parent, parent->from);
    rowan__put_plain(w, parent, parent->from, parent->count);
}

/*
 * The tree from the first value on. The statement without its key is the table of nodes, so that
 * no name in it can be mistaken for one of the tree's.
 */
static void write_walk(rowan__rewriter *w)
{
    const rowan__parts *parts = &w->r->parts;
    const rowan__rewrite_key *key = &w->r->keys[0];
    const char *name;
    size_t size = rowan__rewrite_key_name(w->r, 0, &name);
    bool is_alone =
        key->begin == parts->where + 1 && key->end == rowan__clause_end(parts, parts->where);

    rowan__put(w, "WITH RECURSIVE ");
    rowan__put_name(w, "tree");
    rowan__put(w, " AS (");
    put_select(w, true);
    if (w->is_raw) {
        put_source(w, ROWAN__KEYS_MANY);
    } else {
        rowan__put_plain(w, parts, parts->from, rowan__clause_end(parts, parts->where));
    }
    rowan__put(w, " UNION ALL SELECT ");
    rowan__put_name(w, "node");
    rowan__put(w, ".* FROM (");
    put_select(w, true);
    if (is_alone) {
        rowan__put_plain(w, parts, parts->from, parts->where);
    } else {
        put_source(w, ROWAN__KEYS_DROPPED);
    }
    rowan__put(w, ") AS ");
    rowan__put_name(w, "node");
    rowan__put(w, " JOIN ");
    rowan__put_name(w, "tree");
    rowan__put(w, " ON ");
    rowan__put_name(w, "node");
    rowan__put(w, ".");
    rowan__text_add(w->out, name, size);
    rowan__put(w, " = ");
    rowan__put_name(w, "tree");
    rowan__text_format(w->out, ".%s) SELECT * FROM ", w->r->finding->parent_column);
    rowan__put_name(w, "tree");
}

/* --- Writes. --- */

/* The row of VALUES of one execution. */
static void put_row(rowan__rewriter *w, size_t row, size_t open, size_t close)
{
    for (size_t i = open; i <= close; i++) {
        rowan__token_kind kind = w->r->parts.at[i].kind;
        bool differs = kind == ROWAN__TOKEN_PLACEHOLDER || kind == ROWAN__TOKEN_NUMBER ||
                       kind == ROWAN__TOKEN_STRING;
        if (i > open) {
            rowan__put_gap(w, &w->r->parts, i);
        }
        if (w->is_raw && differs) {
            rowan__put_row_value(w, row, i);
        } else {
            rowan__put_piece(w, &w->r->parts, i);
        }
    }
}

static void write_insert(rowan__rewriter *w)
{
    const rowan__parts *parts = &w->r->parts;
    size_t open = w->r->values_row, close = open + 1, end = parts->count;

    while (parts->at[close].depth != parts->at[open].depth) {
        close++;
    }
    rowan__put_plain(w, parts, 0, open);
    rowan__put(w, " ");
    for (size_t row = 0; row < (w->is_raw ? w->rows : 1); row++) {
        rowan__put(w, row > 0 ? ", " : "");
        put_row(w, row, open, close);
    }
    rowan__put(w, w->is_raw ? "" : " /* , (...) for each row */");
    if (w->is_raw) { /* who sends it wants other columns back */
        end = rowan__parts_find(parts, close + 1, parts->count, "RETURNING", 0);
    }
    if (close + 1 < end) {
        rowan__put(w, " ");
        rowan__put_plain(w, parts, close + 1, end);
    }
}

/* The value of one assignment: by key, and what it was for what is no key. */
static void put_case(rowan__rewriter *w, size_t value)
{
    const rowan__parts *parts = &w->r->parts;
    const rowan__rewrite_key *key = &w->r->keys[0];
    size_t name = value - 2;

    rowan__put(w, "CASE ");
    rowan__put_column(w, key);
    for (size_t row = 0; row < (w->is_raw ? w->rows : 1); row++) {
        rowan__put(w, " WHEN ");
        if (w->is_raw) {
            rowan__put_row_value(w, row, key->value);
        } else {
            rowan__put_piece(w, parts, key->value);
        }
        rowan__put(w, " THEN ");
        if (w->is_raw) {
            rowan__put_row_value(w, row, value);
        } else {
            rowan__put_piece(w, parts, value);
        }
    }
    rowan__put(w, w->is_raw ? " ELSE " : " /* WHEN ... THEN ... */ ELSE ");
    rowan__put_piece(w, parts, name);
    rowan__put(w, " END");
}

static void write_change(rowan__rewriter *w)
{
    const rowan__parts *parts = &w->r->parts;
    size_t set = 0;

    for (size_t i = 0; i < parts->where; i++) {
        if (i > 0) {
            rowan__put_gap(w, parts, i);
        }
        if (set < w->r->set_count && w->r->sets[set] == i) {
            put_case(w, i);
            set++;
        } else {
            rowan__put_piece(w, parts, i);
        }
    }
    rowan__put(w, " ");
    w->style = ROWAN__KEYS_MANY;
    rowan__put_pieces(w, parts->where, parts->count);
}

/* --- The whole. --- */

void rowan__write_form(rowan__rewriter *w)
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
