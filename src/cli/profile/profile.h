/* What the files of rowan profile share. */
#ifndef ROWAN_CLI_PROFILE_PROFILE_H
#define ROWAN_CLI_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stdio.h>

#include <rowan/error.h>
#include <limits.h>

#include "preload/format.h"

/** A folder that the processes of the program write to. */
typedef struct profile_folder {
    char path[PATH_MAX];
    profile_session *session;
} profile_folder;

/* --- folder.c --- */

/** Makes the folder; on failure nothing is left to remove. */
rowan_status profile_folder_make(profile_folder *out, bool values, rowan_error *error);
void profile_folder_remove(profile_folder *folder);

/* --- run.c --- */

/** How a program ended. */
typedef struct profile_end {
    int status; /* as it exited; 128 and more as by a shell if a signal ended it */
    int signal; /* that ended it; 0: none did */
} profile_end;

/** Finds the library that is loaded before the program's. ROWAN_NOT_FOUND */
rowan_status profile_find_library(char *out, size_t size, rowan_error *error);

/**
 * Runs a program with the library before its own and waits for its end. Signals that are sent to
 * this process are passed on to it.
 *
 * @param arguments  NULL-terminated; the first names the program
 */
rowan_status profile_run(char *const *arguments, const profile_folder *folder, profile_end *out,
                         rowan_error *error);

/* --- records.c --- */

/** Whose records a part of a file holds. */
typedef struct profile_owner {
    uint32_t process, thread;
    const char *path; /* of the program, path_size bytes */
    size_t path_size;
    bool is_interpreter; /* its call sites are its own, never the program's */
} profile_owner;

typedef struct profile_execution {
    const profile_statement *record;
    size_t owner;
} profile_execution;

/** All that was recorded. The records stay in their mapped files. */
typedef struct profile_records {
    const rowan_allocator *allocator;
    struct {
        void *data;
        size_t size;
    } * files;
    size_t file_count, file_capacity;
    profile_owner *owners;
    size_t owner_count, owner_capacity;
    const profile_record **told; /* connections, texts, columns and sites by number */
    size_t told_count;
    const profile_client **clients;
    size_t client_count, client_capacity;
    profile_execution *at; /* in the order in which they began */
    size_t count, capacity;
    const profile_reads **reads; /* by the number of what was watched */
    size_t reads_count, reads_capacity;
    size_t process_count; /* that recorded something */
} profile_records;

/** Reads what lies in a folder. Freed with profile_records_fini(), also after a failure. */
rowan_status profile_records_read(profile_records *out, const profile_folder *folder,
                                  rowan_error *error);
void profile_records_fini(profile_records *records);

/** What has a number, if it is of that kind; or NULL. */
const void *profile_told(const profile_records *records, uint32_t id, profile_kind kind);

/**
 * What was read of an execution's rows.
 *
 * @return false if that is not known
 */
bool profile_reads_of(const profile_records *records, const profile_statement *statement,
                      uint64_t *rows, uint64_t *columns);

/* --- symbolise.c --- */

typedef struct profile_symbols profile_symbols;

/** NULL: no memory. */
profile_symbols *profile_symbols_new(void);
void profile_symbols_free(profile_symbols *symbols);

/**
 * "FILE:LINE FUNCTION" of a place, or as much of it as is known; "?" if nothing is.
 *
 * @param program  path of the program, for a place that is in no library
 */
void profile_symbolise(profile_symbols *symbols, const profile_site *site, const char *program,
                       char *out, size_t size);

/* --- merge.c --- */

/** Writes the trace. @param written receives the number of statements */
rowan_status profile_write_trace(const profile_records *records, const profile_folder *folder,
                                 const char *path, size_t *written, rowan_error *error);

/* --- why.c --- */

/** What was seen: libraries, functions, processes, statements, what was lost. */
void profile_tell(const profile_records *records, const profile_folder *folder, size_t statements,
                  FILE *out);

/** Why nothing was, as far as it can be told. */
void profile_tell_why_nothing(const profile_records *records, const profile_folder *folder,
                              const char *program, FILE *out);

#endif
