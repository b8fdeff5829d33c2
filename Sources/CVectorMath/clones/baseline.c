// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
#if defined(__x86_64__)
#define KERNEL(name) name##_baseline
#define CVM_TILE_CHANNELS 1  // 16 registers of four floats
#else
#define KERNEL(name) name
#define CVM_TILE_CHANNELS 2  // arm64 has 32
#endif
#define CVM_TILE_PIXELS 3
#include "kernels.h"
