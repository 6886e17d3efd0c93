/* How the text of a statement is read, from what the dialect says of the engine. */
#ifndef ROWAN_DRIVER_READING_H
#define ROWAN_DRIVER_READING_H

#include "base/token.h"
#include "driver/dialect.h"

/**
 * The reading of what is sent to the engine. Dialects come in three families, of which the
 * quoting of strings tells which one it is: dollar quotes are PostgreSQL's, hash comments
 * MySQL's, the rest is as in SQLite.
 */
static inline rowan__reading rowan__dialect_reading(const rowan__dialect *dialect)
{
    bool dollars = dialect->dollar_quotes, hashes = dialect->hash_comments;

    return (rowan__reading){
        .backslash_escapes = dialect->backslash_escapes,
        .hash_comments = hashes,
        .dash_needs_space = hashes,
        .nested_comments = dialect->nested_comments,
        .version_comments = hashes,
        .dollar_quotes = dollars,
        .brackets_quote = dialect->brackets_quote,
        .backticks_quote = !dollars,
        .double_quotes_are_text = dialect->double_quotes_are_text,
        .escape_strings = dollars,
        .unicode_strings = dollars,
        .charset_strings = hashes,
        .words_begin_with_digit = hashes,
        .words_begin_with_dollar = hashes,
        .runs_of_operators = dollars,
        .question_is_operator = dialect->numbered_placeholders,
        .question_numbers = !dollars && !hashes,
        .colon_names = !dollars && !hashes,
        .at_names = !dollars && !hashes,
        .at_variables = hashes,
        .dollar_numbers = dialect->numbered_placeholders,
        .dollar_names = !dollars && !hashes,
        .string_prefixes = dollars ? "XxBbNn" : (hashes ? "XxBbNn" : "Xx"),
    };
}

/** The reading of raw SQL, whose parameters are `?` and `:name` on every engine. */
static inline rowan__reading rowan__raw_reading(const rowan__dialect *dialect)
{
    rowan__reading reading = rowan__dialect_reading(dialect);

    reading.question_is_operator = false;
    reading.colon_names = true;
    return reading;
}

#endif
