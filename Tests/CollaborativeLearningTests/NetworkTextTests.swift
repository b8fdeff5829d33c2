import CollaborativeLearning
import Testing

/// Addresses, links and privacy as people write them.
@Suite struct NetworkTextTests {
  @Test func addresses() {
    for (text, canonical) in [
      ("tcp://plant.example:47000", nil), ("tcp://10.0.0.1:1", nil), ("tcp://a:65535", nil),
      ("tcp://Plant.Example:0080", "tcp://plant.example:80"),
      ("tcp://[2001:DB8:0:0:0:0:0:1]:5", "tcp://[2001:db8::1]:5"),
      ("tcp://[::1]:5", nil), ("tcp://[fe80::]:5", nil),
      ("tcp://[1:0:0:2:0:0:0:3]:5", "tcp://[1:0:0:2::3]:5"),
      ("tcp://[1:2:3:4:5:6:7:0]:9", nil), ("tcp://my_host-1:9", nil),
    ] as [(String, String?)] {
      #expect(NetworkAddress(text)?.description == canonical ?? text, "\(text)")
    }
    #expect(NetworkAddress("tcp://[::1]:5")?.host == "::1")
    #expect(NetworkAddress("tcp://[::1]:5")?.port == 5)
  }

  @Test(arguments: [
    "", "plant:47000", "udp://plant:1", "tcp://plant", "tcp://plant:", "tcp://:5", "tcp://plant:0",
    "tcp://plant:65536", "tcp://plant:-1", "tcp://plant:+1", "tcp://plant:1x", "tcp://a b:1",
    "tcp://*:5", "tcp://0.0.0.0:5", "tcp://1.2.3:5", "tcp://1.2.3.256:5", "tcp://1.2.3.04:5",
    "tcp://::1:5", "tcp://[::1]", "tcp://[::]:5", "tcp://[1::2::3]:5", "tcp://[12345::]:5",
    "tcp://[1:2:3:4:5:6:7]:5", "tcp://[1:2:3:4:5:6:7:8:9]:5", "tcp://[1:2:3:4::5:6:7:8]:5",
    "tcp://[::g]:5", "tcp://[-0::1]:5", "tcp://[::1%eth0]:5", "tcp://-a:5", "tcp://a..b:5",
    "tcp://plant:5/", "tcp://plänt:5", "tcp://[:::]:5",
  ])
  func badAddresses(text: String) { #expect(NetworkAddress(text) == nil) }

  @Test func links() {
    for text in [
      "complete", "ring", "cycle-inverse-chords", "random-regular(4)", "hypercube",
      "one-peer-exponential", "a:b", "a:b,b:c",
    ] {
      #expect(NetworkLinks(text)?.description == text)
    }
    for text in [
      "", "Ring", "random-regular", "random-regular()", "random-regular(04)", "random-regular(4,5)",
      "random-regular(+4)", "a:b,", "a:b:c", "a", "a:", "a b:c",
    ] {
      #expect(NetworkLinks(text) == nil, "\(text)")
    }
  }

  @Test func privacy() {
    for text in ["shamir(3,5)", "masks", "chunks(8)", "none"] {
      #expect(NetworkPrivacy(text)?.description == text)
    }
    for text in [
      "", "shamir", "shamir(3)", "shamir(3, 5)", "shamir(3,5,7)", "shamir(3,5", "chunks", "None",
      "chunks(99999999999999999999)",
    ] {
      #expect(NetworkPrivacy(text) == nil, "\(text)")
    }
  }

  @Test func variables() {
    #expect(NetworkVariables("12") == .count(12))
    #expect(NetworkVariables("t,p") == .names(["t", "p"]))
    for text in ["", "0", "-1", "a,a", "a,,b", "10001"] {
      #expect(NetworkVariables(text) == nil, "\(text)")
    }
  }
}
