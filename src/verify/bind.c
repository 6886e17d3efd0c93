/*
 * Recorded statements as raw SQL. A trace has the text as the engine got it, with the engine's
 * placeholders; raw SQL takes names. Values were written as JSON: bytes as text that begins with a
 * backslash and an x.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "detector/fold.h"
#include "verify/verify_private.h"

static bool are_hex(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (!hex) {
            return false;
        }
    }
    return true;
}

bool rowan__is_hidden(const rowan_value *value)
{
    const char *text = value->as.bytes.data;

    if (value->type == ROWAN_TYPE_BLOB) {
        return true; /* no JSON is one: it was made up where nothing was recorded */
    }
    return value->type == ROWAN_TYPE_TEXT && value->as.bytes.size == 17 && text[0] == '#' &&
           are_hex(text + 1, 16);
}

static unsigned digit_of(char c)
{
    return (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

/* Bytes that were written as "\x0a0b" are bytes again. */
static bool restore_bytes(rowan__arena *arena, rowan_value *value)
{
    const char *text = value->as.bytes.data;
    size_t size = value->as.bytes.size;
    char *bytes;

    if (value->type != ROWAN_TYPE_TEXT || value->is_null || size < 2 || size % 2 != 0 ||
        text[0] != '\\' || text[1] != 'x' || !are_hex(text + 2, size - 2)) {
        return true;
    }
    bytes = rowan__arena_alloc(arena, size / 2, 1);
    if (bytes == NULL) {
        return false;
    }
    for (size_t i = 0; i + 1 < size / 2; i++) {
        bytes[i] = (char)(digit_of(text[2 * i + 2]) << 4 | digit_of(text[2 * i + 3]));
    }
    *value = rowan_v_bytes(ROWAN_TYPE_BLOB, bytes, size / 2 - 1);
    return true;
}

static bool is_bound(const rowan_value *values, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

rowan_status rowan__recorded_value(rowan__trial *trial, const rowan__traced *statement,
                                   size_t param, rowan_value *out)
{
    if (param >= statement->param_count) {
        return rowan__trial_refuse(trial, "the trace has no value for parameter %zu of #%" PRIu64,
                                   param + 1, statement->seq);
    }
    *out = statement->params[param];
    if (rowan__is_hidden(out)) {
        return rowan__trial_refuse(trial, ROWAN__VERIFY_HIDDEN);
    }
    return restore_bytes(&trial->arena, out) ? ROWAN_OK : ROWAN_NOMEM;
}

/* Where the values of a text are collected. */
typedef struct binding {
    rowan__trial *trial;
    const rowan__traced *statement;
    const rowan__instead *instead;
    rowan_value *values;
    size_t count;
} binding;

static rowan_status value_of(binding *b, size_t param, rowan_value *out)
{
    if (b->instead != NULL && b->instead->param == param) {
        *out = b->instead->value;
        return ROWAN_OK;
    }
    return rowan__recorded_value(b->trial, b->statement, param, out);
}

/* One placeholder: its name in the text, its value among the others. */
static rowan_status bind_piece(binding *b, size_t param, rowan__text *text)
{
    rowan_status status = ROWAN_OK;
    char name[24];

    snprintf(name, sizeof name, "p%zu", param);
    rowan__text_char(text, ':');
    rowan__text_str(text, name);
    if (!is_bound(b->values, b->count, name)) {
        status = value_of(b, param, &b->values[b->count]);
        b->values[b->count].name = rowan__arena_text(&b->trial->arena, name, strlen(name));
        status = status == ROWAN_OK && b->values[b->count].name == NULL ? ROWAN_NOMEM : status;
        b->count += status == ROWAN_OK;
    }
    return status;
}

/* A question mark of an operator is written twice in raw SQL. */
static void add_operator(rowan__text *text, const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        rowan__text_str(text, at[i] == '?' ? "??" : "");
        if (at[i] != '?') {
            rowan__text_char(text, at[i]);
        }
    }
}

static rowan_status bind_pieces(binding *b, const rowan__parts *parts, rowan__text *text)
{
    size_t copied = 0;

    for (size_t i = 0; i < parts->count; i++) {
        const rowan__piece *piece = &parts->at[i];
        if (piece->kind != ROWAN__TOKEN_PLACEHOLDER && piece->kind != ROWAN__TOKEN_OPERATOR) {
            continue;
        }
        rowan__text_add(text, parts->sql + copied, piece->offset - copied);
        copied = piece->offset + piece->size;
        if (piece->kind == ROWAN__TOKEN_OPERATOR) {
            add_operator(text, parts->sql + piece->offset, piece->size);
            continue;
        }
        rowan_status status = bind_piece(b, piece->param, text);
        if (status != ROWAN_OK) {
            return status;
        }
    }
    rowan__text_add(text, parts->sql + copied, parts->sql_size - copied);
    return ROWAN_OK;
}

static rowan_status finish(rowan__trial *trial, const rowan__text *text, const rowan_value *values,
                           size_t count, rowan__bound *out)
{
    out->sql = text->failed
                   ? NULL
                   : rowan__arena_text(&trial->arena, rowan__text_string(text), text->size);
    out->params = (rowan_params){values, count};
    return out->sql != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

rowan_status rowan__recorded_bind(rowan__trial *trial, const rowan__traced *statement,
                                  const rowan__instead *instead, rowan__bound *out)
{
    binding b = {.trial = trial, .statement = statement, .instead = instead};
    rowan__parts parts;
    rowan__text text;
    rowan_status status;

    if (!rowan__parts_read(&parts, &trial->arena, statement->dialect, statement->sql,
                           statement->sql_size)) {
        return ROWAN_NOMEM;
    }
    b.values =
        rowan__arena_new(&trial->arena, parts.count + 1, sizeof *b.values, _Alignof(rowan_value));
    rowan__text_init(&text, trial->arena.allocator);
    status = b.values != NULL ? bind_pieces(&b, &parts, &text) : ROWAN_NOMEM;
    if (status == ROWAN_OK) {
        status = finish(trial, &text, b.values, b.count, out);
    }
    rowan__text_fini(&text);
    return status;
}

static size_t count_names(const rowan__parts *parts)
{
    size_t count = 0;

    for (size_t i = 0; i < parts->count; i++) {
        count += parts->at[i].kind == ROWAN__TOKEN_PLACEHOLDER;
    }
    return count;
}

rowan_status rowan__names_bind(rowan__trial *trial, rowan__text *raw, rowan__value_for value_for,
                               void *context, rowan__bound *out)
{
    rowan__reading reading = *rowan__engine_reading(trial->finding->dialect);
    rowan__parts parts;
    rowan_value *values;
    size_t count = 0;

    reading.colon_names = true;
    if (raw->failed || !rowan__parts_read_as(&parts, &trial->arena, &reading,
                                             rowan__text_string(raw), raw->size)) {
        return ROWAN_NOMEM;
    }
    values = rowan__arena_new(&trial->arena, count_names(&parts) + 1, sizeof *values,
                              _Alignof(rowan_value));
    for (size_t i = 0; values != NULL && i < parts.count; i++) {
        const rowan__piece *piece = &parts.at[i];
        bool is_new = piece->kind == ROWAN__TOKEN_PLACEHOLDER && piece->param == count;
        const char *name = is_new ? rowan__arena_text(&trial->arena, parts.sql + piece->offset + 1,
                                                      piece->size - 1)
                                  : NULL;
        rowan_status status = is_new && name == NULL ? ROWAN_NOMEM
                              : is_new ? value_for(trial, context, name, &values[count])
                                       : ROWAN_OK;
        if (status != ROWAN_OK) {
            return status;
        }
        values[count].name = name;
        count += is_new;
    }
    return values != NULL ? finish(trial, raw, values, count, out) : ROWAN_NOMEM;
}

/* Words that make a statement more than a read. A lock's FOR is followed by one of them. */
static bool is_word_of_more(const rowan__parts *parts, size_t piece)
{
    static const char *const words[] = {"INTO",  "INSERT", "UPDATE", "DELETE",    "MERGE",
                                        "SHARE", "LOCK",   "CALL",   "PROCEDURE", "RETURNING"};
    bool is_call = piece + 1 < parts->count && parts->at[piece + 1].kind == ROWAN__TOKEN_OPEN;

    if (is_call || (piece > 0 && rowan__piece_is(parts, piece - 1, "."))) {
        return false; /* a name */
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (rowan__piece_is(parts, piece, words[i])) {
            return true;
        }
    }
    return rowan__piece_is(parts, piece, "NEXT") && rowan__piece_is(parts, piece + 1, "VALUE");
}

/* Whether a function is called that does what no transaction takes back, by how its name begins. */
static bool is_call_of_more(const rowan__parts *parts, size_t piece)
{
    static const char *const functions[] = {"pg_",    "lo_",     "dblink", "set_config",
                                            "setval", "nextval", "sys_",   "benchmark"};
    const rowan__piece *at = &parts->at[piece];
    size_t quote = at->kind == ROWAN__TOKEN_NAME ? 1 : 0;
    size_t name = rowan__name_before(parts, piece + 1);

    if (piece + 1 >= parts->count || parts->at[piece + 1].kind != ROWAN__TOKEN_OPEN ||
        (name > 0 && rowan__piece_is(parts, name - 1, "INTO"))) { /* a table and its columns */
        return false;
    }
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (strncasecmp(parts->sql + at->offset + quote, functions[i], strlen(functions[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool rowan__calls_more(const rowan__parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (is_call_of_more(parts, i)) {
            return true;
        }
    }
    return false;
}

bool rowan__is_plain_read(const char *dialect, const rowan__parts *parts)
{
    rowan__fold fold;

    rowan__fold_statement(parts->reading, dialect, parts->sql, parts->sql_size, NULL, 0, &fold);
    if (!parts->is_one || fold.verb != ROWAN__VERB_SELECT || fold.is_volatile ||
        !(rowan__piece_is(parts, 0, "SELECT") || rowan__piece_is(parts, 0, "WITH"))) {
        return false;
    }
    for (size_t i = 0; i < parts->count; i++) {
        if (is_word_of_more(parts, i)) {
            return false;
        }
    }
    return !rowan__calls_more(parts);
}
