import Foundation
import TestSupport
import Testing

/// What `cgi-bin/build` and the stack say before they begin, on a copy of the scripts with stand-ins for the programs that they call.
@Suite struct BuildScriptTests {
  /// A project whose folder's name has a blank in it, and programs that answer as they are told; removed at the end.
  private final class Workplace {
    let root: URL
    var project: URL { root.appending(path: "mes projets/passerelle") }
    private var programs: URL { root.appending(path: "bin") }

    init() throws {
      let files = FileManager.default
      root = files.temporaryDirectory.appending(path: "build-\(UUID().uuidString)")
      let source = Stack.root
      for path in ["cgi-bin/build", "cgi-bin/checkout.sh", "cgi-bin/words.sh", "apache-conf/stack.sh"] {
        let copy = project.appending(path: path)
        try files.createDirectory(at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
        try files.copyItem(at: source.appending(path: path), to: copy)
      }
      try files.createDirectory(at: programs, withIntermediateDirectories: true)
      try program("dpkg-query", "printf installed")
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: root.path)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// A program of that name, a shell script.
    func program(_ name: String, _ script: String) throws {
      let path = programs.appending(path: name)
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.path)
    }

    func run(_ words: [String]) throws -> ShellCommand {
      try ShellCommand(["env", "PATH=\(programs.path):/usr/sbin:/usr/bin:/sbin:/bin"] + words, in: project)
    }

    /// A `PATH` with the stand-ins and what scripts call besides, but without Swift or sudo of the machine's own.
    func closedPath() throws -> String {
      let tools = root.appending(path: "tools")
      try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
      for name in ["bash", "sh", "cat", "dirname", "dpkg", "grep", "mkdir", "rm", "sed", "touch"] {
        try FileManager.default.createSymbolicLink(
          atPath: tools.appending(path: name).path, withDestinationPath: "/usr/bin/\(name)")
      }
      return "\(programs.path):\(tools.path)"
    }

    func write(_ text: String, to path: String) throws {
      let file = project.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  @Test(
    "A Swift whose libraries are missing shows its own error, and the package to install",
    arguments: [
      ("libncurses.so.6", "libncurses6"), ("libxml2.so.2", "libxml2"), ("libpython3.11.so.1.0", "libpython3.11"),
    ])
  func libraries(_ library: String, _ package: String) throws {
    let place = try Workplace()
    let error =
      "swift: error while loading shared libraries: \(library): cannot open shared object file: No such file or directory"
    try place.program("swift", "echo '\(error)' >&2; exit 127")
    let run = try place.run(["cgi-bin/build"])
    #expect(run.status == 1)
    #expect(run.output.contains(error) && run.output.contains("apt-get install \(package)\n"), "\(run.output)")
  }

  @Test("A build that was copied from elsewhere is told in one sentence, with the line that mends it")
  func copied() throws {
    let place = try Workplace()
    try place.write("/home/else/passerelle\n", to: ".build/.place")
    let run = try place.run(["cgi-bin/build"])
    #expect(run.status == 1)
    #expect(run.output.split(separator: "\n").count == 1 && run.output.contains("was built in /home/else/passerelle"))
    #expect(run.output.contains("rm -rf .build"))
  }

  @Test("A checkout that cannot be written is told in one sentence")
  func readOnly() throws {
    let place = try Workplace()
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: place.project.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.project.path) }
    let nobody = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let run = try place.run(nobody + ["cgi-bin/build"])
    #expect(run.status == 1)
    #expect(
      run.output.split(separator: "\n").count == 1 && run.output.contains("cannot be written by"), "\(run.output)")
  }

  @Test(
    "Who is not root gets one line for root, before anything is tried, and in their language",
    arguments: ["LC_ALL=C", "LC_ALL=fr_FR.UTF-8"], [false, true])
  func notRoot(_ locale: String, _ hasSudo: Bool) throws {
    let place = try Workplace()
    try place.program("id", "echo 1000")
    try place.program("dpkg-query", "exit 1")
    try place.program("apt-cache", "echo '  Candidate: 6.0.3-2'")
    try place.program("apt-get", "touch '\(place.root.appending(path: "tried").path)'")
    // With sudo there, but not for this user.
    if hasSudo { try place.program("sudo", "echo 'not in the sudoers file' >&2; exit 1") }
    let run = try place.run([locale, "PATH=\(try place.closedPath())", "bash", "cgi-bin/build"])
    let words =
      locale == "LC_ALL=C"
      ? "✗ missing packages; run as root: " : "✗ il manque des paquets ; lancez en tant que root : "
    #expect(run.status == 1)
    #expect(
      run.output.split(separator: "\n").last
        == "\(words)apt-get install ca-certificates g++ git libpq-dev libssl-dev swiftlang", "\(run.output)")
    #expect(!FileManager.default.fileExists(atPath: place.root.appending(path: "tried").path))
  }

  @Test(
    "Where Swift has no static library the build is dynamic, and says what that costs",
    arguments: [
      ("LC_ALL=C", "so --dynamic it is. What that costs: each request"),
      ("LC_ALL=fr_FR.UTF-8", "ce sera donc --dynamic. Ce que cela coûte : chaque requête"),
    ])
  func noStaticLibrary(_ locale: String, _ words: String) throws {
    let place = try Workplace()
    try place.program("swiftc", ":")
    try place.program(
      "swift",
      """
      case $1 in
        --version) echo 'Swift version 6.0.3 (swift-6.0.3-RELEASE)' ;;
        -print-target-info) echo '    "runtimeResourcePath": "/nowhere/swift"' ;;
        build) echo "static: ${PASSERELLE_STATIC-no}; $*"; exit 3 ;;
      esac
      """)
    let run = try place.run([locale, "cgi-bin/build"])
    #expect(run.status == 3 && run.output.contains(words), "\(run.output)")
    #expect(run.output.contains("static: no; build -c release") && !run.output.contains("-static-executable"))
  }

  @Test("Another apt is waited for")
  func aptLock() throws {
    let place = try Workplace()
    try place.program("dpkg-query", "exit 1")
    try place.program("id", "echo 0")
    let tried = place.root.appending(path: "tried").path
    try place.program(
      "apt-get",
      """
      case "$*" in
        *update*) [ -e '\(tried)' ] && exit 0; touch '\(tried)'; echo 'E: Could not get lock /var/lib/apt/lists/lock' >&2; exit 100 ;;
        *DPkg::Lock::Timeout=*) echo 'E: as far as this test goes' >&2; exit 100 ;;
      esac
      """)
    let run = try place.run(["cgi-bin/build"])
    #expect(run.output.contains("waiting for another apt to end"), "\(run.output)")
    #expect(run.output.contains("as far as this test goes") && run.status == 1)
  }

  @Test("What apt enabled for the next boot is put back, and what was enabled stays", .needsMounts)
  func services() throws {
    let place = try Workplace()
    let wants = "/etc/systemd/system/multi-user.target.wants"
    try place.program(
      "apt-get",
      "case \"$*\" in *install*) ln -s /x \(wants)/postgresql.service && ln -s /x \(wants)/pgbouncer.service ;; esac")
    let script = """
      mkdir -p /etc/systemd/system && mount -t tmpfs tmpfs /etc/systemd/system && mkdir -p \(wants)
      /usr/bin/ln -s /x \(wants)/ours.service
      source apache-conf/stack.sh && stack_apt postgresql pgbouncer && ls \(wants)
      """
    let run = try place.run(["unshare"] + SmallDisk.ownMounts + ["bash", "-c", script])
    #expect(run.status == 0 && run.output.contains("ours.service"), "\(run.output)")
    #expect(!run.output.contains("postgresql.service") && !run.output.contains("pgbouncer.service"))
  }

  @Test("A Debian that cannot be made here is skipped with a reason, and one that is unknown refused")
  func tree() throws {
    let twelve = try ShellCommand(["env", "-u", "PASSERELLE_SWIFT", ".ci/debian", "12", "true"], in: Stack.root)
    if geteuid() == 0 { #expect(twelve.status == 77 && twelve.output.contains("skipped: Debian 12 has no Swift 6")) }
    #expect(try ShellCommand([".ci/debian", "11", "true"], in: Stack.root).status == 64)
  }
}
