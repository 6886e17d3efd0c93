/*
 * The statement as a laboratory explains it: with the recorded values, and with the copies of
 * tables in place of the tables.
 */
#include "base/real.h"
#include "detector/fold.h"
#include "verify/index_private.h"

enum { FEW = 10 }; /* rows, where it is not known how many */

typedef struct binding {
    rowan__index_lab *lab;
    rowan__text *text;
    rowan_value *values;
    size_t count;
    size_t copied; /* of the statement, in bytes */
    bool keeps;
} binding;

static void copy_to(binding *b, size_t offset)
{
    if (offset > b->copied) {
        rowan__text_add(b->text, b->lab->parts->sql + b->copied, offset - b->copied);
        b->copied = offset;
    }
}

static const rowan__index_source *source_at(const rowan__index_lab *lab, size_t offset)
{
    for (size_t i = 0; i < lab->reading->source_count; i++) {
        const rowan__index_source *source = &lab->reading->sources[i];
        if (source->offset == offset && source->table != NULL && source->table->copy != NULL) {
            return source;
        }
    }
    return NULL;
}

/* The name of the table goes on to be that of its copy, but where an engine allows no alias. */
static void write_copy(binding *b, const rowan__index_source *source)
{
    char quote = b->lab->methods->quote;
    bool may_name = quote != '`' || !rowan__piece_is(b->lab->parts, 0, "DELETE");

    copy_to(b, source->offset);
    rowan__text_str(b->text, source->table->copy);
    if (!source->has_alias && may_name) {
        rowan__text_str(b->text, " AS ");
        rowan__index_quote(b->text, quote, source->name);
    }
    b->copied = source->offset + source->size;
}

/* Whether a piece of a list of rows is at this place of its row, from 1. */
static bool is_at_place(const rowan__parts *parts, size_t list, size_t piece, size_t place)
{
    unsigned depth = parts->at[list].depth + 1; /* of what opens a row */

    for (size_t i = piece; i > list && parts->at[i].depth > depth; i--) {
        place -= parts->at[i].depth == depth + 1 && rowan__piece_is(parts, i, ",");
    }
    return place == 1;
}

static bool is_in_term(const rowan__index_lab *lab, const rowan__index_term *term, size_t piece)
{
    return (term->from <= piece && piece < term->end) ||
           (term->value_from <= piece && piece < term->value_end &&
            (term->place == 0 || is_at_place(lab->parts, term->value_from, piece, term->place)));
}

static const rowan__index_term *term_of(const rowan__index_lab *lab, size_t piece)
{
    for (size_t i = 0; i < lab->reading->term_count; i++) {
        const rowan__index_term *term = &lab->reading->terms[i];
        if (term->table != NULL && is_in_term(lab, term, piece)) {
            return term;
        }
    }
    return NULL;
}

static bool is_known(const rowan__index_lab *lab, size_t param)
{
    return param < lab->statement->param_count && !rowan__is_hidden(&lab->statement->params[param]);
}

/* Whether a value says how many rows are wanted. */
static bool is_count(const rowan__index_lab *lab, size_t piece)
{
    return piece > 0 && (rowan__piece_is(lab->parts, piece - 1, "LIMIT") ||
                         rowan__piece_is(lab->parts, piece - 1, "OFFSET"));
}

static rowan_status write_value(binding *b, size_t piece)
{
    rowan__index_lab *lab = b->lab;
    size_t param = lab->parts->at[piece].param;
    rowan_value *value = &b->values[b->count++];
    const rowan__index_term *term;

    rowan__text_char(b->text, '?');
    if (is_known(lab, param)) {
        return rowan__recorded_value(lab->trial, lab->statement, param, value);
    }
    lab->hides = true;
    if (is_count(lab, piece)) {
        *value = rowan_v_int64(FEW);
        return ROWAN_OK;
    }
    *value = rowan_v_null();
    term = term_of(lab, piece);
    return lab->methods->guess != NULL && term != NULL ? lab->methods->guess(lab, term, value)
                                                       : ROWAN_OK;
}

/* A question mark of an operator is written twice in raw SQL. */
static void write_operator(binding *b, const rowan__piece *at)
{
    for (size_t i = 0; i < at->size; i++) {
        copy_to(b, at->offset + i + 1);
        if (b->lab->parts->sql[at->offset + i] == '?') {
            rowan__text_char(b->text, '?');
        }
    }
}

static rowan_status write_piece(binding *b, size_t piece)
{
    const rowan__piece *at = &b->lab->parts->at[piece];
    const rowan__index_source *source = source_at(b->lab, at->offset);

    if (source != NULL) {
        write_copy(b, source);
    } else if (at->kind == ROWAN__TOKEN_OPERATOR && !b->keeps) {
        write_operator(b, at);
    } else if (at->kind == ROWAN__TOKEN_PLACEHOLDER && !b->keeps) {
        copy_to(b, at->offset);
        b->copied = at->offset + at->size;
        return write_value(b, piece);
    }
    return ROWAN_OK;
}

rowan_status rowan__index_bind(rowan__index_lab *lab, const char *before, bool keeps)
{
    rowan_status status = ROWAN_OK;
    rowan__text text;
    binding b = {.lab = lab, .text = &text, .keeps = keeps};

    b.values = rowan__arena_new(lab->arena, lab->parts->count + 1, sizeof *b.values,
                                _Alignof(rowan_value));
    if (b.values == NULL) {
        return ROWAN_NOMEM;
    }
    lab->hides = false;
    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_str(&text, before);
    for (size_t i = 0; i < lab->parts->count && status == ROWAN_OK; i++) {
        status = write_piece(&b, i);
    }
    copy_to(&b, lab->parts->at[lab->parts->count - 1].offset +
                    lab->parts->at[lab->parts->count - 1].size);
    lab->sql = rowan__index_keep(lab, &text);
    lab->params = (rowan_params){b.values, b.count};
    return status == ROWAN_OK && lab->sql == NULL ? ROWAN_NOMEM : status;
}

static bool has_all_values(const rowan__index_lab *lab, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++) {
        const rowan__piece *at = &lab->parts->at[i];
        if (rowan__piece_is(lab->parts, i, "SELECT") ||
            (at->kind == ROWAN__TOKEN_PLACEHOLDER && !is_known(lab, at->param))) {
            return false;
        }
    }
    return true;
}

static rowan_status write_pieces(binding *b, size_t from, size_t end)
{
    const rowan__piece *at = b->lab->parts->at;
    rowan_status status = ROWAN_OK;

    b->copied = at[from].offset;
    for (size_t i = from; i < end && status == ROWAN_OK; i++) {
        status = write_piece(b, i);
    }
    copy_to(b, at[end - 1].offset + at[end - 1].size);
    return status;
}

rowan_status rowan__index_bind_term(rowan__index_lab *lab, const rowan__index_term *term,
                                    const char **sql, rowan_params *params)
{
    bool is_pair = term->value_end > term->value_from;
    rowan_status status;
    rowan__text text;
    binding b = {.lab = lab, .text = &text};

    *sql = NULL;
    if (term->place != 0 || !has_all_values(lab, term->from, term->end) ||
        !has_all_values(lab, term->value_from, term->value_end)) {
        return ROWAN_OK;
    }
    b.values =
        rowan__arena_new(lab->arena, term->end - term->from + term->value_end - term->value_from,
                         sizeof *b.values, _Alignof(rowan_value));
    if (b.values == NULL) {
        return ROWAN_NOMEM;
    }
    rowan__text_init(&text, lab->arena->allocator);
    status = write_pieces(&b, term->from, term->end);
    if (status == ROWAN_OK && is_pair) {
        rowan__text_str(&text, " = ");
        status = write_pieces(&b, term->value_from, term->value_end);
    }
    *sql = rowan__index_keep(lab, &text);
    *params = (rowan_params){b.values, b.count};
    return status == ROWAN_OK && *sql == NULL ? ROWAN_NOMEM : status;
}

static double number_at(const rowan__index_lab *lab, size_t piece)
{
    const rowan__piece *at = &lab->parts->at[piece];
    const rowan_value *value;

    if (at->kind == ROWAN__TOKEN_NUMBER) {
        return rowan__real_read(lab->parts->sql + at->offset);
    }
    if (at->kind != ROWAN__TOKEN_PLACEHOLDER || !is_known(lab, at->param)) {
        return at->kind == ROWAN__TOKEN_PLACEHOLDER ? FEW : 0;
    }
    value = &lab->statement->params[at->param];
    return value->type == ROWAN_TYPE_INT64 ? (double)value->as.integer : 0;
}

double rowan__index_limit(const rowan__index_lab *lab)
{
    const rowan__parts *parts = lab->parts;
    rowan__fold fold;

    rowan__fold_statement(parts->reading, lab->statement->dialect, parts->sql, parts->sql_size,
                          NULL, 0, &fold);
    if (parts->limit + 2 != parts->count || !rowan__piece_is(parts, parts->limit, "LIMIT") ||
        parts->group != parts->count || parts->other != parts->count || fold.is_aggregate ||
        rowan__piece_is(parts, 1, "DISTINCT")) {
        return 0;
    }
    return number_at(lab, parts->limit + 1);
}
