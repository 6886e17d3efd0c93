/*
 * Raw fragments: SQL of the program's own inside an expression. Its `?` become the engine's
 * placeholders, in order, with the arguments of the fragment; strings, quoted names and comments
 * are left alone, and `??` is one question mark. A fragment cannot reach beyond itself: it must
 * close what it opens.
 */
#include "driver/reading.h"
#include "sql/sql_private.h"

#include <string.h>

typedef struct fragment {
    const rowan_expr *expr;
    size_t used; /* arguments */
    int open;    /* parentheses */
    bool trailing_comment;
} fragment;

static void write_placeholder(rowan__renderer *r, fragment *f, const char *text, size_t size)
{
    if (size != 1 || *text != '?') {
        rowan__render_fail(r, ROWAN_MISUSE, "a fragment's values are written `?`, not \"%.*s\"",
                           size > 20 ? 20 : (int)size, text);
        return;
    }
    if (f->used == f->expr->argument_count || !f->expr->arguments) {
        rowan__render_fail(r, ROWAN_MISUSE, "a fragment has more `?` than its %zu values", f->used);
        return;
    }
    rowan__write_operand(r, &f->expr->arguments[f->used++], NULL, ROWAN__PLACE_PLAIN);
}

/* `??` is one question mark, for operators: only engines with numbered placeholders have such. */
static void write_operator(rowan__renderer *r, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '?' && i + 1 < size && text[i + 1] == '?') {
            if (!r->dialect->numbered_placeholders) {
                rowan__render_unsupported(r, "an operator with a question mark");
                return;
            }
            i++;
        }
        rowan__text_char(r->text, text[i]);
    }
}

static void write_token(rowan__renderer *r, fragment *f, const rowan__token *token)
{
    const char *text = f->expr->sql + token->offset;

    f->trailing_comment = token->kind == ROWAN__TOKEN_COMMENT;
    switch (token->kind) {
    case ROWAN__TOKEN_PLACEHOLDER:
        write_placeholder(r, f, text, token->size);
        return;
    case ROWAN__TOKEN_OPERATOR:
        write_operator(r, text, token->size);
        return;
    case ROWAN__TOKEN_SEMICOLON:
        rowan__render_fail(r, ROWAN_MISUSE, "a fragment is part of a statement: no semicolon");
        return;
    case ROWAN__TOKEN_OPEN:
        f->open++;
        break;
    case ROWAN__TOKEN_CLOSE:
        f->open--;
        break;
    case ROWAN__TOKEN_END:
    case ROWAN__TOKEN_SPACE:
    case ROWAN__TOKEN_COMMENT:
    case ROWAN__TOKEN_WORD:
    case ROWAN__TOKEN_NAME:
    case ROWAN__TOKEN_STRING:
    case ROWAN__TOKEN_NUMBER:
    case ROWAN__TOKEN_COMMA:
        break;
    }
    if (token->unterminated || f->open < 0) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "a fragment has to close every string, comment and parenthesis");
        return;
    }
    rowan__text_add(r->text, text, token->size);
}

void rowan__write_fragment(rowan__renderer *r, const rowan_expr *expr)
{
    rowan__reading reading = rowan__raw_reading(r->dialect);
    fragment f = {.expr = expr};
    rowan__reader reader;
    rowan__token token;

    if (expr == &rowan__not_copied) {
        rowan__render_fail(r, ROWAN_NOMEM,
                           "an expression of the query could not be copied: memory ran out, or it "
                           "is nested more than %d deep",
                           ROWAN__DEEPEST);
        return;
    }
    if (!expr->sql) {
        rowan__render_fail(r, ROWAN_MISUSE, "a fragment has no text");
        return;
    }
    rowan__reader_init(&reader, &reading, expr->sql, strlen(expr->sql));
    rowan__write(r, "(");
    for (;;) {
        rowan__token_next(&reader, &token);
        if (token.kind == ROWAN__TOKEN_END || r->status != ROWAN_OK) {
            break;
        }
        write_token(r, &f, &token);
    }
    if (r->status == ROWAN_OK && f.open != 0) {
        rowan__render_fail(r, ROWAN_MISUSE,
                           "a fragment has to close every string, comment and parenthesis");
    }
    if (f.used < expr->argument_count) {
        rowan__render_fail(r, ROWAN_MISUSE, "a fragment has %zu `?` for its %zu values", f.used,
                           expr->argument_count);
    }
    rowan__write(r, f.trailing_comment ? "\n)" : ")");
}
