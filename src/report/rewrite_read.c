/*
 * Reads that can be written as one. What a statement finds for many values is the sum of what it
 * finds for each, as long as rows of different values do not meet: in LIMIT, in a window, in an
 * aggregate over all. Those have forms of their own, or none.
 */
#include <string.h>

#include "report/rewrite_private.h"

static bool is_plain_select(const rowan__parts *parts)
{
    return parts->is_one && rowan__piece_is(parts, 0, "SELECT") && parts->other == parts->count &&
           parts->from < parts->where && parts->where < parts->count &&
           parts->where < parts->group && parts->where < parts->order &&
           parts->where < parts->limit;
}

static bool calls_one_of(const rowan__parts *parts, size_t begin, size_t end,
                         const char *const *names)
{
    bool has_select =
        rowan__parts_have(parts, begin, end, "SELECT"); /* whose aggregates are its own */

    for (size_t i = begin; i + 1 < end; i++) {
        for (size_t n = 0; names[n] != NULL; n++) {
            if ((parts->at[i].depth == 0 || !has_select) &&
                parts->at[i + 1].kind == ROWAN__TOKEN_OPEN && rowan__piece_is(parts, i, names[n])) {
                return true;
            }
        }
    }
    return false;
}

static bool is_aggregate(const rowan__parts *parts)
{
    static const char *const names[] = {"count",
                                        "sum",
                                        "min",
                                        "max",
                                        "avg",
                                        "array_agg",
                                        "string_agg",
                                        "json_agg",
                                        "jsonb_agg",
                                        "bool_and",
                                        "bool_or",
                                        "group_concat",
                                        "total",
                                        "every",
                                        "stddev",
                                        "variance",
                                        "bit_and",
                                        "bit_or",
                                        "json_group_array",
                                        "json_arrayagg",
                                        "json_object_agg",
                                        NULL};

    return calls_one_of(parts, 1, parts->from, names);
}

/* Whether a limit is there and lets through one row at most, the first. */
static bool is_limit_one(const rowan__rewrite *r)
{
    return r->limit.is_read && r->parts.limit < r->parts.count && r->limit.most == 1 &&
           r->limit.skips == 0;
}

/* Whether the key's column is among the columns of the result already. */
static bool is_listed(const rowan__rewrite *r, const rowan__rewrite_key *key)
{
    const rowan__parts *parts = &r->parts;
    bool is_joined = rowan__parts_have(parts, parts->from, parts->where, "JOIN") ||
                     rowan__parts_find(parts, parts->from, parts->where, ",", 0) != parts->where;
    size_t size = key->column_end - key->column_begin;

    if (rowan__piece_is(parts, parts->from - 1, "*") && (parts->from == 2 || parts->from == 4)) {
        return !is_joined; /* *, or name.* */
    }
    for (size_t i = 1; i + size <= parts->from; i++) {
        bool begins = i == 1 || rowan__piece_is(parts, i - 1, ",");
        bool ends = i + size == parts->from || rowan__piece_is(parts, i + size, ",");
        bool same = begins && ends && parts->at[i].depth == 0;
        for (size_t n = 0; same && n < size; n++) {
            const rowan__piece *a = &parts->at[i + n], *b = &parts->at[key->column_begin + n];
            same = a->size == b->size &&
                   memcmp(parts->sql + a->offset, parts->sql + b->offset, a->size) == 0;
        }
        if (same) {
            return true;
        }
    }
    return false;
}

/* Whether what a result is sorted by can be said in a window, too. */
static bool sorts_plainly(const rowan__parts *parts)
{
    size_t end = rowan__clause_end(parts, parts->order);

    for (size_t i = parts->order + 2; i < end; i++) {
        bool begins = parts->at[i].depth == 0 &&
                      (rowan__piece_is(parts, i - 1, "BY") || rowan__piece_is(parts, i - 1, ","));
        if (begins && parts->at[i].kind == ROWAN__TOKEN_NUMBER) {
            return false; /* the number of a column */
        }
        for (size_t a = 1; begins && a + 1 < parts->from; a++) {
            if (rowan__piece_is(parts, a, "AS") &&
                rowan__piece_same_name(parts, a + 1, parts->sql + parts->at[i].offset,
                                       parts->at[i].size)) {
                return false; /* the name that the result gives it */
            }
        }
    }
    return true;
}

static rowan__form form_of_top(const rowan__rewrite *r)
{
    const rowan__parts *parts = &r->parts;
    bool is_simple = r->limit.is_read && r->limit.skips >= 0 && parts->order < parts->limit &&
                     parts->group == parts->count;

    if (!is_simple || rowan__piece_is(parts, 1, "DISTINCT") || !sorts_plainly(parts)) {
        return ROWAN__FORM_NONE;
    }
    if (strcmp(r->dialect, "postgresql") != 0) {
        bool is_known = r->limit.skips == 0 || r->limit.most >= 0;
        return is_known ? ROWAN__FORM_WINDOW : ROWAN__FORM_NONE;
    }
    return is_limit_one(r) ? ROWAN__FORM_FIRST : ROWAN__FORM_LATERAL;
}

/* Whether no execution found as many rows as the limit lets through. */
static bool is_limit_idle(const rowan__rewrite *r)
{
    const rowan__trace_finding *finding = r->finding;

    for (size_t i = 0; i < finding->seq_count; i++) {
        const rowan__traced *one = rowan__trace_numbered(finding->trace, finding->seqs[i]);
        if (one != NULL && one->all_rows >= (uint64_t)r->limit.most) {
            return false;
        }
    }
    return true;
}

/* Whether the limit may be left out: it skips nothing, and keeps nothing back. */
static bool can_drop_limit(const rowan__rewrite *r)
{
    bool has_limit = r->parts.limit < r->parts.count;

    return !has_limit || (r->limit.is_read && r->limit.skips == 0 &&
                          (r->limit.most == INT64_MAX || r->limit.most == 1 ||
                           (r->limit.most > 1 && is_limit_idle(r))));
}

static bool can_group(const rowan__parts *parts)
{
    static const char *const others[] = {"ROLLUP", "CUBE", "GROUPING", "SETS", "ALL", "WITH"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (rowan__parts_have(parts, parts->group, parts->count, others[i])) {
            return false;
        }
    }
    return true;
}

/* Whether a result tells only that there are rows: a constant, or all that EXISTS looks at. */
static bool tells_existence(const rowan__rewrite *r)
{
    const rowan__parts *parts = &r->parts;
    bool is_inner = parts->sql != r->first->sql;
    bool is_constant = rowan__piece_is_value(&parts->at[1]) &&
                       (parts->from == 2 || (parts->from <= 4 && rowan__piece_is_name(parts, 2)));

    return (is_inner || is_constant) && parts->group == parts->count &&
           parts->having == parts->count && !is_aggregate(parts);
}

static rowan__form form_of_read(rowan__rewrite *r)
{
    const rowan__parts *parts = &r->parts;
    bool has_limit = parts->limit < parts->count && r->limit.most != INT64_MAX;

    if (!is_plain_select(parts) || !can_group(parts) ||
        rowan__parts_have(parts, 0, parts->count, "OVER") ||
        (rowan__piece_is(parts, 1, "DISTINCT") && rowan__piece_is(parts, 2, "ON"))) {
        return ROWAN__FORM_NONE;
    }
    if (r->finding->action == ROWAN__ACTION_EXISTS_IN) {
        return tells_existence(r) ? ROWAN__FORM_EXISTS : ROWAN__FORM_NONE;
    }
    if (is_aggregate(parts) && parts->group == parts->count) {
        return !has_limit || is_limit_one(r) ? ROWAN__FORM_GROUP : ROWAN__FORM_NONE;
    }
    if (parts->order < parts->count && parts->limit < parts->count &&
        (has_limit || r->limit.skips != 0)) {
        return form_of_top(r);
    }
    r->drops_limit = has_limit;
    return can_drop_limit(r) && (!has_limit || parts->group == parts->count) ? ROWAN__FORM_IN
                                                                             : ROWAN__FORM_NONE;
}

/* Whether rows of different values of a list may be told apart: not where they meet. */
static bool suits_lists(const rowan__rewrite *r, rowan__form form)
{
    return form == ROWAN__FORM_IN && !r->drops_limit && r->parts.group == r->parts.count &&
           !rowan__piece_is(&r->parts, 1, "DISTINCT");
}

/* Whether nothing stands at the end of a select's only column but the name that it is given. */
static bool is_name_given(const rowan__parts *parts, size_t end)
{
    bool has_as = rowan__piece_is(parts, end, "AS");

    return end == parts->count ||
           (end + 1 + has_as == parts->count && rowan__piece_is_name(parts, end + has_as));
}

/* SELECT EXISTS (SELECT …): the sub-select is what is rewritten. */
static bool enter_exists(rowan__planner *p)
{
    rowan__parts *parts = &p->out->parts;
    size_t open = 2, end;

    if (!rowan__piece_is(parts, 1, "EXISTS") || parts->count < 5 || parts->from != parts->count ||
        parts->at[open].kind != ROWAN__TOKEN_OPEN) {
        return true;
    }
    end = rowan__close_of(parts, open, parts->count);
    if (!is_name_given(parts, end)) {
        return true;
    }
    size_t begin = parts->at[open].offset + 1;
    rowan__parts inner;
    if (!rowan__parts_read(&inner, p->arena, p->out->dialect, parts->sql + begin,
                           parts->at[end - 1].offset - begin)) {
        p->no_memory = true;
        return false;
    }
    inner.is_one = inner.is_one && parts->is_one;
    p->out->outer_pieces = open + 1;
    memmove(p->varies, p->varies + open + 1, inner.count * sizeof *p->varies);
    *parts = inner;
    return true;
}

void rowan__plan_read(rowan__planner *p)
{
    rowan__rewrite *r = p->out;
    rowan__form form;

    if (r->finding->action == ROWAN__ACTION_EXISTS_IN && (p->list != 0 || !enter_exists(p))) {
        return;
    }
    rowan__read_limit(r);
    form = form_of_read(r);
    if (form == ROWAN__FORM_NONE || !rowan__take_keys(p) ||
        (r->keys[0].is_list && !suits_lists(r, form))) {
        return;
    }
    if (r->key_count > 1 && (form == ROWAN__FORM_LATERAL)) {
        return;
    }
    for (size_t i = 0; i < r->key_count; i++) {
        r->adds_keys = r->adds_keys || !is_listed(r, &r->keys[i]);
    }
    r->form = form;
}

/* --- The parent's statement with the columns that the children read. --- */

/* Whether pieces are names of columns and nothing else, each with its table's or without. */
static bool are_plain_names(const rowan__parts *parts, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        size_t next = rowan__name_end(parts, i);
        if (next == i || (next != end && !rowan__piece_is(parts, next, ","))) {
            return false;
        }
        i = next;
    }
    return begin < end;
}

static void try_parent(rowan__planner *p)
{
    rowan__rewrite *r = p->out;
    rowan__parts *parent = &r->parent_parts;
    bool is_joined;

    r->parent = rowan__trace_numbered(r->finding->trace, r->finding->parent_seq);
    rowan__read_limit(r);
    if (r->parent == NULL || !is_plain_select(&r->parts) ||
        !are_plain_names(&r->parts, 1, r->parts.from) || !rowan__take_keys(p) ||
        r->key_count != 1 || r->keys[0].is_list || r->parts.order < r->parts.count ||
        r->keys[0].begin != r->parts.where + 1 ||
        r->keys[0].end != rowan__clause_end(&r->parts, r->parts.where) ||
        !(r->keys[0].end == r->parts.count || is_limit_one(r))) {
        return;
    }
    if (!rowan__parts_read(parent, p->arena, r->dialect, r->parent->sql, r->parent->sql_size)) {
        p->no_memory = true;
        return;
    }
    is_joined = rowan__parts_have(parent, parent->from, parent->count, "JOIN") ||
                rowan__parts_find(parent, parent->from, parent->count, ",", 0) <
                    rowan__clause_end(parent, parent->from);
    if (parent->is_one && rowan__piece_is(parent, 0, "SELECT") && parent->from < parent->count &&
        parent->group == parent->count && parent->other == parent->count && !is_joined &&
        are_plain_names(parent, 1, parent->from)) {
        r->form = ROWAN__FORM_PARENT;
    }
}

/* Where the parent's statement is no place for them, the children are still better read at once. */
void rowan__plan_parent(rowan__planner *p)
{
    try_parent(p);
    if (p->out->form == ROWAN__FORM_NONE && !p->no_memory) {
        p->out->key_count = 0;
        rowan__plan_read(p);
    }
}

/* --- Walks. --- */

/* A condition in parentheses of its own is the same without. */
static void strip_parentheses(const rowan__parts *parts, rowan__rewrite_key *key)
{
    while (key->end < parts->count && key->begin > parts->where + 1 &&
           parts->at[key->begin - 1].kind == ROWAN__TOKEN_OPEN &&
           parts->at[key->end].kind == ROWAN__TOKEN_CLOSE &&
           (key->begin - 2 == parts->where || rowan__piece_is(parts, key->begin - 2, "AND") ||
            parts->at[key->begin - 2].kind == ROWAN__TOKEN_OPEN)) {
        key->begin--;
        key->end++;
    }
}

void rowan__plan_walk(rowan__planner *p)
{
    rowan__rewrite *r = p->out;

    rowan__read_limit(r);
    if (!is_plain_select(&r->parts) || r->finding->parent_column == NULL ||
        is_aggregate(&r->parts) || r->parts.group < r->parts.count || !can_drop_limit(r) ||
        rowan__piece_is(&r->parts, 1, "DISTINCT") ||
        rowan__parts_have(&r->parts, 0, r->parts.count, "OVER") || !rowan__take_keys(p) ||
        r->key_count != 1 || r->keys[0].is_list) {
        return;
    }
    strip_parentheses(&r->parts, &r->keys[0]);
    if (r->parts.at[r->keys[0].begin].depth != 0) {
        return;
    }
    r->drops_limit = r->parts.limit < r->parts.count;
    r->adds_keys = !is_listed(r, &r->keys[0]);
    r->form = ROWAN__FORM_WALK;
}
