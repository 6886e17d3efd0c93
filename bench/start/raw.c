/* Raw SQL. */
#include "pattern.h"

static int work(rowan_scope *scope)
{
    void *row = NULL;
    rowan_status status =
        rowan_raw_one(scope, "SELECT id, name, hair_colour FROM person WHERE id = ?",
                      ROWAN_PARAMS(ROWAN_V(1)), &person_table, &row);

    return status == ROWAN_OK ? start_done(((person *)row)->name) : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    return start_pattern(argc, argv, work);
}
