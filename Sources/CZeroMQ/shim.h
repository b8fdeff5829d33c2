// ZeroMQ. Its header suffices; the flags that its pkg-config file adds are refused by the package
// manager, so the library is linked by name.

#ifndef CZEROMQ_SHIM_H
#define CZEROMQ_SHIM_H

#include <stddef.h>

#if defined(__GLIBC__) || defined(__linux__)
#include <malloc.h>
#endif

#include <zmq.h>

/// Keeps memory that was let go for what comes next, instead of giving it back to the system.
/// Returns 0 where the C library has no such setting.
static inline int czmq_keep_memory(void) {
#ifdef M_TRIM_THRESHOLD
  // The largest sizes that are taken: pieces up to 32 MiB from the heap, which shrinks only when
  // 256 MiB at its end are free.
  return mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_TRIM_THRESHOLD, 256 << 20);
#else
  return 0;
#endif
}

#endif
