import Ledger

extension SQLiteChain {
  /// Opens a chain to add to, and makes it if there is none.
  init(opening path: String, kind: ChainKind) throws(StorageError) {
    let database = try SQLiteDatabase(path: path, access: .writing)
    guard !database.isReadOnly else {
      throw StorageError(
        .notPermitted, "not permitted to write this file", at: database.place,
        remedy: "change its permissions, or use another place")
    }
    if try Self.isNew(database) {
      try Self.create(in: database, kind: kind)
    } else {
      try Self.checkFormat(of: database)
    }
    try Self.makeDurable(database)
    try self.init(database, kind: kind)
  }

  /// Opens a chain to read.
  init(reading path: String, kind: ChainKind) throws(StorageError) {
    try self.init(try Self.databaseToRead(path), kind: kind)
  }

  /// A database of a chain, of whichever kind, to read.
  static func databaseToRead(_ path: String) throws(StorageError) -> SQLiteDatabase {
    // What is wrong with a path is told in the words of the system.
    let size = try ChainFile(path: path, isWriting: false).size
    do throws(StorageError) {
      return try soundDatabase(path, size: size, access: .reading)
    } catch {
      guard [.notPermitted, .noSuchFile, .inputOutput].contains(error.code) else { throw error }
      // Where nothing may be written beside the file, nobody else writes it either: if no log lies
      // there that is not in it yet, it can be read as it is.
      let log = try? ChainFile(path: path + "-wal", isWriting: false).size
      guard log ?? 0 == 0 else { throw error }
      return try soundDatabase(path, size: size, access: .readingWhatNobodyChanges)
    }
  }

  private static func soundDatabase(
    _ path: String, size: Int, access: SQLiteDatabase.Access
  ) throws(StorageError) -> SQLiteDatabase {
    let database = try SQLiteDatabase(path: path, access: access)
    // An empty file may be one whose writer has only just begun.
    let isNew = try isNew(database)
    if isNew {
      throw StorageError(
        .truncated, size == 0 ? "this file is empty" : "this database is empty", at: database.place,
        remedy: "name the file of a chain")
    }
    try checkFormat(of: database)
    try database.run("PRAGMA cell_size_check = ON; PRAGMA query_only = ON")
    return database
  }

  private static func isNew(_ database: borrowing SQLiteDatabase) throws(StorageError) -> Bool {
    let application = try database.value("PRAGMA application_id").integer
    let tables = try database.value("SELECT count(*) FROM sqlite_master").integer
    return application == 0 && tables == 0
  }

  private static func checkFormat(
    of database: borrowing SQLiteDatabase
  ) throws(StorageError) {
    guard try database.value("PRAGMA application_id").integer == application else {
      throw StorageError(
        .wrongFormat, "this database holds no chain of blocks", at: database.place,
        remedy: "name the file of a chain")
    }
    guard let found = try database.value("PRAGMA user_version").integer, found <= version else {
      throw StorageError(
        .wrongFormat, "this chain was written by a newer version of the program",
        at: database.place, remedy: "use that version, or export the chain with it")
    }
  }

  /// All tables at once or none.
  private static func create(
    in database: borrowing SQLiteDatabase, kind: ChainKind
  ) throws(StorageError) {
    // Room that pruning makes can be given back; this has to be said before the first table.
    try database.run("PRAGMA auto_vacuum = INCREMENTAL")
    try makeDurable(database)
    try database.transaction { () throws(StorageError) in
      try database.run(
        """
        CREATE TABLE state(id INTEGER PRIMARY KEY CHECK (id = 1), kind TEXT NOT NULL,
          count INTEGER NOT NULL, head BLOB NOT NULL, sum BLOB NOT NULL);
        CREATE TABLE blocks(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
          height INTEGER NOT NULL, digest BLOB NOT NULL, bytes BLOB NOT NULL);
        CREATE TABLE chain(height INTEGER PRIMARY KEY, hash BLOB NOT NULL, sum BLOB NOT NULL);
        CREATE TABLE contents(digest BLOB PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB,
          reason TEXT, sum BLOB NOT NULL);
        PRAGMA application_id = \(application);
        PRAGMA user_version = \(version);
        """)
      let empty = State(count: 0, head: nil)
      let sum = sum("state") {
        $0.text(kind.name)
        $0.long(0)
        $0.blob([])
      }
      try database.statement(
        "INSERT INTO state(id, kind, count, head, sum) VALUES (1, ?, ?, ?, ?)"
      ).run([.text(kind.name), .integer(empty.count), .bytes([]), .bytes(sum)])
    }
  }

  private static func makeDurable(
    _ database: borrowing SQLiteDatabase
  ) throws(StorageError) {
    try database.run("PRAGMA cell_size_check = ON; PRAGMA fullfsync = ON")
    let mode = try database.value("PRAGMA journal_mode = WAL").text
    // Some file systems cannot share memory between processes, and keep the older journal, whose
    // removal has to be brought to the device, too.
    try database.run("PRAGMA synchronous = \(mode == "wal" ? "FULL" : "EXTRA")")
  }

  /// The kind of blocks of the chain in a database.
  ///
  /// - Throws: ``StorageError``.
  static func kind(ofFile path: String) throws(StorageError) -> ChainKind {
    let database = try databaseToRead(path)
    let name = try database.value("SELECT kind FROM state").text ?? ""
    for kind in [ChainKind.ordered, .mined] where kind.name == name { return kind }
    throw StorageError(
      .wrongFormat, "this is a chain of \(shown(name)) blocks, which this program does not know",
      at: database.place, remedy: "use the program that wrote it")
  }
}
