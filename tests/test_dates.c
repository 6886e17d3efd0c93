/* What programs make days, times, instants and uuids of, and print them with. */
#include <stdlib.h>
#include <time.h>

#include <rowan/calendar.h>

#include "support/suite.h"

static const struct {
    int year, month, day;
    const char *text;
} days[] = {
    {1, 1, 1, "0001-01-01"},      {1969, 12, 31, "1969-12-31"}, {1970, 1, 1, "1970-01-01"},
    {2024, 2, 29, "2024-02-29"},  {2000, 2, 29, "2000-02-29"},  {1900, 2, 28, "1900-02-28"},
    {9999, 12, 31, "9999-12-31"},
};

START_TEST(a_day_is_made_of_numbers_or_a_text_and_taken_apart)
{
    rowan_date made, read;
    int year, month, day;

    ck_assert_int_eq(rowan_date_of(days[_i].year, days[_i].month, days[_i].day, &made), ROWAN_OK);
    ck_assert_str_eq(rowan_date_text(made).text, days[_i].text);
    ck_assert_int_eq(rowan_date_read(days[_i].text, &read), ROWAN_OK);
    ck_assert_int_eq(read.days, made.days);
    rowan_date_parts(made, &year, &month, &day);
    ck_assert_int_eq(year, days[_i].year);
    ck_assert_int_eq(month, days[_i].month);
    ck_assert_int_eq(day, days[_i].day);
    rowan_date_parts(made, NULL, NULL, &day);
    ck_assert_int_eq(day, days[_i].day);
}
END_TEST

START_TEST(no_such_day_is_an_error_and_zero)
{
    static const int wrong[][3] = {{2023, 2, 29}, {1900, 2, 29}, {2024, 4, 31},  {2024, 0, 1},
                                   {2024, 13, 1}, {2024, 1, 0},  {2024, 1, -1},  {0, 1, 1},
                                   {10000, 1, 1}, {-1, 1, 1},    {2024, -12, 1}, {2024, 1, 32}};
    rowan_date made;
    int year = 1, month = 1, day = 1;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        made.days = 7;
        ck_assert_int_eq(rowan_date_of(wrong[i][0], wrong[i][1], wrong[i][2], &made),
                         ROWAN_OUT_OF_RANGE);
        ck_assert_int_eq(made.days, 0);
    }
    rowan_date_parts((rowan_date){INT32_MAX}, &year, &month, &day);
    ck_assert_int_eq(year + month + day, 0);
}
END_TEST

START_TEST(texts_that_are_none_are_refused_and_give_zero)
{
    static const char *const wrong[] = {NULL,         "",           "today",
                                        "2023-02-29", "24-02-01",   "2024-2-1",
                                        "24:00:00",   "10:00",      "2024-02-29 10:00:00+01",
                                        " 2024-01-1", "2024-01-01x"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rowan_date date = {7};
        rowan_time time = {7};
        rowan_timestamp timestamp = {7};
        rowan_uuid uuid = {{7}};
        ck_assert_int_eq(rowan_date_read(wrong[i], &date), ROWAN_WRONG_TYPE);
        ck_assert_int_eq(rowan_time_read(wrong[i], &time), ROWAN_WRONG_TYPE);
        ck_assert_int_eq(rowan_timestamp_read(wrong[i], &timestamp), ROWAN_WRONG_TYPE);
        ck_assert_int_eq(rowan_uuid_read(wrong[i], &uuid), ROWAN_WRONG_TYPE);
        ck_assert(date.days == 0 && time.us == 0 && timestamp.us == 0 && uuid.bytes[0] == 0);
    }
}
END_TEST

START_TEST(times_instants_and_uuids_have_one_text)
{
    const char *id = "123e4567-e89b-12d3-a456-426614174000";
    rowan_time time;
    rowan_timestamp timestamp;
    rowan_uuid uuid;

    ck_assert_int_eq(rowan_time_read("09:30:00.5", &time), ROWAN_OK);
    ck_assert_str_eq(rowan_time_text(time).text, "09:30:00.500000");
    ck_assert_int_eq(rowan_timestamp_read("2024-02-29T23:59:59Z", &timestamp), ROWAN_OK);
    ck_assert_str_eq(rowan_timestamp_text(timestamp).text, "2024-02-29 23:59:59.000000");
    ck_assert_int_eq(rowan_uuid_read(id, &uuid), ROWAN_OK);
    ck_assert_str_eq(rowan_uuid_text(uuid).text, id);
    ck_assert_str_eq(rowan_date_text((rowan_date){INT32_MIN}).text, "");
    ck_assert_str_eq(rowan_time_text((rowan_time){-1}).text, "");
    ck_assert_str_eq(rowan_timestamp_text((rowan_timestamp){INT64_MAX}).text, "");
}
END_TEST

START_TEST(the_present_is_an_instant_of_today)
{
    time_t before = time(NULL);
    rowan_timestamp now = rowan_timestamp_now();
    time_t after = time(NULL);

    ck_assert_int_ge(now.us, (int64_t)before * 1000000);
    ck_assert_int_lt(now.us, ((int64_t)after + 1) * 1000000);
    ck_assert_int_eq(rowan_timestamp_date(now).days, now.us / 86400000000);
    ck_assert_int_eq(rowan_timestamp_date((rowan_timestamp){-1}).days, -1);
    ck_assert_int_eq(rowan_timestamp_date((rowan_timestamp){-86400000000}).days, -1);
    ck_assert_int_eq(rowan_timestamp_date((rowan_timestamp){0}).days, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dates");
    TCase *tc = tcase_create("dates");

    tcase_add_loop_test(tc, a_day_is_made_of_numbers_or_a_text_and_taken_apart, 0,
                        sizeof days / sizeof days[0]);
    tcase_add_test(tc, no_such_day_is_an_error_and_zero);
    tcase_add_test(tc, texts_that_are_none_are_refused_and_give_zero);
    tcase_add_test(tc, times_instants_and_uuids_have_one_text);
    tcase_add_test(tc, the_present_is_an_instant_of_today);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
