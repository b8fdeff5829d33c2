import Consensus
import Cryptography

extension Network {
  /// What a member's consensus needs to know.
  ///
  /// - Parameters:
  ///   - own: the member's index.
  ///   - signingKey: `nil` in simulations.
  public func consensusConfiguration(
    own: Int, signingKey: SigningKey?
  ) -> ConsensusNode.Configuration {
    var deadlines = ConsensusNode.Deadlines()
    deadlines.assembly = self.deadlines.assembly
    deadlines.contribution = self.deadlines.contribution
    deadlines.vote = self.deadlines.vote
    deadlines.reveal = self.deadlines.reveal
    deadlines.reconnect = self.deadlines.reconnect
    deadlines.farewell = self.deadlines.return
    let electorate = Electorate(keys: members.map { $0.hasLeft ? nil : $0.signingKey })
    return ConsensusNode.Configuration(
      network: digest, own: own, electorate: electorate, signingKey: signingKey,
      sharing: sharing, seed: training.seed, deadlines: deadlines)
  }

  /// The digests of this version and of all before it: a run goes on through changes.
  public var lineage: [Digest] {
    var lineage = [digest]
    var version = predecessor
    while let known = version {
      lineage.append(known.digest)
      version = known.predecessor
    }
    return lineage
  }

  /// How contributions are shared: without privacy, the first holder of a slice gets it as it is.
  public var sharing: SecretSharing {
    let plain = SecretSharing.plain
    guard let shares else { return plain }
    return (try? SecretSharing(threshold: shares.threshold, holders: shares.count)) ?? plain
  }

  /// Who is linked with whom, among the present members in their order.
  ///
  /// - Throws: ``GraphError`` where the topology does not fit their number.
  public func graph() throws -> CommunicationGraph {
    let present = presentMembers
    if case .pairs(let pairs) = links {
      var adjacency = [[Int]](repeating: [], count: present.count)
      for pair in pairs {
        guard let a = index(named: pair.first).flatMap({ present.firstIndex(of: $0) }),
          let b = index(named: pair.second).flatMap({ present.firstIndex(of: $0) })
        else { continue }
        adjacency[a].append(b)
        adjacency[b].append(a)
      }
      return try CommunicationGraph(adjacency: adjacency.map { $0.sorted() })
    }
    guard let topology = Topology(links.description) else {
      return .complete(participants: present.count)
    }
    return try topology.graph(participants: present.count, seed: training.seed)
  }
}
