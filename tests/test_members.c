/*
 * Single members of rows by their columns: compared, copied, cleared, set, and kept when what they
 * point to goes away. Every type, as it is and as an optional member.
 */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "relation/member.h"
#include "support/fault.h"
#include "support/members.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const rowan_column *column_at(size_t i)
{
    return &members_shape.columns[i];
}

static bool is_optional(const rowan_column *column)
{
    return (column->flags & ROWAN_NULLABLE) != 0;
}

/* The numbers of all columns in which two rows differ, as a bit for each. */
static uint64_t differing(const members *a, const members *b)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < MEMBER_COLUMNS; i++) {
        bool same = rowan__member_same(column_at(i), a, b);
        ck_assert_int_eq(rowan__member_same(column_at(i), b, a), same);
        ck_assert(same || !rowan__member_untouched(column_at(i), a, b));
        bits |= same ? 0 : (uint64_t)1 << i;
    }
    return bits;
}

START_TEST(types_have_the_size_and_alignment_of_their_members)
{
    static const struct {
        size_t size, align;
    } expected[MEMBER_TYPES] = {
        {sizeof(bool), _Alignof(bool)},
        {sizeof(int16_t), _Alignof(int16_t)},
        {sizeof(int32_t), _Alignof(int32_t)},
        {sizeof(int64_t), _Alignof(int64_t)},
        {sizeof(float), _Alignof(float)},
        {sizeof(double), _Alignof(double)},
        {sizeof(rowan_decimal), _Alignof(rowan_decimal)},
        {sizeof(const char *), _Alignof(const char *)},
        {sizeof(rowan_blob), _Alignof(rowan_blob)},
        {sizeof(rowan_date), _Alignof(rowan_date)},
        {sizeof(rowan_time), _Alignof(rowan_time)},
        {sizeof(rowan_timestamp), _Alignof(rowan_timestamp)},
        {sizeof(rowan_uuid), _Alignof(rowan_uuid)},
        {sizeof(rowan_json), _Alignof(rowan_json)},
        {sizeof(members_size), _Alignof(members_size)},
    };

    ck_assert_uint_eq(rowan__type_size((rowan_type)(_i + 1)), expected[_i].size);
    ck_assert_uint_eq(rowan__type_align((rowan_type)(_i + 1)), expected[_i].align);
}
END_TEST

START_TEST(a_list_is_no_member)
{
    ck_assert_uint_eq(rowan__type_size(ROWAN_TYPE_LIST), 0);
}
END_TEST

START_TEST(one_member_that_differs_is_the_one_that_is_seen)
{
    members zero, row;

    memset(&zero, 0, sizeof zero);
    ck_assert_uint_eq(differing(&zero, &zero), 0);
    ck_assert_uint_eq(differing(&members_full, &members_full), 0);
    ck_assert_uint_eq(differing(&members_full, &zero), ((uint64_t)1 << MEMBER_COLUMNS) - 1);
    for (size_t i = 0; i < MEMBER_COLUMNS; i++) {
        row = zero;
        rowan__member_copy(column_at(i), &row, &members_full);
        ck_assert_uint_eq(differing(&row, &zero), (uint64_t)1 << i);
        row = members_full;
        rowan__member_clear(column_at(i), &row);
        ck_assert_uint_eq(differing(&row, &members_full), (uint64_t)1 << i);
        rowan__member_copy(column_at(i), &row, &members_full);
        ck_assert_uint_eq(differing(&row, &members_full), 0);
    }
}
END_TEST

/* What an optional member holds while it has nothing is nobody's business. */
START_TEST(members_without_a_value_are_alike_whatever_is_left_in_them)
{
    members a = members_full, b = members_full;

    for (size_t i = MEMBER_TYPES; i < MEMBER_COLUMNS; i++) {
        const rowan_column *column = column_at(i);
        memset((char *)&a + column->value_offset, 0x11, rowan__type_size(column->type));
        *((char *)&a + column->offset) = 0;
        *((char *)&b + column->offset) = 0;
    }
    ck_assert_uint_eq(differing(&a, &b), 0);
    for (size_t i = MEMBER_TYPES; i < MEMBER_COLUMNS; i++) {
        ck_assert(rowan__member_is_zero(column_at(i), &a));
    }
}
END_TEST

static const struct {
    rowan_type type;
    members a, b;
    bool same;
} contents[] = {
    {ROWAN_TYPE_TEXT, {.a_text = NULL}, {.a_text = ""}, false},
    {ROWAN_TYPE_TEXT, {.a_text = "ab"}, {.a_text = "abc"}, false},
    {ROWAN_TYPE_TEXT, {.a_text = "ab"}, {.a_text = "ab"}, true},
    {ROWAN_TYPE_JSON, {.a_json = {NULL}}, {.a_json = {NULL}}, true},
    {ROWAN_TYPE_JSON, {.a_json = {"{}"}}, {.a_json = {"{ }"}}, false},
    {ROWAN_TYPE_DECIMAL, {.a_decimal = {"1.0"}}, {.a_decimal = {"1.00"}}, false},
    {ROWAN_TYPE_BLOB, {.a_blob = {NULL, 0}}, {.a_blob = {"", 0}}, true},
    {ROWAN_TYPE_BLOB, {.a_blob = {"a\0b", 3}}, {.a_blob = {"a\0c", 3}}, false},
    {ROWAN_TYPE_BLOB, {.a_blob = {"abc", 3}}, {.a_blob = {"abc", 2}}, false},
    {ROWAN_TYPE_DOUBLE, {.a_double = 0.0}, {.a_double = -0.0}, false},
    {ROWAN_TYPE_DOUBLE, {.a_double = NAN}, {.a_double = NAN}, true},
    {ROWAN_TYPE_UUID, {.a_uuid = {{[15] = 1}}}, {.a_uuid = {{[15] = 2}}}, false},
};

START_TEST(content_is_compared_not_where_it_is)
{
    const rowan_column *column = member_column(contents[_i].type, false);
    members a = contents[_i].a, b = contents[_i].b;
    char elsewhere[16];

    ck_assert_int_eq(rowan__member_same(column, &a, &b), contents[_i].same);
    if (contents[_i].type == ROWAN_TYPE_TEXT && contents[_i].same) {
        strcpy(elsewhere, a.a_text);
        b.a_text = elsewhere;
        ck_assert(rowan__member_same(column, &a, &b));
        ck_assert(!rowan__member_untouched(column, &a, &b));
    }
}
END_TEST

START_TEST(zero_is_null_or_all_zero_bytes)
{
    members zero, row;

    memset(&zero, 0, sizeof zero);
    for (size_t i = 0; i < MEMBER_COLUMNS; i++) {
        const rowan_column *column = column_at(i);
        ck_assert(rowan__member_is_zero(column, &zero));
        ck_assert(!rowan__member_is_zero(column, &members_full));
        if (is_optional(column)) { /* a zero that is there is a value */
            row = zero;
            *((char *)&row + column->offset) = 1;
            ck_assert(!rowan__member_is_zero(column, &row));
        }
    }
}
END_TEST

START_TEST(integers_are_set_in_every_width)
{
    static const int64_t numbers[] = {0, 1, -1, INT16_MAX, INT16_MIN, INT32_MAX, INT64_MIN};
    static const struct {
        rowan_type type;
        int64_t least, most;
    } widths[] = {{ROWAN_TYPE_INT16, INT16_MIN, INT16_MAX},
                  {ROWAN_TYPE_INT32, INT32_MIN, INT32_MAX},
                  {ROWAN_TYPE_INT64, INT64_MIN, INT64_MAX}};

    for (size_t w = 0; w < COUNT(widths); w++) {
        for (size_t n = 0; n < 2 * COUNT(numbers); n++) {
            const rowan_column *column = member_column(widths[w].type, n % 2 == 0);
            int64_t number = numbers[n / 2];
            members row;
            if (number < widths[w].least || number > widths[w].most) {
                continue;
            }
            memset(&row, 0, sizeof row);
            rowan__member_set_integer(column, &row, number);
            rowan_value value = rowan_column_value(column, &row);
            ck_assert(!value.is_null && value.type == widths[w].type);
            ck_assert_int_eq(value.as.integer, number);
            row = members_full; /* and nothing beside it is touched */
            rowan__member_set_integer(column, &row, number);
            rowan__member_copy(column, &row, &members_full);
            ck_assert_uint_eq(differing(&row, &members_full), 0);
        }
    }
}
END_TEST

START_TEST(texts_are_set_and_borrowed)
{
    static const char text[] = "borrowed";
    members row;

    memset(&row, 0, sizeof row);
    rowan__member_set_text(member_column(ROWAN_TYPE_TEXT, false), &row, text);
    ck_assert_ptr_eq(row.a_text, text);
    rowan__member_set_text(member_column(ROWAN_TYPE_TEXT, true), &row, text);
    ck_assert(row.opt_text.has);
    ck_assert_ptr_eq(row.opt_text.value, text);
}
END_TEST

/* A key goes into a foreign key of its family. */
static const struct {
    rowan_type to, from;
    members key;
    bool taken;
    const char *words;
} references[] = {
    {ROWAN_TYPE_INT64, ROWAN_TYPE_INT16, {.an_int16 = -5}, true, "-5"},
    {ROWAN_TYPE_INT64, ROWAN_TYPE_INT64, {.an_int64 = INT64_MAX}, true, "9223372036854775807"},
    {ROWAN_TYPE_INT32, ROWAN_TYPE_INT64, {.an_int64 = INT32_MAX}, true, "2147483647"},
    {ROWAN_TYPE_INT32, ROWAN_TYPE_INT64, {.an_int64 = INT32_MIN}, true, "-2147483648"},
    {ROWAN_TYPE_INT32, ROWAN_TYPE_INT64, {.an_int64 = (int64_t)INT32_MAX + 1}, false, NULL},
    {ROWAN_TYPE_INT32, ROWAN_TYPE_INT64, {.an_int64 = (int64_t)INT32_MIN - 1}, false, NULL},
    {ROWAN_TYPE_INT16, ROWAN_TYPE_INT32, {.an_int32 = INT16_MAX}, true, "32767"},
    {ROWAN_TYPE_INT16, ROWAN_TYPE_INT32, {.an_int32 = INT16_MIN}, true, "-32768"},
    {ROWAN_TYPE_INT16, ROWAN_TYPE_INT32, {.an_int32 = INT16_MAX + 1}, false, NULL},
    {ROWAN_TYPE_INT16, ROWAN_TYPE_INT32, {.an_int32 = INT16_MIN - 1}, false, NULL},
    {ROWAN_TYPE_TEXT, ROWAN_TYPE_TEXT, {.a_text = "key"}, true, "'key'"},
    {ROWAN_TYPE_UUID,
     ROWAN_TYPE_UUID,
     {.a_uuid = {{1, 2}}},
     true,
     "01020000000000000000000000000000"},
    {ROWAN_TYPE_DATE, ROWAN_TYPE_DATE, {.a_date = {7}}, true, "7 days"},
    {ROWAN_TYPE_TEXT, ROWAN_TYPE_INT64, {.an_int64 = 1}, false, NULL},
    {ROWAN_TYPE_INT64, ROWAN_TYPE_TEXT, {.a_text = "1"}, false, NULL},
    {ROWAN_TYPE_DECIMAL, ROWAN_TYPE_TEXT, {.a_text = "1"}, false, NULL},
};

START_TEST(a_reference_takes_over_a_key_of_its_family)
{
    const rowan_column *from = member_column(references[_i].from, false);
    char words[MEMBER_WORDS];

    for (int nullable = 0; nullable < 2; nullable++) {
        const rowan_column *to = member_column(references[_i].to, nullable != 0);
        members row;
        memset(&row, 0, sizeof row);
        ck_assert_int_eq(rowan__member_refer(to, &row, from, &references[_i].key),
                         references[_i].taken);
        if (references[_i].taken) {
            ck_assert_str_eq(value_words(rowan_column_value(to, &row), words),
                             references[_i].words);
        }
    }
}
END_TEST

START_TEST(a_reference_to_nothing_is_null_where_it_can_be)
{
    static const rowan_type types[] = {ROWAN_TYPE_INT64, ROWAN_TYPE_TEXT, ROWAN_TYPE_UUID};
    members nothing;

    memset(&nothing, 0, sizeof nothing);
    for (size_t i = 0; i < COUNT(types); i++) {
        const rowan_column *from = member_column(types[i], true);
        const rowan_column *to = member_column(types[i], true);
        members row = members_full;
        ck_assert(rowan__member_refer(to, &row, from, &nothing));
        ck_assert(rowan_column_value(to, &row).is_null);
        ck_assert(!rowan__member_refer(member_column(types[i], false), &row, from, &nothing));
    }
}
END_TEST

/* What rows point to moves into the arena; the rest stays as it is. */
START_TEST(what_members_point_to_is_kept)
{
    static const rowan_type types[] = {ROWAN_TYPE_TEXT, ROWAN_TYPE_DECIMAL, ROWAN_TYPE_JSON,
                                       ROWAN_TYPE_BLOB};
    rowan__arena arena;

    rowan__arena_init(&arena, &fault_allocator);
    for (size_t i = 0; i < MEMBER_COLUMNS; i++) {
        members row = members_full;
        ck_assert(rowan__member_keep(&arena, column_at(i), &row));
        ck_assert_uint_eq(differing(&row, &members_full), 0);
        members nothing;
        memset(&nothing, 0, sizeof nothing);
        ck_assert(rowan__member_keep(&arena, column_at(i), &nothing));
        ck_assert(rowan__member_is_zero(column_at(i), &nothing));
    }
    for (size_t i = 0; i < 2 * COUNT(types); i++) {
        const rowan_column *column = member_column(types[i / 2], i % 2 != 0);
        char buffer[] = "1.5";
        members row, before;
        memset(&row, 0, sizeof row);
        *((char *)&row + column->offset) = 1;
        if (types[i / 2] == ROWAN_TYPE_BLOB) {
            rowan_blob blob = {buffer, 3};
            memcpy((char *)&row + column->value_offset, &blob, sizeof blob);
        } else {
            const char *text = buffer;
            memcpy((char *)&row + column->value_offset, &text, sizeof text);
        }
        before = row;
        ck_assert(rowan__member_keep(&arena, column, &row));
        ck_assert(rowan__member_same(column, &row, &before));
        buffer[0] = '2'; /* the program uses its buffer again */
        ck_assert(!rowan__member_same(column, &row, &before));
    }
    rowan__arena_fini(&arena);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

START_TEST(memory_may_run_out)
{
    static char large[1 << 20];
    rowan__arena arena;

    memset(large, 'x', sizeof large - 1);
    rowan__arena_init(&arena, &fault_allocator);
    members row = {.a_text = large, .a_blob = {large, sizeof large}};
    fault_arm(1);
    ck_assert(!rowan__member_keep(&arena, member_column(ROWAN_TYPE_TEXT, false), &row));
    ck_assert_ptr_eq(row.a_text, large);
    fault_arm(1);
    ck_assert(!rowan__member_keep(&arena, member_column(ROWAN_TYPE_BLOB, false), &row));
    ck_assert_ptr_eq(row.a_blob.data, large);
    rowan__arena_fini(&arena);
}
END_TEST

START_TEST(a_mask_of_all_has_a_bit_for_each_column)
{
    static const size_t counts[] = {0, 1, 63, 64, 65, 127, 128, 129, 192, 255, 256};

    for (size_t c = 0; c < COUNT(counts); c++) {
        rowan_table table = {.column_count = counts[c]};
        rowan__mask mask = rowan__mask_all(&table), added = {{0}};
        ck_assert_int_eq(rowan__mask_is_empty(&mask), counts[c] == 0);
        for (size_t i = 0; i < 256; i++) {
            ck_assert_int_eq(rowan__mask_has(&mask, i), i < counts[c]);
            ck_assert_int_eq(rowan__mask_same(&mask, &added), i >= counts[c]);
            if (i < counts[c]) {
                rowan__mask_add(&added, i);
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("members");
    TCase *tc = tcase_create("members");

    tcase_add_loop_test(tc, types_have_the_size_and_alignment_of_their_members, 0, MEMBER_TYPES);
    tcase_add_test(tc, a_list_is_no_member);
    tcase_add_test(tc, one_member_that_differs_is_the_one_that_is_seen);
    tcase_add_test(tc, members_without_a_value_are_alike_whatever_is_left_in_them);
    tcase_add_loop_test(tc, content_is_compared_not_where_it_is, 0, (int)COUNT(contents));
    tcase_add_test(tc, zero_is_null_or_all_zero_bytes);
    tcase_add_test(tc, integers_are_set_in_every_width);
    tcase_add_test(tc, texts_are_set_and_borrowed);
    tcase_add_loop_test(tc, a_reference_takes_over_a_key_of_its_family, 0, (int)COUNT(references));
    tcase_add_test(tc, a_reference_to_nothing_is_null_where_it_can_be);
    tcase_add_test(tc, what_members_point_to_is_kept);
    tcase_add_test(tc, memory_may_run_out);
    tcase_add_test(tc, a_mask_of_all_has_a_bit_for_each_column);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
