/* The queries of a laboratory: a failure is no finding's fate, the caller decides what it means. */
#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "verify/index_private.h"

static void allow(const rowan__index_lab *lab, rowan_scope *scope)
{
    unsigned ms = lab->trial->verify->deadline_ms;

    rowan_scope_deadline(scope, ms != 0 ? ms : ROWAN__VERIFY_DEADLINE_MS);
}

rowan_status rowan__index_query(rowan__index_lab *lab, rowan_scope *scope, const char *sql,
                                rowan_params params, rowan__take_row take, void *context)
{
    rowan_mark mark = rowan_scope_mark(scope);
    rowan_cursor *cursor = NULL;
    rowan_status status;

    allow(lab, scope);
    status = rowan_raw_open(scope, sql, params, &cursor);
    while (status == ROWAN_OK && (status = rowan_cursor_next(cursor)) == ROWAN_OK) {
        status = take != NULL ? take(context, cursor) : ROWAN_OK;
    }
    rowan_cursor_close(cursor);
    return status == ROWAN_DONE ? rowan_scope_rewind(scope, mark) : status;
}

rowan_status rowan__index_run(rowan__index_lab *lab, rowan_scope *scope, const char *sql)
{
    allow(lab, scope);
    return rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL);
}

rowan_status rowan__index_script(rowan__index_lab *lab, rowan_scope *scope, const char *sql)
{
    allow(lab, scope);
    return rowan_raw_script(scope, sql, NULL);
}

/* --- Cells. --- */

static bool is_text(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_JSON ||
           value->type == ROWAN_TYPE_DECIMAL || value->type == ROWAN_TYPE_BLOB;
}

static bool is_real(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_DOUBLE || value->type == ROWAN_TYPE_FLOAT;
}

const char *rowan__index_cell(const rowan_cursor *cursor, size_t column, rowan__arena *arena)
{
    const rowan_value *value = rowan_cursor_value(cursor, column);
    char number[40];

    if (value == NULL || value->is_null) {
        return NULL;
    }
    if (is_text(value)) {
        return rowan__arena_text(arena, value->as.bytes.data, value->as.bytes.size);
    }
    snprintf(number, sizeof number, "%.0f", rowan__index_cell_number(cursor, column));
    return rowan__arena_text(arena, number, strlen(number));
}

double rowan__index_cell_number(const rowan_cursor *cursor, size_t column)
{
    const rowan_value *value = rowan_cursor_value(cursor, column);
    char number[40];

    if (value == NULL || value->is_null) {
        return 0;
    }
    if (is_text(value)) {
        size_t size = value->as.bytes.size < sizeof number ? value->as.bytes.size : 0;
        memcpy(number, value->as.bytes.data, size);
        number[size] = '\0';
        return rowan__real_read(number);
    }
    if (is_real(value)) {
        return value->as.real;
    }
    return value->type == ROWAN_TYPE_BOOL ? value->as.boolean : (double)value->as.integer;
}

/* --- Single values. --- */

typedef struct single {
    rowan__arena *arena;
    const char *text;
    double number;
    bool has_row, has_value;
} single;

static rowan_status take_single(void *context, const rowan_cursor *cursor)
{
    single *s = context;

    if (s->has_row) {
        return ROWAN_OK;
    }
    s->has_row = true;
    s->has_value = !rowan_cursor_value(cursor, 0)->is_null;
    s->number = rowan__index_cell_number(cursor, 0);
    s->text = rowan__index_cell(cursor, 0, s->arena);
    return s->has_value && s->text == NULL ? ROWAN_NOMEM : ROWAN_OK;
}

rowan_status rowan__index_number(rowan__index_lab *lab, rowan_scope *scope, const char *sql,
                                 rowan_params params, double *out)
{
    single s = {.arena = lab->arena};
    rowan_status status = rowan__index_query(lab, scope, sql, params, take_single, &s);

    *out = s.number;
    return status == ROWAN_OK && !s.has_row ? ROWAN_NOT_FOUND : status;
}

rowan_status rowan__index_text(rowan__index_lab *lab, rowan_scope *scope, const char *sql,
                               rowan_params params, const char **out)
{
    single s = {.arena = lab->arena};
    rowan_status status = rowan__index_query(lab, scope, sql, params, take_single, &s);

    *out = s.text;
    return status == ROWAN_OK && !s.has_row ? ROWAN_NOT_FOUND : status;
}

const char *rowan__index_keep(rowan__index_lab *lab, rowan__text *text)
{
    const char *kept =
        text->failed ? NULL : rowan__arena_text(lab->arena, rowan__text_string(text), text->size);

    rowan__text_fini(text);
    return kept;
}
