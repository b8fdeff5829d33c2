// cairo: lines, areas and text, drawn to SVG and PNG.

#ifndef CCAIRO_SHIM_H
#define CCAIRO_SHIM_H

#include <cairo.h>
#include <cairo-svg.h>

#endif
