/*
 * Programs that look a client library's functions up by their names, as Python's ctypes, LuaJIT and
 * other foreign function interfaces do, would get past the hooks. So dlsym() gives them the hook
 * where the function itself is in a client library.
 *
 * Which function is "the next" or "the default" one depends on who asks, and the C library reads
 * that from the return address. So every other call is passed on with a jump, by which that address
 * stays what it was: this file is always optimised (cmake/RowanPreload.cmake), and a test asks for
 * the next function.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

#include "preload/recorder.h"
#include "preload/symbols.h"

#ifdef __GLIBC__

typedef void *lookup(void *restrict handle, const char *restrict name);

/* The C library's dlsym: asked for with its version, as without one it would be ours. */
static __attribute__((noinline)) lookup *real_lookup(void)
{
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5", "GLIBC_2.27"};
    static _Atomic(lookup *) known;
    lookup *found = atomic_load_explicit(&known, memory_order_relaxed);

    for (size_t i = 0; found == NULL && i < sizeof versions / sizeof versions[0]; i++) {
        *(void **)&found = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    }
    atomic_store_explicit(&known, found, memory_order_relaxed);
    return found;
}

static bool begins_with(const char *text, const char *const *beginnings)
{
    while (*beginnings != NULL && strncmp(text, *beginnings, strlen(*beginnings)) != 0) {
        beginnings++;
    }
    return *beginnings != NULL;
}

static bool is_in_client(const void *function)
{
    static const char *const libraries[] = {"libpq", "libmariadb", "libmysqlclient", "libsqlite3",
                                            NULL};
    const char *slash;
    Dl_info info;

    if (dladdr(function, &info) == 0 || info.dli_fname == NULL) {
        return false;
    }
    slash = strrchr(info.dli_fname, '/');
    return begins_with(slash != NULL ? slash + 1 : info.dli_fname, libraries);
}

/* The interposer's own function of that name, or NULL. */
static void *hook_named(lookup *real, const char *name)
{
    void *own, *hook = NULL;
    Dl_info info;

    if (dladdr(rowan__own_begin, &info) != 0 && info.dli_fname != NULL &&
        (own = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD)) != NULL) {
        hook = real(own, name);
        dlclose(own);
    }
    return hook != NULL && symbol_is_own(hook) ? hook : NULL;
}

/* What a program gets in place of what it asked for; NULL: just that. */
static __attribute__((noinline)) void *replacement(lookup *real, void *handle, const char *name,
                                                   const void *caller)
{
    static const char *const names[] = {"PQ", "mysql_", "mariadb_", "sqlite3_", NULL};
    const void *function;

    if (handle == RTLD_NEXT || handle == RTLD_DEFAULT || !begins_with(name, names) ||
        symbol_is_own(caller) || !recorder_is_on()) {
        return NULL;
    }
    function = real(handle, name);
    return function != NULL && is_in_client(function) && client_any_owns(function)
               ? hook_named(real, name)
               : NULL;
}

HOOK void *dlsym(void *restrict handle, const char *restrict name)
{
    lookup *real = real_lookup();
    void *hook = replacement(real, handle, name, __builtin_return_address(0));

    return hook != NULL ? hook : real(handle, name);
}

#endif
