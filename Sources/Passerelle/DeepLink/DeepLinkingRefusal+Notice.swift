import LTI
import Wire

/// Links that the platform does not take.
extension DeepLinkingRefusal: Refusable {
  package var notice: RefusalNotice {
    switch self {
    case .typeNotAccepted:
      RefusalNotice(stableCode, 400, .info, .contentNotReturnable)
    case .tooManyItems:
      RefusalNotice(
        stableCode, 400, .info,
        Words(fr: "Moodle n’accepte qu’un contenu à la fois.", en: "Moodle takes one item at a time."))
    }
  }
}
