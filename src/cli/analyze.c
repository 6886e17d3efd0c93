/* rowan analyze: the detector over recorded traces. */
#include "cli/report.h"

typedef struct arguments {
    cli_report report;
    char **files;
    size_t file_count;
} arguments;

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;

    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->report;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->file_count = (size_t)(state->argc - state->next);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_analyze(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_report_argp, 0, NULL, 0},
                                                 {NULL, 0, NULL, 0}};
    static const struct argp argp = {
        NULL,
        parse_option,
        "FILE...",
        "Reads recorded traces, one statement a line, and says what repeats, what is slow, and what"
        " to write instead. - is standard input.",
        children,
        NULL,
        NULL};
    arguments a = {.report = {.out = stdout}};
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.file_count == 0) {
        cli_fail("analyze needs a trace: see rowan analyze --help");
        return CLI_USAGE;
    }
    return cli_report_is_sound(&a.report) ? cli_report_files(&a.report, a.files, a.file_count)
                                          : CLI_USAGE;
}
