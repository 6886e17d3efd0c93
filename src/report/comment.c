#include "report/comment.h"

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
