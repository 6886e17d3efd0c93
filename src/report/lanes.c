#include "report/lanes.h"

#include <string.h>

static const char *name_of(const rowan__traced *statement)
{
    return statement->connection != NULL ? statement->connection
           : statement->thread != NULL   ? statement->thread
                                         : "statements";
}

size_t rowan__lane_of(rowan__lanes *lanes, const rowan__traced *statement)
{
    const char *name = name_of(statement);

    for (size_t i = 0; i < lanes->count; i++) {
        if (strcmp(lanes->names[i], name) == 0) {
            return i;
        }
    }
    if (lanes->count == lanes->most) {
        return lanes->most - 1;
    }
    lanes->names[lanes->count] = name;
    return lanes->count++;
}
