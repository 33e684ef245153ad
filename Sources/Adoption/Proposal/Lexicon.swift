/// The French and English names that institutions give to collections, columns and states, the likeliest first.
enum Lexicon {
  static let learners = [
    "apprenants", "apprenant", "eleves", "etudiants", "stagiaires", "participants", "learners", "students", "pupils",
    "trainees", "utilisateurs", "users", "personnes", "people",
  ]
  static let modules = [
    "modules", "parcours", "cours", "courses", "formations", "sequences", "sections", "units",
  ]
  static let grains = [
    "grains", "lecons", "lessons", "activites", "activities", "chapitres", "chapters", "etapes", "steps", "exercices",
    "exercises", "unites", "contenus",
  ]
  static let progress = [
    "progressions", "progression", "progres", "avancements", "avancement", "suivis", "suivi", "lesson_progress",
    "lesson_completions", "completions", "progress", "resultats", "results",
  ]

  static let wholeName = ["nom_complet", "full_name", "display_name", "name", "nom", "identite"]
  static let givenName = ["prenom", "prenoms", "first_name", "given_name", "firstname"]
  static let familyName = ["nom", "nom_famille", "nom_de_famille", "last_name", "family_name", "lastname", "surname"]
  static let email = ["courriel", "email", "e_mail", "mail", "adresse_email", "email_address", "adresse_mail"]
  static let locale = ["langue", "language", "locale", "lang"]
  static let created = ["date_created", "created_at", "date_creation", "cree_le"]
  static let slug = ["slug", "code", "identifiant", "reference", "cle", "key"]
  static let title = ["titre", "title", "intitule", "libelle", "nom", "name", "label"]
  static let url = ["url", "adresse", "lien", "link", "address"]
  static let weight = ["poids", "weight", "coefficient", "coef", "ponderation"]
  static let sort = ["sort", "ordre", "position", "rang", "order", "sort_order"]
  static let state = ["statut", "status", "etat", "state", "avancement", "completion"]
  static let activeFlag = ["actif", "active", "publie", "published", "visible", "enabled"]
  static let activeWords = ["publie", "published", "actif", "active", "visible", "en_ligne", "online", "ouvert"]
  static let gradingFlag = ["tout_ou_rien", "all_or_nothing", "all_required"]
  static let gradingColumn = ["regle", "notation", "grading", "grading_rule", "bareme"]
  static let gradingWords = ["tout_ou_rien", "all_or_nothing"]
  static let completedWords = [
    "termine", "terminee", "completed", "complete", "done", "fini", "finished", "acheve", "valide", "passed",
  ]
  static let openFrench = [
    "en_cours", "commence", "a_faire", "a_commencer", "non_commence", "pas_commence", "nouveau", "ouvert",
  ]
  static let openEnglish = ["in_progress", "started", "begun", "todo", "to_do", "not_started", "new", "open"]
  static let startedWords = openFrench + openEnglish + ["draft"]
  static let completedFlag = ["termine", "completed", "is_completed", "done", "fini", "acheve", "valide", "complete"]
  static let completedAt = [
    "date_fin", "termine_le", "date_completion", "completed_at", "completed_on", "date_completed", "finished_at",
    "acheve_le",
  ]
  static let score = ["note", "score", "resultat", "points", "grade", "mark", "pourcentage", "percentage"]

  /// A name in lower case, without accents, with one underscore where spaces or hyphens were.
  static func plain(_ name: String) -> String {
    var plain = ""
    for character in name.lowercased() {
      switch character {
      case "à", "â", "ä": plain.append("a")
      case "ç": plain.append("c")
      case "é", "è", "ê", "ë": plain.append("e")
      case "î", "ï": plain.append("i")
      case "ô", "ö": plain.append("o")
      case "ù", "û", "ü": plain.append("u")
      case " ", "-": plain.append("_")
      default: plain.append(character)
      }
    }
    return plain
  }

  /// How well a name fits a list; less is better, nil is not at all. A prefix (`lms_lessons`) costs.
  static func rank(_ name: String, in list: [String]) -> Int? {
    let name = plain(name)
    if let index = list.firstIndex(of: name) { return index }
    if let index = list.firstIndex(where: { name.hasSuffix("_" + $0) }) { return 100 + index }
    return nil
  }

  /// The same for a table, which may be called after what its rows are of (`grains_de_cours`): that costs more.
  static func rank(table name: String, in list: [String]) -> Int? {
    if let rank = rank(name, in: list) { return rank }
    let name = plain(name)
    return list.firstIndex { name.hasPrefix($0 + "_") }.map { 1_000 + $0 }
  }

  /// The best of some names.
  static func best<Item>(_ items: [Item], in list: [String], _ name: (Item) -> String) -> Item? {
    items.compactMap { item in rank(name(item), in: list).map { (item, $0) } }.min { $0.1 < $1.1 }?.0
  }
}
