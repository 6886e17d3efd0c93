/*
 * The short way of most statements: positional parameters, and nothing in the text that might
 * hide or be another kind of parameter. Then each `?` is one, and no tokenizer is needed.
 * Whatever is wrong or unusual is left to parameters.c.
 */
#include "base/text.h"
#include "raw/raw_private.h"

#include <string.h>

/**
 * Bytes that need a look: 1 for `?`, 2 for the beginnings of comments, 3 for all that only
 * tokens can tell.
 */
static const unsigned char looks[256] = {
    ['?'] = 1, ['-'] = 2, ['/'] = 2, ['\''] = 3, ['"'] = 3, ['`'] = 3,
    ['['] = 3, [':'] = 3, ['@'] = 3, ['$'] = 3,  ['#'] = 3,
};

/** Whether tokens would find no parameters but the `?`, which are counted. */
static bool is_plain(const char *sql, size_t *placeholders)
{
    *placeholders = 0;
    for (; *sql != '\0'; sql++) {
        unsigned char look = looks[(unsigned char)*sql];
        char next = sql[1];
        if (look == 0) {
            continue;
        }
        if (look == 3 || (look == 2 && (next == '-' || next == '*')) ||
            (look == 1 && (next == '?' || (next >= '0' && next <= '9')))) {
            return false;
        }
        *placeholders += look == 1;
    }
    return true;
}

static bool are_single(rowan_params params)
{
    for (size_t i = 0; i < params.count; i++) {
        const rowan_value *value = &params.items[i];
        if (value->name != NULL || value->type == ROWAN_TYPE_LIST ||
            value->type == ROWAN_TYPE_ENUM) {
            return false;
        }
    }
    return true;
}

/** Writes `$1`, `$2` … for the placeholders. @return false if memory ran out. */
static bool write_numbers(rowan_scope *scope, rowan__raw_statement *out, size_t placeholders)
{
    rowan__text *text = rowan__scope_scratch(scope);
    const char *copied = out->sql, *end = out->sql + out->sql_size;

    rowan__text_clear(text);
    for (size_t number = 1; number <= placeholders; number++) {
        const char *question = strchr(copied, '?');
        rowan__text_add(text, copied, (size_t)(question - copied));
        rowan__text_char(text, '$');
        rowan__text_int(text, (int64_t)number);
        copied = question + 1;
    }
    rowan__text_add(text, copied, (size_t)(end - copied));
    out->sql = rowan__text_string(text);
    out->sql_size = text->size;
    return !text->failed;
}

bool rowan__raw_rewrite_plain(rowan_scope *scope, rowan_params params, rowan__raw_statement *out)
{
    const rowan__dialect *dialect = rowan__scope_dialect(scope);
    size_t placeholders;

    if (!is_plain(out->sql, &placeholders) || placeholders != params.count ||
        placeholders > dialect->max_params || !are_single(params)) {
        return false;
    }
    out->values = params.items;
    out->value_count = params.count;
    return !dialect->numbered_placeholders || placeholders == 0 ||
           write_numbers(scope, out, placeholders);
}
