import Foundation
import Testing

/// A file system in memory of a few megabytes, which can be filled without harm to anybody.
struct SmallDisk {
  /// Where it is mounted; PostgreSQL's user owns it.
  let path: String

  init(megabytes: Int) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let owner = try FileManager.default.attributesOfItem(atPath: "/var/lib/postgresql")
    let user = (owner[.ownerAccountID] as? NSNumber)?.intValue ?? 0
    let mount = try ProgramRun.run(
      "/usr/bin/mount", arguments: ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=700,uid=\(user)", "tmpfs", path],
      environment: [])
    try #require(mount.status == 0, "\(mount.errorText)")
    // PostgreSQL must be able to walk there.
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  /// Takes it away, with all that is on it.
  func remove() {
    _ = try? ProgramRun.run("/usr/bin/umount", arguments: ["-l", path], environment: [])
    rmdir(path)
  }

  /// What `unshare` gives a command mounts of its own by. In a tree that was entered by chroot it cannot say that they are to stay its
  /// own, because the root is no mount there; who made the tree has said so.
  static let ownMounts: [String] = {
    let isRoot = (try? ProgramRun.run("/usr/bin/mountpoint", arguments: ["-q", "/"], environment: []).status) == 0
    return ["--mount"] + (isRoot ? [] : ["--propagation", "unchanged"])
  }()

  /// Runs the administrator's command with these words after a script of bash's, and mounts of their own for both.
  static func runApart(
    _ script: String, _ words: [String], _ environment: [(String, String)]
  ) throws -> ProgramRun {
    try ProgramRun.run(
      "/usr/bin/unshare",
      arguments: ownMounts + ["/bin/bash", "-euc", script + "\nexec \"$0\" \"$@\"", Stack.command] + words,
      environment: [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")] + environment)
  }

  /// Whether this user may mount anything here: root outside of a container, mostly.
  static let isPossible: Bool = {
    guard geteuid() == 0, let disk = try? SmallDisk(megabytes: 1) else { return false }
    disk.remove()
    return true
  }()
}

extension Trait where Self == ConditionTrait {
  /// The right to mount file systems.
  static var needsMounts: Self {
    .enabled(if: SmallDisk.isPossible, "no file system can be mounted: not root, or in a container")
  }
}
