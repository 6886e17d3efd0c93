/* What every test program ends with. */
#ifndef ROWAN_TESTS_SUITE_H
#define ROWAN_TESTS_SUITE_H

#include <check.h>

/** Runs a suite, frees it, and gives the exit status of main(). */
int suite_run(Suite *suite);

#endif
