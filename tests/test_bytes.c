/* Bytes that are copied and looked through. */
#include <check.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "support/suite.h"

enum { LONGEST = 150 };

/* Exactly as many bytes as are said, so that a checker of memory sees a read or write beyond. */
static char *exactly(const char *from, size_t size)
{
    char *copy = malloc(size + (size == 0));

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, from, size);
    return copy;
}

static void fill(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        text[i] = (char)(i % 127 + 1);
    }
}

START_TEST(texts_of_every_length_are_copied_whole)
{
    char text[LONGEST];

    fill(text, sizeof text);
    for (size_t size = 0; size < sizeof text; size++) {
        char *from = exactly(text, size);
        char *to = malloc(size + 1);
        ck_assert(rowan__bytes_copy_text(to, from, size));
        ck_assert_int_eq(memcmp(to, text, size), 0);
        ck_assert_int_eq(to[size], '\0');
        free(to);
        free(from);
    }
}
END_TEST

START_TEST(a_nul_is_found_wherever_it_is)
{
    char text[LONGEST], to[LONGEST + 1];

    for (size_t size = 1; size < sizeof text; size++) {
        for (size_t at = 0; at < size; at++) {
            fill(text, size);
            text[at] = '\0';
            char *from = exactly(text, size);
            ck_assert(!rowan__bytes_copy_text(to, from, size));
            free(from);
        }
    }
}
END_TEST

START_TEST(a_byte_beyond_ascii_is_found_wherever_it_is)
{
    char text[LONGEST];

    for (size_t size = 0; size < sizeof text; size++) {
        fill(text, size);
        char *from = exactly(text, size);
        ck_assert(rowan__bytes_ascii(from, size));
        for (size_t at = 0; at < size; at++) {
            char before = from[at];
            from[at] = (char)(at % 2 == 0 ? 0x80 : 0xFF);
            ck_assert(!rowan__bytes_ascii(from, size));
            from[at] = before;
        }
        free(from);
    }
}
END_TEST

START_TEST(plain_text_is_ascii_without_a_nul)
{
    static const unsigned char others[] = {0x00, 0x80, 0xFF, 0x81};
    char text[LONGEST];

    for (size_t size = 0; size < sizeof text; size++) {
        for (int c = 1; c < 0x80; c += 21) {
            memset(text, c, size);
            char *same = exactly(text, size);
            ck_assert(rowan__bytes_plain(same, size));
            free(same);
        }
        fill(text, size);
        char *from = exactly(text, size);
        ck_assert(rowan__bytes_plain(from, size));
        for (size_t at = 0; at < size; at++) {
            char before = from[at];
            for (size_t i = 0; i < sizeof others; i++) {
                from[at] = (char)others[i];
                ck_assert(!rowan__bytes_plain(from, size));
            }
            from[at] = before;
        }
        free(from);
    }
}
END_TEST

START_TEST(very_many_bytes_are_copied_whole)
{
    static const size_t sizes[] = {0, 1, 2047, 2048, 2049, 4096, 100000};
    static char from[100000], to[100001];

    fill(from, sizeof from);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(to, 0x55, sizeof to);
        rowan__bytes_copy(to, from, sizes[i]);
        ck_assert_int_eq(memcmp(to, from, sizes[i]), 0);
        ck_assert_int_eq(to[sizes[i]], 0x55);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bytes");
    TCase *tc = tcase_create("bytes");

    tcase_add_test(tc, texts_of_every_length_are_copied_whole);
    tcase_add_test(tc, a_nul_is_found_wherever_it_is);
    tcase_add_test(tc, a_byte_beyond_ascii_is_found_wherever_it_is);
    tcase_add_test(tc, plain_text_is_ascii_without_a_nul);
    tcase_add_test(tc, very_many_bytes_are_copied_whole);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
