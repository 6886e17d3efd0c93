/* Signing up with the query builder: what to do with an address that is there. */
#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/register/form.h"
#include "cli/compare/usecase.h"

static rowan_status sign_up(rowan_scope *scope, const form *f, customer_rows *out)
{
    customer c = {.public_id = account,
                  .name = f->name,
                  .email = f->email,
                  .newsletter = f->newsletter,
                  .created_at = signed_up};
    rowan_insert upsert = {
        .into = &customer_table,
        .rows = &c,
        .row_count = 1,
        .on_conflict = ROWAN_CONFLICT_UPDATE,
        .target = (const rowan_column *const[]){CUSTOMER.email.column},
        .target_count = 1,
        .set = SET(TO(CUSTOMER.name, EXCLUDED(CUSTOMER.name)),
                   TO(CUSTOMER.newsletter, EXCLUDED(CUSTOMER.newsletter))),
        .returning = true,
    };
    rowan_rows rows;
    rowan_status status = rowan_query_insert(scope, &upsert, &rows, NULL);

    *out = (customer_rows){rows.at, rows.count};
    return status;
}

static rowan_status move_in(rowan_scope *scope, const form *f, int64_t customer_id)
{
    address a = {.customer_id = customer_id,
                 .street = f->street,
                 .city = f->city,
                 .postcode = f->postcode,
                 .country = f->country};
    rowan_insert upsert = {
        .into = &address_table,
        .rows = &a,
        .row_count = 1,
        .on_conflict = ROWAN_CONFLICT_UPDATE,
        .target = (const rowan_column *const[]){ADDRESS.customer_id.column},
        .target_count = 1,
        .set = SET(TO(ADDRESS.street, EXCLUDED(ADDRESS.street)),
                   TO(ADDRESS.city, EXCLUDED(ADDRESS.city)),
                   TO(ADDRESS.postcode, EXCLUDED(ADDRESS.postcode)),
                   TO(ADDRESS.country, EXCLUDED(ADDRESS.country))),
    };

    return rowan_query_insert(scope, &upsert, NULL, NULL);
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    customer_rows who;
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < FORMS; i++) {
        status = sign_up(scope, &forms[i], &who);
        if (status == ROWAN_OK) {
            status = move_in(scope, &forms[i], who.at[0].id);
        }
        LEDGER_ROW(found, V(forms[i].email));
    }
    return status;
}

const usecase_ways register_querybuilder = {NULL, good};
