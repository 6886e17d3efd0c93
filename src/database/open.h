/* Opening a database without what src/rowan.c puts on top of it. */
#ifndef ROWAN_DATABASE_OPEN_H
#define ROWAN_DATABASE_OPEN_H

#include <rowan/database.h>

/** A subscriber that belongs to the database: released when it is closed. */
typedef struct rowan__attachment {
    rowan_subscriber *subscriber; /* NULL: none */
    void (*release)(rowan_subscriber *subscriber);
} rowan__attachment;

/** As rowan_open(). On failure the attachment stays the caller's. */
rowan_status rowan__db_open(const char *url, const rowan_options *options, rowan__attachment attachment,
                            rowan_db **out, rowan_error *error);

#endif
