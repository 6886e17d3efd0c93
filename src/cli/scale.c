/* rowan scale: runs a program at growing sizes, and says which of its statements grow with them. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/profile/growth.h"
#include "cli/profile/profile.h"
#include "cli/program.h"
#include "report/print.h"
#include "report/visible.h"

typedef struct arguments {
    uint64_t sizes[GROWTH_SIZES];
    size_t size_count;
    bool is_json;
    cli_program program;
} arguments;

/* What is kept of all runs. */
typedef struct runs {
    const arguments *arguments;
    growths growths;
    rowan__trace traces[GROWTH_SIZES];
    rowan__analysis largest;
    bool has_failed; /* the program did */
} runs;

/* --- Arguments. --- */

static bool read_sizes(const char *text, arguments *a)
{
    a->size_count = 0;
    while (a->size_count < GROWTH_SIZES) {
        char *end;
        errno = 0;
        unsigned long long size = strtoull(text, &end, 10);
        bool is_larger = a->size_count == 0 || size > a->sizes[a->size_count - 1];
        if (*text < '0' || *text > '9' || errno != 0 || size > INT32_MAX || !is_larger) {
            return false;
        }
        a->sizes[a->size_count++] = size;
        if (*end == '\0') {
            return a->size_count > 1;
        }
        if (*end != ',') {
            return false;
        }
        text = end + 1;
    }
    return false;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->program;
        return 0;
    case 's':
        if (!read_sizes(argument, a)) {
            cli_fail("%s are no sizes: give two to eight growing numbers, as in 2,4,8", argument);
            return CLI_REFUSED;
        }
        return 0;
    case 'f':
        a->is_json = strcmp(argument, "json") == 0;
        if (!a->is_json && strcmp(argument, "text") != 0) {
            cli_fail("there is no format %s: see rowan scale --help", argument);
            return CLI_REFUSED;
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool names_size(char *const *program)
{
    for (size_t i = 0; program[i] != NULL; i++) {
        if (strstr(program[i], "{n}") != NULL) {
            return true;
        }
    }
    return false;
}

/* --- Runs. --- */

/* An argument with the size in place of each {n}. NULL: no memory. */
static char *with_size(const char *argument, uint64_t size)
{
    rowan__text text;
    const char *at;
    char *made;

    rowan__text_init(&text, &rowan__default_allocator);
    while ((at = strstr(argument, "{n}")) != NULL) {
        rowan__text_add(&text, argument, (size_t)(at - argument));
        rowan__text_int(&text, (int64_t)size);
        argument = at + 3;
    }
    rowan__text_str(&text, argument);
    made = text.failed ? NULL : strdup(rowan__text_string(&text));
    rowan__text_fini(&text);
    return made;
}

static void free_program(char **program)
{
    for (size_t i = 0; program != NULL && program[i] != NULL; i++) {
        free(program[i]);
    }
    free(program);
}

static char **program_of(char *const *program, uint64_t size)
{
    size_t count = 0;

    while (program[count] != NULL) {
        count++;
    }
    char **made = calloc(count + 1, sizeof *made);
    for (size_t i = 0; made != NULL && i < count; i++) {
        made[i] = with_size(program[i], size);
        if (made[i] == NULL) {
            free_program(made);
            return NULL;
        }
    }
    return made;
}

static void complain(void *context, const char *path, size_t line, const char *why)
{
    (void)context;
    cli_fail("%s:%zu: %s", path, line, why);
}

/* Reads what a run recorded, and counts it. */
static int count_run(runs *r, size_t index, const profile_folder *folder)
{
    const rowan__complaint complaint = {complain, NULL};
    profile_records records = {0};
    rowan_error error = {0};
    char path[PATH_MAX + 64];
    size_t written = 0;
    rowan_status status = profile_records_read(&records, folder, &error);

    snprintf(path, sizeof path, "%s/%" PRIu64 ".jsonl", folder->path, r->arguments->sizes[index]);
    if (status == ROWAN_OK) {
        status = profile_write_trace(&records, folder, path, &written, &error);
    }
    if (status == ROWAN_OK && written == 0) {
        profile_tell_why_nothing(&records, folder, r->arguments->program.arguments[0], stderr);
        profile_records_fini(&records);
        return CLI_USAGE;
    }
    if (status == ROWAN_OK) {
        status = rowan__trace_read(&r->traces[index], &rowan__default_allocator, path, &complaint,
                                   &error);
        r->traces[index].path = NULL; /* of a file that will be gone */
    }
    if (status == ROWAN_OK) {
        status = growths_count(&r->growths, index, &r->traces[index]);
    }
    if (status == ROWAN_OK && atomic_load(&folder->session->lost) > 0) {
        profile_tell(&records, folder, written, stderr);
        status = ROWAN_FULL;
    }
    profile_records_fini(&records);
    return status == ROWAN_OK ? CLI_DONE : cli_fail_with(&error);
}

/* Runs the program at one size. */
static int run_at(runs *r, size_t index)
{
    uint64_t size = r->arguments->sizes[index];
    char **program = program_of(r->arguments->program.arguments, size);
    profile_folder folder = {.session = NULL};
    rowan_error error = {0};
    profile_end end;
    int status;

    if (program == NULL || profile_folder_make(&folder, false, &error) != ROWAN_OK) {
        free_program(program);
        return cli_fail_with(&error);
    }
    if (profile_run(program, &folder, &end, &error) != ROWAN_OK) {
        (void)cli_fail_with(&error);
        status = CLI_USAGE;
    } else if (end.signal != 0) {
        cli_fail("%s was ended by signal %d (%s) at n = %" PRIu64, program[0], end.signal,
                 strsignal(end.signal), size);
        status = CLI_USAGE;
    } else {
        if (end.status != 0) {
            cli_fail("%s ended with status %d at n = %" PRIu64, program[0], end.status, size);
            r->has_failed = true;
        }
        status = count_run(r, index, &folder);
    }
    profile_folder_remove(&folder);
    free_program(program);
    return status;
}

/* --- The report. --- */

static const char *shape_name(growth_shape shape)
{
    static const char *const names[] = {"none", "linear", "faster", "slower", "uneven"};

    return names[shape];
}

static void write_fraction(int64_t numerator, int64_t denominator, char *out, size_t size)
{
    if (denominator == 1) {
        snprintf(out, size, "%" PRId64, numerator);
    } else {
        snprintf(out, size, "%" PRId64 "/%" PRId64, numerator, denominator);
    }
}

static void print_slopes(const growths *all, const growth *g, FILE *out)
{
    size_t last = all->size_count - 1;
    int64_t numerator, denominator;
    char text[64];

    if (g->shape == GROWTH_LINEAR) {
        growth_slope(all, g, 0, last, &numerator, &denominator);
        write_fraction(numerator, denominator, text, sizeof text);
        fprintf(out, "%s more for each n", text);
        return;
    }
    fputs(g->shape == GROWTH_FASTER   ? "faster than n: "
          : g->shape == GROWTH_SLOWER ? "slower than n: "
                                      : "unevenly: ",
          out);
    for (size_t i = 0; i < last; i++) {
        growth_slope(all, g, i, i + 1, &numerator, &denominator);
        write_fraction(numerator, denominator, text, sizeof text);
        fprintf(out, "%s%s", i > 0 ? ", then " : "", text);
    }
    fputs(" more for each n", out);
}

static void print_counts(const growths *all, const growth *g, FILE *out)
{
    for (size_t i = 0; i < all->size_count; i++) {
        fprintf(out, "%s%" PRIu64 " at n = %" PRIu64, i > 0 ? ", " : "", g->counts[i],
                all->sizes[i]);
    }
}

static void print_growth(const growths *all, const growth *g, FILE *out)
{
    const rowan__trace_finding *finding = g->finding;
    char through[512];

    fputs("grows  ", out);
    rowan__visible_bytes(g->statement->sql, g->statement->sql_size, out);
    fputs("\n  ", out);
    print_slopes(all, g, out);
    fputs(": ", out);
    print_counts(all, g, out);
    fputs("\n  sent from   ", out);
    rowan__visible_line(rowan__site_words(g->statement->callsite), out);
    rowan__visible_line(rowan__through_say(g->statement->through, through, sizeof through), out);
    if (finding != NULL) {
        fprintf(out, "\n  found       %s: ", finding->kind);
        rowan__visible_line(finding->evidence, out);
    }
    if (finding != NULL && finding->parent_sql != NULL) {
        fputs("\n  values from ", out);
        rowan__visible_line(finding->parent_column, out);
        fputs(finding->parent_column != NULL ? " of " : "", out);
        rowan__visible_line(finding->parent_sql, out);
    }
    fprintf(out, "\n  fingerprint %016" PRIx64 "\n\n", g->id);
}

static bool print_json(const growths *all, const growth *g, FILE *out)
{
    const rowan__trace_finding *finding = g->finding;
    const char *callsite = g->statement->callsite != NULL ? g->statement->callsite : "?";
    const char *const *through = g->statement->through;
    json_t *counts = json_array(), *sizes = json_array(), *passed = json_array();
    int64_t numerator, denominator;
    char id[32], slope[64];

    for (size_t i = 0; i < all->size_count; i++) {
        json_array_append_new(sizes, json_integer((json_int_t)all->sizes[i]));
        json_array_append_new(counts, json_integer((json_int_t)g->counts[i]));
    }
    for (size_t i = 0; through != NULL && through[i] != NULL; i++) {
        json_array_append_new(passed, json_string(through[i]));
    }
    snprintf(id, sizeof id, "%016" PRIx64, g->id);
    growth_slope(all, g, 0, all->size_count - 1, &numerator, &denominator);
    write_fraction(numerator, denominator, slope, sizeof slope);
    json_t *line =
        json_pack("{s:s, s:s%, s:s, s:s, s:o, s:b, s:s, s:s, s:o, s:o, s:s?, s:s?, s:s?}",
                  "fingerprint_id", id, "sql", g->statement->sql, g->statement->sql_size, "dialect",
                  g->statement->dialect, "callsite", callsite, "through", passed, "grows",
                  g->shape != GROWTH_NONE, "shape", shape_name(g->shape), "per_n", slope, "sizes",
                  sizes, "counts", counts, "kind", finding != NULL ? finding->kind : NULL,
                  "parent_sql", finding != NULL ? finding->parent_sql : NULL, "parent_column",
                  finding != NULL ? finding->parent_column : NULL);
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;

    if (text != NULL) {
        fprintf(out, "%s\n", text);
    }
    free(text);
    json_decref(line);
    return text != NULL;
}

static int report(runs *r)
{
    growths *all = &r->growths;
    size_t growing = 0;

    growths_judge(all, &r->largest);
    for (size_t i = 0; i < all->count; i++) {
        growing += all->at[i].shape != GROWTH_NONE;
        if (r->arguments->is_json) {
            if (!print_json(all, &all->at[i], r->arguments->program.out)) {
                cli_fail("out of memory");
                return CLI_FAILED;
            }
        } else if (all->at[i].shape != GROWTH_NONE) {
            print_growth(all, &all->at[i], r->arguments->program.out);
        }
    }
    if (!r->arguments->is_json) {
        fprintf(r->arguments->program.out, "%zu of %zu statements grow with n\n", growing,
                all->count);
    }
    return growing > 0 ? CLI_LOOK : r->has_failed ? CLI_PROGRAM : CLI_DONE;
}

static int scale_all(runs *r)
{
    rowan_detector_options options = ROWAN_DETECTOR_OPTIONS_INIT;
    const arguments *a = r->arguments;
    int status = CLI_DONE;

    options.profile = ROWAN_PROFILE_STRICT; /* sizes are small */
    rowan__rules rules = rowan__rules_of(&options);
    if (rowan__analysis_init(&r->largest, &rowan__default_allocator, &rules) != ROWAN_OK) {
        cli_fail("out of memory");
        return CLI_FAILED;
    }
    for (size_t i = 0; i < a->size_count && status == CLI_DONE; i++) {
        status = run_at(r, i);
    }
    if (status == CLI_DONE &&
        rowan__analysis_add(&r->largest, &r->traces[a->size_count - 1]) != ROWAN_OK) {
        cli_fail("out of memory");
        status = CLI_FAILED;
    }
    return status == CLI_DONE ? report(r) : status;
}

static int scale(arguments *a)
{
    runs r = {.arguments = a,
              .growths = {.allocator = &rowan__default_allocator,
                          .sizes = a->sizes,
                          .size_count = a->size_count},
              .largest = {.allocator = &rowan__default_allocator}};
    int status = cli_program_begin(&a->program);

    if (status != CLI_GO_ON) {
        return status;
    }
    status = cli_program_end(&a->program, scale_all(&r));
    growths_fini(&r.growths);
    rowan__analysis_fini(&r.largest);
    for (size_t i = 0; i < a->size_count; i++) {
        if (r.traces[i].allocator != NULL) {
            rowan__trace_fini(&r.traces[i]);
        }
    }
    return status;
}

int cli_scale(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"sizes", 's', "LIST", 0, "The sizes, from small to large; default 2,4,8", 0},
        {"format", 'f', "NAME", 0, "text (the default), or json, one object a statement", 0},
        {0},
    };
    static const struct argp_child children[] = {{&cli_program_argp, 0, NULL, 0},
                                                 {NULL, 0, NULL, 0}};
    static const struct argp argp = {
        options,
        parse_option,
        "-- PROGRAM [ARGUMENT...]",
        "Runs a program several times, with a larger size in place of {n} in its arguments each"
        " time, and says which statements are sent more often then, by how much, and where their"
        " values come from.",
        children,
        NULL,
        NULL};
    arguments a = {.sizes = {2, 4, 8}, .size_count = 3};
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.program.arguments == NULL) {
        cli_fail("scale needs a program: rowan scale -- PROGRAM {n}");
        return CLI_USAGE;
    }
    if (!names_size(a.program.arguments)) {
        cli_fail("no argument of %s has {n}, where the size goes", a.program.arguments[0]);
        return CLI_USAGE;
    }
    return scale(&a);
}
