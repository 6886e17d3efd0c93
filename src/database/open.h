/* Opening a database without what src/rowan.c puts on top of it. */
#ifndef ROWAN_DATABASE_OPEN_H
#define ROWAN_DATABASE_OPEN_H

#include <rowan/database.h>

/**
 * A subscriber that belongs to the database: made when it is opened, released when it is closed.
 */
typedef struct rowan__attachment {
    /**
     * Makes it; @p allocator is the database's own and lasts as long. NULL: nothing is attached.
     * Fills the error if it fails.
     */
    rowan_status (*make)(const rowan_allocator *allocator, const rowan_options *options,
                         rowan_subscriber **out, rowan_error *error);
    void (*release)(rowan_subscriber *subscriber);
} rowan__attachment;

/** As rowan_open(), with what is attached. */
rowan_status rowan__db_open(const char *url, const rowan_options *options,
                            rowan__attachment attachment, rowan_db **out, rowan_error *error);

#endif
