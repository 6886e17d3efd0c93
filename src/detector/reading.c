/*
 * How the engines' texts are read. Statements come here with the name of their engine only, and
 * also from engines that this build has no driver for; so this does not ask a driver's dialect.
 */
#include <string.h>

#include "detector/fold.h"

static const rowan__reading standard = {0};

static const struct {
    const char *engine;
    rowan__reading reading;
} readings[] = {
    {"sqlite",
     {
         .brackets_quote = true,
         .backticks_quote = true,
         .question_numbers = true,
         .colon_names = true,
         .at_names = true,
         .dollar_names = true,
         .string_prefixes = "Xx",
     }},
    {"postgresql",
     {
         .nested_comments = true,
         .dollar_quotes = true,
         .escape_strings = true,
         .unicode_strings = true,
         .runs_of_operators = true,
         .question_is_operator = true,
         .dollar_numbers = true,
         .string_prefixes = "XxBbNn",
     }},
    {"mariadb",
     {
         .backslash_escapes = true,
         .hash_comments = true,
         .dash_needs_space = true,
         .version_comments = true,
         .backticks_quote = true,
         .double_quotes_are_text = true,
         .charset_strings = true,
         .words_begin_with_digit = true,
         .words_begin_with_dollar = true,
         .at_variables = true,
         .string_prefixes = "XxBbNn",
     }},
};

const rowan__reading *rowan__engine_reading(const char *engine)
{
    for (size_t i = 0; engine != NULL && i < sizeof readings / sizeof readings[0]; i++) {
        if (strcmp(engine, readings[i].engine) == 0) {
            return &readings[i].reading;
        }
    }
    return &standard;
}
