import Passerelle
import Wire

/// A bar on standard error while something long goes on; silent where nobody watches.
struct ProgressBar {
  private let label: Words
  private let isShown: Bool
  private var done = 0

  init(_ label: Words) {
    self.label = label
    isShown = Console.isTerminal
  }

  /// One more of `total` is done, or as many as `count` says.
  mutating func advance(by count: Int = 1, of total: Int) {
    done += count
    guard isShown, total > 0 else { return }
    let filled = min(30, done * 30 / total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    Log.raw("\r\(label[Console.language]) \(bar) \(done)/\(total)")
  }

  /// Ends the line.
  func finish() {
    if isShown, done > 0 { Log.raw("\n") }
  }
}
