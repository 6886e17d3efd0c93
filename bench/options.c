/* What is asked for on the command line. */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contestants.h"
#include "rounds.h"

enum {
    QUICK = 256,
    ENGINE,
    WORK,
    CONTESTANT,
    ROUNDS,
    JSON,
    HTML,
    PROFILES,
    INSTRUCTIONS,
    NO_INSTRUCTIONS,
    LIST,
    CPU,
    CHECK_BUDGET,
    WRITE_BUDGET,
    FALSIFY,
    JOB,
    COLUMN,
    URL,
    EVENTS,
    DUMPS
};

static const struct argp_option options_known[] = {
    {"quick", QUICK, NULL, 0, "Fewer and smaller works, fewer rounds: two minutes", 0},
    {"engine", ENGINE, "NAME,…", 0, "Only these: sqlite, postgresql, mariadb", 0},
    {"work", WORK, "KEY,…", 0,
     "Only these: W1 to W9, W3f, W4o, W5e, W5l, detector; W1:100 is one size of one", 0},
    {"contestant", CONTESTANT, "NAME,…", 0, "Only these, beside the two floors", 0},
    {"rounds", ROUNDS, "N", 0, "Rounds of which the median counts (default: 15, quick: 5)", 0},
    {"instructions", INSTRUCTIONS, NULL, 0, "Count instructions only: no times", 0},
    {"no-instructions", NO_INSTRUCTIONS, NULL, 0, "Do not count instructions", 0},
    {"json", JSON, "FILE", 0, "Write all figures", 0},
    {"html", HTML, "FILE", 0, "Write a page with charts and all figures", 0},
    {"profiles", PROFILES, "FOLDER", 0,
     "Keep callgrind's files of all that is counted, for callgrind_annotate", 0},
    {"cpu", CPU, "N", 0, "Run on this processor only, as the servers should", 0},
    {"check-budget", CHECK_BUDGET, "FILE", 0, "Count what the file has and compare", 0},
    {"write-budget", WRITE_BUDGET, "FILE", 0, "Count what the file should have and write it", 0},
    {"list", LIST, NULL, 0, "Print works and contestants", 0},
    {"falsify", FALSIFY, "NAME", OPTION_HIDDEN, NULL, 0},
    {"job", JOB, "MEASURE", OPTION_HIDDEN, NULL, 0},
    {"column", COLUMN, "NAME", OPTION_HIDDEN, NULL, 0},
    {"url", URL, "URL", OPTION_HIDDEN, NULL, 0},
    {"events", EVENTS, "URL", OPTION_HIDDEN, NULL, 0},
    {"dumps", DUMPS, "PATH", OPTION_HIDDEN, NULL, 0},
    {0},
};

static error_t refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

static error_t refuse(const char *format, ...)
{
    va_list arguments;

    fputs("bench: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return ECANCELED;
}

bool bench_list_has(const char *list, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = list; at && *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if (length == size && strncmp(at, name, size) == 0) {
            return true;
        }
        at += length;
    }
    return list == NULL;
}

/* A copy of the next name of a list in @p name; false behind the last. */
static bool next_name(const char **list, char *name, size_t size)
{
    size_t length = strcspn(*list, ",");

    if (**list == '\0') {
        return false;
    }
    snprintf(name, size, "%.*s", (int)length, *list);
    *list += length;
    *list += **list == ',';
    return true;
}

static error_t check_engines(const char *list)
{
    char name[32];

    while (next_name(&list, name, sizeof name)) {
        if (!bench_list_has("sqlite,postgresql,mariadb", name)) {
            return refuse("there is no engine %s", name);
        }
    }
    return 0;
}

static error_t check_contestants(const char *list)
{
    char name[32];

    while (next_name(&list, name, sizeof name)) {
        bool is_known = false;
        for (const bench_contestant *const *who = bench_contestants; *who; who++) {
            is_known = is_known || strcmp((*who)->name, name) == 0;
        }
        if (!is_known) {
            return refuse("there is no contestant %s: see --list", name);
        }
    }
    return 0;
}

static error_t read_number(const char *argument, const char *what, long least, long most, long *out)
{
    char *end;

    *out = strtol(argument, &end, 10);
    return end == argument || *end != '\0' || *out < least || *out > most
               ? refuse("%s is no %s: give one from %ld to %ld", argument, what, least, most)
               : 0;
}

/* Takes the lines of a work, or that of "W1:100", out of all lines. */
static error_t add_work(bench_options *o, const bench_lines *all, char *name)
{
    char *size = strchr(name, ':');
    bool is_known = false;

    if (size) {
        *size++ = '\0';
    }
    for (bench_work work = 0; work < BENCH_WORK_COUNT; work++) {
        long n = 0;
        if (strcmp(bench_work_key(work), name) != 0) {
            continue;
        }
        is_known = true;
        if (size && read_number(size, "number of rows", (long)bench_work_least(work),
                                (long)bench_work_most(work), &n) != 0) {
            return ECANCELED;
        }
        if (size && o->lines.count < BENCH_MOST_LINES) {
            o->lines.at[o->lines.count++] = (bench_line){work, (size_t)n};
        }
        for (size_t i = 0; !size && i < all->count && o->lines.count < BENCH_MOST_LINES; i++) {
            if (all->at[i].work == work) {
                o->lines.at[o->lines.count++] = all->at[i];
            }
        }
    }
    return is_known ? 0 : refuse("there is no work %s: see --list", name);
}

/* The works that were asked for; known only when all options were read: --quick has fewer. */
static error_t read_works(bench_options *o, const char *list)
{
    bench_lines all;
    char name[32];
    error_t refused = 0;

    bench_lines_all(&all, o->quick);
    if (!list) {
        o->lines = all;
        o->has_start = o->has_detector = true;
        return 0;
    }
    while (refused == 0 && next_name(&list, name, sizeof name)) {
        if (strcmp(name, "W8") == 0) {
            o->has_start = true;
        } else if (strcmp(name, "detector") == 0) {
            o->has_detector = true;
        } else {
            refused = add_work(o, &all, name);
        }
    }
    return refused;
}

typedef struct reading {
    bench_options *options;
    const char *works;
} reading;

static error_t read_text_option(bench_options *o, int key, char *argument)
{
    switch (key) {
    case JSON:
        o->json = argument;
        return 0;
    case HTML:
        o->html = argument;
        return 0;
    case PROFILES:
        o->profiles = argument;
        return 0;
    case CHECK_BUDGET:
    case WRITE_BUDGET:
        o->budget = argument;
        o->writes_budget = key == WRITE_BUDGET;
        return 0;
    case FALSIFY:
        o->falsify = argument;
        return 0;
    case JOB:
        o->job = argument;
        return 0;
    case COLUMN:
        o->contestant = argument;
        return 0;
    case URL:
        o->url = argument;
        return 0;
    case EVENTS:
        o->events = argument;
        return 0;
    case DUMPS:
        o->dumps = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    reading *r = state->input;
    bench_options *o = r->options;
    long number = 0;
    error_t refused = 0;

    switch (key) {
    case QUICK:
        o->quick = true;
        return 0;
    case ENGINE:
        o->engines = argument;
        return check_engines(argument);
    case WORK:
        r->works = argument;
        return 0;
    case CONTESTANT:
        o->contestants = argument;
        return 0;
    case ROUNDS:
        refused = read_number(argument, "number of rounds", 1, BENCH_MOST_ROUNDS, &number);
        o->rounds = (size_t)number;
        return refused;
    case CPU:
        refused = read_number(argument, "number of a processor", 0, 1023, &number);
        o->cpu = (int)number;
        return refused;
    case INSTRUCTIONS:
        o->only_instructions = true;
        return 0;
    case NO_INSTRUCTIONS:
        o->no_instructions = true;
        return 0;
    case LIST:
        o->list = true;
        return 0;
    case ARGP_KEY_ARG:
        return refuse("cannot use the argument %s: see --help", argument);
    default:
        return read_text_option(o, key, argument);
    }
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

bench_options_verdict bench_options_read(bench_options *options, int argc, char **argv)
{
    static const struct argp argp = {
        options_known,
        parse_option,
        NULL,
        "The same work by hand-written driver code, by Rowan's four patterns and by other"
        " libraries, in the same run.",
        NULL,
        NULL,
        NULL};
    reading r = {.options = options};

    *options = (bench_options){.cpu = -1};
    if (asks_for_help(argc, argv)) {
        argp_help(&argp, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, argv[0]);
        return BENCH_HELPED;
    }
    error_t refused = argp_parse(&argp, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS, NULL, &r);
    if (refused == 0 && options->contestants) {
        refused = check_contestants(options->contestants);
        snprintf(options->with_floors, sizeof options->with_floors, "typical,best,%s",
                 options->contestants);
        options->contestants = options->with_floors;
    }
    if (refused == 0) {
        refused = read_works(options, r.works);
    }
    if (refused != 0 && refused != ECANCELED) {
        refuse("cannot use these options: see --help");
    }
    if (options->rounds == 0) {
        options->rounds = options->quick ? 5 : 15;
    }
    return refused == 0 ? BENCH_GO_ON : BENCH_REFUSED;
}
