import Postgres

/// What staff do in Directus, as the SQL that it would write in each shape.
enum StaffEdit: Sendable {
  /// Marks a grain completed for every learner, or for the one of that (family) name.
  case complete(String, by: String? = nil)
  /// Gives a grain's score, as a part of 1.
  case score(String, Double)
  /// Sets a grain back to begun.
  case reopen(String)
  /// Deletes the row of progress of a grain.
  case forget(String)
  case forgetEverything
  case archive(String)
  case restore(String)
  case deleteGrain(String)
  case addGrain(String, module: String = TestDatabase.module, title: String, sort: Int? = nil)
  case addModule(String, title: String)
  case weigh(String, Double)
  /// Makes every module all-or-nothing.
  case demandEverything
  /// Gives every module and grain another title and place.
  case retitle(String)
  case rename(given: String, family: String)
  case address(String?)
  case addLearner(String)
  /// Deletes the learner whom the API calls so.
  case deleteLearner(String)

  /// The statement in that shape.
  func sql(_ shape: Shape) -> Statement {
    switch shape {
    case .own: own
    case .french: french
    case .directusUsers: directusUsers
    }
  }

  private var own: Statement {
    switch self {
    case .complete(let grain, let name):
      """
      insert into public.progress (learner, grain, status)
      select l.id, g.id, 'completed' from public.learners l, public.grains g
      where g.slug = \(grain) and (\(name)::text is null or l.name = \(name))
      """
    case .score(let grain, let score):
      "update public.progress set score = \(score) where grain = (select id from public.grains where slug = \(grain))"
    case .reopen(let grain):
      "update public.progress set status = 'started' where grain = (select id from public.grains where slug = \(grain))"
    case .forget(let grain):
      "delete from public.progress where grain = (select id from public.grains where slug = \(grain))"
    case .forgetEverything: "delete from public.progress"
    case .archive(let grain): "update public.grains set status = 'archived' where slug = \(grain)"
    case .restore(let grain): "update public.grains set status = 'active' where slug = \(grain)"
    case .deleteGrain(let grain): "delete from public.grains where slug = \(grain)"
    case .addGrain(let grain, let module, let title, let sort):
      """
      insert into public.grains (module, slug, title, sort)
      select id, \(grain), \(title), \(sort)::integer from public.modules where slug = \(module)
      """
    case .addModule(let module, let title): "insert into public.modules (slug, title) values (\(module), \(title))"
    case .weigh(let grain, let weight): "update public.grains set weight = \(weight) where slug = \(grain)"
    case .demandEverything: "update public.modules set grading = 'all-or-nothing'"
    case .retitle(let title):
      "with m as (update public.modules set title = \(title)) update public.grains set title = \(title), sort = 9"
    case .rename(let given, let family): "update public.learners set name = \(given + " " + family)"
    case .address(let address): "update public.learners set email = \(address)"
    case .addLearner(let name): "insert into public.learners (name) values (\(name))"
    case .deleteLearner(let id): "delete from public.learners where id = \(id)::uuid"
    }
  }

  private var french: Statement {
    switch self {
    case .complete(let grain, let name):
      """
      insert into public.progressions (apprenant, grain, statut)
      select a.id, g.id, 'termine' from public.apprenants a, public.grains g
      where g.code = \(grain) and (\(name)::text is null or a.nom = \(name))
      """
    case .score(let grain, let score):
      "update public.progressions set note = \(score * 20) where grain = (select id from public.grains where code = \(grain))"
    case .reopen(let grain):
      "update public.progressions set statut = 'en_cours' where grain = (select id from public.grains where code = \(grain))"
    case .forget(let grain):
      "delete from public.progressions where grain = (select id from public.grains where code = \(grain))"
    case .forgetEverything: "delete from public.progressions"
    case .archive(let grain): "update public.grains set statut = 'archive' where code = \(grain)"
    case .restore(let grain): "update public.grains set statut = 'publie' where code = \(grain)"
    case .deleteGrain(let grain): "delete from public.grains where code = \(grain)"
    case .addGrain(let grain, let module, let title, let sort):
      """
      insert into public.grains (module, code, titre, ordre)
      select id, \(grain), \(title), \(sort)::integer from public.modules where code = \(module)
      """
    case .addModule(let module, let title): "insert into public.modules (code, titre) values (\(module), \(title))"
    case .weigh(let grain, let weight): "update public.grains set poids = \(weight) where code = \(grain)"
    case .demandEverything: "update public.modules set regle = 'tout_ou_rien'"
    case .retitle(let title):
      "with m as (update public.modules set titre = \(title)) update public.grains set titre = \(title), ordre = 9"
    case .rename(let given, let family): "update public.apprenants set prenom = \(given), nom = \(family)"
    case .address(let address): "update public.apprenants set courriel = \(address)"
    case .addLearner(let name): "insert into public.apprenants (nom) values (\(name))"
    case .deleteLearner(let id): "delete from public.apprenants where passerelle_id = \(id)::uuid"
    }
  }

  private var directusUsers: Statement {
    switch self {
    case .complete(let grain, let name):
      """
      insert into public.lesson_progress (id, "user", lesson, completed_at)
      select gen_random_uuid(), u.id, \(grain), now() from public.directus_users u
      where \(name)::text is null or u.last_name = \(name)
      """
    case .score(let grain, let score):
      "update public.lesson_progress set passerelle_score = \(score) where lesson = \(grain)"
    case .reopen(let grain): "update public.lesson_progress set completed_at = null where lesson = \(grain)"
    case .forget(let grain): "delete from public.lesson_progress where lesson = \(grain)"
    case .forgetEverything: "delete from public.lesson_progress"
    case .archive(let grain): "update public.lessons set status = 'archived' where slug = \(grain)"
    case .restore(let grain): "update public.lessons set status = 'published' where slug = \(grain)"
    case .deleteGrain(let grain): "delete from public.lessons where slug = \(grain)"
    case .addGrain(let grain, let module, let title, let sort):
      """
      insert into public.lessons (id, status, course, slug, title, sort)
      select gen_random_uuid(), 'published', id, \(grain), \(title), \(sort)::integer from public.courses where slug = \(module)
      """
    case .addModule(let module, let title):
      "insert into public.courses (id, status, slug, title) values (gen_random_uuid(), 'published', \(module), \(title))"
    case .weigh(let grain, let weight): "update public.lessons set weight = \(weight) where slug = \(grain)"
    case .demandEverything: "update public.courses set all_required = true"
    case .retitle(let title):
      "with m as (update public.courses set title = \(title)) update public.lessons set title = \(title), sort = 9"
    case .rename(let given, let family):
      "update public.directus_users set first_name = \(given), last_name = \(family)"
    case .address(let address): "update public.directus_users set email = \(address)"
    case .addLearner(let name):
      "insert into public.directus_users (id, status, last_name) values (gen_random_uuid(), 'active', \(name))"
    case .deleteLearner(let id): "delete from public.directus_users where id = \(id)::uuid"
    }
  }
}

extension World {
  /// What staff do in Directus.
  func edit(_ edits: StaffEdit...) throws { for edit in edits { try database.execute(edit.sql(shape)) } }
}
