/* Data Mapper: the session knows, the row does not. One flush writes everything, in order. Run:
 * datamapper [URL] */
#include "shop.h"

int main(int argc, char **argv)
{
    rowan_db *db;
    rowan_scope *scope = shop_open(argc, argv, "datamapper", &db);
    rowan_session *session;
    book *one, *same, *fresh;
    publisher *house;

    check(scope, rowan_session_begin(scope, &session));
    check(scope, book_session_find(session, 2, &one));
    check(scope, book_session_find(session, 2, &same));
    printf("the same row is the same pointer: %s\n", one == same ? "yes" : "no");

    /* A new book of a new publisher: neither has a key yet. */
    check(scope, publisher_session_new(session, &house));
    house->name = "Small Hours";
    house->city = "Porto";
    check(scope, book_session_new(session, &fresh));
    fresh->isbn = "9790000000001";
    fresh->title = "An Atlas of Small Rooms";
    fresh->weight_kg.text = "0.410";
    fresh->price_cents = 2100;
    check(scope, rowan_session_refer(session, &book_publisher_relation, fresh, house));
    one->stock -= 1;

    rowan_session_changes pending = rowan_session_pending(session);
    printf("to write: %zu new, %zu changed\n", pending.inserts, pending.updates);
    check(scope, rowan_session_flush(
                     session)); /* publisher, then book, then the change: one transaction */
    printf("keys: the publisher has one: %s, and its book refers to it: %s\n",
           house->id ? "yes" : "no", fresh->publisher_id == house->id ? "yes" : "no");
    rowan_session_end(session);
    rowan_scope_end(scope);
    rowan_close(db);
    return EXIT_SUCCESS;
}
