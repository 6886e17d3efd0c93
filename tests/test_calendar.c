/* Days, instants, uuids and decimals as numbers and as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/value.h>

#include "base/calendar.h"
#include "support/suite.h"

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
    {"2024-01-01 10:00:", false},
    {"2024-01-01 10:00:0", false},
    {"2024-01-01 10:0:00", false},
    {"2024-01-01 1:00:00", false},
    {"2024-01-01 ", false},
    {"2024-01-01T", false},
    {"2024-01-01Z", false},
    {"2024-01-01_10:00:00", false},
    {"2024-01-01 10:00:00+", false},
    {"2024-01-01 10:00:00+0", false},
    {"2024-01-01 10:00:00+00:", false},
    {"2024-01-01 10:00:00+00:0", false},
    {"2024-01-01 10:00:00+00:01", false},
    {"2024-01-01 10:00:00+00:00:00", false},
    {"2024-01-01 10:00:00-00", false},
    {"2024-01-01 10:00:00ZZ", false},
    {"2024-01-01 10:00:00.5Z", true},
    {"2024-1-01", false},
    {"2024-01-1", false},
    {"2024-01-", false},
    {"2024/01/01", false},
    {"+024-01-01", false},
    {"2024-04-31", false},
    {"2024-06-31", false},
    {"2024-09-31", false},
    {"2024-11-31", false},
    {"2024-12-31", true},
    {"2000-02-29", true},
    {"2100-02-29", false},
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

/* Every fraction of a second that six digits can say, in as few digits as it takes. */
START_TEST(fractions_are_what_their_digits_say)
{
    static const char *const texts[] = {".1", ".01", ".001", ".0001", ".00001", ".000001"};
    int64_t us = 100000;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++, us /= 10) {
        for (size_t zeros = 0; i + zeros < 6; zeros++) {
            char text[32] = "00:00:00";
            rowan_time time = {-1};
            strcat(text, texts[i]);
            strncat(text, "00000", zeros);
            ck_assert(rowan__time_read(text, strlen(text), &time));
            ck_assert_int_eq(time.us, us);
        }
    }
}
END_TEST

START_TEST(a_time_has_no_zone_and_no_date)
{
    static const char *const bad[] = {"",          "10",        "10:00",
                                      "10:00:0",   "24:00:00",  "10:60:00",
                                      "10:00:60",  "10:00:00Z", "10:00:00+00",
                                      "1:00:00",   "10:00:00.", "10:00:00.1234567",
                                      " 10:00:00", "-1:00:00",  "2024-01-01 10:00:00",
                                      "10-00-00"};
    rowan_time time;
    rowan_date date;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!rowan__time_read(bad[i], strlen(bad[i]), &time), "\"%s\"", bad[i]);
        ck_assert_msg(!rowan__date_read(bad[i], strlen(bad[i]), &date), "\"%s\"", bad[i]);
    }
    ck_assert(rowan__time_read("00:00:00", 8, &time));
    ck_assert_int_eq(time.us, 0);
    ck_assert(rowan__time_read("23:59:59.999999", 15, &time));
    ck_assert_int_eq(time.us, 86399999999);
    ck_assert(!rowan__date_read("2024-01-01 00:00:00", 19, &date));
    ck_assert(rowan__date_read("2024-01-01", 10, &date));
}
END_TEST

/* As text for messages and for lists: what has no text is an empty one. */
START_TEST(what_is_outside_our_years_has_no_text)
{
    const rowan_uuid uuid = {{0xff, 1}};
    const struct {
        rowan_value value;
        const char *text;
    } cases[] = {
        {rowan_v_date((rowan_date){0}), "1970-01-01"},
        {rowan_v_date((rowan_date){-719162}), "0001-01-01"},
        {rowan_v_date((rowan_date){2932896}), "9999-12-31"},
        {rowan_v_date((rowan_date){-719163}), ""},
        {rowan_v_date((rowan_date){2932897}), ""},
        {rowan_v_date((rowan_date){INT32_MIN}), ""},
        {rowan_v_date((rowan_date){INT32_MAX}), ""},
        {rowan_v_time((rowan_time){0}), "00:00:00.000000"},
        {rowan_v_time((rowan_time){86399999999}), "23:59:59.999999"},
        {rowan_v_time((rowan_time){86400000000}), ""},
        {rowan_v_time((rowan_time){-1}), ""},
        {rowan_v_timestamp((rowan_timestamp){-1}), "1969-12-31 23:59:59.999999"},
        {rowan_v_timestamp((rowan_timestamp){253402300800000000}), ""},
        {rowan_v_timestamp((rowan_timestamp){-62135596800000001}), ""},
        {rowan_v_uuid(uuid), "ff010000-0000-0000-0000-000000000000"},
        {rowan_v_int64(7), ""},
        {rowan_v_text("1970-01-01"), ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64] = "left over";
        rowan__calendar_write(&cases[i].value, text);
        ck_assert_str_eq(text, cases[i].text);
    }
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

/* Every place of a uuid, and every byte in it. */
START_TEST(each_byte_of_a_uuid_has_its_own_place)
{
    char text[ROWAN__UUID_TEXT + 1];
    rowan_uuid read;

    for (unsigned i = 0; i < 16 * 256; i++) {
        rowan_uuid uuid = {{0}};
        uuid.bytes[i % 16] = (uint8_t)(i / 16);
        rowan__uuid_write(uuid, text);
        bool same = rowan__uuid_read(text, ROWAN__UUID_TEXT, &read) &&
                    memcmp(&read, &uuid, sizeof uuid) == 0;
        if (!same) {
            ck_abort_msg("%s", text);
        }
    }
}
END_TEST

START_TEST(a_uuid_with_another_byte_anywhere_is_refused)
{
    static const char good[] = "0123abcd-4567-89ef-fedc-ba9876543210", wrong[] = "gG/:@`-z\0 ";
    rowan_uuid uuid;

    for (size_t at = 0; at < ROWAN__UUID_TEXT; at++) {
        for (size_t k = 0; k < sizeof wrong - 1; k++) {
            char text[ROWAN__UUID_TEXT];
            memcpy(text, good, sizeof text);
            text[at] = wrong[k];
            ck_assert_msg(rowan__uuid_read(text, sizeof text, &uuid) == (good[at] == wrong[k]),
                          "byte %zu: '%c'", at, wrong[k]);
        }
    }
    ck_assert(!rowan__uuid_read(good, 0, &uuid));
}
END_TEST

static const struct {
    const char *a, *b;
    int order;
} decimals[] = {
    {"1.5", "1.50", 0},
    {"-0.0", "0", 0},
    {"-0", "0.00", 0},
    {"-0", "-0", 0},
    {"-0", "0.01", -1},
    {"-0", "-0.01", 1},
    {"-0.00", "1", -1},
    {"000", "-000.000", 0},
    {"100", "99.999", 1},
    {"-100", "-99.999", -1},
    {"1", "1.0000000000000000000000000001", -1},
    {"-1", "-1.0000000000000000000000000001", 1},
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

/* Writes number / 10^scale with zeros before and behind that do not count. */
static void write_decimal(int number, unsigned scale, unsigned zeros, char *out)
{
    static const int powers[] = {1, 10, 100, 1000, 10000};
    unsigned magnitude = (unsigned)(number < 0 ? -number : number);
    unsigned power = (unsigned)powers[scale];

    out +=
        sprintf(out, "%s%.*s%u", number < 0 ? "-" : "", (int)(zeros & 3), "000", magnitude / power);
    if (scale > 0) {
        sprintf(out, ".%0*u%.*s", (int)scale, magnitude % power, (int)(zeros >> 2 & 3), "000");
    }
}

START_TEST(decimals_compare_as_the_numbers_that_they_are)
{
    static const int powers[] = {1, 10, 100, 1000, 10000};
    uint64_t seed = 5;

    for (int round = 0; round < 200000; round++) {
        unsigned take[6];
        for (size_t i = 0; i < 6; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            take[i] = (unsigned)(seed >> 40);
        }
        char a[32], b[32];
        int x = (int)(take[0] % 401) - 200, y = (int)(take[1] % 401) - 200;
        unsigned x_scale = take[2] % 5, y_scale = take[3] % 5;
        write_decimal(x, x_scale, take[4], a);
        write_decimal(y, y_scale, take[5], b);
        long left = (long)x * powers[y_scale], right = (long)y * powers[x_scale];
        int order = rowan__decimal_compare(a, strlen(a), b, strlen(b));
        if ((order > 0) - (order < 0) != (left > right) - (left < right)) {
            ck_abort_msg("%s and %s: %d", a, b, order);
        }
    }
}
END_TEST

START_TEST(only_plain_decimals_are_valid)
{
    static const char *const bad[] = {"",   "-",  ".",   "1.",  ".5", "+1",    "1e5", "NaN", "1,5",
                                      " 1", "1 ", "--1", "-.5", "-.", "1.2.3", "1-",  "/",   ":"};

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
    tcase_add_test(tc, fractions_are_what_their_digits_say);
    tcase_add_test(tc, a_time_has_no_zone_and_no_date);
    tcase_add_test(tc, what_is_outside_our_years_has_no_text);
    tcase_add_test(tc, every_cut_of_a_timestamp_is_safe_to_read);
    tcase_add_test(tc, times_are_within_a_day);
    tcase_add_test(tc, validity_ends_with_the_years);
    tcase_add_test(tc, a_uuid_survives_its_text_in_either_case);
    tcase_add_test(tc, each_byte_of_a_uuid_has_its_own_place);
    tcase_add_test(tc, a_uuid_with_another_byte_anywhere_is_refused);
    tcase_add_test(tc, decimals_compare_as_the_numbers_that_they_are);
    tcase_add_loop_test(tc, decimals_compare_by_value, 0, sizeof decimals / sizeof decimals[0]);
    tcase_add_test(tc, only_plain_decimals_are_valid);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
