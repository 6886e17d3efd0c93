/*
 * Where the records of a thread go: a file of the session that is mapped into memory, so that
 * whatever becomes of the program, even if it is killed, what was recorded is in the file. Room is
 * reserved on the disk before it is mapped; a disk that is full costs records and nothing else.
 */
#ifndef ROWAN_PRELOAD_BUFFER_H
#define ROWAN_PRELOAD_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "preload/format.h"

/** What buffer_session() looks at. */
typedef struct buffer_state {
    atomic_bool is_open; /* or cannot be opened */
    profile_session *session;
} buffer_state;

extern buffer_state rowan__buffer;

/** Opens the session if there is one. */
void buffer_open(void);

/** The session, or NULL: nothing is recorded, and no other function may be called. Opened with the
 * first call. */
static inline profile_session *buffer_session(void)
{
    if (!atomic_load_explicit(&rowan__buffer.is_open, memory_order_acquire)) {
        buffer_open();
    }
    return rowan__buffer.session;
}

/**
 * Room for a record of this thread, zeroed but for its kind. NULL: there is none, and it is counted
 * as lost. Filled in by the caller and then given to buffer_publish(), with nothing between.
 */
void *buffer_reserve(profile_kind kind, size_t size);

/** The record is complete. */
void buffer_publish(void *record);

/** What this thread remembers of what it told; handed on with the buffer. */
typedef enum buffer_memory {
    BUFFER_TOLD = 0, /* by recorder.c */
    BUFFER_SITES,    /* by site.c */
    BUFFER_CHAINS,   /* by chain.c */
    BUFFER_MEMORIES
} buffer_memory;

/** Zeroed memory of a size that is always the same; NULL: there is none. */
void *buffer_remembered(buffer_memory which, size_t size);

/** The path of the program that this process runs. */
const char *buffer_program(void);

/** Counts a record that cannot be kept. */
void buffer_lose(int failure);

#endif
