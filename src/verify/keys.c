/*
 * What the executions of a finding ask for.
 *
 * Recorded values say it. Where a trace has only hashes of them, which nothing turns back, the
 * parent's statement is run again, if its own values are known, and the column that the values came
 * from has them.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "detector/fold.h"
#include "verify/verify_private.h"

enum { MOST_EXECUTIONS = 1000 }; /* of a finding, from the first on */

static const rowan__traced *execution(const rowan__trial *trial, size_t number)
{
    const rowan__trace_finding *finding = trial->finding;

    return rowan__trace_numbered(finding->trace, finding->seqs[number]);
}

static bool is_single_and_bound(const rowan__rewrite *r)
{
    return r->key_count == 1 && r->parts.at[r->keys[0].value].kind == ROWAN__TOKEN_PLACEHOLDER;
}

/* The number in the text of an execution's piece that is a key's value. */
static rowan_status literal_key(rowan__trial *trial, const rowan__rewrite *r,
                                const rowan__traced *statement, size_t piece, uint64_t *out)
{
    rowan__arena_mark mark = rowan__arena_mark_now(&trial->arena);
    rowan__parts parts;

    if (!rowan__parts_read(&parts, &trial->arena, statement->dialect, statement->sql,
                           statement->sql_size)) {
        return ROWAN_NOMEM;
    }
    piece += r->outer_pieces;
    if (piece >= parts.count) {
        return rowan__trial_refuse(trial, "#%" PRIu64 " has another form than the first",
                                   statement->seq);
    }
    *out = rowan__key_literal(parts.sql + parts.at[piece].offset, parts.at[piece].size, false,
                              parts.reading->backslash_escapes);
    rowan__arena_rewind(&trial->arena, &mark);
    return ROWAN_OK;
}

/* What one execution asks for, by its recorded values. */
static rowan_status ask(rowan__trial *trial, const rowan__rewrite *r,
                        const rowan__traced *statement, rowan__asked *out)
{
    *out = (rowan__asked){.statement = statement};
    for (size_t i = 0; i < r->key_count; i++) {
        const rowan__piece *piece = &r->parts.at[r->keys[i].value];
        rowan_status status;
        uint64_t key = 0;
        if (piece->kind == ROWAN__TOKEN_PLACEHOLDER) {
            status = rowan__recorded_value(trial, statement, piece->param, &out->value);
            key = status == ROWAN_OK ? rowan__key_value(&out->value) : 0;
        } else {
            status = literal_key(trial, r, statement, r->keys[i].value, &key);
        }
        if (status != ROWAN_OK) {
            return status;
        }
        out->key = rowan__key_mix(out->key, key);
    }
    return ROWAN_OK;
}

static rowan_status ask_recorded(rowan__trial *trial, rowan__asking *out)
{
    size_t count = trial->finding->seq_count;

    count = count < MOST_EXECUTIONS ? count : MOST_EXECUTIONS;
    out->at = rowan__arena_new(&trial->arena, count, sizeof *out->at, _Alignof(rowan__asked));
    for (size_t i = 0; out->at != NULL && i < count; i++) {
        const rowan__traced *statement = execution(trial, i);
        rowan_status status = out->rewrite.keys[0].is_list
                                  ? rowan__listed_add(trial, out, statement, &out->at[i])
                                  : ask(trial, &out->rewrite, statement, &out->at[i]);
        if (status != ROWAN_OK) {
            return status;
        }
        out->count++;
    }
    return out->at != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

/* --- By the parent's rows. --- */

typedef struct parent_rows {
    rowan__trial *trial;
    rowan__asking *out;
    const char *column;
    size_t at; /* of the column; SIZE_MAX: not looked for */
} parent_rows;

static rowan_status find_column(parent_rows *p, const rowan_cursor *cursor)
{
    size_t count = rowan_cursor_column_count(cursor);

    for (p->at = 0; p->at < count; p->at++) {
        if (strcasecmp(rowan_cursor_column_name(cursor, p->at), p->column) == 0) {
            return ROWAN_OK;
        }
    }
    return rowan__trial_refuse(p->trial, "values are hidden, and the parent's rows have no %s",
                               p->column);
}

/* A copy of a value that outlives the cursor. */
static bool keep_value(rowan__arena *arena, rowan_value *value)
{
    bool has_bytes = value->type == ROWAN_TYPE_TEXT || value->type == ROWAN_TYPE_DECIMAL ||
                     value->type == ROWAN_TYPE_JSON || value->type == ROWAN_TYPE_BLOB;

    if (has_bytes && !value->is_null) {
        value->as.bytes.data = rowan__arena_text(arena, value->as.bytes.data, value->as.bytes.size);
    }
    return !has_bytes || value->is_null || value->as.bytes.data != NULL;
}

static rowan_status take_parent_row(void *context, const rowan_cursor *cursor)
{
    parent_rows *p = context;
    rowan_status status = p->at == SIZE_MAX ? find_column(p, cursor) : ROWAN_OK;
    rowan_value value;

    if (status != ROWAN_OK || p->out->count == MOST_EXECUTIONS) {
        return status;
    }
    value = *rowan_cursor_value(cursor, p->at);
    if (value.is_null || value.type == 0) {
        return ROWAN_OK; /* no child is asked for it */
    }
    if (!keep_value(&p->trial->arena, &value)) {
        return ROWAN_NOMEM;
    }
    p->out->at[p->out->count++] =
        (rowan__asked){.key = rowan__key_mix(0, rowan__key_value(&value)), .value = value};
    return ROWAN_OK;
}

static rowan_status ask_parent(rowan__trial *trial, rowan__asking *out)
{
    const rowan__trace_finding *finding = trial->finding;
    const rowan__traced *parent = finding->parent_seq != 0
                                      ? rowan__trace_numbered(finding->trace, finding->parent_seq)
                                      : NULL;
    parent_rows p = {trial, out, finding->parent_column, SIZE_MAX};
    rowan__parts parts;
    rowan__bound bound;
    rowan_status status;

    if (parent == NULL || p.column == NULL || !is_single_and_bound(&out->rewrite) ||
        out->rewrite.form >= ROWAN__FORM_WALK || out->rewrite.keys[0].is_list) {
        return rowan__trial_refuse(trial, ROWAN__VERIFY_HIDDEN);
    }
    out->at =
        rowan__arena_new(&trial->arena, MOST_EXECUTIONS, sizeof *out->at, _Alignof(rowan__asked));
    if (out->at == NULL ||
        !rowan__parts_read(&parts, &trial->arena, parent->dialect, parent->sql, parent->sql_size)) {
        return ROWAN_NOMEM;
    }
    if (!rowan__is_plain_read(parent->dialect, &parts)) {
        return rowan__trial_refuse(trial, "values are hidden, and the parent's statement, which "
                                          "has them, may do more than read");
    }
    status = rowan__recorded_bind(trial, parent, NULL, &bound);
    if (status == ROWAN_OK) {
        status = rowan__trial_run(trial, false, bound.sql, bound.params, take_parent_row, &p, NULL);
    }
    if (status == ROWAN_OK && out->count == 0) {
        status = rowan__trial_refuse(trial, "values are hidden, and the parent's statement finds "
                                            "none in this database");
    }
    return status;
}

/* --- Which are the same. --- */

static int by_key(const void *a, const void *b)
{
    const rowan__asked *x = *(const rowan__asked *const *)a, *y = *(const rowan__asked *const *)b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

static bool find_firsts(rowan__trial *trial, rowan__asking *asking)
{
    rowan__asked **sorted = rowan__arena_new(&trial->arena, asking->count + 1, sizeof *sorted,
                                             _Alignof(rowan__asked *));

    if (sorted == NULL) {
        return false;
    }
    for (size_t i = 0; i < asking->count; i++) {
        sorted[i] = &asking->at[i];
    }
    qsort(sorted, asking->count, sizeof *sorted, by_key);
    for (size_t i = 0; i < asking->count; i++) {
        sorted[i]->is_first = i == 0 || sorted[i]->key != sorted[i - 1]->key;
    }
    return true;
}

static bool list_values(rowan__trial *trial, rowan__asking *asking)
{
    asking->list = rowan__arena_new(&trial->arena, asking->count + 1, sizeof *asking->list,
                                    _Alignof(rowan_value));
    for (size_t i = 0; asking->list != NULL && i < asking->count; i++) {
        const rowan_value *value = &asking->at[i].value;
        if (asking->at[i].is_first && !value->is_null && value->type != 0) {
            asking->list[asking->list_count] = *value;
            asking->list[asking->list_count++].name = NULL;
        }
    }
    return asking->list != NULL;
}

static bool has_hidden_values(const rowan__trial *trial)
{
    const rowan__traced *first = execution(trial, 0);

    for (size_t i = 0; i < first->param_count; i++) {
        if (rowan__is_hidden(&first->params[i])) {
            return true;
        }
    }
    return false;
}

rowan_status rowan__asking_find(rowan__trial *trial, rowan__asking *out)
{
    rowan_status status;

    *out = (rowan__asking){.count = 0};
    if (!rowan__rewrite_plan(&out->rewrite, &trial->arena, trial->finding)) {
        return ROWAN_NOMEM;
    }
    if (out->rewrite.form == ROWAN__FORM_NONE) {
        return rowan__trial_refuse(trial, "no statement is written out that could be run");
    }
    status = has_hidden_values(trial) ? ask_parent(trial, out) : ask_recorded(trial, out);
    if (status != ROWAN_OK) {
        return status;
    }
    if (!find_firsts(trial, out)) {
        return ROWAN_NOMEM;
    }
    if (out->rewrite.keys[0].is_list) {
        return rowan__listed_finish(trial, out);
    }
    return !is_single_and_bound(&out->rewrite) || list_values(trial, out) ? ROWAN_OK : ROWAN_NOMEM;
}

/* --- Sending. --- */

rowan_status rowan__asking_bind(rowan__trial *trial, const rowan__asking *asking, size_t number,
                                rowan__bound *out)
{
    const rowan__asked *asked = &asking->at[number];
    const rowan__rewrite *r = &asking->rewrite;
    rowan__instead instead;

    if (asked->statement != NULL) {
        return rowan__recorded_bind(trial, asked->statement, NULL, out);
    }
    instead = (rowan__instead){r->parts.at[r->keys[0].value].param, asked->value};
    return rowan__recorded_bind(trial, r->first, &instead, out);
}

/* "k7_3": of execution 7 the value of piece 3. */
static rowan_status row_value(rowan__trial *trial, const rowan__asking *asking, const char *name,
                              rowan_value *out)
{
    char *end;
    size_t row = strtoul(name + 1, &end, 10);
    size_t piece = *end == '_' ? strtoul(end + 1, NULL, 10) : asking->rewrite.parts.count;

    if (row >= asking->count || piece >= asking->rewrite.parts.count ||
        asking->at[row].statement == NULL) {
        return rowan__trial_refuse(trial, "there is no value for :%s", name);
    }
    return rowan__recorded_value(trial, asking->at[row].statement,
                                 asking->rewrite.parts.at[piece].param, out);
}

static rowan_status value_for(rowan__trial *trial, void *context, const char *name,
                              rowan_value *out)
{
    const rowan__asking *asking = context;
    const rowan__traced *of =
        asking->rewrite.form == ROWAN__FORM_PARENT ? asking->rewrite.parent : asking->rewrite.first;

    if (strcmp(name, "keys") == 0) {
        *out = rowan_v_list(asking->list, asking->list_count);
        return ROWAN_OK;
    }
    if (name[0] == 'k') {
        return row_value(trial, asking, name, out);
    }
    return name[0] == 'p' && strspn(name + 1, "0123456789") == strlen(name + 1)
               ? rowan__recorded_value(trial, of, strtoul(name + 1, NULL, 10), out)
               : rowan__trial_refuse(trial, "there is no value for :%s", name);
}

rowan_status rowan__asking_bind_text(rowan__trial *trial, rowan__asking *asking, rowan__text *raw,
                                     rowan__bound *out)
{
    if (is_single_and_bound(&asking->rewrite) && asking->list_count == 0) {
        return rowan__trial_refuse(trial, "all values are NULL");
    }
    for (size_t i = 1; i < asking->list_count; i++) {
        if (asking->list[i].type != asking->list[0].type) {
            return rowan__trial_refuse(trial, "the values are of different types");
        }
    }
    return rowan__names_bind(trial, raw, value_for, asking, out);
}

rowan_status rowan__asking_bind_all(rowan__trial *trial, rowan__asking *asking, rowan__bound *out)
{
    rowan_status status;
    rowan__text text;

    rowan__text_init(&text, trial->arena.allocator);
    rowan__rewrite_raw(&asking->rewrite, &trial->arena, asking->count, &text);
    status = rowan__asking_bind_text(trial, asking, &text, out);
    rowan__text_fini(&text);
    return status;
}
