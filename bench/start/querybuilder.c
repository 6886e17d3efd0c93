/* The query builder. */
#include <rowan/short.h>

#include "pattern.h"

static int work(rowan_scope *scope)
{
    rowan_query query = {.from = &person_table, .where = EQ(PERSON.id, 1)};
    person *row = NULL;

    return person_query_one(scope, &query, &row) == ROWAN_OK ? start_done(row->name) : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    return start_pattern(argc, argv, work);
}
