/*
 * What two visitors fill in: the second has an account already and moves. The same for all
 * patterns.
 */
#ifndef ROWAN_CLI_COMPARE_CASES_REGISTER_FORM_H
#define ROWAN_CLI_COMPARE_CASES_REGISTER_FORM_H

#include <rowan/types.h>

typedef struct form {
    const char *email, *name, *street, *city, *postcode, *country;
    bool newsletter;
} form;

enum { FORMS = 2 };

static const form forms[FORMS] = {
    {"reader@example.org", "R. Reader", "1 Mill Road", "Cork", "T12", "IE", false},
    {"reader@example.org", "Rosa Reader", "7 Quay Street", "Galway", "H91", "IE", true},
};

static const rowan_uuid account = {
    {0xac, 0xc0, 0x47, 1, 2, 3, 0x40, 4, 0x80, 5, 6, 7, 8, 9, 10, 11}};
static const rowan_timestamp signed_up = {INT64_C(1767225600000000)};

#endif
