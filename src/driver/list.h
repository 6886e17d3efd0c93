/* A list as one parameter, for engines whose SQL takes a JSON array apart. */
#ifndef ROWAN_DRIVER_LIST_H
#define ROWAN_DRIVER_LIST_H

#include <rowan/value.h>

#include "base/error.h"
#include "base/text.h"

/**
 * Appends a list as a JSON array: numbers as numbers, truth as 0 and 1, all other types as strings
 * of the forms that base/calendar.h writes.
 *
 * @return ROWAN_OK; ROWAN_UNSUPPORTED for blobs, which JSON cannot hold; ROWAN_OUT_OF_RANGE for a
 * number or date that has no such form; ROWAN_MISUSE for NULL and for lists in a list. Running out
 * of memory is told by @p out.
 */
rowan_status rowan__list_json(rowan__text *out, const rowan_value *list, rowan_error *error);

#endif
