/* Where rows go: rows of any size are zeroed before they are filled, and stay as they move. */
#include <check.h>

#include "base/alloc.h"
#include "model/sink.h"
#include "support/suite.h"

static const size_t sizes[] = {1, 8, 24, 100, 2047, 2048, 2049, 5000};
enum { SIZE_COUNT = sizeof sizes / sizeof sizes[0], MOST_ROWS = 300 };

static rowan__arena arena;
static rowan_error error;

static void setup(void)
{
    rowan__arena_init(&arena, &rowan__default_allocator);
    /* Memory that is not zeroed by chance. */
    memset(rowan__arena_alloc(&arena, 1 << 18, 1), 0xAA, 1 << 18);
    rowan__arena_rewind(&arena, &(rowan__arena_mark){0});
}

static void teardown(void)
{
    rowan__arena_fini(&arena);
}

static bool is_zero(const char *row, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (row[i] != 0) {
            return false;
        }
    }
    return true;
}

static void check_filled(const rowan__sink *sink)
{
    size_t size = sink->layout->row_size;

    for (size_t i = 0; i < sink->count; i++) {
        const char *row = sink->rows + i * size;
        ck_assert_int_eq(row[0], (char)(i + 1));
        ck_assert_int_eq(row[size - 1], (char)(i + 1));
    }
}

static void fill(rowan__sink *sink, size_t count)
{
    size_t size = sink->layout->row_size;

    for (size_t i = 0; i < count; i++) {
        char *row = rowan__sink_row(sink);
        ck_assert_ptr_nonnull(row);
        ck_assert(is_zero(row, size));
        memset(row, (int)(sink->count + 1), size);
        sink->count++;
    }
}

START_TEST(each_row_is_zeroed_whether_or_not_it_was_expected)
{
    for (size_t expected = 0; expected <= 200; expected += 100) {
        rowan__layout layout = {.row_size = sizes[_i], .row_align = 1};
        rowan__sink sink = {.arena = &arena, .layout = &layout, .error = &error};
        ck_assert_int_eq(rowan__sink_expect(&sink, expected), ROWAN_OK);
        ck_assert_uint_eq(sink.capacity, expected);
        ck_assert_uint_eq(sink.ready, 0);
        fill(&sink, MOST_ROWS);
        check_filled(&sink);
        rowan__arena_rewind(&arena, &(rowan__arena_mark){0});
    }
}
END_TEST

START_TEST(reserved_rows_are_zeroed_all_at_once)
{
    rowan__layout layout = {.row_size = sizes[_i], .row_align = 1};
    rowan__sink sink = {.arena = &arena, .layout = &layout, .error = &error};

    for (size_t rows = 1; rows < MOST_ROWS; rows *= 3) {
        ck_assert_int_eq(rowan__sink_reserve(&sink, rows), ROWAN_OK);
        ck_assert(is_zero(sink.rows + sink.count * layout.row_size, rows * layout.row_size));
        fill(&sink, rows);
    }
    check_filled(&sink);
    rowan__sink_reset(&sink);
    ck_assert_ptr_null(sink.rows);
    fill(&sink, 3);
    check_filled(&sink);
}
END_TEST

START_TEST(more_rows_than_there_can_be_are_refused)
{
    rowan__layout layout = {.row_size = 64, .row_align = 8};
    rowan__sink sink = {.arena = &arena, .layout = &layout, .error = &error};

    ck_assert_int_eq(rowan__sink_expect(&sink, SIZE_MAX / 32), ROWAN_NOMEM);
    ck_assert_int_eq(rowan__sink_reserve(&sink, SIZE_MAX / 64), ROWAN_NOMEM);
    ck_assert_int_eq(error.status, ROWAN_NOMEM);
    fill(&sink, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sink");
    TCase *tc = tcase_create("sink");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, each_row_is_zeroed_whether_or_not_it_was_expected, 0, SIZE_COUNT);
    tcase_add_loop_test(tc, reserved_rows_are_zeroed_all_at_once, 0, SIZE_COUNT);
    tcase_add_test(tc, more_rows_than_there_can_be_are_refused);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
