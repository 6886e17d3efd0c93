/*
 * What can be rewritten.
 *
 * The executions of a finding have one fingerprint, so their pieces agree but for values. The
 * values that differ have to be compared with columns in conditions that all have to hold; then,
 * and only then, the statement for many values is the sum of those for one each, as far as its
 * clauses are such that rows of different values do not meet: no LIMIT, no window, no aggregate
 * over all. What is not sure is not written.
 */
#include "report/rewrite_private.h"

#include <string.h>

#include "detector/fold.h"

enum { COMPARED = 256 }; /* executions that are looked at for what differs */

/* --- What differs. --- */

/* Whether a value of one execution is that of another. */
static bool same_values(const rowan__traced *a, const rowan__parts *in_a, size_t piece,
                        const rowan__traced *b, const rowan__parts *in_b, size_t other)
{
    const rowan__piece *x = &in_a->at[piece], *y = &in_b->at[other];

    if (x->kind == ROWAN__TOKEN_PLACEHOLDER && y->kind == ROWAN__TOKEN_PLACEHOLDER) {
        return x->param < a->param_count && y->param < b->param_count &&
               rowan__key_value(&a->params[x->param]) == rowan__key_value(&b->params[y->param]);
    }
    return x->kind == y->kind && x->size == y->size &&
           memcmp(in_a->sql + x->offset, in_b->sql + y->offset, x->size) == 0;
}

size_t rowan__rewrite_list_end(const rowan__parts *parts, size_t open)
{
    size_t i = open + 1;

    if (open == 0 || !rowan__piece_is(parts, open - 1, "IN") ||
        parts->at[open].kind != ROWAN__TOKEN_OPEN) {
        return open;
    }
    while (i + 1 < parts->count && rowan__piece_is_value(&parts->at[i]) &&
           rowan__piece_is(parts, i + 1, ",")) {
        i += 2;
    }
    return i + 1 < parts->count && rowan__piece_is_value(&parts->at[i]) &&
                   parts->at[i + 1].kind == ROWAN__TOKEN_CLOSE
               ? i + 2
               : open;
}

/*
 * A list at the same place in both. Of lists that are longer than one value, or differ in length,
 * the first value stands for all. @return false if there are two such lists
 */
static bool compare_lists(rowan__planner *p, const rowan__traced *other, const rowan__parts *parts,
                          size_t at, size_t end, size_t open, size_t other_end)
{
    const rowan__parts *first = &p->out->parts;
    bool differs = end - at != other_end - open;

    for (size_t i = 1; !differs && at + i < end - 1; i += 2) {
        differs = !same_values(p->out->first, first, at + i, other, parts, open + i);
    }
    if (!differs) {
        return true;
    }
    p->varies[at + 1] = true;
    if (end - at == 3 && other_end - open == 3) {
        return true;
    }
    if (p->list != 0 && p->list != at + 1) {
        return false;
    }
    p->list = at + 1;
    return true;
}

/* Notes what differs in one execution. @return false if more than values do */
static bool compare_execution(rowan__planner *p, const rowan__traced *other)
{
    const rowan__parts *first = &p->out->parts;
    rowan__parts parts;
    size_t i = 0, k = 0;

    if (!rowan__parts_read(&parts, p->arena, other->dialect, other->sql, other->sql_size)) {
        p->no_memory = true;
        return false;
    }
    while (i < first->count && k < parts.count) {
        size_t end = rowan__rewrite_list_end(first, i),
               other_end = rowan__rewrite_list_end(&parts, k);
        bool both = rowan__piece_is_value(&parts.at[k]) && rowan__piece_is_value(&first->at[i]);
        if (end > i && other_end > k) {
            if (!compare_lists(p, other, &parts, i, end, k, other_end)) {
                return false;
            }
            i = end;
            k = other_end;
            continue;
        }
        if (both) {
            p->varies[i] = p->varies[i] || !same_values(p->out->first, first, i, other, &parts, k);
        } else if (parts.at[k].kind != first->at[i].kind) {
            return false;
        }
        i++;
        k++;
    }
    return i == first->count && k == parts.count;
}

static bool find_varying(rowan__planner *p)
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
        rowan__arena_rewind(p->arena, &mark);
    }
    return are_alike && !p->no_memory;
}

/* --- Where it stands. --- */

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

    if (rowan__parts_have(parts, parts->where, last, "CASE")) {
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
        end = rowan__close_of(parts, open, last);
        if (parts->at[open].kind != ROWAN__TOKEN_OPEN ||
            rowan__piece_is(parts, open + 1, "SELECT") ||
            joins_otherwise(r, open + 1, end - 1, depth)) {
            return false;
        }
        begin = open;
    }
    return false;
}

/* `column = ANY (array)`, with a cast of the array or without. @return false if it is not so */
static bool read_array(const rowan__parts *parts, size_t value, rowan__rewrite_key *key)
{
    size_t end = rowan__value_end(parts, value);

    if (value < 4 || parts->at[value].kind != ROWAN__TOKEN_PLACEHOLDER ||
        !(rowan__piece_is(parts, value - 2, "ANY") || rowan__piece_is(parts, value - 2, "SOME")) ||
        !rowan__piece_is(parts, value - 3, "=")) {
        return false;
    }
    end += rowan__piece_is(parts, end, "[") ? 2 : 0;
    if (end >= parts->count || parts->at[end].kind != ROWAN__TOKEN_CLOSE) {
        return false;
    }
    key->is_list = true;
    key->column_end = value - 3;
    key->end = end + 1;
    return true;
}

/* `column IN (value)`, or a list of more. */
static bool read_list(const rowan__parts *parts, size_t value, bool is_long,
                      rowan__rewrite_key *key)
{
    size_t end =
        is_long ? rowan__rewrite_list_end(parts, value - 1) - 1 : rowan__value_end(parts, value);

    if (value < 3 || parts->at[value - 1].kind != ROWAN__TOKEN_OPEN ||
        !rowan__piece_is(parts, value - 2, "IN") || end >= parts->count ||
        parts->at[end].kind != ROWAN__TOKEN_CLOSE) {
        return false;
    }
    key->is_list = is_long;
    key->column_end = value - 2;
    key->end = end + 1;
    return true;
}

/* `value = column`. */
static bool read_mirrored(const rowan__parts *parts, size_t value, rowan__rewrite_key *key)
{
    size_t sign = rowan__value_end(parts, value);

    if (!rowan__piece_is(parts, sign, "=") || rowan__name_end(parts, sign + 1) == sign + 1) {
        return false;
    }
    key->begin = value;
    key->column_begin = sign + 1;
    key->column_end = key->end = rowan__name_end(parts, sign + 1);
    return true;
}

static bool read_key(const rowan__parts *parts, size_t value, bool is_long, rowan__rewrite_key *key)
{
    *key = (rowan__rewrite_key){.value = value};
    if (!is_long && rowan__piece_is(parts, value - 1, "=")) {
        key->column_end = value - 1;
        key->end = rowan__value_end(parts, value);
    } else if (!read_list(parts, value, is_long, key) && !read_array(parts, value, key)) {
        return !is_long && read_mirrored(parts, value, key);
    }
    key->begin = key->column_begin = rowan__name_before(parts, key->column_end);
    return key->begin < key->column_end;
}

/* Takes a value that differs as a key. @return false if it is none */
bool rowan__take_key(rowan__rewrite *r, size_t value, bool is_long)
{
    const rowan__parts *parts = &r->parts;
    rowan__rewrite_key key;

    if (r->key_count == ROWAN__REWRITE_KEYS || value < 2 || value <= parts->where ||
        value >= rowan__clause_end(parts, parts->where) || !read_key(parts, value, is_long, &key) ||
        !always_holds(r, key.begin, key.end)) {
        return false;
    }
    r->keys[r->key_count++] = key;
    return true;
}

/* Where the row of values begins that a value is in; 0 if it is in none. */
static size_t row_of(const rowan__parts *parts, size_t value)
{
    size_t at = value;

    while (at > 0 && parts->at[at - 1].depth == parts->at[value].depth &&
           parts->at[at - 1].kind != ROWAN__TOKEN_OPEN) {
        at--;
    }
    return at >= 5 && parts->at[at - 1].kind == ROWAN__TOKEN_OPEN &&
                   rowan__piece_is(parts, at - 2, "=") &&
                   parts->at[at - 3].kind == ROWAN__TOKEN_CLOSE
               ? at
               : 0;
}

/*
 * `(column, column) = (value, value)`: every value is a key, also one that never differs, and the
 * first stands for the whole. @return false if it is not so
 */
static bool take_row(rowan__rewrite *r, size_t values)
{
    const rowan__parts *parts = &r->parts;
    size_t close = values - 3, column = close, value = values, count = 0, end;

    while (column > parts->where && parts->at[column].kind != ROWAN__TOKEN_OPEN) {
        column--;
    }
    rowan__rewrite_key row = {.begin = column};
    for (column++; count < ROWAN__REWRITE_KEYS; column = row.column_end + 1, value = end + 1) {
        row.column_begin = column;
        row.column_end = rowan__name_end(parts, column);
        row.value = value;
        end = rowan__value_end(parts, value);
        if (row.column_end == column || !rowan__piece_is_value(&parts->at[value])) {
            return false;
        }
        r->keys[count++] = row;
        row.begin = row.end = SIZE_MAX; /* those behind the first are written with it */
        if (row.column_end == close || !rowan__piece_is(parts, row.column_end, ",") ||
            !rowan__piece_is(parts, end, ",")) {
            break;
        }
    }
    r->keys[0].end = end + 1;
    r->key_count = count;
    return count > 1 && row.column_end == close && end < parts->count &&
           parts->at[end].kind == ROWAN__TOKEN_CLOSE &&
           always_holds(r, r->keys[0].begin, r->keys[0].end);
}

/* Whether all that differs is one such row. */
static bool take_one_row(rowan__planner *p)
{
    rowan__rewrite *r = p->out;
    size_t first = 0, values;

    while (first < r->parts.count && !p->varies[first]) {
        first++;
    }
    values = first > r->parts.where && first < rowan__clause_end(&r->parts, r->parts.where)
                 ? row_of(&r->parts, first)
                 : 0;
    if (values == 0 || !take_row(r, values)) {
        r->key_count = 0;
        return false;
    }
    for (size_t i = r->keys[0].end; i < r->parts.count; i++) {
        if (p->varies[i]) {
            r->key_count = 0;
            return false;
        }
    }
    return true;
}

bool rowan__take_keys(rowan__planner *p)
{
    rowan__rewrite *r = p->out;

    if (take_one_row(p)) {
        return true;
    }
    for (size_t i = 0; i < r->parts.count; i++) {
        if (p->varies[i] && !rowan__take_key(r, i, i == p->list)) {
            return false;
        }
    }
    if (r->key_count > 1 && r->keys[0].is_list) {
        return false;
    }
    for (size_t i = 1; i < r->key_count; i++) { /* goes with the AND before it */
        if (r->keys[i].is_list || !rowan__piece_is(&r->parts, r->keys[i].begin - 1, "AND")) {
            return false;
        }
    }
    return r->key_count > 0;
}

static void plan_action(rowan__planner *p)
{
    switch (p->out->finding->action) {
    case ROWAN__ACTION_BATCH_IN:
    case ROWAN__ACTION_BATCH_ROW_IN:
    case ROWAN__ACTION_GROUP_BY_COUNT:
    case ROWAN__ACTION_EXISTS_IN:
    case ROWAN__ACTION_DISTINCT_ON:
    case ROWAN__ACTION_LATERAL:
    case ROWAN__ACTION_WINDOW:
        rowan__plan_read(p);
        return;
    case ROWAN__ACTION_SELECT_COLUMN:
        rowan__plan_parent(p);
        return;
    case ROWAN__ACTION_WITH_RECURSIVE:
        rowan__plan_walk(p);
        return;
    case ROWAN__ACTION_MULTI_ROW_WRITE:
        rowan__plan_write(p);
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
    rowan__planner p = {.out = out, .arena = arena};

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
