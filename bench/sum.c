/* Sums of what was read. */
#include "sum.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"

void bench_sum_init(bench_sum *sum)
{
    rowan__text_init(&sum->text, &rowan__default_allocator);
    sum->row_count = 0;
}

void bench_sum_fini(bench_sum *sum)
{
    rowan__text_fini(&sum->text);
}

void bench_sum_clear(bench_sum *sum)
{
    rowan__text_clear(&sum->text);
    sum->row_count = 0;
}

void bench_sum_int(bench_sum *sum, int64_t value)
{
    rowan__text_int(&sum->text, value);
    rowan__text_char(&sum->text, '|');
}

void bench_sum_text(bench_sum *sum, const char *text)
{
    if (text) {
        rowan__text_char(&sum->text, '\'');
        rowan__text_str(&sum->text, text);
        rowan__text_str(&sum->text, "'|");
    } else {
        rowan__text_str(&sum->text, "NULL|");
    }
}

void bench_sum_row(bench_sum *sum)
{
    rowan__text_char(&sum->text, '\n');
    sum->row_count++;
}

size_t bench_sum_differs(const bench_sum *a, const bench_sum *b)
{
    const char *left = rowan__text_string(&a->text), *right = rowan__text_string(&b->text);
    size_t row = 1;

    for (size_t i = 0; i < a->text.size && i < b->text.size; i++) {
        if (left[i] != right[i]) {
            return row;
        }
        row += left[i] == '\n';
    }
    return a->text.size == b->text.size ? 0 : row;
}

void bench_sum_row_text(const bench_sum *sum, size_t row, char *out, size_t size)
{
    const char *at = rowan__text_string(&sum->text);

    for (; row > 1 && *at; row--) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    size_t length = strcspn(at, "\n");
    if (length == 0) {
        snprintf(out, size, "(no row)");
    } else {
        snprintf(out, size, "%.*s", (int)(length - 1), at); /* without the last bar */
    }
}

uint64_t bench_sum_hash(const bench_sum *sum)
{
    return XXH3_64bits(rowan__text_string(&sum->text), sum->text.size);
}
