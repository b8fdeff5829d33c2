internal import CSQLite

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An open database, closed when the value goes and its statements have gone.
///
/// It belongs to whoever holds it: neither it nor its statements may be used by two threads at once.
@safe struct SQLiteDatabase: ~Copyable {
  enum Access { case reading, readingWhatNobodyChanges, writing }

  private let handle: OpaquePointer
  let place: StorageError.Place

  /// Opens a file. For writing it is made where there is none.
  init(path: String, access: Access) throws(StorageError) {
    place = StorageError.Place(file: path)
    var opened: OpaquePointer?
    let flags: Int32
    var name = path
    switch access {
    case .writing: flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    // Who may write takes the log away when the last one closes; otherwise it would lie about.
    case .reading: flags = SQLITE_OPEN_READWRITE
    case .readingWhatNobodyChanges:
      flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      name = "file:\(Self.escaped(path))?immutable=1"
    }
    let outcome = unsafe sqlite3_open_v2(
      name, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard outcome == SQLITE_OK, let database = unsafe opened else {
      let error = unsafe Self.error(outcome, opened, at: place)
      _ = unsafe sqlite3_close_v2(opened)
      throw error
    }
    unsafe handle = database
    // Others hold locks for moments only.
    _ = unsafe sqlite3_busy_timeout(handle, 10_000)
  }

  deinit { _ = unsafe sqlite3_close_v2(handle) }

  /// A path as a part of an address, where some characters mean something else.
  private static func escaped(_ path: String) -> String {
    var text = path.hasPrefix("/") ? "//" : ""
    for byte in path.utf8 {
      let isPlain =
        byte > 0x20 && byte < 0x7F && ![0x23, 0x25, 0x3F].contains(byte)
      text +=
        isPlain
        ? String(Unicode.Scalar(byte))
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return text
  }

  /// Whether the file may only be read, whatever was asked for.
  var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }

  /// Whether a transaction is open.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Runs statements that give nothing.
  func run(_ text: String) throws(StorageError) {
    let outcome = unsafe sqlite3_exec(handle, text, nil, nil, nil)
    guard outcome == SQLITE_OK else { throw error(outcome) }
  }

  /// A statement that can be run any number of times.
  func statement(_ text: String) throws(StorageError) -> SQLiteStatement {
    var prepared: OpaquePointer?
    let outcome = unsafe sqlite3_prepare_v3(
      handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard outcome == SQLITE_OK, let statement = unsafe prepared else { throw error(outcome) }
    return unsafe SQLiteStatement(statement, of: handle, at: place)
  }

  /// The first value that a statement gives.
  func value(_ text: String) throws(StorageError) -> SQLiteValue {
    try statement(text).row([])?.first ?? .null
  }

  /// Does all of something or nothing of it. When this returns it is on the device.
  func transaction<T>(
    _ body: () throws(StorageError) -> T
  ) throws(StorageError) -> T {
    try run("BEGIN IMMEDIATE")
    do throws(StorageError) {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // Some failures have undone everything already.
      if isInTransaction { try? run("ROLLBACK") }
      throw error
    }
  }

  /// Reads as of one moment, whatever others add meanwhile.
  func snapshot<T>(
    _ body: () throws(StorageError) -> T
  ) throws(StorageError) -> T {
    try run("BEGIN")
    // Nothing was written. A failure may have ended it already.
    defer { if isInTransaction { try? run("ROLLBACK") } }
    return try body()
  }

  private func error(_ code: Int32) -> StorageError {
    unsafe Self.error(code, handle, at: place)
  }

  /// What a result means, in words.
  static func error(
    _ code: Int32, _ handle: OpaquePointer?, at place: StorageError.Place
  ) -> StorageError {
    let number = unsafe handle == nil ? 0 : unsafe sqlite3_system_errno(handle)
    switch code & 0xFF {
    case SQLITE_FULL: return .system(ENOSPC, "write", at: place)
    case SQLITE_IOERR where [ENOSPC, EDQUOT, EFBIG].contains(number):
      return .system(number, "write", at: place)
    case SQLITE_CANTOPEN where number != 0: return .system(number, "open", at: place)
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: return .system(EACCES, "write", at: place)
    case SQLITE_NOTADB:
      return StorageError(
        .wrongFormat, "this is no database of blocks", at: place,
        remedy: "name the file of a chain, or copy it again")
    case SQLITE_CORRUPT:
      return StorageError(
        .malformed, "the structure of the database is damaged", at: place,
        remedy: "copy the chain again from somebody else who has it")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return StorageError(
        .notPermitted, "another process keeps this chain locked", at: place,
        remedy: "wait until it has ended")
    case SQLITE_NOMEM, SQLITE_TOOBIG:
      return StorageError(
        .tooLarge, "there is too little memory for what is asked", at: place,
        remedy: "close other programs")
    default:
      let words =
        unsafe handle == nil
        ? unsafe String(cString: sqlite3_errstr(code))
        : unsafe String(cString: sqlite3_errmsg(handle))
      return StorageError(
        .inputOutput, "cannot use this database: \(words)", at: place,
        remedy: "check the device and the path")
    }
  }
}
