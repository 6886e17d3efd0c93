/* rowan model: asks a database for its tables and writes the C models of them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rowan/database.h>

#include "cli/cli.h"
#include "schema/schema.h"
#include "schema/write.h"

typedef struct arguments {
    const char *name;
    const char *output;
    const char *hints;
    const char *url;
    bool skip_unknown;
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
    case 'i':
        a->hints = argument;
        return 0;
    case 's':
        a->skip_unknown = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->url != NULL) {
            return EINVAL;
        }
        a->url = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static rowan_status read_hints(const arguments *a, rowan__arena *arena, rowan__hints *hints,
                               rowan_error *error)
{
    rowan_status status;
    char *text;
    size_t size;

    if (a->hints == NULL) {
        return ROWAN_OK;
    }
    status = rowan__file_read(arena, a->hints, &text, &size, error);
    return status == ROWAN_OK ? rowan__hints_read(hints, arena, a->hints, text, size, error)
                              : status;
}

static rowan_status save_model(const arguments *a, const rowan__model *model, rowan_error *error)
{
    rowan__written written = {0};
    rowan_status status = rowan__write_model(model, a->name, &written, error);

    if (status == ROWAN_OK && cli_interrupted()) {
        *error =
            (rowan_error){.status = ROWAN_CANCELLED, .message = "interrupted: nothing was written"};
        status = error->status;
    }
    if (status == ROWAN_OK) {
        status = rowan__written_save(&written, a->output, a->name, error);
    }
    rowan__written_fini(&written);
    return status;
}

static rowan_status write_models(const arguments *a, rowan_scope *scope, rowan_error *error)
{
    rowan__arena *arena = rowan__scope_arena(scope);
    rowan__hints hints = {0};
    rowan__found found;
    rowan__model model;
    rowan_status status = read_hints(a, arena, &hints, error);

    if (status == ROWAN_OK) {
        status = rowan__scope_introspect(scope, &found);
        *error = status == ROWAN_OK ? *error : *rowan_scope_error(scope);
    }
    if (status == ROWAN_OK) {
        status = rowan__describe(&model, arena, &found, &hints, a->skip_unknown, error);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    status = save_model(a, &model, error);
    if (status == ROWAN_OK) {
        for (size_t i = 0; i < model.note_count; i++) {
            cli_fail("note: %s", model.notes[i]);
        }
        printf("%s/%s_rows.h\n%s/%s.h\n%s/%s.c\n", a->output, a->name, a->output, a->name,
               a->output, a->name);
    }
    return status;
}

int cli_model(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"name", 'n', "NAME", 0, "Write NAME_rows.h, NAME.h and NAME.c (default: model)", 0},
        {"output", 'o', "FOLDER", 0, "Where to write them (default: here)", 0},
        {"hints", 'i', "FILE", 0, "What the database cannot tell: see docs/schema.md", 0},
        {"skip-unknown", 's', NULL, 0, "Leave out columns of types that Rowan does not have", 0},
        {0},
    };
    static const struct argp argp = {
        options, parse_option,
        "URL",   "Writes C models, a struct and typed functions for each table, of a database.",
        NULL,    NULL,
        NULL};
    arguments a = {.name = "model", .output = "."};
    rowan_options database_options = ROWAN_OPTIONS_INIT;
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    rowan_error error = {0};
    rowan_status status;
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.url == NULL) {
        cli_fail("model needs the URL of a database: see rowan model --help");
        return CLI_USAGE;
    }
    cli_catch_interrupts();
    database_options.no_detector = true;
    database_options.read_only = true;
    status = rowan_open(a.url, &database_options, &db, &error);
    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "rowan model", &scope, &error);
    }
    if (status == ROWAN_OK) {
        status = write_models(&a, scope, &error);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return status == ROWAN_OK ? CLI_DONE : cli_fail_with(&error);
}
