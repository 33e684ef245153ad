import Glibc
import Passerelle
import Wire

/// Has Apache what the shipped site needs, as far as Debian's folders tell? Silent where there are none: another system, or another
/// machine.
enum ApacheChecks {
  private static let folder = "/etc/apache2"
  private static let modules = ["headers", "reqtimeout", "deflate", "filter", "alias", "env"]

  static func run(_ report: inout Report) {
    guard exists("mods-enabled") else { return }
    let cgi = exists("mods-enabled/mpm_prefork.load") ? "cgi" : "cgid"
    let missing = ([cgi] + modules).filter { !exists("mods-enabled/\($0).load") }
    if !missing.isEmpty {
      report.doubtful(
        .apache,
        Words(
          fr: "parmi les modules nécessaires au site, ceux-ci ne sont pas activés : "
            + "\(missing.joined(separator: ", "))",
          en: "of the modules that the site needs these are not enabled: \(missing.joined(separator: ", "))"),
        mend: .same("a2enmod \(missing.joined(separator: " ")) && systemctl restart apache2"))
    }
    if exists("conf-available/passerelle.conf"), !exists("conf-enabled/passerelle.conf") {
      report.doubtful(
        .apache, Words(fr: "le site est installé mais pas activé", en: "the site is installed and not enabled"),
        mend: .same("a2enconf passerelle && systemctl reload apache2"))
    }
  }

  private static func exists(_ name: String) -> Bool { access("\(folder)/\(name)", F_OK) == 0 }
}

/// Does somebody run `grade sync`, `grade verify` and `sweep`? By the links and files that Debian's ways leave, and by the grades themselves.
enum TimerChecks {
  static func run(_ report: inout Report, overdue: Int) {
    if overdue > 300 {
      report.doubtful(
        .timers,
        Words(
          fr: "une note aurait dû partir il y a \(overdue / 60) minutes : personne ne lance grade sync",
          en: "a grade should have been sent \(overdue / 60) minutes ago: nobody runs grade sync"),
        mend: start)
      return
    }
    let wants = "/etc/systemd/system/timers.target.wants"
    let isScheduled =
      timers.allSatisfy { access("\(wants)/\($0)", F_OK) == 0 } || access("/etc/cron.d/passerelle", F_OK) == 0
    // Only where this machine is the one that was installed, by hand or by the package.
    let isInstalled = ["/etc", "/usr/lib"].contains { access("\($0)/systemd/system/passerelle-sweep.timer", F_OK) == 0 }
    guard !isScheduled, isInstalled else { return }
    report.doubtful(
      .timers,
      Words(
        fr: "ni les minuteries ni cron ne lancent grade sync, grade verify et sweep sur cette machine",
        en: "neither the timers nor cron run grade sync, grade verify and sweep on this machine"), mend: start)
  }

  private static let timers = [
    "passerelle-grade-sync.timer", "passerelle-grade-verify.timer", "passerelle-sweep.timer",
  ]

  private static let start =
    Words(
      fr: "systemctl enable --now \(timers.joined(separator: " ")) ; sans systemd : "
        + "cp \(Installation.share)/cron.d/passerelle /etc/cron.d/",
      en: "systemctl enable --now \(timers.joined(separator: " ")); without systemd: "
        + "cp \(Installation.share)/cron.d/passerelle /etc/cron.d/")
}

/// Is there room on this machine's disks? The database's own is tried by writing.
enum DiskChecks {
  /// Of a hundred, how much may be used.
  private static let most = 95

  static func run(_ report: inout Report, _ settings: Settings) {
    var folders = ["/"]
    if let log = settings.logFile, let slash = log.lastIndex(of: "/") { folders.append(String(log[..<slash]) + "/") }
    for folder in folders {
      var status = statvfs()
      guard statvfs(folder, &status) == 0, status.f_blocks > 0 else { continue }
      let used = 100 - Int(status.f_bavail * 100 / status.f_blocks)
      guard used > most else { continue }
      report.doubtful(
        .disk,
        Words(
          fr: "\(used) % du disque qui contient \(folder) est occupé",
          en: "\(used) % of the disk that holds \(folder) is used"),
        mend: Words(
          fr: "faites de la place : du -x \(folder) | sort -n | tail", en: "make room: du -x \(folder) | sort -n | tail"
        ))
    }
  }
}
