/* Candidates as SQL, and their names. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "verify/index_private.h"

void rowan__index_quote(rowan__text *text, char quote, const char *name)
{
    rowan__text_char(text, quote);
    for (; *name != '\0'; name++) {
        rowan__text_char(text, *name);
        if (*name == quote) {
            rowan__text_char(text, quote);
        }
    }
    rowan__text_char(text, quote);
}

/* An expression stands in parentheses of its own. */
static void write_key(rowan__text *text, char quote, const rowan__index_key *key)
{
    if (key->expression == NULL) {
        rowan__index_quote(text, quote, key->column);
    } else {
        rowan__text_format(text, "(%s)", key->expression);
    }
    rowan__text_str(text, key->suffix);
}

void rowan__index_write(rowan__text *text, char quote, const rowan__index_candidate *candidate,
                        const char *name, const char *table)
{
    rowan__text_str(text, "CREATE INDEX ");
    rowan__index_quote(text, quote, name);
    rowan__text_format(text, " ON %s (", table);
    for (size_t i = 0; i < candidate->key_count; i++) {
        rowan__text_str(text, i > 0 ? ", " : "");
        write_key(text, quote, &candidate->keys[i]);
    }
    rowan__text_char(text, ')');
    if (candidate->condition != NULL) {
        rowan__text_format(text, " WHERE %s", candidate->condition);
    }
}

/* Adds the letters and digits of a text in small letters, with one underscore for all between. */
static void add_words(char out[64], size_t *size, size_t most, const char *text)
{
    for (; *text != '\0' && *size < most; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c)) {
            out[(*size)++] = (char)tolower(c);
        } else if (*size > 0 && out[*size - 1] != '_') {
            out[(*size)++] = '_';
        }
    }
    while (*size > 0 && out[*size - 1] == '_') {
        (*size)--;
    }
}

static void add_joint(char out[64], size_t *size, size_t most)
{
    if (*size > 0 && *size < most) {
        out[(*size)++] = '_';
    }
}

void rowan__index_name(const rowan__index_candidate *candidate, unsigned number, char out[64])
{
    enum { MOST = 50 };
    size_t size = 0;

    add_words(out, &size, 25, candidate->table->name);
    for (size_t i = 0; i < candidate->key_count; i++) {
        const rowan__index_key *key = &candidate->keys[i];
        add_joint(out, &size, MOST);
        add_words(out, &size, MOST, key->expression != NULL ? key->expression : key->column);
    }
    if (candidate->condition != NULL) {
        add_joint(out, &size, MOST);
        add_words(out, &size, MOST, "partial");
    }
    size += (size_t)snprintf(out + size, 64 - size, "%sidx", size > 0 ? "_" : "");
    if (number > 1) {
        snprintf(out + size, 64 - size, "%u", number);
    }
}
