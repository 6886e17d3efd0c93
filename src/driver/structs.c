/* Texts of structs against the lengths of their columns. */
#include "driver/driver.h"

#include "base/error.h"

bool rowan__has_more_characters(const char *text, size_t size, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < size && count <= most; i++) {
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return count > most;
}

rowan_status rowan__fail_long_text(const rowan_column *column, rowan_error *error)
{
    rowan_status status = rowan__fail(
        error, ROWAN_OUT_OF_RANGE, "column %.80s.%.80s cannot hold the value: the text is too long",
        column->table->name, column->name);

    rowan__error_copy(error->column, sizeof error->column, column->name, strlen(column->name));
    return status;
}
