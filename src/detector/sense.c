/*
 * The sense of a statement, as far as tokens tell: its verb, its tables, and for every value the
 * column that it is compared with. It is what a reader sees at a glance, no grammar; where it is
 * not sure it says "other", and the rules then do without.
 */
#include <string.h>
#include <xxhash.h>

#include "detector/fold_private.h"

static bool starts_with(const char *text, size_t size, const char *prefix)
{
    size_t length = strlen(prefix);

    for (size_t i = 0; i < length; i++) {
        char c = i < size ? text[i] : '\0';
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != prefix[i]) {
            return false;
        }
    }
    return true;
}

static bool is_one_of(const char *text, size_t size, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (size == strlen(*names) && starts_with(text, size, *names)) {
            return true;
        }
    }
    return false;
}

/** Hash of a name in small letters, as names compare. */
static uint64_t hash_name(const char *name, size_t size)
{
    char lower[64];
    size_t length = size < sizeof lower ? size : sizeof lower;

    for (size_t i = 0; i < length; i++) {
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
    }
    return XXH3_64bits(lower, length);
}

void rowan__sense_init(rowan__sense *sense, const char *sql, rowan__fold *out)
{
    memset(sense, 0, sizeof *sense);
    memset(out, 0, sizeof *out);
    sense->sql = sql;
    sense->out = out;
    sense->before = ROWAN__WORD_OTHER;
}

static void forget_role(rowan__sense *sense)
{
    sense->role = ROWAN__ROLE_OTHER;
    sense->in_between = false;
}

static void take_role(rowan__sense *sense, rowan__role role)
{
    sense->role = role;
    sense->role_depth = sense->depth;
}

/** The verb is the first that is read; behind WITH, the first outside its parentheses. */
static void take_verb(rowan__sense *sense, rowan__word word)
{
    static const rowan__verb verbs[] = {
        [ROWAN__WORD_SELECT] = ROWAN__VERB_SELECT, [ROWAN__WORD_INSERT] = ROWAN__VERB_INSERT,
        [ROWAN__WORD_UPDATE] = ROWAN__VERB_UPDATE, [ROWAN__WORD_DELETE] = ROWAN__VERB_DELETE,
        [ROWAN__WORD_WITH] = ROWAN__VERB_OTHER,
    };

    if (sense->out->verb == ROWAN__VERB_OTHER && word < sizeof verbs / sizeof verbs[0] &&
        (!sense->saw_with || sense->depth == 0)) {
        sense->out->verb = verbs[word];
    }
}

static void take_table(rowan__sense *sense, uint32_t name, uint32_t size)
{
    rowan__fold *out = sense->out;
    const char *text = sense->sql + name;
    static const char *const catalogs[] = {"information_schema", "pg_catalog", "sqlite_master",
                                           "sqlite_schema",      "mysql",      NULL};

    out->is_catalog =
        out->is_catalog || is_one_of(text, size, catalogs) || starts_with(text, size, "pg_");
    if (out->table_count == 0) {
        out->table = name;
        out->table_size = size;
    }
    if (out->table_count < ROWAN__FOLD_TABLES) {
        out->tables[out->table_count++] = hash_name(text, size);
    }
}

static void take_name(rowan__sense *sense, const rowan__token *token, bool is_quoted)
{
    static const char *const sessions[] = {"nextval",        "currval",
                                           "lastval",        "setval",
                                           "last_insert_id", "last_insert_rowid",
                                           "changes",        "get_lock",
                                           "release_lock",   "txid_current",
                                           "connection_id",  "pg_sleep",
                                           "sleep",          NULL};
    static const char *const aggregates[] = {"count", "sum", "min", "max", "avg", NULL};
    static const char *const explorers[] = {"pragma", "show", "explain", "describe", NULL};
    uint32_t quote = is_quoted && token->size >= 2 ? 1 : 0;
    bool is_first = sense->name_size == 0 && sense->out->verb == ROWAN__VERB_OTHER;
    const char *text;

    sense->name = (uint32_t)token->offset + quote;
    sense->name_size = (uint32_t)token->size - 2 * quote;
    text = sense->sql + sense->name;
    if (is_first && is_one_of(text, sense->name_size, explorers)) {
        sense->out->is_catalog = true;
    }
    if (sense->begins_select) {
        sense->out->is_aggregate = is_one_of(text, sense->name_size, aggregates);
    }
    sense->out->is_volatile = sense->out->is_volatile ||
                              is_one_of(text, sense->name_size, sessions) ||
                              starts_with(text, sense->name_size, "pg_advisory") ||
                              starts_with(text, sense->name_size, "pg_try_advisory");
    if (sense->expects_table) {
        sense->expects_table = false;
        sense->last_table = sense->name + 1;
        take_table(sense, sense->name, sense->name_size);
    } else if (sense->is_comparing) {
        sense->out->slots[sense->compared] =
            (rowan__slot){ROWAN__ROLE_EQUAL, sense->name, sense->name_size};
    }
    forget_role(sense);
    sense->begins_select = false;
}

/** A name behind the point of a table's name is the table, and what was taken for it its schema. */
static void take_qualified_table(rowan__sense *sense)
{
    rowan__fold *out = sense->out;

    if (sense->last_table == 0 || sense->name + 1 != sense->last_table || !sense->after_point ||
        out->table_count == 0) {
        return;
    }
    out->table_count--;
    sense->expects_table = true;
}

static void begin_from(rowan__sense *sense)
{
    sense->expects_table = true;
    sense->in_from = true;
    sense->from_depth = sense->depth;
}

static void take_and(rowan__sense *sense)
{
    if (sense->in_between && sense->role == ROWAN__ROLE_RANGE) {
        sense->in_between = false; /* the AND of BETWEEN: its second value is the same column's */
        return;
    }
    forget_role(sense);
    sense->name_size = 0;
}

/** Words that say how the next value is used. @return false for any other word. */
static bool take_operator_word(rowan__sense *sense, rowan__word word)
{
    switch ((int)word) {
    case ROWAN__WORD_IN:
        take_role(sense, ROWAN__ROLE_LIST);
        return true;
    case ROWAN__WORD_BETWEEN:
        take_role(sense, ROWAN__ROLE_RANGE);
        sense->in_between = true;
        return true;
    case ROWAN__WORD_LIKE:
        take_role(sense, ROWAN__ROLE_RANGE);
        return true;
    case ROWAN__WORD_LIMIT:
        take_role(sense, ROWAN__ROLE_LIMIT);
        sense->name_size = 0;
        return true;
    case ROWAN__WORD_VALUES:
        take_role(sense, ROWAN__ROLE_VALUES);
        sense->name_size = 0;
        return true;
    case ROWAN__WORD_AND:
        take_and(sense);
        return true;
    case ROWAN__WORD_ANY:
    case ROWAN__WORD_ARRAY:
        return true; /* = ANY (value): the role stays */
    default:
        return false;
    }
}

static void take_clause_word(rowan__sense *sense, rowan__word word, unsigned flags)
{
    rowan__fold *out = sense->out;

    if ((flags & ROWAN__WORD_ENDS_FROM) != 0 && sense->depth == sense->from_depth) {
        sense->in_from = false;
    }
    if (word == ROWAN__WORD_FROM || word == ROWAN__WORD_JOIN || word == ROWAN__WORD_INTO ||
        (word == ROWAN__WORD_UPDATE && out->table_count == 0)) {
        begin_from(sense);
    } else if (word != ROWAN__WORD_ONLY) {
        sense->expects_table = false;
    }
    if (word == ROWAN__WORD_SET) {
        sense->in_assignments = true;
    } else if (word == ROWAN__WORD_WHERE) {
        sense->in_assignments = false;
        out->has_where = true;
    } else if (word == ROWAN__WORD_WITH && out->verb == ROWAN__VERB_OTHER) {
        sense->saw_with = true;
    } else if (word == ROWAN__WORD_LOCKED) {
        out->is_volatile = true;
    }
}

void rowan__sense_word(rowan__sense *sense, const rowan__token *token, rowan__word word,
                       unsigned flags)
{
    char first = sense->sql[token->offset];

    if (word == ROWAN__WORD_NONE) {
        if (sense->before == ROWAN__WORD_LIMIT) {
            return; /* FETCH FIRST */
        }
        take_qualified_table(sense);
        take_name(sense, token, first == '"' || first == '`' || first == '[');
    } else {
        take_verb(sense, word);
        if (!take_operator_word(sense, word)) {
            forget_role(sense);
        }
        take_clause_word(sense, word, flags);
        sense->begins_select = word == ROWAN__WORD_SELECT && sense->out->table_count == 0;
    }
    sense->before = word;
    sense->after_value = false;
    sense->after_point = false;
    sense->is_comparing = false;
}

static void take_comma(rowan__sense *sense)
{
    bool keeps = sense->role == ROWAN__ROLE_LIMIT || sense->role == ROWAN__ROLE_VALUES ||
                 sense->depth > sense->role_depth;

    if (!keeps) {
        forget_role(sense);
    }
    sense->expects_table = sense->in_from && sense->depth == sense->from_depth;
}

static void take_comparison(rowan__sense *sense, char c, size_t size, char next)
{
    bool equal = c == '=' || (size == 3 && next == '='); /* =, ==, <=> */
    bool inside = sense->in_assignments && sense->depth == 0;

    if (equal) {
        take_role(sense, inside ? ROWAN__ROLE_SET : ROWAN__ROLE_EQUAL);
    } else if (c == '<' || c == '>' || (c == '!' && size > 1)) {
        take_role(sense, ROWAN__ROLE_RANGE);
    } else {
        forget_role(sense);
    }
}

void rowan__sense_sign(rowan__sense *sense, const rowan__token *token)
{
    const char *text = sense->sql + token->offset;
    bool was_value = sense->after_value;

    sense->after_value = false;
    sense->is_comparing = false;
    if (token->kind == ROWAN__TOKEN_OPEN) {
        sense->depth++;
        sense->expects_table = false;
    } else if (token->kind == ROWAN__TOKEN_CLOSE) {
        sense->depth -= sense->depth > 0;
        forget_role(sense);
    } else if (token->kind == ROWAN__TOKEN_COMMA) {
        take_comma(sense);
    } else if (text[0] != '.' && text[0] != '[' && text[0] != ']' && text[0] != ':') {
        take_comparison(sense, text[0], token->size, token->size > 1 ? text[1] : '\0');
        sense->is_comparing = was_value && sense->role == ROWAN__ROLE_EQUAL && !sense->overflowed;
    }
    sense->after_point = token->kind == ROWAN__TOKEN_OPERATOR && text[0] == '.';
    sense->before = sense->after_point ? sense->before : ROWAN__WORD_OTHER;
}

void rowan__sense_slot(rowan__sense *sense, bool is_list)
{
    rowan__fold *out = sense->out;
    bool named = sense->role == ROWAN__ROLE_EQUAL || sense->role == ROWAN__ROLE_LIST ||
                 sense->role == ROWAN__ROLE_RANGE || sense->role == ROWAN__ROLE_SET;

    sense->after_value = !is_list && sense->role == ROWAN__ROLE_OTHER;
    sense->after_point = false;
    sense->is_comparing = false;
    sense->begins_select = false;
    sense->expects_table = false;
    sense->before = ROWAN__WORD_OTHER;
    if (out->slot_count == ROWAN__FOLD_SLOTS) {
        sense->overflowed = true;
        sense->after_value = false;
        return;
    }
    sense->compared = out->slot_count;
    out->slots[out->slot_count++] =
        (rowan__slot){sense->role, sense->name, named ? sense->name_size : 0};
}

/** The number of a parameter from 0: written behind `$` and `?`, else counted. */
static uint32_t number_of(rowan__sense *sense, const rowan__token *token)
{
    const char *text = sense->sql + token->offset;
    uint32_t number = 0;

    for (size_t i = 1; i < token->size && i < 8 && text[i] >= '0' && text[i] <= '9'; i++) {
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number > 0 ? number - 1 : sense->params++;
}

void rowan__sense_value(rowan__sense *sense, const rowan__token *token, bool is_negative)
{
    rowan__fold *out = sense->out;
    rowan__place place = {0};

    out->value_count++;
    if (token->kind == ROWAN__TOKEN_PLACEHOLDER) {
        place.param = number_of(sense, token);
    } else {
        place.key = rowan__key_literal(sense->sql + token->offset, token->size, is_negative);
        out->literals = rowan__key_mix(out->literals, place.key);
        out->literal_count++;
    }
    if (!sense->overflowed && out->slot_count > 0 && out->place_count < ROWAN__FOLD_PLACES) {
        place.slot = (uint32_t)(out->slot_count - 1);
        out->places[out->place_count++] = place;
    }
}
