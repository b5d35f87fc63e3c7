/* crc32c.h - CRC-32C (Castagnoli, polynomial 0x1EDC6F41, reflected), as in RFC 3720 appendix B.4.
 */
#ifndef TSR_CRC32C_H
#define TSR_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC of n bytes continuing from crc (0 to start). */
uint32_t tsr_crc32c(uint32_t crc, const void *data, size_t n);

#endif
