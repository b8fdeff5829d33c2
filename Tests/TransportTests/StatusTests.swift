import Cryptography
import Synchronization
import Testing

@testable import Transport

@Suite(.serialized, .timeLimit(.minutes(15))) struct StatusTests {
  /// What a thread of its own asked and was answered.
  private final class Question {
    private final class Answer: Sendable {
      let value = Mutex<Result<[UInt8], TransportError>?>(nil)
    }

    private let answer = Answer()
    private let thread: Transport.Thread

    init(_ address: MemberAddress, with key: AgreementKey, milliseconds: Int = 60_000) throws {
      let answer = answer
      thread = try Transport.Thread {
        let result: Result<[UInt8], TransportError>
        do throws(TransportError) {
          result = .success(
            try StatusClient.request(
              endpoint: address.endpoint, serverKey: address.transportKey, ownKey: key,
              timeoutMilliseconds: milliseconds))
        } catch {
          result = .failure(error)
        }
        answer.value.withLock { $0 = result }
      }
    }

    var isAnswered: Bool { answer.value.withLock { $0 != nil } }
    func result() throws -> [UInt8]? { try answer.value.withLock { try $0?.get() } }
  }

  @Test func aMemberAsksAndIsAnswered() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings()])
    #expect(try nodes.connect())
    #expect(nodes[1].send([1], to: 0))
    for (index, turn) in [1, 0, 1].enumerated() {
      // With another member's key, and with the node's own.
      let question = try Question(nodes.addresses[0], with: nodes.transportKeys[turn])
      #expect(try nodes.run(seconds: 120) { question.isAnswered })
      #expect(try question.result() == Array("fine".utf8))
      #expect(nodes[0].statistics.statusRequests == UInt64(index + 1))
    }
    #expect(nodes.events[0].filter { $0.hasPrefix("asked") } == ["asked 1", "asked 0", "asked 1"])
    // The member's own messages go on as before.
    #expect(nodes[1].send([2], to: 0))
    #expect(try nodes.run { nodes.messages[0].count == 2 })
    #expect(nodes[0].statistics.refusedFrames == 0)
  }

  @Test func aStrangerGetsNoAnswer() throws {
    let nodes = try Nodes([Nodes.settings()])
    let question = try Question(nodes.addresses[0], with: .random(), milliseconds: 500)
    #expect(try nodes.run(seconds: 120) { question.isAnswered })
    let error = #expect(throws: TransportError.self) {
      try question.result()
    }
    #expect(error?.code == .noAnswer)
    #expect(nodes[0].statistics.statusRequests == 0)
  }
}
