import Wire

/// A ZIP file (APPNOTE.TXT 6.3) that somebody else made: each entry is looked at before anything is written.
struct PackageArchive {
  /// What a package may be at most: no course is larger, and a bomb is.
  enum Limit {
    static let archive = 1 << 30
    static let entries = 20_000
    static let entry = 512 << 20
    static let total = 2 << 30
    static let pathBytes = 500
  }

  /// A file of the archive.
  struct Entry {
    /// The parts of its path, none of which leads anywhere but down.
    let path: [String]
    let size: Int
    fileprivate let compressedSize: Int
    fileprivate let method: Int
    fileprivate let checksum: UInt32
    fileprivate let header: Int

    /// With `/` between the parts.
    var name: String { path.joined(separator: "/") }
  }

  private let bytes: [UInt8]
  /// The files, in the order of the directory; folders are not listed.
  let entries: [Entry]

  /// Reads the directory; fails in words at the first entry that cannot be trusted.
  init(_ bytes: [UInt8]) throws(CommandFailure) {
    self.bytes = bytes
    guard bytes.count <= Limit.archive else {
      throw CommandFailure(Words(fr: "l’archive dépasse 1 Gio", en: "the archive is larger than 1 GiB"))
    }
    guard let end = Self.endOfDirectory(bytes) else {
      throw CommandFailure(Words(fr: "ce n’est pas un fichier ZIP", en: "this is no ZIP file"))
    }
    let count = Self.number(bytes, end + 10, 2)
    var offset = Self.number(bytes, end + 16, 4)
    guard count < 0xFFFF, offset < 0xFFFF_FFFF else {
      throw CommandFailure(Words(fr: "l’archive est trop grande (ZIP64)", en: "the archive is too large (ZIP64)"))
    }
    guard count <= Limit.entries else {
      throw CommandFailure(
        Words(
          fr: "l’archive a plus de \(Limit.entries) entrées", en: "the archive has more than \(Limit.entries) entries"))
    }
    var entries: [Entry] = []
    var names: Set<String> = []
    var total = 0
    for _ in 0..<count {
      guard let (entry, next) = try Self.entry(bytes, at: offset) else {
        throw CommandFailure(
          Words(fr: "le répertoire de l’archive est endommagé", en: "the archive's directory is broken"))
      }
      offset = next
      guard let entry else { continue }
      // Windows and macOS know no difference of case: one of two would replace the other there.
      guard names.insert(entry.name.lowercased()).inserted else {
        throw CommandFailure(
          Words(fr: "l’archive contient « \(entry.name) » deux fois", en: "the archive has “\(entry.name)” twice"))
      }
      total += entry.size
      guard entry.size <= Limit.entry, total <= Limit.total else {
        throw CommandFailure(
          Words(
            fr: "l’archive dépaquetée dépasse ce qui est permis (512 Mio par fichier, 2 Gio en tout)",
            en: "the archive unpacks to more than is allowed (512 MiB a file, 2 GiB in all)"))
      }
      entries.append(entry)
    }
    for entry in entries {
      for depth in entry.path.indices.dropLast()
      where names.contains(entry.path[...depth].joined(separator: "/").lowercased()) {
        throw CommandFailure(
          Words(
            fr: "l’archive contient « \(entry.name) » sous un fichier",
            en: "the archive has “\(entry.name)” below a file"))
      }
    }
    self.entries = entries
  }

  /// What a file holds; fails when it is not as long, or not the same, as the directory says.
  func contents(of entry: Entry) throws(CommandFailure) -> [UInt8] {
    let broken = CommandFailure(
      Words(fr: "« \(entry.name) » est endommagé dans l’archive", en: "“\(entry.name)” is broken in the archive"))
    guard entry.header >= 0, entry.header + 30 <= bytes.count, Self.number(bytes, entry.header, 4) == 0x0403_4B50 else {
      throw broken
    }
    let start = entry.header + 30 + Self.number(bytes, entry.header + 26, 2) + Self.number(bytes, entry.header + 28, 2)
    guard start + entry.compressedSize <= bytes.count else { throw broken }
    let packed = bytes[start..<start + entry.compressedSize]
    let contents: [UInt8]
    if entry.method == 0 {
      contents = Array(packed)
    } else {
      do { contents = try Inflate.bytes(of: packed, limit: entry.size) } catch { throw broken }
    }
    guard contents.count == entry.size, CRC32.checksum(contents) == entry.checksum else { throw broken }
    return contents
  }

  // MARK: - The directory

  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// Where the record at the archive's end stands: 22 bytes and a comment before the last byte.
  private static func endOfDirectory(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 22 else { return nil }
    let first = max(0, bytes.count - 22 - 0xFFFF)
    return stride(from: bytes.count - 22, through: first, by: -1).first { offset in
      number(bytes, offset, 4) == 0x0605_4B50 && offset + 22 + number(bytes, offset + 20, 2) == bytes.count
    }
  }

  /// The entry at a place of the directory, nil for a folder, and where the next one stands; nil when there is none.
  private static func entry(_ bytes: [UInt8], at offset: Int) throws(CommandFailure) -> (Entry?, Int)? {
    guard offset >= 0, offset + 46 <= bytes.count, number(bytes, offset, 4) == 0x0201_4B50 else { return nil }
    let length = number(bytes, offset + 28, 2)
    let next = offset + 46 + length + number(bytes, offset + 30, 2) + number(bytes, offset + 32, 2)
    guard next <= bytes.count else { return nil }
    guard let name = String(validating: bytes[(offset + 46)..<(offset + 46 + length)], as: UTF8.self) else {
      throw CommandFailure(
        Words(fr: "l’archive contient un nom qui n’est pas en UTF-8", en: "the archive has a name that is not UTF-8"))
    }
    let shown = name.filter { !$0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } }
    let flags = number(bytes, offset + 8, 2)
    let method = number(bytes, offset + 10, 2)
    // The upper half of the external attributes is the file's mode where the archive was made on Unix.
    let kind = number(bytes, offset + 40, 2) & 0xF000
    guard kind == 0 || kind == 0x8000 || kind == 0x4000 else {
      throw CommandFailure(
        Words(
          fr: "« \(shown) » n’est ni un fichier ni un dossier (un lien symbolique ?)",
          en: "“\(shown)” is neither a file nor a folder (a symbolic link?)"))
    }
    guard flags & 0x41 == 0 else {
      throw CommandFailure(Words(fr: "« \(shown) » est chiffré", en: "“\(shown)” is encrypted"))
    }
    guard method == 0 || method == 8 else {
      throw CommandFailure(
        Words(
          fr: "« \(shown) » est compressé d’une façon inconnue",
          en: "“\(shown)” is compressed in a way that is not known"))
    }
    let isFolder = name.hasSuffix("/")
    let path = (isFolder ? String(name.dropLast()) : name).split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    guard length <= Limit.pathBytes, path.allSatisfy(isHarmless) else {
      throw CommandFailure(
        Words(
          fr: "« \(shown) » sort du dossier, ou n’est pas un nom de fichier",
          en: "“\(shown)” leads out of the folder, or is no name for a file"))
    }
    if isFolder { return (nil, next) }
    let entry = Entry(
      path: path, size: number(bytes, offset + 24, 4), compressedSize: number(bytes, offset + 20, 4), method: method,
      checksum: UInt32(truncatingIfNeeded: number(bytes, offset + 16, 4)), header: number(bytes, offset + 42, 4))
    guard entry.size < 0xFFFF_FFFF, entry.compressedSize < 0xFFFF_FFFF, entry.header < 0xFFFF_FFFF else {
      throw CommandFailure(Words(fr: "« \(shown) » est trop grand (ZIP64)", en: "“\(shown)” is too large (ZIP64)"))
    }
    return (entry, next)
  }

  /// Whether a part of a path is a plain name: not empty, not up, without what some system takes for a way elsewhere.
  private static func isHarmless(_ part: String) -> Bool {
    guard !part.isEmpty, part != ".", part != ".." else { return false }
    return part.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" && $0 != ":" }
  }
}
