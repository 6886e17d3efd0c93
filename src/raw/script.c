/*
 * Scripts. The tokenizer finds the semicolons between statements, and each statement is sent as
 * it stands, unprepared.
 *
 * A semicolon inside the body of a trigger or routine separates nothing. Such a body is what
 * CREATE TRIGGER, PROCEDURE, FUNCTION or EVENT has between BEGIN and its END; CASE … END nests in
 * it, and END IF, END LOOP, END WHILE and END REPEAT close what was never counted as open.
 */
#include "base/text.h"
#include "driver/reading.h"
#include "raw/raw_private.h"

#include <limits.h>
#include <string.h>

/** What the words seen so far make of a statement. */
typedef struct body {
    bool creates;   /* begins with CREATE */
    bool compound;  /* … a trigger or routine, or it is BEGIN NOT ATOMIC */
    unsigned depth; /* of BEGIN and CASE */
    bool after_begin;
    bool after_end; /* END was just seen: the next word may say of what */
} body;

typedef struct splitter {
    rowan__reading reading;
    rowan__reader reader;
    size_t begin; /* of the present statement, in bytes */
    size_t end;
} splitter;

static bool is_any(const splitter *s, const rowan__token *token, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (rowan__token_is(&s->reader, token, words[i])) {
            return true;
        }
    }
    return false;
}

static void follow_word(const splitter *s, body *b, const rowan__token *token, bool is_first)
{
    static const char *const routines[] = {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", NULL};
    static const char *const uncounted[] = {"IF", "LOOP", "WHILE", "REPEAT", NULL};
    bool was_end = b->after_end, was_begin = b->after_begin;

    b->after_end = false;
    b->after_begin = false;
    if (was_end && !is_any(s, token, uncounted) && b->depth > 0) {
        b->depth--;
    }
    if (is_first) {
        b->creates = rowan__token_is(&s->reader, token, "CREATE");
    } else if (b->creates && b->depth == 0 && is_any(s, token, routines)) {
        b->compound = true;
    }
    if (rowan__token_is(&s->reader, token, "END")) {
        b->after_end = true;
    } else if (rowan__token_is(&s->reader, token, "BEGIN")) {
        b->depth += b->compound;
        b->after_begin = is_first;
    } else if (rowan__token_is(&s->reader, token, "NOT") && was_begin) {
        b->compound = true;
        b->depth = 1;
    } else if (rowan__token_is(&s->reader, token, "CASE") && !was_end) {
        b->depth += b->compound;
    }
}

/** Whether the statement ends at this semicolon. */
static bool ends_here(body *b)
{
    if (b->after_end && b->depth > 0) {
        b->depth--;
    }
    b->after_end = false;
    b->after_begin = false;
    return b->depth == 0;
}

/** Finds the next statement; false if there is none. */
static bool next_statement(splitter *s)
{
    body b = {0};
    bool has_begun = false, has_word = false;
    rowan__token token;

    for (;;) {
        rowan__token_next(&s->reader, &token);
        bool is_code = token.kind != ROWAN__TOKEN_SPACE &&
                       (token.kind != ROWAN__TOKEN_COMMENT || s->reader.in_version_comment);
        if (token.kind == ROWAN__TOKEN_END) {
            return has_begun;
        }
        if (token.kind == ROWAN__TOKEN_SEMICOLON && ends_here(&b)) {
            if (has_begun) {
                return true;
            }
            continue;
        }
        if (!is_code && !(has_begun && token.kind == ROWAN__TOKEN_COMMENT)) {
            continue;
        }
        if (!has_begun) {
            s->begin = token.offset;
            has_begun = true;
        }
        s->end = token.offset + token.size;
        if (token.kind == ROWAN__TOKEN_WORD) {
            follow_word(s, &b, &token, !has_word);
            has_word = true;
        } else if (is_code && token.kind != ROWAN__TOKEN_COMMENT) {
            b.after_begin = false;
        }
    }
}

/**
 * Counts the error's position from the start of the script; without one, it is the statement's
 * beginning.
 */
static rowan_status locate(rowan_scope *scope, rowan_status status, const char *text, size_t begin)
{
    rowan_error error = *rowan_scope_error(scope);
    size_t before = rowan__raw_characters(text, begin);
    int inside = error.position > 0 ? error.position : 1;

    if (error.status != status || before > (size_t)(INT_MAX - inside)) {
        return status;
    }
    error.position = (int)before + inside;
    return rowan__scope_fail_with(scope, &error);
}

static rowan_status run_statement(rowan_scope *scope, const char *sql, size_t size)
{
    rowan__text *copy = rowan__scope_scratch(scope); /* drivers want a NUL behind it */
    rowan__result result;

    rowan__text_clear(copy);
    rowan__text_add(copy, sql, size);
    rowan__comment_add(scope, copy);
    if (copy->failed) {
        return rowan__scope_nomem(scope);
    }
    rowan__call call = {
        .pattern = ROWAN_PATTERN_RAW,
        .sql = rowan__text_string(copy),
        .sql_size = copy->size,
        .direct = true,
    };
    return rowan__execute(scope, &call, 1, &result);
}

rowan_status(rowan_raw_script)(rowan_scope *scope, const char *text, size_t *done)
{
    rowan_status status = ROWAN_OK;
    size_t count = 0;
    splitter s;

    if (done != NULL) {
        *done = 0;
    }
    if (scope == NULL || text == NULL) {
        return rowan__refuse_null(scope, "the script");
    }
    s = (splitter){.reading = rowan__dialect_reading(rowan__scope_dialect(scope))};
    rowan__reader_init(&s.reader, &s.reading, text, strlen(text));
    while (status == ROWAN_OK && next_statement(&s)) {
        status = run_statement(scope, text + s.begin, s.end - s.begin);
        if (status != ROWAN_OK) {
            return locate(scope, status, text, s.begin);
        }
        count++;
        if (done != NULL) {
            *done = count;
        }
    }
    return status;
}
