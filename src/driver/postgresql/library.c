/* Loading libpq. */
#include "driver/postgresql/library.h"

#ifdef ROWAN_LINK_CLIENTS

rowan_status rowan__postgresql_load(rowan_error *error)
{
    (void)error; /* without it the program would not have started */
    return ROWAN_OK;
}

#else

#include "driver/library.h"

rowan__postgresql_client rowan__postgresql_functions;

static const rowan__library_function functions[] = {
#define NAMED(function) {#function, offsetof(rowan__postgresql_client, function)},
    ROWAN__POSTGRESQL_FUNCTIONS(NAMED)
#undef NAMED
};

static rowan__library library = {
    .file = ROWAN_CLIENT_FILE, /* what the build found that programs load */
    .engine = "PostgreSQL",
    .package = "libpq5",
    .functions = functions,
    .function_count = sizeof functions / sizeof functions[0],
    .table = &rowan__postgresql_functions,
};

rowan_status rowan__postgresql_load(rowan_error *error)
{
    return rowan__library_load(&library, error);
}

#endif
