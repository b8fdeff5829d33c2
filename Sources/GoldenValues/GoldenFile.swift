import Foundation

/// The file of a test target in which a reference run's values stand.
public enum GoldenFile {
  /// What golden.json of a bundle holds; `nil` if it is missing or something else.
  public static func read<Values: Decodable>(_ type: Values.Type, in bundle: Bundle) -> Values? {
    guard let url = bundle.url(forResource: "golden", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { return nil }
    return try? JSONDecoder().decode(type, from: data)
  }
}
