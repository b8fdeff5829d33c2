import Foundation

@testable import Storage

#if canImport(Glibc)
  import Glibc
#endif

/// Three members of a real etcd cluster on loopback, each a process of its own. They end with the
/// value.
final class EtcdTestCluster {
  static let program = ["/usr/bin/etcd", "/usr/local/bin/etcd", "/opt/homebrew/bin/etcd"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  static var isInstalled: Bool { program != nil }

  let directory: TemporaryDirectory
  let clientPorts: [Int]
  private let peerPorts: [Int]
  /// What a busy machine may take for anything: to start a member, to elect, to write.
  static let patienceSeconds = 180.0
  private let certificates: TestCertificates?
  private(set) var processes: [Process?] = [nil, nil, nil]

  init(secure: Bool = false) throws {
    directory = try TemporaryDirectory()
    let ports = Self.freePorts(6)
    clientPorts = Array(ports[..<3])
    peerPorts = Array(ports[3...])
    certificates = secure ? try TestCertificates(in: directory) : nil
    for member in 0..<3 { try start(member) }
    try waitForLeader()
  }

  deinit {
    for member in 0..<3 { stop(member) }
  }

  private var scheme: String { certificates == nil ? "http" : "https" }

  func start(_ member: Int) throws {
    let process = Process()
    process.executableURL = URL(filePath: Self.program ?? "etcd")
    let peers = peerPorts.enumerated().map { "m\($0)=http://127.0.0.1:\($1)" }
    let client = "\(scheme)://127.0.0.1:\(clientPorts[member])"
    let peer = "http://127.0.0.1:\(peerPorts[member])"
    process.arguments =
      [
        "--name", "m\(member)", "--data-dir", directory("data-\(member)"),
        "--listen-client-urls", client, "--advertise-client-urls", client,
        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", peers.joined(separator: ","), "--initial-cluster-state", "new",
        "--log-level", "error",
      ] + (certificates?.memberArguments ?? [])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    processes[member] = process
  }

  /// Kills a member (SIGKILL) and waits for its end.
  func stop(_ member: Int) {
    guard let process = processes[member] else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    processes[member] = nil
  }

  /// The cluster with a prefix of one test, and with more patience than users have.
  func cluster(_ prefix: String, members: [Int] = [0, 1, 2]) -> EtcdCluster {
    cluster(prefix, ports: members.map { clientPorts[$0] })
  }

  /// The cluster as it is reached at ports of loopback.
  func cluster(_ prefix: String, ports: [Int]) -> EtcdCluster {
    var cluster = EtcdCluster(members: ports.map { "127.0.0.1:\($0)" }, prefix: prefix)
    cluster.authority = certificates?.authority
    cluster.certificate = certificates?.certificate
    cluster.key = certificates?.key
    cluster.answerSeconds = 30
    cluster.patienceSeconds = Self.patienceSeconds
    return cluster
  }

  /// The members that answer, each with whether it leads.
  private func status(_ member: Int) -> (isLeader: Bool, hasLeader: Bool)? {
    let cluster = cluster("status", members: [member])
    guard
      var exchange = try? HTTPExchange(security: cluster.security, connecting: 1, limit: 1 << 20),
      let answer = try? exchange.post(
        to: "\(scheme)://\(cluster.members[0])/v3/maintenance/status", Array("{}".utf8), seconds: 2),
      answer.status == 200, let value = try? JSONParser.value(of: answer.body, deepest: 8)
    else { return nil }
    let status = EtcdAnswer(value: value, place: .init(file: "status"))
    let leader = status["leader"]?.text ?? "0"
    return (leader == status["header"]?["member_id"]?.text, leader != "0")
  }

  /// The member that leads now, after an election if there has to be one.
  var leader: Int? {
    let deadline = ContinuousClock.now + .seconds(Self.patienceSeconds)
    while ContinuousClock.now < deadline {
      if let leader = (0..<3).first(where: { status($0)?.isLeader == true }) { return leader }
      usleep(100_000)
    }
    return nil
  }

  private func waitForLeader() throws {
    struct NoLeader: Error { let problem: String }
    let deadline = ContinuousClock.now + .seconds(Self.patienceSeconds)
    while !(0..<3).allSatisfy({ status($0)?.hasLeader == true }) {
      for process in processes {
        if let process, !process.isRunning {
          throw NoLeader(problem: "etcd ended with status \(process.terminationStatus)")
        }
      }
      if ContinuousClock.now > deadline { throw NoLeader(problem: "etcd elects nobody") }
      usleep(100_000)
    }
  }

  /// Ports on which nobody listens now, below those that outgoing connections get: a member that
  /// starts again needs its own.
  private static func freePorts(_ count: Int) -> [Int] {
    var ports: Set<Int> = []
    while ports.count < count {
      let wanted = Int.random(in: 20_000..<24_000)
      let (socket, port) = loopbackSocket(port: wanted, listens: false)
      close(socket)
      if port == wanted { ports.insert(port) }
    }
    return Array(ports)
  }
}

/// A socket on a port of loopback; on some free one for 0. The port is 0 where it was not free.
func loopbackSocket(port: Int = 0, listens: Bool = true) -> (socket: Int32, port: Int) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, size)
      if listens { _ = listen(descriptor, 16) }
      _ = getsockname(descriptor, $0, &size)
    }
  }
  return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

/// Certificates of a cluster and of those who may use it, signed by an authority of their own.
struct TestCertificates {
  static let program = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  let authority: String
  let certificate: String
  let key: String
  let memberArguments: [String]

  init(in directory: TemporaryDirectory) throws {
    func openssl(_ words: String) throws {
      let process = Process()
      process.executableURL = URL(filePath: Self.program ?? "openssl")
      process.arguments = words.split(separator: " ").map(String.init)
      process.currentDirectoryURL = URL(filePath: directory.path)
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      struct Failed: Error { let words: String }
      if process.terminationStatus != 0 { throw Failed(words: words) }
    }
    let curve = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    try openssl("req -x509 \(curve) -keyout ca.key -out ca.pem -days 2 -subj /CN=authority")
    try openssl("req -x509 \(curve) -keyout no.key -out no.pem -days 2 -subj /CN=stranger")
    // A member's gateway is a client of the member, too.
    _ = try directory.file(
      "extensions",
      "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
    for name in ["member", "user"] {
      try openssl("req \(curve) -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
      try openssl(
        "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -out \(name).pem "
          + "-days 2 -extfile extensions")
    }
    authority = directory("ca.pem")
    certificate = directory("user.pem")
    key = directory("user.key")
    memberArguments = [
      "--cert-file", directory("member.pem"), "--key-file", directory("member.key"),
      "--trusted-ca-file", directory("ca.pem"), "--client-cert-auth",
    ]
  }
}
