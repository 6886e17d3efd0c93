/* Schemas made up at run time, so that nothing fits the bookshop alone. */
#ifndef ROWAN_TESTS_RANDOM_SCHEMA_H
#define ROWAN_TESTS_RANDOM_SCHEMA_H

#include <stdint.h>

/**
 * A schema in portable SQL: tables with every kind of name and key, columns of every type, enums,
 * and foreign keys that are single and composite, unique and not, within one table and by way of a
 * table between. Tables come after those that they refer to. The same seed gives the same text.
 * Freed with free().
 */
char *random_schema(uint64_t seed);

#endif
