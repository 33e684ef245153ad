import DemoMoodle
import Testing
import Wire

@Suite("The pages that people see")
struct PageTests {
  private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test("the course page shows the activity in Moodle's frame, the gradebook, and who one may be")
  func coursePage() throws {
    let stage = try Stage(activities: [.module("decouverte"), .module("suite", position: 1)])
    defer { stage.stop() }
    let answer = try stage.send("GET", "/course/view.php?id=2&user=3")
    #expect(answer.status == 200)
    #expect(answer.fields["Set-Cookie"]?.hasSuffix("; path=/; HttpOnly") == true)
    let page = text(answer)
    #expect(page.contains("src=\"\(stage.server.url)/mod/lti/launch.php?id=2&amp;triggerview=0\""))
    #expect(
      page.contains(
        "allow=\"microphone \(stage.tool.url); camera \(stage.tool.url); geolocation \(stage.tool.url); midi"))
    #expect(page.contains("Module « suite »"))
    #expect(page.contains("<b>Éloïse Lefèvre</b>"))
    #expect(page.contains("user=8"))
    let second = text(try stage.send("GET", "/course/view.php?id=2&user=3&cm=3"))
    #expect(second.contains("launch.php?id=3&amp;triggerview=0"))
    #expect(try stage.send("GET", "/course/view.php?id=3").status == 404)
  }

  @Test("pages speak French or English as the browser prefers, or as lang= says")
  func languages() throws {
    let stage = try Stage()
    defer { stage.stop() }
    func page(_ language: String, _ query: String = "") throws -> String {
      text(try stage.send("GET", "/course/view.php?id=2" + query, fields: [("Accept-Language", language)]))
    }
    #expect(try page("fr").contains("Carnet de notes"))
    #expect(try page("en-GB,en;q=0.9").contains("Gradebook"))
    #expect(try page("en", "&lang=fr").contains("<html lang=\"fr\">"))
    // The choice lasts when somebody else is chosen.
    #expect(try page("en", "&lang=fr").contains("lang=fr&amp;user=4"))
  }

  @Test("a hidden activity is not shown to students")
  func hidden() throws {
    let stage = try Stage(activities: [
      Activity(name: "Secret", isHidden: true), Activity(cmid: 3, instance: 2, name: "Open"),
    ])
    defer { stage.stop() }
    #expect(text(try stage.send("GET", "/course/view.php?id=2&user=3")).contains("launch.php?id=3"))
    #expect(!text(try stage.send("GET", "/course/view.php?id=2&user=3")).contains("launch.php?id=2&"))
    #expect(text(try stage.send("GET", "/course/view.php?id=2&user=8")).contains("launch.php?id=2&"))
  }

  @Test("what tools and teachers write is escaped")
  func escaping() throws {
    let stage = try Stage(activities: [Activity(name: "<i>name</i>")])
    defer { stage.stop() }
    stage.platform.overrideGrade(user: 3, lineItem: 2, grade: 1, comment: "<script>alert(1)</script>")
    let page = text(try stage.send("GET", "/course/view.php?id=2&user=3"))
    #expect(!page.contains("<script>alert"))
    #expect(!page.contains("<i>name"))
    #expect(page.contains("&lt;script&gt;alert(1)"))
  }

  @Test("a teacher finds tools to choose content from and learners whose work to see; a learner finds neither")
  func teaching() throws {
    let stage = try Stage()
    defer { stage.stop() }
    stage.platform.addTool(.passerelle11(at: stage.tool.url, key: "k", secret: "s"))
    stage.platform.addTool(.passerelle(at: stage.tool.url, clientID: "pending", typeID: 3))
    stage.platform.changeTool(typeID: 3) { $0.state = .pending }
    func page(_ query: String) throws -> String {
      text(try stage.send("GET", "/course/view.php?id=2&lang=en&user=" + query))
    }
    let teacher = try page("8")
    #expect(teacher.contains("modedit.php?add=lti&amp;type=1&amp;course=2\">Choose content: Passerelle</a>"))
    #expect(teacher.contains("modedit.php?add=lti&amp;type=2&amp;course=2\">Add: Passerelle (1.1)</a>"))
    #expect(!teacher.contains("type=3"))
    #expect(teacher.contains("launch.php?id=2&amp;action=gradeReport&amp;user=3\""))
    for user in ["3", "10"] { #expect(try !page(user).contains("modedit.php"), "user \(user)") }
    #expect(try page("2").contains("toolconfigure.php") && !teacher.contains("toolconfigure.php"))

    var client = stage.client
    let form = try client.open(stage.server.url + "/course/modedit.php?add=lti&type=1&course=2&user=8")
    #expect(form.text.contains("src=\"\(stage.server.url)/mod/lti/contentitem.php?id=1&amp;course=2\""))
    var filled = try client.form(of: form)
    filled.fields = [
      ("sesskey", filled.value("sesskey") ?? ""), ("name", "Nouveau"), ("points", "12"), ("custom", "module=m\r\nx"),
    ]
    let saved = try client.submit(filled)
    #expect(saved.location?.description == stage.server.url + "/course/view.php?id=2&cm=3")
    let added = try #require(stage.platform.activities.last)
    #expect(added.name == "Nouveau" && added.points == 12 && added.custom.map(\.name) == ["module"])
    filled.fields[0].1 = "x"
    #expect(try client.submit(filled).response.status == 404)
    for target in ["type=3&course=2&user=8", "type=1&course=2&user=3"] {
      #expect(try stage.send("GET", "/course/modedit.php?add=lti&" + target).status == 404)
    }
    #expect(stage.platform.activities.count == 2)
  }

  @Test("view.php asks to log in, sends strangers to the enrolment page, and opens a window when the activity says so")
  func view() throws {
    let stage = try Stage(activities: [Activity(), Activity(cmid: 3, instance: 2, container: .window)])
    defer { stage.stop() }
    let anonymous = try stage.send("GET", "/mod/lti/view.php?id=2")
    #expect(anonymous.status == 303)
    #expect(anonymous.fields["Location"] == stage.server.url + "/login/index.php")
    let stranger = try stage.send("GET", "/mod/lti/view.php?id=2&user=9")
    #expect(stranger.fields["Location"] == stage.server.url + "/enrol/index.php?id=2")
    #expect(text(try stage.send("GET", "/mod/lti/view.php?id=2&user=3")).contains("id=\"contentframe\""))
    let window = text(try stage.send("GET", "/mod/lti/view.php?id=3&user=3"))
    #expect(window.contains("window.open(\"\(stage.server.url)/mod/lti/launch.php?id=3\\u0026triggerview=0\""))
    #expect(!window.contains("contentframe"))
  }

  @Test("return.php shows the tool's words as text, or leads to the course, and asks to log in without a session")
  func returning() throws {
    let stage = try Stage()
    defer { stage.stop() }
    #expect(try stage.send("GET", "/mod/lti/return.php?course=2").status == 303)
    var client = stage.client
    _ = try client.open(stage.server.url + "/course/view.php?id=2&user=3")
    let error = try client.open(stage.server.url + "/mod/lti/return.php?course=2&lti_errormsg=Oh%20%26%20no")
    #expect(error.text.contains("An error occurred when launching the external tool: Oh &amp; no"))
    let message = try client.open(stage.server.url + "/mod/lti/return.php?course=2&lti_msg=Bravo")
    #expect(message.text.contains("<p>Bravo</p>"))
    let bare = try client.open(stage.server.url + "/mod/lti/return.php?course=2")
    #expect(bare.text.contains("top.location.href = \"\(stage.server.url)/course/view.php?id=2\""))
  }
}
