/* Values in the form of the wire, as they stand in the packets that this driver makes. */
#ifndef ROWAN_DRIVER_MARIADB_PACKET_H
#define ROWAN_DRIVER_MARIADB_PACKET_H

#include "base/bytes.h"
#include "driver/mariadb/mariadb_private.h"

/** What a value takes beside its bytes, or a time in all, is less. */
enum { ROWAN__MARIADB_OVERHEAD = 16 };

/* Each of these puts something at an address and returns the one behind it. */

/** The lowest bytes of a number, the lowest first. */
static inline unsigned char *rowan__mariadb_put_number(unsigned char *at, uint64_t number,
                                                       size_t size)
{
    uint64_t bytes = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? number : __builtin_bswap64(number);

    memcpy(at, &bytes, size);
    return at + size;
}

/** Bytes behind their length. */
static inline unsigned char *rowan__mariadb_put_bytes(unsigned char *at, const char *bytes,
                                                      size_t size)
{
    if (size < 251) {
        *at++ = (unsigned char)size;
    } else if (size <= UINT16_MAX) {
        *at++ = 252;
        at = rowan__mariadb_put_number(at, size, 2);
    } else {
        *at++ = 254;
        at = rowan__mariadb_put_number(at, size, 8);
    }
    rowan__bytes_few((char *)at, bytes, size);
    return at + size;
}

/** Any value but NULL and texts. */
unsigned char *rowan__mariadb_put_other(unsigned char *at, const MYSQL_BIND *value);

#endif
