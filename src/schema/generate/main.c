/*
 * rowan-generate: writes the C models of a schema folder while a program is built. It makes the
 * tables in an SQLite database in memory and asks that database what they are, as `rowan model`
 * asks any other; so the models are the same as those of the finished database on any engine. With
 * --sql it prints the statements that make the tables on an engine, for whoever deploys them.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/database.h>

#include "base/alloc.h"
#include "driver/driver.h"
#include "schema/schema.h"
#include "schema/write.h"

typedef struct arguments {
    const char *name;
    const char *output;
    const char *sql;
    const char *folder;
} arguments;

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case 'n':
        a->name = argument;
        return 0;
    case 'o':
        a->output = argument;
        return 0;
    case 's':
        a->sql = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (a->folder != NULL) {
            argp_error(state, "only one schema folder can be given");
        }
        a->folder = argument;
        return 0;
    case ARGP_KEY_END:
        if (a->folder == NULL || (a->name == NULL) == (a->sql == NULL)) {
            argp_error(state, "a schema folder is needed, and either --name or --sql");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Makes the tables and describes them. */
static rowan_status describe_schema(const arguments *a, rowan_scope *scope, rowan__model *model)
{
    rowan__arena *arena = rowan__scope_arena(scope);
    rowan__found found;
    rowan__schema schema;
    rowan_error error;
    rowan_status status =
        rowan__schema_load(&schema, arena, rowan__scope_dialect(scope), a->folder, &error);

    if (status != ROWAN_OK) {
        return rowan__scope_fail_with(scope, &error);
    }
    status = rowan__schema_run(scope, &schema);
    if (status == ROWAN_OK) {
        status = rowan__scope_introspect(scope, &found);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan__describe(model, arena, &found, &schema.hints, false, &error);
    return status == ROWAN_OK ? ROWAN_OK : rowan__scope_fail_with(scope, &error);
}

static rowan_status generate(const arguments *a, rowan_scope *scope)
{
    rowan__written written = {0};
    rowan__model model;
    rowan_error error;
    rowan_status status = describe_schema(a, scope, &model);

    if (status != ROWAN_OK) {
        return status;
    }
    for (size_t i = 0; i < model.note_count; i++) {
        fprintf(stderr, "rowan-generate: %s\n", model.notes[i]);
    }
    status = rowan__write_model(&model, a->name, &written, &error);
    if (status == ROWAN_OK) {
        status = rowan__written_save(&written, a->output, a->name, &error);
    }
    rowan__written_fini(&written);
    return status == ROWAN_OK ? ROWAN_OK : rowan__scope_fail_with(scope, &error);
}

/* Opens a database in memory and writes the models of what the schema makes of it. */
static rowan_status write_models(const arguments *a, rowan_error *error)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    rowan_status status;

    options.no_detector = true;
    status = rowan_open("sqlite::memory:", &options, &db, error);
    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "generate", &scope, error);
    }
    if (status == ROWAN_OK) {
        status = generate(a, scope);
        *error = *rowan_scope_error(scope);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return status;
}

/* The dialect of an engine by the scheme of its URLs. */
static rowan_status find_dialect(const char *engine, const rowan__dialect **out, rowan_error *error)
{
    const rowan__driver *driver = NULL;
    rowan__url parts;
    char scheme[32];
    int size = snprintf(scheme, sizeof scheme, "%s:", engine);
    rowan_status status = size > 0 && (size_t)size < sizeof scheme
                              ? rowan__driver_find(scheme, &driver, &parts, error)
                              : ROWAN_MISUSE;

    if (status == ROWAN_MISUSE) {
        snprintf(error->message, sizeof error->message,
                 "--sql %.40s: there is sqlite, postgresql and mariadb", engine);
    }
    *out = driver != NULL ? driver->dialect : NULL;
    return status;
}

/* Prints the statements of the schema as an engine wants them. */
static rowan_status print_sql(const arguments *a, rowan_error *error)
{
    const rowan__dialect *dialect;
    rowan__schema schema = {0};
    rowan__arena arena;
    rowan_status status = find_dialect(a->sql, &dialect, error);

    rowan__arena_init(&arena, &rowan__default_allocator);
    if (status == ROWAN_OK) {
        status = rowan__schema_load(&schema, &arena, dialect, a->folder, error);
    }
    for (size_t i = 0; status == ROWAN_OK && i < schema.statement_count; i++) {
        printf("%s;\n", schema.statements[i].sql);
    }
    rowan__arena_fini(&arena);
    if (status == ROWAN_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        status = error->status = ROWAN_IO;
        snprintf(error->message, sizeof error->message, "cannot write the output: %s",
                 strerror(errno));
    }
    return status;
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"name", 'n', "NAME", 0, "Write NAME_rows.h, NAME.h and NAME.c", 0},
        {"output", 'o', "FOLDER", 0, "Where to write them (default: here)", 0},
        {"sql", 's', "ENGINE", 0,
         "Print the SQL that makes the tables on sqlite, postgresql or mariadb, and write nothing",
         0},
        {0},
    };
    static const struct argp argp = {
        options,
        parse_option,
        "SCHEMA",
        "Writes the C models of a schema folder, or prints its SQL. docs/schema.md says what a "
        "schema folder is.",
        NULL,
        NULL,
        NULL};
    arguments a = {.output = "."};
    rowan_error error = {0};
    rowan_status status;

    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    status = a.sql != NULL ? print_sql(&a, &error) : write_models(&a, &error);
    if (status != ROWAN_OK) {
        fprintf(stderr, "rowan-generate: %s\n", error.message);
    }
    return status == ROWAN_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
