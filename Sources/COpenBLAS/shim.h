#ifndef COLLABDICT_COPENBLAS_SHIM_H
#define COLLABDICT_COPENBLAS_SHIM_H

#include <cblas.h>
#include <lapacke.h>

#endif
