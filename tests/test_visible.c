/* Texts of others on a terminal: what it shows, and that it obeys none of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"
#include "report/visible.h"
#include "support/suite.h"

/* What was written, as a text that the next call frees. */
static char *written;
static FILE *out;
static size_t size;

static FILE *begin(void)
{
    free(written);
    written = NULL;
    out = open_memstream(&written, &size);
    ck_assert_ptr_nonnull(out);
    return out;
}

static const char *end(void)
{
    ck_assert_int_eq(fclose(out), 0);
    return written;
}

static void forget(void)
{
    free(written);
    written = NULL;
}

static const char *line(const char *text)
{
    rowan__visible_line(text, begin());
    return end();
}

static const struct text {
    const char *what, *text, *shown;
} texts[] = {
    {"nothing", "", ""},
    {"letters", "SELECT 'a' FROM \"b\" \\ ~", "SELECT 'a' FROM \"b\" \\ ~"},
    {"letters of other scripts",
     "Gr\xc3\xb6\xc3\x9f\x65 \xe2\x82\xac \xe5\x90\x8d \xf0\x9f\x98\x80",
     "Gr\xc3\xb6\xc3\x9f\x65 \xe2\x82\xac \xe5\x90\x8d \xf0\x9f\x98\x80"},
    {"ends of lines and tabs", "a\nb\r\nc\td", "a b  c d"},
    {"a colour", "\033[31mred", "\\x1b[31mred"},
    {"a title", "\033]0;mine\007", "\\x1b]0;mine\\x07"},
    {"the first and the last below a blank", "\001\037 ", "\\x01\\x1f "},
    {"delete, and what stands before it", "~\177", "~\\x7f"},
    {"a colour in one character",
     "\xc2\x9b"
     "31m",
     "\\xc2\\x9b31m"},
    {"the first and the last of those", "\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0"},
    {"U+00E9, whose last byte is one of theirs", "\xc3\x89", "\xc3\x89"},
    {"ends of lines of Unicode", "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9",
     "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xa9"},
    {"from right to left", "\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
     "\\xe2\\x80\\xaa\\xe2\\x80\\xae\xe2\x80\xaf"},
    {"isolates", "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
     "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\xe2\x81\xaa"},
    {"a dash, which has the lead of those", "\xe2\x80\x94", "\xe2\x80\x94"},
    {"a letter of three bytes that ends as one", "\xe3\x80\xa8", "\xe3\x80\xa8"},
    {"no UTF-8",
     "a\xff\xfe"
     "b",
     "a\\xff\\xfeb"},
    {"Latin 1",
     "Gr\xf6\xdf"
     "e",
     "Gr\\xf6\\xdfe"},
    {"a letter that was cut", "a\xe2\x82", "a\\xe2\\x82"},
    {"half a pair", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"too many bytes for a slash", "\xc0\xaf", "\\xc0\\xaf"},
};

START_TEST(a_line_is_shown_and_not_obeyed)
{
    const struct text *one = &texts[_i];

    ck_assert_msg(strcmp(line(one->text), one->shown) == 0, "%s: %s", one->what, written);
}
END_TEST

START_TEST(no_byte_moves_the_cursor)
{
    static const unsigned char seconds[] = {1, '\n', 0x1b, ' ', 0x7f, 0x80, 0x9b, 0xa0, 0xc2, 0xff};

    for (int first = 1; first < 256; first++) {
        for (size_t i = 0; i < sizeof seconds; i++) {
            const char text[] = {'a', (char)first, (char)seconds[i], 'z', '\0'};
            const char *shown = line(text);
            ck_assert_int_eq(shown[0], 'a');
            ck_assert_int_eq(shown[strlen(shown) - 1], 'z');
            for (const char *at = shown; *at != '\0'; at++) {
                ck_assert_msg((unsigned char)*at >= ' ' && *at != 0x7f, "%d %d", first, seconds[i]);
            }
        }
    }
}
END_TEST

START_TEST(null_is_nothing_and_a_nul_is_shown)
{
    ck_assert_str_eq(line(NULL), "");
    rowan__visible_lines(NULL, 4, begin());
    ck_assert_str_eq(end(), "");
    rowan__visible_bytes("a\0b", 3, begin());
    ck_assert_str_eq(end(), "a\\x00b");
    rowan__visible_bytes("abc", 0, begin());
    ck_assert_str_eq(end(), "");
    rowan__visible_bytes("a\xe2\x82\xac", 3, begin()); /* a letter that goes on behind the end */
    ck_assert_str_eq(end(), "a\\xe2\\x82");
}
END_TEST

START_TEST(lines_are_kept_behind_the_indent)
{
    rowan__visible_lines("SELECT a\n\tFROM t\n\n  WHERE b", 3, begin());
    ck_assert_str_eq(end(), "SELECT a\n    FROM t\n   \n     WHERE b");
    rowan__visible_lines("one\ntwo\n", 0, begin());
    ck_assert_str_eq(end(), "one\ntwo\n");
    rowan__visible_lines("\r\n\033", 1, begin());
    ck_assert_str_eq(end(), " \n \\x1b");
}
END_TEST

/* --- Markup, which shows the same in a browser and in XML. --- */

START_TEST(markup_stands_for_itself)
{
    static const char *const pairs[][2] = {
        {NULL, ""},
        {"</script><b a=\"x\">&amp;", "&lt;/script&gt;&lt;b a=&quot;x&quot;&gt;&amp;amp;"},
        {"it's\n\ta ]]> b", "it's\n\ta ]]&gt; b"},
        {"\001\033\r\037 ", "???? "},
        {"\xef\xbf\xbe|\xef\xbf\xbf|\xef\xbf\xbd", "?|?|\xef\xbf\xbd"},
        {"\xef\xbf", "\xef\xbf"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        rowan__markup_text(pairs[i][0], begin());
        ck_assert_str_eq(end(), pairs[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("visible texts");
    TCase *texts_of_others = tcase_create("texts of others");

    tcase_add_checked_fixture(texts_of_others, NULL, forget);
    tcase_add_loop_test(texts_of_others, a_line_is_shown_and_not_obeyed, 0,
                        (int)(sizeof texts / sizeof texts[0]));
    tcase_add_test(texts_of_others, no_byte_moves_the_cursor);
    tcase_add_test(texts_of_others, null_is_nothing_and_a_nul_is_shown);
    tcase_add_test(texts_of_others, lines_are_kept_behind_the_indent);
    tcase_add_test(texts_of_others, markup_stands_for_itself);
    suite_add_tcase(suite, texts_of_others);
    return suite_run(suite);
}
