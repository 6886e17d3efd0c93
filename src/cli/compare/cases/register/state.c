/* The customer and the address that are there afterwards. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/register/form.h"
#include "cli/compare/cases/state.h"

rowan_status register_state(rowan_scope *scope, ledger *found)
{
    rowan_query registered = {
        .from = &customer_table,
        .where = EQ(CUSTOMER.email, forms[0].email),
        .fetch = FETCH(RELATED(&customer_address_relation)),
    };
    customer_rows customers;
    address *home;
    rowan_status status = customer_query_all(scope, &registered, &customers);

    for (size_t i = 0; status == ROWAN_OK && i < customers.count; i++) {
        customer *c = &customers.at[i];
        status = customer_loaded_address(scope, c, &home);
        if (status == ROWAN_OK) {
            LEDGER_ROW(found, V(c->name), V(c->public_id), V(c->newsletter),
                       V(c->points), V(c->created_at), V(home->street), V(home->city));
        }
    }
    return status;
}
