/* Loading libpq. */
#include "driver/postgresql/library.h"

#ifdef ROWAN_LINK_CLIENTS

rowan_status rowan__postgresql_load(rowan_error *error)
{
    (void)error; /* without it the program would not have started */
    return ROWAN_OK;
}

#else

rowan__postgresql_client rowan__postgresql_functions;

static const char *const functions[] = {ROWAN__POSTGRESQL_FUNCTIONS(ROWAN__LIBRARY_NAME)};
_Static_assert(sizeof(rowan__postgresql_client) == sizeof functions,
               "an address for each function");

static rowan__library library = {
    .file = ROWAN_CLIENT_FILE, /* what the build found that programs load */
    .needed_by = "PostgreSQL",
    .package = "libpq5",
    .functions = functions,
    .function_count = sizeof functions / sizeof functions[0],
    .newer_count = ROWAN__POSTGRESQL_NEWER,
    .table = &rowan__postgresql_functions,
};

rowan_status rowan__postgresql_load(rowan_error *error)
{
    return rowan__library_load(&library, error);
}

#endif
