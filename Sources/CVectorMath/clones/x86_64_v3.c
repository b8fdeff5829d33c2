#if defined(__x86_64__)
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define KERNEL(name) name##_x86_64_v3
#define CVM_TILE_CHANNELS 2
#define CVM_TILE_PIXELS 3
#include "kernels.h"
#pragma clang attribute pop
#endif
