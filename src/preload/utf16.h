/* Texts of two bytes a character, as SQLite's functions whose names end in 16 take them. */
#ifndef ROWAN_PRELOAD_UTF16_H
#define ROWAN_PRELOAD_UTF16_H

#include <stdbool.h>

#include "base/text.h"

/** Appends a text as UTF-8. Halves of a character that stand alone become U+FFFD. */
void utf16_add(rowan__text *out, const void *text, size_t size_bytes, bool is_big_endian);

/** Bytes up to the NUL, which is of two bytes. */
size_t utf16_size(const void *text);

/** Of this machine. */
bool utf16_native_is_big(void);

#endif
