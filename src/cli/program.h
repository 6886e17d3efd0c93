/* What the verbs that run a program share: which program, and where the report on it goes. */
#ifndef ROWAN_CLI_PROGRAM_H
#define ROWAN_CLI_PROGRAM_H

#include <stdio.h>

#include "cli/cli.h"

/** Zeroed at first. */
typedef struct cli_program {
    char **arguments; /* of the program, its name first; NULL-terminated */
    const char *output;
    FILE *out; /* standard error, or the file that `output` names */
} cli_program;

/** Reads --output and the program, as a child of a verb's parser; its input is a cli_program. */
extern const struct argp cli_program_argp;

/** Opens `out`. @return CLI_GO_ON, or the exit status, with nothing to end */
int cli_program_begin(cli_program *program);

/** Closes it. @return @p status, or CLI_FAILED if not all could be written */
int cli_program_end(cli_program *program, int status);

#endif
