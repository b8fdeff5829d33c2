import Cryptography
import Testing

@testable import Ledger

@Suite struct MerkleTreeTests {
  @Test func everyLeafHasAProofAndNoOther() throws {
    for count in 1...20 {
      let leaves = (0..<count).map { Sample.digest($0) }
      let tree = MerkleTree(leaves: leaves)
      for index in 0..<count {
        let proof = tree.proof(of: index)
        #expect(proof.shows(leaves[index], under: tree.root))
        #expect(try MerkleProof(decoding: proof.encoded) == proof)
        // Another leaf, place, number of leaves or root is not shown.
        #expect(!proof.shows(Sample.digest(99), under: tree.root))
        #expect(!proof.shows(leaves[index], under: Sample.digest(99)))
        for other in 0..<count where other != index {
          let moved = MerkleProof(index: other, leafCount: count, path: proof.path)
          #expect(!moved.shows(leaves[index], under: tree.root))
        }
        for other in [count - 1, count + 1, 2 * count] {
          let longer = MerkleProof(index: index, leafCount: other, path: proof.path)
          #expect(!longer.shows(leaves[index], under: tree.root))
        }
        for place in proof.path.indices {
          var path = proof.path
          path[place] = Sample.digest(98)
          let bent = MerkleProof(index: index, leafCount: count, path: path)
          #expect(!bent.shows(leaves[index], under: tree.root))
        }
        let extended = MerkleProof(
          index: index, leafCount: count, path: proof.path + [Sample.digest(1)])
        #expect(!extended.shows(leaves[index], under: tree.root))
      }
    }
  }

  /// The weakness of CVE-2012-2459: with doubled last nodes, a list whose end is repeated has the
  /// root of the list itself.
  @Test func repeatedEndsHaveOtherRoots() {
    for count in 1...16 {
      let leaves = (0..<count).map { Sample.digest($0) }
      let root = MerkleTree(leaves: leaves).root
      for end in 1...count {
        #expect(MerkleTree(leaves: leaves + leaves.suffix(end)).root != root)
      }
      // An inner node is no leaf.
      if count == 2 {
        #expect(MerkleTree(leaves: [MerkleTree.node(leaves[0], leaves[1])]).root != root)
      }
    }
    #expect(MerkleTree(leaves: []).root != MerkleTree(leaves: [Sample.digest(0)]).root)
  }

  /// The documented bytes, put together by hand.
  @Test func rootOfThreeLeaves() {
    func double(_ bytes: [UInt8]) -> [UInt8] { SHA256.hash(SHA256.hash(bytes).bytes).bytes }
    let leaves = [[1], [2, 3], [UInt8]()].map { MerkleTree.Leaf.record.digest($0) }
    #expect(leaves[1].bytes == double([0, 1, 2, 3]))
    let pair = double([1] + leaves[0].bytes + leaves[1].bytes)
    let top = double([1] + pair + leaves[2].bytes)
    let root = double([2, 3, 0, 0, 0, 0, 0, 0, 0] + top)
    #expect(MerkleTree(leaves: leaves).root.bytes == root)
    #expect(MerkleTree.Leaf.transaction.digest([2, 3]) != leaves[1])
  }
}
