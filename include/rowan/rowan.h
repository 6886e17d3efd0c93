/*
 * Rowan: four ways to a database side by side, over one driver layer. This header includes all
 * others except <rowan/short.h>, whose unprefixed macros are a program's own choice.
 */
#ifndef ROWAN_ROWAN_H
#define ROWAN_ROWAN_H

#include <rowan/activerecord.h>
#include <rowan/calendar.h>
#include <rowan/database.h>
#include <rowan/datamapper.h>
#include <rowan/detector.h>
#include <rowan/error.h>
#include <rowan/event.h>
#include <rowan/model.h>
#include <rowan/operand.h>
#include <rowan/query.h>
#include <rowan/querybuilder.h>
#include <rowan/raw.h>
#include <rowan/relation.h>
#include <rowan/trace.h>
#include <rowan/types.h>
#include <rowan/value.h>

ROWAN_BEGIN_C

#define ROWAN_VERSION_STRING "0.1.0"

/** The library's version, as ROWAN_VERSION_STRING was when it was built. */
ROWAN_API const char *rowan_version(void);

ROWAN_END_C

#endif
