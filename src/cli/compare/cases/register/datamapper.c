/* Signing up with Data Mapper: find both or make both, fill them in, flush. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/register/form.h"
#include "cli/compare/usecase.h"

/* The customer of that address and where they live, new ones if there are none. */
static rowan_status open_account(rowan_session *session, const form *f, customer **who,
                                 address **home)
{
    rowan_query by_email = {
        .from = &customer_table,
        .where = EQ(CUSTOMER.email, f->email),
        .fetch = FETCH(RELATED(&customer_address_relation)),
    };
    rowan_refs known;
    rowan_status status = customer_session_all(session, &by_email, &known);

    if (status == ROWAN_OK && known.count > 0) {
        *who = known.at[0];
        return customer_session_address(session, *who, home);
    }
    if (status == ROWAN_OK) {
        status = customer_session_new(session, who);
    }
    if (status == ROWAN_OK) {
        **who = (customer){
            .public_id = account, .email = f->email, .created_at = signed_up};
        status = address_session_new(session, home);
    }
    return status == ROWAN_OK
               ? rowan_session_refer(session, &address_customer_relation, *home, *who)
               : status;
}

static rowan_status sign_up(rowan_scope *scope, const form *f)
{
    rowan_session *session = NULL;
    customer *who;
    address *home;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status = open_account(session, f, &who, &home);
    }
    if (status == ROWAN_OK) {
        who->name = f->name;
        who->newsletter = f->newsletter;
        home->street = f->street;
        home->city = f->city;
        home->postcode = f->postcode;
        home->country = f->country;
        status = rowan_session_flush(session);
    }
    rowan_session_end(session);
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < FORMS; i++) {
        status = sign_up(scope, &forms[i]);
        LEDGER_ROW(found, V(forms[i].email));
    }
    return status;
}

const usecase_ways register_datamapper = {NULL, good};
