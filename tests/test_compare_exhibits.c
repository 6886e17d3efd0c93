/*
 * The source of the use cases as an exhibit: every cell is there, only raw cells contain SQL or
 * call the raw functions, and the lines that are counted are those of the code that is shown.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare/embedded.h"
#include "cli/compare/results.h"
#include "cli/compare/sources.h"
#include "support/suite.h"

static const char *const sql_words[] = {"select",   "insert",   "update", "delete", "from",
                                        "where",    "join",     "having", "union",  "values",
                                        "order by", "group by", NULL};

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether a piece of text has a word, whatever its case. */
static bool has_word(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);

    for (size_t i = 0; i + length <= size; i++) {
        bool starts = i == 0 || !is_word_char(text[i - 1]);
        bool ends = i + length == size || !is_word_char(text[i + length]);
        size_t same = 0;
        while (same < length && tolower((unsigned char)text[i + same]) == word[same]) {
            same++;
        }
        if (starts && ends && same == length) {
            return true;
        }
    }
    return false;
}

/* What is wrong with a file that must not contain SQL; NULL if nothing is. */
static const char *offence(const char *text)
{
    for (const char *at = text; (at = strchr(at, '"')) != NULL;) {
        const char *end = strchr(at + 1, '"');
        size_t size = end ? (size_t)(end - at - 1) : 0;
        for (size_t i = 0; sql_words[i]; i++) {
            if (has_word(at + 1, size, sql_words[i])) {
                return sql_words[i];
            }
        }
        at = end ? end + 1 : at + 1;
    }
    if (strstr(text, "rowan_raw_") || strstr(text, "_raw_all") || strstr(text, "_raw_one")) {
        return "a raw function";
    }
    return strstr(text, "RAW(") || strstr(text, "RAW_0(") ? "a raw fragment" : NULL;
}

START_TEST(only_raw_cells_contain_sql_or_call_raw_functions)
{
    unsigned raw_files = 0, others = 0;

    for (const embedded_file *file = embedded_files; file->name; file++) {
        size_t size = strlen(file->name);
        if (size < 2 || strcmp(file->name + size - 2, ".c") != 0) {
            continue;
        }
        if (size >= 6 && strcmp(file->name + size - 6, "/raw.c") == 0) {
            ck_assert_msg(offence(file->text) != NULL, "%s has no SQL", file->name);
            raw_files++;
        } else {
            ck_assert_msg(!offence(file->text), "%s: %s", file->name, offence(file->text));
            others++;
        }
    }
    ck_assert_uint_ge(raw_files, 12);
    ck_assert_uint_ge(others, raw_files * 3);
}
END_TEST

START_TEST(the_rule_sees_what_it_forbids)
{
    ck_assert_ptr_nonnull(offence("x(\"SELECT 1\");"));
    ck_assert_ptr_nonnull(offence("x(\"title\", \"a b\", \"delete  From book\");"));
    ck_assert_ptr_nonnull(offence("status = rowan_raw_run(scope, text, NO_PARAMS, NULL);"));
    ck_assert_ptr_nonnull(offence("status = book_raw_all(scope, text, NO_PARAMS, &books);"));
    ck_assert_ptr_nonnull(offence("left = RAW_0(\"a + b\");"));
    ck_assert_ptr_null(offence("AS(PUBLISHER.name, \"publisher\"), V(\"selected\")"));
    ck_assert_ptr_null(offence("book_query_all(scope, &page, &books); /* no text from here */"));
}
END_TEST

START_TEST(every_cell_shows_its_source)
{
    for (size_t i = 0; usecases[i]; i++) {
        for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
            for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
                const usecase_ways *ways = usecases[i]->ways[pattern];
                bool is_there = (way == WAY_GOOD ? ways->good : ways->tempting) != NULL;
                unsigned lines;
                char *source = results_source(usecases[i], pattern, way, &lines);
                ck_assert_msg((source != NULL) == is_there, "%s, %s", usecases[i]->key,
                              pattern_keys[pattern]);
                ck_assert_msg(!is_there || lines >= 3, "%s, %s: %u lines", usecases[i]->key,
                              pattern_keys[pattern], lines);
                ck_assert(!source || strstr(source, way == WAY_GOOD ? " good(" : " tempting("));
                ck_assert(!source || !strstr(source, "#include"));
                free(source);
            }
        }
    }
}
END_TEST

START_TEST(a_story_and_a_lesson_are_told_of_each_without_figures)
{
    for (size_t i = 0; usecases[i]; i++) {
        ck_assert_uint_gt(strlen(usecases[i]->story), 20);
        ck_assert_uint_gt(strlen(usecases[i]->lesson), 40);
        ck_assert_ptr_null(strpbrk(usecases[i]->lesson, "0123456789"));
    }
}
END_TEST

static const char sample[] = "/* About the file. */\n"
                             "#include <rowan/short.h>\n"
                             "\n"
                             "enum { FIRST = 1, SECOND };\n"
                             "\n"
                             "/* Not needed by the good way. */\n"
                             "static int slow(void)\n"
                             "{\n"
                             "    return FIRST;\n"
                             "}\n"
                             "\n"
                             "static int inner(void)\n"
                             "{\n"
                             "    return 2;\n"
                             "}\n"
                             "\n"
                             "static int outer(void)\n"
                             "{\n"
                             "    /* A comment\n"
                             "       of two lines. */\n"
                             "\n"
                             "    return inner();\n"
                             "}\n"
                             "\n"
                             "static rowan_status tempting(rowan_scope *scope, ledger *found)\n"
                             "{\n"
                             "    return slow();\n"
                             "}\n"
                             "\n"
                             "static rowan_status good(rowan_scope *scope, ledger *found)\n"
                             "{\n"
                             "    return outer();\n"
                             "}\n"
                             "\n"
                             "const usecase_ways sample_raw = {tempting, good};\n";

START_TEST(a_way_is_shown_with_the_helpers_that_it_needs_and_no_others)
{
    unsigned lines;
    char *good = source_of_way(sample, "good", &lines);

    ck_assert_ptr_nonnull(strstr(good, "outer(void)"));
    ck_assert_ptr_nonnull(strstr(good, "inner(void)"));
    ck_assert_ptr_null(strstr(good, "slow"));
    ck_assert_ptr_null(strstr(good, "FIRST"));
    ck_assert_ptr_null(strstr(good, "sample_raw"));
    ck_assert_uint_eq(lines, 12);
    free(good);
}
END_TEST

START_TEST(constants_are_shown_where_they_are_used_and_lines_are_code)
{
    unsigned lines;
    char *tempting = source_of_way(sample, "tempting", &lines);

    ck_assert_ptr_nonnull(strstr(tempting, "enum { FIRST"));
    ck_assert_ptr_nonnull(strstr(tempting, "/* Not needed by the good way. */"));
    ck_assert_ptr_null(strstr(tempting, "About the file"));
    ck_assert_uint_eq(lines, 9);
    free(tempting);
}
END_TEST

START_TEST(a_way_that_is_not_there_has_no_source)
{
    unsigned lines = 7;

    ck_assert_ptr_null(source_of_way("static int other(void)\n{\n}\n", "good", &lines));
    ck_assert_uint_eq(lines, 0);
    ck_assert_ptr_null(source_text("cases/none/raw.c"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exhibits");
    TCase *rules = tcase_create("rules");
    TCase *lines = tcase_create("lines");

    tcase_add_test(rules, only_raw_cells_contain_sql_or_call_raw_functions);
    tcase_add_test(rules, the_rule_sees_what_it_forbids);
    tcase_add_test(rules, every_cell_shows_its_source);
    tcase_add_test(rules, a_story_and_a_lesson_are_told_of_each_without_figures);
    tcase_add_test(lines, a_way_is_shown_with_the_helpers_that_it_needs_and_no_others);
    tcase_add_test(lines, constants_are_shown_where_they_are_used_and_lines_are_code);
    tcase_add_test(lines, a_way_that_is_not_there_has_no_source);
    suite_add_tcase(suite, rules);
    suite_add_tcase(suite, lines);
    return suite_run(suite);
}
