/* What a visitor asks of the search, and how many pages are turned; the same for all patterns. */
#ifndef ROWAN_CLI_COMPARE_CASES_SEARCH_REQUEST_H
#define ROWAN_CLI_COMPARE_CASES_SEARCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Each filter may be absent: NULL, 0 or false. */
typedef struct request {
    const char *title;
    int32_t most_cents;
    int64_t publisher_id;
    bool in_print;
} request;

static const request wanted = {.title = "%e%", .most_cents = 6000, .in_print = true};

enum { PAGES = 3, PAGE_SIZE = 20 };

#endif
