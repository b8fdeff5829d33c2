#if defined(__x86_64__)
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
// Features are named one by one: tuning for x86-64-v4 would prefer 256 bits.
#pragma clang attribute push(                                                               \
    __attribute__((target("arch=x86-64-v3,avx512f,avx512vl,avx512dq,avx512bw,avx512cd"))),  \
    apply_to = function)
#define KERNEL(name) name##_avx512
#define CVM_TILE_CHANNELS 4
#define CVM_TILE_PIXELS 6
#include "kernels.h"
#pragma clang attribute pop
#endif
