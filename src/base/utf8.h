/* One character of a text in UTF-8. */
#ifndef ROWAN_BASE_UTF8_H
#define ROWAN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes of the character at the start of a text that is not empty; 0 if there is none. */
static inline size_t rowan__utf8_size(const unsigned char *at, size_t left)
{
    size_t size = at[0] < 0x80                     ? 1
                  : at[0] >= 0xC2 && at[0] <= 0xDF ? 2
                  : at[0] >= 0xE0 && at[0] <= 0xEF ? 3
                  : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4
                                                   : 0;

    if (size == 0 || size > left) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool beyond = (at[0] == 0xED && at[1] > 0x9F) || (at[0] == 0xF4 && at[1] > 0x8F);
    return overlong || beyond ? 0 : size;
}

#endif
