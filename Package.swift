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
    .target(
      name: "Postgres", dependencies: libpq + ["COpenSSL", "Wire"],
      linkerSettings: postgresLibraries + opensslLibraries),
    .target(name: "LTI", dependencies: ["JOSE", "Wire"]),
    .target(
      name: "Schema", dependencies: ["Postgres"],
      exclude: ["README.md"],
      resources: [
        .embedInCode("Tables/0001_tables.sql"),
        .embedInCode("Tables/0002_recounts.sql"),
        .embedInCode("Tables/0003_rosters.sql"),
        .embedInCode("Tables/0004_roles.sql"),
        .embedInCode("Tables/0005_heartbeats.sql"),
        .embedInCode("Functions/helpers.sql"),
        .embedInCode("Functions/launches.sql"),
        .embedInCode("Functions/identities.sql"),
        .embedInCode("Functions/sessions.sql"),
        .embedInCode("Functions/progress.sql"),
        .embedInCode("Functions/grading.sql"),
        .embedInCode("Functions/delivery.sql"),
        .embedInCode("Functions/rosters.sql"),
        .embedInCode("Functions/platforms.sql"),
        .embedInCode("Functions/health.sql"),
        .embedInCode("Functions/staff_edits.sql"),
        .embedInCode("Functions/own_learners.sql"),
        .embedInCode("Functions/own_modules.sql"),
        .embedInCode("Functions/own_grains.sql"),
        .embedInCode("Functions/own_progress.sql"),
      ]),
    .target(name: "Store", dependencies: ["JOSE", "LTI", "Postgres", "Wire"]),
    .target(
      name: "Passerelle",
      dependencies: ["CGI", "HTTPClient", "JOSE", "LTI", "Postgres", "Store", "Wire"],
      exclude: ["Library"],
      resources: [
        .embedInCode("Resources/passerelle.js"), .embedInCode("Resources/passerelle-preview.js"),
        .embedInCode("Resources/page.js"),
        .embedInCode("Resources/deep-link.js"), .embedInCode("Resources/progress.js"),
        .embedInCode("Resources/progress.css"), .embedInCode("Resources/dashboard.js"),
        .embedInCode("Resources/me.js"), .embedInCode("Resources/icon.svg"),
      ]),
    .target(
      name: "Adoption", dependencies: ["Postgres", "Schema", "Wire"],
      exclude: ["DEVELOPERS.md", "README.md", "README.fr.md"]),
    .target(
      name: "Directus", dependencies: ["HTTPClient", "Postgres", "Wire"], exclude: ["README.md", "README.fr.md"]),
    .target(name: "CICUStub"),
    .target(name: "CGIStart", cSettings: [.unsafeFlags(["-fno-stack-protector"])]),
    .executableTarget(
      name: "passerelle-cgi", dependencies: ["Passerelle"] + cgiStart.dependencies, linkerSettings: cgiStart.linker),
    .executableTarget(
      name: "PasserelleCommand",
      dependencies: [
        "Adoption", "Directus", "HTTPClient", "Passerelle", "Schema", "Store",
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
      dependencies: [
        "Adoption", "DemoMoodle", "Directus", "HTTPClient", "Postgres", "Schema", "Store", "TestSupport", "Wire",
      ],
      exclude: ["Golden"]),
    .testTarget(name: "StoreTests", dependencies: ["Postgres", "Schema", "Store", "TestSupport", "Wire"]),
    .testTarget(name: "PasserelleTests", dependencies: ["Passerelle", "Schema", "Store"]),
    .testTarget(name: "DemoMoodleTests", dependencies: ["DemoMoodle", "HTTPClient", "JOSE", "Wire"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CGI", "DemoMoodle", "HTTPClient", "JOSE", "LTI", "Passerelle", "Postgres", "Schema", "Store", "TestSupport",
        "Wire",
      ],
      path: "Tests/EndToEnd"),
  ],
  swiftLanguageModes: [.v6]
)
