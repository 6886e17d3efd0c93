/*
 * The command `rowan VERB …`: what its verbs share. Results go to standard output, everything else
 * to standard error; a failure is one line that begins with "rowan: ".
 */
#ifndef ROWAN_CLI_CLI_H
#define ROWAN_CLI_CLI_H

#include <argp.h>
#include <errno.h>
#include <stdbool.h>

#include <rowan/error.h>

/** Exit statuses; the last is none. */
enum {
    CLI_DONE = 0,
    CLI_LOOK = 1,   /* done, and something to look at */
    CLI_USAGE = 2,  /* wrong usage or unusable input */
    CLI_FAILED = 3, /* the database or the disk failed */
    CLI_PROGRAM = 4, /* nothing to look at, but the program that was run failed */
    CLI_INTERRUPTED = 130,
    CLI_GO_ON = -1
};

/** What an argument parser returns when it has said with cli_fail() why it refuses something. */
#define CLI_REFUSED ECANCELED

/** One verb. `run` gets the arguments from the verb on and returns the exit status. */
typedef struct cli_verb {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} cli_verb;

int cli_analyze(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_fingerprint(int argc, char **argv);
int cli_model(int argc, char **argv);
int cli_profile(int argc, char **argv);
int cli_scale(int argc, char **argv);
int cli_seed(int argc, char **argv);

/**
 * Reads a verb's arguments, and prints its help if that is asked for. What a parser or argp refuses
 * without a word is reported here.
 *
 * @return CLI_GO_ON, or the exit status with which the verb has to return
 */
int cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/** Prints "rowan: " and one line of what is wrong. */
void cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Prints an error and returns the exit status for it. */
int cli_fail_with(const rowan_error *error);

/** Whether the user has nothing against colours: NO_COLOR is not set, or empty. */
bool cli_wants_colour(void);

/** How wide the terminal is that a file is; 0: it is none. */
unsigned cli_columns(int file);

/** Lets SIGINT and SIGTERM be seen by cli_interrupted() instead of ending the program at once; a
 * second one ends it. */
void cli_catch_interrupts(void);
bool cli_interrupted(void);

#endif
