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

void rowan__sense_init(rowan__sense *sense, const rowan__reading *reading, const char *sql,
                       rowan__fold *out)
{
    memset(sense, 0, sizeof *sense);
    memset(out, 0, sizeof *out);
    sense->sql = sql;
    sense->heeds_backslashes = reading->backslash_escapes;
    sense->out = out;
    sense->before = ROWAN__WORD_OTHER;
}

static void forget_role(rowan__sense *sense)
{
    sense->in_any = false;
    sense->role = ROWAN__ROLE_OTHER;
    sense->held_role = ROWAN__ROLE_OTHER;
    sense->in_between = false;
}

static void take_role(rowan__sense *sense, rowan__role role)
{
    sense->role = role;
    sense->role_depth = sense->depth;
}

static void be_verb(rowan__sense *sense, rowan__verb verb)
{
    sense->out->verb = verb;
    sense->verb_depth = sense->depth;
    if (verb != ROWAN__VERB_OTHER && verb != ROWAN__VERB_SELECT) {
        sense->out->table_count = 0; /* its target is the first, whatever WITH read before */
    }
}

/**
 * The verb is the first that is read; behind WITH, the first outside its parentheses, unless one
 * inside of them writes.
 */
static void take_verb(rowan__sense *sense, rowan__word word)
{
    static const rowan__verb verbs[] = {
        [ROWAN__WORD_SELECT] = ROWAN__VERB_SELECT, [ROWAN__WORD_INSERT] = ROWAN__VERB_INSERT,
        [ROWAN__WORD_UPDATE] = ROWAN__VERB_UPDATE, [ROWAN__WORD_DELETE] = ROWAN__VERB_DELETE,
        [ROWAN__WORD_WITH] = ROWAN__VERB_OTHER,
    };

    if (sense->out->verb == ROWAN__VERB_OTHER && word < sizeof verbs / sizeof verbs[0] &&
        (!sense->saw_with || sense->depth == 0 ||
         (sense->after_open && verbs[word] != ROWAN__VERB_SELECT))) {
        be_verb(sense, verbs[word]);
    }
}

static void take_table(rowan__sense *sense, uint32_t name, uint32_t size)
{
    rowan__fold *out = sense->out;
    const char *text = sense->sql + name;
    static const char *const catalogs[] = {"information_schema", "performance_schema", "mysql",
                                           NULL};
    static const char *const stand_in[] = {"dual", NULL}; /* for no table */

    if (is_one_of(text, size, stand_in)) {
        return;
    }
    out->is_catalog = out->is_catalog || is_one_of(text, size, catalogs) ||
                      starts_with(text, size, "pg_") || starts_with(text, size, "sqlite_") ||
                      starts_with(text, size, "pragma_");
    out->takes_rows = out->takes_rows || (out->verb == ROWAN__VERB_INSERT && out->table_count > 0 &&
                                          sense->from_depth == sense->verb_depth);
    if (out->table_count == 0) {
        out->table = name;
        out->table_size = size;
    }
    if (out->table_count < ROWAN__FOLD_TABLES) {
        out->tables[out->table_count++] = hash_name(text, size);
    }
}

/**
 * A name where a value could have stood. All of a range's right side is its bound: `x < now() - ?`.
 * Behind `=` it may be a function, whose values are as good as compared.
 */
static void hold_role(rowan__sense *sense, uint32_t name, uint32_t size)
{
    rowan__role role = sense->role;

    if (role == ROWAN__ROLE_RANGE) {
        return;
    }
    if (!sense->after_point) {
        forget_role(sense);
    }
    if (role == ROWAN__ROLE_EQUAL) {
        sense->held_role = role;
        sense->held_name = sense->name;
        sense->held_size = sense->name_size;
    }
    sense->name = name;
    sense->name_size = size;
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
    static const char *const mergers[] = {"merge", NULL};
    static const char *const spreaders[] = {"unnest",
                                            "json_each",
                                            "json_table",
                                            "json_array_elements",
                                            "json_array_elements_text",
                                            "jsonb_array_elements",
                                            "jsonb_array_elements_text",
                                            "string_to_array",
                                            NULL};
    uint32_t quote = is_quoted && token->size >= 2 ? 1 : 0;
    bool is_first = sense->name_size == 0 && sense->out->verb == ROWAN__VERB_OTHER;
    const char *text;

    uint32_t name = (uint32_t)token->offset + quote;
    uint32_t size = (uint32_t)token->size - 2 * quote;
    text = sense->sql + name;
    if (is_first && is_one_of(text, size, explorers)) {
        sense->out->is_catalog = true;
    }
    if (is_first && sense->before == ROWAN__WORD_OTHER && is_one_of(text, size, mergers)) {
        be_verb(sense, ROWAN__VERB_INSERT);
        sense->in_merge = true;
    }
    if (sense->begins_select) {
        sense->out->is_aggregate = is_one_of(text, size, aggregates);
    }
    sense->out->is_volatile = sense->out->is_volatile || is_one_of(text, size, sessions) ||
                              starts_with(text, size, "pg_advisory") ||
                              starts_with(text, size, "pg_try_advisory");
    if (sense->expects_table) {
        sense->expects_table = false;
        sense->last_table = name + 1;
        take_table(sense, name, size);
    } else if (sense->is_comparing) {
        sense->out->slots[sense->compared] = (rowan__slot){sense->compared_as, name, size, false};
    }
    hold_role(sense, name, size);
    sense->in_any = is_one_of(text, size, spreaders);
    sense->begins_select = false;
}

/** A name behind the point of a table's name is the table, and what was taken for it its schema. */
static void take_qualified_table(rowan__sense *sense)
{
    static const char *const catalogs[] = {"sys", NULL};
    rowan__fold *out = sense->out;

    if (sense->last_table == 0 || sense->name + 1 != sense->last_table || !sense->after_point ||
        out->table_count == 0) {
        return;
    }
    out->is_catalog =
        out->is_catalog || is_one_of(sense->sql + sense->name, sense->name_size, catalogs);
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
        sense->in_any = true;
        return true; /* = ANY (value): the role stays */
    case ROWAN__WORD_ARRAY:
        return true;
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
        out->value_rows += out->verb == ROWAN__VERB_INSERT && sense->before == ROWAN__WORD_NONE &&
                           out->value_rows == 0; /* INSERT INTO table SET */
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
        if (sense->before == ROWAN__WORD_LIMIT || sense->in_type) {
            return; /* FETCH FIRST, value::type */
        }
        take_qualified_table(sense);
        take_name(sense, token, first == '"' || first == '`' || first == '[');
    } else {
        sense->in_type = false;
        sense->is_comparing = false;
        take_verb(sense, word);
        if (!take_operator_word(sense, word)) {
            forget_role(sense);
        }
        take_clause_word(sense, word, flags);
        sense->begins_select = word == ROWAN__WORD_SELECT && sense->out->table_count == 0;
        if (sense->in_merge && sense->depth == 0 && token->size == 5 &&
            starts_with(sense->sql + token->offset, token->size, "using")) {
            begin_from(sense); /* the rows of a table, or of a sub-select */
        }
    }
    sense->before = word;
    sense->after_value = false;
    sense->after_point = false;
    sense->after_open = false;
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
    bool inside = sense->in_assignments && sense->depth == sense->verb_depth;

    if (equal) {
        take_role(sense, inside ? ROWAN__ROLE_SET : ROWAN__ROLE_EQUAL);
    } else if (c == '<' || c == '>' || (c == '!' && size > 1)) {
        take_role(sense, ROWAN__ROLE_RANGE);
    } else if (sense->role != ROWAN__ROLE_RANGE && sense->role != ROWAN__ROLE_LIMIT) {
        forget_role(sense); /* what is reckoned with a bound is part of it */
    }
}

/** The parenthesis behind a name that may be a function's: its values are compared in its place. */
static void open_parenthesis(rowan__sense *sense)
{
    if (sense->held_role != ROWAN__ROLE_OTHER && sense->before == ROWAN__WORD_NONE) {
        take_role(sense, sense->held_role);
        sense->name = sense->held_name;
        sense->name_size = sense->held_size;
    }
    if (sense->expects_table && sense->from_depth == sense->verb_depth && !sense->in_merge) {
        sense->out->takes_rows =
            sense->out->verb == ROWAN__VERB_INSERT && sense->out->table_count > 0;
    }
    sense->held_role = ROWAN__ROLE_OTHER;
    sense->depth++;
    sense->expects_table = false;
    sense->after_open = true;
}

static void close_parenthesis(rowan__sense *sense)
{
    bool goes_on = sense->role == ROWAN__ROLE_RANGE || sense->role == ROWAN__ROLE_LIMIT;

    sense->depth -= sense->depth > 0;
    if (!goes_on || sense->depth < sense->role_depth) {
        forget_role(sense);
    }
}

/** A value that stands before its column: `? = id`, `? < id`. */
static void take_compared(rowan__sense *sense, bool was_value)
{
    bool compares = sense->role == ROWAN__ROLE_EQUAL || sense->role == ROWAN__ROLE_RANGE;

    sense->is_comparing = was_value && compares && !sense->overflowed;
    sense->compared_as = sense->role;
}

void rowan__sense_sign(rowan__sense *sense, const rowan__token *token)
{
    const char *text = sense->sql + token->offset;
    bool was_value = sense->after_value;
    bool is_point = token->kind == ROWAN__TOKEN_OPERATOR && text[0] == '.';
    bool is_cast = token->kind == ROWAN__TOKEN_OPERATOR && text[0] == ':' && token->size == 2;

    sense->in_type = is_cast || (sense->in_type && is_point);
    if (sense->in_type) {
        return; /* its value is still the last */
    }
    sense->after_value = false;
    sense->after_open = false;
    sense->is_comparing = sense->is_comparing && is_point;
    if (token->kind == ROWAN__TOKEN_OPEN) {
        open_parenthesis(sense);
    } else if (token->kind == ROWAN__TOKEN_CLOSE) {
        close_parenthesis(sense);
    } else if (token->kind == ROWAN__TOKEN_COMMA) {
        take_comma(sense);
    } else if (text[0] != '.' && text[0] != '[' && text[0] != ']' && text[0] != ':') {
        take_comparison(sense, text[0], token->size, token->size > 1 ? text[1] : '\0');
        take_compared(sense, was_value);
    }
    sense->after_point = is_point;
    sense->before = is_point ? sense->before : ROWAN__WORD_OTHER;
}

void rowan__sense_slot(rowan__sense *sense, bool is_list)
{
    rowan__fold *out = sense->out;
    bool named = sense->role == ROWAN__ROLE_EQUAL || sense->role == ROWAN__ROLE_LIST ||
                 sense->role == ROWAN__ROLE_RANGE || sense->role == ROWAN__ROLE_SET;

    sense->after_value = !is_list && sense->role == ROWAN__ROLE_OTHER;
    sense->after_point = false;
    sense->after_open = false;
    sense->in_type = false;
    sense->is_comparing = false;
    sense->held_role = ROWAN__ROLE_OTHER;
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
        (rowan__slot){sense->role, sense->name, named ? sense->name_size : 0, sense->in_any};
    sense->in_any = false;
}

/** The number that a name has had before, or is given. */
static uint32_t number_of_name(rowan__sense *sense, const rowan__token *token)
{
    const char *text = sense->sql + token->offset;

    for (size_t i = 0; i < sense->named_count; i++) {
        if (sense->named[i].size == token->size &&
            memcmp(sense->sql + sense->named[i].offset, text, token->size) == 0) {
            return sense->named[i].number;
        }
    }
    if (sense->named_count < ROWAN__SENSE_NAMED) {
        size_t i = sense->named_count++;
        sense->named[i].offset = (uint32_t)token->offset;
        sense->named[i].size = (uint32_t)token->size;
        sense->named[i].number = sense->params;
    }
    return sense->params++;
}

/** The number of a parameter from 0: as written behind `$` and `?`, of its name, or counted. */
static uint32_t number_of(rowan__sense *sense, const rowan__token *token)
{
    const char *text = sense->sql + token->offset;
    uint32_t number = 0;
    size_t i = 1;

    for (; i < token->size && i < 8 && text[i] >= '0' && text[i] <= '9'; i++) {
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    if (number > 0 && i == token->size) {
        sense->params = number > sense->params ? number : sense->params;
        return number - 1;
    }
    return token->size > 1 ? number_of_name(sense, token) : sense->params++;
}

void rowan__sense_value(rowan__sense *sense, const rowan__token *token, bool is_negative)
{
    rowan__fold *out = sense->out;
    rowan__place place = {0};

    out->value_count++;
    if (token->kind == ROWAN__TOKEN_PLACEHOLDER) {
        place.param = number_of(sense, token);
    } else {
        place.key = rowan__key_literal(sense->sql + token->offset, token->size, is_negative,
                                       sense->heeds_backslashes);
        out->literals = rowan__key_mix(out->literals, place.key);
        out->literal_count++;
    }
    if (!sense->overflowed && out->slot_count > 0 && out->place_count < ROWAN__FOLD_PLACES) {
        place.slot = (uint32_t)(out->slot_count - 1);
        out->places[out->place_count++] = place;
    }
}
