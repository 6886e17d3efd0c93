/* What the files of the trace share. */
#ifndef ROWAN_DETECTOR_TRACE_PRIVATE_H
#define ROWAN_DETECTOR_TRACE_PRIVATE_H

#include <rowan/trace.h>

#include "base/text.h"
#include "detector/fold.h"

enum { ROWAN__TRACE_SECRET = 192 };

/** How a trace writes values. */
typedef struct rowan__trace_writer {
    bool values;                               /* as they are */
    unsigned char secret[ROWAN__TRACE_SECRET]; /* of the hashes, another in each process */
    unsigned rows_captured;
} rowan__trace_writer;

/** Appends a text as a JSON string; bytes that are no UTF-8 become U+FFFD. */
void rowan__json_string(rowan__text *out, const char *data, size_t size);

/** Appends a value: as it is, or as a hash that is equal where values compare equal. */
void rowan__trace_value(const rowan__trace_writer *writer, rowan__text *out,
                        const rowan_value *value);

/** The hash that is written in a value's place, by its key; and how it is written. */
uint64_t rowan__trace_hash(const rowan__trace_writer *writer, uint64_t key);
void rowan__trace_hashed(rowan__text *out, uint64_t hash);

#define ROWAN__TRACE_LITERAL UINT32_MAX

/** A place of a text in which there is a value. */
typedef struct rowan__trace_slot {
    uint64_t literal;         /* the hash of a literal */
    uint32_t param;           /* of a parameter, from 0; of a literal ROWAN__TRACE_LITERAL */
    uint32_t name, name_size; /* where its name is in the text that was read; size 0: it has none */
} rowan__trace_slot;

/** A text as it is told, and the values in it in order. */
typedef struct rowan__trace_text {
    rowan__text sql;
    rowan__trace_slot *slots;
    size_t slot_count, slot_capacity;
    bool has_names; /* of parameters; each occurrence is a slot */
} rowan__trace_text;

void rowan__trace_text_init(rowan__trace_text *text, const rowan_allocator *allocator);
void rowan__trace_text_fini(rowan__trace_text *text);

/**
 * Reads a text: with hidden values, every literal becomes a parameter; with values, it is kept as
 * it is. Running out of memory shows in `sql.failed`.
 */
void rowan__trace_text_read(const rowan__trace_writer *writer, const rowan__reading *reading,
                            const char *sql, size_t size, rowan__trace_text *out);

/** Appends `"sql":…,"params":[…]` of an event; without values, literals become parameters. */
void rowan__trace_statement(const rowan__trace_writer *writer, rowan__text *out,
                            const rowan_event *event);

#endif
