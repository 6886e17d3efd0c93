/*
 * Runs queries, updates and deletes; insert_run.c does inserts. What was rendered before for a tree
 * of the same outline is not rendered again: its parameters are made by the recipe.
 */
#include <string.h>

#include "base/straight.h"
#include "sql/sql_private.h"

/* A tree on its way to a statement: its outline, and what is noted if it has to be rendered. */
typedef struct compiling {
    rowan_scope *scope;
    rowan__outline outline;
    rowan__shape_key key;
    rowan__renderer renderer;
    rowan__notes notes;
} compiling;

/* The statement that is known for the outline; else NULL, and it is looked for or rendered. */
STRAIGHT rowan__known *recall(compiling *c, rowan_scope *scope)
{
    c->scope = scope;
    c->key.maker = ROWAN__KEY_OF_TREE;
    c->key.data = c->outline.words;
    c->key.size = c->outline.count * sizeof *c->outline.words;
    return c->outline.useless ? NULL : rowan__known_recall(scope, &c->key);
}

/* Goes on where a step is no usual one. */
RARE rowan_status follow_rest(const compiling *c, const rowan__step *step, const rowan__step *end,
                              rowan_value *next)
{
    rowan_status status = ROWAN_OK;

    for (; step < end && status == ROWAN_OK; next += step->count, step++) {
        const void *origin = rowan__outline_value(&c->outline, step->value);
        status = rowan__recipe_param(c->scope, step, origin, next);
    }
    return status;
}

/* Makes the parameters of a known statement from the values of the tree by its recipe. */
STRAIGHT rowan_status follow(const compiling *c, rowan__known *known, rowan__rendered *out)
{
    const rowan__recipe *recipe = known->recipe;
    const rowan__step *end = recipe->steps + recipe->step_count;
    rowan_value *next = rowan__scope_params(c->scope, recipe->param_count);

    *out = (rowan__rendered){known->sql, known->sql_size, next, recipe->param_count, known};
    if (!next && recipe->param_count > 0) {
        return ROWAN_NOMEM;
    }
    for (const rowan__step *step = recipe->steps; step < end; step++, next++) {
        const void *origin = rowan__outline_value(&c->outline, step->value);
        if (step->kind == ROWAN__STEP_AS_IS) { /* as nearly all are */
            *next = *(const rowan_value *)origin;
            next->name = NULL;
        } else if (step->kind == ROWAN__STEP_NUMBER) { /* as limits are */
            memset(next, 0, sizeof *next); /* in place: one that is returned comes by the stack */
            next->type = ROWAN_TYPE_INT64;
            next->as.integer = *(const int64_t *)origin;
        } else {
            return follow_rest(c, step, end, next);
        }
    }
    return ROWAN_OK;
}

/* Whether nothing is left to render: the statement is known after all, or it failed. */
static bool is_settled(compiling *c, rowan__rendered *out, rowan_status *status)
{
    rowan__known *known = NULL;

    *status = c->outline.useless ? ROWAN_OK : rowan__known_find(c->scope, &c->key, &known);
    if (known) {
        *status = follow(c, known, out);
    }
    return known || *status != ROWAN_OK;
}

/* The tree is walked once more before it is rendered: which word tells of a value is looked up
 * then, and behind a word that tells of none there is whatever was in memory. */
static void begin_walk(compiling *c)
{
    memset(c->outline.words, 0, sizeof c->outline.words);
}

static void begin(compiling *c)
{
    rowan__render_begin(&c->renderer, c->scope);
    c->notes.outline = &c->outline;
    c->notes.useless = c->outline.useless;
    c->notes.recipe.step_count = c->notes.recipe.param_count = 0;
    c->renderer.notes = &c->notes;
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

STRAIGHT void fill_call(rowan__call *call, rowan__intent intent, const rowan_table *table,
                        const rowan_table *shape, const rowan__rendered *rendered)
{
    rowan__call_begin(call, intent.pattern);
    call->relation = intent.relation;
    call->table = table;
    call->sql = rendered->sql;
    call->sql_size = rendered->sql_size;
    call->known = rendered->known;
    call->params = rendered->params;
    call->param_count = rendered->param_count;
    call->wants_rows = shape != NULL;
    call->shape = shape;
}

/* --- Queries. --- */

RARE rowan_status render_query(compiling *c, const rowan_query *query, const int64_t *rows,
                               rowan__rendered *out)
{
    rowan_query limited = *query;
    rowan_status status;

    if (is_settled(c, out, &status)) {
        return status;
    }
    limited.limit = *rows;
    begin_walk(c);
    rowan__outline_query(&c->outline, c->outline.dialect, &limited, &limited.limit);
    begin(c);
    rowan__write_query(&c->renderer, &limited, ROWAN__ROLE_ROWS);
    return end(c, out);
}

/* @param rows  how many are wanted */
STRAIGHT rowan_status compile_query(rowan_scope *scope, const rowan_query *query,
                                    const int64_t *rows, rowan__rendered *out)
{
    compiling c;

    rowan__outline_query(&c.outline, rowan__scope_dialect(scope), query, rows);
    rowan__known *known = recall(&c, scope);
    if (known) {
        return follow(&c, known, out);
    }
    rowan__rendered made = {.sql = NULL}; /* so that nobody has the address of `out` */
    rowan_status status = render_query(&c, query, rows, &made);
    *out = made;
    return status;
}

rowan_status rowan__compile_query(rowan_scope *scope, const rowan_query *query,
                                  rowan__rendered *out)
{
    return compile_query(scope, query, &query->limit, out);
}

STRAIGHT rowan_status query_call(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                                 rowan__call *out)
{
    static const int64_t one = 1;
    rowan__rendered rendered;

    if (!scope || !query) {
        return rowan__refuse_null(scope, "the query");
    }
    bool is_cut = intent.is_one && (query->limit == 0 || query->limit > 1);
    const int64_t *rows = is_cut ? &one : &query->limit;
    const rowan_table *shape = query->into ? query->into : query->from;
    if (!shape) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a query needs `into` or `from`: what structs its rows go to");
    }
    rowan_status status = compile_query(scope, query, rows, &rendered);
    if (status != ROWAN_OK) {
        return status;
    }
    fill_call(out, intent, query->from ? query->from : shape, shape, &rendered);
    out->one_row = *rows == 1;
    out->lazy = query->lazy;
    return ROWAN_OK;
}

rowan_status rowan__query_call(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                               rowan__call *out)
{
    return query_call(scope, intent, query, out);
}

rowan_status rowan__run_query(rowan_scope *scope, rowan__intent intent, const rowan_query *query,
                              rowan__result *result)
{
    rowan__call call;
    rowan_status status = query_call(scope, intent, query, &call);

    if (status != ROWAN_OK) {
        memset(result, 0, sizeof *result);
        return status;
    }
    return rowan__execute(scope, &call, 1, result);
}

/* --- Writes. --- */

RARE rowan_status render_update(compiling *c, const rowan_update *update, rowan__rendered *out)
{
    rowan_status status;

    if (is_settled(c, out, &status)) {
        return status;
    }
    begin_walk(c);
    rowan__outline_update(&c->outline, c->outline.dialect, update);
    begin(c);
    rowan__write_update(&c->renderer, update);
    return end(c, out);
}

rowan_status rowan__compile_update(rowan_scope *scope, const rowan_update *update,
                                   rowan__rendered *out)
{
    compiling c;

    rowan__outline_update(&c.outline, rowan__scope_dialect(scope), update);
    rowan__known *known = recall(&c, scope);
    return known ? follow(&c, known, out) : render_update(&c, update, out);
}

RARE rowan_status render_delete(compiling *c, const rowan_delete *remove, rowan__rendered *out)
{
    rowan_status status;

    if (is_settled(c, out, &status)) {
        return status;
    }
    begin_walk(c);
    rowan__outline_delete(&c->outline, c->outline.dialect, remove);
    begin(c);
    rowan__write_delete(&c->renderer, remove);
    return end(c, out);
}

rowan_status rowan__compile_delete(rowan_scope *scope, const rowan_delete *remove,
                                   rowan__rendered *out)
{
    compiling c;

    rowan__outline_delete(&c.outline, rowan__scope_dialect(scope), remove);
    rowan__known *known = recall(&c, scope);
    return known ? follow(&c, known, out) : render_delete(&c, remove, out);
}

rowan_status rowan__run_write(rowan_scope *scope, rowan__intent intent, const rowan_table *table,
                              const rowan_table *shape, const rowan__rendered *rendered,
                              rowan__result *result)
{
    rowan__call call;

    fill_call(&call, intent, table, shape, rendered);
    return rowan__execute(scope, &call, 1, result);
}

rowan_status rowan__run_structs(rowan_scope *scope, rowan__intent intent, const rowan_table *table,
                                const rowan_table *shape, const rowan__rendered *rendered,
                                const rowan__structs *structs, rowan__result *result)
{
    rowan__call call;

    fill_call(&call, intent, table, shape, rendered);
    call.structs = structs;
    return rowan__execute(scope, &call, 1, result);
}

rowan_status rowan__run_update(rowan_scope *scope, rowan__intent intent, const rowan_update *update,
                               rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status = rowan__compile_update(scope, update, &rendered);

    memset(result, 0, sizeof *result);
    return status != ROWAN_OK
               ? status
               : rowan__run_write(scope, intent, update->table,
                                  update->returning ? update->table : NULL, &rendered, result);
}

rowan_status rowan__run_delete(rowan_scope *scope, rowan__intent intent, const rowan_delete *remove,
                               rowan__result *result)
{
    rowan__rendered rendered;
    rowan_status status = rowan__compile_delete(scope, remove, &rendered);

    memset(result, 0, sizeof *result);
    return status != ROWAN_OK
               ? status
               : rowan__run_write(scope, intent, remove->from,
                                  remove->returning ? remove->from : NULL, &rendered, result);
}
