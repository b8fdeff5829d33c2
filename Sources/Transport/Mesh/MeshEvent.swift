/// What `Mesh.receive` tells.
public enum MeshEvent: Sendable {
  /// A message of a member. Messages of one member arrive at most once, and over one connection in
  /// the order in which they were sent.
  case message(from: Int, payload: [UInt8])
  /// Messages to a linked member can be sent from now on.
  case connected(Int)
  /// The connection to a linked member broke: what was queued for it is lost. It is made anew.
  case disconnected(Int)
  /// A question for this node's state: `reply(to:payload:)` answers.
  case statusRequest(StatusToken, from: Int)
  /// `MeshWaker.wake` was called.
  case woken
}

/// Where the answer to a question goes. It lives as long as the asker's connection.
public struct StatusToken: Sendable, Hashable {
  let route: [UInt8]
  let asker: UInt32
  let incarnation: UInt64
  let number: UInt64
}
