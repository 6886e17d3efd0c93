/*
 * Parameters of raw SQL: `?` and `:name` become what the engine calls them.
 *
 * One pass over the tokens. Text is copied only from the first place on where it has to differ,
 * so a statement with `?` goes to SQLite and MariaDB as it was written, without an allocation. A
 * name that is used several times is one numbered parameter where the engine has numbers, and is
 * bound as often as it is used elsewhere.
 *
 * A list stands alone in IN (…). Where arrays can be bound it becomes one parameter, `= ANY
 * ($1)`, and the statement is the same for any length. Elsewhere its values are written out,
 * padded with the last one to a power of two, so that lists of similar lengths share one prepared
 * statement.
 */
#include "base/text.h"
#include "driver/reading.h"
#include "raw/raw_private.h"

#include <string.h>

typedef enum parameter_form { FORM_NONE = 0, FORM_POSITIONAL, FORM_NAMED } parameter_form;

/** Where IN ( was seen just before the present token. */
typedef enum list_place {
    NOT_IN_LIST = 0,
    AFTER_NOT,
    AFTER_IN,
    INSIDE_LIST,
    BEHIND_LIST /* a list was written: only `)` may follow */
} list_place;

typedef struct rewriter {
    rowan_scope *scope;
    const rowan__dialect *dialect;
    rowan__reading reading;
    rowan__reader reader;
    const char *sql;
    size_t sql_size;
    rowan_params params;
    bool many;         /* no values, only placeholders */
    rowan__text *text; /* the rewritten statement so far; NULL: copied nothing yet */
    size_t copied;     /* of the original, in bytes */
    parameter_form form;
    size_t placeholders;  /* in the original */
    bool rewrites_values; /* values are collected in `own`, else the caller's will do */
    rowan_value *own;     /* the scope's; out->value_count of them */
    rowan__raw_notes *notes;
    list_place place;
    bool negated;      /* NOT IN */
    size_t list_begin; /* of NOT or IN, in the original */
    size_t wanted; /* rowan__raw_locate: a place in the rewritten text, in bytes, plus 1; else 0 */
    size_t found;  /* … and in the original, plus 1 */
    rowan__raw_statement *out;
} rewriter;

size_t rowan__raw_characters(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++) {
        count += ((unsigned char)text[i] & 0xC0u) != 0x80u;
    }
    return count;
}

/**
 * The byte, from 1, with which the character of that number, from 1, begins; @p size if it is not
 * there.
 */
static size_t byte_of_character(const char *text, size_t size, size_t character)
{
    for (size_t i = 0; i < size; i++) {
        if (((unsigned char)text[i] & 0xC0u) != 0x80u && --character == 0) {
            return i + 1;
        }
    }
    return size;
}

/** Copies the original up to a place. */
static void copy_to(rewriter *w, size_t end)
{
    if (w->text == NULL) {
        w->text = rowan__scope_scratch(w->scope);
        rowan__text_clear(w->text);
    }
    rowan__text_add(w->text, w->sql + w->copied, end - w->copied);
    if (w->wanted != 0 && w->found == 0 && w->wanted <= w->text->size) {
        w->found = end - (w->text->size - w->wanted);
    }
    w->copied = end;
}

/** Goes behind a part of the original that has been written in other words. */
static void skip_to(rewriter *w, size_t end)
{
    if (w->wanted != 0 && w->found == 0 && w->wanted <= w->text->size) {
        w->found = w->copied + 1;
    }
    w->copied = end;
}

/** How a message names the parameter of a placeholder: its name, or its number. */
static rowan_status refuse(rewriter *w, const rowan_value *value, size_t index, const char *why)
{
    if (value->name != NULL) {
        return rowan__scope_fail(w->scope, ROWAN_MISUSE, "parameter :%.60s %s", value->name, why);
    }
    return rowan__scope_fail(w->scope, ROWAN_MISUSE, "parameter %zu %s", index + 1, why);
}

static bool is_bindable(rowan_type type)
{
    return type != 0 && type != ROWAN_TYPE_LIST && type != ROWAN_TYPE_ENUM;
}

bool rowan__raw_list_is_sound(const rowan_value *list)
{
    const rowan_value *items = list->as.list.items;

    if (items == NULL && list->as.list.count > 0) {
        return false;
    }
    for (size_t i = 0; i < list->as.list.count; i++) {
        if (items[i].is_null || items[i].type != items[0].type || !is_bindable(items[i].type)) {
            return false;
        }
    }
    return true;
}

static rowan_status check_list(rewriter *w, const rowan_value *value, size_t index)
{
    const rowan_value *items = value->as.list.items;

    if (items == NULL && value->as.list.count > 0) {
        return refuse(w, value, index, "is a list that counts values but is NULL");
    }
    for (size_t i = 0; i < value->as.list.count; i++) {
        if (items[i].is_null || items[i].type == 0) {
            return refuse(w, value, index, "is a list with NULL in it: leave NULL out");
        }
        if (items[i].type != items[0].type) {
            return refuse(w, value, index, "is a list of values of different types");
        }
        if (!is_bindable(items[i].type)) {
            return refuse(w, value, index, "is a list of lists or enums: bind labels as text");
        }
    }
    return ROWAN_OK;
}

static rowan_status check_value(rewriter *w, const rowan_value *value, size_t index)
{
    if (value->is_null) {
        return ROWAN_OK;
    }
    if (value->type == ROWAN_TYPE_ENUM) {
        return refuse(w, value, index,
                      "is an enum, which raw SQL has no labels for: bind its label");
    }
    return value->type == ROWAN_TYPE_LIST ? check_list(w, value, index) : ROWAN_OK;
}

static rowan_status check_count(rewriter *w, size_t count)
{
    if (count > w->dialect->max_params) {
        return rowan__scope_fail(w->scope, ROWAN_MISUSE,
                                 "the statement has more than the %u parameters that %s takes",
                                 w->dialect->max_params, w->dialect->engine);
    }
    return ROWAN_OK;
}

/** Makes room for @p more values of our own. */
static rowan_status reserve_values(rewriter *w, size_t more)
{
    size_t needed = w->out->value_count + more;

    if (check_count(w, needed) != ROWAN_OK) {
        return ROWAN_MISUSE;
    }
    w->own = rowan__scope_params(w->scope, needed);
    return w->own || needed == 0 ? ROWAN_OK : ROWAN_NOMEM;
}

/** Notes that one of the given values is bound next. */
static void note(rewriter *w, const rowan_value *value, size_t count)
{
    rowan__raw_notes *notes = w->notes;

    if (notes->step_count == ROWAN__RAW_MOST_STEPS) {
        notes->useless = true;
        return;
    }
    notes->steps[notes->step_count++] =
        (rowan__raw_step){(uint32_t)(value - w->params.items), (uint32_t)count};
}

static rowan_status add_value(rewriter *w, const rowan_value *value)
{
    rowan_status status = reserve_values(w, 1);

    if (status == ROWAN_OK) {
        note(w, value, 0);
        w->own[w->out->value_count++] = *value;
    }
    return status;
}

/** Copies the values that needed no rewriting so far, because one does now. */
static rowan_status begin_values(rewriter *w, size_t count)
{
    rowan_status status;

    if (w->rewrites_values) {
        return ROWAN_OK;
    }
    w->rewrites_values = true;
    w->out->value_count = 0;
    status = reserve_values(w, count);
    for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
        status = add_value(w, &w->params.items[i]);
    }
    return status;
}

static const rowan_value *find_named(const rewriter *w, const char *name, size_t size)
{
    for (size_t i = 0; i < w->params.count; i++) {
        const char *candidate = w->params.items[i].name;
        if (candidate != NULL && strncmp(candidate, name, size) == 0 && candidate[size] == '\0') {
            return &w->params.items[i];
        }
    }
    return NULL;
}

/** The number of a named parameter that was bound already, from 1; 0 if it was not. */
static size_t number_of(const rewriter *w, const rowan_value *value)
{
    for (size_t i = 0; i < w->out->value_count; i++) {
        if (w->own[i].name == value->name) {
            return i + 1;
        }
    }
    return 0;
}

/** Writes one placeholder for a value, in the place of the token. */
static rowan_status write_numbered(rewriter *w, const rowan_value *value)
{
    size_t number = w->form == FORM_NAMED ? number_of(w, value) : w->placeholders;
    rowan_status status = ROWAN_OK;

    if (number == 0) {
        status = add_value(w, value);
        number = w->out->value_count;
    }
    rowan__text_char(w->text, '$');
    rowan__text_int(w->text, (int64_t)number);
    return status;
}

size_t rowan__raw_padded(size_t count)
{
    size_t padded = 1;

    while (padded < count) {
        padded *= 2;
    }
    return padded;
}

/** Writes out the values of a list, padded to a power of two as far as the engine takes so many. */
static rowan_status write_items(rewriter *w, const rowan_value *list)
{
    size_t count = list->as.list.count, padded = rowan__raw_padded(count);
    rowan_status status;

    if (count == 0) {
        w->notes->useless = true;
        rowan__text_str(w->text, "SELECT NULL FROM (SELECT 1) AS no_rows WHERE 1 = 0");
        return ROWAN_OK;
    }
    if (w->out->value_count + padded > w->dialect->max_params) {
        padded = count;
        w->notes->useless = true;
    }
    note(w, list, padded);
    status = reserve_values(w, padded);
    if (status != ROWAN_OK) {
        return status;
    }
    for (size_t i = 0; i < padded; i++) {
        rowan__text_str(w->text, i == 0 ? "?" : ", ?");
        w->own[w->out->value_count] = list->as.list.items[i < count ? i : count - 1];
        w->own[w->out->value_count++].name = list->name;
    }
    return ROWAN_OK;
}

static rowan_status write_list(rewriter *w, const rowan_value *value, size_t index,
                               const rowan__token *token)
{
    bool arrays = (w->dialect->capabilities & ROWAN__CAN_BIND_ARRAYS) != 0;
    rowan_status status = ROWAN_OK;

    if (w->place != INSIDE_LIST) {
        if (!arrays) {
            return refuse(w, value, index, "is a list, which can stand only in IN (...)");
        }
        copy_to(w, token->offset);
        status = write_numbered(w, value);
    } else if (arrays) {
        copy_to(w, w->list_begin);
        rowan__text_str(w->text, w->negated ? "<> ALL (" : "= ANY (");
        status = write_numbered(w, value);
    } else {
        status = begin_values(w, w->placeholders - 1);
        if (status == ROWAN_OK) {
            copy_to(w, token->offset);
            status = write_items(w, value);
        }
    }
    skip_to(w, token->offset + token->size);
    if (w->place == INSIDE_LIST) {
        w->place = BEHIND_LIST;
    }
    return status;
}

/** One placeholder with its value, or without one if there are only placeholders. */
static rowan_status write_parameter(rewriter *w, const rowan_value *value, size_t index,
                                    const rowan__token *token)
{
    rowan_status status = ROWAN_OK;

    if (value != NULL) {
        status = check_value(w, value, index);
        if (status != ROWAN_OK) {
            return status;
        }
        if (value->type == ROWAN_TYPE_LIST && !value->is_null) {
            return write_list(w, value, index, token);
        }
    }
    if (w->dialect->numbered_placeholders) {
        copy_to(w, token->offset);
        status = write_numbered(w, value);
    } else if (w->form == FORM_NAMED) {
        copy_to(w, token->offset);
        rowan__text_char(w->text, '?');
        status = add_value(w, value);
    } else if (w->rewrites_values) {
        return add_value(w, value); /* the text is as it was */
    } else {
        return ROWAN_OK;
    }
    skip_to(w, token->offset + token->size);
    return status;
}

static rowan_status named_parameter(rewriter *w, const rowan__token *token)
{
    const char *name = w->sql + token->offset + 1;
    size_t size = token->size - 1;
    const rowan_value *value = find_named(w, name, size);

    if (value == NULL) {
        return rowan__scope_fail(w->scope, ROWAN_MISUSE,
                                 "no value is given for the parameter :%.*s",
                                 (int)(size < 60 ? size : 60), name);
    }
    return write_parameter(w, value, 0, token);
}

static rowan_status positional_parameter(rewriter *w, const rowan__token *token)
{
    size_t index = w->placeholders - 1;

    if (w->many) {
        return write_parameter(w, NULL, index, token);
    }
    if (index >= w->params.count) {
        return ROWAN_OK; /* counted on, so that the message has the right number */
    }
    return write_parameter(w, &w->params.items[index], index, token);
}

static rowan_status parameter(rewriter *w, const rowan__token *token)
{
    char first = w->sql[token->offset];
    parameter_form form = first == ':' ? FORM_NAMED : FORM_POSITIONAL;

    if ((first != ':' && first != '?') || (first == '?' && token->size > 1)) {
        return rowan__scope_fail(
            w->scope, ROWAN_MISUSE, "write ? or :name as a parameter, not %.*s",
            (int)(token->size < 60 ? token->size : 60), w->sql + token->offset);
    }
    if (w->form != FORM_NONE && w->form != form) {
        return rowan__scope_fail(w->scope, ROWAN_MISUSE,
                                 "the statement has both ? and :name as parameters: use one kind");
    }
    if (w->many && form == FORM_NAMED) {
        return rowan__scope_fail(w->scope, ROWAN_MISUSE,
                                 "a statement for many rows takes ? as parameters, not :name");
    }
    w->form = form;
    w->rewrites_values = w->rewrites_values || form == FORM_NAMED;
    w->placeholders++;
    return form == FORM_NAMED ? named_parameter(w, token) : positional_parameter(w, token);
}

/** `??` is a question mark of an operator, where the engine has such operators. */
static void unescape_operator(rewriter *w, const rowan__token *token)
{
    for (size_t i = token->offset; i + 1 < token->offset + token->size; i++) {
        if (w->sql[i] == '?' && w->sql[i + 1] == '?') {
            copy_to(w, i + 1);
            skip_to(w, i + 2);
            i++;
        }
    }
}

/** Follows [NOT] IN ( token by token. */
static list_place next_place(rewriter *w, const rowan__token *token)
{
    if (rowan__token_is(&w->reader, token, "NOT")) {
        w->list_begin = token->offset;
        return AFTER_NOT;
    }
    if (rowan__token_is(&w->reader, token, "IN")) {
        w->negated = w->place == AFTER_NOT;
        w->list_begin = w->negated ? w->list_begin : token->offset;
        return AFTER_IN;
    }
    return w->place == AFTER_IN && token->kind == ROWAN__TOKEN_OPEN ? INSIDE_LIST : NOT_IN_LIST;
}

static rowan_status rewrite_token(rewriter *w, const rowan__token *token)
{
    if (w->place == BEHIND_LIST) {
        w->place = NOT_IN_LIST;
        if (token->kind != ROWAN__TOKEN_CLOSE) {
            return rowan__scope_fail(w->scope, ROWAN_MISUSE, "a list has to be alone in IN (...)");
        }
        return ROWAN_OK;
    }
    if (token->kind == ROWAN__TOKEN_PLACEHOLDER) {
        rowan_status status = parameter(w, token);
        if (w->place != BEHIND_LIST) {
            w->place = NOT_IN_LIST;
        }
        return status;
    }
    if (token->kind == ROWAN__TOKEN_OPERATOR && w->dialect->numbered_placeholders) {
        unescape_operator(w, token);
    }
    w->place = next_place(w, token);
    return ROWAN_OK;
}

static rowan_status check_named_used(rewriter *w)
{
    for (size_t i = 0; i < w->params.count; i++) {
        const char *name = w->params.items[i].name;
        if (name == NULL) {
            return rowan__scope_fail(w->scope, ROWAN_MISUSE,
                                     "value %zu has no name, but the statement's parameters do",
                                     i + 1);
        }
        if (find_named(w, name, strlen(name)) != &w->params.items[i]) {
            return rowan__scope_fail(w->scope, ROWAN_MISUSE, "parameter :%.60s is given twice",
                                     name);
        }
    }
    return ROWAN_OK;
}

/**
 * Whether a named parameter stands in the statement; a list of no values leaves no trace in ours.
 */
static bool is_used(rewriter *w, const char *name)
{
    size_t size = strlen(name);
    rowan__token token;

    rowan__reader_init(&w->reader, &w->reading, w->sql, w->sql_size);
    do {
        rowan__token_next(&w->reader, &token);
        if (token.kind == ROWAN__TOKEN_PLACEHOLDER && token.size == size + 1 &&
            memcmp(w->sql + token.offset + 1, name, size) == 0) {
            return true;
        }
    } while (token.kind != ROWAN__TOKEN_END);
    return false;
}

static rowan_status check_all_used(rewriter *w)
{
    rowan_status status;

    if (w->form != FORM_NAMED && w->params.count > 0 && w->params.items[0].name != NULL &&
        w->placeholders == 0) {
        return rowan__scope_fail(w->scope, ROWAN_MISUSE, "the statement has no parameter :%.60s",
                                 w->params.items[0].name);
    }
    if (w->form != FORM_NAMED) {
        if (w->placeholders != w->params.count) {
            return rowan__scope_fail(
                w->scope, ROWAN_MISUSE,
                "values for the parameters of the statement: %zu wanted, %zu given",
                w->placeholders, w->params.count);
        }
        for (size_t i = 0; i < w->params.count; i++) {
            if (w->params.items[i].name != NULL) {
                return refuse(w, &w->params.items[i], i, "is named, but the statement's are all ?");
            }
        }
        return ROWAN_OK;
    }
    status = check_named_used(w);
    for (size_t i = 0; status == ROWAN_OK && i < w->params.count; i++) {
        const char *name = w->params.items[i].name;
        if (number_of(w, &w->params.items[i]) == 0 && !is_used(w, name)) {
            status = rowan__scope_fail(w->scope, ROWAN_MISUSE,
                                       "the statement has no parameter :%.60s", name);
        }
    }
    return status;
}

/** Makes the result of what was read. */
static rowan_status complete(rewriter *w)
{
    rowan__raw_statement *out = w->out;
    rowan_status status = w->many ? ROWAN_OK : check_all_used(w);

    if (status == ROWAN_OK && !w->rewrites_values) {
        status = check_count(w, w->placeholders);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (w->text != NULL) {
        copy_to(w, w->sql_size);
        if (w->text->failed) {
            return rowan__scope_nomem(w->scope);
        }
        out->sql = rowan__text_string(w->text);
        out->sql_size = w->text->size;
    }
    if (w->many) {
        out->value_count = w->placeholders;
    } else if (w->rewrites_values) {
        out->values = w->own;
    } else {
        out->values = w->params.items;
        out->value_count = w->params.count;
    }
    return ROWAN_OK;
}

static rowan_status rewrite(rewriter *w)
{
    rowan_status status = ROWAN_OK;
    bool is_empty = true;
    rowan__token token;

    rowan__reader_init(&w->reader, &w->reading, w->sql, w->sql_size);
    for (;;) {
        rowan__token_next(&w->reader, &token);
        if (token.kind == ROWAN__TOKEN_END || status != ROWAN_OK) {
            break;
        }
        if (token.kind != ROWAN__TOKEN_SPACE && token.kind != ROWAN__TOKEN_COMMENT) {
            is_empty = is_empty && token.kind == ROWAN__TOKEN_SEMICOLON;
            status = rewrite_token(w, &token);
        }
    }
    if (status == ROWAN_OK && is_empty) { /* each engine would say something else */
        return rowan__scope_fail(w->scope, ROWAN_SYNTAX, "the text holds no statement");
    }
    return status == ROWAN_OK ? complete(w) : status;
}

static rewriter rewriter_of(rowan_scope *scope, const char *sql, rowan__raw_statement *out,
                            rowan__raw_notes *notes)
{
    const rowan__dialect *dialect = rowan__scope_dialect(scope);

    notes->useless = false;
    notes->step_count = 0;
    *out = (rowan__raw_statement){.sql = sql, .sql_size = strlen(sql)};
    return (rewriter){.scope = scope,
                      .dialect = dialect,
                      .reading = rowan__raw_reading(dialect),
                      .sql = sql,
                      .sql_size = out->sql_size,
                      .notes = notes,
                      .out = out};
}

rowan_status rowan__raw_rewrite(rowan_scope *scope, const char *sql, rowan_params params,
                                rowan__raw_statement *out, rowan__raw_notes *notes)
{
    rewriter w = rewriter_of(scope, sql, out, notes);

    w.params = params;
    return rewrite(&w);
}

rowan_status rowan__raw_rewrite_many(rowan_scope *scope, const char *sql, rowan__raw_statement *out)
{
    rowan__raw_notes notes;
    rewriter w = rewriter_of(scope, sql, out, &notes);

    w.many = true;
    return rewrite(&w);
}

rowan_status rowan__raw_locate(rowan_scope *scope, rowan_status status, const char *sql,
                               rowan_params params, const rowan__call *call)
{
    rowan_error error = *rowan_scope_error(scope);
    rowan__raw_statement again;
    rowan__raw_notes notes;
    rewriter w;

    if (call->sql == sql || error.status != status || error.position <= 0) {
        return status;
    }
    w = rewriter_of(scope, sql, &again, &notes);
    w.params = params;
    w.wanted = byte_of_character(call->sql, call->sql_size, (size_t)error.position);
    if (rewrite(&w) == ROWAN_OK && w.found != 0) {
        error.position = (int)rowan__raw_characters(sql, w.found);
    }
    return rowan__scope_fail_with(scope, &error);
}
