// ZeroMQ. Its header suffices; the flags that its pkg-config file adds are refused by the package
// manager, so the library is linked by name.

#ifndef CZEROMQ_SHIM_H
#define CZEROMQ_SHIM_H

#include <zmq.h>

#endif
