/*
 * The frame of every renderer: text, parameters, first failure.
 *
 * Text and parameters are in memory that the scope keeps from statement to statement, so that one
 * of a size seen before costs no allocation.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sql/sql_private.h"

void rowan__render_begin(rowan__renderer *r, rowan_scope *scope)
{
    r->scope = scope;
    r->dialect = rowan__scope_dialect(scope);
    r->text = rowan__scope_scratch(scope);
    r->param_count = 0;
    r->notes = NULL;
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

void rowan__write_param(rowan__renderer *r, const rowan_value *value)
{
    if (r->status != ROWAN_OK) {
        return;
    }
    rowan_value *params = rowan__scope_params(r->scope, r->param_count + 1);
    if (!params) {
        r->status = ROWAN_NOMEM;
        return;
    }
    params[r->param_count++] = *value;
    if (r->dialect->numbered_placeholders) {
        rowan__text_char(r->text, '$');
        rowan__text_int(r->text, (int64_t)r->param_count);
    } else {
        rowan__text_char(r->text, '?');
    }
}

rowan_status rowan__render_end(rowan__renderer *r, rowan__rendered *out)
{
    *out = (rowan__rendered){.sql = NULL};
    if (r->param_count > r->dialect->max_params) {
        rowan__render_fail(r, ROWAN_UNSUPPORTED, "%s takes at most %u parameters in one statement",
                           r->dialect->engine, r->dialect->max_params);
    }
    if (r->status == ROWAN_OK && r->text->failed) {
        r->status = rowan__scope_nomem(r->scope);
    }
    if (r->status == ROWAN_OK) {
        out->sql = rowan__text_string(r->text);
        out->sql_size = r->text->size;
        out->params = rowan__scope_params(r->scope, 0);
        out->param_count = r->param_count;
    }
    return r->status;
}
