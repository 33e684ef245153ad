import CLibPQ

/// What may be repeated of what the server and libpq say.
enum Redaction {
  /// The primary message of an error without values. Only data errors (class 22) and errors raised by functions
  /// (class P0) repeat values, and PostgreSQL quotes them, in whatever language it speaks: such a message is cut at the
  /// first quote. In the other classes quotes hold names of tables, columns and constraints.
  static func primary(_ message: String, sqlState: String) -> String {
    guard sqlState.hasPrefix("22") || sqlState.hasPrefix("P0") else { return message }
    return cutAtFirstQuote(message)
  }

  /// libpq's report of a connection that was not made, without the host, address and user: a mistyped URL makes libpq
  /// take a part of the password for one of these. What follows "failed: " is the system's or the server's reason.
  static func connectionFailure(_ message: String) -> String {
    let line = firstLine(message)
    return cutAtQuotes(after(reasonMarker, in: line) ?? line)
  }

  /// Whether libpq's report is about a server that it tried, and not about the options it was given.
  static func namesServer(_ message: String) -> Bool { after(reasonMarker, in: firstLine(message)) != nil }

  private static let reasonMarker = "failed: "

  /// The SQLSTATE in a message of verbosity "verbose": `FATAL:  28P01: password authentication failed…`.
  static func sqlState(in message: String) -> String? {
    var rest = firstLine(message)[...]
    while let colon = rest.firstIndex(of: ":") {
      rest = rest[rest.index(after: colon)...].drop { $0 == " " }
      let code = rest.utf8.prefix(6)
      // A digit tells 28P01 from FATAL.
      let isState =
        code.count == 6 && code.last == UInt8(ascii: ":") && code.dropLast().allSatisfy(isStateCharacter)
        && code.contains(where: isDigit)
      if isState { return String(Substring(code.dropLast())) }
    }
    return nil
  }

  private static func isStateCharacter(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func firstLine(_ message: String) -> String {
    String(message.prefix { $0 != "\n" })
  }

  private static func cutAtFirstQuote(_ message: String) -> String {
    guard let quote = message.firstIndex(where: isQuote) else { return message }
    return message[..<quote] + "…"
  }

  /// Everything from the first quote to the last one goes: a quote inside a value must not end the cut early.
  private static func cutAtQuotes(_ message: String) -> String {
    guard let first = message.firstIndex(where: isQuote), let last = message.lastIndex(where: isQuote), first < last
    else { return cutAtFirstQuote(message) }
    return message[..<first] + "…" + message[message.index(after: last)...]
  }

  private static func isQuote(_ character: Character) -> Bool { "\"'«»„“”‘’`".contains(character) }

  /// The text after the last occurrence of an ASCII marker.
  private static func after(_ marker: String, in text: String) -> String? {
    let bytes = Array(text.utf8)
    let pattern = Array(marker.utf8)
    guard bytes.count >= pattern.count else { return nil }
    for start in stride(from: bytes.count - pattern.count, through: 0, by: -1)
    where bytes[start..<(start + pattern.count)].elementsEqual(pattern) {
      return String(decoding: bytes[(start + pattern.count)...], as: UTF8.self)
    }
    return nil
  }
}

extension PostgresError {
  /// The error of a result whose status says that the statement failed.
  static func server(_ result: OpaquePointer) -> PostgresError {
    let message = field(PG_DIAG_MESSAGE_PRIMARY, of: result)
    let full = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
    guard let state = field(PG_DIAG_SQLSTATE, of: result) else {
      return PostgresError(.connection, "the connection to PostgreSQL was lost", debugDetail: full)
    }
    let severity = field(PG_DIAG_SEVERITY_NONLOCALIZED, of: result)
    let isLost = severity == "FATAL" || severity == "PANIC" || state.hasPrefix("08")
    return PostgresError(
      isLost ? .connection : .server, sqlState: state, constraint: field(PG_DIAG_CONSTRAINT_NAME, of: result),
      state + " " + Redaction.primary(message ?? "", sqlState: state), debugDetail: full)
  }

  private static func field(_ code: Int32, of result: OpaquePointer) -> String? {
    PQresultErrorField(result, code).map { String(cString: $0) }
  }
}

// The letters of the protocol's error fields (PostgreSQL documentation, section 55.8); Swift does not import
// libpq's character macros.
private let PG_DIAG_SEVERITY_NONLOCALIZED = Int32(UInt8(ascii: "V"))
private let PG_DIAG_SQLSTATE = Int32(UInt8(ascii: "C"))
private let PG_DIAG_MESSAGE_PRIMARY = Int32(UInt8(ascii: "M"))
private let PG_DIAG_CONSTRAINT_NAME = Int32(UInt8(ascii: "n"))
