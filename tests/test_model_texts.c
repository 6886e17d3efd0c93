/*
 * Models of tables that no database was asked for: what names, labels and comments become in C,
 * whatever is in them, and which tables, columns and hints are refused.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "schema/write.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static rowan__arena arena;
static rowan__model model;
static rowan__hints hints;
static rowan__written written;
static rowan_error error;

static void setup(void)
{
    rowan__arena_init(&arena, &rowan__default_allocator);
    hints = (rowan__hints){0};
    written = (rowan__written){0};
    error = (rowan_error){0};
}

static void teardown(void)
{
    if (written.rows.allocator != NULL) {
        rowan__written_fini(&written);
    }
    rowan__arena_fini(&arena);
}

#define KEY_COLUMN                                                                                 \
    {                                                                                              \
        .name = "id", .declared = "bigint", .type = ROWAN_TYPE_INT64, .key_position = 1            \
    }
#define INTEGER(its_name)                                                                          \
    {                                                                                              \
        .name = (its_name), .declared = "bigint", .type = ROWAN_TYPE_INT64                         \
    }

static rowan_status describe(rowan__found_table *tables, size_t count, const char *hint_text,
                             bool skip_unknown)
{
    const rowan__found found = {tables, count};

    if (hint_text != NULL) {
        ck_assert_int_eq(
            rowan__hints_read(&hints, &arena, "hints", hint_text, strlen(hint_text), &error),
            ROWAN_OK);
    }
    return rowan__describe(&model, &arena, &found, &hints, skip_unknown, &error);
}

/* The model of one table with these columns, written; the test fails if it cannot be. */
static void write_table(rowan__found_table *table)
{
    if (describe(table, 1, NULL, false) != ROWAN_OK ||
        rowan__write_model(&model, "shop", &written, &error) != ROWAN_OK) {
        ck_abort_msg("%s", error.message);
    }
}

static void expect(const rowan__text *text, const char *part)
{
    ck_assert_msg(strstr(rowan__text_string(text), part) != NULL, "there is no\n%s\nin\n%s", part,
                  rowan__text_string(text));
}

/* --- What C reads. --- */

static const struct {
    const char *comment, *written;
} comments[] = {
    {"Plain words", "Plain words"},
    {"ends */ here", "ends * / here"},
    {"begins /* here", "begins / * here"},
    {"*/*/*", "* / * / *"},
    {"/*/", "/ * /"},
    {"//", "//"},
    {"**", "**"},
    {"two\nlines\tand\x01more\x7f", "two lines and more "},
    {"gr\xC3\xBC\xC3\x9F \x80", "gr\xC3\xBC\xC3\x9F \x80"},
    {"back\\slash \"quoted\" ~", "back\\slash \"quoted\" ~"},
};

START_TEST(a_comment_stays_one_comment)
{
    char expected[200];
    rowan__found_column columns[] = {KEY_COLUMN, INTEGER("Odd Name"), INTEGER("plain")};
    rowan__found_table table = {.name = "t", .columns = columns, .column_count = 3};

    table.comment = columns[1].comment = columns[2].comment = comments[_i].comment;
    write_table(&table);
    snprintf(expected, sizeof expected, "/** A row of table \"t\". %s */\n", comments[_i].written);
    expect(&written.rows, expected);
    snprintf(expected, sizeof expected, "int64_t odd_name; /* \"Odd Name\": %s */\n",
             comments[_i].written);
    expect(&written.rows, expected);
    snprintf(expected, sizeof expected, "int64_t plain; /* %s */\n", comments[_i].written);
    expect(&written.rows, expected);
    expect(&written.rows, "int64_t id;\n"); /* nothing to say */
}
END_TEST

static const struct {
    const char *name, *literal, *member, *in_comment;
} strings[] = {
    {"a\"b", "\"a\\\"b\"", "a_b", "a\"b"},
    {"back\\slash", "\"back\\\\slash\"", "back_slash", "back\\slash"},
    {"what\?\?/", "\"what\\?\\?/\"", "what", "what\?\?/"},
    {"tab\tnew\n", "\"tab\\011new\\012\"", "tab_new", "tab new "},
    {"a\x1f"
     "7",
     "\"a\\0377\"", "a_7", "a 7"}, /* no digit more is taken for the escape's */
    {"del\x7f", "\"del\\177\"", "del", "del "},
    {"gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"", "gr_u00fc_u00df", "gr\xC3\xBC\xC3\x9F"},
    {"*/", "\"*/\"", "unnamed", "* /"},
    {"z", "\"z\"", "z", NULL},
    {"int", "\"int\"", "int_", "int"},
};

START_TEST(a_name_is_the_same_text_in_c)
{
    char expected[200];
    rowan__found_column columns[] = {KEY_COLUMN, INTEGER(strings[_i].name)};
    rowan__found_table table = {.name = "t", .columns = columns, .column_count = 2};

    write_table(&table);
    expect(&written.source, strings[_i].literal);
    if (strings[_i].in_comment != NULL) {
        snprintf(expected, sizeof expected, "int64_t %s; /* \"%s\" */\n", strings[_i].member,
                 strings[_i].in_comment);
    } else {
        snprintf(expected, sizeof expected, "int64_t %s;\n", strings[_i].member);
    }
    expect(&written.rows, expected);
}
END_TEST

START_TEST(labels_are_texts_and_enumerators)
{
    static const char *const labels[] = {"new", "New", "in \"stock\"", "", "sold*/"};
    rowan__found_column columns[] = {
        KEY_COLUMN,
        {.name = "state",
         .declared = "text",
         .type = ROWAN_TYPE_ENUM,
         .labels = labels,
         .label_count = 5},
        {.name = "maybe",
         .declared = "text",
         .type = ROWAN_TYPE_ENUM,
         .nullable = true,
         .labels = labels,
         .label_count = 1},
        {.name = "free", .declared = "text", .type = ROWAN_TYPE_ENUM}, /* without labels: text */
    };
    rowan__found_table table = {.name = "thing", .columns = columns, .column_count = 4};

    write_table(&table);
    expect(&written.rows, "/** What thing.state can be. */\ntypedef enum thing_state {\n");
    expect(&written.rows, "} thing_state;\n");
    expect(&written.rows,
           "typedef struct thing_maybe_opt {\n    bool has;\n    thing_maybe value;\n"
           "} thing_maybe_opt;\n");
    expect(&written.rows, "    thing_state state;\n");
    expect(&written.rows, "    thing_maybe_opt maybe;\n");
    expect(&written.rows, "    const char *free;\n");
    expect(&written.source, "\"in \\\"stock\\\"\"");
    expect(&written.source, "\"sold*/\"");
    const rowan__enum_model *e = model.tables[0].columns[1].enumeration;
    ck_assert_uint_eq(e->count, 5);
    for (size_t i = 0; i < e->count; i++) {
        for (size_t k = 0; k < i; k++) {
            ck_assert_str_ne(e->enumerators[i], e->enumerators[k]);
        }
    }
}
END_TEST

/* A table whose key has several columns, in their order, under names that templates use too. */
START_TEST(a_key_of_many_columns_is_many_parameters)
{
    rowan__found_column columns[] = {
        {.name = "scope", .declared = "text", .type = ROWAN_TYPE_TEXT, .key_position = 2},
        {.name = "count", .declared = "integer", .type = ROWAN_TYPE_INT32, .key_position = 1},
        {.name = "free", .declared = "uuid", .type = ROWAN_TYPE_UUID, .key_position = 3},
        INTEGER("value"),
    };
    rowan__found_table table = {.name = "pair", .columns = columns, .column_count = 4};

    write_table(&table);
    ck_assert_uint_eq(model.tables[0].primary_count, 3);
    ck_assert_uint_eq(model.tables[0].primary[0], 1);
    ck_assert_uint_eq(model.tables[0].primary[1], 0);
    ck_assert_uint_eq(model.tables[0].primary[2], 2);
    expect(&written.header, "int32_t count_key, const char *scope_key, rowan_uuid free");
    expect(&written.source, "rowan_v_int64(count_key), rowan_v_text(scope_key), rowan_v_uuid(free");
}
END_TEST

/* --- What is left out, and what is refused. --- */

START_TEST(what_has_no_columns_is_left_out_and_told)
{
    rowan__found_column columns[] = {KEY_COLUMN};
    rowan__found_table tables[] = {
        {.name = "empty"},
        {.name = "rowan_seed", .columns = columns, .column_count = 1}, /* our own: not told */
        {.name = "t", .columns = columns, .column_count = 1},
    };

    ck_assert_int_eq(describe(tables, 3, NULL, false), ROWAN_OK);
    ck_assert_uint_eq(model.table_count, 1);
    ck_assert_str_eq(model.tables[0].type, "t");
    ck_assert_uint_eq(model.note_count, 1);
    ck_assert_str_eq(model.notes[0], "table \"empty\" is left out: it has no columns");
}
END_TEST

START_TEST(a_table_has_at_most_256_columns)
{
    static rowan__found_column columns[257];
    static char names[257][8];
    rowan__found_table table = {.name = "wide", .columns = columns};

    for (size_t i = 0; i < COUNT(columns); i++) {
        snprintf(names[i], sizeof names[i], "c%zu", i);
        columns[i] = (rowan__found_column)INTEGER(names[i]);
    }
    table.column_count = 256;
    ck_assert_int_eq(describe(&table, 1, NULL, false), ROWAN_OK);
    ck_assert_uint_eq(model.tables[0].column_count, 256);
    table.column_count = 257;
    ck_assert_int_eq(describe(&table, 1, NULL, false), ROWAN_UNSUPPORTED);
    ck_assert_str_eq(error.message, "table \"wide\" has more than 256 columns");
}
END_TEST

/* A key of which a column is left out is none: rows could not be told apart by the rest. */
START_TEST(half_a_key_is_no_key)
{
    rowan__found_column columns[] = {
        KEY_COLUMN,
        {.name = "place", .declared = "point", .key_position = 2},
        INTEGER("value"),
    };
    rowan__found_table table = {.name = "spot", .columns = columns, .column_count = 3};

    ck_assert_int_eq(describe(&table, 1, NULL, false), ROWAN_UNSUPPORTED);
    ck_assert_str_eq(error.message,
                     "column \"place\" of table \"spot\" has type point, which Rowan does not "
                     "have: give it one in the hints, or skip it");
    ck_assert_int_eq(describe(&table, 1, NULL, true), ROWAN_OK);
    ck_assert_uint_eq(model.tables[0].column_count, 2);
    ck_assert_uint_eq(model.tables[0].primary_count, 0);
    ck_assert_uint_eq(model.note_count, 1);
    ck_assert_str_eq(model.notes[0],
                     "column \"place\" of table \"spot\" is left out: Rowan has no type point");
    ck_assert_int_eq(describe(&table, 1, "[spot] type place = text", false), ROWAN_OK);
    ck_assert_uint_eq(model.tables[0].primary_count, 2);
    ck_assert_int_eq(model.tables[0].columns[1].type, ROWAN_TYPE_TEXT);
    table.columns += 1;
    table.column_count = 1;
    ck_assert_int_eq(describe(&table, 1, "", true), ROWAN_UNSUPPORTED);
    ck_assert_str_eq(error.message, "table \"spot\" has no column of a type that Rowan has");
}
END_TEST

static rowan__found_column book_columns[] = {
    KEY_COLUMN,
    INTEGER("version"),
    {.name = "small", .declared = "smallint", .type = ROWAN_TYPE_INT16},
    {.name = "maybe", .declared = "integer", .type = ROWAN_TYPE_INT32, .nullable = true},
    {.name = "title", .declared = "text", .type = ROWAN_TYPE_TEXT},
};
static rowan__found_column pair_columns[] = {
    KEY_COLUMN,
    {.name = "second", .declared = "bigint", .type = ROWAN_TYPE_INT64, .key_position = 2},
};
static rowan__found_column tag_columns[] = {
    KEY_COLUMN,
    {.name = "kind", .declared = "text", .type = ROWAN_TYPE_TEXT},
    INTEGER("of"),
};
static rowan__found_table shop[] = {
    {.name = "book", .columns = book_columns, .column_count = 5},
    {.name = "pair", .columns = pair_columns, .column_count = 2},
    {.name = "tag", .columns = tag_columns, .column_count = 3},
};

#define NOT_A_VERSION(column)                                                                      \
    "hints: the version column \"" column "\" of table \"book\" is not an integer that is never "  \
    "NULL"

static const struct {
    const char *text;
    const char *message; /* NULL: taken */
} told[] = {
    {"[book] version = version", NULL},
    {"[book] version = small", NULL},
    {"[book] version = id", NOT_A_VERSION("id")},
    {"[book] version = maybe", NOT_A_VERSION("maybe")},
    {"[book] version = title", NOT_A_VERSION("title")},
    {"[book] version = none", NOT_A_VERSION("none")},
    {"\n[books] version = version", "hints:2: there is no table \"books\""},
    {"[book] column none = some", "hints:1: the table has no column \"none\""},
    {"[book] type none = text", "hints:1: the table has no column \"none\""},
    {"[book]\ntype title = varchar", "hints:2: Rowan has no type \"varchar\""},
    {"[book] type title = json", NULL},
    {"[book] relation none = some", "hints:1: book has no relation"},
    {"[tag] polymorphic = kind, of 'book' = book", NULL},
    {"[tag] polymorphic = none, of 'book' = book", "hints:1: the table has no column \"none\""},
    {"[tag] polymorphic = kind, none 'book' = book", "hints:1: the table has no column \"none\""},
    {"[tag] polymorphic = of, of 'book' = book", "hints:1: this column is no text: \"of\""},
    {"[tag] polymorphic = kind, of 'book' = none", "hints:1: there is no table \"none\""},
    {"[tag] polymorphic = kind, of 'pair' = pair",
     "hints:1: the key of this table is not one column: \"pair\""},
};

START_TEST(a_hint_is_taken_or_says_what_is_wrong)
{
    rowan_status status = describe(shop, COUNT(shop), told[_i].text, false);

    if (told[_i].message == NULL) {
        ck_assert_msg(status == ROWAN_OK, "%s", error.message);
    } else if (strstr(told[_i].message, "has no relation") == NULL) {
        ck_assert_int_eq(status, ROWAN_SYNTAX);
        ck_assert_str_eq(error.message, told[_i].message);
    } else {
        ck_assert_int_eq(status, ROWAN_SYNTAX);
        ck_assert_ptr_nonnull(strstr(error.message, "\"none\""));
    }
}
END_TEST

/* Rows of every target of a polymorphic column have rows of its table, and those belong to them. */
START_TEST(a_polymorphic_column_gives_relations_on_both_sides)
{
    ck_assert_int_eq(describe(shop, COUNT(shop),
                              "[tag] polymorphic = kind, of 'a book' = book, 'tag' = tag", false),
                     ROWAN_OK);
    const rowan__table_model *book = &model.tables[0], *tag = &model.tables[2];
    ck_assert_uint_eq(book->relation_count, 1);
    ck_assert_str_eq(book->relations[0].name, "tags");
    ck_assert_int_eq(book->relations[0].kind, ROWAN_HAS_MANY);
    ck_assert(book->relations[0].has_type);
    ck_assert_str_eq(book->relations[0].type_value, "a book");
    ck_assert_uint_eq(book->relations[0].type_column, 1);
    ck_assert_uint_eq(book->relations[0].to_columns[0], 2);
    ck_assert_uint_eq(book->relations[0].from_columns[0], 0);
    ck_assert_uint_eq(tag->relation_count, 1);
    ck_assert_uint_eq(tag->relations[0].to, 2);
    ck_assert_str_eq(tag->relations[0].type_value, "tag");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_texts");
    TCase *tc = tcase_create("model_texts");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_comment_stays_one_comment, 0, (int)COUNT(comments));
    tcase_add_loop_test(tc, a_name_is_the_same_text_in_c, 0, (int)COUNT(strings));
    tcase_add_test(tc, labels_are_texts_and_enumerators);
    tcase_add_test(tc, a_key_of_many_columns_is_many_parameters);
    tcase_add_test(tc, what_has_no_columns_is_left_out_and_told);
    tcase_add_test(tc, a_table_has_at_most_256_columns);
    tcase_add_test(tc, half_a_key_is_no_key);
    tcase_add_loop_test(tc, a_hint_is_taken_or_says_what_is_wrong, 0, (int)COUNT(told));
    tcase_add_test(tc, a_polymorphic_column_gives_relations_on_both_sides);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
