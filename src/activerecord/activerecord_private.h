/* What the files of this folder share. */
#ifndef ROWAN_ACTIVERECORD_PRIVATE_H
#define ROWAN_ACTIVERECORD_PRIVATE_H

#include <rowan/activerecord.h>

#include "relation/load.h"
#include "relation/write.h"

/** A row that can be saved, and where it is. */
typedef struct rowan__record {
    rowan__block *block;
    size_t index;
    const rowan_table *table;
    char *row;
    char *original;
} rowan__record;

/**
 * The record of a row: ROWAN_MISUSE for one that is not of this scope, has no key, or was deleted.
 */
rowan_status rowan__record_of(rowan_scope *scope, const void *row, rowan__record *out);

#endif
