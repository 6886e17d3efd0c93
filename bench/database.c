/*
 * The tables on an engine.
 *
 * They are made by the schema room from bench/schema and filled by batch inserts of the query
 * builder: neither is measured.
 */
#include "database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/querybuilder.h>
#include <rowan/raw.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "between.h"
#include "forum.h"
#include "rows.h"
#include "schema/schema.h"

enum { MOST_FILES = 24, NAME_SIZE = 48, URL_SIZE = 512, BATCH = 1000 };

struct bench_database {
    bench_site site;
    char name[NAME_SIZE];    /* of the schema or database on a server */
    char base[URL_SIZE];     /* URL of the one on the server, or of the file that is copied */
    char events[URL_SIZE];   /* URL of the one that has events */
    char *files[MOST_FILES]; /* URLs of the copies, by contestant */
    bool is_made;
};

static bool is_sqlite(const bench_database *self)
{
    return self->site.server == NULL;
}

/* --- Filling. --- */

static rowan_status make_tables(rowan_scope *scope)
{
    rowan__schema schema = {0};
    rowan_error error;
    rowan_status status = rowan__schema_load(&schema, rowan__scope_arena(scope),
                                             rowan__scope_dialect(scope), BENCH_SCHEMA, &error);

    return status == ROWAN_OK ? rowan__schema_run(scope, &schema)
                              : rowan__scope_fail_with(scope, &error);
}

/* Room for a batch of any table's rows. */
typedef union batch {
    person people[BATCH];
    post posts[BATCH];
    comment comments[BATCH];
    event events[BATCH];
} batch;

static void fill_row(batch *rows, size_t i, const rowan_table *table, rowan__arena *arena,
                     int64_t id)
{
    if (table == &person_table) {
        rows->people[i] = bench_person(arena, id);
    } else if (table == &post_table) {
        rows->posts[i] = bench_post(arena, id);
    } else if (table == &comment_table) {
        rows->comments[i] = bench_comment(arena, id);
    } else {
        rows->events[i] = bench_event(arena, id);
    }
}

/* The keys are given, so all columns are named: a key that is generated is left out otherwise. */
static rowan_status insert_batch(rowan_scope *scope, const rowan_table *table, const batch *rows,
                                 size_t count)
{
    const rowan_column *columns[8];

    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = &table->columns[i];
    }
    const rowan_insert insert = {.into = table,
                                 .rows = rows,
                                 .row_count = count,
                                 .columns = columns,
                                 .column_count = table->column_count};
    return rowan_query_insert(scope, &insert, NULL, NULL);
}

static rowan_status fill_table(rowan_scope *scope, const rowan_table *table, size_t count)
{
    batch *rows = malloc(sizeof *rows);
    rowan_status status = rows ? ROWAN_OK : ROWAN_NOMEM;

    for (size_t done = 0; status == ROWAN_OK && done < count;) {
        rowan_mark mark = rowan_scope_mark(scope);
        rowan__arena texts;
        size_t filled = 0;

        rowan__arena_init(&texts, &rowan__default_allocator);
        for (; filled < BATCH && done < count; filled++, done++) {
            fill_row(rows, filled, table, &texts, (int64_t)done + 1);
        }
        status = insert_batch(scope, table, rows, filled);
        rowan__arena_fini(&texts);
        if (status == ROWAN_OK) {
            status = rowan_scope_rewind(scope, mark);
        }
    }
    free(rows);
    return status;
}

/* Plans that do not change while the benchmark runs, and nobody who cleans up meanwhile. */
static rowan_status settle(rowan_scope *scope, const char *engine)
{
    static const char *const tables[] = {"person", "post", "comment", "newcomer", "event"};
    static const struct {
        const char *engine, *before, *behind;
    } statements[] = {
        {"sqlite", "ANALYZE", ""},
        {"postgresql", "ALTER TABLE", "SET (autovacuum_enabled = false)"},
        {"postgresql", "VACUUM ANALYZE", ""},
        {"mariadb", "ANALYZE TABLE", ""},
    };
    enum { TABLES = sizeof tables / sizeof tables[0] };
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < TABLES * (sizeof statements / sizeof statements[0]); i++) {
        char sql[80];
        snprintf(sql, sizeof sql, "%s %s %s", statements[i / TABLES].before, tables[i % TABLES],
                 statements[i / TABLES].behind);
        if (status == ROWAN_OK && strcmp(statements[i / TABLES].engine, engine) == 0) {
            status = rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL);
        }
    }
    return status;
}

static rowan_status fill(rowan_scope *scope, const char *engine, size_t person_count,
                         size_t event_count)
{
    const size_t posters = person_count < BENCH_POSTERS ? person_count : BENCH_POSTERS;
    const size_t commented = person_count < BENCH_COMMENTED ? person_count : BENCH_COMMENTED;
    const struct {
        const rowan_table *table;
        size_t count;
    } tables[] = {
        {&person_table, person_count},
        {&post_table, posters * BENCH_POSTS_EACH},
        {&comment_table, commented * BENCH_POSTS_EACH * BENCH_COMMENTS_EACH},
        {&event_table, event_count},
    };
    rowan_status status = make_tables(scope);

    if (status == ROWAN_OK) {
        status = rowan_begin(scope, NULL);
    }
    for (size_t i = 0; status == ROWAN_OK && i < sizeof tables / sizeof tables[0]; i++) {
        status = fill_table(scope, tables[i].table, tables[i].count);
    }
    if (status == ROWAN_OK) {
        status = rowan_commit(scope);
    }
    return status == ROWAN_OK ? settle(scope, engine) : status;
}

static bool make(const bench_database *self, const char *url, size_t person_count,
                 size_t event_count, char *why, size_t why_size)
{
    bench_visit v;
    rowan_status status = bench_visit_begin(&v, url);

    if (status == ROWAN_OK) {
        status = fill(v.scope, self->site.engine, person_count, event_count);
    }
    return bench_visit_end(&v, status, why, why_size);
}

/* --- Opening and closing. --- */

/* The server's URL with the new schema first on the search path, or with the new database. */
static void write_server_url(bench_database *self)
{
    const char *server = self->site.server;
    const char *query = strchr(server, '?');

    if (strcmp(self->site.engine, "postgresql") == 0) {
        snprintf(self->base, sizeof self->base, "%s%coptions=-csearch_path%%3D%s", server,
                 query ? '&' : '?', self->name);
        return;
    }
    const char *authority = strstr(server, "://");
    const char *from = authority ? authority + 3 : server;
    size_t kept = (size_t)(from - server) + strcspn(from, "/?");
    snprintf(self->base, sizeof self->base, "%.*s/%s%s", (int)kept, server, self->name,
             query ? query : "");
}

static bool make_on_server(bench_database *self, char *why, size_t why_size)
{
    bool is_schema = strcmp(self->site.engine, "postgresql") == 0;
    char sql[NAME_SIZE + 80];

    snprintf(self->name, sizeof self->name, "rowan_bench_%llx_%lx",
             (unsigned long long)rowan__now_ns(), (unsigned long)getpid());
    snprintf(sql, sizeof sql, "CREATE %s %s", is_schema ? "SCHEMA" : "DATABASE", self->name);
    write_server_url(self);
    self->is_made = bench_send(self->site.server, sql, why, why_size);
    memcpy(self->events, self->base, sizeof self->events);
    return self->is_made &&
           make(self, self->base, BENCH_PEOPLE, self->site.event_count, why, why_size);
}

static bool make_files(bench_database *self, char *why, size_t why_size)
{
    snprintf(self->base, sizeof self->base, "sqlite:%s/base.db", self->site.folder);
    snprintf(self->events, sizeof self->events, "sqlite:%s/events.db", self->site.folder);
    self->is_made = true;
    return make(self, self->base, BENCH_PEOPLE, 0, why, why_size) &&
           make(self, self->events, 0, self->site.event_count, why, why_size);
}

bench_database *bench_database_open(const bench_site *site, char *why, size_t why_size)
{
    bench_database *self = calloc(1, sizeof *self);

    if (!self) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    self->site = *site;
    if (!(is_sqlite(self) ? make_files(self, why, why_size)
                          : make_on_server(self, why, why_size))) {
        bench_database_close(self);
        return NULL;
    }
    return self;
}

static void remove_file(const char *url)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char path[URL_SIZE + 16];

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(path, sizeof path, "%s%s", url + strlen("sqlite:"), endings[i]);
        unlink(path);
    }
}

void bench_database_close(bench_database *self)
{
    if (!self) {
        return;
    }
    if (is_sqlite(self)) {
        remove_file(self->base);
        remove_file(self->events);
        for (size_t i = 0; i < MOST_FILES; i++) {
            if (self->files[i]) {
                remove_file(self->files[i]);
                free(self->files[i]);
            }
        }
    } else if (self->is_made) {
        bool is_schema = strcmp(self->site.engine, "postgresql") == 0;
        char sql[NAME_SIZE + 80], why[256];
        snprintf(sql, sizeof sql, "DROP %s %s%s", is_schema ? "SCHEMA" : "DATABASE", self->name,
                 is_schema ? " CASCADE" : "");
        if (!bench_send(self->site.server, sql, why, sizeof why)) {
            fprintf(stderr, "bench: cannot remove %s: %s\n", self->name, why);
        }
    }
    free(self);
}

/* --- Contestants' databases. --- */

static bool copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    char buffer[65536];
    bool is_good = out != NULL;
    size_t size;

    while (is_good && (size = fread(buffer, 1, sizeof buffer, in)) > 0) {
        is_good = fwrite(buffer, 1, size, out) == size;
    }
    is_good = is_good && !ferror(in);
    if (in) {
        fclose(in);
    }
    return (out == NULL || fclose(out) == 0) && is_good;
}

const char *bench_database_url(bench_database *self, size_t contestant, char *why, size_t why_size)
{
    if (!is_sqlite(self)) {
        return self->base;
    }
    if (contestant >= MOST_FILES) {
        snprintf(why, why_size, "too many contestants");
        return NULL;
    }
    if (!self->files[contestant]) {
        char *url = malloc(URL_SIZE);
        if (!url) {
            snprintf(why, why_size, "out of memory");
            return NULL;
        }
        snprintf(url, URL_SIZE, "sqlite:%s/%02zu.db", self->site.folder, contestant);
        self->files[contestant] = url;
        if (!copy_file(self->base + strlen("sqlite:"), url + strlen("sqlite:"))) {
            snprintf(why, why_size, "cannot copy the database in %s: %s", self->site.folder,
                     strerror(errno));
            return NULL;
        }
    }
    return self->files[contestant];
}

const char *bench_database_events(const bench_database *self)
{
    return self->events;
}
