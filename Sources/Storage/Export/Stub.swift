import AnomalyDetection

extension DetectorModel {
  public func exportDecoder(to path: String) throws {}
  public func exportScorer(of p: ParticipantDetector, to path: String) throws {}
}
