extension Network {
  /// What differs from the version before, beside the change itself; empty if nothing does.
  var problemsOfChange: [String] {
    guard let before = predecessor, let change else { return [] }
    var problems: [String] = []
    if predecessorDigest != before.digest {
      problems.append("it was made for another version before it than the one it holds")
    }
    if sequence != before.sequence + 1 {
      problems.append("number \(sequence) does not follow number \(before.sequence)")
    }
    if name != before.name { problems.append("the network was called \(before.name) before") }
    problems += memberProblems(before, change)
    problems += termProblems(before, change)
    return problems
  }

  private func memberProblems(_ before: Network, _ change: Change) -> [String] {
    var expected = before.members
    switch change {
    case .join(let name):
      guard members.count == expected.count + 1, let last = members.last, last.name == name,
        !last.hasLeft
      else { return ["\(name) joins, but is not the one new member at the end"] }
      expected.append(last)
    case .leave(let name):
      guard let index = before.index(named: name), !expected[index].hasLeft else {
        return ["\(name) leaves, but was not present before"]
      }
      expected[index] = expected[index].gone
    }
    guard members.count == expected.count else {
      return ["there are \(members.count) members instead of \(expected.count)"]
    }
    return zip(members, expected).compactMap { member, expected in
      guard member != expected else { return nil }
      if member.name != expected.name {
        return "\(member.name) stands in the place of \(expected.name)"
      }
      let parts = [
        ("address", member.address == expected.address),
        ("signing key", member.signingKey == expected.signingKey),
        ("transport key", member.transportKey == expected.transportKey),
        ("agreement key", member.agreementKey == expected.agreementKey),
        ("state", member.hasLeft == expected.hasLeft),
      ]
      let altered = parts.filter { !$0.1 }.map(\.0).joined(separator: ", ")
      return "\(member.name) has another \(altered) than before"
    }
  }

  private func termProblems(_ before: Network, _ change: Change) -> [String] {
    let (model, earlier) = (training.modelClass, before.training.modelClass)
    var altered =
      model == earlier
      ? zip(training.settings, before.training.settings)
        .filter { $0.value != $1.value }
        .map { "the setting \($0.name) is \($0.value) and was \($1.value) before" }
      : ["the setting model is \(model.rawValue) and was \(earlier.rawValue) before"]
    if variables != before.variables { altered.append("the variables are others than before") }
    if sum != before.sum { altered.append("sum is \(sum.rawValue) and was \(before.sum.rawValue)") }
    if privacy != before.privacy {
      altered.append("privacy is \(privacy) and was \(before.privacy) before")
    }
    if tolerance != before.tolerance {
      altered.append("tolerance is \(tolerance) and was \(before.tolerance) before")
    }
    for (name, _, path) in NetworkDeadlines.all
    where deadlines[keyPath: path] != before.deadlines[keyPath: path] {
      altered.append("the deadline \(name) is another than before")
    }
    if !linksFollow(before, change) {
      altered.append(
        "the links differ from those before by more than those of \(change.member)")
    }
    return altered
  }

  /// Whether the links are the former ones, and at most new ones of the member that joins, or
  /// between former neighbours of the one that leaves.
  private func linksFollow(_ before: Network, _ change: Change) -> Bool {
    if links == before.links { return true }
    guard case .pairs(let pairs) = links, case .pairs(let former) = before.links,
      pairs.count >= former.count, Array(pairs.prefix(former.count)) == former
    else { return false }
    let new = pairs.dropFirst(former.count)
    switch change {
    case .join(let name): return new.allSatisfy { $0.contains(name) }
    case .leave(let name):
      let neighbours = Set(
        former.filter { $0.contains(name) }.map { $0.first == name ? $0.second : $0.first })
      return new.allSatisfy { neighbours.contains($0.first) && neighbours.contains($0.second) }
    }
  }
}
