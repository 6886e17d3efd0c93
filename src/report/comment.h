/* What a comment in a statement's text says of where it comes from, as sqlcommenter writes it. */
#ifndef ROWAN_REPORT_COMMENT_H
#define ROWAN_REPORT_COMMENT_H

#include <stdbool.h>

/** A position in a trace of OpenTelemetry's, in hexadecimal digits. */
typedef struct rowan__traceparent {
    char trace_id[33], span_id[17];
} rowan__traceparent;

/** Reads `traceparent='00-TRACE-SPAN-FLAGS'`. @return false if there is none, or none that is valid */
bool rowan__traceparent_in(const char *sql, rowan__traceparent *out);

#endif
