/* What is asked for on the command line. */
#ifndef ROWAN_BENCH_OPTIONS_H
#define ROWAN_BENCH_OPTIONS_H

#include "jobs.h"
#include "tasks.h"

typedef struct bench_options {
    bool quick;
    size_t rounds;
    const char *engines;      /* list of names; NULL: all */
    const char *contestants;  /* list of names; NULL: all */
    char with_floors[256];    /* that list */
    bench_lines lines;        /* of the works that were asked for */
    bool has_start, has_detector; /* W8, and the detector's own table */
    bool no_instructions, only_instructions, list;
    int cpu;                  /* to run on; -1: any */
    const char *json, *html;  /* files to write; NULL: none */
    const char *profiles;     /* folder for callgrind's files; NULL: they are removed */
    const char *budget;       /* file to write or to check; NULL: none */
    bool writes_budget;
    const char *falsify;      /* the contestant whose last row gets a wrong letter */

    /* A job: this program is started by itself. */
    const char *job, *contestant, *url, *events, *dumps;
} bench_options;

/** What reading them came to. */
typedef enum bench_options_verdict {
    BENCH_GO_ON,
    BENCH_HELPED, /* the help was printed */
    BENCH_REFUSED /* a line on standard error says why */
} bench_options_verdict;

bench_options_verdict bench_options_read(bench_options *options, int argc, char **argv);

/** Whether a list, separated by commas, has a name; NULL has every name. */
bool bench_list_has(const char *list, const char *name);

#endif
