/* What the wholesaler's file holds: 400 new books, the same for all patterns. */
#ifndef ROWAN_CLI_COMPARE_CASES_IMPORT_DELIVERY_H
#define ROWAN_CLI_COMPARE_CASES_IMPORT_DELIVERY_H

#include "bookshop.h"

/** Reads the file: the books are the scope's. */
rowan_status delivery_read(rowan_scope *scope, book_rows *out);

#endif
