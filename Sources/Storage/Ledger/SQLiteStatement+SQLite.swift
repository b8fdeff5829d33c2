internal import CSQLite

/// A value of a row.
enum SQLiteValue: Equatable {
  case null
  case integer(Int)
  case text(String)
  case bytes([UInt8])
  /// Of a type that no chain has.
  case other

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
}

/// A prepared statement, let go when the value goes.
@safe struct SQLiteStatement: ~Copyable {
  private let handle: OpaquePointer
  /// Outlives the statement: a database that is closed before waits for it.
  private let database: OpaquePointer
  private let place: StorageError.Place

  init(_ handle: OpaquePointer, of database: OpaquePointer, at place: StorageError.Place) {
    unsafe self.handle = handle
    unsafe self.database = database
    self.place = place
  }

  deinit { _ = unsafe sqlite3_finalize(handle) }

  /// Runs a statement that gives nothing.
  func run(_ values: [SQLiteValue]) throws(StorageError) {
    _ = try row(values)
  }

  /// The first row, as its columns.
  func row(_ values: [SQLiteValue]) throws(StorageError) -> [SQLiteValue]? {
    var found: [SQLiteValue]?
    try rows(values) { row throws(StorageError) in
      found = row
      return false
    }
    return found
  }

  /// Runs over rows until `body` gives false.
  func rows(
    _ values: [SQLiteValue], _ body: ([SQLiteValue]) throws(StorageError) -> Bool
  ) throws(StorageError) {
    defer {
      // A reset tells again what failed before, which has been told.
      _ = unsafe sqlite3_reset(handle)
      _ = unsafe sqlite3_clear_bindings(handle)
    }
    for (place, value) in values.enumerated() { try bind(value, at: Int32(place + 1)) }
    while true {
      let outcome = unsafe sqlite3_step(handle)
      if outcome == SQLITE_DONE { return }
      guard outcome == SQLITE_ROW else {
        throw unsafe SQLiteDatabase.error(outcome, database, at: place)
      }
      var columns: [SQLiteValue] = []
      for column in 0..<(unsafe sqlite3_column_count(handle)) {
        columns.append(try value(at: column))
      }
      guard try body(columns) else { return }
    }
  }

  private func bind(_ value: SQLiteValue, at position: Int32) throws(StorageError) {
    let outcome =
      switch value {
      case .null, .other: unsafe sqlite3_bind_null(handle, position)
      case .integer(let value): unsafe sqlite3_bind_int64(handle, position, Int64(value))
      case .text(let text):
        unsafe csqlite_bind_text(handle, position, text, UInt64(text.utf8.count))
      case .bytes(let bytes):
        unsafe bytes.withUnsafeBytes {
          unsafe csqlite_bind_bytes(handle, position, $0.baseAddress, UInt64($0.count))
        }
      }
    guard outcome == SQLITE_OK else {
      throw unsafe SQLiteDatabase.error(outcome, database, at: place)
    }
  }

  private func value(at column: Int32) throws(StorageError) -> SQLiteValue {
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return .integer(Int(unsafe sqlite3_column_int64(handle, column)))
    case SQLITE_TEXT, SQLITE_BLOB:
      let isText = unsafe sqlite3_column_type(handle, column) == SQLITE_TEXT
      let start = unsafe sqlite3_column_blob(handle, column)
      let count = Int(unsafe sqlite3_column_bytes(handle, column))
      // Bytes that cannot be read from a damaged file are told apart from none only by the code.
      guard let start = unsafe start, count > 0 else {
        let code = unsafe sqlite3_errcode(database)
        guard [SQLITE_OK, SQLITE_ROW, SQLITE_DONE].contains(code) else {
          throw unsafe SQLiteDatabase.error(code, database, at: place)
        }
        return isText ? .text("") : .bytes([])
      }
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
      return isText ? .text(String(decoding: bytes, as: UTF8.self)) : .bytes(bytes)
    case SQLITE_NULL: return .null
    default: return .other
    }
  }
}
