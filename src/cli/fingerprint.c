/* rowan fingerprint: folds statements, one a line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/detector.h>
#include <jansson.h>

#include "cli/cli.h"
#include "report/visible.h"

typedef struct arguments {
    const char *dialect;
} arguments;

static const char *const dialects[] = {"sqlite", "postgresql", "mariadb"};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;

    if (key != 'd') {
        return key == ARGP_KEY_ARG ? EINVAL : ARGP_ERR_UNKNOWN;
    }
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
        if (strcmp(argument, dialects[i]) == 0) {
            a->dialect = dialects[i];
            return 0;
        }
    }
    cli_fail("there is no dialect %s: give sqlite, postgresql or mariadb", argument);
    return CLI_REFUSED;
}

/* Prints one statement's fingerprint. @return false if memory ran out. */
static bool print_folded(const char *dialect, const char *sql, size_t size)
{
    uint64_t id;
    size_t folded_size = rowan_fingerprint(dialect, sql, size, NULL, 0, &id);
    char *folded = malloc(folded_size + 1);

    if (folded == NULL) {
        return false;
    }
    rowan_fingerprint(dialect, sql, size, folded, folded_size + 1, &id);
    printf("%016" PRIx64 "\t", id);
    rowan__visible_bytes(folded, folded_size, stdout);
    putchar('\n');
    free(folded);
    return true;
}

/* A line is a statement as a JSON string. Of one that is not, the number is told. */
static int fold_line(const char *dialect, const char *line, size_t size, size_t number)
{
    json_error_t error;
    json_t *text = json_loadb(line, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    int status = CLI_DONE;

    if (!json_is_string(text)) {
        cli_fail("standard input:%zu: %s", number,
                 text != NULL ? "the line is no JSON string" : error.text);
        status = CLI_USAGE;
    } else if (!print_folded(dialect, json_string_value(text), json_string_length(text))) {
        cli_fail("standard input:%zu: out of memory", number);
        status = CLI_FAILED;
    }
    json_decref(text);
    return status;
}

static int fold_lines(const char *dialect)
{
    char *line = NULL;
    size_t capacity = 0, number = 0;
    int status = CLI_DONE;
    ssize_t size;

    while ((size = getline(&line, &capacity, stdin)) > 0) {
        number++;
        size -= line[size - 1] == '\n';
        int own = size > 0 ? fold_line(dialect, line, (size_t)size, number) : CLI_DONE;
        status = own > status ? own : status;
    }
    if (ferror(stdin)) {
        cli_fail("cannot read standard input: %s", strerror(errno));
        status = CLI_FAILED;
    }
    free(line);
    return status;
}

int cli_fingerprint(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"dialect", 'd', "NAME", 0, "How the text is read: sqlite, postgresql or mariadb", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        parse_option,
        "",
        "Reads statements from standard input, one JSON string a line, and prints of each its"
        " 64-bit fingerprint and the text that it folds to: values are ?, lists of values ?+.",
        NULL,
        NULL,
        NULL};
    arguments a = {NULL};
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.dialect == NULL) {
        cli_fail("fingerprint needs --dialect: see rowan fingerprint --help");
        return CLI_USAGE;
    }
    return fold_lines(a.dialect);
}
