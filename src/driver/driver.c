/* The engines of this build. A further one is one more line in the list. */
#include "driver/driver.h"

#include "base/error.h"

#ifdef ROWAN_WITH_SQLITE
#define SQLITE_DRIVER &rowan__sqlite_driver
#else
#define SQLITE_DRIVER NULL
#endif
#ifdef ROWAN_WITH_POSTGRESQL
#define POSTGRESQL_DRIVER &rowan__postgresql_driver
#else
#define POSTGRESQL_DRIVER NULL
#endif
#ifdef ROWAN_WITH_MARIADB
#define MARIADB_DRIVER &rowan__mariadb_driver
#else
#define MARIADB_DRIVER NULL
#endif

/* A scheme that we know, with its driver if this build has it. */
typedef struct engine {
    const char *scheme;
    const rowan__driver *driver;
} engine;

static const engine engines[] = {
    {"sqlite", SQLITE_DRIVER},
    {"postgresql", POSTGRESQL_DRIVER},
    {"postgres", POSTGRESQL_DRIVER}, /* libpq reads both */
    {"mariadb", MARIADB_DRIVER},
};

enum { LONGEST_SCHEME_SHOWN = 30 };

rowan_status rowan__driver_find(const char *url, const rowan__driver **out, rowan__url *parts,
                                rowan_error *error)
{
    const char *colon = url ? strchr(url, ':') : NULL;

    *out = NULL;
    *parts = (rowan__url){url, url};
    if (!colon) {
        return rowan__fail(
            error, ROWAN_MISUSE,
            "this is no database URL: write sqlite:PATH, postgresql://… or mariadb://…");
    }
    size_t size = (size_t)(colon - url);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        const engine *known = &engines[i];
        if (strlen(known->scheme) != size || memcmp(known->scheme, url, size) != 0) {
            continue;
        }
        if (!known->driver) {
            return rowan__fail(error, ROWAN_UNSUPPORTED, "this build of Rowan is without %s",
                               known->scheme);
        }
        *out = known->driver;
        parts->rest = colon + 1;
        return ROWAN_OK;
    }
    return rowan__fail(error, ROWAN_MISUSE,
                       "no engine has the scheme \"%.*s\": write sqlite:, postgresql: or mariadb:",
                       size > LONGEST_SCHEME_SHOWN ? LONGEST_SCHEME_SHOWN : (int)size, url);
}

void rowan__operations_skip(rowan__operation *operations, size_t first, size_t count)
{
    for (size_t i = first; i < count; i++) {
        operations[i].status = rowan__fail(&operations[i].error, ROWAN_CANCELLED,
                                           "not run, because a statement before it failed");
    }
}
