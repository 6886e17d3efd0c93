/*
 * A trace is not ours, and its texts may hold what a terminal takes for a command: a comment in a
 * statement could clear the screen, or write a line that no report has.
 */
#include "report/visible.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

/* U+0080 to U+009F are commands as well; U+2028 and U+2029 end lines; the others turn the direction
 * in which letters run. */
static bool is_command(const unsigned char *at, size_t size)
{
    if (size == 1) {
        return at[0] < 0x20 || at[0] == 0x7f;
    }
    if (size == 2) {
        return at[0] == 0xc2 && at[1] < 0xa0;
    }
    return size == 3 && at[0] == 0xe2 &&
           ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
            (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

/* Writes one letter, or one byte that belongs to none. @return its size */
static size_t put(const unsigned char *at, size_t left, FILE *file)
{
    size_t letter = rowan__utf8_size(at, left), size = letter > 0 ? letter : 1;

    if (letter > 0 && !is_command(at, letter)) {
        (void)fwrite(at, 1, letter, file);
        return size;
    }
    if (at[0] == '\n' || at[0] == '\r' || at[0] == '\t') {
        fputc(' ', file);
        return size;
    }
    for (size_t i = 0; i < size; i++) {
        fprintf(file, "\\x%02x", at[i]);
    }
    return size;
}

void rowan__visible_bytes(const char *text, size_t size, FILE *file)
{
    for (size_t i = 0; i < size;) {
        i += put((const unsigned char *)text + i, size - i, file);
    }
}

void rowan__visible_line(const char *text, FILE *file)
{
    rowan__visible_bytes(text, text != NULL ? strlen(text) : 0, file);
}

void rowan__visible_lines(const char *text, int indent, FILE *file)
{
    while (text != NULL && *text != '\0') {
        size_t size = strcspn(text, "\n");
        rowan__visible_bytes(text, size, file);
        if (text[size] == '\n') {
            fprintf(file, "\n%*s", indent, "");
            size++;
        }
        text += size;
    }
}
