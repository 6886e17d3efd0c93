/* What a customer buys; the same for all patterns. */
#ifndef ROWAN_CLI_COMPARE_CASES_CHECKOUT_BASKET_H
#define ROWAN_CLI_COMPARE_CASES_CHECKOUT_BASKET_H

#include <rowan/types.h>

typedef struct wish {
    int64_t book_id;
    int32_t quantity;
} wish;

enum { CUSTOMER_ID = 1, WISHES = 6, CONTESTED = 2 };

/** In the order of the books' keys. Someone else buys the contested one at the same time. */
static const wish basket[WISHES] = {{2, 1}, {3, 2}, {5, 1}, {7, 1}, {11, 3}, {13, 1}};

static const rowan_uuid receipt = {
    {0xba, 0x5c, 0xe7, 1, 2, 3, 0x40, 4, 0x80, 5, 6, 7, 8, 9, 10, 11}};
static const rowan_timestamp placed_at = {INT64_C(1767225600000000)};

#endif
