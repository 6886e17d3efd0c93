/*
 * Days, times, instants and uuids as text, and back: the members of a row hold them as numbers.
 * Nothing here needs a database.
 *
 *     rowan_date due;
 *     status = rowan_date_read("2026-03-01", &due);
 *     due.days += 14;
 *     printf("due on %s\n", rowan_date_text(due).text);
 *
 * Threads: any. Statements: none. Nothing is allocated.
 */
#ifndef ROWAN_CALENDAR_H
#define ROWAN_CALENDAR_H

#include <rowan/error.h>
#include <rowan/types.h>

ROWAN_BEGIN_C

/** A text that is returned by value, NUL-terminated: it lives as long as the variable it is put
 * into, or, used at once as in a call of printf(), until the end of that expression. */
typedef struct rowan_short_text {
    char text[40];
} rowan_short_text;

/** "2024-02-29"; empty for a day outside the years 0001 to 9999. */
ROWAN_API rowan_short_text rowan_date_text(rowan_date date);

/** "23:59:59.000001"; empty for what is not within a day. */
ROWAN_API rowan_short_text rowan_time_text(rowan_time time);

/** "2024-02-29 23:59:59.000001", in UTC; empty outside the years 0001 to 9999. */
ROWAN_API rowan_short_text rowan_timestamp_text(rowan_timestamp timestamp);

/** "123e4567-e89b-12d3-a456-426614174000". */
ROWAN_API rowan_short_text rowan_uuid_text(rowan_uuid uuid);

/**
 * Reads a day, as rowan_date_text() writes it.
 *
 * @param text  borrowed for the call; NULL is no day
 * @param out   zero on failure
 * @return ROWAN_OK; ROWAN_WRONG_TYPE for a text that is no day of the years 0001 to 9999.
 */
ROWAN_API rowan_status rowan_date_read(const char *text, rowan_date *out) ROWAN_NODISCARD;

/** Reads a time of day, with 0 to 6 digits behind the point: "09:30:00". As rowan_date_read(). */
ROWAN_API rowan_status rowan_time_read(const char *text, rowan_time *out) ROWAN_NODISCARD;

/**
 * Reads an instant in UTC: a day, or a day and a time with a blank or 'T' between and nothing, "Z"
 * or "+00:00" behind. Other zones are not read: ROWAN_WRONG_TYPE. As rowan_date_read().
 */
ROWAN_API rowan_status rowan_timestamp_read(const char *text, rowan_timestamp *out) ROWAN_NODISCARD;

/** Reads a uuid of 36 characters, in small or capital letters. As rowan_date_read(). */
ROWAN_API rowan_status rowan_uuid_read(const char *text, rowan_uuid *out) ROWAN_NODISCARD;

/**
 * The day with that number in its month.
 *
 * @param out  zero on failure
 * @return ROWAN_OK; ROWAN_OUT_OF_RANGE if there is no such day, such as 2023-02-29.
 */
ROWAN_API rowan_status rowan_date_of(int year, int month, int day, rowan_date *out) ROWAN_NODISCARD;

/**
 * Takes a day apart. For a day outside the years 0001 to 9999 all are 0.
 *
 * @param year, month, day  each may be NULL
 */
ROWAN_API void rowan_date_parts(rowan_date date, int *year, int *month, int *day);

/** The present instant by the system's clock; 0, which is 1970, if there is none. */
ROWAN_API rowan_timestamp rowan_timestamp_now(void);

/** The day of an instant in UTC. */
ROWAN_API rowan_date rowan_timestamp_date(rowan_timestamp timestamp);

ROWAN_END_C

#endif
