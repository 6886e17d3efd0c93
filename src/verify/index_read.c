/*
 * What a statement looks for: its tables, and the columns that it compares, joins, sorts and groups
 * by. A select is a block, and knows the block around it. This is no grammar: a clause is told by
 * its first word, a comparison by its sign, and what is not understood is left out; whether an
 * index serves is asked of the planner.
 */
#include <string.h>
#include <strings.h>

#include "verify/index_private.h"

/* A statement beyond these is not read: parentheses are followed by calls. */
enum { MOST_PIECES = 8192, MOST_DEPTH = 64, MOST_PARTS = 8 };

typedef enum clause {
    CLAUSE_NONE = 0,
    CLAUSE_SELECT,
    CLAUSE_FROM,
    CLAUSE_WHERE,
    CLAUSE_GROUP,
    CLAUSE_ORDER,
    CLAUSE_OTHER
} clause;

typedef struct reader {
    const rowan__parts *parts;
    rowan__arena *arena;
    rowan__index_reading *out;
    bool failed; /* memory ran out */
} reader;

/* Some pieces of a block. */
typedef struct span {
    size_t from, end;
    unsigned block;
    bool is_alternative;
} span;

/* A row value: those of its parts. */
typedef struct row {
    span at[MOST_PARTS];
    size_t count;
} row;

static void read_block(reader *r, size_t i, size_t end, unsigned block);

static bool is(const reader *r, size_t piece, const char *word)
{
    return rowan__piece_is(r->parts, piece, word);
}

static bool is_any(const reader *r, size_t piece, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (is(r, piece, *words)) {
            return true;
        }
    }
    return false;
}

static bool opens(const reader *r, size_t piece)
{
    return r->parts->at[piece].kind == ROWAN__TOKEN_OPEN;
}

static bool begins_select(const reader *r, size_t piece)
{
    return is(r, piece, "SELECT") || is(r, piece, "WITH") || is(r, piece, "VALUES");
}

static unsigned new_block(reader *r, unsigned parent)
{
    if (r->out->block_count == ROWAN__INDEX_BLOCKS) {
        return parent;
    }
    r->out->parents[r->out->block_count] = parent;
    return r->out->block_count++;
}

/* The selects in parentheses among these pieces. */
static void read_nested(reader *r, span s)
{
    for (size_t i = s.from; i < s.end; i++) {
        if (opens(r, i) && begins_select(r, i + 1)) {
            size_t close = rowan__piece_close(r->parts, i);
            read_block(r, i + 1, close < s.end ? close : s.end, new_block(r, s.block));
            i = close;
        }
    }
}

/* --- Terms. --- */

static rowan__operand operand(reader *r, size_t from, size_t end)
{
    rowan__operand read = {.kind = ROWAN__OPERAND_OTHER};

    r->failed = !rowan__operand_read(r->parts, from, end, r->arena, &read) || r->failed;
    return read;
}

static const char *text(reader *r, size_t from, size_t end)
{
    const char *kept = rowan__operand_text(r->parts, from, end, r->arena);

    r->failed = r->failed || kept == NULL;
    return kept;
}

static bool is_of_column(const rowan__operand *o)
{
    return o->kind == ROWAN__OPERAND_COLUMN || o->kind == ROWAN__OPERAND_EXPRESSION;
}

/* Adds what a column, or an expression of one, is used for. @return NULL: there is no room */
static rowan__index_term *add(reader *r, rowan__index_role role, const rowan__operand *o,
                              size_t from, size_t end, const span *s)
{
    rowan__index_reading *out = r->out;
    rowan__index_term *term = &out->terms[out->term_count];

    if (!is_of_column(o) || out->term_count == ROWAN__INDEX_TERMS) {
        return NULL;
    }
    *term = (rowan__index_term){
        .role = role,
        .qualifier = o->qualifier,
        .column = o->column,
        .expression = o->kind == ROWAN__OPERAND_EXPRESSION ? text(r, from, end) : NULL,
        .suffix = "",
        .is_alternative = s->is_alternative,
        .block = s->block,
        .from = s->from,
        .end = s->end,
    };
    out->term_count++;
    return term;
}

/* A term that is constant as a whole may be the condition of a partial index. */
static void keep_condition(reader *r, rowan__index_term *term, const span *whole)
{
    if (term != NULL && !whole->is_alternative) {
        term->condition = text(r, whole->from, whole->end);
        for (size_t i = whole->from; i < whole->end; i++) {
            term->has_literal = term->has_literal || r->parts->at[i].kind == ROWAN__TOKEN_STRING ||
                                r->parts->at[i].kind == ROWAN__TOKEN_NUMBER;
        }
    }
}

/* A condition that no key serves. */
static void add_condition(reader *r, size_t from, size_t end, const span *whole)
{
    rowan__operand o = operand(r, from, end);

    if (!whole->is_alternative) {
        keep_condition(r, add(r, ROWAN__INDEX_CONDITION, &o, from, end, whole), whole);
    }
}

/* @return the term of the value that is compared, if that is a literal; else NULL */
static rowan__index_term *add_equal(reader *r, const span *s, const span *left, const span *right)
{
    rowan__operand a = operand(r, left->from, left->end), b = operand(r, right->from, right->end);
    const rowan__operand *value = is_of_column(&a) ? &b : &a;
    bool is_array = is(r, right->from, "ANY") || is(r, right->from, "SOME");
    rowan__index_role role = ROWAN__INDEX_JOIN;
    rowan__index_term *term;

    if (value->kind == ROWAN__OPERAND_VALUE) {
        role = is_array ? ROWAN__INDEX_LIST : ROWAN__INDEX_EQUAL;
    }
    term = add(r, role, &a, left->from, left->end, s);
    if (term == NULL || is_of_column(&b)) {
        term = add(r, role, &b, right->from, right->end, s);
    }
    return value->kind == ROWAN__OPERAND_VALUE && value->is_literal ? term : NULL;
}

/* --- Row values: each of their columns is compared for itself. --- */

/* Whether pieces are a row value: its parts. */
static bool take_row(const reader *r, size_t from, size_t end, row *out)
{
    size_t open = from + is(r, from, "ROW");

    out->count = 0;
    if (open >= end || !opens(r, open) || rowan__piece_close(r->parts, open) != end - 1 ||
        begins_select(r, open + 1)) {
        return false;
    }
    for (size_t i = open + 1; i < end - 1 && out->count < MOST_PARTS;) {
        size_t comma = rowan__parts_find(r->parts, i, end - 1, ",", r->parts->at[open].depth + 1);
        out->at[out->count++] = (span){.from = i, .end = comma};
        i = comma + 1;
    }
    return out->count > 1;
}

/* The parts of two rows, pair by pair. */
static void add_pairs(reader *r, const span *s, const row *left, const row *right)
{
    for (size_t i = 0; i < left->count; i++) {
        size_t first = r->out->term_count;
        span part = *s;
        part.from = left->at[i].from;
        part.end = left->at[i].end;
        (void)add_equal(r, &part, &left->at[i], &right->at[i]);
        for (size_t k = first; k < r->out->term_count; k++) {
            r->out->terms[k].value_from = right->at[i].from;
            r->out->terms[k].value_end = right->at[i].end;
        }
    }
}

/* The parts of a row that is in a list, or among what a select gives. */
static void add_parts(reader *r, rowan__index_role role, const span *s, const row *left,
                      size_t list)
{
    for (size_t i = 0; i < left->count; i++) {
        span part = *s;
        part.from = left->at[i].from;
        part.end = left->at[i].end;
        rowan__operand o = operand(r, part.from, part.end);
        rowan__index_term *term = add(r, role, &o, part.from, part.end, &part);
        if (term != NULL && role == ROWAN__INDEX_LIST) {
            term->value_from = list;
            term->value_end = s->end;
            term->place = i + 1;
        }
    }
}

static void read_equal(reader *r, const span *s, size_t sign)
{
    const span left = {.from = s->from, .end = sign}, right = {.from = sign + 1, .end = s->end};
    row a, b;

    if (!take_row(r, left.from, left.end, &a)) {
        keep_condition(r, add_equal(r, s, &left, &right), s);
    } else if (take_row(r, right.from, right.end, &b) && a.count == b.count) {
        add_pairs(r, s, &a, &b);
    } else {
        add_parts(r, ROWAN__INDEX_JOIN, s, &a, right.from);
    }
}

static void read_range(reader *r, const span *s, size_t sign)
{
    rowan__operand left = operand(r, s->from, sign), right = operand(r, sign + 1, s->end);

    if (is_of_column(&left) && right.kind != ROWAN__OPERAND_COLUMN) {
        (void)add(r, ROWAN__INDEX_RANGE, &left, s->from, sign, s);
    } else if (is_of_column(&right) && left.kind != ROWAN__OPERAND_COLUMN) {
        (void)add(r, ROWAN__INDEX_RANGE, &right, sign + 1, s->end, s);
    }
}

static void read_in(reader *r, const span *s, size_t word)
{
    rowan__operand left = operand(r, s->from, word), list;
    bool is_select = word + 2 < s->end && begins_select(r, word + 2);
    rowan__index_role role = is_select ? ROWAN__INDEX_JOIN : ROWAN__INDEX_LIST;
    rowan__index_term *term;
    row parts;

    if (take_row(r, s->from, word, &parts)) {
        add_parts(r, role, s, &parts, word + 1);
        return;
    }
    term = add(r, role, &left, s->from, word, s);
    list = operand(r, word + 1, s->end);
    if (!is_select && list.kind == ROWAN__OPERAND_VALUE && list.is_literal) {
        keep_condition(r, term, s);
    }
}

/* A pattern that begins with what may be anything is served by nothing. */
static void read_like(reader *r, const span *s, size_t word)
{
    rowan__operand left = operand(r, s->from, word);
    const rowan__piece *pattern = &r->parts->at[word + 1];
    const char *first = r->parts->sql + pattern->offset;
    bool is_open = pattern->kind == ROWAN__TOKEN_STRING && pattern->size > 2 &&
                   (first[1] == '%' || first[1] == '_');

    if (word + 1 < s->end && !is_open &&
        (pattern->kind == ROWAN__TOKEN_STRING || pattern->kind == ROWAN__TOKEN_PLACEHOLDER)) {
        (void)add(r, ROWAN__INDEX_PREFIX, &left, s->from, word, s);
    }
}

static void read_is(reader *r, const span *s, size_t word)
{
    rowan__operand left = operand(r, s->from, word);

    if (word + 2 == s->end && is(r, word + 1, "NULL")) {
        keep_condition(r, add(r, ROWAN__INDEX_EQUAL, &left, s->from, word, s), s);
    } else if (rowan__parts_find(r->parts, word, s->end, "DISTINCT", r->parts->at[word].depth) ==
               s->end) {
        add_condition(r, s->from, word, s);
    }
}

/* NOT IN, NOT LIKE, <>: only a condition, and only if all in it is constant. */
static void read_unequal(reader *r, const span *s, size_t sign, size_t right)
{
    rowan__operand value = operand(r, right, s->end);

    if (value.kind == ROWAN__OPERAND_VALUE && value.is_literal) {
        add_condition(r, s->from, sign, s);
    }
}

/* How many CASEs are open behind a piece: what stands in them are no terms. */
static unsigned cases_behind(const reader *r, size_t piece, unsigned open)
{
    return open + is(r, piece, "CASE") - (open > 0 && is(r, piece, "END"));
}

/* The sign or word that compares; s->end if there is none. */
static size_t find_sign(const reader *r, const span *s)
{
    static const char *const signs[] = {"=",  "==", "<=>",     "<",  ">",    "<=",  ">=", "<>",
                                        "!=", "IN", "BETWEEN", "IS", "LIKE", "NOT", NULL};
    unsigned depth = r->parts->at[s->from].depth, cases = cases_behind(r, s->from, 0);

    for (size_t i = s->from + 1; i < s->end; i++) {
        cases = cases_behind(r, i, cases);
        if (r->parts->at[i].depth == depth && cases == 0 && is_any(r, i, signs)) {
            return i;
        }
    }
    return s->end;
}

static void read_comparison(reader *r, const span *s, size_t sign)
{
    static const char *const equal[] = {"=", "==", "<=>", NULL};
    static const char *const range[] = {"<", ">", "<=", ">=", "BETWEEN", NULL};

    if (is_any(r, sign, equal)) {
        read_equal(r, s, sign);
    } else if (is_any(r, sign, range)) {
        read_range(r, s, sign);
    } else if (is(r, sign, "IN")) {
        read_in(r, s, sign);
    } else if (is(r, sign, "LIKE")) {
        read_like(r, s, sign);
    } else if (is(r, sign, "IS")) {
        read_is(r, s, sign);
    } else {
        read_unequal(r, s, sign, sign + (is(r, sign, "NOT") ? 2 : 1));
    }
}

/* One condition without AND and OR outside of parentheses. */
static void read_term(reader *r, span s)
{
    size_t sign = s.from < s.end ? find_sign(r, &s) : s.end;
    bool is_not = is(r, s.from, "NOT");

    read_nested(r, s);
    if (s.from >= s.end || is(r, s.from, "EXISTS") || (is_not && is(r, s.from + 1, "EXISTS"))) {
        return;
    }
    if (sign < s.end && !is_not) {
        read_comparison(r, &s, sign);
    } else if (sign == s.end) {
        add_condition(r, s.from + is_not, s.end, &s);
    }
}

/* The next word at a depth that parts terms; the AND of a BETWEEN does not. */
static size_t find_end(const reader *r, const span *s, const char *word)
{
    unsigned depth = r->parts->at[s->from].depth;
    unsigned cases = 0;
    bool in_between = false;

    for (size_t i = s->from; i < s->end; i++) {
        cases = cases_behind(r, i, cases);
        if (r->parts->at[i].depth != depth || cases > 0) {
            continue;
        }
        if (is(r, i, word) && !(in_between && is(r, i, "AND"))) {
            return i;
        }
        in_between = is(r, i, "BETWEEN") || (in_between && !is(r, i, "AND"));
    }
    return s->end;
}

static span without_parentheses(const reader *r, span s)
{
    while (s.from < s.end && opens(r, s.from) &&
           rowan__piece_close(r->parts, s.from) == s.end - 1 && !begins_select(r, s.from + 1)) {
        s.from++;
        s.end--;
    }
    return s;
}

static void read_condition(reader *r, span s)
{
    const char *word = "OR";

    s = without_parentheses(r, s);
    if (s.from >= s.end) {
        return;
    }
    if (find_end(r, &s, word) < s.end) {
        s.is_alternative = true;
    } else if (find_end(r, &s, word = "AND") == s.end) {
        read_term(r, s);
        return;
    }
    while (s.from < s.end) {
        span part = s;
        part.end = find_end(r, &s, word);
        read_condition(r, part);
        s.from = part.end + 1;
    }
}

/* --- Tables. --- */

static const char *const join_words[] = {"JOIN", "STRAIGHT_JOIN", NULL};
static const char *const before_join[] = {"LEFT", "RIGHT",   "INNER", "OUTER",
                                          "FULL", "NATURAL", "CROSS", NULL};
static const char *const behind_table[] = {
    "ON",      "USING",  "SET",       "TABLESAMPLE", "USE",   "FORCE",         "NOT",
    "INDEXED", "IGNORE", "PARTITION", "WHERE",       "JOIN",  "LEFT",          "RIGHT",
    "INNER",   "OUTER",  "FULL",      "NATURAL",     "CROSS", "STRAIGHT_JOIN", NULL};

static bool is_name(const reader *r, size_t piece)
{
    return piece < r->parts->count && (r->parts->at[piece].kind == ROWAN__TOKEN_WORD ||
                                       r->parts->at[piece].kind == ROWAN__TOKEN_NAME);
}

/* Behind an alias, if there is one. */
static size_t take_alias(reader *r, size_t i, size_t end, const char **alias)
{
    i += i < end && is(r, i, "AS");
    if (i < end && is_name(r, i) && !is_any(r, i, behind_table)) {
        *alias = rowan__unquoted(r->parts, i, r->arena);
        r->failed = r->failed || *alias == NULL;
        i++;
        i = i < end && opens(r, i) ? rowan__piece_close(r->parts, i) + 1 : i;
    }
    return i;
}

/* A table, and its alias. @return behind them */
static size_t take_table(reader *r, size_t i, span s)
{
    rowan__index_reading *out = r->out;
    const rowan__piece *at = r->parts->at;
    size_t last = i;
    rowan__index_source source = {.block = s.block};

    while (last + 2 < s.end && is(r, last + 1, ".")) {
        last += 2;
    }
    if (last + 1 < s.end && opens(r, last + 1)) {
        return rowan__piece_close(r->parts, last + 1) + 1; /* a function */
    }
    source.offset = at[i].offset;
    source.size = at[last].offset + at[last].size - at[i].offset;
    source.name = rowan__unquoted(r->parts, last, r->arena);
    source.written = rowan__arena_text(r->arena, r->parts->sql + source.offset, source.size);
    source.alias = source.name;
    source.schema = last > i ? rowan__unquoted(r->parts, last - 2, r->arena) : NULL;
    r->failed = r->failed || source.name == NULL || source.written == NULL;
    i = take_alias(r, last + 1, s.end, &source.alias);
    source.has_alias = source.alias != source.name;
    if (out->source_count < ROWAN__INDEX_SOURCES) {
        out->sources[out->source_count++] = source;
    }
    return i;
}

static void read_from(reader *r, span s);

static size_t take_source(reader *r, span s)
{
    static const char *const before[] = {"ONLY", "LATERAL", "IGNORE", "LOW_PRIORITY", NULL};
    size_t i = s.from;

    while (i < s.end && is_any(r, i, before)) {
        i++;
    }
    if (i < s.end && opens(r, i)) {
        const char *alias = NULL;
        size_t close = rowan__piece_close(r->parts, i);
        span inside = {i + 1, close < s.end ? close : s.end, s.block, false};
        if (begins_select(r, i + 1)) {
            read_block(r, inside.from, inside.end, new_block(r, s.block));
        } else {
            read_from(r, inside);
        }
        return take_alias(r, close + 1, s.end, &alias);
    }
    return i < s.end && is_name(r, i) ? take_table(r, i, s) : i + 1;
}

/* USING (a, b): of the last two tables. */
static void read_using(reader *r, span s)
{
    rowan__index_reading *out = r->out;

    for (size_t i = s.from; i < s.end; i++) {
        for (size_t k = 1; is_name(r, i) && k <= 2 && k <= out->source_count; k++) {
            rowan__operand o = operand(r, i, i + 1);
            o.qualifier = out->sources[out->source_count - k].alias;
            (void)add(r, ROWAN__INDEX_JOIN, &o, i, i + 1, &s);
        }
    }
}

static size_t end_of_on(const reader *r, const span *s)
{
    unsigned depth = r->parts->at[s->from].depth;
    size_t i = s->from;

    for (; i < s->end; i++) {
        bool is_function = i + 1 < s->end && opens(r, i + 1);
        if (r->parts->at[i].depth == depth && !is_function &&
            (is(r, i, ",") || is_any(r, i, join_words) || is_any(r, i, before_join))) {
            break;
        }
    }
    return i;
}

static void read_from(reader *r, span s)
{
    bool wants = true;

    while (s.from < s.end) {
        span rest = s;
        if (wants) {
            s.from = take_source(r, s);
            wants = false;
        } else if (is(r, s.from, "ON") && s.from + 1 < s.end) {
            rest.from++;
            rest.end = end_of_on(r, &rest);
            read_condition(r, rest);
            s.from = rest.end;
        } else if (opens(r, s.from)) {
            rest.end = rowan__piece_close(r->parts, s.from);
            rest.end = rest.end < s.end ? rest.end : s.end;
            rest.from++;
            if (is(r, s.from - 1, "USING")) {
                read_using(r, rest);
            }
            s.from = rest.end + 1;
        } else {
            wants = is(r, s.from, ",") || is_any(r, s.from, join_words);
            s.from++;
        }
    }
}

/* --- Clauses. --- */

static const char *suffix_of(reader *r, span s)
{
    bool is_plain = s.from == s.end || (s.from + 1 == s.end && is(r, s.from, "ASC"));
    const char *kept = is_plain ? "" : text(r, s.from, s.end);
    char suffix[40];

    if (is_plain || kept == NULL || s.end - s.from > 3) {
        return "";
    }
    suffix[0] = ' ';
    strncpy(suffix + 1, kept, sizeof suffix - 2);
    suffix[sizeof suffix - 1] = '\0';
    kept = rowan__arena_text(r->arena, suffix, strlen(suffix));
    r->failed = r->failed || kept == NULL;
    return kept;
}

static size_t end_of_key(const reader *r, const span *s)
{
    static const char *const behind[] = {"ASC", "DESC", "NULLS", NULL};
    size_t i = s->from;

    while (i < s->end &&
           !(r->parts->at[i].depth == r->parts->at[s->from].depth && is_any(r, i, behind))) {
        i++;
    }
    return i;
}

/* What is sorted or grouped by; it ends at what is no column, because an index would, too. */
static void read_keys(reader *r, span s, rowan__index_role role)
{
    while (s.from < s.end) {
        size_t end = rowan__parts_find(r->parts, s.from, s.end, ",", r->parts->at[s.from].depth);
        span key = {s.from, end, s.block, false};
        size_t behind = end_of_key(r, &key);
        rowan__operand o = operand(r, key.from, behind);
        rowan__index_term *term = add(r, role, &o, key.from, behind, &key);
        if (term == NULL) {
            return;
        }
        term->suffix = suffix_of(r, (span){behind, end, s.block, false});
        s.from = end + 1;
    }
}

/* The clause that a piece begins. */
static clause clause_at(const reader *r, size_t i)
{
    static const char *const others[] = {
        "HAVING",    "LIMIT", "OFFSET", "FETCH", "FOR",    "WINDOW", "RETURNING", "UNION", "EXCEPT",
        "INTERSECT", "SET",   "INSERT", "INTO",  "VALUES", "WITH",   "DELETE",    NULL};

    if (r->parts->at[i].kind != ROWAN__TOKEN_WORD || (i > 0 && is(r, i - 1, "."))) {
        return CLAUSE_NONE;
    }
    if (is(r, i, "SELECT")) {
        return CLAUSE_SELECT;
    }
    if ((is(r, i, "FROM") && !(i > 0 && is(r, i - 1, "DISTINCT"))) || is(r, i, "UPDATE") ||
        (is(r, i, "USING") && !opens(r, i + 1 < r->parts->count ? i + 1 : i))) {
        return CLAUSE_FROM;
    }
    if (is(r, i, "WHERE")) {
        return CLAUSE_WHERE;
    }
    if (is(r, i, "GROUP") || is(r, i, "ORDER")) {
        return is(r, i, "GROUP") ? CLAUSE_GROUP : CLAUSE_ORDER;
    }
    return is_any(r, i, others) ? CLAUSE_OTHER : CLAUSE_NONE;
}

static size_t end_of_clause(const reader *r, size_t i, size_t end)
{
    unsigned depth = r->parts->at[i].depth;

    for (i++; i < end; i++) {
        if (r->parts->at[i].depth == depth && clause_at(r, i) != CLAUSE_NONE) {
            return i;
        }
    }
    return end;
}

static void read_clause(reader *r, clause what, span s)
{
    switch (what) {
    case CLAUSE_FROM:
        read_from(r, s);
        return;
    case CLAUSE_WHERE:
        read_condition(r, s);
        return;
    case CLAUSE_GROUP:
    case CLAUSE_ORDER:
        s.from += s.from < s.end && is(r, s.from, "BY");
        read_keys(r, s, what == CLAUSE_GROUP ? ROWAN__INDEX_GROUP : ROWAN__INDEX_ORDER);
        return;
    case CLAUSE_NONE:
    case CLAUSE_SELECT:
    case CLAUSE_OTHER:
        read_nested(r, s);
        return;
    }
}

/* A select behind another one, as in a UNION, is a block beside it. */
static void read_block(reader *r, size_t i, size_t end, unsigned block)
{
    bool has_select = false;

    while (i < end && r->parts->at[i].depth > 0 && clause_at(r, i) == CLAUSE_NONE) {
        i++;
    }
    while (i < end) {
        clause what = clause_at(r, i);
        size_t stop = end_of_clause(r, i, end);
        if (what == CLAUSE_SELECT && has_select) {
            block = new_block(r, r->out->parents[block]);
        }
        has_select = has_select || what == CLAUSE_SELECT;
        read_clause(r, what, (span){i + (what != CLAUSE_NONE), stop, block, false});
        i = stop;
    }
}

static unsigned depth_of(const rowan__parts *parts)
{
    unsigned depth = 0;

    for (size_t i = 0; i < parts->count; i++) {
        depth = parts->at[i].depth > depth ? parts->at[i].depth : depth;
    }
    return depth;
}

bool rowan__index_read(const rowan__parts *parts, rowan__arena *arena, rowan__index_reading *out)
{
    reader r = {.parts = parts, .arena = arena, .out = out};

    memset(out, 0, sizeof *out);
    out->block_count = 2; /* 0 is around nothing */
    if (parts->count <= MOST_PIECES && depth_of(parts) <= MOST_DEPTH) {
        read_block(&r, 0, parts->count, 1);
    }
    return !r.failed;
}

/* --- Resolution. --- */

static rowan__index_table *find_table(const rowan__index_reading *reading,
                                      const rowan__index_term *term, unsigned block)
{
    for (size_t i = 0; i < reading->source_count; i++) {
        const rowan__index_source *source = &reading->sources[i];
        if (source->block == block && source->table != NULL &&
            (term->qualifier == NULL || strcasecmp(source->alias, term->qualifier) == 0) &&
            rowan__index_column_of(source->table, term->column) != NULL) {
            return source->table;
        }
    }
    return NULL;
}

void rowan__index_resolve(rowan__index_reading *reading)
{
    for (size_t i = 0; i < reading->term_count; i++) {
        rowan__index_term *term = &reading->terms[i];
        unsigned block = term->block;
        term->table = NULL;
        while (block != 0 && term->table == NULL) {
            term->table = find_table(reading, term, block);
            block = reading->parents[block];
        }
    }
}
