/* What the files of the trace share. */
#ifndef ROWAN_DETECTOR_TRACE_PRIVATE_H
#define ROWAN_DETECTOR_TRACE_PRIVATE_H

#include <rowan/trace.h>

#include "base/text.h"
#include "detector/fold.h"

enum { ROWAN__TRACE_SECRET = 192 };

/** How a trace writes values. */
typedef struct rowan__trace_writer {
    bool values;                                /* as they are */
    unsigned char secret[ROWAN__TRACE_SECRET];  /* of the hashes, another in each process */
    unsigned rows_captured;
} rowan__trace_writer;

/** Appends a text as a JSON string; bytes that are no UTF-8 become U+FFFD. */
void rowan__json_string(rowan__text *out, const char *data, size_t size);

/** Appends a value: as it is, or as a hash that is equal where values compare equal. */
void rowan__trace_value(const rowan__trace_writer *writer, rowan__text *out,
                        const rowan_value *value);

/** Appends `"sql":…,"params":[…]` of an event; without values, literals become parameters. */
void rowan__trace_statement(const rowan__trace_writer *writer, rowan__text *out,
                            const rowan_event *event);

#endif
