/* sha256.h - SHA-256 (FIPS 180-4): names trained models in streams and checks downloaded files. */
#ifndef TESSERA_SHA256_H
#define TESSERA_SHA256_H

#include <tessera/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSR_SHA256_BYTES 32

/* A running hash; the members are not for callers. */
typedef struct tsr_sha256 {
    uint32_t h[8];
    uint64_t bytes; /* taken so far */
    uint8_t block[64];
} tsr_sha256;

TSR_EXPORT void tsr_sha256_init(tsr_sha256 *s);

/* Takes n more bytes, in pieces of any size. At most 2^61 - 1 bytes in all. */
TSR_EXPORT void tsr_sha256_update(tsr_sha256 *s, const void *data, size_t n);

/* Writes the hash of all bytes taken; *s must be initialised again before further use. */
TSR_EXPORT void tsr_sha256_final(tsr_sha256 *s, uint8_t hash[TSR_SHA256_BYTES]);

/* Writes a hash as 64 lower-case hexadecimal digits and a NUL. */
TSR_EXPORT void tsr_sha256_hex(const uint8_t hash[TSR_SHA256_BYTES],
                               char text[2 * TSR_SHA256_BYTES + 1]);

#ifdef __cplusplus
}
#endif
#endif
