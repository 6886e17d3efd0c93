/* Days, instants, uuids and decimals as numbers and as text. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

START_TEST(every_day_of_ten_thousand_years_survives_its_text)
{
    char text[ROWAN__DATE_TEXT + 1];
    char last[ROWAN__DATE_TEXT + 1] = "";

    /* One assertion for all: millions of them would take longer than the arithmetic. */
    int32_t wrong = INT32_MAX;
    for (int32_t days = -719162; days <= 2932896 && wrong == INT32_MAX; days++) {
        rowan_date read = {INT32_MIN};
        rowan__date_write((rowan_date){days}, text);
        bool same = rowan__date_read(text, ROWAN__DATE_TEXT, &read) && read.days == days;
        wrong = same && strcmp(last, text) < 0 ? INT32_MAX : days;
        memcpy(last, text, sizeof last);
    }
    ck_assert_int_eq(wrong, INT32_MAX);
    ck_assert_str_eq(last, "9999-12-31");
}
END_TEST

static const struct {
    const char *text;
    int64_t us;
} instants[] = {
    {"1970-01-01 00:00:00.000000", 0},
    {"1969-12-31 23:59:59.999999", -1},
    {"2000-02-29 12:34:56.789012", 951827696789012},
    {"0001-01-01 00:00:00.000000", -62135596800000000},
    {"9999-12-31 23:59:59.999999", 253402300799999999},
};

START_TEST(instants_have_one_text)
{
    char text[ROWAN__TIMESTAMP_TEXT + 1];
    rowan_timestamp read;

    rowan__timestamp_write((rowan_timestamp){instants[_i].us}, text);
    ck_assert_str_eq(text, instants[_i].text);
    ck_assert(rowan__timestamp_read(text, ROWAN__TIMESTAMP_TEXT, &read));
    ck_assert_int_eq(read.us, instants[_i].us);
}
END_TEST

static const struct {
    const char *text;
    bool good;
} timestamp_texts[] = {
    {"2024-02-29", true},
    {"2024-02-29T10:00:00", true},
    {"2024-02-29 10:00:00Z", true},
    {"2024-02-29 10:00:00.5+00", true},
    {"2024-02-29 10:00:00.5+00:00", true},
    {"2024-02-29 10:00:00+01", false},
    {"2023-02-29 10:00:00", false},
    {"1900-02-29", false},
    {"0000-01-01", false},
    {"10000-01-01", false},
    {"2024-13-01", false},
    {"2024-00-10", false},
    {"2024-01-32", false},
    {"2024-01-01 24:00:00", false},
    {"2024-01-01 10:60:00", false},
    {"2024-01-01 10:00:60", false},
    {"2024-01-01 10:00", false},
    {"2024-01-01 10:00:00.", false},
    {"2024-01-01 10:00:00.1234567", false},
    {"2024-01-01 10:00:00 ", false},
    {"", false},
    {"infinity", false},
    {"2024-01-01 BC", false},
};

START_TEST(a_timestamp_text_is_read_or_refused)
{
    rowan_timestamp read;

    ck_assert_msg(rowan__timestamp_read(timestamp_texts[_i].text, strlen(timestamp_texts[_i].text),
                                        &read) == timestamp_texts[_i].good,
                  "\"%s\"", timestamp_texts[_i].text);
}
END_TEST

START_TEST(every_cut_of_a_timestamp_is_safe_to_read)
{
    const char *whole = "2024-02-29 10:11:12.123456+00:00";
    rowan_timestamp read;

    for (size_t size = 0; size <= strlen(whole); size++) {
        char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read behind it */
        memcpy(exact, whole, size);
        rowan__timestamp_read(exact, size, &read);
        free(exact);
    }
}
END_TEST

START_TEST(times_are_within_a_day)
{
    char text[ROWAN__TIME_TEXT + 1];
    rowan_time read;

    rowan__time_write((rowan_time){86399999999}, text);
    ck_assert_str_eq(text, "23:59:59.999999");
    ck_assert(rowan__time_read("07:05:09.25", 11, &read));
    ck_assert_int_eq(read.us, 25509250000);
    ck_assert(!rowan__time_valid((rowan_time){86400000000}));
    ck_assert(!rowan__time_valid((rowan_time){-1}));
}
END_TEST

START_TEST(validity_ends_with_the_years)
{
    ck_assert(!rowan__date_valid((rowan_date){-719163}));
    ck_assert(!rowan__date_valid((rowan_date){2932897}));
    ck_assert(!rowan__timestamp_valid((rowan_timestamp){-62135596800000001}));
    ck_assert(!rowan__timestamp_valid((rowan_timestamp){253402300800000000}));
    ck_assert(!rowan__timestamp_valid((rowan_timestamp){INT64_MIN}));
    ck_assert(!rowan__timestamp_valid((rowan_timestamp){INT64_MAX}));
}
END_TEST

START_TEST(a_uuid_survives_its_text_in_either_case)
{
    rowan_uuid uuid, again;
    char text[ROWAN__UUID_TEXT + 1];

    ck_assert(rowan__uuid_read("0123ABCD-4567-89ef-FEDC-ba9876543210", 36, &uuid));
    rowan__uuid_write(uuid, text);
    ck_assert_str_eq(text, "0123abcd-4567-89ef-fedc-ba9876543210");
    ck_assert(rowan__uuid_read(text, 36, &again));
    ck_assert_mem_eq(&uuid, &again, sizeof uuid);
    ck_assert(!rowan__uuid_read("0123ABCD-4567-89ef-FEDC-ba987654321", 35, &uuid));
    ck_assert(!rowan__uuid_read("0123ABCD-4567-89ef-FEDC-ba987654321g", 36, &uuid));
    ck_assert(!rowan__uuid_read("0123ABCD94567-89ef-FEDC-ba9876543210", 36, &uuid));
}
END_TEST

static const struct {
    const char *a, *b;
    int order;
} decimals[] = {
    {"1.5", "1.50", 0},
    {"-0.0", "0", 0},
    {"2", "10", -1},
    {"-2", "-10", 1},
    {"0.1", "0.09", 1},
    {"-1", "1", -1},
    {"007", "7.000", 0},
    {"1.01", "1.001", 1},
    {"-0.5", "-0.25", -1},
    {"0", "0.0001", -1},
    {"123456789012345678901234567890.12345678", "123456789012345678901234567890.12345679", -1},
};

START_TEST(decimals_compare_by_value)
{
    const char *a = decimals[_i].a;
    const char *b = decimals[_i].b;
    int order = rowan__decimal_compare(a, strlen(a), b, strlen(b));
    int reverse = rowan__decimal_compare(b, strlen(b), a, strlen(a));

    ck_assert_int_eq((order > 0) - (order < 0), decimals[_i].order);
    ck_assert_int_eq((reverse > 0) - (reverse < 0), -decimals[_i].order);
}
END_TEST

START_TEST(only_plain_decimals_are_valid)
{
    static const char *const bad[] = {"",    "-",   ".",   "1.", ".5", "+1",
                                      "1e5", "NaN", "1,5", " 1", "1 ", "--1"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!rowan__decimal_valid(bad[i], strlen(bad[i])), "\"%s\"", bad[i]);
    }
    ck_assert(rowan__decimal_valid("-12.50", 6));
    ck_assert(rowan__decimal_valid("0", 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calendar");
    TCase *tc = tcase_create("calendar");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_day_of_ten_thousand_years_survives_its_text);
    tcase_add_loop_test(tc, instants_have_one_text, 0, sizeof instants / sizeof instants[0]);
    tcase_add_loop_test(tc, a_timestamp_text_is_read_or_refused, 0,
                        sizeof timestamp_texts / sizeof timestamp_texts[0]);
    tcase_add_test(tc, every_cut_of_a_timestamp_is_safe_to_read);
    tcase_add_test(tc, times_are_within_a_day);
    tcase_add_test(tc, validity_ends_with_the_years);
    tcase_add_test(tc, a_uuid_survives_its_text_in_either_case);
    tcase_add_loop_test(tc, decimals_compare_by_value, 0, sizeof decimals / sizeof decimals[0]);
    tcase_add_test(tc, only_plain_decimals_are_valid);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
