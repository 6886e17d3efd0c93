/* Signing up with Active Record: look first, then insert or save. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/register/form.h"
#include "cli/compare/usecase.h"

static rowan_status sign_up(rowan_scope *scope, const form *f, customer **out)
{
    rowan_query by_email = {.from = &customer_table,
                            .where = EQ(CUSTOMER.email, f->email)};
    rowan_status status = customer_first(scope, &by_email, out);

    if (status == ROWAN_NOT_FOUND) {
        customer c = {.public_id = account,
                      .name = f->name,
                      .email = f->email,
                      .newsletter = f->newsletter,
                      .created_at = signed_up};
        return customer_insert(scope, &c, out);
    }
    if (status == ROWAN_OK) {
        (*out)->name = f->name;
        (*out)->newsletter = f->newsletter;
        status = customer_save(scope, *out);
    }
    return status;
}

static rowan_status move_in(rowan_scope *scope, const form *f, const customer *who)
{
    address *home;
    rowan_status status = customer_address(scope, who, &home);

    if (status == ROWAN_OK && !home) {
        address a = {.customer_id = who->id,
                     .street = f->street,
                     .city = f->city,
                     .postcode = f->postcode,
                     .country = f->country};
        return address_insert(scope, &a, NULL);
    }
    if (status == ROWAN_OK) {
        home->street = f->street;
        home->city = f->city;
        home->postcode = f->postcode;
        home->country = f->country;
        status = address_save(scope, home);
    }
    return status;
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    customer *who;
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < FORMS; i++) {
        status = sign_up(scope, &forms[i], &who);
        if (status == ROWAN_OK) {
            status = move_in(scope, &forms[i], who);
        }
        LEDGER_ROW(found, V(forms[i].email));
    }
    return status;
}

const usecase_ways register_activerecord = {NULL, good};
