/* Active Record. */
#include "pattern.h"

static int work(rowan_scope *scope)
{
    person *row = NULL;

    return person_find(scope, 1, &row) == ROWAN_OK ? start_done(row->name) : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    return start_pattern(argc, argv, work);
}
