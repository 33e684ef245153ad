import Postgres
import Testing

@testable import Store

@Suite("One table says what a database's failure is answered with, called and mended by")
struct DatabaseTroubleTests {
  private static func trouble(_ state: String?, _ kind: PostgresError.Kind = .server) -> DatabaseTrouble {
    DatabaseTrouble(PostgresError(kind, sqlState: state, "words"))
  }

  @Test(
    "Whatever passes, or passes once somebody acted, is a 503 with a word of its own",
    arguments: [
      ("08P01", "database_unreachable"), ("08006", "database_unreachable"), ("28P01", "database_login_refused"),
      ("3D000", "database_missing"), ("25006", "database_read_only"), ("53100", "database_disk_full"),
      ("53200", "database_out_of_memory"), ("53300", "database_too_many_connections"),
      ("53400", "database_limit_reached"), ("57P01", "database_stopping"), ("57P02", "database_crashed"),
      ("57P03", "database_starting"), ("57014", "database_cancelled"), ("58030", "database_system_error"),
      ("40001", "database_conflict"), ("40P01", "database_deadlock"), ("55P03", "database_lock_not_had"),
      ("42501", "database_right_missing"), ("PSA02", "database_conflict"),
    ])
  func passing(state: String, word: String) {
    let trouble = Self.trouble(state)
    #expect(trouble.rawValue == word && trouble.status == 503)
    #expect(trouble.retryAfter.map { (5...30).contains($0) } == true)
  }

  @Test("No session, no time, and what nobody foresaw")
  func withoutState() {
    #expect(Self.trouble(nil, .connection) == .unreachable)
    #expect(Self.trouble(nil, .timeout) == .slow)
    #expect(Self.trouble("57P01", .connection) == .stopping)
    let refused = PostgresError(.connection, "no session", debugDetail: "SSL error: certificate verify failed")
    #expect(DatabaseTrouble(refused) == .certificateRefused)
    for state in ["23505", "22P02", "XX000"] { #expect(Self.trouble(state).status == 500) }
    #expect(Self.trouble("42P01") == .schemaMissing && DatabaseTrouble.schemaMissing.status == 500)
    #expect(Self.trouble(nil, .decoding) == .unexpected)
    #expect(Self.trouble("22021", .decoding).status == 400 && Self.trouble("22P05").status == 400)
  }

  @Test("Each has the status and the wait that were meant for it")
  func answers() {
    let meant: [DatabaseTrouble: (status: Int, retryAfter: Int?)] = [
      .unreachable: (503, 5), .certificateRefused: (503, 30), .loginRefused: (503, 30), .databaseMissing: (503, 30),
      .tooManyConnections: (503, 5), .stopping: (503, 5), .crashed: (503, 5), .starting: (503, 5), .slow: (503, 5),
      .cancelled: (503, 5), .lockNotHad: (503, 5), .conflict: (503, 5), .deadlock: (503, 5), .readOnly: (503, 30),
      .diskFull: (503, 30), .outOfMemory: (503, 5), .limitReached: (503, 5), .systemError: (503, 5),
      .rightMissing: (503, 30), .schemaMissing: (500, nil), .textRefused: (400, nil), .unexpected: (500, nil),
    ]
    for trouble in DatabaseTrouble.allCases {
      guard let answer = meant[trouble] else {
        Issue.record("\(trouble) is not in the table")
        continue
      }
      #expect(trouble.status == answer.status && trouble.retryAfter == answer.retryAfter, "\(trouble)")
    }
  }

  @Test("Each has words of its own for people, for the log and for whoever mends it")
  func words() {
    let all = DatabaseTrouble.allCases
    #expect(Set(all.map(\.diagnosis.english)).count == all.count)
    #expect(Set(all.map(\.mend.english)).count == all.count)
    #expect(Set(all.map(\.health)).count == all.count && DatabaseTrouble.unreachable.health == "unavailable")
    for trouble in all {
      #expect(trouble.words.french != trouble.words.english && trouble.words.french.hasSuffix("."))
      #expect((trouble.retryAfter == nil) == (trouble.status != 503))
    }
    #expect(all.filter(\.isWorthAnotherTry) == [.lockNotHad, .conflict, .deadlock])
  }
}
