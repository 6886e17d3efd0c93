/*
 * What can be rewritten.
 *
 * The executions of a finding have one fingerprint, so their pieces agree but for values. The
 * values that differ have to be compared with columns in conditions that all have to hold; then,
 * and only then, the statement for many values is the sum of those for one each, as far as its
 * clauses are such that rows of different values do not meet: no LIMIT, no window, no aggregate
 * over all. What is not sure is not written.
 */
#include "report/rewrite.h"

#include <string.h>

#include "detector/fold.h"

enum { COMPARED = 256 }; /* executions that are looked at for what differs */

/* One plan on its way. */
typedef struct planner {
    rowan__rewrite *out;
    rowan__arena *arena;
    bool *varies; /* by piece of the first execution */
    bool no_memory;
} planner;

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

static bool is_value(const rowan__piece *piece)
{
    return piece->kind == ROWAN__TOKEN_PLACEHOLDER || piece->kind == ROWAN__TOKEN_STRING ||
           piece->kind == ROWAN__TOKEN_NUMBER;
}

static bool is_name_at(const rowan__parts *parts, size_t piece)
{
    return piece < parts->count && (parts->at[piece].kind == ROWAN__TOKEN_WORD ||
                                    parts->at[piece].kind == ROWAN__TOKEN_NAME);
}

static bool has_word(const rowan__parts *parts, size_t begin, size_t end, const char *word)
{
    for (size_t i = begin; i < end; i++) {
        if (rowan__piece_is(parts, i, word)) {
            return true;
        }
    }
    return false;
}

/* --- What differs. --- */

static bool same_value(const rowan__traced *a, const rowan__parts *in_a, const rowan__traced *b,
                       const rowan__parts *in_b, size_t piece)
{
    const rowan__piece *x = &in_a->at[piece], *y = &in_b->at[piece];

    if (x->kind == ROWAN__TOKEN_PLACEHOLDER && y->kind == ROWAN__TOKEN_PLACEHOLDER) {
        return x->param < a->param_count && y->param < b->param_count &&
               rowan__key_value(&a->params[x->param]) == rowan__key_value(&b->params[y->param]);
    }
    return x->kind == y->kind && x->size == y->size &&
           memcmp(in_a->sql + x->offset, in_b->sql + y->offset, x->size) == 0;
}

/* Notes what differs in one execution. @return false if more than values do */
static bool compare_execution(planner *p, const rowan__traced *other)
{
    const rowan__parts *first = &p->out->parts;
    rowan__parts parts;

    if (!rowan__parts_read(&parts, p->arena, other->dialect, other->sql, other->sql_size)) {
        p->no_memory = true;
        return false;
    }
    if (parts.count != first->count) {
        return false;
    }
    for (size_t i = 0; i < parts.count; i++) {
        bool both = is_value(&parts.at[i]) && is_value(&first->at[i]);
        if (both) {
            p->varies[i] = p->varies[i] || !same_value(p->out->first, first, other, &parts, i);
        } else if (parts.at[i].kind != first->at[i].kind) {
            return false;
        }
    }
    return true;
}

static bool find_varying(planner *p)
{
    const rowan__trace_finding *finding = p->out->finding;
    bool are_alike = true;

    p->varies =
        rowan__arena_new(p->arena, p->out->parts.count + 1, sizeof *p->varies, _Alignof(bool));
    p->no_memory = p->no_memory || p->varies == NULL;
    for (size_t i = 1; i < finding->seq_count && i < COMPARED && are_alike && !p->no_memory; i++) {
        const rowan__traced *other = rowan__trace_numbered(finding->trace, finding->seqs[i]);
        rowan__arena_mark mark = rowan__arena_mark_now(p->arena);
        are_alike = other == NULL || compare_execution(p, other);
        rowan__arena_rewind(p->arena, mark);
    }
    return are_alike && !p->no_memory;
}

/* --- Where it stands. --- */

/* The piece behind the parenthesis that closes what is opened at a piece. */
static size_t close_of(const rowan__parts *parts, size_t open, size_t end)
{
    for (size_t i = open + 1; i < end; i++) {
        if (parts->at[i].depth == parts->at[open].depth) {
            return i + 1;
        }
    }
    return end;
}

static bool joins_otherwise(const rowan__rewrite *r, size_t begin, size_t end, unsigned depth)
{
    for (size_t i = begin; i < end; i++) {
        if (r->parts.at[i].depth == depth &&
            (rowan__piece_is(&r->parts, i, "OR") || rowan__piece_is(&r->parts, i, "XOR") ||
             (rowan__piece_is(&r->parts, i, "||") && strcmp(r->dialect, "mariadb") == 0))) {
            return true;
        }
    }
    return false;
}

/* Whether an AND joins conditions: that of BETWEEN does not. */
static bool is_joining_and(const rowan__parts *parts, size_t piece)
{
    if (!rowan__piece_is(parts, piece, "AND")) {
        return false;
    }
    for (size_t i = piece; i-- > parts->where;) {
        if (parts->at[i].depth == parts->at[piece].depth) {
            if (rowan__piece_is(parts, i, "BETWEEN")) {
                return false;
            }
            if (rowan__piece_is(parts, i, "AND")) {
                return true;
            }
        }
    }
    return true;
}

/* Whether the pieces [begin, end) of the condition behind `where` have to hold for every row. */
static bool always_holds(const rowan__rewrite *r, size_t begin, size_t end)
{
    const rowan__parts *parts = &r->parts;
    size_t last = rowan__clause_end(parts, parts->where);

    if (has_word(parts, parts->where, last, "CASE")) {
        return false; /* its conditions look like any other */
    }
    while (begin > parts->where) {
        unsigned depth = parts->at[begin].depth;
        size_t open = begin;
        if (end < last && parts->at[end].depth == depth && !rowan__piece_is(parts, end, "AND") &&
            !rowan__piece_is(parts, end, "&&")) {
            return false; /* the condition goes on */
        }
        if (begin - 1 != parts->where && !is_joining_and(parts, begin - 1) &&
            parts->at[begin - 1].kind != ROWAN__TOKEN_OPEN) {
            return false;
        }
        while (open > parts->where && parts->at[open].depth >= depth) {
            open--;
        }
        if (depth == 0) {
            return !joins_otherwise(r, parts->where + 1, last, 0);
        }
        end = close_of(parts, open, last);
        if (parts->at[open].kind != ROWAN__TOKEN_OPEN ||
            rowan__piece_is(parts, open + 1, "SELECT") ||
            joins_otherwise(r, open + 1, end - 1, depth)) {
            return false;
        }
        begin = open;
    }
    return false;
}

/* The first piece of the name that ends before a piece: name, table.name, schema.table.name. */
static size_t name_before(const rowan__parts *parts, size_t end)
{
    size_t begin = end;

    while (begin > 0 && is_name_at(parts, begin - 1)) {
        begin--;
        if (begin == 0 || !rowan__piece_is(parts, begin - 1, ".")) {
            return begin;
        }
        begin--;
    }
    return end;
}

/* Behind a value and its cast, `::name`; what more a type may be is not read. */
static size_t value_end(const rowan__parts *parts, size_t value)
{
    bool is_cast = value + 2 < parts->count && rowan__piece_is(parts, value + 1, "::") &&
                   parts->at[value + 2].kind == ROWAN__TOKEN_WORD;

    return is_cast ? value + 3 : value + 1;
}

/* Takes a value that differs as a key. @return false if it is none */
static bool take_key(rowan__rewrite *r, size_t value)
{
    const rowan__parts *parts = &r->parts;
    rowan__rewrite_key key = {.value = value, .end = value_end(parts, value)};
    bool in_list = value > 2 && parts->at[value - 1].kind == ROWAN__TOKEN_OPEN &&
                   rowan__piece_is(parts, value - 2, "IN") && key.end < parts->count &&
                   parts->at[key.end].kind == ROWAN__TOKEN_CLOSE;

    if (r->key_count == ROWAN__REWRITE_KEYS || value < 2 || value <= parts->where ||
        value >= rowan__clause_end(parts, parts->where)) {
        return false;
    }
    key.column_end = in_list ? value - 2 : value - 1;
    key.end += in_list;
    if (!in_list && !rowan__piece_is(parts, value - 1, "=")) {
        return false;
    }
    key.begin = name_before(parts, key.column_end);
    if (key.begin == key.column_end || !always_holds(r, key.begin, key.end)) {
        return false;
    }
    r->keys[r->key_count++] = key;
    return true;
}

static bool take_keys(planner *p)
{
    rowan__rewrite *r = p->out;

    for (size_t i = 0; i < r->parts.count; i++) {
        if (p->varies[i] && !take_key(r, i)) {
            return false;
        }
    }
    for (size_t i = 1; i < r->key_count; i++) { /* goes with the AND before it */
        if (!rowan__piece_is(&r->parts, r->keys[i].begin - 1, "AND")) {
            return false;
        }
    }
    return r->key_count > 0;
}

/* --- Reads. --- */

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
    bool has_select = has_word(parts, begin, end, "SELECT"); /* whose aggregates are its own */

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

/* Whether LIMIT is there and lets through one row at most. */
static bool is_limit_one(const rowan__rewrite *r)
{
    const rowan__parts *parts = &r->parts;
    size_t value = parts->limit + 1;
    const rowan__piece *piece = &parts->at[value];

    if (value + 1 != parts->count || !rowan__piece_is(parts, parts->limit, "LIMIT")) {
        return false;
    }
    if (piece->kind == ROWAN__TOKEN_PLACEHOLDER) {
        return piece->param < r->first->param_count &&
               r->first->params[piece->param].type == ROWAN_TYPE_INT64 &&
               r->first->params[piece->param].as.integer == 1;
    }
    return rowan__piece_is(parts, value, "1");
}

/* Whether the key's column is among the columns of the result already. */
static bool is_listed(const rowan__rewrite *r, const rowan__rewrite_key *key)
{
    const rowan__parts *parts = &r->parts;
    bool is_joined = has_word(parts, parts->from, parts->where, "JOIN") ||
                     rowan__parts_find(parts, parts->from, parts->where, ",", 0) != parts->where;
    size_t size = key->column_end - key->begin;

    if (rowan__piece_is(parts, parts->from - 1, "*") && (parts->from == 2 || parts->from == 4)) {
        return !is_joined; /* *, or name.* */
    }
    for (size_t i = 1; i + size <= parts->from; i++) {
        bool begins = i == 1 || rowan__piece_is(parts, i - 1, ",");
        bool ends = i + size == parts->from || rowan__piece_is(parts, i + size, ",");
        bool same = begins && ends && parts->at[i].depth == 0;
        for (size_t n = 0; same && n < size; n++) {
            const rowan__piece *a = &parts->at[i + n], *b = &parts->at[key->begin + n];
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
    bool is_simple = rowan__piece_is(parts, parts->limit, "LIMIT") &&
                     parts->limit + 2 == parts->count && is_value(&parts->at[parts->limit + 1]) &&
                     parts->order < parts->limit && parts->group == parts->count;

    if (!is_simple || rowan__piece_is(parts, 1, "DISTINCT") || !sorts_plainly(parts)) {
        return ROWAN__FORM_NONE;
    }
    if (strcmp(r->dialect, "postgresql") != 0) {
        return ROWAN__FORM_WINDOW;
    }
    return is_limit_one(r) ? ROWAN__FORM_FIRST : ROWAN__FORM_LATERAL;
}

static bool can_group(const rowan__parts *parts)
{
    static const char *const others[] = {"ROLLUP", "CUBE", "GROUPING", "SETS", "ALL", "WITH"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (has_word(parts, parts->group, parts->count, others[i])) {
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
    bool is_constant =
        is_value(&parts->at[1]) && (parts->from == 2 || (parts->from <= 4 && is_name_at(parts, 2)));

    return (is_inner || is_constant) && parts->group == parts->count &&
           parts->having == parts->count && !is_aggregate(parts);
}

static rowan__form form_of_read(rowan__rewrite *r)
{
    const rowan__parts *parts = &r->parts;
    bool has_limit = parts->limit < parts->count;

    if (!is_plain_select(parts) || !can_group(parts) || has_word(parts, 0, parts->count, "OVER") ||
        (rowan__piece_is(parts, 1, "DISTINCT") && rowan__piece_is(parts, 2, "ON"))) {
        return ROWAN__FORM_NONE;
    }
    if (r->finding->action == ROWAN__ACTION_EXISTS_IN) {
        return tells_existence(r) ? ROWAN__FORM_EXISTS : ROWAN__FORM_NONE;
    }
    if (is_aggregate(parts) && parts->group == parts->count) {
        return !has_limit || is_limit_one(r) ? ROWAN__FORM_GROUP : ROWAN__FORM_NONE;
    }
    if (parts->order < parts->count && has_limit) {
        return form_of_top(r);
    }
    r->drops_limit = has_limit;
    return !has_limit || (is_limit_one(r) && parts->group == parts->count) ? ROWAN__FORM_IN
                                                                           : ROWAN__FORM_NONE;
}

/* SELECT EXISTS (SELECT …): the sub-select is what is rewritten. */
static bool enter_exists(planner *p)
{
    rowan__parts *parts = &p->out->parts;
    size_t open = 2, end;

    if (!rowan__piece_is(parts, 1, "EXISTS") || parts->count < 5 || parts->from != parts->count ||
        parts->at[open].kind != ROWAN__TOKEN_OPEN) {
        return true;
    }
    end = close_of(parts, open, parts->count);
    for (size_t i = end; i < parts->count; i++) { /* but for the name that it is given */
        if (!is_name_at(parts, i)) {
            return true;
        }
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

static void plan_read(planner *p)
{
    rowan__rewrite *r = p->out;
    rowan__form form;

    if (r->finding->action == ROWAN__ACTION_EXISTS_IN && !enter_exists(p)) {
        return;
    }
    form = form_of_read(r);
    if (form == ROWAN__FORM_NONE || !take_keys(p)) {
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

size_t rowan__name_end(const rowan__parts *parts, size_t begin)
{
    size_t end = begin;

    while (is_name_at(parts, end)) {
        end++;
        if (!rowan__piece_is(parts, end, ".")) {
            return end;
        }
        end++;
    }
    return begin;
}

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

static void try_parent(planner *p)
{
    rowan__rewrite *r = p->out;
    rowan__parts *parent = &r->parent_parts;
    bool is_joined;

    r->parent = rowan__trace_numbered(r->finding->trace, r->finding->parent_seq);
    if (r->parent == NULL || !is_plain_select(&r->parts) ||
        !are_plain_names(&r->parts, 1, r->parts.from) || !take_keys(p) || r->key_count != 1 ||
        r->parts.order < r->parts.count || r->keys[0].begin != r->parts.where + 1 ||
        r->keys[0].end != rowan__clause_end(&r->parts, r->parts.where) ||
        !(r->keys[0].end == r->parts.count || is_limit_one(r))) {
        return;
    }
    if (!rowan__parts_read(parent, p->arena, r->dialect, r->parent->sql, r->parent->sql_size)) {
        p->no_memory = true;
        return;
    }
    is_joined = has_word(parent, parent->from, parent->count, "JOIN") ||
                rowan__parts_find(parent, parent->from, parent->count, ",", 0) <
                    rowan__clause_end(parent, parent->from);
    if (parent->is_one && rowan__piece_is(parent, 0, "SELECT") && parent->from < parent->count &&
        parent->group == parent->count && parent->other == parent->count && !is_joined &&
        are_plain_names(parent, 1, parent->from)) {
        r->form = ROWAN__FORM_PARENT;
    }
}

/* Where the parent's statement is no place for them, the children are still better read at once. */
static void plan_parent(planner *p)
{
    try_parent(p);
    if (p->out->form == ROWAN__FORM_NONE && !p->no_memory) {
        p->out->key_count = 0;
        plan_read(p);
    }
}

/* --- Walks. --- */

static void plan_walk(planner *p)
{
    rowan__rewrite *r = p->out;

    if (!is_plain_select(&r->parts) || r->finding->parent_column == NULL ||
        is_aggregate(&r->parts) || r->parts.group < r->parts.count ||
        r->parts.limit < r->parts.count || rowan__piece_is(&r->parts, 1, "DISTINCT") ||
        has_word(&r->parts, 0, r->parts.count, "OVER") || !take_keys(p) || r->key_count != 1 ||
        r->parts.at[r->keys[0].begin].depth != 0) {
        return;
    }
    r->adds_keys = !is_listed(r, &r->keys[0]);
    r->form = ROWAN__FORM_WALK;
}

/* --- Writes. --- */

/* Whether VALUES is followed by one row of it. */
static bool has_one_row(const rowan__parts *parts, size_t values)
{
    size_t end;

    if (values + 2 >= parts->count || parts->at[values + 1].kind != ROWAN__TOKEN_OPEN) {
        return false;
    }
    end = close_of(parts, values + 1, parts->count);
    return end == parts->count || !rowan__piece_is(parts, end, ",");
}

static void plan_insert(planner *p)
{
    rowan__rewrite *r = p->out;
    size_t values = rowan__parts_find(&r->parts, 1, r->parts.count, "VALUES", 0);
    size_t end;

    if (values == r->parts.count) {
        values = rowan__parts_find(&r->parts, 1, r->parts.count, "VALUE", 0);
    }
    if (!has_one_row(&r->parts, values)) {
        return;
    }
    end = close_of(&r->parts, values + 1, r->parts.count);
    for (size_t i = 0; i < r->parts.count; i++) {
        if (p->varies[i] && (i < values || i > end)) {
            return;
        }
    }
    r->values_row = values + 1;
    r->form = ROWAN__FORM_INSERT;
}

/* Takes a value that differs as what a column is set to: `column = value` up to a comma or WHERE.
 */
static bool take_set(rowan__rewrite *r, size_t value)
{
    const rowan__parts *parts = &r->parts;
    size_t end = value_end(parts, value);
    size_t name = value > 0 ? name_before(parts, value - 1) : value;

    if (r->set_count == ROWAN__REWRITE_SETS || value < 3 || parts->at[value].depth != 0 ||
        !rowan__piece_is(parts, value - 1, "=") || name == value - 1 ||
        !(rowan__piece_is(parts, name - 1, "SET") || rowan__piece_is(parts, name - 1, ",")) ||
        !(end == parts->where || rowan__piece_is(parts, end, ","))) {
        return false;
    }
    r->sets[r->set_count++] = value;
    return true;
}

static void plan_change(planner *p, rowan__form form)
{
    rowan__rewrite *r = p->out;
    const rowan__parts *parts = &r->parts;

    if (parts->where == parts->count || parts->other < parts->count ||
        parts->order < parts->count || parts->limit < parts->count ||
        has_word(parts, 0, parts->where, "SELECT") || has_word(parts, 0, parts->where, "JOIN") ||
        (form == ROWAN__FORM_UPDATE && parts->from < parts->count)) {
        return;
    }
    for (size_t i = 0; i < parts->count; i++) {
        if (p->varies[i] &&
            !(i < parts->where && form == ROWAN__FORM_UPDATE ? take_set(r, i) : take_key(r, i))) {
            return;
        }
    }
    if (r->key_count == 1) {
        r->form = form;
    }
}

static void plan_write(planner *p)
{
    rowan__rewrite *r = p->out;

    if (!r->parts.is_one) {
        return;
    }
    if (rowan__piece_is(&r->parts, 0, "INSERT")) {
        plan_insert(p);
    } else if (rowan__piece_is(&r->parts, 0, "UPDATE")) {
        plan_change(p, ROWAN__FORM_UPDATE);
    } else if (rowan__piece_is(&r->parts, 0, "DELETE")) {
        plan_change(p, ROWAN__FORM_DELETE);
    }
}

static void plan_action(planner *p)
{
    switch (p->out->finding->action) {
    case ROWAN__ACTION_BATCH_IN:
    case ROWAN__ACTION_BATCH_ROW_IN:
    case ROWAN__ACTION_GROUP_BY_COUNT:
    case ROWAN__ACTION_EXISTS_IN:
    case ROWAN__ACTION_DISTINCT_ON:
    case ROWAN__ACTION_LATERAL:
    case ROWAN__ACTION_WINDOW:
        plan_read(p);
        return;
    case ROWAN__ACTION_SELECT_COLUMN:
        plan_parent(p);
        return;
    case ROWAN__ACTION_WITH_RECURSIVE:
        plan_walk(p);
        return;
    case ROWAN__ACTION_MULTI_ROW_WRITE:
        plan_write(p);
        return;
    case ROWAN__ACTION_MEMOIZE:
    case ROWAN__ACTION_HOIST:
    case ROWAN__ACTION_ADD_INDEX:
    case ROWAN__ACTION_ADD_EXPRESSION_INDEX:
    case ROWAN__ACTION_INVESTIGATE_SKEW:
    case ROWAN__ACTION_REPORT_PERCENTILES:
    case ROWAN__ACTION_REMOVE_EAGER_LOAD:
    case ROWAN__ACTION_LIMIT_ROWS:
    case ROWAN__ACTION_SHORTEN_TRANSACTION:
    case ROWAN__ACTION_COMMIT_BEFORE_WAIT:
        return;
    }
}

bool rowan__rewrite_plan(rowan__rewrite *out, rowan__arena *arena,
                         const rowan__trace_finding *finding)
{
    const rowan__traced *first = rowan__trace_numbered(finding->trace, finding->seqs[0]);
    planner p = {.out = out, .arena = arena};

    *out = (rowan__rewrite){.finding = finding, .dialect = finding->dialect, .first = first};
    if (first == NULL) {
        return true;
    }
    if (!rowan__parts_read(&out->parts, arena, first->dialect, first->sql, first->sql_size)) {
        return false;
    }
    if (out->parts.is_one && find_varying(&p)) {
        plan_action(&p);
    }
    return !p.no_memory;
}
