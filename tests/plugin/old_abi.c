/* old_abi.c - the sample as a host of ABI 1.0 knew it: after its descriptor comes something else.
 */
#include "sample.h"

const tsr_plugin *tsr_plugin_entry(uint32_t host_abi) {
    static union {
        uint8_t bytes[sizeof(tsr_transform)];
        tsr_transform transform;
    } old;
    static const tsr_transform *const list[] = {&old.transform};
    static const tsr_plugin module = {
        sizeof module, TSR_ABI_MAJOR << 16, "old", "1", "BSD-2-Clause", list, 1};
    memset(old.bytes, 0x55, sizeof old.bytes);
    memcpy(old.bytes, &sample_transform, TSR_TRANSFORM_SIZE_1_0);
    old.transform.h.struct_size = TSR_TRANSFORM_SIZE_1_0;
    old.transform.h.abi = TSR_ABI_MAJOR << 16;
    return &module;
}
