// Every kernel, once for the instruction set of the file that includes this.
// KERNEL(name) is the name of this clone; dispatch.c chooses one for the caller.

#include "../include/vector_math.h"
#include "../kernels/lanes.h"

#include "../kernels/elementwise.inc"
#include "../kernels/layers.inc"
#include "../kernels/observation.inc"
#include "../kernels/optimiser.inc"
#include "../kernels/random.inc"
