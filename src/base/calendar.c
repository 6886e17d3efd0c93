/*
 * Days, times and instants as numbers and as text.
 *
 * Day numbers follow the civil-calendar arithmetic over eras of 400 years, in which a year begins
 * in March so that the leap day comes last: H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms".
 */
#include "base/calendar.h"

#include <string.h>
#include <time.h>

#include <rowan/calendar.h>

enum { FIRST_DAY = -719162, LAST_DAY = 2932896 }; /* 0001-01-01 and 9999-12-31 */
static const int64_t US_PER_SECOND = 1000000;
static const int64_t US_PER_DAY = 86400 * (int64_t)1000000;

bool rowan__date_valid(rowan_date date)
{
    return date.days >= FIRST_DAY && date.days <= LAST_DAY;
}

bool rowan__time_valid(rowan_time time)
{
    return time.us >= 0 && time.us < US_PER_DAY;
}

bool rowan__timestamp_valid(rowan_timestamp timestamp)
{
    return timestamp.us >= FIRST_DAY * US_PER_DAY &&
           timestamp.us < (LAST_DAY + (int64_t)1) * US_PER_DAY;
}

int32_t rowan__days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void rowan__date_of(int32_t days, int *year, int *month, int *day)
{
    int32_t z = days + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * day_of_year + 2) / 153;

    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* `count` digits of a number that is not negative. */
static void write_digits(char *out, int count, int64_t number)
{
    while (count > 0) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void rowan__date_write(rowan_date date, char *out)
{
    int year, month, day;

    rowan__date_of(date.days, &year, &month, &day);
    write_digits(out, 4, year);
    out[4] = '-';
    write_digits(out + 5, 2, month);
    out[7] = '-';
    write_digits(out + 8, 2, day);
    out[ROWAN__DATE_TEXT] = '\0';
}

void rowan__time_write(rowan_time time, char *out)
{
    int64_t seconds = time.us / US_PER_SECOND;

    write_digits(out, 2, seconds / 3600);
    out[2] = ':';
    write_digits(out + 3, 2, seconds / 60 % 60);
    out[5] = ':';
    write_digits(out + 6, 2, seconds % 60);
    out[8] = '.';
    write_digits(out + 9, 6, time.us % US_PER_SECOND);
    out[ROWAN__TIME_TEXT] = '\0';
}

void rowan__timestamp_write(rowan_timestamp timestamp, char *out)
{
    int64_t days = timestamp.us / US_PER_DAY;

    if (timestamp.us % US_PER_DAY < 0) {
        days--;
    }
    rowan__date_write((rowan_date){(int32_t)days}, out);
    out[ROWAN__DATE_TEXT] = ' ';
    rowan__time_write((rowan_time){timestamp.us - days * US_PER_DAY}, out + ROWAN__DATE_TEXT + 1);
}

static const char hex_digits[] = "0123456789abcdef";

void rowan__uuid_write(rowan_uuid uuid, char *out)
{
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *out++ = '-';
        }
        *out++ = hex_digits[uuid.bytes[i] >> 4];
        *out++ = hex_digits[uuid.bytes[i] & 15];
    }
    *out = '\0';
}

void rowan__calendar_write(const rowan_value *value, char *out)
{
    *out = '\0';
    if (value->type == ROWAN_TYPE_DATE && rowan__date_valid(value->as.date)) {
        rowan__date_write(value->as.date, out);
    } else if (value->type == ROWAN_TYPE_TIME && rowan__time_valid(value->as.time)) {
        rowan__time_write(value->as.time, out);
    } else if (value->type == ROWAN_TYPE_TIMESTAMP && rowan__timestamp_valid(value->as.timestamp)) {
        rowan__timestamp_write(value->as.timestamp, out);
    } else if (value->type == ROWAN_TYPE_UUID) {
        rowan__uuid_write(value->as.uuid, out);
    }
}

/* Exactly `count` digits at `*at`, moved past; -1 if they are not there. */
static int read_digits(const char **at, const char *end, int count)
{
    int number = 0;

    if (end - *at < count) {
        return -1;
    }
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9') {
            return -1;
        }
        number = number * 10 + (**at - '0');
    }
    return number;
}

static bool read_char(const char **at, const char *end, char wanted)
{
    if (*at == end || **at != wanted) {
        return false;
    }
    (*at)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static bool parse_date(const char **at, const char *end, rowan_date *out)
{
    int year = read_digits(at, end, 4);
    int month = read_char(at, end, '-') ? read_digits(at, end, 2) : -1;
    int day = read_char(at, end, '-') ? read_digits(at, end, 2) : -1;

    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    out->days = rowan__days_of(year, month, day);
    return true;
}

/* Up to six digits behind a point, as microseconds; 0 without a point; -1 if malformed. */
static int64_t parse_fraction(const char **at, const char *end)
{
    int64_t us = 0;
    int digits = 0;

    if (!read_char(at, end, '.')) {
        return 0;
    }
    for (; *at < end && **at >= '0' && **at <= '9' && digits < 6; (*at)++, digits++) {
        us = us * 10 + (**at - '0');
    }
    if (digits == 0) {
        return -1;
    }
    for (; digits < 6; digits++) {
        us *= 10;
    }
    return us;
}

static bool parse_time(const char **at, const char *end, rowan_time *out)
{
    int hour = read_digits(at, end, 2);
    int minute = read_char(at, end, ':') ? read_digits(at, end, 2) : -1;
    int second = read_char(at, end, ':') ? read_digits(at, end, 2) : -1;

    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return false;
    }
    int64_t us = parse_fraction(at, end);
    out->us = ((hour * 60 + minute) * (int64_t)60 + second) * US_PER_SECOND + us;
    return us >= 0;
}

/* "Z", "+00", "+00:00" or nothing: only UTC is read. */
static bool parse_utc(const char **at, const char *end)
{
    if (*at == end || read_char(at, end, 'Z')) {
        return true;
    }
    if (!read_char(at, end, '+') || read_digits(at, end, 2) != 0) {
        return false;
    }
    return !read_char(at, end, ':') || read_digits(at, end, 2) == 0;
}

bool rowan__date_read(const char *text, size_t size, rowan_date *out)
{
    const char *end = text + size;

    return parse_date(&text, end, out) && text == end;
}

bool rowan__time_read(const char *text, size_t size, rowan_time *out)
{
    const char *end = text + size;

    return parse_time(&text, end, out) && text == end;
}

bool rowan__timestamp_read(const char *text, size_t size, rowan_timestamp *out)
{
    const char *end = text + size;
    rowan_date date;
    rowan_time time = {0};

    if (!parse_date(&text, end, &date)) {
        return false;
    }
    if (text != end) {
        if (!read_char(&text, end, ' ') && !read_char(&text, end, 'T')) {
            return false;
        }
        if (!parse_time(&text, end, &time) || !parse_utc(&text, end) || text != end) {
            return false;
        }
    }
    out->us = date.days * US_PER_DAY + time.us;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool rowan__uuid_read(const char *text, size_t size, rowan_uuid *out)
{
    if (size != ROWAN__UUID_TEXT) {
        return false;
    }
    for (int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-') {
            return false;
        }
        int high = hex_value(text[0]);
        int low = hex_value(text[1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return true;
}

_Static_assert(sizeof(rowan_short_text) > ROWAN__UUID_TEXT, "the longest text has room");

rowan_short_text rowan_date_text(rowan_date date)
{
    rowan_value value = rowan_v_date(date);
    rowan_short_text out;

    rowan__calendar_write(&value, out.text);
    return out;
}

rowan_short_text rowan_time_text(rowan_time time)
{
    rowan_value value = rowan_v_time(time);
    rowan_short_text out;

    rowan__calendar_write(&value, out.text);
    return out;
}

rowan_short_text rowan_timestamp_text(rowan_timestamp timestamp)
{
    rowan_value value = rowan_v_timestamp(timestamp);
    rowan_short_text out;

    rowan__calendar_write(&value, out.text);
    return out;
}

rowan_short_text rowan_uuid_text(rowan_uuid uuid)
{
    rowan_short_text out;

    rowan__uuid_write(uuid, out.text);
    return out;
}

rowan_status rowan_date_read(const char *text, rowan_date *out)
{
    rowan_date read = {0};
    bool good = text && rowan__date_read(text, strlen(text), &read);

    if (!out) {
        return ROWAN_MISUSE;
    }
    *out = good ? read : (rowan_date){0};
    return good ? ROWAN_OK : ROWAN_WRONG_TYPE;
}

rowan_status rowan_time_read(const char *text, rowan_time *out)
{
    rowan_time read = {0};
    bool good = text && rowan__time_read(text, strlen(text), &read);

    if (!out) {
        return ROWAN_MISUSE;
    }
    *out = good ? read : (rowan_time){0};
    return good ? ROWAN_OK : ROWAN_WRONG_TYPE;
}

rowan_status rowan_timestamp_read(const char *text, rowan_timestamp *out)
{
    rowan_timestamp read = {0};
    bool good = text && rowan__timestamp_read(text, strlen(text), &read);

    if (!out) {
        return ROWAN_MISUSE;
    }
    *out = good ? read : (rowan_timestamp){0};
    return good ? ROWAN_OK : ROWAN_WRONG_TYPE;
}

rowan_status rowan_uuid_read(const char *text, rowan_uuid *out)
{
    rowan_uuid read = {{0}};
    bool good = text && rowan__uuid_read(text, strlen(text), &read);

    if (!out) {
        return ROWAN_MISUSE;
    }
    *out = good ? read : (rowan_uuid){{0}};
    return good ? ROWAN_OK : ROWAN_WRONG_TYPE;
}

rowan_status rowan_date_of(int year, int month, int day, rowan_date *out)
{
    if (!out) {
        return ROWAN_MISUSE;
    }
    out->days = 0;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month)) {
        return ROWAN_OUT_OF_RANGE;
    }
    out->days = rowan__days_of(year, month, day);
    return ROWAN_OK;
}

void rowan_date_parts(rowan_date date, int *year, int *month, int *day)
{
    int y = 0, m = 0, d = 0;

    if (rowan__date_valid(date)) {
        rowan__date_of(date.days, &y, &m, &d);
    }
    if (year) {
        *year = y;
    }
    if (month) {
        *month = m;
    }
    if (day) {
        *day = d;
    }
}

rowan_timestamp rowan_timestamp_now(void)
{
    struct timespec now = {0};

    if (timespec_get(&now, TIME_UTC) != TIME_UTC) {
        return (rowan_timestamp){0};
    }
    return (rowan_timestamp){(int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

rowan_date rowan_timestamp_date(rowan_timestamp timestamp)
{
    int64_t days = timestamp.us / US_PER_DAY - (timestamp.us % US_PER_DAY < 0);

    return (rowan_date){(int32_t)days};
}

/* A decimal taken apart: significant digits before and behind the point, without zeros that do not
 * count. */
typedef struct parts {
    bool negative;
    const char *whole;
    size_t whole_size;
    const char *fraction;
    size_t fraction_size;
} parts;

static bool take_apart(const char *text, size_t size, parts *out)
{
    const char *end = text + size;

    memset(out, 0, sizeof *out);
    out->negative = text < end && *text == '-';
    text += out->negative;
    out->whole = text;
    while (text < end && *text >= '0' && *text <= '9') {
        text++;
    }
    out->whole_size = (size_t)(text - out->whole);
    if (text < end && *text == '.') {
        out->fraction = ++text;
        while (text < end && *text >= '0' && *text <= '9') {
            text++;
        }
        out->fraction_size = (size_t)(text - out->fraction);
        if (out->fraction_size == 0) {
            return false;
        }
    }
    return text == end && out->whole_size > 0;
}

static void drop_zeros(parts *p)
{
    while (p->whole_size > 0 && *p->whole == '0') {
        p->whole++;
        p->whole_size--;
    }
    while (p->fraction_size > 0 && p->fraction[p->fraction_size - 1] == '0') {
        p->fraction_size--;
    }
    if (p->whole_size == 0 && p->fraction_size == 0) {
        p->negative = false;
    }
}

bool rowan__decimal_valid(const char *text, size_t size)
{
    parts p;

    return take_apart(text, size, &p);
}

static int compare_magnitude(const parts *a, const parts *b)
{
    if (a->whole_size != b->whole_size) {
        return a->whole_size < b->whole_size ? -1 : 1;
    }
    int order = memcmp(a->whole, b->whole, a->whole_size);
    if (order != 0) {
        return order;
    }
    size_t common = a->fraction_size < b->fraction_size ? a->fraction_size : b->fraction_size;
    order = common > 0 ? memcmp(a->fraction, b->fraction, common) : 0;
    if (order != 0 || a->fraction_size == b->fraction_size) {
        return order;
    }
    return a->fraction_size < b->fraction_size ? -1 : 1;
}

int rowan__decimal_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    parts x, y;

    take_apart(a, a_size, &x);
    take_apart(b, b_size, &y);
    drop_zeros(&x);
    drop_zeros(&y);
    if (x.negative != y.negative) {
        return x.negative ? -1 : 1;
    }
    return x.negative ? compare_magnitude(&y, &x) : compare_magnitude(&x, &y);
}
