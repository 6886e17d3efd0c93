/*
 * Statements by their shape: the first time a tree is rendered, and which of its values became
 * which parameter is noted; from then on the parameters are made from the values alone, by the same
 * functions, so that what is refused is refused every time.
 *
 * A shape is kept only if every parameter comes from a value of the outline that is there once: a
 * node that is in the tree twice is in another tree, of the same outline, two nodes.
 */
#include <string.h>

#include "sql/sql_private.h"

/* --- What the renderer notes. --- */

void rowan__note(rowan__renderer *r, const void *origin, rowan__step step)
{
    rowan__notes *notes = r->notes;
    size_t found = 0;

    if (!notes || notes->useless) {
        return;
    }
    for (size_t i = 0; i < notes->outline->count; i++) {
        if (rowan__outline_value(notes->outline, i) == origin) {
            step.value = (uint16_t)i;
            found++;
        }
    }
    if (found != 1 || notes->recipe.step_count == ROWAN__MOST_STEPS) {
        notes->useless = true;
        return;
    }
    notes->recipe.steps[notes->recipe.step_count++] = step;
    notes->recipe.param_count += step.count;
}

void rowan__note_nothing(rowan__renderer *r)
{
    if (r->notes) {
        r->notes->useless = true;
    }
}

/* --- What is done by the notes. --- */

static rowan_status list_param(rowan_scope *scope, const rowan__step *step, const rowan_value *list,
                               rowan_value *out)
{
    const rowan_value *items;
    size_t count = list->as.list.count;
    rowan_status status = rowan__bind_items(scope, (rowan_type)step->type, step->column,
                                            list->as.list.items, count, &items);

    if (status != ROWAN_OK) {
        return status;
    }
    if (step->kind == ROWAN__STEP_JSON) {
        return rowan__list_as_json(scope, items, count, out);
    }
    if (step->kind == ROWAN__STEP_ARRAY) {
        *out = rowan_v_list(items, count);
        return ROWAN_OK;
    }
    for (size_t i = 0; i < step->count; i++) {
        out[i] = items[i < count ? i : count - 1];
    }
    return ROWAN_OK;
}

/* A flat switch over the kinds. */
rowan_status rowan__recipe_param(rowan_scope *scope, const rowan__step *step, const void *origin,
                                 rowan_value *out)
{
    const rowan_value *value = origin;

    switch ((rowan__step_kind)step->kind) {
    case ROWAN__STEP_AS_IS:
        *out = *value;
        out->name = NULL;
        return ROWAN_OK;
    case ROWAN__STEP_NUMBER:
        *out = rowan_v_int64(*(const int64_t *)origin);
        return ROWAN_OK;
    case ROWAN__STEP_BOUND:
        return rowan__bind_value(scope, step->column, *value, out);
    case ROWAN__STEP_STORED:
        return rowan__stored_value(scope, step->column, *value, out);
    case ROWAN__STEP_REAL:
        *out = rowan_v_double((double)value->as.integer);
        return ROWAN_OK;
    case ROWAN__STEP_ITEMS:
    case ROWAN__STEP_ARRAY:
    case ROWAN__STEP_JSON:
        return list_param(scope, step, value, out);
    }
    return ROWAN_OK;
}
