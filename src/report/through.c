/* The wrappers of its client library that a program sent a statement through, in words. */
#include <string.h>

#include "base/error.h"
#include "report/print.h"

/* "FILE:LINE FUNCTION", or as much of it as is known. */
static const char *function_of(const char *place)
{
    const char *space = strrchr(place, ' ');

    return space != NULL ? space + 1 : place;
}

/* Only whole characters. */
static size_t add(char *out, size_t size, size_t used, const char *text)
{
    rowan__error_copy(out + used, size - used, text, strlen(text));
    return used + strlen(out + used);
}

const char *rowan__through_say(const char *const *through, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; through != NULL && through[i] != NULL; i++) {
        used = add(out, size, used, i == 0 ? ", through " : ", ");
        used = add(out, size, used, function_of(through[i]));
    }
    return out;
}
