/* The one composition: a database with the detector attached. */
#include <rowan/rowan.h>

#include "database/open.h"

const char *rowan_version(void)
{
    return ROWAN_VERSION_STRING;
}

rowan_status rowan_open(const char *url, const rowan_options *options, rowan_db **out, rowan_error *error)
{
    rowan__attachment attachment = {NULL, NULL};

    return rowan__db_open(url, options, attachment, out, error);
}
