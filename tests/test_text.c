/*
 * Texts of our own: those that grow, characters of UTF-8, and messages, which are one line and
 * whole characters however little room there is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "support/fault.h"
#include "support/suite.h"

/* --- Texts that grow. --- */

START_TEST(a_text_without_anything_is_empty_and_takes_no_memory)
{
    rowan__text text;

    rowan__text_init(&text, &fault_allocator);
    ck_assert_str_eq(rowan__text_string(&text), "");
    rowan__text_clear(&text);
    ck_assert_str_eq(rowan__text_string(&text), "");
    ck_assert_uint_eq(fault_out_bytes(), 0);
    rowan__text_fini(&text);
}
END_TEST

/* Pieces of each size from none to beyond the first room, by each way of adding them. */
START_TEST(what_is_added_is_there_in_order_with_a_nul_behind)
{
    char expected[8192] = "", piece[200];
    size_t size = 0;
    rowan__text text;

    rowan__text_init(&text, &fault_allocator);
    for (size_t length = 0; length < 120; length++) {
        memset(piece, 'a' + (int)(length % 26), length);
        piece[length] = '\0';
        switch (length % 3) {
        case 0:
            rowan__text_add(&text, piece, length);
            break;
        case 1:
            rowan__text_str(&text, piece);
            break;
        default:
            rowan__text_format(&text, "%s", piece);
        }
        memcpy(expected + size, piece, length + 1);
        size += length;
        ck_assert_uint_eq(text.size, size);
        ck_assert_str_eq(rowan__text_string(&text), expected);
    }
    rowan__text_clear(&text);
    ck_assert_str_eq(rowan__text_string(&text), "");
    rowan__text_char(&text, 'x');
    ck_assert_str_eq(rowan__text_string(&text), "x");
    rowan__text_fini(&text);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

START_TEST(whole_numbers_are_written_as_printf_writes_them)
{
    static const int64_t numbers[] = {0,
                                      1,
                                      -1,
                                      9,
                                      10,
                                      -10,
                                      99,
                                      100,
                                      101,
                                      -999,
                                      1000,
                                      INT32_MAX,
                                      INT32_MIN,
                                      INT64_MAX,
                                      INT64_MIN,
                                      INT64_MIN + 1,
                                      INT64_MAX - 1};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        rowan__text ours, theirs;
        rowan__text_init(&ours, &fault_allocator);
        rowan__text_init(&theirs, &fault_allocator);
        rowan__text_int(&ours, numbers[i]);
        rowan__text_format(&theirs, "%lld", (long long)numbers[i]);
        ck_assert_str_eq(rowan__text_string(&ours), rowan__text_string(&theirs));
        rowan__text_fini(&ours);
        rowan__text_fini(&theirs);
    }
}
END_TEST

/* Whichever allocation fails: what was there stays, nothing is added to it later, and emptying it
 * is a new beginning. */
START_TEST(a_text_that_ran_out_of_memory_is_cut_at_a_piece_and_says_so)
{
    for (unsigned nth = 1;; nth++) {
        rowan__text text;
        unsigned whole = 0;
        rowan__text_init(&text, &fault_allocator);
        fault_arm(nth);
        for (unsigned i = 0; i < 100; i++) {
            rowan__text_format(&text, "%010u", i);
            whole += !text.failed;
        }
        ck_assert_uint_eq(text.size, whole * 10);
        ck_assert(text.failed == (whole < 100));
        if (whole > 0) {
            ck_assert_uint_eq((unsigned)atoi(rowan__text_string(&text) + text.size - 10),
                              whole - 1);
        }
        bool fired = fault_fired();
        ck_assert(text.failed == fired);
        fault_arm(0);
        rowan__text_clear(&text);
        rowan__text_str(&text, "again");
        ck_assert(!text.failed);
        ck_assert_str_eq(rowan__text_string(&text), "again");
        rowan__text_fini(&text);
        ck_assert_uint_eq(fault_out_bytes(), 0);
        if (!fired) {
            ck_assert_uint_gt(nth, 2);
            break;
        }
    }
}
END_TEST

START_TEST(room_that_no_machine_has_is_refused_unasked)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2, SIZE_MAX / 2 - 3};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        rowan__text text;
        rowan__text_init(&text, &fault_allocator);
        rowan__text_str(&text, "abc");
        unsigned before = fault_allocations();
        ck_assert(!rowan__text_reserve(&text, sizes[i]));
        ck_assert(text.failed);
        ck_assert_uint_eq(fault_allocations(), before);
        ck_assert_str_eq(rowan__text_string(&text), "abc");
        rowan__text_fini(&text);
    }
}
END_TEST

/* --- Characters. --- */

/* The bytes of a character by the definition of UTF-8; 0 if no character has this number. */
static size_t encode(uint32_t number, unsigned char *out)
{
    if (number >= 0xD800 && number <= 0xDFFF) {
        return 0;
    }
    if (number < 0x80) {
        out[0] = (unsigned char)number;
        return 1;
    }
    size_t size = number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, number >>= 6) {
        out[i] = (unsigned char)(0x80 | (number & 0x3F));
    }
    out[0] = (unsigned char)((size == 2 ? 0xC0 : size == 3 ? 0xE0 : 0xF0) | number);
    return size;
}

START_TEST(every_character_is_taken_whole_and_not_when_cut)
{
    for (uint32_t number = 0; number <= 0x10FFFF; number++) {
        unsigned char bytes[5] = {0};
        size_t size = encode(number, bytes);
        if (size == 0) {
            continue;
        }
        bool is_whole = rowan__utf8_size(bytes, 5) == size && rowan__utf8_size(bytes, size) == size;
        for (size_t left = 1; left < size; left++) {
            is_whole = is_whole && rowan__utf8_size(bytes, left) == 0;
        }
        if (!is_whole) {
            ck_abort_msg("U+%04X", number);
        }
    }
}
END_TEST

/* All of four bytes at the borders of what each may be: the size is that of the one character whose
 * bytes they begin with, and 0 if there is none. */
START_TEST(bytes_that_begin_no_character_are_refused)
{
    static const unsigned char first[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0xBF, 0xC0, 0xC1,
                                          0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
                                          0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF};
    static const unsigned char next[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                         0xA0, 0xBF, 0xC0, 0xC2, 0xFF};
    enum { FIRSTS = sizeof first, NEXTS = sizeof next };

    for (size_t i = 0; i < (size_t)FIRSTS * NEXTS * NEXTS * NEXTS; i++) {
        unsigned char bytes[] = {first[i % FIRSTS], next[i / FIRSTS % NEXTS],
                                 next[i / FIRSTS / NEXTS % NEXTS],
                                 next[i / FIRSTS / NEXTS / NEXTS]};
        unsigned char again[4];
        size_t size = rowan__utf8_size(bytes, sizeof bytes), expected = 0;
        for (size_t guess = 1; guess <= 4; guess++) {
            uint32_t number = guess == 1 ? bytes[0] : bytes[0] & (0x7Fu >> guess);
            for (size_t k = 1; k < guess; k++) {
                number = number << 6 | (bytes[k] & 0x3F);
            }
            if (number <= 0x10FFFF && encode(number, again) == guess &&
                memcmp(bytes, again, guess) == 0) {
                expected = guess;
            }
        }
        if (size != expected) {
            ck_abort_msg("%02X %02X %02X %02X: %zu, not %zu", bytes[0], bytes[1], bytes[2],
                         bytes[3], size, expected);
        }
    }
}
END_TEST

START_TEST(a_cut_text_ends_behind_its_last_whole_character)
{
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\xB3z";
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};

    ck_assert_uint_eq(sizeof whole / sizeof whole[0], sizeof text);
    for (size_t size = 0; size < sizeof text; size++) {
        char cut[sizeof text];
        memcpy(cut, text, size);
        cut[size] = '\0';
        rowan__utf8_trim(cut);
        ck_assert_uint_eq(strlen(cut), whole[size]);
        ck_assert_int_eq(memcmp(cut, text, whole[size]), 0);
    }
}
END_TEST

/* Bytes that are no UTF-8 are somebody else's: nothing of them is taken for a character that was
 * cut but what may be the beginning of one. */
START_TEST(trimming_leaves_what_is_no_character_alone)
{
    static const struct {
        const char *text, *trimmed;
    } cases[] = {{"\x80", "\x80"},     {"\x80\x80\x80", "\x80\x80\x80"},
                 {"a\x80", "a\x80"},   {"a\xBF\xBF", "a\xBF\xBF"},
                 {"\xC3", ""},         {"ab\xE2\x82", "ab"},
                 {"\xF0\x9F\x8C", ""}, {"\xC3\xA9\xC3", "\xC3\xA9"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[8];
        memcpy(text, cases[i].text, strlen(cases[i].text) + 1);
        rowan__utf8_trim(text);
        ck_assert_str_eq(text, cases[i].trimmed);
    }
}
END_TEST

/* --- Messages. --- */

START_TEST(a_message_is_one_line_of_whole_characters)
{
    rowan_error error;
    char text[400];

    for (size_t length = 0; length < 300; length++) {
        memset(text, 'x', length);
        memcpy(text + length, "\xE2\x82\xAC\n\t\x1F end", 11);
        ck_assert_int_eq(rowan__fail(&error, ROWAN_CHECK, "%s", text), ROWAN_CHECK);
        ck_assert_int_eq(error.status, ROWAN_CHECK);
        ck_assert(error.connection_usable);
        size_t room = sizeof error.message - 1;
        size_t expected = length + 10 <= room  ? length + 10
                          : length + 3 <= room ? room
                          : length < room      ? length
                                               : room;
        ck_assert_uint_eq(strlen(error.message), expected);
        for (const char *at = error.message; *at != '\0'; at++) {
            ck_assert((unsigned char)*at >= ' ');
        }
    }
    ck_assert_int_eq(rowan__fail(NULL, ROWAN_BUSY, "nobody asked"), ROWAN_BUSY);
    ck_assert_int_eq(rowan__fail_nomem(NULL), ROWAN_NOMEM);
}
END_TEST

START_TEST(a_new_failure_leaves_nothing_of_the_one_before)
{
    rowan_error error, clean = {.status = ROWAN_NOMEM, .connection_usable = true};

    memset(&error, 0x5A, sizeof error);
    rowan__fail_nomem(&error);
    ck_assert_str_eq(error.message, "out of memory");
    memset(error.message, 0, sizeof error.message);
    ck_assert_int_eq(error.status, clean.status);
    ck_assert_str_eq(error.table, "");
    ck_assert_str_eq(error.column, "");
    ck_assert_str_eq(error.constraint, "");
    ck_assert_str_eq(error.sqlstate, "");
    ck_assert_str_eq(error.engine_message, "");
    ck_assert_int_eq(error.native, 0);
    ck_assert_int_eq(error.position, 0);
    ck_assert_int_eq(error.fate, clean.fate);
    ck_assert_int_eq(error.retry, clean.retry);
    for (size_t i = 0; i < sizeof error.reserved / sizeof error.reserved[0]; i++) {
        ck_assert_uint_eq(error.reserved[i], 0);
    }
}
END_TEST

/* A field of eight bytes takes seven. */
START_TEST(names_in_errors_are_cut_between_characters)
{
    static const struct {
        const char *text;
        size_t size;
        const char *copied;
    } cases[] = {
        {NULL, 0, ""},
        {"", 0, ""},
        {"abc", 3, "abc"},
        {"abcdef", 3, "abc"}, /* not ended by a NUL */
        {"1234567", 7, "1234567"},
        {"12345678", 8, "1234567"},
        {"12345\xC3\xA9", 7, "12345\xC3\xA9"},
        {"123456\xC3\xA9", 8, "123456"},
        {"1234\xF0\x9F\x8C\xB3", 8, "1234"},
        {"a\nb\tc", 5, "a b c"},
        {"a\xC3", 2, "a\xC3"}, /* is as it was: nothing was cut */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char field[9];
        memset(field, '#', sizeof field);
        rowan__error_copy(field, 8, cases[i].text, cases[i].size);
        ck_assert_str_eq(field, cases[i].copied);
        ck_assert_int_eq(field[8], '#');
    }
}
END_TEST

START_TEST(every_status_has_a_name_of_its_own)
{
    for (int i = 0; i <= ROWAN_ENGINE; i++) {
        const char *name = rowan_status_name((rowan_status)i);
        ck_assert_msg(strncmp(name, "ROWAN_", 6) == 0 && name[6] != '?', "%d", i);
        for (int k = 0; k < i; k++) {
            ck_assert_str_ne(name, rowan_status_name((rowan_status)k));
        }
    }
    ck_assert_str_eq(rowan_status_name((rowan_status)(ROWAN_ENGINE + 1)), "ROWAN_?");
    ck_assert_str_eq(rowan_status_name((rowan_status)-1), "ROWAN_?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *growing = tcase_create("texts that grow");
    TCase *characters = tcase_create("characters");
    TCase *messages = tcase_create("messages");

    tcase_add_test(growing, a_text_without_anything_is_empty_and_takes_no_memory);
    tcase_add_test(growing, what_is_added_is_there_in_order_with_a_nul_behind);
    tcase_add_test(growing, whole_numbers_are_written_as_printf_writes_them);
    tcase_add_test(growing, a_text_that_ran_out_of_memory_is_cut_at_a_piece_and_says_so);
    tcase_add_test(growing, room_that_no_machine_has_is_refused_unasked);
    tcase_add_test(characters, every_character_is_taken_whole_and_not_when_cut);
    tcase_add_test(characters, bytes_that_begin_no_character_are_refused);
    tcase_add_test(characters, a_cut_text_ends_behind_its_last_whole_character);
    tcase_add_test(characters, trimming_leaves_what_is_no_character_alone);
    tcase_add_test(messages, a_message_is_one_line_of_whole_characters);
    tcase_add_test(messages, a_new_failure_leaves_nothing_of_the_one_before);
    tcase_add_test(messages, names_in_errors_are_cut_between_characters);
    tcase_add_test(messages, every_status_has_a_name_of_its_own);
    suite_add_tcase(suite, growing);
    suite_add_tcase(suite, characters);
    suite_add_tcase(suite, messages);
    return suite_run(suite);
}
