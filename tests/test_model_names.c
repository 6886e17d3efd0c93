/* Names in C for what a database calls by any name, and plurals. */
#include <string.h>

#include "base/alloc.h"
#include "schema/names.h"
#include "support/suite.h"

static rowan__arena arena;

static void setup(void)
{
    rowan__arena_init(&arena, &rowan__default_allocator);
}

static void teardown(void)
{
    rowan__arena_fini(&arena);
}

static const struct {
    const char *name, *plain, *member, *type;
} names[] = {
    {"book", "book", "book", "book"},
    {"BookAuthor", "book_author", "book_author", "book_author"},
    {"bookAuthor2Go", "book_author2_go", "book_author2_go", "book_author2_go"},
    {"HTMLPage", "html_page", "html_page", "html_page"},
    {"ID", "id", "id", "id"},
    {"Order Line", "order_line", "order_line", "order_line"},
    {"  weird--name__ ", "weird_name", "weird_name", "weird_name"},
    {"2nd", "n_2nd", "n_2nd", "n_2nd"},
    {"", "unnamed", "unnamed", "unnamed"},
    {"!?", "unnamed", "unnamed", "unnamed"},
    {"straße", "stra_u00df_e", "stra_u00df_e", "stra_u00df_e"},
    {"日本", "u65e5_u672c", "u65e5_u672c", "u65e5_u672c"},
    {"\xff\xfe", "u00ff_u00fe", "u00ff_u00fe", "u00ff_u00fe"},
    {"\xC2\x80", "u0080", "u0080", "u0080"}, /* the first and last of each length in UTF-8 */
    {"\xDF\xBF", "u07ff", "u07ff", "u07ff"},
    {"\xE0\xA0\x80", "u0800", "u0800", "u0800"},
    {"\xEF\xBF\xBD", "ufffd", "ufffd", "ufffd"},
    {"\xF0\x90\x80\x80", "u10000", "u10000", "u10000"},
    {"a\xF0\x9F\x98\x80z", "a_u1f600_z", "a_u1f600_z", "a_u1f600_z"},
    {"\xC3", "u00c3", "u00c3", "u00c3"}, /* cut short: each byte by itself */
    {"\xE6\x97", "u00e6_u0097", "u00e6_u0097", "u00e6_u0097"},
    {"\xE6\x97z", "u00e6_u0097_z", "u00e6_u0097_z", "u00e6_u0097_z"},
    {"ABCd", "ab_cd", "ab_cd", "ab_cd"},
    {"aZ9Az", "a_z9_az", "a_z9_az", "a_z9_az"},
    {"A1B", "a1_b", "a1_b", "a1_b"},
    {"AB", "ab", "ab", "ab"},
    {"zA", "z_a", "z_a", "z_a"},
    {"int", "int", "int_", "int_row"},
    {"Class", "class", "class_", "class_row"},
    {"xor_eq", "xor_eq", "xor_eq_", "xor_eq_row"},
    {"int64_t", "int64_t", "int64_t_", "int64_t_row"},
    {"linux", "linux", "linux_", "linux_row"},
    {"index", "index", "index", "index_row"},
    {"rank", "rank", "rank", "rank_row"},
    {"group", "group", "group", "group_row"},
    {"count", "count", "count", "count_row"},
    {"rowan_uuid", "rowan_uuid", "rowan_uuid_", "n_rowan_uuid"},
    {"order", "order", "order", "order"},
    {"v0Name", "v0_name", "v0_name", "v0_name"}, /* the first and the last digit */
    {"v9Name", "v9_name", "v9_name", "v9_name"},
    {"0", "n_0", "n_0", "n_0"},
    {"a_Bc", "a_bc", "a_bc", "a_bc"},
    {"a$Bc", "a_bc", "a_bc", "a_bc"},
    {"ABc", "a_bc", "a_bc", "a_bc"},
};

START_TEST(names_become_identifiers_by_rules_of_their_own)
{
    ck_assert_str_eq(rowan__c_name(&arena, names[_i].name), names[_i].plain);
    ck_assert_str_eq(rowan__c_member(&arena, names[_i].name), names[_i].member);
    ck_assert_str_eq(rowan__c_type(&arena, names[_i].name), names[_i].type);
}
END_TEST

static const struct {
    const char *one, *many;
} plurals[] = {
    {"book", "books"},
    {"category", "categories"},
    {"day", "days"},
    {"address", "addresses"},
    {"box", "boxes"},
    {"branch", "branches"},
    {"dish", "dishes"},
    {"status", "statuses"},
    {"books", "books"},
    {"categories", "categories"},
    {"child", "children"},
    {"grand_child", "grand_children"},
    {"person", "people"},
    {"people", "people"},
    {"children", "children"},
    {"purchase_line", "purchase_lines"},
    {"quiz", "quizes"},
    {"s", "ses"},
    {"y", "ys"},
    {"n_2nd", "n_2nds"},
    {"salesman", "salesmans"},
    {"sales_man", "sales_men"},
    {"zz_9y", "zz_9ys"}, /* no letter before the y */
    {"boy", "boys"},
    {"city_", "city_s"},
    {"bus", "buses"},
    {"gas", "gas"},
    {"9s", "9ses"},
    {"child_", "child_s"}, /* whose last word is empty */
    {"_child", "_children"},
};

START_TEST(plurals_follow_the_documented_rule)
{
    ck_assert_str_eq(rowan__plural(&arena, plurals[_i].one), plurals[_i].many);
}
END_TEST

/* Each identifier of a made-up name is one: small letters, digits, single underscores, no digit
 * first. */
START_TEST(any_bytes_give_an_identifier)
{
    uint64_t state = 88172645463325252u;

    for (int round = 0; round < 20000; round++) {
        char name[12];
        size_t size;

        for (size = 0; size < sizeof name - 1; size++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            name[size] = (char)(state >> 32);
        }
        name[size] = '\0';
        const char *c = rowan__c_member(&arena, name);
        ck_assert(c[0] >= 'a' && c[0] <= 'z');
        ck_assert_uint_eq(strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(c));
        ck_assert_ptr_null(strstr(c, "__"));
        rowan__arena_fini(&arena);
        rowan__arena_init(&arena, &rowan__default_allocator);
    }
}
END_TEST

START_TEST(a_set_of_names_keeps_what_was_added)
{
    rowan__name_set set = {0};

    ck_assert(!rowan__name_set_has(&set, "x"));
    for (int i = 0; i < 1000; i++) {
        ck_assert(rowan__name_set_add(&set, &arena, rowan__printed(&arena, "name_%d", i)));
        ck_assert(rowan__name_set_add(&set, &arena, "twice"));
    }
    ck_assert_uint_eq(set.count, 1001);
    for (int i = 0; i < 1000; i++) {
        ck_assert(rowan__name_set_has(&set, rowan__printed(&arena, "name_%d", i)));
    }
    ck_assert(!rowan__name_set_has(&set, "name_1000"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_names");
    TCase *tc = tcase_create("model_names");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, names_become_identifiers_by_rules_of_their_own, 0,
                        (int)(sizeof names / sizeof names[0]));
    tcase_add_loop_test(tc, plurals_follow_the_documented_rule, 0,
                        (int)(sizeof plurals / sizeof plurals[0]));
    tcase_add_test(tc, any_bytes_give_an_identifier);
    tcase_add_test(tc, a_set_of_names_keeps_what_was_added);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
