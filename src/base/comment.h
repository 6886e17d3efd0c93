/* What a comment in a statement's text says of where it comes from, as sqlcommenter writes it. */
#ifndef ROWAN_BASE_COMMENT_H
#define ROWAN_BASE_COMMENT_H

#include <stdbool.h>
#include <stddef.h>

/** A position in a trace of OpenTelemetry's, in hexadecimal digits. */
typedef struct rowan__traceparent {
    char trace_id[33], span_id[17];
} rowan__traceparent;

enum { ROWAN__TRACEPARENT_TEXT = 56 }; /* with its NUL */

/** Reads `traceparent='00-TRACE-SPAN-FLAGS'`. @return false if no valid one is there */
bool rowan__traceparent_in(const char *sql, rowan__traceparent *out);

/** Writes one as it was read, but for its flags. @return @p out */
char *rowan__traceparent_write(const rowan__traceparent *parent, char out[ROWAN__TRACEPARENT_TEXT]);

/**
 * The value of a key in such a comment, decoded and cut to the room that there is.
 *
 * @return whether it is there
 */
bool rowan__comment_value(const char *sql, const char *key, char *out, size_t room);

/** The call site that a comment tells, as "FILE:LINE FUNCTION". @return whether it tells one */
bool rowan__comment_site(const char *sql, char *out, size_t room);

#endif
