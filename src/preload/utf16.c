#include "preload/utf16.h"

#include <string.h>

static unsigned unit_at(const unsigned char *text, size_t at, bool is_big_endian)
{
    return is_big_endian ? (unsigned)text[at] << 8 | text[at + 1]
                         : (unsigned)text[at + 1] << 8 | text[at];
}

static void add_character(rowan__text *out, unsigned c)
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    char bytes[4];
    size_t count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = count - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    bytes[0] = (char)(first[count] | c);
    rowan__text_add(out, bytes, count);
}

void utf16_add(rowan__text *out, const void *text, size_t size_bytes, bool is_big_endian)
{
    const unsigned char *from = text;

    for (size_t i = 0; i + 1 < size_bytes; i += 2) {
        unsigned c = unit_at(from, i, is_big_endian);
        unsigned low = i + 3 < size_bytes ? unit_at(from, i + 2, is_big_endian) : 0;
        if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd;
        }
        add_character(out, c);
    }
}

size_t utf16_size(const void *text)
{
    const unsigned char *from = text;
    size_t size = 0;

    while (from[size] != 0 || from[size + 1] != 0) {
        size += 2;
    }
    return size;
}

bool utf16_native_is_big(void)
{
    const unsigned short one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return first == 0;
}
