/* A growing text. Appending never fails at once: running out of memory is asked for at the end. */
#ifndef ROWAN_BASE_TEXT_H
#define ROWAN_BASE_TEXT_H

#include <rowan/database.h>

typedef struct rowan__text {
    const rowan_allocator *allocator;
    char *data;      /* NUL-terminated once anything was added */
    size_t size;     /* bytes, without the NUL */
    size_t capacity; /* bytes allocated */
    bool failed;     /* memory ran out: the text is cut */
} rowan__text;

void rowan__text_init(rowan__text *text, const rowan_allocator *allocator);
void rowan__text_fini(rowan__text *text);

/** Empties it and keeps its memory. */
void rowan__text_clear(rowan__text *text);

/**
 * Makes room for @p more bytes and a NUL, for a caller that writes behind `data + size` itself.
 * @return false if memory ran out, which is also kept in `failed`
 */
bool rowan__text_reserve(rowan__text *text, size_t more);

void rowan__text_add(rowan__text *text, const char *data, size_t size);
void rowan__text_str(rowan__text *text, const char *string);
void rowan__text_char(rowan__text *text, char c);
void rowan__text_int(rowan__text *text, int64_t number);

/** As printf. */
void rowan__text_format(rowan__text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The text so far, "" if nothing was added. Borrowed until the next addition. */
const char *rowan__text_string(const rowan__text *text);

#endif
