import Testing

/// What `passerelle doctor` says of each trouble of the database, and what to do about it: the table of ``DatabaseTrouble``.
@Suite(.needsStack) struct DoctorDatabaseTests {
  @Test(
    "Each trouble is named, with what to do about it",
    arguments: [
      ("08006", "the line was cut", "PostgreSQL cannot be reached", "that PostgreSQL and PgBouncer are running"),
      (
        "28000", "role \"passerelle\" is not permitted to log in", "PostgreSQL does not let this role in",
        "check role and password of PASSERELLE_DATABASE_URL"
      ),
      ("3D000", "no such place", "the database does not exist", "or create the database"),
      ("57P04", "the database was dropped", "the database does not exist", "or create the database"),
      ("53300", "sorry", "all connections are taken", "put PgBouncer between"),
      ("57P01", "terminating connection", "PostgreSQL is being stopped", "wait for its start"),
      ("57P02", "another process crashed", "after one of its processes crashed", "wait some seconds"),
      ("57P03", "not yet", "PostgreSQL is starting, stopping or recovering", "says how far it is"),
      ("57014", "canceling statement", "stopped a statement that took too long", "look at statement_timeout"),
      ("55P03", "lock timeout", "somebody else holds a lock for too long", "wait_event_type = 'Lock'"),
      ("40001", "could not serialize", "other transactions change the same rows", "read committed"),
      ("40P01", "deadlock detected", "transactions wait for each other", "run the command again"),
      ("25006", "read-only transaction", "this PostgreSQL takes no writing", "target_session_attrs=read-write"),
      ("53100", "No space left on device", "the database server's disk is full", "make room on the database server's"),
      ("53200", "out of shared memory", "PostgreSQL has not enough memory", "raise max_locks_per_transaction"),
      ("53400", "configuration limit exceeded", "PostgreSQL has reached a limit of its own", "which limit it is"),
      ("58030", "could not read block 0", "operating system reports an error", "and the database server's own"),
      ("42501", "permission denied for database", "the program's database role lacks a right", "grant what the log"),
      ("3F000", "no such schema", "a table or function of Passerelle is missing", "run: passerelle migrate"),
      ("22021", "invalid byte sequence", "a character that PostgreSQL cannot keep", "the request was refused"),
      ("XX000", "certificate of the server", "certificate is not accepted", "renew the server's certificate"),
    ])
  func trouble(sqlState: String, message: String, diagnosis: String, mend: String) throws {
    let server = try RefusingPostgres(sqlState: sqlState, message)
    defer { server.stop() }
    try expect(server, diagnosis, message, mend: mend)
  }

  @Test("A server that says nothing is waited for ten seconds, and called slow")
  func silent() throws {
    let server = try RefusingPostgres.silent()
    defer { server.stop() }
    try expect(server, "PostgreSQL did not answer in time", "127.0.0.1", mend: "look at pg_stat_activity")
  }

  @Test("What nobody expected is shown as PostgreSQL said it")
  func unexpected() throws {
    try World.run(.inProcess) { world in
      try world.database.script(
        """
        create function public.refuse() returns trigger language plpgsql as
          $$ begin raise exception 'broken' using errcode = 'XX000'; end $$;
        create trigger refuse before insert or update on passerelle.heartbeats
          for each row execute function public.refuse()
        """)
      let examination = try Examination(world)
      let found = examination.findings(of: "writing").first { $0.state == "wrong" }
      #expect(
        found?.words.hasPrefix("the database answered something unexpected: ") == true
          && found?.words.contains("broken") == true, "\(examination.run.text)")
      #expect(found?.mend == "look into the logs of Apache and PostgreSQL, and report it")
    }
  }

  private func expect(
    _ server: RefusingPostgres, _ diagnosis: String, _ message: String, mend: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try World.run(.inProcess) { world in
      try world.tool.set(
        "PASSERELLE_DATABASE_URL", "postgresql://passerelle:x@127.0.0.1:\(server.port)/passerelle?sslmode=disable")
      let examination = try Examination(world, sourceLocation: sourceLocation)
      let found = examination.findings(of: "database").first { $0.state == "wrong" }
      #expect(found?.words.contains(diagnosis) == true, "\(examination.run.text)", sourceLocation: sourceLocation)
      #expect(found?.words.contains(message) == true, "\(examination.run.text)", sourceLocation: sourceLocation)
      #expect(found?.mend.contains(mend) == true, "\(examination.run.text)", sourceLocation: sourceLocation)
    }
  }
}
