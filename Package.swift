// swift-tools-version: 6.0
import PackageDescription

/// `cgi-bin/build` sets this: everything, C libraries included, goes into the executables.
let linksStatically = Context.environment["PASSERELLE_STATIC"] == "1"

let libpq: [Target.Dependency] = linksStatically ? ["CLibPQ", "CLibPQStatic"] : ["CLibPQ"]

/// Static archives name no dependencies of their own, so they are named here, users before what they use.
let postgresLibraries: [LinkerSetting] =
  linksStatically
  ? [.linkedLibrary("pq"), .linkedLibrary("pgcommon"), .linkedLibrary("pgport")]
  : [.linkedLibrary("pq")]
/// The static CGI starts in its own way (Sources/CGIStart), where that is written for the processor.
#if arch(x86_64)
  let cgiStart: (dependencies: [Target.Dependency], linker: [LinkerSetting]) =
    linksStatically ? (["CGIStart"], [.unsafeFlags(["-Xlinker", "--entry=passerelle_start"])]) : ([], [])
#else
  let cgiStart: (dependencies: [Target.Dependency], linker: [LinkerSetting]) = (linksStatically ? ["CGIStart"] : [], [])
#endif
/// The static command leaves ICU's tables out (Sources/CICUStub).
let icuStub: [Target.Dependency] = linksStatically ? ["CICUStub"] : []
let opensslLibraries: [LinkerSetting] = [.linkedLibrary("ssl"), .linkedLibrary("crypto")]

let package = Package(
  name: "passerelle",
  products: [
    .executable(name: "passerelle-cgi", targets: ["passerelle-cgi"]),
    .executable(name: "passerelle", targets: ["PasserelleCommand"]),
    .executable(name: "demo-moodle", targets: ["demo-moodle"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.2.3")
  ],
  targets: [
    .systemLibrary(name: "CLibPQ"),
    .target(name: "CLibPQStatic"),
    .systemLibrary(name: "COpenSSL"),

    .target(name: "Wire"),
    .target(name: "CGI", dependencies: ["Wire"]),
    .target(name: "JOSE", dependencies: ["COpenSSL", "Wire"], linkerSettings: opensslLibraries),
    .target(name: "HTTPClient", dependencies: ["COpenSSL", "Wire"], linkerSettings: opensslLibraries),
    .target(name: "Postgres", dependencies: libpq + ["Wire"], linkerSettings: postgresLibraries + opensslLibraries),
    .target(name: "LTI", dependencies: ["JOSE", "Wire"]),
    .target(
      name: "Schema", dependencies: ["Postgres"],
      resources: [
        .embedInCode("Migrations/m0001_collections.sql"),
        .embedInCode("Migrations/m0002_machinery.sql"),
        .embedInCode("Migrations/m0003_grading.sql"),
        .embedInCode("Migrations/m0004_launch.sql"),
        .embedInCode("Migrations/m0005_progress.sql"),
        .embedInCode("Migrations/m0006_delivery.sql"),
        .embedInCode("Migrations/m0007_registration.sql"),
        .embedInCode("Migrations/m0008_deep_linking.sql"),
        .embedInCode("Migrations/m0009_seams.sql"),
        .embedInCode("Migrations/m0010_roster.sql"),
        .embedInCode("Migrations/m0011_staff_edits.sql"),
        .embedInCode("Migrations/m0012_doors.sql"),
        .embedInCode("Migrations/m0013_directus.sql"),
        .embedInCode("Migrations/m0014_adoption.sql"),
        .embedInCode("Migrations/m0015_convergence.sql"),
      ]),
    .target(name: "Store", dependencies: ["JOSE", "LTI", "Postgres", "Wire"]),
    .target(
      name: "Passerelle",
      dependencies: ["CGI", "HTTPClient", "JOSE", "LTI", "Postgres", "Store", "Wire"],
      resources: [
        .embedInCode("Resources/passerelle.js"), .embedInCode("Resources/page.js"),
        .embedInCode("Resources/deep-link.js"), .embedInCode("Resources/progress.js"),
        .embedInCode("Resources/progress.css"), .embedInCode("Resources/dashboard.js"),
        .embedInCode("Resources/me.js"), .embedInCode("Resources/icon.svg"),
      ]),
    .target(
      name: "Directus", dependencies: ["HTTPClient", "Postgres", "Schema", "Wire"],
      exclude: ["README.md", "README.fr.md"]),
    .target(name: "CICUStub"),
    .target(name: "CGIStart", cSettings: [.unsafeFlags(["-fno-stack-protector"])]),
    .executableTarget(
      name: "passerelle-cgi", dependencies: ["Passerelle"] + cgiStart.dependencies, linkerSettings: cgiStart.linker),
    .executableTarget(
      name: "PasserelleCommand",
      dependencies: [
        "Directus", "HTTPClient", "Passerelle", "Schema", "Store",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + icuStub,
      exclude: ["README.md"]),

    .target(name: "DemoMoodle", dependencies: ["HTTPClient", "JOSE", "Wire"]),
    .executableTarget(
      name: "demo-moodle",
      dependencies: ["DemoMoodle", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

    .target(name: "TestSupport", dependencies: ["Postgres"], path: "Tests/Support"),
    .testTarget(name: "WireTests", dependencies: ["Wire"]),
    .testTarget(name: "CGITests", dependencies: ["CGI", "Wire"]),
    .testTarget(name: "JOSETests", dependencies: ["COpenSSL", "JOSE", "Wire", "TestSupport"]),
    .testTarget(name: "HTTPClientTests", dependencies: ["COpenSSL", "HTTPClient", "Wire"]),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport", "Wire"]),
    .testTarget(name: "LTITests", dependencies: ["JOSE", "LTI", "Wire"]),
    .testTarget(name: "SchemaTests", dependencies: ["Postgres", "Schema", "TestSupport"]),
    .testTarget(
      name: "DirectusTests",
      dependencies: ["DemoMoodle", "Directus", "HTTPClient", "Postgres", "Schema", "TestSupport", "Wire"],
      exclude: ["Golden"]),
    .testTarget(name: "StoreTests", dependencies: ["Store", "Wire"]),
    .testTarget(name: "PasserelleTests", dependencies: ["Passerelle", "Schema", "Store"]),
    .testTarget(name: "DemoMoodleTests", dependencies: ["DemoMoodle", "HTTPClient", "JOSE", "Wire"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CGI", "DemoMoodle", "HTTPClient", "JOSE", "Passerelle", "LTI", "Postgres", "Schema", "Store", "TestSupport", "Wire",
      ],
      path: "Tests/EndToEnd"),
  ],
  swiftLanguageModes: [.v6]
)
