/* A branch of the category tree with Data Mapper: it loads level after level. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/usecase.h"

enum { ROOT_ID = 1, MOST = 500 };

/* Loads the children of all queued from `first` on with one statement. */
static rowan_status load_children(rowan_session *session, void **queue, size_t first,
                                  size_t count)
{
    return rowan_session_load(session, (rowan_refs){queue + first, count - first},
                              FETCH(RELATED(&category_children_relation)));
}

/* Parents before children, as a queue. */
static rowan_status walk(rowan_session *session, bool by_level, ledger *found)
{
    void *queue[MOST];
    category *root;
    rowan_refs children;
    size_t count = 0, loaded = 0;
    rowan_status status = category_session_find(session, ROOT_ID, &root);

    queue[count++] = root;
    for (size_t at = 0; status == ROWAN_OK && at < count; at++) {
        const category *c = queue[at];
        LEDGER_ROW(found, V(c->id), V(c->name));
        if (at == loaded) {
            loaded = by_level ? count : at + 1;
            status = load_children(session, queue, at, loaded);
        }
        if (status == ROWAN_OK) {
            status = category_session_children(session, c, &children);
        }
        for (size_t i = 0; status == ROWAN_OK && i < children.count && count < MOST;
             i++) {
            queue[count++] = children.at[i];
        }
    }
    return status;
}

static rowan_status tempting(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = walk(session, false, found);
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = walk(session, true, found);
    }
    rowan_session_end(session);
    return status;
}

const usecase_ways category_tree_datamapper = {tempting, good};
