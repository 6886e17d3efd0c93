/*
 * What hooks keep for the handles of a client library (connections, statements), found by their
 * address. Finding takes no lock and waits for nobody; an entry is never freed, only given to
 * another handle. So a handle may be looked up while other threads open and close theirs, in a
 * signal handler's thread or in a forked child.
 *
 * A handle is used by one thread at a time, which its client library demands anyway; what is kept
 * for it is, too.
 */
#ifndef ROWAN_PRELOAD_HANDLES_H
#define ROWAN_PRELOAD_HANDLES_H

#include <stdatomic.h>
#include <stddef.h>

/** What is kept begins with this. */
typedef struct handle {
    _Atomic(const void *) key; /* NULL: free */
    struct handle *next;
} handle;

enum { HANDLE_LISTS = 1024 };

/** All handles of one kind. Static, with `size` set to what is kept for each. */
typedef struct handles {
    size_t size;
    _Atomic(handle *) lists[HANDLE_LISTS];
} handles;

/** What is kept for it, or NULL. */
void *handles_find(handles *all, const void *key);

/**
 * What is kept for it, added if there is nothing: zeroed, or as another handle's was when it was
 * removed. NULL if memory ran out.
 */
void *handles_get(handles *all, const void *key);

/** The handle is gone. @p kept is what handles_find() gave for it; NULL is a no-op. */
void handles_remove(void *kept);

/** Calls a function for what is kept for each handle. Only while no other thread runs. */
void handles_each(handles *all, void (*function)(void *kept));

#endif
