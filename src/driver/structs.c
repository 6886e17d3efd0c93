/* Members of structs that are refused: texts against the lengths of their columns, and by name. */
#include "driver/driver.h"

#include <stdio.h>
#include <string.h>

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

    rowan__name_column(column, error);
    return status;
}

void rowan__name_column(const rowan_column *column, rowan_error *error)
{
    const char *table = column->table && column->table->name ? column->table->name : "";

    rowan__error_copy(error->column, sizeof error->column, column->name, strlen(column->name));
    rowan__error_copy(error->table, sizeof error->table, table, strlen(table));
}

void rowan__name_member(const rowan_column *column, rowan_error *error)
{
    static const char number_of[] = "parameter ";
    char message[sizeof error->message];
    const char *why = strncmp(error->message, number_of, sizeof number_of - 1) == 0
                          ? strchr(error->message + sizeof number_of - 1, ' ')
                          : NULL;

    if (!why) {
        return;
    }
    snprintf(message, sizeof message, "column %.80s.%.80s%.80s", column->table->name, column->name,
             why);
    rowan__error_copy(error->message, sizeof error->message, message, strlen(message));
    rowan__name_column(column, error);
}
