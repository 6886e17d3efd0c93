/*
 * libpq, as this driver calls it: by a table of its functions, which is filled when the first URL
 * of the engine is opened. With ROWAN_LINK_CLIENTS the compiler sees through the table, and the
 * calls are direct.
 */
#ifndef ROWAN_DRIVER_POSTGRESQL_LIBRARY_H
#define ROWAN_DRIVER_POSTGRESQL_LIBRARY_H

#include <libpq-fe.h>

#include "base/library.h"

/* All that the driver calls; their types are those of the client's header. */
#define ROWAN__POSTGRESQL_FUNCTIONS(X)                                                             \
    X(PQcancel)                                                                                    \
    X(PQclear)                                                                                     \
    X(PQcmdStatus)                                                                                 \
    X(PQconndefaults)                                                                              \
    X(PQconnectPoll)                                                                               \
    X(PQconnectStartParams)                                                                        \
    X(PQconnectdbParams)                                                                           \
    X(PQconninfoFree)                                                                              \
    X(PQconninfoParse)                                                                             \
    X(PQconsumeInput)                                                                              \
    X(PQenterPipelineMode)                                                                         \
    X(PQerrorMessage)                                                                              \
    X(PQexitPipelineMode)                                                                          \
    X(PQfinish)                                                                                    \
    X(PQflush)                                                                                     \
    X(PQfmod)                                                                                      \
    X(PQfname)                                                                                     \
    X(PQfreeCancel)                                                                                \
    X(PQfreemem)                                                                                   \
    X(PQftype)                                                                                     \
    X(PQgetCancel)                                                                                 \
    X(PQgetResult)                                                                                 \
    X(PQgetisnull)                                                                                 \
    X(PQgetlength)                                                                                 \
    X(PQgetvalue)                                                                                  \
    X(PQhost)                                                                                      \
    X(PQisBusy)                                                                                    \
    X(PQnfields)                                                                                   \
    X(PQnparams)                                                                                   \
    X(PQntuples)                                                                                   \
    X(PQparamtype)                                                                                 \
    X(PQpipelineStatus)                                                                            \
    X(PQpipelineSync)                                                                              \
    X(PQport)                                                                                      \
    X(PQputCopyData)                                                                               \
    X(PQputCopyEnd)                                                                                \
    X(PQresultErrorField)                                                                          \
    X(PQresultErrorMessage)                                                                        \
    X(PQresultMemorySize)                                                                          \
    X(PQresultStatus)                                                                              \
    X(PQsendDescribePrepared)                                                                      \
    X(PQsendFlushRequest)                                                                          \
    X(PQsendPrepare)                                                                               \
    X(PQsendQuery)                                                                                 \
    X(PQsendQueryParams)                                                                           \
    X(PQsendQueryPrepared)                                                                         \
    X(PQsetErrorVerbosity)                                                                         \
    X(PQsetNoticeReceiver)                                                                         \
    X(PQsetSingleRowMode)                                                                          \
    X(PQsetnonblocking)                                                                            \
    X(PQsocket)                                                                                    \
    X(PQstatus)                                                                                    \
    X(PQtransactionStatus)                                                                         \
    X(PQunescapeBytea)                                                                             \
    X(PQsetChunkedRowsMode)

/* How many of them, the last, an older libpq is without: this one came with 17. */
enum { ROWAN__POSTGRESQL_NEWER = 1 };

/* The library that is loaded may have what the header that we are built with lacks. */
#ifndef LIBPQ_HAS_CHUNK_MODE
#define PGRES_TUPLES_CHUNK ((ExecStatusType)(PGRES_PIPELINE_ABORTED + 1))
__attribute__((weak)) int PQsetChunkedRowsMode(PGconn *connection, int rows);
#endif

/** Their addresses; NULL for a newer one that is not there. */
typedef struct rowan__postgresql_client {
    ROWAN__POSTGRESQL_FUNCTIONS(ROWAN__LIBRARY_MEMBER)
} rowan__postgresql_client;

#ifdef ROWAN_LINK_CLIENTS
static const rowan__postgresql_client linked_functions = {
    ROWAN__POSTGRESQL_FUNCTIONS(ROWAN__LIBRARY_LINKED)};
static const rowan__postgresql_client *const client = &linked_functions;
#else
extern rowan__postgresql_client rowan__postgresql_functions;
static const rowan__postgresql_client *const client = &rowan__postgresql_functions;
#endif

/** Comes before the first call: see rowan__library_load(). */
rowan_status rowan__postgresql_load(rowan_error *error);

#endif
