/*
 * An engine's client library that is loaded when the first URL of its engine is opened, so that a
 * program which never does so starts without it.
 *
 * What was loaded stays: connections of any database use it, and libraries that these libraries
 * need do not all survive being unloaded.
 */
#ifndef ROWAN_DRIVER_LIBRARY_H
#define ROWAN_DRIVER_LIBRARY_H

#include <stdatomic.h>

#include <rowan/error.h>

/** A function of a library, and where its address goes in the driver's table. */
typedef struct rowan__library_function {
    const char *name;
    size_t offset;
} rowan__library_function;

/** A client library: of the whole process, as the library itself is. */
typedef struct rowan__library {
    const char *file;                         /* what the loader looks for: "libpq.so.5" */
    const char *engine, *package;             /* for the message if it is not there */
    const rowan__library_function *functions; /* function_count that the driver calls */
    size_t function_count;
    void *table; /* their addresses, each a pointer to a function; not read before they are there */
    atomic_bool is_loaded;
} rowan__library;

/**
 * Loads the library unless it is. A failure leaves nothing behind, and the next call tries again.
 *
 * @return ROWAN_OK, or ROWAN_UNSUPPORTED: it is not there, or without a function that we need.
 * Threads: any.
 */
rowan_status rowan__library_load(rowan__library *library, rowan_error *error);

#endif
