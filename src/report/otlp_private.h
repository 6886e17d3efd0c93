/* What the files of OTLP share. */
#ifndef ROWAN_REPORT_OTLP_PRIVATE_H
#define ROWAN_REPORT_OTLP_PRIVATE_H

#include "report/otlp.h"

/** What is said of a statement, in its span and in the histogram. */
typedef struct rowan__otlp_summary {
    char folded[1024];
    char table[128]; /* the only one; "" if there are several */
    char operation[24]; /* "SELECT"; "" if it has no word */
    char text[200];     /* "SELECT note" */
    size_t batch; /* rows of VALUES, if there are several; else 0 */
} rowan__otlp_summary;

void rowan__otlp_summarize(const rowan__traced *statement, rowan__otlp_summary *out);

/** Adds a text that is neither NULL nor empty. */
void rowan__otlp_add(json_t *attributes, const char *key, const char *value);
void rowan__otlp_add_number(json_t *attributes, const char *key, int64_t value);

/** The attributes of a statement that spans and the histogram have in common. */
json_t *rowan__otlp_attributes(const rowan__traced *statement, const rowan__otlp_summary *about);

/** A time as OTLP has times: nanoseconds since 1970, as text. */
json_t *rowan__otlp_time(int64_t unix_ns);

/** `{"resourceX":[{"resource":…,"scopeX":[{"scope":…,X:what}]}]}`; takes @p what. */
json_t *rowan__otlp_request(const char *resources, const char *scopes, const char *key,
                            json_t *what);

#endif
