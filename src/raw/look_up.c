/*
 * Statements that find a row of a table by its key, which give one row at most: the model says so.
 *
 * What counts is the plain form that programs write, `SELECT columns FROM table WHERE key = ?` and
 * whatever goes with it by AND. Anything else, a call in the list of columns or an OR among the
 * conditions, makes a statement no look-up; none is worse off for that.
 */
#include "driver/reading.h"
#include "raw/raw_private.h"

typedef struct look {
    rowan__reader reader;
    rowan__token token; /* the next one that means something */
} look;

static void go_on(look *l)
{
    do {
        rowan__token_next(&l->reader, &l->token);
    } while (l->token.kind == ROWAN__TOKEN_SPACE || l->token.kind == ROWAN__TOKEN_COMMENT);
}

static bool is_word(const look *l, const char *word)
{
    return l->token.kind == ROWAN__TOKEN_WORD && rowan__token_is(&l->reader, &l->token, word);
}

static bool take_word(look *l, const char *word)
{
    bool is_it = is_word(l, word);

    go_on(l);
    return is_it;
}

/* A name as the model spells it. */
static bool take_name(look *l, const char *name)
{
    bool is_it = l->token.kind == ROWAN__TOKEN_WORD && l->token.size == strlen(name) &&
                 memcmp(l->reader.text + l->token.offset, name, l->token.size) == 0;

    go_on(l);
    return is_it;
}

static bool take_byte(look *l, rowan__token_kind kind, char byte)
{
    bool is_it =
        l->token.kind == kind && l->token.size == 1 && l->reader.text[l->token.offset] == byte;

    go_on(l);
    return is_it;
}

/* Columns and their names, up to FROM. */
static bool take_columns(look *l)
{
    while (!is_word(l, "FROM")) {
        if (l->token.kind != ROWAN__TOKEN_WORD && l->token.kind != ROWAN__TOKEN_NAME &&
            l->token.kind != ROWAN__TOKEN_COMMA) {
            return false;
        }
        go_on(l);
    }
    return true;
}

/* What binds no tighter than AND, and what puts other rows behind these. */
static bool is_wider(const look *l)
{
    static const char *const words[] = {"OR", "XOR", "UNION", "EXCEPT", "INTERSECT"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is_word(l, words[i])) {
            return true;
        }
    }
    char first = l->reader.text[l->token.offset];

    return l->token.kind == ROWAN__TOKEN_SEMICOLON ||
           (l->token.kind == ROWAN__TOKEN_OPERATOR &&
            (first == '|' || first == '&' || first == ':'));
}

/* Whether all that follows narrows the rows; in parentheses there may be anything. */
static bool narrows(look *l)
{
    int depth = 0;

    if (l->token.kind == ROWAN__TOKEN_END) {
        return true;
    }
    if (!is_word(l, "AND")) {
        return false;
    }
    for (; l->token.kind != ROWAN__TOKEN_END; go_on(l)) {
        depth += l->token.kind == ROWAN__TOKEN_OPEN;
        depth -= l->token.kind == ROWAN__TOKEN_CLOSE;
        if (depth == 0 && is_wider(l)) {
            return false;
        }
    }
    return depth == 0;
}

bool rowan__raw_is_look_up(const rowan__dialect *dialect, const char *sql, const rowan_table *table)
{
    const rowan__reading reading = rowan__raw_reading(dialect);
    look l;

    if (table->name == NULL || table->primary_count != 1) {
        return false;
    }
    rowan__reader_init(&l.reader, &reading, sql, strlen(sql));
    go_on(&l);
    return take_word(&l, "SELECT") && take_columns(&l) && take_word(&l, "FROM") &&
           take_name(&l, table->name) && take_word(&l, "WHERE") &&
           take_name(&l, table->primary[0]->name) && take_byte(&l, ROWAN__TOKEN_OPERATOR, '=') &&
           take_byte(&l, ROWAN__TOKEN_PLACEHOLDER, '?') && narrows(&l);
}
