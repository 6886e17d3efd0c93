/* The command-line tool: finds the verb and hands over. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <rowan/rowan.h>

#include "base/utf8.h"
#include "cli/cli.h"
#include "report/visible.h"

enum { LONGEST_LINE = 8192 }; /* bytes of a message, which may have a path in it */

static const cli_verb verbs[] = {
    {"analyze", "say what repeats and what is slow in recorded traces", cli_analyze},
    {"profile", "run a program and say what repeats and what is slow in it", cli_profile},
    {"compare", "run the bookshop's use cases in all four patterns, side by side", cli_compare},
    {"scale", "run a program at growing sizes and say which statements grow", cli_scale},
    {"seed", "create the bookshop's tables in a database and fill them", cli_seed},
    {"fingerprint", "fold statements to what they have in common", cli_fingerprint},
    {"model", "write the C models of a database's tables", cli_model},
};

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

void cli_catch_interrupts(void)
{
    struct sigaction action = {0};

    action.sa_handler = note_interrupt;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}

void cli_fail(const char *format, ...)
{
    va_list arguments;
    char line[LONGEST_LINE];

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rowan__utf8_trim(line);
    fputs("rowan: ", stderr);
    rowan__visible_line(line, stderr);
    fputc('\n', stderr);
}

bool cli_wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");

    return no_colour == NULL || *no_colour == '\0';
}

unsigned cli_columns(int file)
{
    struct winsize size = {0};

    return ioctl(file, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int cli_fail_with(const rowan_error *error)
{
    cli_fail("%s", error->message[0] != '\0' ? error->message : rowan_status_name(error->status));
    switch (error->status) {
    case ROWAN_MISUSE:
    case ROWAN_UNSUPPORTED:
    case ROWAN_SYNTAX:
    case ROWAN_NO_SUCH:
        return CLI_USAGE;
    case ROWAN_CANCELLED:
        return CLI_INTERRUPTED;
    default:
        return CLI_FAILED;
    }
}

/* Around a verb's own parser, to learn where it stopped: argp tells nobody else. */
typedef struct outer {
    void *input;
    int refused_at; /* index behind the argument that was refused; 0: none */
} outer;

static error_t parse_outer(int key, char *argument, struct argp_state *state)
{
    outer *o = state->input;

    (void)argument;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = o->input;
        return 0;
    }
    if (key == ARGP_KEY_ERROR) {
        o->refused_at = state->next;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

/* Whether an argument is an option, long and perhaps shortened or short, that takes a value and is
 * given none. */
static bool lacks_value(const struct argp *argp, const char *argument)
{
    const struct argp_option *option = argp->options;
    size_t size = strlen(argument);

    for (; option != NULL && (option->name != NULL || option->key != 0); option++) {
        bool is_short = size == 2 && argument[1] == option->key;
        bool is_long =
            size > 2 && option->name != NULL && strncmp(option->name, argument + 2, size - 2) == 0;
        if (option->arg != NULL && argument[0] == '-' &&
            (is_short || (argument[1] == '-' && is_long))) {
            return true;
        }
    }
    for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
         child++) {
        if (lacks_value(child->argp, argument)) {
            return true;
        }
    }
    return false;
}

/* Says of the argument at which argp stopped what is wrong with it. */
static void refuse(const struct argp *argp, const char *argument, bool is_last, const char *verb)
{
    if (is_last && lacks_value(argp, argument)) {
        cli_fail("%s wants a value: see %s --help", argument, verb);
    } else {
        cli_fail("cannot use the argument %s: see %s --help", argument, verb);
    }
}

int cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    const struct argp_child children[] = {{argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    const struct argp around = {.parser = parse_outer, .children = children};
    outer o = {.input = input};
    error_t refused;

    if (asks_for_help(argc, argv)) {
        argp_help(argp, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, argv[0]);
        return CLI_DONE;
    }
    refused = argp_parse(&around, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &o);
    if (refused == 0) {
        return CLI_GO_ON;
    }
    if (refused == EINVAL && o.refused_at > 1 && o.refused_at <= argc) {
        refuse(argp, argv[o.refused_at - 1], o.refused_at == argc, argv[0]);
    } else if (refused != CLI_REFUSED) {
        cli_fail("%s: %s", argv[0], strerror(refused));
    }
    return CLI_USAGE;
}

static void print_help(FILE *to)
{
    fputs("usage: rowan VERB [OPTIONS] [URL]\n\n", to);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        fprintf(to, "  %-11s  %s\n", verbs[i].name, verbs[i].summary);
    }
    fputs("\nrowan VERB --help says what a verb takes. A URL names a database:\n"
          "  sqlite:PATH  postgresql://USER@HOST/DATABASE  mariadb://USER:PASSWORD@HOST/DATABASE\n",
          to);
}

/* Runs a verb, whose name in messages and in its help is "rowan VERB". */
static int run_verb(const cli_verb *verb, int argc, char **argv)
{
    char name[32];

    snprintf(name, sizeof name, "rowan %s", verb->name);
    argv[0] = name;
    return verb->run(argc, argv);
}

/* Reports output that could not be written, such as to a full disk. */
static int finish(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_fail("cannot write the output: %s", strerror(errno));
        return status == CLI_DONE || status == CLI_LOOK ? CLI_FAILED : status;
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return finish(CLI_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("rowan %s\n", rowan_version());
        return finish(CLI_DONE);
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return finish(run_verb(&verbs[i], argc - 1, argv + 1));
        }
    }
    cli_fail("there is no verb %s: see rowan --help", argv[1]);
    return CLI_USAGE;
}
