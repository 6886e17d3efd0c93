/*
 * Looking up the functions that are hooked. A hook has the name of the function that it stands
 * before, and finds the function itself here: behind the interposer in the order of libraries, or,
 * where a program's plug-in loaded its client library for itself alone (as Python's _sqlite3 does),
 * among the libraries that are loaded.
 */
#ifndef ROWAN_PRELOAD_SYMBOLS_H
#define ROWAN_PRELOAD_SYMBOLS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A hook: seen by the program's libraries before the function of the same name. */
#define HOOK __attribute__((visibility("default")))

/** Any function; cast to what it is before it is called. */
typedef void (*symbol_function)(void);

/** One function. */
typedef struct symbol {
    const char *name;
    _Atomic(symbol_function) address; /* NULL: not looked up yet */
} symbol;

/** A client library. A constant but for what is found. */
typedef struct client {
    const char *name;           /* "libpq" */
    const char *const *sonames; /* beginnings of file names that it has, NULL-terminated */
    symbol *symbols;            /* symbol_count that are hooked or used by hooks */
    size_t symbol_count;
    atomic_uintptr_t text_begin, text_end; /* its code, once found */
} client;

/**
 * The function behind a hook; NULL if the library does not have it, such as in an older version.
 * Looked up with the first call; the first of a client tells the session that it was found, and how
 * many of its functions are.
 */
symbol_function symbol_find(client *c, size_t index);

/**
 * Whether an address is in the client library's own code: a hook that is called from there was
 * called by a function that was hooked itself, or by one that is no statement of the program
 * (PQexec calls PQsendQuery, sqlite3_exec calls sqlite3_step), and passes the call on. The address
 * is __builtin_return_address(0). Call symbol_find() for some function of the client before.
 */
static inline bool client_owns(const client *c, const void *address)
{
    uintptr_t at = (uintptr_t)address;

    return at >= atomic_load_explicit(&c->text_begin, memory_order_relaxed) &&
           at < atomic_load_explicit(&c->text_end, memory_order_relaxed);
}

/**
 * Tells the session if the library is loaded already. Called by a constructor of the hooks' file,
 * so that `rowan profile` can say that it was there and not called.
 */
void client_look(const client *c);

static inline symbol_function symbol_address(client *c, size_t index)
{
    symbol_function address =
        atomic_load_explicit(&c->symbols[index].address, memory_order_acquire);

    return address != NULL ? address : symbol_find(c, index);
}

/*
 * In a file of hooks:
 *
 *     enum { S_PQexec, S_PQclear, SYMBOLS };
 *     static symbol symbols[SYMBOLS] = {[S_PQexec] = {"PQexec"}, [S_PQclear] = {"PQclear"}};
 *     static const char *const sonames[] = {"libpq.so", NULL};
 *     static client libpq = {.name = "libpq", .sonames = sonames, .symbols = symbols,
 *                            .symbol_count = SYMBOLS};
 *     #define CLIENT libpq
 *
 *     REAL(PQclear)(result);
 */
#define REAL(function) ((__typeof__(&(function)))symbol_address(&CLIENT, S_##function))

#endif
