#include "report/markup.h"

#include <stdbool.h>
#include <string.h>

/* A control character has no way to be written in either. */
static char printable(char letter)
{
    return (unsigned char)letter < 0x20 && letter != '\n' && letter != '\t' ? '?' : letter;
}

/* U+FFFE and U+FFFF, which are no characters and may not be in XML, not even by their numbers. */
static bool is_no_character(const char *text)
{
    return strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0;
}

void rowan__markup_text(const char *text, FILE *file)
{
    for (; text != NULL && *text != '\0'; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            if (is_no_character(text)) {
                fputc('?', file);
                text += 2;
            } else {
                fputc(printable(*text), file);
            }
        }
    }
}
