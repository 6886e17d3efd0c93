/*
 * What the database holds after a use case that writes: one function for each, the same for all
 * patterns.
 */
#ifndef ROWAN_CLI_COMPARE_CASES_STATE_H
#define ROWAN_CLI_COMPARE_CASES_STATE_H

#include "cli/compare/usecase.h"

rowan_status checkout_state(rowan_scope *scope, ledger *found);
rowan_status stale_edit_state(rowan_scope *scope, ledger *found);
rowan_status register_state(rowan_scope *scope, ledger *found);
rowan_status price_change_state(rowan_scope *scope, ledger *found);
rowan_status import_state(rowan_scope *scope, ledger *found);

#endif
