/*
 * Sets of keys against a plain list: whatever the types of the columns and the order of the rows,
 * each key is there once, where it was first seen.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relation/keys.h"
#include "support/fault.h"
#include "support/members.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MOST = 220 };

/* --- Rows whose keys are one thing or another. --- */

static char texts[MOST][16];

/* A row whose every member is made of a number, so that rows of different numbers differ in all. */
static members row_of(uint32_t number)
{
    char *text = texts[number % MOST];
    members row;

    memset(&row, 0, sizeof row);
    snprintf(text, sizeof texts[0], "%06u", number % MOST);
    row.an_int16 = (int16_t)number;
    row.an_int32 = (int32_t)number;
    row.an_int64 = (int64_t)number;
    row.a_double = number;
    row.a_text = text;
    row.a_decimal.text = text;
    row.a_blob = (rowan_blob){text, 6};
    row.a_date.days = (int32_t)number;
    row.a_time.us = number;
    row.a_timestamp.us = number;
    memcpy(row.a_uuid.bytes, &number, sizeof number);
    row.opt_int64 = (rowan_opt_i64){true, number};
    row.opt_text = (rowan_opt_text){true, text};
    return row;
}

typedef struct form {
    const char *name;
    size_t width;
    struct {
        rowan_type type;
        bool nullable;
    } columns[3];
} form;

static const form forms[] = {
    {"int64", 1, {{ROWAN_TYPE_INT64, false}}},
    {"int32", 1, {{ROWAN_TYPE_INT32, false}}},
    {"int16", 1, {{ROWAN_TYPE_INT16, false}}},
    {"optional int64", 1, {{ROWAN_TYPE_INT64, true}}},
    {"text", 1, {{ROWAN_TYPE_TEXT, false}}},
    {"optional text", 1, {{ROWAN_TYPE_TEXT, true}}},
    {"decimal", 1, {{ROWAN_TYPE_DECIMAL, false}}},
    {"blob", 1, {{ROWAN_TYPE_BLOB, false}}},
    {"double", 1, {{ROWAN_TYPE_DOUBLE, false}}},
    {"date", 1, {{ROWAN_TYPE_DATE, false}}},
    {"time", 1, {{ROWAN_TYPE_TIME, false}}},
    {"timestamp", 1, {{ROWAN_TYPE_TIMESTAMP, false}}},
    {"uuid", 1, {{ROWAN_TYPE_UUID, false}}},
    {"two integers", 2, {{ROWAN_TYPE_INT64, false}, {ROWAN_TYPE_INT32, false}}},
    {"text, uuid, date",
     3,
     {{ROWAN_TYPE_TEXT, false}, {ROWAN_TYPE_UUID, false}, {ROWAN_TYPE_DATE, false}}},
};

static const rowan_column *columns[3];

static void choose(const form *f)
{
    for (size_t i = 0; i < f->width; i++) {
        columns[i] = member_column(f->columns[i].type, f->columns[i].nullable);
    }
}

static void begin(rowan__keys *keys, const form *f)
{
    choose(f);
    rowan__keys_init(keys, &fault_allocator, columns, f->width);
}

static void end(rowan__keys *keys)
{
    rowan__keys_fini(keys);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* --- Orders in which numbers come. --- */

static uint32_t rising(uint32_t i)
{
    return i;
}

static uint32_t falling(uint32_t i)
{
    return MOST - 1 - i;
}

static uint32_t in_pairs(uint32_t i)
{
    return i / 2;
}

static uint32_t one_alone(uint32_t i)
{
    return i * 0;
}

/* They rise, and then begin again with what is there and what is not. */
static uint32_t back_at_the_end(uint32_t i)
{
    return i < 30 ? 2 * i : i - 30;
}

static uint32_t mixed_up(uint32_t i)
{
    return i * 149 % 211;
}

static uint32_t (*const orders[])(uint32_t i) = {rising,    falling,         in_pairs,
                                                 one_alone, back_at_the_end, mixed_up};

/* Adds keys in an order. @return how many distinct ones there are; `place` has where each is, + 1.
 */
static size_t add_in_order(rowan__keys *keys, uint32_t (*order)(uint32_t i), size_t count,
                           size_t *place)
{
    size_t expected = 0, index = 0;

    memset(place, 0, MOST * sizeof *place);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = order(i);
        members row = row_of(number);
        place[number] = place[number] != 0 ? place[number] : ++expected;
        if (!rowan__keys_add(keys, columns, &row, &index) || index != place[number] - 1) {
            ck_abort_msg("key %u is at %zu", number, index);
        }
    }
    return expected;
}

/* Whether a number is found where it is, or not at all, by its row and by its values. */
static bool is_at(const rowan__keys *keys, uint32_t number, size_t place)
{
    members row = row_of(number);
    rowan_value key[3];
    size_t by_row = number % 3, by_value = 0; /* wherever the search begins */
    bool found = rowan__keys_find_row(keys, columns, &row, &by_row);

    return rowan__key_read(columns, keys->width, &row, key) &&
           rowan__keys_find(keys, key, &by_value) == found && found == (place != 0) &&
           (!found || (by_row == place - 1 && by_value == place - 1));
}

START_TEST(each_key_is_there_once_where_it_was_first_seen)
{
    static const size_t counts[] = {0, 1, 2, 7, 8, 9, 17, 100, MOST};
    static size_t place[MOST];

    for (size_t c = 0; c < COUNT(counts) * COUNT(orders); c++) {
        rowan__keys keys;
        begin(&keys, &forms[_i]);
        size_t expected =
            add_in_order(&keys, orders[c % COUNT(orders)], counts[c / COUNT(orders)], place);
        ck_assert_uint_eq(keys.count, expected);
        for (uint32_t number = 0; number < MOST; number++) {
            if (keys.count > 0 && !is_at(&keys, number, place[number])) {
                ck_abort_msg("%s: key %u is not at %zu - 1", forms[_i].name, number, place[number]);
            }
        }
        end(&keys);
    }
}
END_TEST

START_TEST(the_values_of_a_key_are_those_of_its_row)
{
    const form *f = &forms[_i];
    rowan__keys keys;
    size_t index;
    char words[MEMBER_WORDS], expected[MEMBER_WORDS];

    begin(&keys, f);
    for (uint32_t i = 0; i < 20; i++) {
        members row = row_of(mixed_up(i));
        ck_assert(rowan__keys_add(&keys, columns, &row, &index));
        for (size_t k = 0; k < f->width; k++) {
            ck_assert_str_eq(value_words(rowan__keys_value(&keys, index, k), words),
                             value_words(rowan_column_value(columns[k], &row), expected));
        }
    }
    end(&keys);
}
END_TEST

START_TEST(a_key_with_null_is_none)
{
    static const form optional[] = {
        {"int64", 1, {{ROWAN_TYPE_INT64, true}}},
        {"text", 1, {{ROWAN_TYPE_TEXT, true}}},
        {"both", 2, {{ROWAN_TYPE_INT64, true}, {ROWAN_TYPE_TEXT, true}}},
        {"the second", 2, {{ROWAN_TYPE_INT64, false}, {ROWAN_TYPE_TEXT, true}}},
    };

    for (size_t i = 0; i < COUNT(optional); i++) {
        rowan__keys keys;
        members row = row_of(5);
        size_t index = 0;
        begin(&keys, &optional[i]);
        row.opt_text.has = false;
        row.opt_int64.has = i == 3;
        ck_assert(rowan__keys_add(&keys, columns, &row, &index));
        ck_assert_uint_eq(index, ROWAN__NO_KEY);
        ck_assert_uint_eq(keys.count, 0);
        ck_assert(!rowan__keys_find_row(&keys, columns, &row, &index));
        members whole = row_of(5);
        ck_assert(rowan__keys_add(&keys, columns, &whole, &index));
        ck_assert_uint_eq(index, 0);
        ck_assert(!rowan__keys_find_row(&keys, columns, &row, &index));
        end(&keys);
    }
}
END_TEST

/* A column may refer to one of another width, and texts be equal at the beginning. */
START_TEST(keys_are_compared_by_content)
{
    static const form narrow = {"", 2, {{ROWAN_TYPE_INT16, false}, {ROWAN_TYPE_TEXT, false}}};
    static const form wide = {"", 2, {{ROWAN_TYPE_INT64, false}, {ROWAN_TYPE_TEXT, false}}};
    static const char *const spellings[] = {"", "a", "ab", "A", "a ", "aa"};
    rowan__keys keys;
    size_t index;

    begin(&keys, &narrow);
    for (size_t i = 0; i < COUNT(spellings); i++) {
        members row = {.an_int16 = -1, .a_text = spellings[i]};
        ck_assert(rowan__keys_add(&keys, columns, &row, &index));
        ck_assert_uint_eq(index, i);
    }
    choose(&wide);
    for (size_t i = 0; i < COUNT(spellings); i++) {
        char elsewhere[8];
        members row = {.an_int64 = -1, .a_text = strcpy(elsewhere, spellings[i])};
        ck_assert(rowan__keys_find_row(&keys, columns, &row, &index));
        ck_assert_uint_eq(index, i);
        row.an_int64 = UINT16_MAX; /* the same low bits */
        ck_assert(!rowan__keys_find_row(&keys, columns, &row, &index));
    }
    end(&keys);
}
END_TEST

START_TEST(a_key_of_another_type_is_not_found_among_numbers)
{
    const rowan_value others[] = {rowan_v_text("1"), rowan_v_double(1), rowan_v_bool(true)};
    const rowan_value one = rowan_v_int64(1);
    rowan__keys keys;
    size_t index;

    for (int rises = 0; rises < 2; rises++) {
        begin(&keys, &forms[0]);
        for (uint32_t i = 0; i < 3; i++) {
            members row = row_of(rises ? i : 2 - i);
            ck_assert(rowan__keys_add(&keys, columns, &row, &index));
        }
        ck_assert_int_eq(keys.is_rising, rises);
        ck_assert(rowan__keys_find(&keys, &one, &index));
        ck_assert_uint_eq(index, 1);
        for (size_t i = 0; i < COUNT(others); i++) {
            ck_assert(!rowan__keys_find(&keys, &others[i], &index));
        }
        end(&keys);
    }
}
END_TEST

START_TEST(a_run_is_rows_of_one_number)
{
    static const struct {
        int64_t rows[5];
        size_t most, run;
    } cases[] = {
        {{7, 7, 7, 7, 7}, 5, 5}, {{7, 7, 7, 7, 7}, 3, 3}, {{7, 7, 8, 7, 7}, 5, 2},
        {{7, 8, 8, 8, 8}, 5, 1}, {{7, 7, 7, 7, 8}, 5, 4}, {{7, 7, 7, 7, 7}, 1, 1},
    };
    rowan__keys keys;

    begin(&keys, &forms[0]);
    for (size_t c = 0; c < COUNT(cases); c++) {
        members rows[5];
        for (size_t i = 0; i < COUNT(rows); i++) {
            rows[i] = (members){.an_int64 = cases[c].rows[i]};
        }
        ck_assert_uint_eq(
            rowan__keys_run(&keys, columns, (const char *)rows, sizeof rows[0], cases[c].most),
            cases[c].run);
    }
    end(&keys);
}
END_TEST

/* --- Room. --- */

START_TEST(reserved_room_takes_no_further_allocation)
{
    static const size_t counts[] = {1, 8, 9, 100, MOST};
    rowan__keys keys;
    size_t index;

    for (size_t c = 0; c < COUNT(counts); c++) {
        begin(&keys, &forms[_i]);
        ck_assert(rowan__keys_reserve(&keys, counts[c]));
        unsigned allocations = fault_allocations();
        for (uint32_t i = 0; i < counts[c]; i++) {
            members row = row_of(i);
            ck_assert(rowan__keys_add(&keys, columns, &row, &index));
        }
        ck_assert_uint_eq(fault_allocations(), allocations);
        ck_assert_uint_eq(keys.count, counts[c]);
        end(&keys);
    }
}
END_TEST

START_TEST(more_keys_than_there_can_be_are_refused)
{
    rowan__keys keys;

    begin(&keys, &forms[0]);
    ck_assert(!rowan__keys_reserve(&keys, UINT32_MAX));
    ck_assert(!rowan__keys_reserve(&keys, SIZE_MAX));
    ck_assert_uint_eq(keys.count, 0);
    end(&keys);
}
END_TEST

/* An allocation that fails is told of; what was there is there, and the same key can be added. */
START_TEST(memory_may_run_out_anywhere)
{
    static size_t place[MOST];

    for (size_t o = 0; o < COUNT(orders); o++) {
        unsigned nth = 1;
        for (bool fired = true; fired; nth++) {
            rowan__keys keys;
            size_t index, count = 0;
            begin(&keys, &forms[_i]);
            fault_arm(nth);
            for (uint32_t i = 0; i < 60; i++) {
                members row = row_of(orders[o](i));
                count = keys.count;
                if (!rowan__keys_add(&keys, columns, &row, &index)) {
                    ck_assert(fault_fired());
                    ck_assert_uint_eq(keys.count, count);
                    ck_assert(rowan__keys_add(&keys, columns, &row, &index));
                }
            }
            fired = fault_fired();
            fault_arm(0);
            count = keys.count;
            ck_assert_uint_eq(add_in_order(&keys, orders[o], 60, place), count);
            end(&keys);
        }
        ck_assert_uint_gt(nth, 2);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *tc = tcase_create("keys");
    int n = (int)COUNT(forms);

    tcase_add_loop_test(tc, each_key_is_there_once_where_it_was_first_seen, 0, n);
    tcase_add_loop_test(tc, the_values_of_a_key_are_those_of_its_row, 0, n);
    tcase_add_test(tc, a_key_with_null_is_none);
    tcase_add_test(tc, keys_are_compared_by_content);
    tcase_add_test(tc, a_key_of_another_type_is_not_found_among_numbers);
    tcase_add_test(tc, a_run_is_rows_of_one_number);
    tcase_add_loop_test(tc, reserved_room_takes_no_further_allocation, 0, n);
    tcase_add_test(tc, more_keys_than_there_can_be_are_refused);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
