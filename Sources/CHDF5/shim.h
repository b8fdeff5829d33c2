// What Swift cannot see of HDF5: its constants are macros that also initialise the library, and
// some of its functions are macros that choose a version. Nothing here adds behaviour of its own
// beyond that, except the two callbacks at the end, which HDF5 wants as C functions.
#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

#include <hdf5.h>
#include <string.h>

// Files and selections.
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_all(void) { return H5S_ALL; }

// Property list classes.
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_dataset_transfer(void) { return H5P_DATASET_XFER; }

// Element types in memory.
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }

// Element types in a file: little-endian on every machine.
static inline hid_t chdf5_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_file_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_file_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }

// Keeps HDF5 from printing its error stack: the caller turns it into an error value.
static inline void chdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
static inline void chdf5_clear_errors(void) { H5Eclear2(H5E_DEFAULT); }

struct chdf5_message {
  char *text;
  size_t capacity;
};

static inline herr_t chdf5_keep_innermost(
    unsigned depth, const H5E_error2_t *error, void *context) {
  struct chdf5_message *message = (struct chdf5_message *)context;
  if (depth == 0 && error->desc != NULL) {
    strncpy(message->text, error->desc, message->capacity - 1);
    message->text[message->capacity - 1] = '\0';
  }
  return 0;
}

// Copies the innermost message of HDF5's error stack, or an empty string.
static inline void chdf5_innermost_error(char *text, size_t capacity) {
  struct chdf5_message message = {text, capacity};
  text[0] = '\0';
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_keep_innermost, &message);
}

typedef void (*chdf5_name_callback)(const char *name, void *context);

struct chdf5_visitor {
  chdf5_name_callback callback;
  void *context;
};

static inline herr_t chdf5_visit_one(
    hid_t group, const char *name, const H5L_info_t *info, void *context) {
  (void)group;
  (void)info;
  struct chdf5_visitor *visitor = (struct chdf5_visitor *)context;
  visitor->callback(name, visitor->context);
  return 0;
}

// Calls back with the path of every link below `location`, in the order of names.
static inline herr_t chdf5_visit_links(
    hid_t location, chdf5_name_callback callback, void *context) {
  struct chdf5_visitor visitor = {callback, context};
  return H5Lvisit(location, H5_INDEX_NAME, H5_ITER_INC, chdf5_visit_one, &visitor);
}

static inline herr_t chdf5_attribute_one(
    hid_t object, const char *name, const H5A_info_t *info, void *context) {
  (void)object;
  (void)info;
  struct chdf5_visitor *visitor = (struct chdf5_visitor *)context;
  visitor->callback(name, visitor->context);
  return 0;
}

// Calls back with the name of every attribute of `object`, in the order of names.
static inline herr_t chdf5_visit_attributes(
    hid_t object, chdf5_name_callback callback, void *context) {
  struct chdf5_visitor visitor = {callback, context};
  return H5Aiterate2(
      object, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_attribute_one, &visitor);
}

// Stops a conversion to integers at the first value that an integer cannot hold exactly.
static inline H5T_conv_ret_t chdf5_stop_at_loss(
    H5T_conv_except_t exception, hid_t source, hid_t destination, void *from, void *to,
    void *context) {
  (void)source;
  (void)destination;
  (void)from;
  (void)to;
  *(int *)context = 1;
  return exception == H5T_CONV_EXCEPT_PRECISION ? H5T_CONV_UNHANDLED : H5T_CONV_ABORT;
}

// Makes reads with this transfer list refuse lossy conversions, noting a loss in `lost`, which
// must outlive the read.
static inline herr_t chdf5_refuse_loss(hid_t transfer, int *lost) {
  *lost = 0;
  return H5Pset_type_conv_cb(transfer, chdf5_stop_at_loss, lost);
}

#endif
