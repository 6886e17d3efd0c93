/* A locale's sign may have several bytes: what is no part of a number in any locale is the sign. */
#include "base/real.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *rowan__real_point(char *text)
{
    size_t whole = strspn(text, "+-0123456789");
    size_t sign = strcspn(text + whole, "0123456789eEainf");

    if (sign > 0) {
        text[whole] = '.';
        memmove(text + whole + 1, text + whole + sign, strlen(text + whole + sign) + 1);
    }
    return text;
}

double rowan__real_read(const char *text)
{
    char copy[64 + 8];
    const char *sign = localeconv()->decimal_point;
    const char *point = strchr(text, '.');

    if (point == NULL || point - text > 63 || strcmp(sign, ".") == 0) {
        return strtod(text, NULL);
    }
    snprintf(copy, sizeof copy, "%.*s%.8s%.*s", (int)(point - text), text, sign,
             (int)(63 - (point - text)), point + 1);
    return strtod(copy, NULL);
}
