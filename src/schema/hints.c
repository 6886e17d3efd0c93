/*
 * Reads hints with the tokenizer of SQL. The grammar needs no line ends:
 *
 *     '[' table ']'
 *     ('name' | 'plural' | 'version') '=' name
 *     ('column' | 'type' | 'relation') name '=' name
 *     'polymorphic' '=' name ',' name (string '=' name) {',' string '=' name}
 */
#include "schema/hints.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/token.h"
#include "schema/list.h"

typedef struct parser {
    rowan__hints *hints;
    rowan__arena *arena;
    rowan__reader reader;
    rowan__token token; /* the one that is looked at; no space, no comment */
    rowan_error *error;
    const char *table;
} parser;

static const struct {
    const char *word; /* in capitals, as the tokenizer compares */
    rowan__hint_kind kind;
    bool has_subject;
} hint_words[] = {
    {"NAME", ROWAN__HINT_NAME, false},
    {"PLURAL", ROWAN__HINT_PLURAL, false},
    {"VERSION", ROWAN__HINT_VERSION, false},
    {"COLUMN", ROWAN__HINT_COLUMN, true},
    {"TYPE", ROWAN__HINT_TYPE, true},
    {"RELATION", ROWAN__HINT_RELATION, true},
    {"POLYMORPHIC", ROWAN__HINT_POLYMORPHIC, false},
};

static unsigned line_of(const parser *p)
{
    unsigned line = 1;

    for (size_t i = 0; i < p->token.offset; i++) {
        line += p->reader.text[i] == '\n';
    }
    return line;
}

static rowan_status fail_here(const parser *p, const char *wanted)
{
    return rowan__fail(p->error, ROWAN_SYNTAX, "%s:%u: expected %s", p->hints->file, line_of(p),
                       wanted);
}

static void advance(parser *p)
{
    do {
        rowan__token_next(&p->reader, &p->token);
    } while (p->token.kind == ROWAN__TOKEN_SPACE || p->token.kind == ROWAN__TOKEN_COMMENT);
}

static bool at_operator(const parser *p, char c)
{
    return p->token.kind == ROWAN__TOKEN_OPERATOR && p->token.size == 1 &&
           p->reader.text[p->token.offset] == c;
}

static rowan_status expect_operator(parser *p, char c, const char *wanted)
{
    if (!at_operator(p, c)) {
        return fail_here(p, wanted);
    }
    advance(p);
    return ROWAN_OK;
}

/* The content of a quoted token: without its quotes, doubled ones inside made single. */
static char *unquote(rowan__arena *arena, const char *text, size_t size)
{
    char *out = rowan__arena_text(arena, text + 1, size - 2);
    size_t length = 0;

    if (out == NULL) {
        return NULL;
    }
    for (size_t i = 1; i + 1 < size; i++) {
        out[length++] = text[i];
        i += text[i] == text[0];
    }
    out[length] = '\0';
    return out;
}

static rowan_status read_quoted_or_word(parser *p, const char **out)
{
    const char *text = p->reader.text + p->token.offset;

    *out = p->token.kind == ROWAN__TOKEN_WORD ? rowan__arena_text(p->arena, text, p->token.size)
                                              : unquote(p->arena, text, p->token.size);
    if (*out == NULL) {
        return rowan__fail_nomem(p->error);
    }
    advance(p);
    return ROWAN_OK;
}

static rowan_status read_name(parser *p, const char **out)
{
    if (p->token.unterminated ||
        (p->token.kind != ROWAN__TOKEN_WORD && p->token.kind != ROWAN__TOKEN_NAME)) {
        return fail_here(p, "a name");
    }
    return read_quoted_or_word(p, out);
}

static rowan_status read_label(parser *p, const char **out)
{
    if (p->token.unterminated || p->token.kind != ROWAN__TOKEN_STRING) {
        return fail_here(p, "a text in single quotes");
    }
    return read_quoted_or_word(p, out);
}

static rowan_status add(parser *p, const rowan__hint *hint)
{
    rowan__hint *items =
        rowan__list_room(p->arena, p->hints->items, p->hints->count, sizeof *items);

    if (items == NULL) {
        return rowan__fail_nomem(p->error);
    }
    p->hints->items = items;
    items[p->hints->count++] = *hint;
    return ROWAN_OK;
}

/* type_column, id_column 'label' = table, … : one hint for each label. */
static rowan_status read_polymorphic(parser *p, rowan__hint hint)
{
    rowan_status status = read_name(p, &hint.subject);

    if (status == ROWAN_OK && p->token.kind != ROWAN__TOKEN_COMMA) {
        return fail_here(p, "',' and the id column");
    }
    advance(p);
    if (status == ROWAN_OK) {
        status = read_name(p, &hint.id_column);
    }
    while (status == ROWAN_OK) {
        status = read_label(p, &hint.label);
        if (status == ROWAN_OK) {
            status = expect_operator(p, '=', "'=' and a table");
        }
        if (status == ROWAN_OK) {
            status = read_name(p, &hint.value);
        }
        if (status == ROWAN_OK) {
            status = add(p, &hint);
        }
        if (p->token.kind != ROWAN__TOKEN_COMMA) {
            break;
        }
        advance(p);
    }
    return status;
}

static rowan_status read_section(parser *p)
{
    rowan_status status;

    advance(p);
    status = read_name(p, &p->table);
    return status == ROWAN_OK ? expect_operator(p, ']', "']'") : status;
}

static rowan_status read_hint(parser *p)
{
    rowan__hint hint = {.table = p->table, .line = line_of(p)};
    rowan_status status = ROWAN_OK;
    size_t i = 0;

    while (i < sizeof hint_words / sizeof hint_words[0] &&
           !rowan__token_is(&p->reader, &p->token, hint_words[i].word)) {
        i++;
    }
    if (i == sizeof hint_words / sizeof hint_words[0]) {
        return fail_here(p, "name, plural, version, column, type, relation or polymorphic");
    }
    if (p->table == NULL) {
        return fail_here(p, "'[table]' before the first hint");
    }
    hint.kind = hint_words[i].kind;
    advance(p);
    if (hint_words[i].has_subject) {
        status = read_name(p, &hint.subject);
    }
    if (status == ROWAN_OK) {
        status = expect_operator(p, '=', "'='");
    }
    if (status != ROWAN_OK) {
        return status;
    }
    if (hint.kind == ROWAN__HINT_POLYMORPHIC) {
        return read_polymorphic(p, hint);
    }
    status = read_name(p, &hint.value);
    return status == ROWAN_OK ? add(p, &hint) : status;
}

rowan_status rowan__hints_read(rowan__hints *hints, rowan__arena *arena, const char *file,
                               const char *text, size_t size, rowan_error *error)
{
    static const rowan__reading reading = {0};
    parser p = {.hints = hints, .arena = arena, .error = error};
    rowan_status status = ROWAN_OK;

    *hints = (rowan__hints){.file = rowan__arena_text(arena, file, strlen(file))};
    if (hints->file == NULL) {
        return rowan__fail_nomem(error);
    }
    rowan__reader_init(&p.reader, &reading, text, size);
    advance(&p);
    while (status == ROWAN_OK && p.token.kind != ROWAN__TOKEN_END) {
        status = at_operator(&p, '[') ? read_section(&p) : read_hint(&p);
    }
    return status;
}

const char *rowan__hint_value(const rowan__hints *hints, rowan__hint_kind kind, const char *table,
                              const char *subject)
{
    for (size_t i = 0; i < hints->count; i++) {
        const rowan__hint *hint = &hints->items[i];

        if (hint->kind == kind && strcmp(hint->table, table) == 0 &&
            (subject == NULL || strcmp(hint->subject, subject) == 0)) {
            return hint->value;
        }
    }
    return NULL;
}

rowan_status rowan__hint_fail(const rowan__hints *hints, const rowan__hint *hint,
                              rowan_error *error, const char *what, const char *name)
{
    return rowan__fail(error, ROWAN_SYNTAX, "%s:%u: %s \"%s\"", hints->file, hint->line, what,
                       name);
}
