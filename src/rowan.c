/* The one composition: a database with the detector attached. */
#include <rowan/rowan.h>

#include "database/open.h"
#include "detector/detector.h"

const char *rowan_version(void)
{
    return ROWAN_VERSION_STRING;
}

static rowan_status make_detector(const rowan_allocator *allocator, const rowan_options *options,
                                  rowan_subscriber **out, rowan_error *error)
{
    return rowan__detector_new(allocator, options->detector, out, error);
}

rowan_status rowan_open(const char *url, const rowan_options *options, rowan_db **out,
                        rowan_error *error)
{
    bool wanted = !options || !options->no_detector;
    rowan__attachment attachment = {wanted ? make_detector : NULL, rowan__detector_free};

    return rowan__db_open(url, options, attachment, out, error);
}
