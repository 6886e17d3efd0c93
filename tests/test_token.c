/*
 * The tokenizer. A table of texts with the tokens that each engine family reads in them, then
 * properties that hold for any bytes at all.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/token.h"

static const rowan__reading standard = {0};
static const rowan__reading sqlite = {
    .brackets_quote = true,
    .backticks_quote = true,
    .question_numbers = true,
    .colon_names = true,
    .at_names = true,
    .dollar_names = true,
    .string_prefixes = "Xx",
};
static const rowan__reading postgresql = {
    .nested_comments = true,
    .dollar_quotes = true,
    .escape_strings = true,
    .unicode_strings = true,
    .runs_of_operators = true,
    .question_is_operator = true,
    .dollar_numbers = true,
    .string_prefixes = "XxBbNn",
};
static const rowan__reading mariadb = {
    .backslash_escapes = true,
    .hash_comments = true,
    .dash_needs_space = true,
    .version_comments = true,
    .backticks_quote = true,
    .double_quotes_are_text = true,
    .charset_strings = true,
    .words_begin_with_digit = true,
    .words_begin_with_dollar = true,
    .at_variables = true,
    .string_prefixes = "XxBbNn",
};
/* PostgreSQL as raw SQL is read: `?` and `:name` are placeholders. */
static const rowan__reading raw = {
    .nested_comments = true,
    .dollar_quotes = true,
    .escape_strings = true,
    .unicode_strings = true,
    .runs_of_operators = true,
    .colon_names = true,
    .dollar_numbers = true,
    .string_prefixes = "XxBbNn",
};

/*
 * Tokens are written as kind and text, with a blank between; spaces are left out, `!` marks an
 * open end.
 */
static const struct {
    const rowan__reading *reading;
    const char *text, *tokens;
} cases[] = {
    {&standard, "", ""},
    {&standard, " \t\r\n\v\f", ""},
    {&standard, "SELECT a,b FROM t;", "wSELECT wa ,, wb wFROM wt ;;"},
    {&standard, "f(x)", "wf (( wx ))"},
    {&standard, "'it''s'", "s'it''s'"},
    {&standard, "'a' 'b'", "s'a' s'b'"},
    {&standard, "''''", "s''''"},
    {&standard, "'open", "s'open!"},
    {&standard, "'", "s'!"},
    {&standard, "'a\\'b", "s'a\\' wb"},
    {&standard, "\"a\"\"b\"", "n\"a\"\"b\""},
    {&standard, "\"open", "n\"open!"},
    {&standard, "a -- b ? 'c\nd", "wa c--_b_?_'c wd"},
    {&standard, "a--b", "wa c--b"},
    {&standard, "a /* ? */ b", "wa c/*_?_*/ wb"},
    {&standard, "/* /* */ */", "c/*_/*_*/ o* o/"},
    {&standard, "/*", "c/*!"},
    {&standard, "/*/", "c/*/!"},
    {&standard, "/**/", "c/**/"},
    {&standard, "1 12.5 .5 5. 1e5 1E-5 1.5e+10", "d1 d12.5 d.5 d5. d1e5 d1E-5 d1.5e+10"},
    {&standard, "0xFF 0b10 0o17 1_000", "d0xFF d0b10 d0o17 d1_000"},
    {&standard, "0xafAF09 0xg 0x/ 0xG 0x@ 0x` 0x",
     "d0xafAF09 d0 wxg d0 wx o/ d0 wxG d0 wx o@ d0 wx o` d0 wx"},
    {&standard, "0b1 0o7 0b 1x", "d0b1 d0o7 d0 wb d1 wx"},
    {&standard, "1..10", "d1 o. d.10"},
    {&standard, "t.5", "wt o. d5"},
    {&standard, "a1 _b é", "wa1 w_b wé"},
    {&standard, "? ?? ?", "p? o?? p?"},
    {&standard, "x::int", "wx o:: wint"},
    {&standard, "a[1:2]", "wa o[ d1 o: d2 o]"},
    {&standard, "a<=b<>c!=d||e->>f", "wa o<= wb o<> wc o!= wd o|| we o->> wf"},
    {&standard, "E'a\\'", "wE s'a\\'"},
    {&standard, "$tag$", "o$ wtag$"},
    {&standard, ":x", "o: wx"},

    {&sqlite, "?1 ?12 ? :a @b $c", "p?1 p?12 p? p:a p@b p$c"},
    {&sqlite, "[a b] `c``d` \"e\"", "n[a_b] n`c``d` n\"e\""},
    {&sqlite, "[a]]", "n[a] o]"},
    {&sqlite, "x'00ff' X'' n'a'", "sx'00ff' sX'' wn s'a'"},
    {&sqlite, "'a\\' 'b'", "s'a\\' s'b'"},
    {&sqlite, "a->>'$.b:c'", "wa o->> s'$.b:c'"},
    {&sqlite, "a#b", "wa o# wb"},

    {&postgresql, "$1::int", "p$1 o:: wint"},
    {&postgresql, "$$it's$$", "s$$it's$$"},
    {&postgresql, "$a$ $b$ $$ $a$", "s$a$_$b$_$$_$a$"},
    {&postgresql, "$a$ open $A$", "s$a$_open_$A$!"},
    {&postgresql, "a$b$c", "wa$b$c"},
    {&postgresql, "$1a$ x $1a$", "p$1 wa$ wx p$1 wa$"},
    {&postgresql, "E'a\\'b' e'\\\\'", "sE'a\\'b' se'\\\\'"},
    {&postgresql, "U&'d\\0061' u&\"x\"", "sU&'d\\0061' nu&\"x\""},
    {&postgresql, "U&b", "wU o& wb"},
    {&postgresql, "B'10' X'1F' N'n'", "sB'10' sX'1F' sN'n'"},
    {&postgresql, "'a\\' || 'b'", "s'a\\' o|| s'b'"},
    {&postgresql, "/* a /* b */ c */ d", "c/*_a_/*_b_*/_c_*/ wd"},
    {&postgresql, "j ? 'k' j ?| a j ?& b", "wj o? s'k' wj o?| wa wj o?& wb"},
    {&postgresql, "a @> b <@ c @? d !~~* e", "wa o@> wb o<@ wc o@? wd o!~~* we"},
    {&postgresql, "a=-1", "wa o= o- d1"},
    {&postgresql, "a<-1", "wa o< o- d1"},
    {&postgresql, "@-1", "o@- d1"},
    {&postgresql, "a*--b", "wa o* c--b"},
    {&postgresql, "a*/*b*/c", "wa o* c/*b*/ wc"},
    {&postgresql, "f(a := 1)", "wf (( wa o:= d1 ))"},
    {&postgresql, "a[lo:hi]", "wa o[ wlo o: whi o]"},
    {&postgresql, "a#>'{b}'", "wa o#> s'{b}'"},

    {&mariadb, "'a\\'b' \"c\\\"d\"", "s'a\\'b' s\"c\\\"d\""},
    {&mariadb, "\"a\"\"b\"", "s\"a\"\"b\""},
    {&mariadb, "5--1", "d5 o- o- d1"},
    {&mariadb, "5-- 1", "d5 c--_1"},
    {&mariadb, "5--", "d5 c--"},
    {&mariadb, "a # b\nc", "wa c#_b wc"},
    {&mariadb, "/*! a ? */ b", "c/*! wa p? c*/ wb"},
    {&mariadb, "/*!50100 a */ /*M!100500 b */", "c/*!50100 wa c*/ c/*M!100500 wb c*/"},
    {&mariadb, "/*!50699 a */ b", "c/*!50699 wa c*/ wb"},
    {&mariadb, "/*!50700 a */ b", "c/*!50700_a_*/ wb"},
    {&mariadb, "/*!99999 a */ b", "c/*!99999_a_*/ wb"},
    {&mariadb, "/*!100000 a */ b", "c/*!100000 wa c*/ wb"},
    {&mariadb, "/*!5070 a */ b", "c/*! d5070 wa c*/ wb"},
    {&mariadb, "/*!1000001 a */ b", "c/*!100000 d1 wa c*/ wb"},
    {&mariadb, "/*M!50700 a */ b", "c/*M!50700 wa c*/ wb"},
    {&mariadb, "/*!80000 a ? */ b", "c/*!80000_a_?_*/ wb"},
    {&mariadb, "/*! '*/' */ b", "c/*! s'*/' c*/ wb"},
    {&mariadb, "/*! /* x */ a */ b", "c/*! c/*_x_*/ wa c*/ wb"},
    {&mariadb, "_utf8mb4'x' _utf8mb4 'x'", "s_utf8mb4'x' w_utf8mb4 s'x'"},
    {&mariadb, "@a @@global.b @'c d' @`e`", "w@a w@@global o. wb w@'c_d' w@`e`"},
    {&mariadb, "@a:=1", "w@a o:= d1"},
    {&mariadb, "1st 1e5 1e5x 1_000 0x1F 0xg t.1a $x",
     "w1st d1e5 d1e5 wx w1_000 d0x1F w0xg wt o. w1a w$x"},
    {&mariadb, "a<=>?", "wa o<=> p?"},
    {&mariadb, "`a``b`", "n`a``b`"},

    {&raw, ":a::text", "p:a o:: wtext"},
    {&raw, "j ?? 'k' j ??| a j ??& b @?? c", "wj o?? s'k' wj o??| wa wj o??& wb o@?? wc"},
    {&raw, "a=? b=?::int", "wa o= p? wb o= p? o:: wint"},
    {&raw, "a[1:2] a[lo:hi] a[:lo] a[f(x):hi]",
     "wa o[ d1 o: d2 o] wa o[ wlo o: whi o] wa o[ p:lo o] wa o[ wf (( wx )) o: whi o]"},
    {&raw, "':a' \":b\" $$:c$$ /*:d*/ --:e", "s':a' n\":b\" s$$:c$$ c/*:d*/ c--:e"},
    {&raw, "a>=:b", "wa o>= p:b"},
    {&raw, "x:=:b", "wx o:= p:b"},
    {&raw, "1 - :a", "d1 o- p:a"},
    {&raw, "1-:a", "d1 o- p:a"},
};

static const char letters[] = {
    [ROWAN__TOKEN_COMMENT] = 'c',  [ROWAN__TOKEN_WORD] = 'w',      [ROWAN__TOKEN_NAME] = 'n',
    [ROWAN__TOKEN_STRING] = 's',   [ROWAN__TOKEN_NUMBER] = 'd',    [ROWAN__TOKEN_PLACEHOLDER] = 'p',
    [ROWAN__TOKEN_OPERATOR] = 'o', [ROWAN__TOKEN_OPEN] = '(',      [ROWAN__TOKEN_CLOSE] = ')',
    [ROWAN__TOKEN_COMMA] = ',',    [ROWAN__TOKEN_SEMICOLON] = ';',
};

static void spell(const rowan__reading *reading, const char *text, char *out)
{
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, reading, text, strlen(text));
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        if (token.kind == ROWAN__TOKEN_SPACE) {
            continue;
        }
        if (out[0] != '\0') {
            strcat(out, " ");
        }
        out[strlen(out) + 1] = '\0';
        out[strlen(out)] = letters[token.kind];
        for (size_t i = 0; i < token.size; i++) {
            char c = text[token.offset + i];
            size_t end = strlen(out);
            out[end + 1] = '\0';
            out[end] = c == ' ' ? '_' : c;
        }
        strcat(out, token.unterminated ? "!" : "");
    }
}

START_TEST(texts_are_read_as_the_engine_reads_them)
{
    char got[512] = "";

    spell(cases[_i].reading, cases[_i].text, got);
    ck_assert_msg(strcmp(got, cases[_i].tokens) == 0, "%s\n  expected: %s\n  got:      %s",
                  cases[_i].text, cases[_i].tokens, got);
}
END_TEST

/** Whether the tokens put together are the text, none is empty, and the end stays the end. */
static bool is_covered(const rowan__reading *reading, const char *bytes, size_t size)
{
    rowan__reader reader;
    rowan__token token;
    size_t end = 0;

    rowan__reader_init(&reader, reading, bytes, size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        if (token.offset != end || token.size == 0 || token.size > size - end) {
            return false;
        }
        end += token.size;
    }
    rowan__token_next(&reader, &token);
    return end == size && token.kind == ROWAN__TOKEN_END;
}

START_TEST(any_bytes_are_covered_without_reading_outside)
{
    static const rowan__reading *const readings[] = {&standard, &sqlite, &postgresql, &mariadb,
                                                     &raw};
    static const char alphabet[] = "'\"`[]$$:?@-#/*!\\.0189eExXuU&_ab \n,;()=<>|~\0\x80\xff";
    unsigned seed = 1;

    for (int round = 0; round < 3000; round++) {
        size_t size = (size_t)(round % 24);
        char *exact = malloc(size + (size == 0)); /* so that a read behind the end is seen */
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1103515245u + 12345u;
            exact[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        for (size_t k = 0; k < sizeof readings / sizeof readings[0]; k++) {
            ck_assert_msg(is_covered(readings[k], exact, size), "round %d", round);
        }
        free(exact);
    }
}
END_TEST

START_TEST(every_prefix_of_every_case_is_covered)
{
    size_t size = strlen(cases[_i].text);

    for (size_t n = 0; n <= size; n++) {
        char *exact = malloc(n + (n == 0));
        memcpy(exact, cases[_i].text, n);
        ck_assert(is_covered(cases[_i].reading, exact, n));
        free(exact);
    }
}
END_TEST

START_TEST(words_compare_in_either_case_and_whole)
{
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, &standard, "Select 'IN'", 11);
    rowan__token_next(&reader, &token);
    ck_assert(rowan__token_is(&reader, &token, "SELECT"));
    ck_assert(!rowan__token_is(&reader, &token, "SELEC"));
    ck_assert(!rowan__token_is(&reader, &token, "SELECTS"));
    rowan__token_next(&reader, &token);
    rowan__token_next(&reader, &token);
    ck_assert(!rowan__token_is(&reader, &token, "'IN'"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("token");
    TCase *tc = tcase_create("token");
    SRunner *runner;
    int failed, count = (int)(sizeof cases / sizeof cases[0]);

    tcase_add_loop_test(tc, texts_are_read_as_the_engine_reads_them, 0, count);
    tcase_add_loop_test(tc, every_prefix_of_every_case_is_covered, 0, count);
    tcase_add_test(tc, any_bytes_are_covered_without_reading_outside);
    tcase_add_test(tc, words_compare_in_either_case_and_whole);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
