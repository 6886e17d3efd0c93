/* Golden SQL and rows. A file is a sequence of sections, `-- name` and what belongs to it. */
#include "support/golden.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database/execute.h"
#include "support/archive.h"
#include "support/engine.h"

struct golden {
    rowan_db *db;
    rowan_scope *scope;
    const char *engine;
    char sql_path[512], rows_path[512];
    char *sql_wanted, *rows_wanted; /* the files; NULL when writing */
    rowan__text sql, rows;          /* what came */
    bool writing;
};

size_t golden_engines(void)
{
    return engine_count();
}

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text;
    long size;

    ck_assert_msg(file != NULL, "%s is missing: run with ROWAN_GOLDEN=write", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    ck_assert_int_ge(size, 0);
    rewind(file);
    text = calloc((size_t)size + 1, 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return text;
}

golden *golden_begin(size_t engine, const char *subject)
{
    golden *g = calloc(1, sizeof *g);
    const char *mode = getenv("ROWAN_GOLDEN");
    rowan_error error;

    ck_assert_ptr_nonnull(g);
    g->db = archive_open(engine, NULL);
    g->engine = rowan_db_engine(g->db);
    g->writing = mode && strcmp(mode, "write") == 0;
    ck_assert_msg(rowan_scope_begin(g->db, "golden", &g->scope, &error) == ROWAN_OK, "%s",
                  error.message);
    archive_fill(g->scope);
    snprintf(g->sql_path, sizeof g->sql_path, "%s/tests/golden/%s.%s.sql", ROWAN_SOURCE_DIR,
             subject, g->engine);
    snprintf(g->rows_path, sizeof g->rows_path, "%s/tests/golden/%s.rows", ROWAN_SOURCE_DIR,
             subject);
    if (!g->writing) {
        g->sql_wanted = read_all(g->sql_path);
        g->rows_wanted = read_all(g->rows_path);
    }
    rowan__text_init(&g->sql, rowan__scope_allocator(g->scope));
    rowan__text_init(&g->rows, rowan__scope_allocator(g->scope));
    return g;
}

rowan_scope *golden_scope(golden *g)
{
    return g->scope;
}

/* Adds a section and, unless writing, holds it against the file. */
static void add_section(golden *g, rowan__text *text, const char *wanted, const char *path,
                        const char *name, const char *body)
{
    size_t start = text->size;
    size_t size;

    rowan__text_format(text, "-- %s\n%s\n", name, body);
    size = text->size - start;
    if (!g->writing) {
        bool same =
            strlen(wanted) >= text->size && memcmp(wanted + start, text->data + start, size) == 0;
        ck_assert_msg(same, "%s says:\n%.*s\nwhat came:\n%s", path, (int)size + 200,
                      start < strlen(wanted) ? wanted + start : "(nothing)", text->data + start);
    }
}

static void add_sql(golden *g, const char *name, const char *sql)
{
    rowan__text line;

    rowan__text_init(&line, rowan__scope_allocator(g->scope));
    rowan__text_format(&line, "%s\n", sql);
    add_section(g, &g->sql, g->sql_wanted, g->sql_path, name, line.data);
    rowan__text_fini(&line);
}

static void check(golden *g, const char *name, rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s, on %s: %s: %s (%s)", name, g->engine,
                  rowan_status_name(status), rowan_scope_error(g->scope)->message,
                  rowan_scope_error(g->scope)->engine_message);
}

void golden_query(golden *g, const char *name, const rowan_query *query)
{
    const char *sql;
    rowan_rows rows;

    check(g, name, rowan_query_sql(g->scope, query, &sql));
    add_sql(g, name, sql);
    check(g, name, rowan_query_all(g->scope, query, &rows));
    add_section(g, &g->rows, g->rows_wanted, g->rows_path, name,
                archive_dump(g->scope, query->into ? query->into : query->from, rows));
}

/* What a write did: how many rows, those it returned, and the table after it. */
static void add_effect(golden *g, const char *name, const rowan_table *table, uint64_t affected,
                       const rowan_rows *returned)
{
    rowan_order by_key[3] = {{.given = false}};
    const rowan_query all = {.from = table, .order_by = by_key};
    rowan__text effect;
    rowan_rows after;

    for (size_t i = 0; i < table->primary_count && i < 2; i++) {
        by_key[i] = (rowan_order){.by = rowan_o_column(table->primary[i], NULL), .given = true};
    }
    check(g, name, rowan_query_all(g->scope, &all, &after));
    rowan__text_init(&effect, rowan__scope_allocator(g->scope));
    rowan__text_format(&effect, "%llu affected\n", (unsigned long long)affected);
    if (returned) {
        rowan__text_format(&effect, "returned:\n%s", archive_dump(g->scope, table, *returned));
    }
    rowan__text_format(&effect, "after it:\n%s", archive_dump(g->scope, table, after));
    add_section(g, &g->rows, g->rows_wanted, g->rows_path, name, effect.data);
    rowan__text_fini(&effect);
}

void golden_insert(golden *g, const char *name, const rowan_insert *insert)
{
    rowan_rows rows;
    uint64_t affected;
    const char *sql;

    check(g, name, rowan_insert_sql(g->scope, insert, &sql));
    add_sql(g, name, sql);
    check(g, name, rowan_begin(g->scope, NULL));
    check(g, name,
          rowan_query_insert(g->scope, insert, insert->returning ? &rows : NULL, &affected));
    add_effect(g, name, insert->into, affected, insert->returning ? &rows : NULL);
    check(g, name, rowan_rollback(g->scope));
}

void golden_update(golden *g, const char *name, const rowan_update *update)
{
    rowan_rows rows;
    uint64_t affected;
    const char *sql;

    check(g, name, rowan_update_sql(g->scope, update, &sql));
    add_sql(g, name, sql);
    check(g, name, rowan_begin(g->scope, NULL));
    check(g, name,
          rowan_query_update(g->scope, update, update->returning ? &rows : NULL, &affected));
    add_effect(g, name, update->table, affected, update->returning ? &rows : NULL);
    check(g, name, rowan_rollback(g->scope));
}

void golden_delete(golden *g, const char *name, const rowan_delete *remove)
{
    rowan_rows rows;
    uint64_t affected;
    const char *sql;

    check(g, name, rowan_delete_sql(g->scope, remove, &sql));
    add_sql(g, name, sql);
    check(g, name, rowan_begin(g->scope, NULL));
    check(g, name,
          rowan_query_delete(g->scope, remove, remove->returning ? &rows : NULL, &affected));
    add_effect(g, name, remove->from, affected, remove->returning ? &rows : NULL);
    check(g, name, rowan_rollback(g->scope));
}

void golden_refused(golden *g, const char *name, rowan_status got, rowan_status wanted)
{
    ck_assert_msg(got == wanted, "%s, on %s: %s instead of %s", name, g->engine,
                  rowan_status_name(got), rowan_status_name(wanted));
    add_sql(g, name, rowan_scope_error(g->scope)->message);
}

static void write_all(const char *path, const rowan__text *text)
{
    FILE *file = fopen(path, "wb");

    ck_assert_msg(file != NULL, "%s cannot be written", path);
    ck_assert_uint_eq(fwrite(text->data, 1, text->size, file), text->size);
    ck_assert_int_eq(fclose(file), 0);
}

void golden_end(golden *g)
{
    if (g->writing) {
        write_all(g->sql_path, &g->sql);
        write_all(g->rows_path, &g->rows);
    } else {
        ck_assert_uint_eq(g->sql.size, strlen(g->sql_wanted));
        ck_assert_uint_eq(g->rows.size, strlen(g->rows_wanted));
    }
    rowan__text_fini(&g->sql);
    rowan__text_fini(&g->rows);
    free(g->sql_wanted);
    free(g->rows_wanted);
    rowan_scope_end(g->scope);
    engine_close(g->db);
    free(g);
}
