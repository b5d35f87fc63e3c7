/* inline.h - functions that become part of their callers. */
#ifndef TSR_INLINE_H
#define TSR_INLINE_H

/* Under a sanitizer nothing is forced: loops that are one function would take minutes to compile.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define TSR_INLINE static inline
#endif
#endif
#if !defined(TSR_INLINE) && defined(__SANITIZE_ADDRESS__)
#define TSR_INLINE static inline
#endif
#ifndef TSR_INLINE
#define TSR_INLINE static inline __attribute__((always_inline))
#endif

#endif
