/* Data Mapper. */
#include "pattern.h"

static int work(rowan_scope *scope)
{
    rowan_session *session = NULL;
    person *row = NULL;
    int status = EXIT_FAILURE;

    if (rowan_session_begin(scope, &session) == ROWAN_OK &&
        person_session_find(session, 1, &row) == ROWAN_OK) {
        status = start_done(row->name);
    }
    rowan_session_end(session);
    return status;
}

int main(int argc, char **argv)
{
    return start_pattern(argc, argv, work);
}
