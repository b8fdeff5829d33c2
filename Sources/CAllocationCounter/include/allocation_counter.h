// Counts the calls of the C allocator, which Swift's objects and arrays use as
// well. For tests and benchmarks: a program that links this target allocates
// through it.

#ifndef COLLABDICT_ALLOCATION_COUNTER_H
#define COLLABDICT_ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often this thread has asked for memory (malloc, calloc, realloc and the aligned forms)
/// since it started. Other threads do not disturb it.
uint64_t allocation_count(void);

/// Whether this system lets the program count: glibc, without a sanitizer.
int allocation_count_is_available(void);

#endif
