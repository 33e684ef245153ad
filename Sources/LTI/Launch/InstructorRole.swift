/// Which roles make a person an instructor of this tool (LTI 1.3 §A.2 "Role vocabularies").
///
/// A launch is a teacher's when any of its roles is
/// - the context role Instructor, ContentDeveloper or Administrator, or a sub-role of one of them
///   (`membership/Instructor#TeachingAssistant`; LTI 1.3 §A.2.3);
/// - one of these by its short name, which platforms may still send for context roles, or TeachingAssistant, which was
///   a principal role before;
/// - one of these as an LTI 1.1 URN (`urn:lti:role:ims/lis/Instructor`, LTI 1.1.1 §A.2.2);
/// - the institution's or the system's Administrator, or the system's SysAdmin (LTI 1.3 §A.2.1, §A.2.2).
///
/// Everybody else is a learner: no role, unknown roles, and a person who teaches somewhere in the institution
/// (`institution/person#Instructor`, `#Faculty`) but has no teaching role here. Moodle sends `membership#Instructor` for
/// teachers, non-editing teachers and managers, and adds the two administrator roles for a site administrator.
package enum InstructorRole {
  /// True when one of the roles is an instructor's.
  package static func isHeld(in roles: [String]) -> Bool { roles.contains(where: isInstructor) }

  private static func isInstructor(_ role: String) -> Bool {
    var rest = role.utf8[...]
    if rest.drop(prefix: "http://purl.imsglobal.org/vocab/lis/v2/") {
      if rest.drop(prefix: "membership#") { return principal.contains { rest.elementsEqual($0.utf8) } }
      if rest.drop(prefix: "membership/") {
        guard let hash = rest.firstIndex(of: UInt8(ascii: "#")) else { return false }
        return principal.contains { rest[..<hash].elementsEqual($0.utf8) }
      }
      return rest.elementsEqual("institution/person#Administrator".utf8)
        || rest.elementsEqual("system/person#Administrator".utf8)
        || rest.elementsEqual("system/person#SysAdmin".utf8)
    }
    if rest.drop(prefix: "urn:lti:") {
      if rest.drop(prefix: "role:ims/lis/") { return isNameOrSubRole(rest) }
      return rest.elementsEqual("instrole:ims/lis/Administrator".utf8)
        || rest.elementsEqual("sysrole:ims/lis/Administrator".utf8)
        || rest.elementsEqual("sysrole:ims/lis/SysAdmin".utf8)
    }
    return isNameOrSubRole(rest)
  }

  /// `Instructor`, or `Instructor/Lecturer` as LTI 1.1 writes a sub-role.
  private static func isNameOrSubRole(_ name: Substring.UTF8View) -> Bool {
    let first = name.prefix { $0 != UInt8(ascii: "/") }
    return principal.contains { first.elementsEqual($0.utf8) } || first.elementsEqual("TeachingAssistant".utf8)
  }

  private static var principal: [String] { ["Instructor", "ContentDeveloper", "Administrator"] }
}

extension Substring.UTF8View {
  /// Drops the prefix when it is there, and says whether it was.
  fileprivate mutating func drop(prefix: StaticString) -> Bool {
    let length = prefix.utf8CodeUnitCount
    let isThere = self.prefix(length).elementsEqual(
      UnsafeBufferPointer(start: prefix.utf8Start, count: length))
    if isThere { self = self.dropFirst(length) }
    return isThere
  }
}
