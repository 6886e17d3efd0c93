/*
 * Connector/C, as this driver calls it: by a table of its functions, which is filled when the first
 * URL of the engine is opened. With ROWAN_LINK_CLIENTS the compiler sees through the table, and the
 * calls are direct.
 */
#ifndef ROWAN_DRIVER_MARIADB_LIBRARY_H
#define ROWAN_DRIVER_MARIADB_LIBRARY_H

#include <mysql.h>

#include "base/library.h"

/* All that the driver calls; their types are those of the client's header. */
#define ROWAN__MARIADB_FUNCTIONS(X)                                                                \
    X(mariadb_field_attr)                                                                          \
    X(mariadb_get_infov)                                                                           \
    X(mariadb_stmt_fetch_fields)                                                                   \
    X(mysql_affected_rows)                                                                         \
    X(mysql_close)                                                                                 \
    X(mysql_errno)                                                                                 \
    X(mysql_error)                                                                                 \
    X(mysql_field_count)                                                                           \
    X(mysql_free_result)                                                                           \
    X(mysql_get_socket)                                                                            \
    X(mysql_get_ssl_cipher)                                                                        \
    X(mysql_init)                                                                                  \
    X(mysql_more_results)                                                                          \
    X(mysql_next_result)                                                                           \
    X(mysql_next_result_cont)                                                                      \
    X(mysql_next_result_start)                                                                     \
    X(mysql_options)                                                                               \
    X(mysql_optionsv)                                                                              \
    X(mysql_real_connect)                                                                          \
    X(mysql_real_query)                                                                            \
    X(mysql_real_query_cont)                                                                       \
    X(mysql_real_query_start)                                                                      \
    X(mysql_sqlstate)                                                                              \
    X(mysql_stmt_affected_rows)                                                                    \
    X(mysql_stmt_attr_set)                                                                         \
    X(mysql_stmt_bind_param)                                                                       \
    X(mysql_stmt_close)                                                                            \
    X(mysql_stmt_errno)                                                                            \
    X(mysql_stmt_error)                                                                            \
    X(mysql_stmt_execute)                                                                          \
    X(mysql_stmt_execute_cont)                                                                     \
    X(mysql_stmt_execute_start)                                                                    \
    X(mysql_stmt_fetch)                                                                            \
    X(mysql_stmt_fetch_cont)                                                                       \
    X(mysql_stmt_fetch_start)                                                                      \
    X(mysql_stmt_field_count)                                                                      \
    X(mysql_stmt_free_result)                                                                      \
    X(mysql_stmt_init)                                                                             \
    X(mysql_stmt_more_results)                                                                     \
    X(mysql_stmt_next_result)                                                                      \
    X(mysql_stmt_next_result_cont)                                                                 \
    X(mysql_stmt_next_result_start)                                                                \
    X(mysql_stmt_num_rows)                                                                         \
    X(mysql_stmt_param_count)                                                                      \
    X(mysql_stmt_prepare)                                                                          \
    X(mysql_stmt_prepare_cont)                                                                     \
    X(mysql_stmt_prepare_start)                                                                    \
    X(mysql_stmt_sqlstate)                                                                         \
    X(mysql_stmt_store_result)                                                                     \
    X(mysql_stmt_store_result_cont)                                                                \
    X(mysql_stmt_store_result_start)                                                               \
    X(mysql_store_result)                                                                          \
    X(mysql_store_result_cont)                                                                     \
    X(mysql_store_result_start)                                                                    \
    X(mysql_thread_id)

/** Their addresses. */
typedef struct rowan__mariadb_client {
    ROWAN__MARIADB_FUNCTIONS(ROWAN__LIBRARY_MEMBER)
} rowan__mariadb_client;

#ifdef ROWAN_LINK_CLIENTS
static const rowan__mariadb_client linked_functions = {
    ROWAN__MARIADB_FUNCTIONS(ROWAN__LIBRARY_LINKED)};
static const rowan__mariadb_client *const client = &linked_functions;
#else
extern rowan__mariadb_client rowan__mariadb_functions;
static const rowan__mariadb_client *const client = &rowan__mariadb_functions;
#endif

/** Comes before the first call: see rowan__library_load(). */
rowan_status rowan__mariadb_load(rowan_error *error);

#endif
