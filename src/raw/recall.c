/* Raw statements are kept, and the values of those that are kept are made: recall.h. */
#include "raw/recall.h"

#include <string.h>

enum { MOST_SIGNATURE = 1024 };

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

static rowan__known *learn(rowan_scope *scope, const rowan__shape_key *key, rowan_params params,
                           const rowan_table *shape, const rowan__raw_notes *notes,
                           const rowan__raw_statement *statement)
{
    bool is_look_up =
        shape != NULL && rowan__raw_is_look_up(rowan__scope_dialect(scope), key->data, shape);
    struct {
        rowan__raw_recipe head;
        char rest[ROWAN__RAW_MOST_STEPS * sizeof(rowan__raw_step) + MOST_SIGNATURE];
    } made;
    bool as_given = statement->values == params.items;
    size_t steps_size = as_given ? 0 : notes->step_count * sizeof *notes->steps;
    size_t signature_size = write_signature(params, made.rest + steps_size);

    if (notes->useless || (params.count > 0 && signature_size == 0)) {
        return NULL;
    }
    made.head = (rowan__raw_recipe){.given = params.count,
                                    .step_count = as_given ? 0 : notes->step_count,
                                    .value_count = statement->value_count,
                                    .is_rewritten = statement->sql != key->data,
                                    .as_given = as_given,
                                    .is_plain = as_given && rowan__raw_are_plain(params),
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

static bool follow(const rowan__raw_recipe *known, const rowan_value *given, rowan_value *out)
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

bool rowan__raw_follow(rowan_scope *scope, const rowan__raw_recipe *recipe, rowan_params params,
                       rowan__call *call)
{
    const char *rest = (const char *)(recipe + 1);

    if (!is_signed(rest + recipe->step_count * sizeof(rowan__raw_step), params)) {
        return false;
    }
    if (!recipe->as_given) {
        rowan_value *values = rowan__scope_params(scope, recipe->value_count);
        if (values == NULL || !follow(recipe, params.items, values)) {
            return false;
        }
        call->params = values;
    }
    return true;
}

rowan_status rowan__raw_read(rowan_scope *scope, const char *sql, rowan_params params,
                             rowan__call *call)
{
    rowan__shape_key key = {.maker = ROWAN__KEY_OF_TEXT};
    rowan__known *known;
    rowan__raw_statement statement;
    rowan__raw_notes notes;
    rowan_status status = rowan__known_find_text(scope, sql, &key, &known);

    if (status != ROWAN_OK || (known != NULL && rowan__raw_recall(scope, known, params, call))) {
        return status;
    }
    status = rowan__raw_rewrite(scope, sql, params, &statement, &notes);
    if (status != ROWAN_OK) {
        return status;
    }
    call->known =
        known != NULL ? NULL : learn(scope, &key, params, call->shape, &notes, &statement);
    if (call->known != NULL) {
        const rowan__raw_recipe *recipe = call->known->recipe;
        call->one_row = call->shape != NULL && recipe->look_up == call->shape;
    }
    call->sql = call->known != NULL && statement.sql != sql ? call->known->sql : statement.sql;
    call->sql_size = statement.sql_size;
    call->params = statement.values;
    call->param_count = statement.value_count;
    return ROWAN_OK;
}

rowan_status rowan__raw_call(rowan_scope *scope, const char *sql, rowan_params params,
                             const rowan_table *shape, rowan__call *out)
{
    return rowan__raw_call_here(scope, sql, params, shape, out);
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
