/*
 * The words, in a sorted table. Words of any engine are in one table: a name that is a keyword
 * elsewhere changes at most a blank in the folded text.
 */
#include "detector/words.h"

#include <string.h>

enum {
    SIGN = ROWAN__WORD_TAKES_SIGN,
    SPACED = ROWAN__WORD_SPACED,
    ENDS = ROWAN__WORD_ENDS_FROM,
    LONGEST = 9
};

static const struct {
    const char *text;
    rowan__word word;
    unsigned flags;
} words[] = {
    {"all", ROWAN__WORD_ANY, SIGN},
    {"and", ROWAN__WORD_AND, SIGN | SPACED},
    {"any", ROWAN__WORD_ANY, SIGN},
    {"array", ROWAN__WORD_ARRAY, 0},
    {"as", ROWAN__WORD_OTHER, SPACED},
    {"asc", ROWAN__WORD_OTHER, 0},
    {"between", ROWAN__WORD_BETWEEN, SIGN | SPACED},
    {"by", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"case", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"default", ROWAN__WORD_DEFAULT, SIGN | SPACED},
    {"delete", ROWAN__WORD_DELETE, 0},
    {"desc", ROWAN__WORD_OTHER, 0},
    {"distinct", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"do", ROWAN__WORD_OTHER, SPACED | ENDS},
    {"else", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"end", ROWAN__WORD_OTHER, 0},
    {"except", ROWAN__WORD_OTHER, SPACED | ENDS},
    {"exists", ROWAN__WORD_OTHER, SPACED},
    {"false", ROWAN__WORD_CONSTANT, 0},
    {"fetch", ROWAN__WORD_LIMIT, SIGN | SPACED | ENDS},
    {"for", ROWAN__WORD_OTHER, ENDS},
    {"from", ROWAN__WORD_FROM, SPACED},
    {"group", ROWAN__WORD_OTHER, ENDS},
    {"having", ROWAN__WORD_OTHER, SIGN | SPACED | ENDS},
    {"ignore", ROWAN__WORD_ONLY, 0},
    {"ilike", ROWAN__WORD_LIKE, SIGN | SPACED},
    {"in", ROWAN__WORD_IN, SPACED},
    {"insert", ROWAN__WORD_INSERT, 0},
    {"intersect", ROWAN__WORD_OTHER, SPACED | ENDS},
    {"into", ROWAN__WORD_INTO, 0},
    {"is", ROWAN__WORD_IS, SPACED},
    {"join", ROWAN__WORD_JOIN, SPACED},
    {"lateral", ROWAN__WORD_ONLY, SPACED},
    {"like", ROWAN__WORD_LIKE, SIGN | SPACED},
    {"limit", ROWAN__WORD_LIMIT, SIGN | SPACED | ENDS},
    {"locked", ROWAN__WORD_LOCKED, 0},
    {"not", ROWAN__WORD_NOT, SIGN | SPACED},
    {"null", ROWAN__WORD_CONSTANT, 0},
    {"offset", ROWAN__WORD_LIMIT, SIGN | SPACED | ENDS},
    {"on", ROWAN__WORD_OTHER, SPACED},
    {"only", ROWAN__WORD_ONLY, 0},
    {"or", ROWAN__WORD_AND, SIGN | SPACED},
    {"order", ROWAN__WORD_OTHER, ENDS},
    {"over", ROWAN__WORD_OTHER, SPACED},
    {"regexp", ROWAN__WORD_LIKE, SIGN | SPACED},
    {"replace", ROWAN__WORD_INSERT, 0},
    {"return", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"returning", ROWAN__WORD_OTHER, SIGN | SPACED | ENDS},
    {"select", ROWAN__WORD_SELECT, SIGN | SPACED},
    {"set", ROWAN__WORD_SET, SIGN | ENDS},
    {"some", ROWAN__WORD_ANY, SIGN},
    {"then", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"true", ROWAN__WORD_CONSTANT, 0},
    {"union", ROWAN__WORD_OTHER, SPACED | ENDS},
    {"update", ROWAN__WORD_UPDATE, 0},
    {"using", ROWAN__WORD_OTHER, SPACED},
    {"values", ROWAN__WORD_VALUES, SPACED | ENDS},
    {"when", ROWAN__WORD_OTHER, SIGN | SPACED},
    {"where", ROWAN__WORD_WHERE, SIGN | SPACED | ENDS},
    {"window", ROWAN__WORD_OTHER, ENDS},
    {"with", ROWAN__WORD_WITH, 0},
};

rowan__word rowan__word_of(const char *text, size_t size, unsigned *flags)
{
    size_t low = 0, high = sizeof words / sizeof words[0];
    char lower[LONGEST + 1];

    *flags = 0;
    if (size < 2 || size > LONGEST) {
        return ROWAN__WORD_NONE;
    }
    for (size_t i = 0; i < size; i++) {
        lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    lower[size] = '\0';
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(lower, words[middle].text);
        if (order == 0) {
            *flags = words[middle].flags;
            return words[middle].word;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return ROWAN__WORD_NONE;
}
