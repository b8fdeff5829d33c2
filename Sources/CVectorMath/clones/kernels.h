// Every kernel, once for the instruction set of the file that includes this.
// KERNEL(name) is the name of this clone; dispatch.c chooses one for the caller.
// CVM_TILE_CHANNELS and CVM_TILE_PIXELS suit its registers: see convolution_tiles.inc.

#include "../include/convolution.h"
#include "../include/graphical.h"
#include "../include/mixture.h"
#include "../include/prime_field.h"
#include "../include/vector_math.h"
#include "../kernels/lanes.h"

#include "../kernels/elementwise.inc"
#include "../kernels/layers.inc"
#include "../kernels/observation.inc"
#include "../kernels/optimiser.inc"
#include "../kernels/random.inc"
#include "../kernels/field.inc"
#include "../kernels/field_encoding.inc"
#include "../kernels/graphical.inc"
#include "../kernels/mixture.inc"

#include "../kernels/convolution_layout.inc"
#include "../kernels/convolution_tiles.inc"
#include "../kernels/product.inc"
#include "../kernels/convolution_memory.inc"
#include "../kernels/convolution_direct.inc"
#include "../kernels/convolution_winograd.inc"
#include "../kernels/convolution.inc"
#include "../kernels/pooling.inc"
