/*
 * The frame of every renderer: text, parameters, first failure.
 *
 * Text and parameters both end up in the scope's scratch memory, the parameters behind the text's
 * NUL, so that a statement of a size seen before costs no allocation. While rendering, parameters
 * are kept in the renderer itself, or on the heap if they are many, because the text may still
 * move.
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "sql/sql_private.h"

void rowan__render_begin(rowan__renderer *r, rowan_scope *scope)
{
    r->scope = scope;
    r->dialect = rowan__scope_dialect(scope);
    r->text = rowan__scope_scratch(scope);
    r->params = r->few;
    r->param_count = 0;
    r->param_capacity = 0;
    r->names = NULL;
    r->closed_off = NULL;
    r->ctes = NULL;
    r->inserted = NULL;
    r->rows_are_compared = false;
    r->depth = 0;
    r->status = ROWAN_OK;
    rowan__text_clear(r->text);
}

void rowan__render_fail(rowan__renderer *r, rowan_status status, const char *format, ...)
{
    char message[256];
    va_list arguments;

    if (r->status != ROWAN_OK) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    r->status = rowan__scope_fail(r->scope, status, "%s", message);
}

void rowan__render_unsupported(rowan__renderer *r, const char *feature)
{
    rowan__render_fail(r, ROWAN_UNSUPPORTED, "%s cannot do this: %s", r->dialect->engine, feature);
}

bool rowan__render_enter(rowan__renderer *r)
{
    if (r->status != ROWAN_OK) {
        return false;
    }
    if (r->depth == ROWAN__DEEPEST) {
        rowan__render_fail(r, ROWAN_MISUSE, "expressions are nested more than %d deep",
                           ROWAN__DEEPEST);
        return false;
    }
    r->depth++;
    return true;
}

void rowan__write(rowan__renderer *r, const char *text)
{
    if (r->status == ROWAN_OK) {
        rowan__text_str(r->text, text);
    }
}

/** Room for one more parameter; from the renderer's own few to the heap when those are used up. */
static bool grow_params(rowan__renderer *r)
{
    const rowan_allocator *allocator = rowan__scope_allocator(r->scope);
    void *many = NULL;

    if (r->params != r->few) {
        many = r->params;
        if (!rowan__grow(allocator, &many, &r->param_capacity, r->param_count, sizeof *r->params)) {
            return false;
        }
        r->params = many;
        return true;
    }
    if (r->param_count < ROWAN__FEW_PARAMS) {
        return true;
    }
    many = rowan__new(allocator, 4 * ROWAN__FEW_PARAMS, sizeof *r->params);
    if (many == NULL) {
        return false;
    }
    memcpy(many, r->few, sizeof r->few);
    r->params = many;
    r->param_capacity = 4 * ROWAN__FEW_PARAMS;
    return true;
}

void rowan__write_param(rowan__renderer *r, const rowan_value *value)
{
    if (r->status != ROWAN_OK) {
        return;
    }
    if (!grow_params(r)) {
        r->status = rowan__scope_nomem(r->scope);
        return;
    }
    r->params[r->param_count++] = *value;
    if (r->dialect->numbered_placeholders) {
        rowan__text_char(r->text, '$');
        rowan__text_int(r->text, (int64_t)r->param_count);
    } else {
        rowan__text_char(r->text, '?');
    }
}

/** Moves the parameters behind the text, to an address that suits them. */
static void settle_params(rowan__renderer *r, rowan__rendered *out)
{
    static const char slack[alignof(rowan_value)];
    size_t sql_size = r->text->size;
    size_t place;

    rowan__text_add(r->text, slack, sizeof slack);
    rowan__text_add(r->text, (const char *)r->params, r->param_count * sizeof *r->params);
    if (r->text->failed) {
        r->status = rowan__scope_nomem(r->scope);
        return;
    }
    place = sql_size + 1;
    while ((uintptr_t)(r->text->data + place) % alignof(rowan_value) != 0) {
        place++;
    }
    memmove(r->text->data + place, r->params, r->param_count * sizeof *r->params);
    r->text->data[sql_size] = '\0';
    out->sql = r->text->data;
    out->sql_size = sql_size;
    out->params = (const rowan_value *)(const void *)(r->text->data + place);
    out->param_count = r->param_count;
}

rowan_status rowan__render_end(rowan__renderer *r, rowan__rendered *out)
{
    memset(out, 0, sizeof *out);
    if (r->param_count > r->dialect->max_params) {
        rowan__render_fail(r, ROWAN_UNSUPPORTED, "%s takes at most %u parameters in one statement",
                           r->dialect->engine, r->dialect->max_params);
    }
    if (r->status == ROWAN_OK) {
        settle_params(r, out);
    }
    if (r->params != r->few) {
        rowan__free(rowan__scope_allocator(r->scope), r->params, r->param_capacity,
                    sizeof *r->params);
    }
    return r->status;
}
