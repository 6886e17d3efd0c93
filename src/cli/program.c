/* The program that a verb runs. Its streams are its own, so the report goes elsewhere. */
#include "cli/program.h"

#include <string.h>

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    cli_program *program = state->input;

    switch (key) {
    case 'o':
        program->output = argument;
        return 0;
    case ARGP_KEY_ARGS:
        program->arguments = state->argv + state->next;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option program_options[] = {
    {"output", 'o', "FILE", 0, "Write the report there and not to standard error", 0},
    {0},
};

const struct argp cli_program_argp = {.options = program_options, .parser = parse_option};

static int cannot_write(const cli_program *program)
{
    cli_fail("cannot write %s: %s", program->output, strerror(errno));
    return CLI_FAILED;
}

int cli_program_begin(cli_program *program)
{
    program->out = program->output != NULL ? fopen(program->output, "we") : stderr;
    return program->out != NULL ? CLI_GO_ON : cannot_write(program);
}

int cli_program_end(cli_program *program, int status)
{
    bool is_file = program->output != NULL;

    return is_file && fclose(program->out) != 0 ? cannot_write(program) : status;
}
