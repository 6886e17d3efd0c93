#include "base/comment.h"

#include <stdio.h>
#include <string.h>

static const char hexadecimal[] = "0123456789abcdef";

/* Takes so many digits and the dash behind them. All zeros stand for no id. */
static const char *take_id(const char *at, size_t digits, char *out)
{
    if (at == NULL || strspn(at, hexadecimal) != digits || at[digits] != '-' ||
        strspn(at, "0") == digits) {
        return NULL;
    }
    memcpy(out, at, digits);
    out[digits] = '\0';
    return at + digits + 1;
}

bool rowan__traceparent_in(const char *sql, rowan__traceparent *out)
{
    static const char key[] = "traceparent='";
    const char *at = strstr(sql, key);

    at = at != NULL ? at + sizeof key - 1 : NULL;
    at = at != NULL && strspn(at, hexadecimal) == 2 && at[2] == '-' ? at + 3 : NULL;
    at = take_id(at, sizeof out->trace_id - 1, out->trace_id);
    at = take_id(at, sizeof out->span_id - 1, out->span_id);
    return at != NULL;
}

char *rowan__traceparent_write(const rowan__traceparent *parent, char out[ROWAN__TRACEPARENT_TEXT])
{
    snprintf(out, ROWAN__TRACEPARENT_TEXT, "00-%s-%s-01", parent->trace_id, parent->span_id);
    return out;
}

/* --- Keys and values. --- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes a value as it is written in a URL, up to its quote. */
static void decode(const char *at, const char *end, char *out, size_t room)
{
    size_t size = 0;

    for (; at < end && *at != '\'' && size + 1 < room; at++) {
        bool is_code = *at == '%' && end - at > 2 && digit_of(at[1]) >= 0 && digit_of(at[2]) >= 0;
        out[size++] = is_code ? (char)(digit_of(at[1]) * 16 + digit_of(at[2])) : *at;
        at += is_code ? 2 : 0;
    }
    out[size] = '\0';
}

/* Where the value of a key begins in a comment; NULL if the key is not there. */
static const char *find_value(const char *begin, const char *end, const char *key)
{
    size_t size = strlen(key);

    for (const char *at = begin; (size_t)(end - at) > size + 2; at++) {
        bool begins_pair = at == begin || at[-1] == ',' || at[-1] == ' ';
        if (begins_pair && memcmp(at, key, size) == 0 && at[size] == '=' && at[size + 1] == '\'') {
            return at + size + 2;
        }
    }
    return NULL;
}

bool rowan__comment_value(const char *sql, const char *key, char *out, size_t room)
{
    const char *value = NULL, *end = sql;

    for (const char *at = sql; value == NULL && (at = strstr(at, "/*")) != NULL; at = end) {
        end = strstr(at + 2, "*/");
        end = end != NULL ? end : at + strlen(at);
        value = find_value(at + 2, end, key);
    }
    if (value != NULL) {
        decode(value, end, out, room);
    }
    return value != NULL;
}

/* The first that is there of two spellings: today's and that of older recorders. */
static bool either(const char *sql, const char *key, const char *older, char *out, size_t room)
{
    return rowan__comment_value(sql, key, out, room) || rowan__comment_value(sql, older, out, room);
}

bool rowan__comment_site(const char *sql, char *out, size_t room)
{
    char file[256], line[16] = "0", function[128] = "";

    if (!either(sql, "code.file.path", "code.filepath", file, sizeof file)) {
        return false;
    }
    (void)either(sql, "code.line.number", "code.lineno", line, sizeof line);
    (void)either(sql, "code.function.name", "code.function", function, sizeof function);
    snprintf(out, room, "%s:%s%s%s", file, line, function[0] != '\0' ? " " : "", function);
    return true;
}
