extension ValidationRule {
  /// What an honest validator says of a candidate: it measures both models on its own images.
  ///
  /// - Parameter previous: the learner's model before the encounter.
  /// - Precondition: the validator has images.
  public func verdict(
    of validator: Participant, on candidate: Candidate, previous: ModelSnapshot,
    runner: ModelRunner
  ) -> Bool {
    isValid(
      old: runner.quality(metric, of: previous, on: validator.judging),
      new: runner.quality(metric, of: candidate.validated, on: validator.judging))
  }
}
