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

enum { CLIENTS = 4, COPIES = 8 };

/**
 * Another copy of a client library: a program's plug-ins may bring theirs along. What one made must
 * not be given to another, so each caller is served by the one that it is bound to.
 */
typedef struct client_copy {
    uintptr_t begin, end;
    void *library;                         /* as dlopen() gives it */
    _Atomic(symbol_function) *addresses;   /* as many as the client has symbols */
} client_copy;

/** A client library. A constant but for what is found. */
typedef struct client {
    const char *name;           /* "libpq" */
    const char *const *sonames; /* beginnings of file names that it has, NULL-terminated */
    symbol *symbols;            /* symbol_count that are hooked or used by hooks */
    size_t symbol_count;
    atomic_uintptr_t text_begin, text_end; /* its code, once found */
    _Atomic(client_copy *) copies[COPIES]; /* further ones */
    size_t number;                         /* of all clients, from 0 */
} client;

/** A module that called a client: all of it is bound alike. */
typedef struct client_caller {
    uintptr_t begin, end; /* of the module; 0 at first */
    client_copy *copy;    /* that it is bound to; NULL: the first that was found */
} client_caller;

/** By whom a client was called lately on this thread, the last first. */
typedef struct client_callers {
    client_copy *copy; /* that is at work */
    client_caller recent[4];
} client_callers;

extern _Thread_local client_callers rowan__client_callers[CLIENTS];

/**
 * The function behind a hook; NULL if the library does not have it, such as in an older version.
 * Looked up with the first call; the first of a client tells the session that it was found, and how
 * many of its functions are.
 */
symbol_function symbol_find(client *c, size_t index);

/** The same of another copy. */
symbol_function symbol_find_in(client *c, client_copy *copy, size_t index);

/** Finds out to which copy another caller is bound. */
void client_meet(client *c, const void *caller);

/**
 * Begins a hook: what it looks up from here on is of the copy that its caller is bound to.
 *
 * @param caller  __builtin_return_address(0)
 */
static inline __attribute__((always_inline)) void client_called(client *c, const void *caller)
{
    client_callers *callers = &rowan__client_callers[c->number];
    uintptr_t at = (uintptr_t)caller;

    if (at >= callers->recent[0].begin && at < callers->recent[0].end) {
        callers->copy = callers->recent[0].copy;
    } else {
        client_meet(c, caller);
    }
}

/* Where the interposer is loaded: its beginning by the linker, its end once it is known. */
extern const char rowan__own_begin[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
extern uintptr_t rowan__own_end;

/** Whether an address is the interposer's. */
static inline bool symbol_is_own(const void *address)
{
    uintptr_t at = (uintptr_t)address;

    return at >= (uintptr_t)rowan__own_begin && at < rowan__own_end;
}

/**
 * Whether an address is in the client library's own code: a hook that is called from there was
 * called by a function that was hooked itself, or by one that is no statement of the program
 * (PQexec calls PQsendQuery, sqlite3_exec calls sqlite3_step), and passes the call on. A function
 * that calls another with a jump makes it look as if a hook of ours did. The address is
 * __builtin_return_address(0).
 */
static inline __attribute__((always_inline)) bool client_owns(client *c, const void *address)
{
    const client_copy *copy;
    uintptr_t at = (uintptr_t)address;

    if (symbol_is_own(address)) {
        return true;
    }
    client_called(c, address);
    copy = rowan__client_callers[c->number].copy;
    if (copy != NULL) {
        return at >= copy->begin && at < copy->end;
    }
    return at >= atomic_load_explicit(&c->text_begin, memory_order_relaxed) &&
           at < atomic_load_explicit(&c->text_end, memory_order_relaxed);
}

/**
 * Makes a client known, and tells the session if the library is loaded already. Called by a
 * constructor of the hooks' file, so that `rowan profile` can say that it was there and not called.
 */
void client_look(client *c);

/** Whether a function is one that hooks stand before: in the first copy of some client. */
bool client_any_owns(const void *function);

static inline __attribute__((always_inline)) symbol_function symbol_address(client *c, size_t index)
{
    client_copy *copy = rowan__client_callers[c->number].copy;
    symbol_function address = atomic_load_explicit(
        copy != NULL ? &copy->addresses[index] : &c->symbols[index].address, memory_order_acquire);

    if (address != NULL) {
        return address;
    }
    return copy != NULL ? symbol_find_in(c, copy, index) : symbol_find(c, index);
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
 *     HOOK void PQclear(PGresult *result)
 *     {
 *         CALLED(PQclear)(result); the first look-up of a hook; REAL(PQ...) from then on
 *     }
 */
#define REAL(function) ((__typeof__(&(function)))symbol_address(&CLIENT, S_##function))
#define CALLED(function) (client_called(&CLIENT, __builtin_return_address(0)), REAL(function))

#endif
