/*
 * A library that is loaded when it is first needed, so that a program which never does starts
 * without it: the drivers' client libraries, and the command's for HTTP.
 *
 * What was loaded stays: connections of any database use it, and libraries that these libraries
 * need do not all survive being unloaded.
 */
#ifndef ROWAN_BASE_LIBRARY_H
#define ROWAN_BASE_LIBRARY_H

#include <stdatomic.h>

#include <rowan/error.h>

/** A library that may be loaded: of the whole process, as it is then. */
typedef struct rowan__library {
    const char *file;                /* what the loader looks for: "libpq.so.5" */
    const char *needed_by, *package; /* for the message if it is not there */
    const char *const *functions;    /* function_count that are called */
    size_t function_count;
    size_t newer_count; /* how many of them, the last, it may be without: their address is NULL */
    void *table;        /* their addresses, in that order; not read before they are there */
    atomic_bool is_loaded;
} rowan__library;

/*
 * Who uses a library lists its functions once, in a macro that hands each to another. These make of
 * the list the members of the table, which have the types that the library's header declares; their
 * names; and, where the library is linked after all, their values.
 */
#define ROWAN__LIBRARY_MEMBER(function) __typeof__(function) *function;
#define ROWAN__LIBRARY_NAME(function) #function,
#define ROWAN__LIBRARY_LINKED(function) .function = function,

/**
 * Loads the library unless it is. After a failure the next call tries again.
 *
 * @return ROWAN_OK, or ROWAN_UNSUPPORTED: it is not there, or without a function that we need.
 * Threads: any.
 */
rowan_status rowan__library_load(rowan__library *library, rowan_error *error);

#endif
