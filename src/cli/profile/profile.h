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
    bool is_interpreter; /* that runs other programs' texts */
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
    const profile_record **told; /* connections, texts, columns, sites and chains by number */
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

/**
 * Whether a program or library is one that runs other programs' texts: what calls a client library
 * there is its own code.
 */
bool profile_is_interpreter(const char *path, size_t size);

/* --- symbolise.c --- */

typedef struct profile_symbols profile_symbols;

/** One function that a place is in. Texts are freed by whoever got them. */
typedef struct profile_frame {
    char *text;     /* "FILE:LINE FUNCTION" of the place, or as much of it as is known */
    char *function; /* what tells this function from all others */
    bool has_line;
} profile_frame;

void profile_frame_fini(profile_frame *frame);

enum { PROFILE_INLINED = 8 /* functions at one place, at most */ };

/** NULL: no memory. */
profile_symbols *profile_symbols_new(void);
void profile_symbols_free(profile_symbols *symbols);

/**
 * The functions that a place is in, the innermost first: several where compilers put one into
 * another.
 *
 * @return how many; 0: no memory, and nothing is to be freed
 */
size_t profile_symbolise(profile_symbols *symbols, const profile_site *site,
                         profile_frame out[PROFILE_INLINED]);

/* --- wrappers.c --- */

/** That a statement passed a place. */
typedef struct profile_passage {
    uint32_t place, function, module; /* numbers */
    uint32_t caller;                  /* a place; filled in by profile_wrappers_find() */
    uint32_t chain, index;            /* the call, of the caller's */
    uint64_t fingerprint;
    uint64_t subject; /* what the statement does, and with which table */
} profile_passage;

/** How statements came to a place. */
typedef struct profile_ways {
    /** The place so many calls outside of a passage; UINT32_MAX: there is none that is known. */
    uint32_t (*outside)(const void *context, const profile_passage *passage, size_t steps);
    const void *context;
} profile_ways;

/** By the numbers of functions and modules. */
typedef struct profile_wrappers {
    bool *is_wrapper;
    uint32_t *of_function; /* different statements that passed it */
    uint32_t *of_module;
    size_t function_count, module_count;
} profile_wrappers;

/** None is one yet. @return false if memory ran out; freed with profile_wrappers_fini() all the
 * same */
bool profile_wrappers_init(profile_wrappers *out, size_t function_count, size_t module_count);

/**
 * Finds functions that pass on what their callers want to send, among those that statements pass
 * first.
 *
 * @param at  put into another order
 * @return whether there are any that were not known
 */
bool profile_wrappers_find(profile_wrappers *wrappers, const profile_ways *ways,
                           profile_passage *at, size_t count);

/** Counts what passes each function and module. @p at is put into another order. */
void profile_wrappers_count(profile_wrappers *wrappers, profile_passage *at, size_t count);
void profile_wrappers_fini(profile_wrappers *wrappers);

/* --- spots.c --- */

/** What a module is for the question of who sent a statement. */
typedef enum profile_module {
    PROFILE_PROGRAM = 0,
    PROFILE_BETWEEN,    /* client libraries, the C library, and other places that are nobody's */
    PROFILE_INTERPRETER /* what is outside of it is not what sent the statement */
} profile_module;

/** A function that some chain of calls goes through. */
typedef struct profile_spot {
    const char *text; /* as in profile_frame */
    uint32_t place;   /* places of the same text have the same number */
    uint32_t function, module;
    bool has_line;
    profile_module kind;
} profile_spot;

/** Calls from the innermost outwards. */
typedef struct profile_calls {
    const uint32_t *spots;
    size_t count;
    bool is_cut; /* it has the innermost place only, and went on */
} profile_calls;

typedef struct profile_spots profile_spots;

/** Symbolises all places of the records. NULL: no memory. */
profile_spots *profile_spots_new(const profile_records *records);
void profile_spots_free(profile_spots *spots);

/** The calls of a chain; none for a number that is no chain's. */
profile_calls profile_spots_calls(const profile_spots *spots, uint32_t chain);
const profile_spot *profile_spots_at(const profile_spots *spots, uint32_t spot);
void profile_spots_count(const profile_spots *spots, size_t *places, size_t *functions,
                         size_t *modules);

/* --- places.c --- */

/** Where a statement was sent from. */
typedef struct profile_place {
    const char *text;           /* "FILE:LINE FUNCTION" or "?" */
    const char *const *through; /* the wrappers that it passed from there on, likewise */
    size_t through_count;
} profile_place;

typedef struct profile_places profile_places;

/** Finds the places of all statements. */
rowan_status profile_places_new(profile_places **out, const profile_records *records,
                                rowan_error *error);
void profile_places_free(profile_places *places);

profile_place profile_place_of(const profile_places *places, const profile_statement *statement);

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
