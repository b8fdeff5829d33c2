// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
#define KERNEL(name) name##_baseline
#include "kernels.h"
