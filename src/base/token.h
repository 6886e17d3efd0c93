/*
 * The tokenizer of SQL text: one pass over bytes, no allocation, and it never fails. What differs
 * between engines is told by the caller, so that nothing here knows one. The grammar is the
 * server's business.
 */
#ifndef ROWAN_BASE_TOKEN_H
#define ROWAN_BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/** How a text is read. All false is standard SQL without placeholders other than `?`. */
typedef struct rowan__reading {
    bool backslash_escapes;      /* `\'` does not end a string */
    bool hash_comments;          /* `#` to the end of the line */
    bool dash_needs_space;       /* `--` is a comment only before white space or the end */
    bool nested_comments;        /* comments inside comments */
    bool version_comments;       /* the inside of a comment that begins with `!` is code */
    bool dollar_quotes;          /* $tag$ … $tag$ */
    bool brackets_quote;         /* [name] */
    bool backticks_quote;        /* `name` */
    bool double_quotes_are_text; /* "x" is a string */
    bool escape_strings;         /* E'…' heeds backslashes */
    bool unicode_strings;        /* U&'…' and U&"…" */
    bool charset_strings;        /* _utf8'…' */
    bool words_begin_with_digit; /* 1st is a name */
    bool words_begin_with_dollar;
    bool runs_of_operators;      /* `@>`, `!~~*`: operator characters belong together */
    bool question_is_operator;   /* `?` is no placeholder but an operator character */
    bool question_numbers;       /* ?12 */
    bool colon_names;            /* :name */
    bool at_names;               /* @name is a placeholder */
    bool at_variables;           /* @name and @@name are words */
    bool dollar_numbers;         /* $12 */
    bool dollar_names;           /* $name */
    const char *string_prefixes; /* letters right before a string, such as "XxNn"; NULL: none */
} rowan__reading;

typedef enum rowan__token_kind {
    ROWAN__TOKEN_END = 0,
    ROWAN__TOKEN_SPACE,
    ROWAN__TOKEN_COMMENT,     /* also a hint, and the two ends of a comment whose inside is code */
    ROWAN__TOKEN_WORD,        /* keyword, name or variable */
    ROWAN__TOKEN_NAME,        /* quoted name, quotes included */
    ROWAN__TOKEN_STRING,      /* prefix and quotes included */
    ROWAN__TOKEN_NUMBER,      /* without a sign */
    ROWAN__TOKEN_PLACEHOLDER, /* told apart by its first byte: ? $ : @ */
    ROWAN__TOKEN_OPERATOR,    /* `::`, `:=`, `??` and every byte that is nothing else, too */
    ROWAN__TOKEN_OPEN,        /* ( */
    ROWAN__TOKEN_CLOSE,       /* ) */
    ROWAN__TOKEN_COMMA,
    ROWAN__TOKEN_SEMICOLON
} rowan__token_kind;

typedef struct rowan__token {
    rowan__token_kind kind;
    bool unterminated; /* a string, quoted name or comment that ran to the end of the text */
    size_t offset;     /* in the text, in bytes */
    size_t size;       /* in bytes; 0 only at the end */
} rowan__token;

/** Where reading is. One thread at a time; text and reading are borrowed. */
typedef struct rowan__reader {
    const char *text;
    size_t size;
    size_t offset;
    const rowan__reading *reading;
    bool in_version_comment;
    bool after_name; /* the token just read is a word or quoted name: `.5` behind it is no number */
} rowan__reader;

static inline void rowan__reader_init(rowan__reader *reader, const rowan__reading *reading,
                                      const char *text, size_t size)
{
    *reader = (rowan__reader){.text = text, .size = size, .reading = reading};
}

/**
 * Reads the next token. The tokens of a text, put together, are the text. At the end it gives
 * ROWAN__TOKEN_END, as often as it is asked.
 */
void rowan__token_next(rowan__reader *reader, rowan__token *token);

/** Whether a token is the given word, which is in capitals, in either case. */
bool rowan__token_is(const rowan__reader *reader, const rowan__token *token, const char *word);

#endif
