/*
 * The tokenizer. Each scanner below is given the place where its token begins and returns the
 * place behind it; none looks at a byte at or behind the end of the text. Bytes from 0x80 on
 * count as letters, so UTF-8 text needs no decoding.
 */
#include "base/token.h"

#include <string.h>

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_operator_sign(unsigned char c)
{
    return c != 0 && strchr("+-*/<>=~!@#%^&|`", c) != NULL;
}

/** The byte at a place, 0 behind the end. */
static unsigned char at(const rowan__reader *r, size_t i)
{
    return i < r->size ? (unsigned char)r->text[i] : 0;
}

static bool is_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/** What a word may go on with. */
static bool is_inside_word(unsigned char c)
{
    return is_letter(c) || is_digit(c) || c == '$';
}

static size_t skip_word(const rowan__reader *r, size_t i)
{
    while (i < r->size && is_inside_word((unsigned char)r->text[i])) {
        i++;
    }
    return i;
}

static size_t skip_digits(const rowan__reader *r, size_t i)
{
    bool underscores = !r->reading->words_begin_with_digit; /* else 1_000 is a name */

    while (is_digit(at(r, i)) || (underscores && at(r, i) == '_' && is_digit(at(r, i + 1)))) {
        i++;
    }
    return i;
}

/** From the opening quote on. A doubled closing quote does not end it. */
static size_t skip_quoted(const rowan__reader *r, rowan__token *token, size_t i, char close,
                          bool backslashes)
{
    for (i++; i < r->size; i++) {
        if (backslashes && r->text[i] == '\\' && i + 1 < r->size) {
            i++;
        } else if (r->text[i] == close) {
            if (at(r, i + 1) != (unsigned char)close || close == ']') {
                return i + 1;
            }
            i++;
        }
    }
    token->unterminated = true;
    return r->size;
}

static size_t skip_line(const rowan__reader *r, size_t i)
{
    const char *newline = memchr(r->text + i, '\n', r->size - i);

    return newline != NULL ? (size_t)(newline - r->text) : r->size;
}

/** From the opening of a comment on, to behind its end. */
static size_t skip_comment(const rowan__reader *r, rowan__token *token, size_t i)
{
    size_t depth = 1;

    for (i += 2; i + 1 < r->size; i++) {
        if (r->text[i] == '*' && r->text[i + 1] == '/') {
            i++;
            if (--depth == 0) {
                return i + 1;
            }
        } else if (r->reading->nested_comments && r->text[i] == '/' && r->text[i + 1] == '*') {
            depth++;
            i++;
        }
    }
    token->unterminated = true;
    return r->size;
}

/**
 * A comment whose inside the server runs: its opening with the version number is a token of its
 * own. The server skips the inside for versions 5.7 to 9.99, which are another server's; then it
 * is a plain comment.
 */
static size_t skip_version_opening(rowan__reader *r, rowan__token *token, size_t i)
{
    bool own = at(r, i + 2) == 'M';
    size_t digits = i + (own ? 4u : 3u), end = digits;
    unsigned version = 0;

    while (is_digit(at(r, end)) && end - digits < 6) {
        version = version * 10 + (unsigned)(r->text[end] - '0');
        end++;
    }
    if (end - digits < 5) {
        end = digits;
        version = 0;
    }
    if (!own && version >= 50700 && version <= 99999) {
        return skip_comment(r, token, i);
    }
    r->in_version_comment = true;
    return end;
}

/** `--`, `#`, or slash and star; 0 if there is no comment at this place. */
static size_t try_comment(rowan__reader *r, rowan__token *token, size_t i)
{
    unsigned char c = at(r, i), next = at(r, i + 1);

    if (c == '-' && next == '-') {
        if (r->reading->dash_needs_space && i + 2 < r->size && at(r, i + 2) > ' ') {
            return 0;
        }
        return skip_line(r, i);
    }
    if (c == '#' && r->reading->hash_comments) {
        return skip_line(r, i);
    }
    if (c == '/' && next == '*') {
        bool code = r->reading->version_comments && !r->in_version_comment &&
                    (at(r, i + 2) == '!' || (at(r, i + 2) == 'M' && at(r, i + 3) == '!'));
        return code ? skip_version_opening(r, token, i) : skip_comment(r, token, i);
    }
    if (c == '*' && next == '/' && r->in_version_comment) {
        r->in_version_comment = false;
        return i + 2;
    }
    return 0;
}

/**
 * A string or quoted name with something before its quote, such as X'00' or U&"x"; 0 if there is
 * none.
 */
static size_t try_prefixed(const rowan__reader *r, rowan__token *token, size_t i)
{
    const rowan__reading *reading = r->reading;
    unsigned char c = at(r, i), next = at(r, i + 1);

    token->kind = ROWAN__TOKEN_STRING;
    if (next == '\'') {
        if (reading->escape_strings && (c == 'E' || c == 'e')) {
            return skip_quoted(r, token, i + 1, '\'', true);
        }
        if (reading->string_prefixes != NULL && strchr(reading->string_prefixes, c) != NULL) {
            return skip_quoted(r, token, i + 1, '\'', reading->backslash_escapes);
        }
    }
    if (reading->unicode_strings && (c == 'U' || c == 'u') && next == '&') {
        if (at(r, i + 2) == '\'') {
            return skip_quoted(r, token, i + 2, '\'', false);
        }
        if (at(r, i + 2) == '"') {
            token->kind = ROWAN__TOKEN_NAME;
            return skip_quoted(r, token, i + 2, '"', false);
        }
    }
    if (reading->charset_strings && c == '_') {
        size_t quote = skip_word(r, i);
        if (at(r, quote) == '\'') {
            return skip_quoted(r, token, quote, '\'', reading->backslash_escapes);
        }
    }
    return 0;
}

static size_t read_word(const rowan__reader *r, rowan__token *token, size_t i)
{
    size_t end = try_prefixed(r, token, i);

    if (end == 0) {
        token->kind = ROWAN__TOKEN_WORD;
        end = skip_word(r, i);
    }
    return end;
}

/** An exponent, if there is a complete one. */
static size_t skip_exponent(const rowan__reader *r, size_t i)
{
    size_t digits;

    if (at(r, i) != 'e' && at(r, i) != 'E') {
        return i;
    }
    digits = at(r, i + 1) == '+' || at(r, i + 1) == '-' ? i + 2 : i + 1;
    return is_digit(at(r, digits)) ? skip_digits(r, digits) : i;
}

/** Hexadecimal, octal or binary digits behind 0x, 0o, 0b; @p i if there are none. */
static size_t skip_radix(const rowan__reader *r, size_t i)
{
    unsigned char letter = at(r, i + 1) | 0x20;
    size_t end = i + 2;

    if (at(r, i) != '0' || (letter != 'x' && letter != 'o' && letter != 'b')) {
        return i;
    }
    while (letter == 'x' ? is_hex(at(r, end)) : is_digit(at(r, end))) {
        end++;
    }
    return end > i + 2 ? end : i;
}

static size_t read_number(const rowan__reader *r, rowan__token *token, size_t i)
{
    size_t end = skip_radix(r, i), whole;

    token->kind = ROWAN__TOKEN_NUMBER;
    if (end == i) {
        end = whole = skip_digits(r, i);
        if (at(r, end) == '.' && at(r, end + 1) != '.') {
            end = skip_digits(r, end + 1);
        }
        end = skip_exponent(r, end);
        if (end > whole) {
            return end;
        }
    }
    if (r->reading->words_begin_with_digit && is_inside_word(at(r, end))) {
        token->kind = ROWAN__TOKEN_WORD;
        return skip_word(r, end);
    }
    return end;
}

/** From the first dollar of $tag$ to behind the last of the second; 0 if no quote begins here. */
static size_t try_dollar_quote(const rowan__reader *r, rowan__token *token, size_t i)
{
    size_t tag = i + 1, tag_size;

    if (is_digit(at(r, tag))) {
        return 0;
    }
    while (is_letter(at(r, tag)) || is_digit(at(r, tag))) {
        tag++;
    }
    if (at(r, tag) != '$') {
        return 0;
    }
    tag_size = tag + 1 - i;
    token->kind = ROWAN__TOKEN_STRING;
    for (size_t end = tag + 1; end + tag_size <= r->size; end++) {
        const char *dollar = memchr(r->text + end, '$', r->size - end);
        if (dollar == NULL) {
            break;
        }
        end = (size_t)(dollar - r->text);
        if (end + tag_size <= r->size && memcmp(dollar, r->text + i, tag_size) == 0) {
            return end + tag_size;
        }
    }
    token->unterminated = true;
    return r->size;
}

static size_t read_dollar(const rowan__reader *r, rowan__token *token, size_t i)
{
    const rowan__reading *reading = r->reading;
    size_t end;

    if (reading->dollar_quotes && (end = try_dollar_quote(r, token, i)) != 0) {
        return end;
    }
    if (reading->dollar_numbers && is_digit(at(r, i + 1))) {
        token->kind = ROWAN__TOKEN_PLACEHOLDER;
        for (end = i + 1; is_digit(at(r, end)); end++) {
        }
        return end;
    }
    if (reading->dollar_names && is_inside_word(at(r, i + 1))) {
        token->kind = ROWAN__TOKEN_PLACEHOLDER;
        return skip_word(r, i + 1);
    }
    if (reading->words_begin_with_dollar) {
        token->kind = ROWAN__TOKEN_WORD;
        return skip_word(r, i);
    }
    return i + 1;
}

/** Whether an operand ends right before a place: a colon there is that of a slice, `a[lo:hi]`. */
static bool is_behind_operand(const rowan__reader *r, size_t i)
{
    unsigned char before = i > 0 ? (unsigned char)r->text[i - 1] : 0;

    return is_inside_word(before) || before == ')' || before == ']' || before == '"';
}

/** `::`, `:=`, `:name`, or a lone colon. */
static size_t read_colon(const rowan__reader *r, rowan__token *token, size_t i)
{
    unsigned char next = at(r, i + 1);

    if (next == ':' || next == '=') {
        return i + 2;
    }
    if (r->reading->colon_names && is_letter(next) && !is_behind_operand(r, i)) {
        token->kind = ROWAN__TOKEN_PLACEHOLDER;
        return skip_word(r, i + 1);
    }
    return i + 1;
}

/** @name, @@name, @'name', @`name`; 0 if there is no name. */
static size_t try_at(const rowan__reader *r, rowan__token *token, size_t i)
{
    unsigned char next = at(r, i + 1);

    if (r->reading->at_names && is_inside_word(next)) {
        token->kind = ROWAN__TOKEN_PLACEHOLDER;
        return skip_word(r, i + 1);
    }
    if (!r->reading->at_variables) {
        return 0;
    }
    token->kind = ROWAN__TOKEN_WORD;
    if (next == '\'' || next == '"' || next == '`') {
        return skip_quoted(r, token, i + 1, (char)next, false);
    }
    return skip_word(r, next == '@' ? i + 2 : i + 1);
}

/** `?`, `?12`, or the escape `??`, which stands for a question mark that is part of an operator. */
static size_t read_question(const rowan__reader *r, rowan__token *token, size_t i)
{
    if (at(r, i + 1) == '?') {
        return i + 2;
    }
    token->kind = ROWAN__TOKEN_PLACEHOLDER;
    i++;
    while (r->reading->question_numbers && is_digit(at(r, i))) {
        i++;
    }
    return i;
}

/** Whether an operator goes on at this place, and by how many bytes. */
static size_t operator_step(const rowan__reader *r, size_t i)
{
    unsigned char c = at(r, i), next = at(r, i + 1);

    if (c == '?') {
        return r->reading->question_is_operator ? 1 : (next == '?' ? 2 : 0);
    }
    if (!is_operator_sign(c) || (c == '-' && next == '-') || (c == '/' && next == '*')) {
        return 0;
    }
    return 1;
}

/**
 * A run of operator characters. It ends before a comment, and it does not end with a sign unless
 * it has a character that arithmetic does not use: `=-1` is two tokens, `@-1` too few of them to
 * matter.
 */
static size_t read_run(const rowan__reader *r, size_t i)
{
    size_t end = i, step;
    bool unusual = false;

    while ((step = operator_step(r, end)) != 0) {
        unusual = unusual || strchr("~!@#%^&|`?", r->text[end]) != NULL;
        end += step;
    }
    while (!unusual && end > i + 1 && (r->text[end - 1] == '+' || r->text[end - 1] == '-')) {
        end--;
    }
    return end > i ? end : i + 1;
}

static size_t read_operator(const rowan__reader *r, size_t i)
{
    static const char *const longer[] = {
        "->>", "<=>", "<=", ">=", "<>", "!=", "==", "||", "&&", "<<", ">>", "->", NULL};

    if (r->reading->runs_of_operators) {
        return read_run(r, i);
    }
    for (size_t k = 0; longer[k] != NULL; k++) {
        size_t size = strlen(longer[k]);
        if (size <= r->size - i && memcmp(r->text + i, longer[k], size) == 0) {
            return i + size;
        }
    }
    return i + 1;
}

/** Tokens that begin with a byte that is no letter, digit, space or comment. */
static size_t read_sign(const rowan__reader *r, rowan__token *token, size_t i)
{
    const rowan__reading *reading = r->reading;
    unsigned char c = at(r, i);
    size_t end;

    token->kind = ROWAN__TOKEN_OPERATOR;
    switch (c) {
    case '\'':
        token->kind = ROWAN__TOKEN_STRING;
        return skip_quoted(r, token, i, '\'', reading->backslash_escapes);
    case '"':
        token->kind = reading->double_quotes_are_text ? ROWAN__TOKEN_STRING : ROWAN__TOKEN_NAME;
        return skip_quoted(r, token, i, '"',
                           reading->double_quotes_are_text && reading->backslash_escapes);
    case '(':
        token->kind = ROWAN__TOKEN_OPEN;
        return i + 1;
    case ')':
        token->kind = ROWAN__TOKEN_CLOSE;
        return i + 1;
    case ',':
        token->kind = ROWAN__TOKEN_COMMA;
        return i + 1;
    case ';':
        token->kind = ROWAN__TOKEN_SEMICOLON;
        return i + 1;
    case '$':
        return read_dollar(r, token, i);
    case ':':
        return read_colon(r, token, i);
    case '?':
        return reading->question_is_operator || (reading->runs_of_operators && at(r, i + 1) == '?')
                   ? read_run(r, i)
                   : read_question(r, token, i);
    case '.':
        return is_digit(at(r, i + 1)) && !r->after_name ? read_number(r, token, i) : i + 1;
    case '`':
        if (reading->backticks_quote) {
            token->kind = ROWAN__TOKEN_NAME;
            return skip_quoted(r, token, i, '`', false);
        }
        return read_operator(r, i);
    case '[':
        if (reading->brackets_quote) {
            token->kind = ROWAN__TOKEN_NAME;
            return skip_quoted(r, token, i, ']', false);
        }
        return i + 1;
    case '@':
        end = try_at(r, token, i);
        return end != 0 ? end : read_operator(r, i);
    default:
        return is_operator_sign(c) ? read_operator(r, i) : i + 1;
    }
}

/** A token behind the point of a qualified name may begin with a digit. */
static bool is_after_point(const rowan__reader *r, size_t i)
{
    return r->reading->words_begin_with_digit && i > 1 && r->text[i - 1] == '.' &&
           (is_inside_word(at(r, i - 2)) || r->text[i - 2] == '`');
}

/** The token at a place that no comment begins at. */
static size_t read_token(const rowan__reader *r, rowan__token *token, size_t i)
{
    unsigned char c = (unsigned char)r->text[i];
    size_t end = i + 1;

    if (is_space(c)) {
        token->kind = ROWAN__TOKEN_SPACE;
        while (is_space(at(r, end))) {
            end++;
        }
        return end;
    }
    if (is_letter(c)) {
        return read_word(r, token, i);
    }
    if (is_digit(c) && is_after_point(r, i)) {
        token->kind = ROWAN__TOKEN_WORD;
        return skip_word(r, i);
    }
    return is_digit(c) ? read_number(r, token, i) : read_sign(r, token, i);
}

void rowan__token_next(rowan__reader *r, rowan__token *token)
{
    size_t i = r->offset, end;

    *token = (rowan__token){.offset = i};
    if (i >= r->size) {
        return;
    }
    end = try_comment(r, token, i);
    if (end != 0) {
        token->kind = ROWAN__TOKEN_COMMENT;
    } else {
        end = read_token(r, token, i);
    }
    token->size = end - i;
    r->offset = end;
    r->after_name = token->kind == ROWAN__TOKEN_WORD || token->kind == ROWAN__TOKEN_NAME;
}

bool rowan__token_is(const rowan__reader *r, const rowan__token *token, const char *word)
{
    const char *text = r->text + token->offset;
    size_t i = 0;

    if (token->kind != ROWAN__TOKEN_WORD) {
        return false;
    }
    while (i < token->size && word[i] != '\0') {
        char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
        if (c != word[i]) {
            return false;
        }
        i++;
    }
    return i == token->size && word[i] == '\0';
}
