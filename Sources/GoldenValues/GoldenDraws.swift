/// The numbers of reference runs that nothing stores: the generator of their scripts.
public enum GoldenDraws {
  /// Multiples of 2⁻²³ in [-1, 1), scaled and shifted.
  public static func values(
    _ seed: UInt32, _ count: Int, scale: Float = 1, shift: Float = 0
  ) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int(state >> 8) - 8_388_608) / 8_388_608 * scale + shift
    }
  }
}
