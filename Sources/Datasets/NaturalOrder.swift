extension SensorFleet {
  /// `machine-2` before `machine-10`: runs of digits compare as numbers.
  public static func naturally(_ a: String, _ b: String) -> Bool {
    var left = a[...]
    var right = b[...]
    while let x = left.first, let y = right.first {
      if x.isWholeNumber && y.isWholeNumber {
        let m = left.prefix(while: \.isWholeNumber)
        let n = right.prefix(while: \.isWholeNumber)
        let p = m.drop(while: { $0 == "0" })
        let q = n.drop(while: { $0 == "0" })
        if p.count != q.count { return p.count < q.count }
        if p != q { return p < q }
        left = left.dropFirst(m.count)
        right = right.dropFirst(n.count)
      } else {
        if x != y { return x < y }
        left = left.dropFirst()
        right = right.dropFirst()
      }
    }
    return left.isEmpty && (!right.isEmpty || a < b)
  }
}
