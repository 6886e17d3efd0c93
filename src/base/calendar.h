/*
 * Days, times and instants as numbers and as ISO text ("2024-02-29", "23:59:59.000001",
 * "2024-02-29 23:59:59.000001"), uuids as text, over years 0001 to 9999 of the Gregorian calendar.
 */
#ifndef ROWAN_BASE_CALENDAR_H
#define ROWAN_BASE_CALENDAR_H

#include <rowan/value.h>

enum {
    ROWAN__DATE_TEXT = 10, /* bytes of the text forms, without a NUL */
    ROWAN__TIME_TEXT = 15,
    ROWAN__TIMESTAMP_TEXT = 26,
    ROWAN__UUID_TEXT = 36
};

bool rowan__date_valid(rowan_date date);
bool rowan__time_valid(rowan_time time);
bool rowan__timestamp_valid(rowan_timestamp timestamp);

/** Day number of a calendar date, and back. The date must be valid. */
int32_t rowan__days_of(int year, int month, int day);
void rowan__date_of(int32_t days, int *year, int *month, int *day);

/* Writers of exactly the bytes above plus a NUL; the value must be valid. */
void rowan__date_write(rowan_date date, char *out);
void rowan__time_write(rowan_time time, char *out);
void rowan__timestamp_write(rowan_timestamp timestamp, char *out);
void rowan__uuid_write(rowan_uuid uuid, char *out);

/** The text form of a day, time, instant or uuid; "" if it is not valid, or is another value.
 * @param out  ROWAN__UUID_TEXT + 1 bytes, the longest of them */
void rowan__calendar_write(const rowan_value *value, char *out);

/*
 * Readers. A time may have 0 to 6 digits behind the point; a timestamp may have 'T' or a blank
 * between and "Z" or "+00[:00]" behind. false: not such a text, or out of range.
 */
bool rowan__date_read(const char *text, size_t size, rowan_date *out);
bool rowan__time_read(const char *text, size_t size, rowan_time *out);
bool rowan__timestamp_read(const char *text, size_t size, rowan_timestamp *out);
bool rowan__uuid_read(const char *text, size_t size, rowan_uuid *out);

/** Whether a text is a decimal: optional minus, digits, optional point and digits. */
bool rowan__decimal_valid(const char *text, size_t size);

/** Compares two valid decimals by value: negative, 0, positive. */
int rowan__decimal_compare(const char *a, size_t a_size, const char *b, size_t b_size);

#endif
