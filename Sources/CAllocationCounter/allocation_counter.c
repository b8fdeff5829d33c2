#include "include/allocation_counter.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

// The program's own definitions come before the C library's, for every shared
// library in it. They count and hand on to the names under which glibc keeps
// the real ones; `free` stays glibc's.

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// Part of the program's static thread block, so that counting allocates nothing.
static __thread uint64_t calls __attribute__((tls_model("initial-exec")));

void *malloc(size_t size) {
  ++calls;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  ++calls;
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  ++calls;
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  ++calls;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  ++calls;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  ++calls;
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

uint64_t allocation_count(void) { return calls; }
int allocation_count_is_available(void) { return 1; }

#else

uint64_t allocation_count(void) { return 0; }
int allocation_count_is_available(void) { return 0; }

#endif
