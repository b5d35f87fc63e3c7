/* sized.h - structs of the public interface, which begin with their size: that of another version
 * of the headers may have fewer members, or more. */
#ifndef TSR_SIZED_H
#define TSR_SIZED_H

#include <stdint.h>
#include <string.h>

/* Copies the members that both have; `to` keeps its size, and what only it has. */
static inline void tsr_sized_copy(void *to, const void *from) {
    uint32_t own, other;
    memcpy(&own, to, sizeof own);
    memcpy(&other, from, sizeof other);
    if (other < own) own = other;
    if (own > sizeof own)
        memcpy((char *)to + sizeof own, (const char *)from + sizeof own, own - sizeof own);
}

#endif
