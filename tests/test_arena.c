/* Memory that dies together. */
#include <check.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"

/* An allocator that counts what is out, and can be told to fail. */
typedef struct ledger {
    size_t out_bytes, calls;
    bool fails;
} ledger;

static void *ledger_allocate(void *context, size_t size, size_t alignment)
{
    ledger *self = context;
    void *memory = NULL;

    if (self->fails ||
        posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, size) !=
            0) {
        return NULL;
    }
    self->calls++;
    self->out_bytes += size;
    return memory;
}

static void ledger_release(void *context, void *memory, size_t size)
{
    ledger *self = context;

    self->out_bytes -= size;
    free(memory);
}

static ledger books;
static const rowan_allocator counting = {ledger_allocate, ledger_release, &books};
static rowan__arena arena;

static void setup(void)
{
    books = (ledger){0};
    rowan__arena_init(&arena, &counting);
}

static void teardown(void)
{
    rowan__arena_fini(&arena);
    ck_assert_uint_eq(books.out_bytes, 0);
}

START_TEST(memory_is_aligned_as_asked)
{
    for (size_t align = 1; align <= 64; align *= 2) {
        for (size_t size = 1; size < 300; size += 7) {
            char *memory = rowan__arena_alloc(&arena, size, align);
            ck_assert_ptr_nonnull(memory);
            ck_assert_uint_eq((uintptr_t)memory % align, 0);
            memset(memory, 0xAB, size);
        }
    }
}
END_TEST

START_TEST(allocations_do_not_overlap)
{
    enum { COUNT = 5000 };
    unsigned char *parts[COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        size_t size = i % 97 + 1;
        parts[i] = rowan__arena_alloc(&arena, size, 1);
        memset(parts[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t at = 0; at < i % 97 + 1; at++) {
            ck_assert_uint_eq(parts[i][at], i % 251);
        }
    }
}
END_TEST

/* Whatever is left of a chunk, and whatever is asked for there: memory of another chunk, or none
 * behind the end of this one, which the sanitizer would see. */
START_TEST(nothing_reaches_beyond_the_end_of_a_chunk)
{
    for (size_t odd = 1; odd < 200; odd += 66) {
        for (size_t left = 0; left <= 130; left++) {
            for (size_t align = 1; align <= 64; align *= 2) {
                memset(rowan__arena_alloc(&arena, 5000 + odd, 1), 1, 5000 + odd);
                size_t room = (size_t)(arena.end - arena.next);
                if (room > left) {
                    memset(rowan__arena_alloc(&arena, room - left, 1), 2, room - left);
                }
                char *memory = rowan__arena_alloc(&arena, odd, align);
                ck_assert_uint_eq((uintptr_t)memory % align, 0);
                memset(memory, 3, odd);
                rowan__arena_fini(&arena);
            }
        }
    }
}
END_TEST

START_TEST(something_large_gets_its_own_chunk)
{
    char *before = rowan__arena_alloc(&arena, 16, 8);
    char *large = rowan__arena_alloc(&arena, 3 << 20, 8);
    char *after = rowan__arena_alloc(&arena, 16, 8);

    ck_assert_ptr_nonnull(before);
    ck_assert_ptr_nonnull(large);
    ck_assert_ptr_nonnull(after);
    memset(large, 1, 3 << 20);
}
END_TEST

START_TEST(a_loop_of_mark_and_rewind_allocates_nothing_after_its_first_round)
{
    rowan__arena_alloc(&arena, 100, 8);
    size_t calls = 0;

    for (int round = 0; round < 50; round++) {
        rowan__arena_mark mark = rowan__arena_mark_now(&arena);
        for (int i = 0; i < 200; i++) {
            ck_assert_ptr_nonnull(rowan__arena_alloc(&arena, 30, 8));
        }
        rowan__arena_rewind(&arena, &mark);
        if (round == 0) {
            calls = books.calls;
        }
    }
    ck_assert_uint_eq(books.calls, calls);
}
END_TEST

START_TEST(a_rewind_keeps_what_was_there_before)
{
    char *text = rowan__arena_text(&arena, "before", 6);
    rowan__arena_mark mark = rowan__arena_mark_now(&arena);

    for (int i = 0; i < 1000; i++) {
        memset(rowan__arena_alloc(&arena, 500, 8), 0x55, 500);
    }
    rowan__arena_rewind(&arena, &mark);
    memset(rowan__arena_alloc(&arena, 500, 8), 0x66, 500);
    ck_assert_str_eq(text, "before");
}
END_TEST

static int released;

static void release(void *object)
{
    /* Newest first: the number counts down. */
    ck_assert_int_eq(*(int *)object, 3 - released);
    released++;
}

START_TEST(cleanups_run_newest_first_and_once)
{
    static int numbers[] = {1, 2, 3};

    released = 0;
    ck_assert(rowan__arena_defer(&arena, release, &numbers[0]));
    rowan__arena_mark mark = rowan__arena_mark_now(&arena);
    ck_assert(rowan__arena_defer(&arena, release, &numbers[1]));
    ck_assert(rowan__arena_defer(&arena, release, &numbers[2]));
    rowan__arena_rewind(&arena, &mark);
    ck_assert_int_eq(released, 2);
    rowan__arena_fini(&arena);
    ck_assert_int_eq(released, 3);
}
END_TEST

START_TEST(running_out_of_memory_gives_null_and_keeps_the_arena_usable)
{
    char *first = rowan__arena_alloc(&arena, 10, 1);
    books.fails = true;

    ck_assert_ptr_null(rowan__arena_alloc(&arena, 1 << 20, 8));
    ck_assert_ptr_null(rowan__arena_new(&arena, SIZE_MAX / 2, 4, 8));
    books.fails = false;
    ck_assert_ptr_null(rowan__arena_new(&arena, SIZE_MAX / 2, 4, 8));
    ck_assert_ptr_nonnull(rowan__arena_alloc(&arena, 1 << 20, 8));
    ck_assert_ptr_nonnull(first);
}
END_TEST

START_TEST(multiplied_sizes_are_checked)
{
    ck_assert_ptr_null(rowan__new(&counting, SIZE_MAX, 2));
    ck_assert_ptr_null(rowan__new(&counting, 0, 8));
    ck_assert_uint_eq(books.calls, 0);
}
END_TEST

START_TEST(a_growing_array_keeps_its_elements)
{
    int *array = NULL;
    size_t capacity = 0;

    for (size_t i = 0; i < 1000; i++) {
        ck_assert(rowan__grow(&counting, (void **)&array, &capacity, i, sizeof *array));
        array[i] = (int)i;
    }
    for (size_t i = 0; i < 1000; i++) {
        ck_assert_int_eq(array[i], (int)i);
    }
    books.fails = true;
    ck_assert(!rowan__grow(&counting, (void **)&array, &capacity, capacity, sizeof *array));
    ck_assert_int_eq(array[999], 999);
    rowan__free(&counting, array, capacity, sizeof *array);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tc = tcase_create("arena");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, memory_is_aligned_as_asked);
    tcase_add_test(tc, allocations_do_not_overlap);
    tcase_add_test(tc, nothing_reaches_beyond_the_end_of_a_chunk);
    tcase_add_test(tc, something_large_gets_its_own_chunk);
    tcase_add_test(tc, a_loop_of_mark_and_rewind_allocates_nothing_after_its_first_round);
    tcase_add_test(tc, a_rewind_keeps_what_was_there_before);
    tcase_add_test(tc, cleanups_run_newest_first_and_once);
    tcase_add_test(tc, running_out_of_memory_gives_null_and_keeps_the_arena_usable);
    tcase_add_test(tc, multiplied_sizes_are_checked);
    tcase_add_test(tc, a_growing_array_keeps_its_elements);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
