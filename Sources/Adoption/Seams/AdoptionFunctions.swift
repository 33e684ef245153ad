/// The functions of the seams that write, over tables of theirs: those of Sources/Schema/Functions/own_….sql.
///
/// They work as their owner, so that the web server's role needs no right on tables that are not Passerelle's, `directus_users`
/// perhaps among them; `migrate` lets that role call them. Only the deletion works as whoever calls it: that is the owner.
struct AdoptionFunctions {
  let plan: AdoptionPlan

  /// The SQLSTATE with which a launch is refused whose person is not there and may not be made.
  static let learnerUnknown = "PSA01"

  /// One statement for each.
  var statements: [String] {
    var statements: [String] = []
    if let learners = plan.learners {
      statements += [match(learners), create(learners), update(learners), delete(learners)] + Self.seen
      statements += [
        "learner_match(uuid, text, text)", "learner_create(text, text, text, text, text)",
        "learner_update(uuid, text, text, text, text, text)",
      ].map(Self.closed)
    }
    if let progress = plan.progress {
      statements +=
        [record(progress), replace(progress), Self.unsign, remove(progress), give(progress)] + activities(progress)
        + [
          "progress_record(uuid, uuid[], text[], numeric[], uuid, text)",
          "progress_replace(uuid, uuid, text, numeric, text, text, uuid, text)",
          "progress_remove(uuid, uuid[], uuid)", "progress_give(uuid, uuid)",
        ].map(Self.closed)
    }
    if plan.modules != nil { statements += ["module_notice", "module_address_notice"].map(notice) }
    return statements
  }

  /// What such a function is made with.
  static let asOwner = "security definer \(SQLText.path)"

  /// Nobody calls it but its owner, and who is granted that.
  private static func closed(_ function: String) -> String {
    "revoke all on function passerelle.\(function) from public"
  }

  /// Their people have no column for when they were seen, and nobody's row in their table is deleted for another.
  private static var seen: [String] {
    [
      """
      create or replace function passerelle.learner_seen(p_learner uuid) returns void language plpgsql as \(SQLText.body(
        """
        begin
        end
        """))
      """,
      """
      create or replace function passerelle.learner_last_seen(p_learner uuid) returns timestamptz language sql stable as \(SQLText.body(
        """
          select max(greatest(e.last_launch_at, e.last_seen_at)) from passerelle.enrolments e where e.learner = p_learner
        """))
      """,
      """
      create or replace function passerelle.learner_drop(p_learner uuid) returns boolean language plpgsql as \(SQLText.body(
        """
        begin
          return false;
        end
        """))
      """,
    ]
  }

  /// Their modules have no column for what Passerelle tells staff: `passerelle doctor` and `/health` say it.
  private func notice(_ name: String) -> String {
    """
    create or replace function passerelle.\(name)(p_module uuid, p_notice text) returns void language plpgsql as \(SQLText.body(
      """
      begin
      end
      """))
    """
  }

  /// Somebody who is there: by an explicit rule only, when exactly one row fits and the platform calls nobody else so.
  private func match(_ part: AdoptionPlan.Learners) -> String {
    let fits: String? =
      switch part.match {
      case .nobody: nil
      case .email:
        part.email.map { "lower(\(SQLText.column("l", $0.name))) = lower(p_email) and p_email <> ''" }
      case .subject(let column):
        switch column.kind {
        // Compared as numbers, so that the index serves; a subject that is no number fits nobody.
        case .integer:
          "\(SQLText.column("l", column.name)) = case when p_subject ~ '^[0-9]{1,18}$' then p_subject::bigint end"
        case .uuid: "\(SQLText.column("l", column.name))::text = lower(p_subject)"
        default: "\(SQLText.column("l", column.name)) = p_subject"
        }
      }
    let id = part.place.id("l")
    // Two people of one address wait for each other: the second finds the first one's identity.
    let lock = part.match == .email ? "  \(Self.addressLock("select", "p_email"))\n" : ""
    let body = fits.map { fits in
      lock + """
          select f.ids[1] from (select array_agg(\(id)) as ids from \(part.place.relation) l where \(fits)) f
          where cardinality(f.ids) = 1 and not exists (
            select from passerelle.identities i where i.platform = p_platform and i.learner = f.ids[1])
        """
    }
    return """
      create or replace function passerelle.learner_match(p_platform uuid, p_subject text, p_email text) returns uuid
      language sql volatile \(Self.asOwner) as \(SQLText.body(body ?? "  select null::uuid"))
      """
  }

  private static func addressLock(_ verb: String, _ address: String) -> String {
    "\(verb) pg_advisory_xact_lock(hashtextextended('passerelle.learner_email' || lower(\(address)), 0));"
  }

  private func create(_ part: AdoptionPlan.Learners) -> String {
    let head = """
      create or replace function passerelle.learner_create(
        p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns uuid
      language plpgsql \(Self.asOwner) as
      """
    guard part.creates else {
      return head + " "
        + SQLText.body(
          """
          begin
            raise exception using errcode = '\(Self.learnerUnknown)',
              message = \(SQLText.literal("nobody in \(part.place.table) matches this person, and the map of adoption says create = no"));
          end
          """)
    }
    var columns: [(name: String, value: String)] = []
    let key = part.place.key
    if !key.hasDefault && key.isNotNull && key.kind != .integer {
      columns.append((key.name, key.kind == .uuid ? "gen_random_uuid()" : "gen_random_uuid()::text"))
    }
    func add(_ column: ColumnShape, _ value: String) {
      let value = column.isNotNull ? "coalesce(\(value), '')" : value
      columns.append((column.name, "(\(value))::\(column.sqlType)"))
    }
    switch part.name {
    case .whole(let whole): add(whole, "coalesce(p_name, nullif(concat_ws(' ', p_given_name, p_family_name), ''))")
    case .parts(let given, let family):
      add(given, "p_given_name")
      add(family, "coalesce(p_family_name, case when p_given_name is null then p_name end)")
    }
    if let locale = part.locale { add(locale, "p_locale") }
    var address = ""
    if let email = part.email {
      columns.append((email.name, "(v_email)::\(email.sqlType)"))
      address = "\n" + self.address(email, part)
    }
    return head + " "
      + SQLText.body(
        """
        declare
          v_email text := nullif(p_email, '');
          v_id uuid;
        begin\(address)
          insert into \(part.place.relation) as l (\(columns.map { SQLText.name($0.name) }.joined(separator: ", ")))
            values (\(columns.map(\.value).joined(separator: ", ")))
            returning \(part.place.id("l")) into v_id;
          return v_id;
        end
        """)
  }

  /// Leaves out an address that somebody has where it must be unique, and one that is too long.
  private func address(_ email: ColumnShape, _ part: AdoptionPlan.Learners) -> String {
    var conditions = email.maximumLength.map { ["length(v_email) > \($0)"] } ?? []
    if part.shape.isUnique([email.name]) {
      conditions.append(
        "exists (select from \(part.place.relation) l where lower(\(SQLText.column("l", email.name))) = lower(v_email))"
      )
    }
    var text = "  \(Self.addressLock("perform", "v_email"))"
    if !conditions.isEmpty {
      text +=
        "\n" + """
            if \(conditions.joined(separator: " or ")) then
              v_email := null;
            end if;
          """
    }
    if email.isNotNull {
      text +=
        (text.isEmpty ? "" : "\n") + """
            if v_email is null then
              raise exception using errcode = '\(Self.learnerUnknown)',
                message = \(SQLText.literal("\(part.place.table) needs an e-mail address of its own for each person, and Moodle sent none"));
            end if;
          """
    }
    return text
  }

  private func update(_ part: AdoptionPlan.Learners) -> String {
    var sets: [String] = []
    func set(_ column: ColumnShape, _ value: String) {
      sets.append(
        "\(SQLText.name(column.name)) = coalesce((\(value))::\(column.sqlType), \(SQLText.column("l", column.name)))")
    }
    switch part.name {
    case .whole(let whole): set(whole, "p_name")
    case .parts(let given, let family):
      set(given, "p_given_name")
      set(family, "p_family_name")
    }
    if let locale = part.locale { set(locale, "p_locale") }
    // In directus_users the address is what a person signs in with: Moodle does not change that.
    if let email = part.email, !part.areUsers {
      var isFree = email.maximumLength.map { ["length(p_email) <= \($0)"] } ?? []
      if part.shape.isUnique([email.name]) {
        isFree.append(
          "not exists (select from \(part.place.relation) o where lower(\(SQLText.column("o", email.name))) = lower(p_email)"
            + " and \(part.place.id("o")) <> p_learner)")
      }
      set(email, isFree.isEmpty ? "p_email" : "case when \(isFree.joined(separator: " and ")) then p_email end")
    }
    return """
      create or replace function passerelle.learner_update(
        p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns void
      language sql \(Self.asOwner) as \(SQLText.body(
        """
          update \(part.place.relation) l
            set \(sets.joined(separator: ",\n        "))
            where \(part.place.id("l")) = p_learner
        """))
      """
  }

  /// Erases what is a learner's: never a row of directus_users, who may be staff as well.
  private func delete(_ part: AdoptionPlan.Learners) -> String {
    let progress =
      plan.progress.map { progress in
        "delete from \(progress.place.relation) p using \(part.place.relation) l\n"
          + "    where \(progress.learner.value(of: "l")) = \(SQLText.column("p", progress.learner.column.name))"
          + " and \(part.place.id("l")) = p_learner"
      } ?? "delete from public.progress p where p.learner = p_learner"
    let person =
      part.areUsers
      ? ""
      : "\n  delete from \(part.place.relation) l where \(part.place.id("l")) = p_learner;\n  was_there := was_there or found;"
    return """
      create or replace function passerelle.learner_delete(p_learner uuid) returns boolean
      language plpgsql \(SQLText.path) as \(SQLText.body(
        """
        declare
          was_there boolean;
        begin
          \(progress);
          was_there := found;\(person)
          return passerelle.learner_forget(p_learner) or was_there;
        end
        """))
      """
  }
}
