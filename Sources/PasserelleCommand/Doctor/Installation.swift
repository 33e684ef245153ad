import Glibc

/// Where this machine's installation keeps what it brought: by hand (cgi-bin/install) or from Debian's package (cgi-bin/deb).
enum Installation {
  private static let byHand = "/usr/local/share/passerelle"
  private static let packaged = "/usr/share/passerelle"

  /// The folder of what is shipped and read or copied.
  static var share: String { isPackage ? packaged : byHand }

  /// What makes a settings file where there is none.
  static var settingsMaker: String { isPackage ? "dpkg-reconfigure passerelle" : "cgi-bin/install" }

  private static var isPackage: Bool { access(byHand, F_OK) != 0 && access(packaged, F_OK) == 0 }
}
