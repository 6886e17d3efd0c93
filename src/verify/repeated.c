/*
 * Many statements against one: N+1 and walks.
 *
 * Each execution is sent with its values, then the rewritten statement with all of them; its rows
 * are assigned to the values by the key that stands in them. For each value both have to have the
 * same rows, each as often. The clock runs in a second turn, when both are prepared and the rows
 * are in memory, so that neither is favoured.
 */
#include <string.h>
#include <strings.h>

#include "detector/fold.h"
#include "verify/verify_private.h"

enum { MOST_COLUMNS = 256 };

/* One trial at work. */
typedef struct repeated {
    rowan__trial *trial;
    rowan__asking asking;
    rowan__kept each, all; /* what the executions found, and what the one statement did */
    uint64_t key;          /* that is being asked for */
    bool asks_existence;   /* SELECT EXISTS: its one value says whether there are rows */
    size_t columns;        /* of the executions' results */
    const char *names[MOST_COLUMNS];
    size_t cells[MOST_COLUMNS]; /* where they are in the result of the one */
    size_t keys[ROWAN__REWRITE_KEYS];
    bool is_mapped;
    rowan__kept sources; /* walks: the values that rows point to */
    size_t source;
} repeated;

/* --- What the executions find. --- */

static rowan_status note_columns(repeated *r, const rowan_cursor *cursor)
{
    r->columns = rowan_cursor_column_count(cursor);
    if (r->columns > MOST_COLUMNS) {
        return rowan__trial_refuse(r->trial, "a result has more than %d columns", MOST_COLUMNS);
    }
    r->source = r->columns;
    for (size_t i = 0; i < r->columns; i++) {
        const char *name = rowan_cursor_column_name(cursor, i);
        r->names[i] = rowan__arena_text(&r->trial->arena, name, strlen(name));
        if (r->names[i] == NULL) {
            return ROWAN_NOMEM;
        }
        if (r->trial->finding->parent_column != NULL &&
            strcasecmp(name, r->trial->finding->parent_column) == 0) {
            r->source = i;
        }
    }
    return ROWAN_OK;
}

static bool is_true(const rowan_value *value)
{
    return value->type == ROWAN_TYPE_BOOL ? value->as.boolean : value->as.integer != 0;
}

static rowan_status take_one(void *context, const rowan_cursor *cursor)
{
    repeated *r = context;
    rowan_status status = r->columns == 0 ? note_columns(r, cursor) : ROWAN_OK;

    if (status == ROWAN_OK && r->asking.rewrite.form == ROWAN__FORM_EXISTS) {
        bool exists = !r->asks_existence || is_true(rowan_cursor_value(cursor, 0));
        return exists ? rowan__kept_add(&r->each, r->key, cursor, NULL, 0) : ROWAN_OK;
    }
    if (status == ROWAN_OK && r->asking.rewrite.form == ROWAN__FORM_WALK &&
        r->source < r->columns) {
        uint64_t to = rowan__key_value(rowan_cursor_value(cursor, r->source));
        status = rowan__kept_add(&r->sources, rowan__key_mix(0, to), cursor, NULL, 0);
    }
    return status == ROWAN_OK ? rowan__kept_add(&r->each, r->key, cursor, NULL, r->columns)
                              : status;
}

static rowan_status ask_each(repeated *r, int64_t *elapsed_ns)
{
    rowan_status status = ROWAN_OK;
    rowan__bound bound;

    for (size_t i = 0; i < r->asking.count && status == ROWAN_OK; i++) {
        rowan__arena_mark mark = rowan__arena_mark_now(&r->trial->arena);
        bool wants_rows = elapsed_ns == NULL && r->asking.at[i].is_first;
        bool keeps = wants_rows && r->columns == 0; /* the names of its columns */
        r->key = r->asking.at[i].key;
        status = rowan__asking_bind(r->trial, &r->asking, i, &bound);
        if (status == ROWAN_OK) {
            status = rowan__trial_run(r->trial, false, bound.sql, bound.params,
                                      wants_rows ? take_one : NULL, r, elapsed_ns);
        }
        if (!keeps) {
            rowan__arena_rewind(&r->trial->arena, &mark);
        }
    }
    return status;
}

/* --- What the one statement finds. --- */

static size_t column_named(const rowan_cursor *cursor, const char *name, size_t size)
{
    size_t count = rowan_cursor_column_count(cursor), i = 0;

    while (i < count && !(strncasecmp(rowan_cursor_column_name(cursor, i), name, size) == 0 &&
                          rowan_cursor_column_name(cursor, i)[size] == '\0')) {
        i++;
    }
    return i;
}

static rowan_status map_key(repeated *r, const rowan_cursor *cursor, size_t number)
{
    const rowan__rewrite *rewrite = &r->asking.rewrite;
    const char *name;
    size_t size = rowan__rewrite_key_name(rewrite, number, &name);

    if (rewrite->form == ROWAN__FORM_EXISTS) {
        r->keys[number] = number;
    } else if (rewrite->form == ROWAN__FORM_PARENT) {
        r->keys[number] = column_named(cursor, r->trial->finding->parent_column,
                                       strlen(r->trial->finding->parent_column));
    } else {
        r->keys[number] =
            rewrite->adds_keys ? r->columns + number : column_named(cursor, name, size);
    }
    return r->keys[number] < rowan_cursor_column_count(cursor)
               ? ROWAN_OK
               : rowan__trial_refuse(r->trial, "its rows do not tell which value they belong to");
}

/* Where the executions' columns and the keys are in the result. */
static rowan_status map_columns(repeated *r, const rowan_cursor *cursor)
{
    rowan_status status = ROWAN_OK;

    if (r->asking.rewrite.form == ROWAN__FORM_EXISTS) {
        r->columns = 0;
    } else if (r->columns == 0) {
        return rowan__trial_withdraw(r->trial,
                                     "one by one the values find no rows, and all at once "
                                     "they do");
    }
    for (size_t i = 0; i < r->columns; i++) {
        r->cells[i] = r->asking.rewrite.form == ROWAN__FORM_PARENT
                          ? column_named(cursor, r->names[i], strlen(r->names[i]))
                          : i;
        if (r->cells[i] >= rowan_cursor_column_count(cursor)) {
            return rowan__trial_refuse(r->trial, "its rows have no column %s", r->names[i]);
        }
    }
    for (size_t i = 0; i < r->asking.rewrite.key_count && status == ROWAN_OK; i++) {
        status = map_key(r, cursor, i);
    }
    r->is_mapped = status == ROWAN_OK;
    return status;
}

/* A row is one of every execution that has its value in the list. */
static rowan_status take_for_lists(repeated *r, const rowan_cursor *cursor)
{
    const rowan__asking *asking = &r->asking;
    uint64_t key = rowan__key_value(rowan_cursor_value(cursor, r->keys[0]));
    rowan_status status = ROWAN_OK;

    for (size_t i = rowan__asking_listed(asking, key);
         i < asking->listed_count && asking->listed[i].key == key && status == ROWAN_OK; i++) {
        const rowan__asked *asked = &asking->at[asking->listed[i].asked];
        if (asked->is_first) {
            status = rowan__kept_add(&r->all, asked->key, cursor, r->cells, r->columns);
        }
    }
    return status;
}

static rowan_status take_all(void *context, const rowan_cursor *cursor)
{
    repeated *r = context;
    rowan_status status = r->is_mapped ? ROWAN_OK : map_columns(r, cursor);
    uint64_t key = 0;

    if (status == ROWAN_OK && r->asking.rewrite.keys[0].is_list) {
        return take_for_lists(r, cursor);
    }
    for (size_t i = 0; i < r->asking.rewrite.key_count && status == ROWAN_OK; i++) {
        key = rowan__key_mix(key, rowan__key_value(rowan_cursor_value(cursor, r->keys[i])));
    }
    return status == ROWAN_OK ? rowan__kept_add(&r->all, key, cursor, r->cells, r->columns)
                              : status;
}

/* A walk begins at the values that no row points to. */
static rowan_status find_roots(repeated *r)
{
    size_t count = 0;

    if (r->asking.list_count == 0) {
        return rowan__trial_refuse(r->trial, "the values of the walk are written in its texts, and "
                                             "which of them it began with is not looked for");
    }
    rowan__kept_sort(&r->sources);
    for (size_t i = 0; i < r->asking.list_count; i++) {
        uint64_t key = rowan__key_mix(0, rowan__key_value(&r->asking.list[i]));
        if (!rowan__kept_has(&r->sources, key)) {
            r->asking.list[count++] = r->asking.list[i];
        }
    }
    r->asking.list_count = count;
    return count > 0 ? ROWAN_OK
                     : rowan__trial_refuse(r->trial, "the walk has no beginning: every value is in "
                                                     "the rows of another");
}

static rowan_status ask_all(repeated *r)
{
    rowan__proof *proof = &r->trial->finding->proof;
    rowan_status status = r->asking.rewrite.form == ROWAN__FORM_WALK ? find_roots(r) : ROWAN_OK;
    rowan__bound bound;

    if (status == ROWAN_OK) {
        status = rowan__asking_bind_all(r->trial, &r->asking, &bound);
    }
    if (status == ROWAN_OK) {
        status = rowan__trial_run(r->trial, true, bound.sql, bound.params, take_all, r, NULL);
    }
    return status == ROWAN_OK ? rowan__trial_run(r->trial, true, bound.sql, bound.params, NULL,
                                                 NULL, &proof->after_ns)
                              : status;
}

/* --- Comparing. --- */

static size_t count_asked(const rowan__asking *asking)
{
    size_t count = 0;

    for (size_t i = 0; i < asking->count; i++) {
        count += asking->at[i].is_first;
    }
    return count;
}

/* Drops the rows of keys that no execution asked for: a parent's rows may have more. */
static rowan_status drop_unasked(repeated *r)
{
    rowan__kept asked = {.allocator = r->all.allocator};
    rowan_status status = ROWAN_OK;
    size_t count = 0;

    for (size_t i = 0; i < r->asking.count && status == ROWAN_OK; i++) {
        status = rowan__kept_add(&asked, r->asking.at[i].key, NULL, NULL, 0);
    }
    rowan__kept_sort(&asked);
    for (size_t i = 0; i < r->all.count; i++) {
        if (rowan__kept_has(&asked, r->all.at[i].key)) {
            r->all.at[count++] = r->all.at[i];
        }
    }
    r->all.count = count;
    rowan__kept_fini(&asked);
    return status;
}

static const char *hint_of(rowan__form form, bool drops_limit)
{
    if (drops_limit) {
        return ": its LIMIT keeps some of several rows";
    }
    return form == ROWAN__FORM_FIRST || form == ROWAN__FORM_LATERAL || form == ROWAN__FORM_WINDOW
               ? ": rows that are sorted alike come in any order"
               : "";
}

/* Puts both results into a form in which they ought to be equal. @return ROWAN_OK, ROWAN_NOMEM */
static rowan_status even_out(repeated *r)
{
    rowan__form form = r->asking.rewrite.form;

    rowan__kept_sort(&r->each);
    rowan__kept_sort(&r->all);
    if (form == ROWAN__FORM_GROUP) {
        rowan__kept_drop_void(&r->each, &r->all);
    } else if (form == ROWAN__FORM_EXISTS) {
        rowan__kept_unite(&r->each);
    } else if (form == ROWAN__FORM_PARENT) {
        rowan__kept_unite(&r->all); /* a parent's row may be there twice */
        return drop_unasked(r);
    }
    return ROWAN_OK;
}

static rowan_status compare(repeated *r)
{
    const rowan__rewrite *rewrite = &r->asking.rewrite;
    rowan__proof *proof = &r->trial->finding->proof;

    if (even_out(r) != ROWAN_OK) {
        return ROWAN_NOMEM;
    }
    if (!rowan__kept_equal(&r->each, &r->all)) {
        return rowan__trial_withdraw(
            r->trial, "the rows of %zu of %zu values differ, %zu rows one by one, %zu at once%s",
            rowan__kept_differences(&r->each, &r->all), count_asked(&r->asking), r->each.count,
            r->all.count, hint_of(rewrite->form, rewrite->drops_limit));
    }
    if (r->all.count == 0) {
        return rowan__trial_refuse(r->trial, "none of the values finds a row in this database");
    }
    proof->state = ROWAN__PROVEN_EQUAL;
    proof->before = r->asking.count;
    proof->after = 1;
    proof->rows = r->all.count;
    return ROWAN_OK;
}

static rowan_status check_reads(rowan__trial *trial, const rowan__rewrite *rewrite)
{
    const rowan__traced *first = rewrite->first;
    rowan__parts parts;

    if (!rowan__parts_read(&parts, &trial->arena, first->dialect, first->sql, first->sql_size)) {
        return ROWAN_NOMEM;
    }
    if (!rowan__is_plain_read(first->dialect, &parts) ||
        (rewrite->form == ROWAN__FORM_PARENT &&
         !rowan__is_plain_read(first->dialect, &rewrite->parent_parts))) {
        return rowan__trial_refuse(trial, ROWAN__VERIFY_NO_READ);
    }
    return ROWAN_OK;
}

static rowan_status try_it(repeated *r)
{
    rowan_status status = rowan__asking_find(r->trial, &r->asking);

    if (status == ROWAN_OK) {
        status = check_reads(r->trial, &r->asking.rewrite);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    r->asks_existence = r->asking.rewrite.outer_pieces > 0;
    status = ask_each(r, NULL);
    if (status == ROWAN_OK) {
        status = ask_each(r, &r->trial->finding->proof.before_ns);
    }
    if (status == ROWAN_OK) {
        status = ask_all(r);
    }
    return status == ROWAN_OK ? compare(r) : status;
}

rowan_status rowan__verify_repeated(rowan__verify *verify, rowan__trace_finding *finding)
{
    const rowan_allocator *allocator = verify->analysis->allocator;
    rowan__trial trial;
    repeated r = {.trial = &trial,
                  .each = {.allocator = allocator},
                  .all = {.allocator = allocator},
                  .sources = {.allocator = allocator}};
    rowan_status status = rowan__trial_begin(&trial, verify, finding, false);

    if (status == ROWAN_OK) {
        status = try_it(&r);
    }
    rowan__kept_fini(&r.each);
    rowan__kept_fini(&r.all);
    rowan__kept_fini(&r.sources);
    rowan__trial_end(&trial);
    return status == ROWAN_NOMEM ? ROWAN_NOMEM : ROWAN_OK;
}
