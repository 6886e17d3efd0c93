/*
 * Many writes against one.
 *
 * Both are made from the same state, behind a savepoint each, and what they leave is read back:
 * inserts say it themselves (RETURNING the columns that were given), for other writes the rows of
 * the keys are looked at. Rows that are there already are taken out first. All of it is rolled
 * back. Keys that a sequence gave are used up all the same. MariaDB has tables that cannot be
 * rolled back, and triggers and functions that may write to such: those are left alone.
 */
#include <string.h>

#include "base/text.h"
#include "detector/fold.h"
#include "verify/verify_private.h"

enum { MOST_VALUES = 30000 }; /* in one statement: all engines take as many */

/* One trial at work. */
typedef struct writes {
    rowan__trial *trial;
    rowan__asking asking;
    rowan__kept each, all; /* what is there after many writes, and after one */
    rowan__kept *kept;     /* the one that is being filled */
} writes;

static rowan_status take_row(void *context, const rowan_cursor *cursor)
{
    writes *w = context;

    return rowan__kept_add(w->kept, 0, cursor, NULL, rowan_cursor_column_count(cursor));
}

/* --- What may be tried. --- */

static rowan_status take_count(void *context, const rowan_cursor *cursor)
{
    int64_t *count = context;

    *count += rowan_cursor_value(cursor, 0)->as.integer;
    return ROWAN_OK;
}

/*
 * Whether all that a write does can be rolled back: by the table, and by the functions it calls.
 * What has the same name in another database is another, unless the statement names that.
 */
static rowan_status check_table(writes *w)
{
    static const char *const counts[] = {
        "SELECT count(*) FROM information_schema.tables WHERE table_name = ? AND (table_schema = "
        "database() OR instr(?, table_schema) > 0) AND (engine IS NULL OR engine <> 'InnoDB')",
        "SELECT count(*) FROM information_schema.triggers WHERE event_object_table = ? AND "
        "(event_object_schema = database() OR instr(?, event_object_schema) > 0)",
        "SELECT count(*) FROM information_schema.routines WHERE routine_type = 'FUNCTION' AND ? "
        "REGEXP concat('(^|[^[:alnum:]_$])', routine_name, '`?[[:space:]]*[(]') AND "
        "(routine_schema = database() OR instr(?, routine_schema) > 0)"};
    enum { BY_TABLE = 2, ALL = 3 };
    const rowan__traced *first = w->asking.rewrite.first;
    const rowan_value text = rowan_v_bytes(ROWAN_TYPE_TEXT, first->sql, first->sql_size);
    const char *table = w->trial->finding->table;
    rowan_status status = ROWAN_OK;
    int64_t count = 0;

    if (strcmp(w->trial->finding->dialect, "mariadb") != 0) {
        return ROWAN_OK;
    }
    for (size_t i = 0; table != NULL && i < ALL && status == ROWAN_OK; i++) {
        const rowan_params params = ROWAN_PARAMS(i < BY_TABLE ? rowan_v_text(table) : text, text);
        status = rowan__trial_run(w->trial, false, counts[i], params, take_count, &count, NULL);
    }
    return status == ROWAN_OK && (table == NULL || count > 0)
               ? rowan__trial_refuse(w->trial, "the table has triggers or an engine of its own, or "
                                               "a stored function is called: what is written there "
                                               "might stay")
               : status;
}

static rowan_status check_statement(writes *w)
{
    const rowan__rewrite *r = &w->asking.rewrite;
    rowan__fold fold;

    rowan__fold_statement(r->parts.reading, r->dialect, r->first->sql, r->first->sql_size, NULL, 0,
                          &fold);
    if (fold.is_volatile || fold.is_catalog || rowan__calls_more(&r->parts) ||
        !(r->form == ROWAN__FORM_INSERT || r->form == ROWAN__FORM_UPDATE ||
          r->form == ROWAN__FORM_DELETE)) {
        return rowan__trial_refuse(w->trial, "it may do more than write rows, so it is not run");
    }
    if (w->asking.count * (fold.value_count + 1) > MOST_VALUES) {
        w->asking.count = MOST_VALUES / (fold.value_count + 1);
    }
    return check_table(w);
}

/* --- What is there afterwards. --- */

/* " RETURNING a, b": the columns that are given. */
static void add_returning(const rowan__rewrite *r, rowan__text *out)
{
    const rowan__parts *parts = &r->parts;
    size_t open = 1, values = r->values_row - 1;

    while (open < values && parts->at[open].kind != ROWAN__TOKEN_OPEN) {
        open++;
    }
    rowan__text_str(out, " RETURNING ");
    if (open + 2 < values) { /* () gives none */
        size_t begin = parts->at[open].offset + 1;
        size_t end = parts->at[rowan__close_of(parts, open, values) - 1].offset;
        rowan__text_add(out, parts->sql + begin, end - begin);
    } else {
        rowan__text_str(out, "*");
    }
}

/* The rows of all keys, as they are. */
static rowan_status look(writes *w)
{
    const rowan__rewrite *r = &w->asking.rewrite;
    const rowan__parts *parts = &r->parts;
    size_t begin = r->form == ROWAN__FORM_UPDATE ? 1 : 2;
    size_t end = r->form == ROWAN__FORM_UPDATE ? rowan__parts_find(parts, 1, parts->count, "SET", 0)
                                               : parts->where;
    rowan__bound bound;
    rowan_status status;
    rowan__text text;

    rowan__text_init(&text, w->trial->arena.allocator);
    rowan__text_str(&text, "SELECT * FROM ");
    rowan__text_add(&text, parts->sql + parts->at[begin].offset,
                    parts->at[end].offset - parts->at[begin].offset);
    rowan__text_str(&text, " WHERE ");
    rowan__rewrite_raw_keys(r, &w->trial->arena, w->asking.count, &text);
    status = rowan__asking_bind_text(w->trial, &w->asking, &text, &bound);
    rowan__text_fini(&text);
    return status == ROWAN_OK
               ? rowan__trial_run(w->trial, false, bound.sql, bound.params, take_row, w, NULL)
               : status;
}

/* --- Writing. --- */

/* One of the writes, as it was sent; an insert gives back what it was given. */
static rowan_status bind_one(writes *w, size_t number, rowan__bound *out)
{
    const rowan__rewrite *r = &w->asking.rewrite;
    rowan__traced statement = *w->asking.at[number].statement;
    rowan_status status;
    rowan__parts parts;
    rowan__text text;

    if (!rowan__parts_read(&parts, &w->trial->arena, statement.dialect, statement.sql,
                           statement.sql_size)) {
        return ROWAN_NOMEM;
    }
    size_t returning = rowan__parts_find(&parts, 1, parts.count, "RETURNING", 0);
    const rowan__piece *last = &parts.at[returning - 1];
    statement.sql_size = last->offset + last->size; /* without what is behind it */
    status = rowan__recorded_bind(w->trial, &statement, NULL, out);
    if (status != ROWAN_OK || r->form != ROWAN__FORM_INSERT) {
        return status;
    }
    rowan__text_init(&text, w->trial->arena.allocator);
    rowan__text_str(&text, out->sql);
    add_returning(r, &text);
    out->sql = text.failed
                   ? NULL
                   : rowan__arena_text(&w->trial->arena, rowan__text_string(&text), text.size);
    rowan__text_fini(&text);
    return out->sql != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

/* An insert's rows are what it gives back; what another write leaves is looked at later. */
static rowan_status send(writes *w, bool is_advice, const rowan__bound *bound, int64_t *elapsed_ns)
{
    return w->asking.rewrite.form == ROWAN__FORM_INSERT
               ? rowan__trial_run(w->trial, is_advice, bound->sql, bound->params, take_row, w,
                                  elapsed_ns)
               : rowan__trial_change(w->trial, is_advice, bound->sql, bound->params, elapsed_ns);
}

static rowan_status write_each(writes *w)
{
    rowan_status status = ROWAN_OK;
    rowan__bound bound;

    w->kept = &w->each;
    for (size_t i = 0; i < w->asking.count && status == ROWAN_OK; i++) {
        rowan__arena_mark mark = rowan__arena_mark_now(&w->trial->arena);
        status = bind_one(w, i, &bound);
        if (status == ROWAN_OK) {
            status = send(w, false, &bound, &w->trial->finding->proof.before_ns);
        }
        rowan__arena_rewind(&w->trial->arena, &mark);
    }
    return status;
}

static rowan_status write_all(writes *w)
{
    const rowan__rewrite *r = &w->asking.rewrite;
    rowan_status status;
    rowan__bound bound;
    rowan__text text;

    w->kept = &w->all;
    rowan__text_init(&text, w->trial->arena.allocator);
    rowan__rewrite_raw(r, &w->trial->arena, w->asking.count, &text);
    if (r->form == ROWAN__FORM_INSERT) {
        add_returning(r, &text);
    }
    status = rowan__asking_bind_text(w->trial, &w->asking, &text, &bound);
    rowan__text_fini(&text);
    return status == ROWAN_OK ? send(w, true, &bound, &w->trial->finding->proof.after_ns) : status;
}

/* Writes behind a savepoint, looks, and goes back to it. */
static rowan_status write_and_look(writes *w, rowan_status (*write)(writes *w))
{
    rowan_status status = rowan_begin(w->trial->scope, NULL);

    if (status == ROWAN_OK) {
        status = write(w);
    }
    if (status == ROWAN_OK && w->asking.rewrite.form != ROWAN__FORM_INSERT) {
        status = look(w);
    }
    return status == ROWAN_OK ? rowan_rollback(w->trial->scope) : status;
}

/* --- Comparing. --- */

static rowan_status compare(writes *w)
{
    rowan__proof *proof = &w->trial->finding->proof;

    rowan__kept_sort(&w->each);
    rowan__kept_sort(&w->all);
    if (!rowan__kept_equal(&w->each, &w->all)) {
        return rowan__trial_withdraw(
            w->trial, "what is written differs: %zu rows one by one, %zu rows at once",
            w->each.count, w->all.count);
    }
    proof->state = ROWAN__PROVEN_EQUAL;
    proof->before = w->asking.count;
    proof->after = 1;
    proof->rows = w->all.count;
    return ROWAN_OK;
}

/* What is changed has to be there. */
static rowan_status check_rows(writes *w)
{
    rowan_status status;

    if (w->asking.rewrite.form == ROWAN__FORM_INSERT) {
        return ROWAN_OK;
    }
    w->kept = &w->each;
    status = look(w);
    if (status == ROWAN_OK && w->each.count == 0) {
        status = rowan__trial_refuse(w->trial, "none of the values finds a row in this database");
    }
    w->each.count = 0;
    return status;
}

/* Whether inserts came to nothing because of rows that are there: they failed, or were ignored. */
static bool were_there(const writes *w, rowan_status status)
{
    if (w->asking.rewrite.form != ROWAN__FORM_INSERT) {
        return false;
    }
    return status == ROWAN_OK ? w->each.count == 0
                              : rowan_scope_error(w->trial->scope)->status == ROWAN_UNIQUE &&
                                    rowan_transaction_depth(w->trial->scope) == 2 &&
                                    rowan_rollback(w->trial->scope) == ROWAN_OK;
}

/* Unless the rows that are there were taken out already, the trial is as if it had not begun. */
static bool begin_anew(writes *w, rowan_status status)
{
    rowan__proof *proof = &w->trial->finding->proof;

    if (status == ROWAN_NOMEM || proof->took_out_rows || !were_there(w, status)) {
        return false;
    }
    *proof = (rowan__proof){.is_in_process = proof->is_in_process, .took_out_rows = true};
    w->each.count = 0;
    return true;
}

/* One by one; where the rows are there already, once more without them. */
static rowan_status write_singly(writes *w)
{
    rowan_status status = write_and_look(w, write_each);

    if (begin_anew(w, status)) {
        status = rowan__writes_remove(w->trial, &w->asking);
        status = status == ROWAN_OK ? write_and_look(w, write_each) : status;
    }
    return status == ROWAN_OK && were_there(w, status)
               ? rowan__trial_refuse(w->trial, "nothing is inserted: other rows are in its way")
               : status;
}

static rowan_status try_it(writes *w)
{
    rowan_status status = rowan__asking_find(w->trial, &w->asking);

    if (status == ROWAN_OK) {
        status = check_statement(w);
    }
    if (status == ROWAN_OK) {
        status = check_rows(w);
    }
    if (status == ROWAN_OK) {
        status = write_singly(w);
    }
    if (status == ROWAN_OK) {
        status = write_and_look(w, write_all);
    }
    return status == ROWAN_OK ? compare(w) : status;
}

rowan_status rowan__verify_writes(rowan__verify *verify, rowan__trace_finding *finding)
{
    const rowan_allocator *allocator = verify->analysis->allocator;
    rowan__trial trial;
    writes w = {.trial = &trial, .each = {.allocator = allocator}, .all = {.allocator = allocator}};
    rowan_status status = rowan__trial_begin(&trial, verify, finding, true);

    if (status == ROWAN_OK) {
        status = try_it(&w);
    }
    if (status != ROWAN_OK && status != ROWAN_NOMEM &&
        finding->proof.state == ROWAN__PROVEN_NOT_TRIED) {
        status = rowan__trial_fail(&trial, false);
    }
    rowan__kept_fini(&w.each);
    rowan__kept_fini(&w.all);
    rowan__trial_end(&trial);
    return status == ROWAN_NOMEM ? ROWAN_NOMEM : ROWAN_OK;
}
