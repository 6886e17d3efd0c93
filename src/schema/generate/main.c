/*
 * rowan-generate: writes the C models of a schema folder while a program is built. It makes the
 * tables in an SQLite database in memory and asks that database what they are, as `rowan model`
 * asks any other; so the models are the same as those of the finished database on any engine.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include <rowan/database.h>

#include "schema/schema.h"
#include "schema/write.h"

typedef struct arguments {
    const char *name;
    const char *output;
    const char *embed;
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
    case 'e':
        a->embed = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (a->folder != NULL) {
            argp_error(state, "only one schema folder can be given");
        }
        a->folder = argument;
        return 0;
    case ARGP_KEY_END:
        if (a->folder == NULL || a->name == NULL) {
            argp_error(state, "--name and a schema folder are needed");
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

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"name", 'n', "NAME", 0, "Write NAME_rows.h, NAME.h and NAME.c", 0},
        {"output", 'o', "FOLDER", 0, "Where to write them (default: here)", 0},
        {0},
    };
    static const struct argp argp = {
        options, parse_option, "SCHEMA", "Writes the C models of a schema folder.",
        NULL,    NULL,         NULL};
    arguments a = {.output = "."};
    rowan_options database_options = ROWAN_OPTIONS_INIT;
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    rowan_error error;
    rowan_status status;

    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    database_options.no_detector = true;
    status = rowan_open("sqlite::memory:", &database_options, &db, &error);
    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "generate", &scope, &error);
    }
    if (status == ROWAN_OK) {
        status = generate(&a, scope);
        error = *rowan_scope_error(scope);
    }
    if (status != ROWAN_OK) {
        fprintf(stderr, "rowan-generate: %s\n", error.message);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return status == ROWAN_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
