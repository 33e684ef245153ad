import Testing
import Wire

@testable import HTTPClient

/// Lists of hosts as settings have them.
@Suite struct HostPatternsTests {
  @Test(
    "A list names hosts by name, by what is below a name, by address and by network",
    arguments: [
      ("moodle.school.example", "moodle.school.example", true),
      ("moodle.school.example", "MOODLE.School.Example.", true),
      ("moodle.school.example", "a.moodle.school.example", false), ("moodle.school.example", "school.example", false),
      (".lan.example", "moodle.lan.example", true), ("*.lan.example", "a.b.lan.example", true),
      (".lan.example", "lan.example", false), (".lan.example", "evillan.example", false),
      ("a.example, b.example", "b.example", true), ("a.example b.example", "b.example", true),
      ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
      ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
      ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false),
      ("fd00::/8", "fd12:3456::1", true), ("fd00::/8", "fe00::1", false), ("[fd00::1]", "fd00::1", true),
      ("fd00::/65", "fd00::7fff:0:0:1", true), ("fd00::/65", "fd00::8000:0:0:1", false), ("::/0", "2001:db8::1", true),
      ("*", "anything.example", true), ("*", "10.0.0.1", true), ("", "a.example", false),
    ])
  func contains(_ list: String, _ host: String, _ isListed: Bool) throws {
    #expect(try #require(HostPatterns(list)).contains(host) == isListed)
  }

  @Test("Where the proxy is not asked, a name stands for what is below it, too")
  func subdomains() throws {
    let hosts = try #require(HostPatterns("school.example,.lan.example"))
    for host in ["school.example", "moodle.school.example", "lan.example", "a.lan.example"] {
      #expect(hosts.contains(host, withSubdomains: true), "\(host)")
    }
    #expect(!hosts.contains("notschool.example", withSubdomains: true))
  }

  @Test(
    "What is no host and no network makes the whole list unusable",
    arguments: [
      "https://moodle.example", "moodle.example:443", "moodle.example/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8",
      "10.0.0.0/", "fd00::/129", "a.example,é.example", "u@a.example", "**.example",
    ])
  func unusable(_ list: String) {
    #expect(HostPatterns(list) == nil)
  }
}
