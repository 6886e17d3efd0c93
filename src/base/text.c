/* A growing text. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void rowan__text_init(rowan__text *text, const rowan_allocator *allocator)
{
    memset(text, 0, sizeof *text);
    text->allocator = allocator;
}

void rowan__text_fini(rowan__text *text)
{
    rowan__free(text->allocator, text->data, text->capacity, 1);
    rowan__text_init(text, text->allocator);
}

void rowan__text_clear(rowan__text *text)
{
    text->size = 0;
    text->failed = false;
    if (text->data) {
        text->data[0] = '\0';
    }
}

bool rowan__text_reserve(rowan__text *text, size_t more)
{
    size_t needed;

    if (text->failed || __builtin_add_overflow(text->size, more, &needed) ||
        needed >= SIZE_MAX / 2) {
        text->failed = true;
        return false;
    }
    if (needed < text->capacity) {
        return true;
    }
    size_t capacity = text->capacity ? text->capacity : 128;
    while (capacity <= needed) {
        capacity *= 2;
    }
    char *data = text->allocator->allocate(text->allocator->context, capacity, 1);
    if (!data) {
        text->failed = true;
        return false;
    }
    if (text->size > 0) {
        memcpy(data, text->data, text->size);
    }
    rowan__free(text->allocator, text->data, text->capacity, 1);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void rowan__text_add(rowan__text *text, const char *data, size_t size)
{
    if (!rowan__text_reserve(text, size)) {
        return;
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    text->data[text->size] = '\0';
}

void rowan__text_str(rowan__text *text, const char *string)
{
    rowan__text_add(text, string, strlen(string));
}

void rowan__text_char(rowan__text *text, char c)
{
    rowan__text_add(text, &c, 1);
}

void rowan__text_int(rowan__text *text, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        *--at = '-';
    }
    rowan__text_add(text, at, (size_t)(digits + sizeof digits - at));
}

void rowan__text_format(rowan__text *text, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size >= 0 && rowan__text_reserve(text, (size_t)size)) {
        vsnprintf(text->data + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

const char *rowan__text_string(const rowan__text *text)
{
    return text->data ? text->data : "";
}
