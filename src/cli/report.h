/*
 * Findings as the verbs report them: the options that all of them take, and the way from traces to
 * a report.
 */
#ifndef ROWAN_CLI_REPORT_H
#define ROWAN_CLI_REPORT_H

#include <stdio.h>

#include <rowan/detector.h>

#include "cli/cli.h"

typedef enum cli_format {
    CLI_FORMAT_TEXT = 0,
    CLI_FORMAT_JSON,
    CLI_FORMAT_SARIF,
    CLI_FORMAT_JUNIT,
    CLI_FORMAT_HTML,
    CLI_FORMAT_CHROME,
    CLI_FORMAT_OTLP,
    CLI_FORMAT_PROMETHEUS
} cli_format;

/** What is asked for. Zeroed, everything is as by default; `out` is the caller's. */
typedef struct cli_report {
    cli_format format;
    const char *baseline, *allow, *verify, *send;
    rowan_detector_profile profile;
    uint64_t explain; /* a fingerprint; 0: nothing */
    const char *title; /* of traces whose files will be gone; NULL: their paths */
    FILE *out;
} cli_report;

/** The options, for a verb's parser as a child; its input is a cli_report. */
extern const struct argp cli_report_argp;

/** Whether the options fit together; if not, says so. */
bool cli_report_is_sound(const cli_report *report);

/**
 * Reads traces and reports what is found in them.
 *
 * @return CLI_DONE: nothing; CLI_LOOK: something; or why there is no report
 */
int cli_report_files(const cli_report *report, char *const *files, size_t count);

#endif
