/// What went wrong with a file: the problem, the place, and what to do about it.
///
/// `description` is one line that is fit for people, for example
/// `fleet.csv: line 17, column "pressure": "n.a." is not a number; correct the value, or add it to
/// the missing values`.
public struct StorageError: Error, Hashable, Sendable {
  /// The classes of mistake, for code that must tell them apart.
  public enum Code: Hashable, Sendable {
    /// There is no file of that name.
    case noSuchFile
    /// The path names a directory, a device, or something else that is not a regular file.
    case notARegularFile
    /// The operating system does not let this user read or write there.
    case notPermitted
    /// The file is of another format than expected.
    case wrongFormat
    /// The file ends early.
    case truncated
    /// The file has the right format but contradicts itself.
    case malformed
    /// The file holds no group, data set, attribute or column of that name.
    case noSuchObject
    /// The values are not of the type asked for.
    case wrongType
    /// The values are of the right type, but not as many or not arranged as asked for.
    case wrongShape
    /// The values would need more memory than the machine has.
    case tooLarge
    /// A block does not stand behind the head that a chain has by now.
    case staleHead
    /// A server does not answer.
    case unreachable
    /// An output is the same file as an input.
    case wouldOverwriteInput
    /// There is a file already that must not be replaced.
    case alreadyExists
    /// There is no room left on the device, or a quota or size limit is reached.
    case diskFull
    /// Any other failure to read or write.
    case inputOutput
  }

  /// Where in which file.
  public struct Place: Hashable, Sendable {
    /// The path of the file as the caller gave it.
    public var file: String
    /// A group, data set, attribute or tensor, in words: `data set /press-1/train`.
    public var object: String?
    /// The line of a text file, counted from 1.
    public var line: Int?
    /// The name of a column.
    public var column: String?

    /// A place in `file`, as exactly as it is known.
    public init(file: String, object: String? = nil, line: Int? = nil, column: String? = nil) {
      self.file = file
      self.object = object
      self.line = line
      self.column = column
    }
  }

  /// The class of mistake.
  public var code: Code
  /// What was wrong, without the place: `the file ends early`.
  public var problem: String
  /// Where it was.
  public var place: Place
  /// What to do about it, as an imperative: `copy the file again`.
  public var remedy: String

  /// An error of class `code`: `problem` at `place`; do `remedy`.
  public init(_ code: Code, _ problem: String, at place: Place, remedy: String) {
    self.code = code
    self.problem = problem
    self.place = place
    self.remedy = remedy
  }
}

extension StorageError: CustomStringConvertible {
  /// The error in one line: place, problem, remedy.
  public var description: String {
    let text = "\(place): \(problem); \(remedy)"
    return String(text.map { $0.isNewline ? " " : $0 })
  }
}

extension StorageError.Place: CustomStringConvertible {
  /// The place in words, from the file inwards.
  public var description: String {
    var details: [String] = []
    if let object { details.append(object) }
    if let line { details.append("line \(line)") }
    if let column { details.append("column \"\(column)\"") }
    return details.isEmpty ? file : "\(file): " + details.joined(separator: ", ")
  }
}
