/* Writing errors. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* In the order of rowan_status. */
static const char *const status_names[] = {
    "ROWAN_OK",          "ROWAN_DONE",         "ROWAN_NOT_FOUND", "ROWAN_STALE",
    "ROWAN_UNIQUE",      "ROWAN_FOREIGN_KEY",  "ROWAN_NOT_NULL",  "ROWAN_CHECK",
    "ROWAN_WRONG_TYPE",  "ROWAN_OUT_OF_RANGE", "ROWAN_SYNTAX",    "ROWAN_NO_SUCH",
    "ROWAN_UNSUPPORTED", "ROWAN_MISUSE",       "ROWAN_BUSY",      "ROWAN_CONFLICT",
    "ROWAN_TIMEOUT",     "ROWAN_CANCELLED",    "ROWAN_LOST",      "ROWAN_CONNECT",
    "ROWAN_DENIED",      "ROWAN_READ_ONLY",    "ROWAN_FULL",      "ROWAN_IO",
    "ROWAN_CORRUPT",     "ROWAN_NOMEM",        "ROWAN_LAZY",      "ROWAN_UNEXPECTED",
    "ROWAN_ENGINE",
};
_Static_assert(sizeof status_names / sizeof status_names[0] == ROWAN_ENGINE + 1,
               "every status has a name");

const char *rowan_status_name(rowan_status status)
{
    return (unsigned)status <= ROWAN_ENGINE ? status_names[status] : "ROWAN_?";
}

/* One line: a message of an engine may have several. */
static void flatten(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ') {
            *text = ' ';
        }
    }
}

rowan_status rowan__fail(rowan_error *error, rowan_status status, const char *format, ...)
{
    va_list arguments;

    if (!error) {
        return status;
    }
    memset(error, 0, sizeof *error);
    error->status = status;
    error->connection_usable = true;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    rowan__utf8_trim(error->message);
    flatten(error->message);
    return status;
}

rowan_status rowan__fail_nomem(rowan_error *error)
{
    return rowan__fail(error, ROWAN_NOMEM, "out of memory");
}

void rowan__error_copy(char *field, size_t field_size, const char *text, size_t text_size)
{
    size_t size = text_size < field_size - 1 ? text_size : field_size - 1;

    if (size > 0) {
        memcpy(field, text, size);
    }
    field[size] = '\0';
    if (size < text_size) {
        rowan__utf8_trim(field);
    }
    flatten(field);
}
