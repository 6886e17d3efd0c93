/*
 * Libraries are loaded for their caller alone (RTLD_LOCAL): what a program calls by the same names
 * stays bound to what it was linked with. They are bound at once, so that one which lacks something
 * itself fails here and not in the middle of a statement.
 */
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/error.h"

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER; /* one library at a time */

/* What the loader says goes to where an engine's own words are. */
static rowan_status fail_missing(const rowan__library *library, rowan_error *error)
{
    const char *reason = dlerror();

    (void)rowan__fail(error, ROWAN_UNSUPPORTED,
                      "%s needs the library %s, which could not be loaded: install it (on Debian, "
                      "the package %s)",
                      library->needed_by, library->file, library->package);
    if (error && reason) {
        rowan__error_copy(error->engine_message, sizeof error->engine_message, reason,
                          strlen(reason));
    }
    return ROWAN_UNSUPPORTED;
}

/* Looks all functions up. The table has all that are needed or its library counts as not loaded. */
static rowan_status find_functions(const rowan__library *library, void *handle, rowan_error *error)
{
    size_t needed = library->function_count - library->newer_count;

    for (size_t i = 0; i < library->function_count; i++) {
        void *address = dlsym(handle, library->functions[i]);
        if (!address && i < needed) {
            return rowan__fail(error, ROWAN_UNSUPPORTED,
                               "%s needs a newer library than the %s that is installed, which is "
                               "without %s(): upgrade it (on Debian, the package %s)",
                               library->needed_by, library->file, library->functions[i],
                               library->package);
        }
        memcpy((char *)library->table + i * sizeof address, &address, sizeof address);
    }
    return ROWAN_OK;
}

rowan_status rowan__library_load(rowan__library *library, rowan_error *error)
{
    rowan_status status = ROWAN_OK;

    if (atomic_load_explicit(&library->is_loaded, memory_order_acquire)) {
        return ROWAN_OK;
    }
    pthread_mutex_lock(&loading);
    if (!atomic_load_explicit(&library->is_loaded, memory_order_relaxed)) {
        void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
        status = handle ? find_functions(library, handle, error) : fail_missing(library, error);
        atomic_store_explicit(&library->is_loaded, status == ROWAN_OK, memory_order_release);
    }
    pthread_mutex_unlock(&loading);
    return status;
}
