/*
 * rowan compare: the use cases of the bookshop in all four patterns, on the engines asked for.
 *
 * For each engine in turn: a place of its own is made and filled, every cell is measured, the rows
 * are compared, the place is removed. What was measured is printed at the end, when all engines
 * have found the same.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/compare/place.h"
#include "cli/compare/run.h"

enum { MOST_CASES = 32, MOST_REPEATS = 1000, ENGINES = 3, PATH_SIZE = 4096 };

typedef enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML } format;

static const struct known_engine {
    const char *name, *scheme, *variable;
} known[ENGINES] = {
    {"sqlite", "sqlite:", NULL},
    {"postgresql", "postgresql:", "ROWAN_POSTGRESQL"},
    {"mariadb", "mariadb:", "ROWAN_MARIADB"},
};

typedef struct arguments {
    bool asked[ENGINES];
    const char *urls[ENGINES];
    double scale;
    unsigned repeat;
    const usecase *cases[MOST_CASES + 1];
    size_t case_count;
    format format;
    const char *page; /* file for the HTML page; NULL: none */
} arguments;

/* --- Arguments. --- */

/* Calls `take` for each word of a list that commas divide. */
static error_t each_word(char *list, error_t (*take)(arguments *a, const char *word), arguments *a)
{
    error_t refused = 0;
    bool is_last = false;

    for (char *word = list; !is_last && !refused;) {
        char *end = word + strcspn(word, ",");
        is_last = *end == '\0';
        *end = '\0';
        refused = take(a, word);
        word = end + 1;
    }
    return refused;
}

static error_t take_engine(arguments *a, const char *name)
{
    for (size_t i = 0; i < ENGINES; i++) {
        if (strcmp(known[i].name, name) == 0) {
            a->asked[i] = true;
            return 0;
        }
    }
    cli_fail("%s is no engine: there are sqlite, postgresql and mariadb", name);
    return CLI_REFUSED;
}

static error_t take_case(arguments *a, const char *key)
{
    size_t known_count = 0;

    for (; usecases[known_count]; known_count++) {
        if (strcmp(usecases[known_count]->key, key) != 0) {
            continue;
        }
        for (size_t i = 0; i < a->case_count; i++) {
            if (a->cases[i] == usecases[known_count]) {
                return 0;
            }
        }
        a->cases[a->case_count++] = usecases[known_count];
        return 0;
    }
    char names[512];
    size_t used = 0;
    names[0] = '\0';
    for (size_t i = 0; i < known_count && used < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, " %s", usecases[i]->key);
    }
    cli_fail("there is no use case %s; there are%s", key, names);
    return CLI_REFUSED;
}

static error_t take_url(arguments *a, const char *url)
{
    if (strncmp(url, "postgres:", strlen("postgres:")) == 0) {
        a->urls[1] = url;
        return 0;
    }
    for (size_t i = 0; i < ENGINES; i++) {
        if (strncmp(url, known[i].scheme, strlen(known[i].scheme)) == 0) {
            a->urls[i] = url;
            return 0;
        }
    }
    cli_fail("%s is no URL of a database: it begins with sqlite:, postgresql:// or mariadb://",
             url);
    return CLI_REFUSED;
}

static error_t take_scale(arguments *a, const char *text)
{
    char *end;

    a->scale = strtod(text, &end);
    if (end == text || *end != '\0' || !(a->scale > 0 && a->scale <= ROWAN__SEED_MOST)) {
        cli_fail("%s is no scale: give a number above 0, at most %d", text, ROWAN__SEED_MOST);
        return CLI_REFUSED;
    }
    return 0;
}

static error_t take_repeat(arguments *a, const char *text)
{
    char *end;
    long repeat = strtol(text, &end, 10);

    if (end == text || *end != '\0' || repeat < 1 || repeat > MOST_REPEATS) {
        cli_fail("%s is no number of runs: give one from 1 to %d", text, MOST_REPEATS);
        return CLI_REFUSED;
    }
    a->repeat = (unsigned)repeat;
    return 0;
}

static error_t take_format(arguments *a, const char *name)
{
    static const char *const names[] = {"text", "json", "html"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            a->format = (format)i;
            return 0;
        }
    }
    cli_fail("%s is no format: there are text, json and html", name);
    return CLI_REFUSED;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case 'e':
        return each_word(argument, take_engine, a);
    case 'u':
        return take_url(a, argument);
    case 's':
        return take_scale(a, argument);
    case 'r':
        return take_repeat(a, argument);
    case 'c':
        return each_word(argument, take_case, a);
    case 'f':
        return take_format(a, argument);
    case 'o':
        a->page = argument;
        return 0;
    case ARGP_KEY_ARG:
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Fills in what was not said: engines of the URLs, or SQLite; all cases; servers of the
 * environment. */
static bool complete(arguments *a)
{
    bool any = false;

    for (size_t i = 0; i < ENGINES; i++) {
        a->asked[i] = a->asked[i] || a->urls[i];
        any = any || a->asked[i];
    }
    a->asked[0] = a->asked[0] || !any;
    for (size_t i = 0; !a->case_count && usecases[i] && i < MOST_CASES; i++) {
        a->cases[i] = usecases[i];
        a->case_count += usecases[i + 1] == NULL ? i + 1 : 0;
    }
    for (size_t i = 0; i < ENGINES; i++) {
        const char *url = known[i].variable ? getenv(known[i].variable) : known[i].scheme;
        if (!a->urls[i] && url && *url) {
            a->urls[i] = url;
        }
        if (a->asked[i] && !a->urls[i]) {
            cli_fail("which %s server? Give --url %s//… or set %s", known[i].name, known[i].scheme,
                     known[i].variable);
            return false;
        }
    }
    return true;
}

/* --- Progress: one line that is drawn again and again, on a terminal only. --- */

typedef struct line {
    bool is_shown;
    const char *engine;
} line;

static void erase(const line *self)
{
    if (self->is_shown) {
        fputs("\r\033[K", stderr);
    }
}

/* No more than the terminal has room for: of a line that goes on below only the last part could be
 * erased. */
static void __attribute__((format(printf, 2, 3))) draw(const line *self, const char *words, ...)
{
    char text[256];
    va_list values;
    unsigned columns = cli_columns(STDERR_FILENO);

    if (self->is_shown) {
        va_start(values, words);
        vsnprintf(text, sizeof text, words, values);
        va_end(values);
        erase(self);
        fprintf(stderr, "%.*s", columns > 0 ? (int)columns - 1 : (int)sizeof text, text);
    }
}

static bool show_seeding(void *context, const char *table, uint64_t done, uint64_t total)
{
    const line *self = context;

    draw(self, "%s: filling the bookshop, %d %% (%s)", self->engine,
         (int)(total ? done * 100 / total : 100), table);
    return !cli_interrupted();
}

static bool show_running(void *context, const char *engine, const usecase *use_case, size_t pattern,
                         size_t done, size_t all)
{
    draw(context, "%s: %d %%, %s (%s)", engine, (int)(done * 100 / all), use_case->title,
         pattern_keys[pattern]);
    return !cli_interrupted();
}

/* --- One engine. --- */

static int status_of(run_outcome outcome)
{
    switch (outcome) {
    case RUN_EQUAL:
        return CLI_DONE;
    case RUN_DIFFERENT:
        return CLI_LOOK;
    case RUN_FAILED:
        return CLI_FAILED;
    case RUN_STOPPED:
        break;
    }
    return CLI_INTERRUPTED;
}

/* The run's messages go to a buffer, so that they do not land on the line of the progress. */
static int run_place(results *all, size_t index, const place *at, line *progress)
{
    rowan_error error = {0};
    bench *on = NULL;
    char *text = NULL;
    size_t size = 0;

    if (bench_open(place_url(at), &on, &error) != ROWAN_OK) {
        erase(progress);
        return cli_fail_with(&error);
    }
    FILE *messages = open_memstream(&text, &size);
    run_outcome outcome =
        messages ? run_engine(all, index, on, show_running, progress, messages) : RUN_FAILED;
    if (messages) {
        (void)fclose(messages); /* it is in memory */
    }
    erase(progress);
    fputs(text ? text : "rowan: out of memory\n", stderr);
    free(text);
    bench_close(on);
    return status_of(outcome);
}

static int run_one(const arguments *a, results *all, size_t index, size_t engine)
{
    line progress = {.is_shown = isatty(STDERR_FILENO) != 0, .engine = known[engine].name};
    const rowan__seed_watch watch = {show_seeding, &progress};
    rowan_error error = {0};
    place *at = NULL;

    if (place_open(a->urls[engine], a->scale, &watch, &at, &error) != ROWAN_OK) {
        erase(&progress);
        return cli_fail_with(&error);
    }
    int status = run_place(all, index, at, &progress);
    if (place_close(at, &error) != ROWAN_OK) {
        int failed = cli_fail_with(&error);
        status = status == CLI_DONE ? failed : status;
    }
    return status;
}

/* --- What is printed. --- */

/* The page, under another name until it is complete. What is no file, such as a device, a pipe or a
 * link, is written to as it is: it must not be replaced by one. */
typedef struct page_file {
    FILE *out;            /* NULL: no page is wanted */
    char name[PATH_SIZE]; /* empty for what is no file */
} page_file;

static int create_beside(page_file *self, const char *path)
{
    int size = snprintf(self->name, sizeof self->name, "%s.XXXXXX", path);

    if (size < 0 || (size_t)size >= sizeof self->name) {
        self->name[0] = '\0';
        errno = ENAMETOOLONG;
        return -1;
    }
    return mkstemp(self->name);
}

static bool page_open(page_file *self, const char *path)
{
    struct stat there;

    *self = (page_file){0};
    if (!path) {
        return true;
    }
    bool is_else = lstat(path, &there) == 0 && !S_ISREG(there.st_mode);
    int file = is_else ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) /* not emptied yet */
                       : create_beside(self, path);
    self->out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!self->out) {
        cli_fail("cannot write %s: %s", path, strerror(errno));
        if (file >= 0) {
            close(file);
            unlink(self->name);
        }
    }
    return self->out != NULL;
}

static void page_drop(page_file *self)
{
    if (self->out) {
        (void)fclose(self->out); /* it is given up */
        if (self->name[0]) {
            unlink(self->name);
        }
    }
}

/* Gives it the rights of a new file, and its name. */
static bool put_in_place(const page_file *self, const char *path)
{
    mode_t mask = umask(0);

    umask(mask);
    return chmod(self->name, 0666 & ~mask) == 0 && rename(self->name, path) == 0;
}

static bool page_finish(page_file *self, const results *all, const char *path)
{
    struct stat there;
    bool is_file = fstat(fileno(self->out), &there) == 0 && S_ISREG(there.st_mode);
    bool written = !is_file || ftruncate(fileno(self->out), 0) == 0;

    written = written && results_html(all, self->out);
    written = fclose(self->out) == 0 && written;
    self->out = NULL;
    written = written && (!self->name[0] || put_in_place(self, path));
    if (!written) {
        cli_fail("cannot write %s: %s", path, strerror(errno));
        if (self->name[0]) {
            unlink(self->name);
        }
    }
    return written;
}

static bool print(const arguments *a, const results *all)
{
    switch (a->format) {
    case FORMAT_TEXT:
        return results_text(all, isatty(STDOUT_FILENO) && cli_wants_colour(),
                            cli_columns(STDOUT_FILENO), stdout);
    case FORMAT_JSON:
        return results_json(all, stdout);
    case FORMAT_HTML:
        break;
    }
    return results_html(all, stdout);
}

/* The page comes first: whoever reads the text may go before its end, and the program with that. */
static int report(const arguments *a, const results *all, page_file *page)
{
    bool has_page = page->out != NULL;

    if (has_page && !page_finish(page, all, a->page)) {
        return CLI_FAILED;
    }
    if (!print(a, all)) {
        if (!ferror(stdout)) { /* else main() says why */
            cli_fail("out of memory");
        }
        return CLI_FAILED;
    }
    if (has_page) {
        fprintf(a->format == FORMAT_TEXT ? stdout : stderr, "\nThe page: %s\n", a->page);
    }
    return results_has_unexpected(all) ? CLI_LOOK : CLI_DONE;
}

static int compare(const arguments *a)
{
    page_file page;
    size_t count = 0, index = 0;
    int status = CLI_DONE;

    for (size_t i = 0; i < ENGINES; i++) {
        count += a->asked[i] ? 1 : 0;
    }
    results *all = results_new(a->cases, a->case_count, count);
    if (!all) {
        cli_fail("out of memory");
        return CLI_FAILED;
    }
    if (!page_open(&page, a->page)) {
        results_free(all);
        return CLI_USAGE;
    }
    all->scale = a->scale;
    all->repeat = a->repeat;
    for (size_t i = 0; i < ENGINES && status == CLI_DONE; i++) {
        if (a->asked[i]) {
            status = run_one(a, all, index++, i);
        }
    }
    status = status == CLI_DONE ? report(a, all, &page) : status;
    page_drop(&page);
    results_free(all);
    return status;
}

int cli_compare(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"engine", 'e', "NAME,...", 0, "sqlite (the default), postgresql, mariadb", 0},
        {"url", 'u', "URL", 0,
         "Server to run on, once for each engine (default: ROWAN_POSTGRESQL, ROWAN_MARIADB). "
         "A new schema or database is made there and removed at the end",
         0},
        {"scale", 's', "X", 0, "Size of the bookshop: 0.1 (the default) is about 10,000 rows", 0},
        {"repeat", 'r', "N", 0, "Runs of each cell, of which the median counts (default: 5)", 0},
        {"case", 'c', "KEY,...", 0, "Only these use cases", 0},
        {"format", 'f', "FORMAT", 0, "text (the default), json or html, on standard output", 0},
        {"html", 'o', "FILE", 0, "Write the page to this file, too", 0},
        {0},
    };
    static const struct argp argp = {
        options,
        parse_option,
        "",
        "Runs the use cases of a bookshop, each written with raw SQL, the query builder, "
        "Active Record and Data "
        "Mapper; proves that all four find the same rows; shows what each costs.",
        NULL,
        NULL,
        NULL};
    arguments a = {.scale = 0.1, .repeat = 5};
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (!complete(&a)) {
        return CLI_USAGE;
    }
    cli_catch_interrupts();
    return compare(&a);
}
