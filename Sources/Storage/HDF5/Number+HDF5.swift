internal import CHDF5

/// A number type that data sets can be read as and written from.
public protocol HDF5Number: BitwiseCopyable, Numeric, Sendable {
  /// Which of HDF5's formats the type has.
  static var hdf5Format: HDF5NumberFormat { get }
}

/// The formats of ``HDF5Number`` types.
public enum HDF5NumberFormat: Hashable, Sendable {
  case float32, float64, int64, uint64, uint16, uint8
}

extension Float: HDF5Number {
  public static var hdf5Format: HDF5NumberFormat { .float32 }
}

extension Double: HDF5Number {
  public static var hdf5Format: HDF5NumberFormat { .float64 }
}

extension Int64: HDF5Number {
  public static var hdf5Format: HDF5NumberFormat { .int64 }
}

extension UInt64: HDF5Number {
  public static var hdf5Format: HDF5NumberFormat { .uint64 }
}

extension UInt16: HDF5Number {
  public static var hdf5Format: HDF5NumberFormat { .uint16 }
}

extension UInt8: HDF5Number {
  public static var hdf5Format: HDF5NumberFormat { .uint8 }
}

extension HDF5NumberFormat {
  /// HDF5's type of the numbers in memory.
  var memoryType: hid_t {
    switch self {
    case .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    case .int64: chdf5_native_int64()
    case .uint64: chdf5_native_uint64()
    case .uint16: chdf5_native_uint16()
    case .uint8: chdf5_native_uint8()
    }
  }

  /// HDF5's type of the numbers in files that we write: little-endian.
  var fileType: hid_t {
    switch self {
    case .float32: chdf5_file_float()
    case .float64: chdf5_file_double()
    case .int64: chdf5_file_int64()
    case .uint64: chdf5_file_uint64()
    case .uint16: chdf5_file_uint16()
    case .uint8: chdf5_file_uint8()
    }
  }

  var isInteger: Bool { self != .float32 && self != .float64 }
}

/// The type of a data set's or attribute's elements as stored.
public enum HDF5ElementType: Hashable, Sendable {
  /// A floating-point number: 16, 32, 64 or other bits.
  case float(bits: Int)
  /// A signed integer.
  case integer(bits: Int)
  /// An unsigned integer.
  case unsignedInteger(bits: Int)
  /// A Boolean as h5py stores it: an enumeration with the members FALSE and TRUE.
  case boolean
  /// An enumeration with other members.
  case enumeration
  /// Text of fixed or variable length.
  case string
  /// Anything else: complex and compound values, references, dates.
  case other

  /// Whether values of this type can be read as numbers.
  public var isNumeric: Bool {
    switch self {
    case .float, .integer, .unsignedInteger, .boolean, .enumeration: true
    case .string, .other: false
    }
  }

  init(type: hid_t) {
    let bits = 8 * H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_FLOAT: self = .float(bits: bits)
    case H5T_INTEGER:
      self = H5Tget_sign(type) == H5T_SGN_NONE ? .unsignedInteger(bits: bits) : .integer(bits: bits)
    case H5T_ENUM: self = Self.isBoolean(type) ? .boolean : .enumeration
    case H5T_STRING: self = .string
    default: self = .other
    }
  }

  private static func isBoolean(_ type: hid_t) -> Bool {
    guard H5Tget_nmembers(type) == 2 else { return false }
    let falseIndex = unsafe H5Tget_member_index(type, "FALSE")
    let trueIndex = unsafe H5Tget_member_index(type, "TRUE")
    return falseIndex >= 0 && trueIndex >= 0
  }
}

extension HDF5ElementType: CustomStringConvertible {
  /// The type in words: `16-bit float`.
  public var description: String {
    switch self {
    case .float(let bits): "\(bits)-bit float"
    case .integer(let bits): "\(bits)-bit integer"
    case .unsignedInteger(let bits): "\(bits)-bit unsigned integer"
    case .boolean: "Boolean"
    case .enumeration: "enumeration"
    case .string: "string"
    case .other: "neither number nor string"
    }
  }
}
