/* rowan profile: runs a program and reports what the detector finds in its statements. */
#include <stdlib.h>
#include <string.h>

#include "cli/profile/profile.h"
#include "cli/program.h"
#include "cli/report.h"

typedef struct arguments {
    cli_program program;
    cli_report report;
    bool values;
    const char *trace;
} arguments;

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->program;
        state->child_inputs[1] = &a->report;
        return 0;
    case 'V':
        a->values = true;
        return 0;
    case 't':
        a->trace = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Where the trace goes: findings are told by the name of the file. */
static void name_trace(const arguments *a, const profile_folder *folder, char *out, size_t size)
{
    const char *program = a->program.arguments[0];
    const char *slash = strrchr(program, '/');
    const char *name = slash != NULL ? slash + 1 : program;

    if (a->trace != NULL) {
        snprintf(out, size, "%s", a->trace);
    } else {
        snprintf(out, size, "%s/%.200s.jsonl", folder->path, name);
    }
}

static void tell_end(const char *program, const profile_end *end)
{
    if (end->signal != 0) {
        cli_fail("%s was ended by signal %d (%s); what it did until then is reported", program,
                 end->signal, strsignal(end->signal));
    } else if (end->status != 0) {
        cli_fail("%s ended with status %d", program, end->status);
    }
}

/* Reports what was recorded. */
static int report_on(const arguments *a, const profile_folder *folder,
                     const profile_records *records)
{
    char path[PATH_MAX + 256];
    const char *program = a->program.arguments[0];
    rowan_error error = {0};
    size_t written;
    char *files[] = {path};
    cli_report report = a->report;

    report.out = a->program.out;
    report.title = a->trace == NULL ? program : NULL;
    name_trace(a, folder, path, sizeof path);
    if (profile_write_trace(records, folder, path, &written, &error) != ROWAN_OK) {
        return cli_fail_with(&error);
    }
    if (written == 0) {
        profile_tell_why_nothing(records, folder, program, stderr);
        return CLI_USAGE;
    }
    profile_tell(records, folder, written, stderr);
    return cli_report_files(&report, files, 1);
}

static int profile_into(const arguments *a, profile_folder *folder)
{
    rowan_error error = {0};
    profile_records records = {0};
    profile_end end;
    int status;

    if (profile_run(a->program.arguments, folder, &end, &error) != ROWAN_OK) {
        (void)cli_fail_with(&error);
        return CLI_USAGE;
    }
    tell_end(a->program.arguments[0], &end);
    if (profile_records_read(&records, folder, &error) != ROWAN_OK) {
        status = cli_fail_with(&error);
    } else {
        status = report_on(a, folder, &records);
    }
    profile_records_fini(&records);
    if (status == CLI_DONE && atomic_load(&folder->session->lost) > 0) {
        return CLI_FAILED; /* in what was lost there may be something */
    }
    return status == CLI_DONE && end.status != 0 ? CLI_PROGRAM : status;
}

static int profile(arguments *a)
{
    profile_folder folder;
    rowan_error error = {0};
    int status = cli_program_begin(&a->program);

    if (status != CLI_GO_ON) {
        return status;
    }
    if (profile_folder_make(&folder, a->values, &error) != ROWAN_OK) {
        status = cli_fail_with(&error);
    } else {
        status = profile_into(a, &folder);
        profile_folder_remove(&folder);
    }
    return cli_program_end(&a->program, status);
}

int cli_profile(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"trace", 't', "FILE", 0, "Keep the trace, for rowan analyze", 0},
        {"values", 'V', NULL, 0,
         "Record values as they are; without it the trace has keyed hashes in their place", 0},
        {0},
    };
    static const struct argp_child children[] = {
        {&cli_program_argp, 0, NULL, 0}, {&cli_report_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
    static const struct argp argp = {
        options,
        parse_option,
        "-- PROGRAM [ARGUMENT...]",
        "Runs a program that links libsqlite3, libpq or libmariadb dynamically, and everything that"
        " it starts; says what repeats, what is slow, and what to write instead.",
        children,
        NULL,
        NULL};
    arguments a = {.values = false};
    int parsed = cli_parse(&argp, argc, argv, &a);

    if (parsed != CLI_GO_ON) {
        return parsed;
    }
    if (a.program.arguments == NULL) {
        cli_fail("profile needs a program: rowan profile -- PROGRAM");
        return CLI_USAGE;
    }
    if (!cli_report_is_sound(&a.report)) {
        return CLI_USAGE; /* before the program is run */
    }
    return profile(&a);
}
