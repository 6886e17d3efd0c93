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
    for (size_t i = 0; i < notes->outline->value_count; i++) {
        if (notes->outline->values[i] == origin) {
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
static inline rowan_status make_param(rowan_scope *scope, const rowan__step *step,
                                      const void *origin, rowan_value *out)
{
    const rowan_value *value = origin;
    const int64_t *number = origin;

    switch ((rowan__step_kind)step->kind) {
    case ROWAN__STEP_AS_IS:
        *out = *value;
        out->name = NULL;
        return ROWAN_OK;
    case ROWAN__STEP_BOUND:
        return rowan__bind_value(scope, step->column, *value, out);
    case ROWAN__STEP_STORED:
        return rowan__stored_value(scope, step->column, *value, out);
    case ROWAN__STEP_REAL:
        *out = rowan_v_double((double)value->as.integer);
        return ROWAN_OK;
    case ROWAN__STEP_NUMBER:
        *out = rowan_v_int64(*number);
        return ROWAN_OK;
    case ROWAN__STEP_ITEMS:
    case ROWAN__STEP_ARRAY:
    case ROWAN__STEP_JSON:
        return list_param(scope, step, value, out);
    }
    return ROWAN_OK;
}

static rowan_status follow(rowan_scope *scope, rowan__known *known, const rowan__outline *outline,
                           rowan__rendered *out)
{
    const rowan__recipe *recipe = known->recipe;
    rowan_value *params = rowan__scope_params(scope, recipe->param_count);
    rowan_value *next = params;

    if (!params && recipe->param_count > 0) {
        return ROWAN_NOMEM;
    }
    for (size_t i = 0; i < recipe->step_count; i++) {
        const rowan__step *step = &recipe->steps[i];
        rowan_status status = make_param(scope, step, outline->values[step->value], next);
        if (status != ROWAN_OK) {
            return status;
        }
        next += step->count;
    }
    *out = (rowan__rendered){known->sql, known->sql_size, params, recipe->param_count, known};
    return ROWAN_OK;
}

/* --- Statements. --- */

/* A statement that is compiled: its outline, and what is noted while it is rendered. */
typedef struct compiling {
    rowan_scope *scope;
    rowan__outline outline;
    rowan__shape_key key;
    rowan__renderer renderer;
    rowan__notes notes;
} compiling;

/* The statement of the outline, or NULL. */
static inline rowan_status find(compiling *c, rowan_scope *scope, rowan__known **out)
{
    c->scope = scope;
    *out = NULL;
    if (c->outline.useless) {
        return ROWAN_OK;
    }
    c->key = (rowan__shape_key){ROWAN__KEY_OF_TREE, c->outline.words,
                                c->outline.count * sizeof *c->outline.words, c->outline.hash};
    return rowan__known_find(scope, &c->key, out);
}

static void begin(compiling *c)
{
    rowan__render_begin(&c->renderer, c->scope);
    c->notes.outline = &c->outline;
    c->notes.useless = c->outline.useless;
    c->notes.recipe.step_count = c->notes.recipe.param_count = 0;
    c->renderer.notes = &c->notes;
}

/* Whether nothing is left to render: its text is known, or it failed. */
static inline bool is_settled(compiling *c, rowan_scope *scope, rowan__rendered *out,
                              rowan_status *status)
{
    rowan__known *known;

    *status = find(c, scope, &known);
    if (known) {
        *status = follow(scope, known, &c->outline, out);
        return true;
    }
    if (*status != ROWAN_OK) {
        return true;
    }
    begin(c);
    return false;
}

/* Keeps what was rendered; that memory runs out for it is no failure. */
static void learn(const compiling *c, rowan__rendered *out)
{
    const rowan__recipe *recipe = &c->notes.recipe;
    size_t size = offsetof(rowan__recipe, steps) + recipe->step_count * sizeof *recipe->steps;

    if (c->notes.useless || recipe->param_count != out->param_count) {
        return;
    }
    out->known = rowan__known_learn(c->scope, &c->key, out->sql, out->sql_size, recipe, size);
    if (out->known) {
        out->sql = out->known->sql;
    }
}

static rowan_status end(compiling *c, rowan__rendered *out)
{
    rowan_status status = rowan__render_end(&c->renderer, out);

    if (status == ROWAN_OK) {
        learn(c, out);
    }
    return status;
}

rowan_status rowan__compile_query(rowan_scope *scope, const rowan_query *query,
                                  rowan__rendered *out)
{
    compiling c;
    rowan_status status;

    rowan__outline_query(&c.outline, rowan__scope_dialect(scope), query);
    if (is_settled(&c, scope, out, &status)) {
        return status;
    }
    rowan__write_query(&c.renderer, query, ROWAN__ROLE_ROWS);
    return end(&c, out);
}

rowan_status rowan__compile_update(rowan_scope *scope, const rowan_update *update,
                                   rowan__rendered *out)
{
    compiling c;
    rowan_status status;

    rowan__outline_update(&c.outline, rowan__scope_dialect(scope), update);
    if (is_settled(&c, scope, out, &status)) {
        return status;
    }
    rowan__write_update(&c.renderer, update);
    return end(&c, out);
}

rowan_status rowan__compile_delete(rowan_scope *scope, const rowan_delete *remove,
                                   rowan__rendered *out)
{
    compiling c;
    rowan_status status;

    rowan__outline_delete(&c.outline, rowan__scope_dialect(scope), remove);
    if (is_settled(&c, scope, out, &status)) {
        return status;
    }
    rowan__write_delete(&c.renderer, remove);
    return end(&c, out);
}
