// libsodium: hashes, signatures, key agreement, authenticated encryption, secure randomness.

#ifndef CSODIUM_SHIM_H
#define CSODIUM_SHIM_H

#include <sodium.h>

#endif
