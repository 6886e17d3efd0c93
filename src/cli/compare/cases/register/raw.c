/* Signing up in raw SQL: insert, or update where the e-mail address is there; each
 * engine says it its own way. */
#include <string.h>

#include <rowan/short.h>

#include "bookshop.h"
#include "cli/compare/cases/register/form.h"
#include "cli/compare/usecase.h"

static bool is_mariadb(rowan_scope *scope)
{
    return strcmp(rowan_db_engine(rowan_scope_db(scope)), "mariadb") == 0;
}

static rowan_status sign_up(rowan_scope *scope, const form *f)
{
    const char *sql =
        is_mariadb(scope)
            ? "INSERT INTO customer (public_id, name, email, newsletter, points, "
              "created_at) VALUES (:account, :name, :email, :newsletter, 0, :now) "
              "ON DUPLICATE KEY UPDATE name = VALUES(name), "
              "newsletter = VALUES(newsletter)"
            : "INSERT INTO customer (public_id, name, email, newsletter, points, "
              "created_at) VALUES (:account, :name, :email, :newsletter, 0, :now) "
              "ON CONFLICT (email) DO UPDATE SET name = excluded.name, "
              "newsletter = excluded.newsletter";

    return rowan_raw_run(scope, sql,
                         PARAMS(NAMED("account", account), NAMED("name", f->name),
                                NAMED("email", f->email),
                                NAMED("newsletter", f->newsletter),
                                NAMED("now", signed_up)),
                         NULL);
}

static rowan_status move_in(rowan_scope *scope, const form *f)
{
    const char *sql =
        is_mariadb(scope)
            ? "INSERT INTO address (customer_id, street, city, postcode, country) "
              "VALUES ((SELECT id FROM customer WHERE email = :email), "
              ":street, :city, :postcode, :country) ON DUPLICATE KEY UPDATE "
              "street = VALUES(street), city = VALUES(city), "
              "postcode = VALUES(postcode), country = VALUES(country)"
            : "INSERT INTO address (customer_id, street, city, postcode, country) "
              "VALUES ((SELECT id FROM customer WHERE email = :email), "
              ":street, :city, :postcode, :country) ON CONFLICT (customer_id) "
              "DO UPDATE SET street = excluded.street, city = excluded.city, "
              "postcode = excluded.postcode, country = excluded.country";

    return rowan_raw_run(scope, sql,
                         PARAMS(NAMED("email", f->email), NAMED("street", f->street),
                                NAMED("city", f->city), NAMED("postcode", f->postcode),
                                NAMED("country", f->country)),
                         NULL);
}

static rowan_status good(rowan_scope *scope, ledger *found)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; status == ROWAN_OK && i < FORMS; i++) {
        status = sign_up(scope, &forms[i]);
        if (status == ROWAN_OK) {
            status = move_in(scope, &forms[i]);
        }
        LEDGER_ROW(found, V(forms[i].email));
    }
    return status;
}

const usecase_ways register_raw = {NULL, good};
