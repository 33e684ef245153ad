import Adoption
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// `adopt --propose`: a map that works, from what a database shows.
@Suite(.needsPostgres) struct ProposalTests {
  @Test("What is proposed for either shape works unedited, and proposing changes nothing")
  func proposals() throws {
    let french = try AdoptedDatabase.french(adopted: false)
    try french.adopt(try Proposal.read(on: french.connection).text)
    #expect(try french.line("select tables from passerelle.adoption").contains("progressions"))
    try french.enrol()
    try french.record(try french.value("select learner::text from passerelle.identities"), "a", score: 0.5)
    #expect(try french.line("select statut, note::float8 from public.progressions") == "termine|10")

    let users = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
    let before = try users.dump()
    let proposal = try Proposal.read(on: users.connection).text
    #expect(try users.dump() == before)
    #expect(proposal.contains("create       = no"))
    #expect(proposal.contains("grain        = lesson holds slug"))
    try users.adopt(proposal)
  }

  @Test(
    "Tables without rows, and of other names, are proposed by defaults and foreign keys",
    arguments: [
      // A state of which only the default is known, beside a date; a catalogue of their own.
      (
        """
        create table modules (id serial primary key, nom varchar(255), slug varchar(255) unique);
        create table grains (
          id serial primary key, module integer references modules, nom varchar(255), slug varchar(255),
          statut varchar(20) default 'publie');
        create table progressions (
          id serial primary key, apprenant integer references apprenants, grain integer references grains,
          statut varchar(255) default 'en_cours', date_fin timestamptz)
        """,
        [
          "active       = statut is publie", "completed    = statut is termine else en_cours",
          "completed_at = date_fin",
        ]
      ),
      // Nothing is known of the state.
      (
        """
        create table progressions (
          id serial primary key, apprenant integer references apprenants, grain_id uuid, etat text, score real)
        """, ["grain        = grain_id  #", "completed    = etat is termine else en_cours"]
      ),
      // A text that holds what Passerelle's own grains are known by.
      (
        """
        create table progressions (
          id serial primary key, apprenant integer references apprenants, grain varchar(36), status text default 'todo')
        """, ["grain        = grain holds id  #", "completed    = status is completed else todo"]
      ),
      // A catalogue that only the foreign keys find, and one that is called after something.
      (
        """
        create table themes (id serial primary key, cle text unique, titre text);
        create table fiches (id serial primary key, theme integer references themes, cle text unique, titre text);
        create table suivi_apprenants (
          id serial primary key, apprenant integer references apprenants, fiche integer references fiches,
          termine boolean default false)
        """, ["table        = themes", "table        = fiches", "grain        = fiche", "completed    = termine"]
      ),
      (
        """
        create table modules_pedagogiques (id serial primary key, cle text unique, titre text);
        create table grains_pedagogiques (
          id serial primary key, module_id integer references modules_pedagogiques, cle text unique, titre text);
        create table progressions (
          id serial primary key, apprenant integer references apprenants,
          grain_id integer references grains_pedagogiques, statut text check (statut in ('a_faire', 'termine')))
        """,
        [
          "table        = modules_pedagogiques", "table        = grains_pedagogiques", "grain        = grain_id",
          "completed    = statut is termine else a_faire",
        ]
      ),
      // A state that is Directus's own, of publication: the date tells.
      (
        """
        create table progressions (
          id serial primary key, apprenant integer references apprenants, grain uuid,
          status varchar(20) default 'draft' check (status in ('draft', 'published', 'archived')), completed_at timestamptz)
        """, ["completed    = completed_at  #"]
      ),
    ])
  func proposalsOfEmptyTables(tables: String, lines: [String]) throws {
    let database = try AdoptedDatabase()
    try database.script(
      "create table apprenants (id serial primary key, nom varchar(255), prenom varchar(255), email varchar(255));"
        + tables)
    let proposal = try Proposal.read(on: database.connection).text
    for line in lines { #expect(proposal.contains(line), "\(proposal)") }
    try database.adopt(proposal)
  }
}
