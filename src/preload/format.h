/*
 * What the processes of a profiling session write, and `rowan profile` reads: both run on the same
 * machine from the same build, so these are plain structs.
 *
 * The folder of the session holds the file `session`, which every process maps, and files of
 * records, each written by one thread at a time. A file is a sequence of regions; a region begins
 * with its size and holds records until one of size 0. A record's size is written last: what a
 * process was writing when it was killed is not there.
 */
#ifndef ROWAN_PRELOAD_FORMAT_H
#define ROWAN_PRELOAD_FORMAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "detector/trace_write.h"

/** The variable of the environment that names the folder of the session. */
#define PROFILE_FOLDER "ROWAN_PROFILE"

enum {
    PROFILE_VERSION = 3,
    PROFILE_REGION = 1 << 18 /* bytes; a region is a multiple of it */
};

/** The file `session`. */
typedef struct profile_session {
    uint32_t version;
    uint32_t size; /* of this struct */
    int64_t began_ns;
    rowan__trace_writer writer;
    atomic_uint next_id;          /* of what is told once */
    atomic_uint files;            /* of records */
    atomic_uint processes;        /* in which the library was loaded */
    atomic_uint_fast64_t trips;   /* round trips */
    atomic_uint_fast64_t watched; /* statements whose rows were followed */
    atomic_uint_fast64_t lost;    /* records that could not be written */
    atomic_int failure;           /* errno of the first of them */
} profile_session;

typedef struct profile_region {
    uint64_t magic;
    uint64_t size;
} profile_region;

#define PROFILE_MAGIC 0x6e6f69676572776fu

typedef enum profile_kind {
    PROFILE_PROCESS = 1, /* whose records follow */
    PROFILE_CLIENT,
    PROFILE_CONNECTION,
    PROFILE_TEXT,
    PROFILE_COLUMNS,
    PROFILE_SITE,
    PROFILE_CHAIN,
    PROFILE_STATEMENT,
    PROFILE_READS
} profile_kind;

/** Begins each record; a multiple of 8 bytes. */
typedef struct profile_record {
    atomic_uint size; /* of all of it; 0: nothing was written here */
    uint32_t kind;
} profile_record;

/** The thread that writes from here on; then the program's path. */
typedef struct profile_process {
    profile_record record;
    uint32_t process, thread;
    uint32_t path_size;
} profile_process;

/** A client library that was found; then its name, a NUL, and its path. */
typedef struct profile_client {
    profile_record record;
    uint32_t functions; /* that are hooked, of those that it may have */
    uint32_t found;     /* of these; 0: it is loaded, and was not called yet */
    uint32_t name_size, path_size;
} profile_client;

/** A connection; then its database's name. */
typedef struct profile_connection {
    profile_record record;
    uint32_t id, dialect;
    uint32_t name_size;
} profile_connection;

/** A text; then its slots, then the text. */
typedef struct profile_text {
    profile_record record;
    uint32_t id, dialect;
    uint32_t slot_count, sql_size;
} profile_text;

typedef struct profile_slot {
    uint64_t literal;
    uint32_t param; /* ROWAN__TRACE_LITERAL: it is a literal */
    uint32_t reserved;
} profile_slot;

/** Names of columns, each with its NUL. */
typedef struct profile_columns {
    profile_record record;
    uint32_t id, count;
    uint32_t names_size;
} profile_columns;

/** A place in a program; then the path of the module and the name of the function. Addresses are
 * in the module, as its file counts. */
typedef struct profile_site {
    profile_record record;
    uint32_t id;
    uint32_t path_size, name_size;
    uint64_t address;
    uint64_t function; /* where its function begins; 0: unknown */
} profile_site;

/** How a program came to a client library: the numbers of places follow, the innermost first. */
typedef struct profile_chain {
    profile_record record;
    uint32_t id, count;
    uint32_t is_cut; /* the stack was not looked at beyond these */
} profile_chain;

/** An execution; then its values, then the error. */
typedef struct profile_statement {
    profile_record record;
    uint32_t connection, text, columns, chain;
    uint32_t param_count, cell_count;
    uint64_t rows, trip;
    uint64_t watched; /* its number in records of reads; 0: there are none */
    uint64_t read;    /* columns, as in such a record, if knows_read */
    int64_t start_ns, elapsed_ns;
    uint32_t values_size;
    uint32_t error_size; /* 0: it went well */
    uint32_t knows_read; /* every row was gone to, and this is what was read of them */
} profile_statement;

/** What the program read of the rows of a statement; of several records about one, all of it. */
typedef struct profile_reads {
    profile_record record;
    uint64_t watched;
    uint64_t rows;    /* that it went to */
    uint64_t columns; /* bit by bit, of the first 64 */
} profile_reads;

/** A value begins with a byte of these; numbers are not aligned. */
typedef enum profile_value {
    PROFILE_NULL = 0,
    PROFILE_HASH,  /* 8 bytes */
    PROFILE_INT,   /* 8 bytes */
    PROFILE_REAL,  /* 8 bytes */
    PROFILE_TRUTH, /* 1 byte */
    PROFILE_BYTES, /* size in 4 bytes, and as many: a text */
    PROFILE_BLOB   /* likewise */
} profile_value;

#endif
