/*
 * The C writer: a model as three texts. NAME_rows.h has the structs, NAME.h adds what the library
 * needs and the typed functions, NAME.c defines both. The texts hold no time and no path, so equal
 * schemas give equal bytes.
 */
#ifndef ROWAN_SCHEMA_WRITE_H
#define ROWAN_SCHEMA_WRITE_H

#include "base/text.h"
#include "schema/describe.h"

/** The three files. */
typedef struct rowan__written {
    rowan__text rows; /* NAME_rows.h */
    rowan__text header;
    rowan__text source;
} rowan__written;

/**
 * Writes a model.
 *
 * @param name  of the files without their endings: small letters, digits and "_"
 * @param out   freed with rowan__written_fini(), also after a failure
 * @param error ROWAN_MISUSE for a name that cannot be, or a model without tables
 */
rowan_status rowan__write_model(const rowan__model *model, const char *name, rowan__written *out,
                                rowan_error *error);
void rowan__written_fini(rowan__written *written);

/**
 * Saves the three files in a folder, which is made if it is not there. Each is written under
 * another name first and then renamed; a file that has this content already is left alone.
 *
 * @param error  ROWAN_IO names the file and the reason; nothing half-written is left
 */
rowan_status rowan__written_save(const rowan__written *written, const char *folder,
                                 const char *name, rowan_error *error);

#endif
