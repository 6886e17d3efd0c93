/*
 * Seeding. What makes a stopped run harmless: the tables are created by statements that may be run
 * again, each table is filled in one transaction, and that transaction also notes the table in
 * rowan_seed. So a table is either noted and complete, or empty.
 */
#include "schema/seed/seed.h"

#include <stdio.h>
#include <string.h>

#include <rowan/querybuilder.h>
#include <rowan/raw.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "schema/schema.h"
#include "schema/seed/rows.h"

enum { BATCH_ROWS = 500 };

static const char notes_sql[] = "CREATE TABLE IF NOT EXISTS rowan_seed ("
                                "table_name @text(64) PRIMARY KEY NOT NULL, "
                                "scale @double NOT NULL, "
                                "row_count @int64 NOT NULL)";

typedef struct seeder {
    rowan_scope *scope;
    double scale;
    const rowan__seed_watch *watch;
    rowan__seed_result *result;
    rowan__sower sower;
    uint64_t done, total; /* units, of all tables */
    char *batch;          /* room for BATCH_ROWS rows of any table and one unit more */
    size_t batch_size;
} seeder;

static rowan_status run_portable(rowan_scope *scope, const char *name, const char *text,
                                 size_t size)
{
    rowan__schema schema = {0};
    rowan_error error;
    rowan_status status = rowan__schema_read(&schema, rowan__scope_arena(scope),
                                             rowan__scope_dialect(scope), name, text, size, &error);

    return status == ROWAN_OK ? rowan__schema_run(scope, &schema)
                              : rowan__scope_fail_with(scope, &error);
}

rowan_status rowan__bookshop_create(rowan_scope *scope)
{
    const rowan__embedded *file = &rowan__embedded_schema[0];

    return run_portable(scope, file->name, file->text, strlen(file->text));
}

static const rowan__found_table *find_table(const rowan__found *found, const char *name)
{
    for (size_t i = 0; i < found->table_count; i++) {
        if (strcmp(found->tables[i].name, name) == 0) {
            return &found->tables[i];
        }
    }
    return NULL;
}

static bool has_column(const rowan__found_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Refuses a database in which one of the names means something else. */
static rowan_status check_table(seeder *s, const rowan__found *found, const rowan_table *table,
                                size_t *missing)
{
    const rowan__found_table *there = find_table(found, table->name);

    if (there == NULL) {
        ++*missing;
        return ROWAN_OK;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        if (!has_column(there, table->columns[i].name)) {
            return rowan__scope_fail(s->scope, ROWAN_MISUSE,
                                     "the database has a table \"%s\" that is not the bookshop's:"
                                     " seed another database",
                                     table->name);
        }
    }
    return ROWAN_OK;
}

static rowan_status prepare_tables(seeder *s)
{
    rowan__found found;
    size_t missing = 0;
    rowan_status status = rowan__scope_introspect(s->scope, &found);

    for (const rowan__seed_table *t = rowan__seed_tables; status == ROWAN_OK && t->table != NULL;
         t++) {
        status = check_table(s, &found, t->table, &missing);
    }
    if (status == ROWAN_OK && find_table(&found, "rowan_seed") == NULL) {
        missing++;
    }
    if (status != ROWAN_OK || missing == 0) {
        return status;
    }
    status = rowan__bookshop_create(s->scope);
    return status == ROWAN_OK
               ? run_portable(s->scope, "rowan_seed", notes_sql, sizeof notes_sql - 1)
               : status;
}

/* What rowan_seed notes of a table: ROWAN_DONE if nothing. */
static rowan_status read_note(seeder *s, const rowan_table *table, double *scale, uint64_t *rows)
{
    rowan_value name = rowan_v_text(table->name);
    rowan_cursor *cursor = NULL;
    int64_t count = 0;
    rowan_status status =
        rowan_raw_open(s->scope, "SELECT scale, row_count FROM rowan_seed WHERE table_name = ?",
                       ((rowan_params){&name, 1}), &cursor);

    if (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
    }
    if (status == ROWAN_OK) {
        status = rowan_cursor_double(cursor, 0, scale);
    }
    if (status == ROWAN_OK) {
        status = rowan_cursor_int64(cursor, 1, &count);
    }
    rowan_cursor_close(cursor);
    *rows = (uint64_t)count;
    return status;
}

static rowan_status write_note(seeder *s, const rowan_table *table, uint64_t rows)
{
    const rowan_value values[] = {rowan_v_text(table->name), rowan_v_double(s->scale),
                                  rowan_v_int64((int64_t)rows)};

    return rowan_raw_run(s->scope,
                         "INSERT INTO rowan_seed (table_name, scale, row_count) VALUES (?, ?, ?)",
                         ((rowan_params){values, 3}), NULL);
}

/* Whether the watcher lets it go on. */
static rowan_status watch(const seeder *s, const char *table)
{
    if (s->watch == NULL || s->watch->progress == NULL ||
        s->watch->progress(s->watch->context, table, s->done, s->total)) {
        return ROWAN_OK;
    }
    return rowan__scope_fail(s->scope, ROWAN_CANCELLED,
                             "interrupted: seed again with the same scale to complete it");
}

static rowan_status insert_batch(seeder *s, const rowan_table *table, size_t count)
{
    const rowan_insert insert = {.into = table, .rows = s->batch, .row_count = count};

    if (s->sower.failed) {
        return rowan__scope_nomem(s->scope);
    }
    return count == 0 ? ROWAN_OK : rowan_query_insert(s->scope, &insert, NULL, NULL);
}

/* Makes rows of a table and inserts them, batch by batch; memory stays that of one batch. */
static rowan_status fill_rows(seeder *s, const rowan__seed_table *t, uint64_t *rows)
{
    uint64_t units = t->units(&s->sower.counts);
    rowan_status status = watch(s, t->table->name);

    *rows = 0;
    s->sower.last_id = 0;
    for (uint64_t unit = 0; status == ROWAN_OK && unit < units;) {
        rowan_mark mark = rowan_scope_mark(s->scope);
        size_t count = 0;

        for (; unit < units && count < BATCH_ROWS; unit++, s->done++) {
            count += t->fill(&s->sower, unit, s->batch + count * t->table->row_size);
        }
        *rows += count;
        status = insert_batch(s, t->table, count);
        if (status == ROWAN_OK) {
            status = rowan_scope_rewind(s->scope, mark);
        }
        if (status == ROWAN_OK) {
            status = watch(s, t->table->name);
        }
    }
    return status;
}

static void write_part(rowan__text *sql, char part, const rowan_table *table, uint64_t next,
                       char quote)
{
    if (part == '3') {
        rowan__text_int(sql, (int64_t)next);
        return;
    }
    rowan__text_char(sql, quote);
    rowan__text_str(sql, part == '1' ? table->name : table->primary[0]->name);
    rowan__text_char(sql, quote);
}

/* Lets the generated keys go on behind those that were written, where the engine has to be told. */
static rowan_status restart_key(seeder *s, const rowan_table *table, uint64_t rows)
{
    const rowan__dialect *dialect = rowan__scope_dialect(s->scope);
    const char *form = dialect->restart_key;
    rowan__call call = {.direct = true};
    rowan__result result;
    rowan__text sql;
    rowan_status status;

    if (form == NULL || (table->primary[0]->flags & ROWAN_GENERATED) == 0) {
        return ROWAN_OK;
    }
    rowan__text_init(&sql, rowan__scope_allocator(s->scope));
    for (; *form != '\0'; form++) {
        if (*form == '%') {
            write_part(&sql, *++form, table, rows + 1, dialect->quote);
        } else {
            rowan__text_char(&sql, *form);
        }
    }
    call.sql = rowan__text_string(&sql);
    call.sql_size = sql.size;
    status =
        sql.failed ? rowan__scope_nomem(s->scope) : rowan__execute(s->scope, &call, 1, &result);
    rowan__text_fini(&sql);
    return status;
}

static rowan_status fill_table(seeder *s, const rowan__seed_table *t)
{
    const rowan_query all = {.from = t->table};
    bool has_rows = false;
    uint64_t rows = 0;
    rowan_status status = rowan_query_exists(s->scope, &all, &has_rows);

    if (status == ROWAN_OK && has_rows) {
        return rowan__scope_fail(
            s->scope, ROWAN_MISUSE,
            "table \"%s\" has rows that seeding did not write: seed another database",
            t->table->name);
    }
    if (status == ROWAN_OK) {
        status = fill_rows(s, t, &rows);
    }
    if (status == ROWAN_OK) {
        status = restart_key(s, t->table, rows);
    }
    if (status == ROWAN_OK) {
        status = write_note(s, t->table, rows);
    }
    s->result->rows += rows;
    s->result->written += rows;
    return status;
}

/* Fills a table in one transaction, unless it is filled. */
static rowan_status seed_table(seeder *s, const rowan__seed_table *t)
{
    double scale = 0;
    uint64_t rows = 0;
    rowan_status status = read_note(s, t->table, &scale, &rows);

    if (status == ROWAN_OK) {
        s->result->rows += rows;
        s->done += t->units(&s->sower.counts);
        return ROWAN_OK;
    }
    if (status != ROWAN_DONE) {
        return status;
    }
    status = rowan_begin(s->scope, NULL);
    if (status != ROWAN_OK) {
        return status;
    }
    status = fill_table(s, t);
    if (status == ROWAN_OK) {
        return rowan_commit(s->scope);
    }
    if (rowan_transaction_depth(s->scope) > 0) {
        rowan_error first = *rowan_scope_error(s->scope);
        if (rowan_rollback(s->scope) != ROWAN_OK) {
            status = rowan__scope_fail_with(s->scope, &first);
        }
    }
    return status;
}

/* A database has one scale: the rows of one table fit those of another only then. */
static rowan_status check_scales(seeder *s)
{
    for (const rowan__seed_table *t = rowan__seed_tables; t->table != NULL; t++) {
        double scale = 0;
        uint64_t rows;
        rowan_status status = read_note(s, t->table, &scale, &rows);

        if (status == ROWAN_OK && (scale < s->scale || scale > s->scale)) {
            return rowan__scope_fail(
                s->scope, ROWAN_MISUSE,
                "the database was seeded at scale %g: seed another one for scale %g", scale,
                s->scale);
        }
        if (status != ROWAN_OK && status != ROWAN_DONE) {
            return status;
        }
    }
    return ROWAN_OK;
}

static rowan_status seed_tables(seeder *s)
{
    rowan_status status = prepare_tables(s);

    if (status == ROWAN_OK) {
        status = check_scales(s);
    }
    for (const rowan__seed_table *t = rowan__seed_tables; t->table != NULL; t++) {
        s->total += t->units(&s->sower.counts);
    }
    for (const rowan__seed_table *t = rowan__seed_tables; status == ROWAN_OK && t->table != NULL;
         t++) {
        status = seed_table(s, t);
    }
    return status;
}

static size_t largest_row(void)
{
    size_t size = 0;

    for (const rowan__seed_table *t = rowan__seed_tables; t->table != NULL; t++) {
        size = t->table->row_size > size ? t->table->row_size : size;
    }
    return size;
}

rowan_status rowan__seed(rowan_db *db, double scale, const rowan__seed_watch *watch_seeding,
                         rowan__seed_result *result, rowan_error *error)
{
    seeder s = {.scale = scale, .watch = watch_seeding, .result = result};
    const rowan_allocator *allocator;
    rowan_status status;

    *result = (rowan__seed_result){0};
    if (!(scale > 0 && scale <= ROWAN__SEED_MOST)) {
        return rowan__fail(error, ROWAN_MISUSE, "a scale is a number above 0, at most %d",
                           ROWAN__SEED_MOST);
    }
    status = rowan_scope_begin(db, "rowan seed", &s.scope, error);
    if (status != ROWAN_OK) {
        return status;
    }
    allocator = rowan__scope_allocator(s.scope);
    s.sower.counts = rowan__seed_counts_at(scale);
    s.sower.texts = rowan__scope_arena(s.scope);
    s.batch_size = largest_row();
    s.batch = rowan__new(allocator, BATCH_ROWS + ROWAN__ROWS_OF_UNIT, s.batch_size);
    if (s.batch == NULL) {
        status = rowan__fail_nomem(error);
        goto done;
    }
    status = seed_tables(&s);
    if (status != ROWAN_OK && error != NULL) {
        *error = *rowan_scope_error(s.scope);
    }
done:
    rowan__free(allocator, s.batch, BATCH_ROWS + ROWAN__ROWS_OF_UNIT, s.batch_size);
    rowan_scope_end(s.scope);
    return status;
}
