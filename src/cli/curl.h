/*
 * libcurl, as the command calls it: by a table of its functions, which is filled when something is
 * to be sent. It brings more libraries along than all else that the command needs.
 */
#ifndef ROWAN_CLI_CURL_H
#define ROWAN_CLI_CURL_H

#define CURL_DISABLE_TYPECHECK /* by macros that know no member of that name */
#include <curl/curl.h>

#include "base/library.h"

/* All that the command calls; their types are those of libcurl's header. */
#define CLI_CURL_FUNCTIONS(X)                                                                      \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_init)                                                                              \
    X(curl_easy_perform)                                                                           \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_strerror)                                                                          \
    X(curl_easy_unescape)                                                                          \
    X(curl_free)                                                                                   \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)

/** Their addresses. */
typedef struct cli_curl_client {
    CLI_CURL_FUNCTIONS(ROWAN__LIBRARY_MEMBER)
} cli_curl_client;

#ifdef ROWAN_LINK_CLIENTS
static const cli_curl_client linked_functions = {CLI_CURL_FUNCTIONS(ROWAN__LIBRARY_LINKED)};
static const cli_curl_client *const client = &linked_functions;
#else
extern cli_curl_client cli_curl_functions;
static const cli_curl_client *const client = &cli_curl_functions;
#endif

/** Comes before the first call: see rowan__library_load(). */
rowan_status cli_curl_load(rowan_error *error);

#endif
