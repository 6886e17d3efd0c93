/* rowan analyze: the detector over recorded traces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "report/print.h"

typedef enum format { FORMAT_TEXT = 0, FORMAT_JSON } format;

typedef struct arguments {
    format format;
    char **files;
    size_t file_count;
} arguments;

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const formats[] = {[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json"};
    arguments *a = state->input;

    switch (key) {
    case 'f':
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
            if (strcmp(argument, formats[i]) == 0) {
                a->format = (format)i;
                return 0;
            }
        }
        cli_fail("there is no format %s: give text or json", argument);
        return CLI_REFUSED;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->file_count = (size_t)(state->argc - state->next);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void complain(void *context, const char *path, size_t line, const char *why)
{
    size_t *complaints = context;

    (*complaints)++;
    cli_fail("%s:%zu: %s", path, line, why);
}

/* Reads every file and adds what is found in it; a file that cannot be read keeps no other back. */
static int analyze_files(const arguments *a, rowan__analysis *analysis, rowan__trace *traces)
{
    size_t complaints = 0;
    const rowan__complaint complaint = {complain, &complaints};
    rowan_error error = {0};
    int status = CLI_DONE;

    for (size_t i = 0; i < a->file_count; i++) {
        rowan_status read = rowan__trace_read(&traces[i], &rowan__default_allocator, a->files[i],
                                              &complaint, &error);
        if (read != ROWAN_OK) {
            (void)cli_fail_with(&error);
            status = read == ROWAN_IO ? CLI_USAGE : CLI_FAILED;
            continue;
        }
        if (rowan__analysis_add(analysis, &traces[i]) != ROWAN_OK) {
            cli_fail("%s: out of memory", a->files[i]);
            return CLI_FAILED;
        }
        if (traces[i].count == 0) {
            cli_fail("%s: there is no statement in it", a->files[i]);
            complaints++;
        }
    }
    return complaints > 0 && analysis->statements == 0 ? CLI_USAGE : status;
}

/* A report that was written is worth more than the lines that could not be read; a file that could
 * not is no small matter. */
static int print(const arguments *a, const rowan__analysis *analysis, int read)
{
    bool colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;

    if (analysis->statements == 0 && read != CLI_DONE) {
        return read;
    }
    if (a->format == FORMAT_TEXT) {
        rowan__print_text(analysis, colour, stdout);
    } else if (!rowan__print_json(analysis, stdout)) {
        cli_fail("out of memory");
        return CLI_FAILED;
    }
    if (read != CLI_DONE) {
        return read;
    }
    return analysis->count > 0 ? CLI_LOOK : CLI_DONE;
}

static int analyze(const arguments *a)
{
    rowan__rules rules = rowan__rules_of(NULL);
    rowan__trace *traces = calloc(a->file_count, sizeof *traces);
    rowan__analysis analysis = {.allocator = &rowan__default_allocator};
    int status = CLI_FAILED;

    if (traces == NULL ||
        rowan__analysis_init(&analysis, &rowan__default_allocator, &rules) != ROWAN_OK) {
        cli_fail("out of memory");
    } else {
        status = analyze_files(a, &analysis, traces);
        status = print(a, &analysis, status);
    }
    rowan__analysis_fini(&analysis);
    for (size_t i = 0; traces != NULL && i < a->file_count; i++) {
        if (traces[i].allocator != NULL) {
            rowan__trace_fini(&traces[i]);
        }
    }
    free(traces);
    return status;
}

int cli_analyze(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"format", 'f', "NAME", 0, "text (the default), or json: one object a line", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        parse_option,
        "FILE...",
        "Reads recorded traces, one statement a line, and says what repeats, what is slow, and what"
        " to write instead. - is standard input.",
        NULL,
        NULL,
        NULL};
    arguments a = {.format = FORMAT_TEXT};
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.file_count == 0) {
        cli_fail("analyze needs a trace: see rowan analyze --help");
        return CLI_USAGE;
    }
    return analyze(&a);
}
