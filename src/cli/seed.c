/* rowan seed: creates the bookshop's tables in a database and fills them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/database.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "schema/seed/seed.h"

enum { BAR_WIDTH = 40 };
#define REDRAW_NS INT64_C(50000000)

typedef struct arguments {
    double scale;
    bool quiet;
    const char *url;
} arguments;

/* The progress bar, on a terminal only. */
typedef struct bar {
    bool is_shown;
    unsigned columns; /* of the terminal; 0: unknown */
    int64_t drawn_ns;
} bar;

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    char *end;

    switch (key) {
    case 's':
        a->scale = strtod(argument, &end);
        if (end == argument || *end != '\0' || !(a->scale > 0 && a->scale <= ROWAN__SEED_MOST)) {
            cli_fail("%s is no scale: give a number above 0, at most %d", argument,
                     ROWAN__SEED_MOST);
            return CLI_REFUSED;
        }
        return 0;
    case 'q':
        a->quiet = true;
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

/* Of a terminal without room for both the table's name goes first, then the bar. */
static void draw(const bar *b, const char *table, uint64_t done, uint64_t total)
{
    int filled = (int)(total == 0 ? BAR_WIDTH : done * BAR_WIDTH / total);
    char text[BAR_WIDTH + 64];

    snprintf(text, sizeof text, "[%.*s%*s] %3d%%  %s", filled,
             "########################################", BAR_WIDTH - filled, "",
             (int)(total == 0 ? 100 : done * 100 / total), table);
    fprintf(stderr, "\r%.*s\033[K", b->columns > 0 ? (int)b->columns - 1 : (int)sizeof text, text);
}

static void erase(const bar *b)
{
    if (b->is_shown) {
        fputs("\r\033[K", stderr);
    }
}

static bool show_progress(void *context, const char *table, uint64_t done, uint64_t total)
{
    bar *b = context;

    if (b->is_shown && rowan__now_ns() - b->drawn_ns > REDRAW_NS) {
        b->drawn_ns = rowan__now_ns();
        draw(b, table, done, total);
    }
    return !cli_interrupted();
}

static rowan_status seed(const arguments *a, rowan__seed_result *result, rowan_error *error)
{
    bar b = {.is_shown = !a->quiet && isatty(STDERR_FILENO), .columns = cli_columns(STDERR_FILENO)};
    const rowan__seed_watch watch = {show_progress, &b};
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_db *db = NULL;
    rowan_status status;

    options.no_detector = true;
    options.max_open = 1;
    status = rowan_open(a->url, &options, &db, error);
    if (status == ROWAN_OK) {
        status = rowan__seed(db, a->scale, &watch, result, error);
    }
    rowan_close(db);
    erase(&b);
    return status;
}

int cli_seed(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"scale", 's', "X", 0, "1 (the default) makes about 100,000 rows, 10 a million", 0},
        {"quiet", 'q', NULL, 0, "No progress bar, no summary", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        parse_option,
        "URL",
        "Creates the bookshop's tables in a database and fills them: the same rows on every"
        " engine for the"
        " same scale. What a stopped run left is completed by the next one.",
        NULL,
        NULL,
        NULL};
    arguments a = {.scale = 1};
    rowan__seed_result result = {0};
    rowan_error error = {0};
    rowan_status status;
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.url == NULL) {
        cli_fail("seed needs the URL of a database: see rowan seed --help");
        return CLI_USAGE;
    }
    cli_catch_interrupts();
    status = seed(&a, &result, &error);
    if (status != ROWAN_OK) {
        return cli_fail_with(&error);
    }
    if (!a.quiet) {
        printf("%llu rows at scale %g%s\n", (unsigned long long)result.rows, a.scale,
               result.written == 0 ? ": seeded already" : "");
    }
    return CLI_DONE;
}
