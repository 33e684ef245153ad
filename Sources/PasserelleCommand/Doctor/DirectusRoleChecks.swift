import Directus
import Postgres
import Wire

/// May Directus's database role edit the collections, and nothing else of Passerelle's?
enum DirectusRoleChecks {
  private static let subject = Words.directus

  static func run(_ report: inout Report, _ role: String?, _ connection: Connection) throws(DirectusProblem) {
    let grants = try Grants.check(role: role, on: connection)
    switch grants.standing {
    case .superuser:
      report.doubtful(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) est superutilisateur : il peut lire les clefs de "
            + "l’outil et tout modifier",
          en: "its database role \(grants.role) is a superuser: it can read the tool's keys and change everything"),
        mend: Words(
          fr: "donnez à Directus un rôle de base de données à lui, qui ne le soit pas",
          en: "give Directus a database role of its own that is none"))
    case .owner:
      report.doubtful(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) possède aussi les tables de Passerelle : il peut "
            + "lire les clefs de l’outil et tout modifier",
          en:
            "its database role \(grants.role) owns Passerelle's tables, too: it can read the tool's keys and change everything"
        ),
        mend: Words(
          fr: "donnez à Directus, ou à Passerelle, un rôle de base de données à lui "
            + "(apache-conf/README.fr.md)",
          en: "give Directus, or Passerelle, a database role of its own (apache-conf/README.md)"))
    case .web:
      report.doubtful(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) est aussi celui du serveur web : il peut lire "
            + "les clefs de l’outil",
          en: "its database role \(grants.role) is also the web server's: it can read the tool's keys"),
        mend: Words(
          fr: "donnez au serveur web un rôle de base de données à lui : passerelle migrate --web-role RÔLE",
          en: "give the web server a database role of its own: passerelle migrate --web-role ROLE"))
    case .plain: break
    }
    if !grants.memberships.isEmpty {
      report.doubtful(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) est membre d’un rôle de Passerelle : il peut "
            + "lire les clefs de l’outil ; leur propriétaire doit lancer :",
          en:
            "its database role \(grants.role) is a member of a role of Passerelle's: it can read the tool's keys; as their owner run:"
        ),
        mend: .statements(grants.missing + grants.memberships))
    } else if !grants.missing.isEmpty {
      report.wrong(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) ne peut pas lire et écrire toutes les "
            + "collections ; leur propriétaire doit lancer :",
          en: "its database role \(grants.role) may not read and write all collections; as their owner run:"),
        mend: .statements(grants.missing))
    } else if grants.standing == .plain {
      report.fine(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) peut lire et écrire les collections",
          en: "its database role \(grants.role) may read and write the collections"))
    }
    if !grants.excessive.isEmpty {
      report.doubtful(
        subject,
        Words(
          fr: "son rôle de base de données \(grants.role) a accès au schéma passerelle, où il n’a rien à "
            + "faire ; son propriétaire doit lancer :",
          en:
            "its database role \(grants.role) gets into schema passerelle, where it has no business; as its owner run:"),
        mend: .statements(grants.excessive))
    }
  }
}
