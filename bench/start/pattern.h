/* A program of one pattern: opens the file, begins a scope and lets the pattern work in it. */
#ifndef ROWAN_BENCH_START_PATTERN_H
#define ROWAN_BENCH_START_PATTERN_H

#include "forum.h"
#include "start.h"

/** @param work  finds a person and hands the name to start_done() */
static inline int start_pattern(int argc, char **argv, int (*work)(rowan_scope *scope))
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    char url[600];
    int status = EXIT_FAILURE;

    options.no_detector = true;
    snprintf(url, sizeof url, "sqlite:%s", argc == 2 ? argv[1] : "");
    if (rowan_open(url, &options, &db, NULL) == ROWAN_OK &&
        rowan_scope_begin(db, "start", &scope, NULL) == ROWAN_OK) {
        status = work(scope);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return status;
}

#endif
