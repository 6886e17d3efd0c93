/*
 * Raw statements that were seen before. The text is the key; what else matters are the kinds of the
 * values that are given with it, single ones and lists, and their names. With the same ones the
 * parameters are made by the steps that were noted when the text was read; with others it is read
 * again.
 */
#include "raw/raw_private.h"

#include <string.h>

enum { MOST_SIGNATURE = 1024 };

/* A recipe is followed by its steps and its signature. */
typedef struct recipe {
    size_t given, step_count, value_count;
    bool is_rewritten;
    bool as_given;              /* the caller's values serve as they are: no steps */
    bool is_plain;              /* … and are single ones without names: no signature */
    const rowan_table *look_up; /* whose row it looks up by its key; NULL: none that is known of */
} recipe;

typedef enum value_kind {
    KIND_SINGLE = '1',
    KIND_LIST = '*',
    KIND_NONE = 0 /* nothing that can be bound */
} value_kind;

static inline value_kind kind_of(const rowan_value *value)
{
    if (value->is_null || value->type < ROWAN_TYPE_ENUM) {
        return KIND_SINGLE;
    }
    return value->type == ROWAN_TYPE_LIST && rowan__raw_list_is_sound(value) ? KIND_LIST
                                                                             : KIND_NONE;
}

/* --- Learning. --- */

/* For each value its kind, then `:` and its name if it has one, then NUL. @return its size, or 0
 * if it has no room. */
static size_t write_signature(rowan_params params, char *out)
{
    size_t size = 0;

    for (size_t i = 0; i < params.count; i++) {
        const char *name = params.items[i].name;
        size_t name_size = name != NULL ? strlen(name) : 0;
        if (name_size >= MOST_SIGNATURE - 3 || size > MOST_SIGNATURE - 3 - name_size) {
            return 0;
        }
        out[size++] = (char)kind_of(&params.items[i]);
        if (name != NULL) {
            out[size++] = ':';
            memcpy(out + size, name, name_size);
            size += name_size;
        }
        out[size++] = '\0';
    }
    return size;
}

static bool are_plain(const rowan_value *value, size_t count)
{
    for (const rowan_value *end = value + count; value < end; value++) {
        if (value->name != NULL || (!value->is_null && value->type >= ROWAN_TYPE_ENUM)) {
            return false;
        }
    }
    return true;
}

static rowan__known *learn(rowan_scope *scope, const rowan__shape_key *key, rowan_params params,
                           const rowan_table *shape, const rowan__raw_notes *notes,
                           const rowan__raw_statement *statement)
{
    bool is_look_up =
        shape != NULL && rowan__raw_is_look_up(rowan__scope_dialect(scope), key->data, shape);
    struct {
        recipe head;
        char rest[ROWAN__RAW_MOST_STEPS * sizeof(rowan__raw_step) + MOST_SIGNATURE];
    } made;
    bool as_given = statement->values == params.items;
    size_t steps_size = as_given ? 0 : notes->step_count * sizeof *notes->steps;
    size_t signature_size = write_signature(params, made.rest + steps_size);

    if (notes->useless || (params.count > 0 && signature_size == 0)) {
        return NULL;
    }
    made.head = (recipe){.given = params.count,
                         .step_count = as_given ? 0 : notes->step_count,
                         .value_count = statement->value_count,
                         .is_rewritten = statement->sql != key->data,
                         .as_given = as_given,
                         .is_plain = as_given && are_plain(params.items, params.count),
                         .look_up = is_look_up ? shape : NULL};
    memcpy(made.rest, notes->steps, steps_size);
    return rowan__known_learn(scope, key, statement->sql, statement->sql_size, &made,
                              sizeof made.head + steps_size + signature_size);
}

/* --- Recalling. --- */

static bool is_signed(const char *signature, rowan_params params)
{
    const rowan_value *end = params.items + params.count;

    for (const rowan_value *value = params.items; value < end; value++) {
        const char *name = value->name;
        if (*signature++ != (char)kind_of(value)) {
            return false;
        }
        if (name != NULL) {
            if (*signature++ != ':' || strcmp(signature, name) != 0) {
                return false;
            }
            signature += strlen(name);
        }
        if (*signature++ != '\0') {
            return false;
        }
    }
    return true;
}

/* Writes one list out. @return false if it is of another length than the statement is for. */
static bool follow_list(const rowan__raw_step *step, const rowan_value *list, rowan_value *out)
{
    size_t count = list->as.list.count;

    if (count == 0 || rowan__raw_padded(count) != step->count) {
        return false;
    }
    for (size_t i = 0; i < step->count; i++) {
        out[i] = list->as.list.items[i < count ? i : count - 1];
        out[i].name = list->name;
    }
    return true;
}

static bool follow(const recipe *known, const rowan_value *given, rowan_value *out)
{
    const rowan__raw_step *steps = (const void *)(known + 1);

    for (size_t i = 0; i < known->step_count; i++) {
        const rowan_value *value = &given[steps[i].value];
        if (steps[i].count == 0) {
            *out++ = *value;
        } else if (follow_list(&steps[i], value, out)) {
            out += steps[i].count;
        } else {
            return false;
        }
    }
    return true;
}

static inline bool is_look_up(const rowan__known *known, const rowan_table *shape)
{
    const recipe *how = known->recipe;

    return shape != NULL && how->look_up == shape;
}

/* Makes the values that are sent of those that are given. @return false if the text has to be
 * read. */
static bool recall_values(rowan_scope *scope, const recipe *how, rowan_params params,
                          rowan__call *call)
{
    const char *rest = (const char *)(how + 1);

    if (!is_signed(rest + how->step_count * sizeof(rowan__raw_step), params)) {
        return false;
    }
    if (!how->as_given) {
        rowan_value *values = rowan__scope_params(scope, how->value_count);
        if (values == NULL || !follow(how, params.items, values)) {
            return false;
        }
        call->params = values;
    }
    return true;
}

/* Sets what is sent. @return false if the text has to be read. */
static inline bool recall(rowan_scope *scope, rowan__known *known, rowan_params params,
                          rowan__call *call)
{
    const recipe *how = known->recipe;

    if (params.count != how->given || !(how->is_plain ? are_plain(params.items, params.count)
                                                      : recall_values(scope, how, params, call))) {
        return false;
    }
    if (how->is_rewritten) {
        call->sql = known->sql;
    }
    call->sql_size = known->sql_size;
    call->param_count = how->value_count;
    call->known = known;
    call->one_row = is_look_up(known, call->shape);
    return true;
}

/* Looks for the text; if it is new, or its values are of other kinds, reads it, and keeps what came
 * of it unless something is kept for it. */
static __attribute__((noinline)) rowan_status read_text(rowan_scope *scope, const char *sql,
                                                        rowan_params params, rowan__call *call)
{
    rowan__shape_key key = {.maker = ROWAN__KEY_OF_TEXT};
    rowan__known *known;
    rowan__raw_statement statement;
    rowan__raw_notes notes;
    rowan_status status = rowan__known_find_text(scope, sql, &key, &known);

    if (status != ROWAN_OK || (known != NULL && recall(scope, known, params, call))) {
        return status;
    }
    status = rowan__raw_rewrite(scope, sql, params, &statement, &notes);
    if (status != ROWAN_OK) {
        return status;
    }
    call->known =
        known != NULL ? NULL : learn(scope, &key, params, call->shape, &notes, &statement);
    call->one_row = call->known != NULL && is_look_up(call->known, call->shape);
    call->sql = call->known != NULL && statement.sql != sql ? call->known->sql : statement.sql;
    call->sql_size = statement.sql_size;
    call->params = statement.values;
    call->param_count = statement.value_count;
    return ROWAN_OK;
}

rowan_status rowan__raw_call(rowan_scope *scope, const char *sql, rowan_params params,
                             const rowan_table *shape, rowan__call *out)
{
    rowan__known *known = rowan__known_recall_text(scope, sql, ROWAN__KEY_OF_TEXT);

    rowan__call_begin(out, ROWAN_PATTERN_RAW);
    out->table = shape != NULL && shape->name != NULL ? shape : NULL;
    out->sql = sql;
    out->params = params.items;
    out->wants_rows = shape != NULL;
    out->shape = shape;
    return known != NULL && recall(scope, known, params, out) ? ROWAN_OK
                                                              : read_text(scope, sql, params, out);
}

/* What is kept of a text for many rows: how many values it takes from each. */
typedef struct many_recipe {
    size_t value_count;
    bool is_rewritten;
} many_recipe;

rowan_status rowan__raw_call_many(rowan_scope *scope, const char *sql, rowan__call *out)
{
    rowan__shape_key key = {.maker = ROWAN__KEY_OF_MANY};
    rowan__raw_statement statement;
    rowan__known *known = rowan__known_recall_text(scope, sql, key.maker);
    rowan_status status =
        known != NULL ? ROWAN_OK : rowan__known_find_text(scope, sql, &key, &known);

    rowan__call_begin(out, ROWAN_PATTERN_RAW);
    out->table = NULL;
    out->wants_rows = false;
    out->shape = NULL;
    if (status == ROWAN_OK && known == NULL) {
        status = rowan__raw_rewrite_many(scope, sql, &statement);
        if (status != ROWAN_OK) {
            return status;
        }
        const many_recipe made = {statement.value_count, statement.sql != sql};
        known =
            rowan__known_learn(scope, &key, statement.sql, statement.sql_size, &made, sizeof made);
        out->sql = known != NULL && made.is_rewritten ? known->sql : statement.sql;
        out->sql_size = statement.sql_size;
        out->param_count = statement.value_count;
    } else if (status == ROWAN_OK) {
        const many_recipe *how = known->recipe;
        out->sql = how->is_rewritten ? known->sql : sql;
        out->sql_size = known->sql_size;
        out->param_count = how->value_count;
    }
    out->known = known;
    return status;
}
