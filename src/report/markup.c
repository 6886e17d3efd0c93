#include "report/markup.h"

/* A control character has no way to be written in either. */
static char printable(char letter)
{
    return (unsigned char)letter < 0x20 && letter != '\n' && letter != '\t' ? '?' : letter;
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
            fputc(printable(*text), file);
        }
    }
}
