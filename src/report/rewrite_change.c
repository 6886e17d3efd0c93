/*
 * Writes that can be written as one: rows of VALUES side by side, assignments as a CASE by the key,
 * deletes by a list.
 */
#include "report/rewrite_private.h"

/* Whether VALUES is followed by one row of it. */
static bool has_one_row(const rowan__parts *parts, size_t values)
{
    size_t end;

    if (values + 2 >= parts->count || parts->at[values + 1].kind != ROWAN__TOKEN_OPEN) {
        return false;
    }
    end = rowan__close_of(parts, values + 1, parts->count);
    return end == parts->count || !rowan__piece_is(parts, end, ",");
}

static void plan_insert(rowan__planner *p)
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
    end = rowan__close_of(&r->parts, values + 1, r->parts.count);
    for (size_t i = 0; i < r->parts.count; i++) {
        if (p->list != 0 || (p->varies[i] && (i < values || i > end))) {
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
    size_t end = rowan__value_end(parts, value);
    size_t name = value > 0 ? rowan__name_before(parts, value - 1) : value;

    if (r->set_count == ROWAN__REWRITE_SETS || value < 3 || parts->at[value].depth != 0 ||
        !rowan__piece_is(parts, value - 1, "=") || name == value - 1 ||
        !(rowan__piece_is(parts, name - 1, "SET") || rowan__piece_is(parts, name - 1, ",")) ||
        !(end == parts->where || rowan__piece_is(parts, end, ","))) {
        return false;
    }
    r->sets[r->set_count++] = value;
    return true;
}

/* Whether a value is given to the column by which the rows are told apart. */
static bool sets_key(const rowan__rewrite *r)
{
    const char *key;
    size_t size = rowan__rewrite_key_name(r, 0, &key);

    for (size_t i = 0; i < r->set_count; i++) {
        if (rowan__piece_same_name(&r->parts, r->sets[i] - 2, key, size)) {
            return true;
        }
    }
    return false;
}

/* Whether a change names one table: with several, other rows are changed than those of the keys. */
static bool changes_one_table(const rowan__parts *parts, rowan__form form)
{
    size_t end = form == ROWAN__FORM_UPDATE ? rowan__parts_find(parts, 1, parts->where, "SET", 0)
                                            : parts->where;

    return end < parts->count && rowan__parts_find(parts, 1, end, ",", 0) == end &&
           !rowan__parts_have(parts, 1, end, "USING") &&
           !rowan__parts_have(parts, 1, parts->where, "JOIN") &&
           (form == ROWAN__FORM_UPDATE || rowan__piece_is(parts, 1, "FROM"));
}

static void plan_change(rowan__planner *p, rowan__form form)
{
    rowan__rewrite *r = p->out;
    const rowan__parts *parts = &r->parts;

    if (parts->where == parts->count || parts->other < parts->count ||
        parts->order < parts->count || parts->limit < parts->count ||
        rowan__parts_have(parts, 0, parts->where, "SELECT") || !changes_one_table(parts, form) ||
        (form == ROWAN__FORM_UPDATE && parts->from < parts->count)) {
        return;
    }
    for (size_t i = 0; i < parts->count; i++) {
        if (p->varies[i] &&
            !(i < parts->where && form == ROWAN__FORM_UPDATE ? take_set(r, i)
                                                             : rowan__take_key(r, i, false))) {
            return;
        }
    }
    if (r->key_count == 1 && !r->keys[0].is_list && p->list == 0 && !sets_key(r)) {
        r->form = form;
    }
}

void rowan__plan_write(rowan__planner *p)
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
