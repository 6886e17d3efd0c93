/*
 * What is known of a client library's handles, by their addresses: a hash table without a lock.
 *
 * Entries are never freed: one whose handle is gone is taken over by the next that falls into its
 * chain. So a lookup reads memory that is always an entry, whatever other threads do. Only the
 * thread that uses a handle, as the library asks of it, uses its entry.
 */
#ifndef ROWAN_PRELOAD_TABLE_H
#define ROWAN_PRELOAD_TABLE_H

#include <stdatomic.h>
#include <stddef.h>

enum { TABLE_CHAINS = 1024 /* a power of two */ };

/** Begins each entry. */
typedef struct entry {
    _Atomic(const void *) handle; /* NULL: free to take */
    struct entry *next;
} entry;

typedef struct table {
    size_t entry_size;
    _Atomic(entry *) chains[TABLE_CHAINS];
} table;

/** The entry of a handle, or NULL. */
void *table_find(table *t, const void *handle);

/**
 * The entry of a handle, which is made if there is none: zeroed, or as its last handle left it.
 * NULL: there is no memory.
 */
void *table_add(table *t, const void *handle);

/** Forgets a handle; its entry may be taken over from now on. */
void table_remove(void *removed);

/** Calls a function for the entry of each handle; it may remove it. While no other thread runs. */
void table_each(table *t, void (*function)(void *entry));

#endif
