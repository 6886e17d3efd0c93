/* Loading libcurl. */
#include "cli/curl.h"

#ifdef ROWAN_LINK_CLIENTS

rowan_status cli_curl_load(rowan_error *error)
{
    (void)error; /* without it the program would not have started */
    return ROWAN_OK;
}

#else

cli_curl_client cli_curl_functions;

static const char *const functions[] = {CLI_CURL_FUNCTIONS(ROWAN__LIBRARY_NAME)};
_Static_assert(sizeof(cli_curl_client) == sizeof functions, "an address for each function");

static rowan__library library = {
    .file = ROWAN_CLIENT_FILE, /* what the build found that programs load */
    .needed_by = "--send",
    .package = "libcurl4",
    .functions = functions,
    .function_count = sizeof functions / sizeof functions[0],
    .table = &cli_curl_functions,
};

rowan_status cli_curl_load(rowan_error *error)
{
    return rowan__library_load(&library, error);
}

#endif
