/* The sketch of durations: any quantile within 2 %, sums that are exact, and its ends. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detector/sketch.h"
#include "support/suite.h"

enum { MOST = 20000 };

static int64_t values[MOST];

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static uint64_t state;

/* 0 to 1, the same numbers in every run. */
static double next_random(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)((uint64_t)1 << 53);
}

/* Some distributions of durations in nanoseconds. */
static int64_t draw(int kind)
{
    double u = next_random();

    switch (kind) {
    case 0: /* evenly from 10 µs to 10 ms */
        return (int64_t)(1e4 + u * 1e7);
    case 1: /* evenly in the logarithm, over the whole range */
        return (int64_t)exp(log(1.1e3) + u * (log(1e12) - log(1.1e3)));
    case 2: /* a long tail */
        return (int64_t)fmin(2e5 / pow(1 - u * 0.999999, 1.5), 1e12);
    case 3: /* all the same */
        return 123456789;
    default: /* two heaps far from one another */
        return u < 0.9 ? (int64_t)(1e6 + 1e5 * next_random())
                       : (int64_t)(9e8 + 1e8 * next_random());
    }
}

START_TEST(quantiles_are_within_two_percent)
{
    static const size_t counts[] = {1, 2, 19, 100, 1000, MOST};
    static const unsigned percents[] = {1, 25, 50, 90, 95, 99, 100};

    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        rowan__sketch sketch = {0};
        state = (uint64_t)_i + 1;
        for (size_t i = 0; i < counts[k]; i++) {
            values[i] = draw(_i);
            rowan__sketch_add(&sketch, rowan__sketch_bucket(values[i]));
        }
        qsort(values, counts[k], sizeof values[0], by_size);
        ck_assert_uint_eq(sketch.count, counts[k]);
        for (size_t p = 0; p < sizeof percents / sizeof percents[0]; p++) {
            size_t rank = (counts[k] * percents[p] + 99) / 100;
            double exact = (double)values[rank > 0 ? rank - 1 : 0];
            double told = (double)rowan__sketch_quantile(&sketch, percents[p]);
            ck_assert_msg(fabs(told - exact) <= 0.02 * exact, "%u %% of %zu: %.0f is told as %.0f",
                          percents[p], counts[k], exact, told);
        }
    }
}
END_TEST

START_TEST(buckets_only_rise_and_begin_where_they_say)
{
    unsigned before = 0;

    for (int64_t ns = 0; ns < (int64_t)1 << 41; ns += 1 + ns / 300) {
        unsigned bucket = rowan__sketch_bucket(ns);
        ck_assert_uint_ge(bucket, before);
        ck_assert_uint_lt(bucket, ROWAN__SKETCH_BUCKETS);
        before = bucket;
    }
    ck_assert_uint_eq(before, ROWAN__SKETCH_BUCKETS - 1);
    for (unsigned bucket = 1; bucket < ROWAN__SKETCH_BUCKETS; bucket++) {
        int64_t floor = rowan__sketch_floor(bucket);
        ck_assert_uint_eq(rowan__sketch_bucket(floor), bucket);
        ck_assert_uint_eq(rowan__sketch_bucket(floor - 1), bucket - 1);
    }
    ck_assert_int_eq(rowan__sketch_floor(0), 0);
}
END_TEST

START_TEST(what_is_out_of_range_is_at_the_ends)
{
    rowan__sketch sketch = {0};

    ck_assert_uint_eq(rowan__sketch_bucket(-1), 0);
    ck_assert_uint_eq(rowan__sketch_bucket(INT64_MIN), 0);
    ck_assert_uint_eq(rowan__sketch_bucket(0), 0);
    ck_assert_uint_eq(rowan__sketch_bucket(1023), 0);
    ck_assert_uint_eq(rowan__sketch_bucket(1024), 1);
    ck_assert_uint_eq(rowan__sketch_bucket(INT64_MAX), ROWAN__SKETCH_BUCKETS - 1);
    ck_assert_int_eq(rowan__sketch_quantile(&sketch, 50), 0);
    rowan__sketch_add(&sketch, 0);
    ck_assert_int_eq(rowan__sketch_quantile(&sketch, 50), 0);
    rowan__sketch_add(&sketch, ROWAN__SKETCH_BUCKETS - 1);
    ck_assert_int_ge(rowan__sketch_quantile(&sketch, 100), (int64_t)1 << 40);
}
END_TEST

START_TEST(a_sum_is_what_one_sketch_of_all_would_be)
{
    rowan__sketch whole = {0}, parts[3] = {0}, sum = {0};

    for (int i = 0; i < 3000; i++) {
        unsigned bucket = rowan__sketch_bucket(draw(i % 5));
        rowan__sketch_add(&whole, bucket);
        rowan__sketch_add(&parts[i % 3], bucket);
    }
    for (int i = 2; i >= 0; i--) {
        rowan__sketch_merge(&sum, &parts[i]);
    }
    ck_assert_int_eq(memcmp(&sum, &whole, sizeof sum), 0);
}
END_TEST

START_TEST(halving_keeps_the_shape_and_the_count_is_that_of_the_buckets)
{
    rowan__sketch sketch = {0};
    uint64_t total = 0;

    for (int i = 0; i < 1000; i++) {
        rowan__sketch_add(&sketch, rowan__sketch_bucket(i < 600 ? 5000000 : 900000000));
    }
    rowan__sketch_add(&sketch, 3);
    int64_t median = rowan__sketch_quantile(&sketch, 50);
    rowan__sketch_halve(&sketch);
    for (unsigned i = 0; i < ROWAN__SKETCH_BUCKETS; i++) {
        total += sketch.buckets[i];
    }
    ck_assert_uint_eq(sketch.count, 500); /* of one there is no half */
    ck_assert_uint_eq(sketch.count, total);
    ck_assert_int_eq(rowan__sketch_quantile(&sketch, 50), median);
    ck_assert_uint_eq(rowan__sketch_from(&sketch, rowan__sketch_bucket(900000000)), 200);
    ck_assert_uint_eq(rowan__sketch_from(&sketch, 0), 500);
}
END_TEST

START_TEST(a_sketch_takes_little_more_than_two_kibibytes)
{
    ck_assert_uint_le(sizeof(rowan__sketch), 2304);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sketch");
    TCase *tc = tcase_create("sketch");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, quantiles_are_within_two_percent, 0, 5);
    tcase_add_test(tc, buckets_only_rise_and_begin_where_they_say);
    tcase_add_test(tc, what_is_out_of_range_is_at_the_ends);
    tcase_add_test(tc, a_sum_is_what_one_sketch_of_all_would_be);
    tcase_add_test(tc, halving_keeps_the_shape_and_the_count_is_that_of_the_buckets);
    tcase_add_test(tc, a_sketch_takes_little_more_than_two_kibibytes);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
