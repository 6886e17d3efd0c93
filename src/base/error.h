/* Writing errors. The lowest layer that knows writes; callers pass the error up untouched. */
#ifndef ROWAN_BASE_ERROR_H
#define ROWAN_BASE_ERROR_H

#include <stdarg.h>

#include <rowan/error.h>

/**
 * Fills an error with a status and one line of ours, which must never quote a bound value.
 * Everything else is zeroed, and the connection counts as usable. @p error may be NULL.
 *
 * @return @p status, so that a caller can return it.
 */
rowan_status rowan__fail(rowan_error *error, rowan_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Out of memory. */
rowan_status rowan__fail_nomem(rowan_error *error);

/**
 * Copies a name or message into a field of an error, cut to whole UTF-8 characters, on one line.
 */
void rowan__error_copy(char *field, size_t field_size, const char *text, size_t text_size);

#endif
