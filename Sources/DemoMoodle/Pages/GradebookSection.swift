import Wire

extension Pages {
  /// The gradebook as a table that a script keeps fresh, so that a person sees a grade arrive.
  static func gradebookSection(_ rows: [GradebookRow], frame: Frame) -> String {
    let headings = [
      frame.say("Apprenant", "Learner"), frame.say("Activité", "Activity"), frame.say("Note", "Grade"),
      frame.say("Commentaire", "Comment"), frame.say("Reçue le", "Received"), frame.say("Achèvement", "Completion"),
    ]
    let completion = completionWords(frame)
    let body = rows.map { row -> String in
      let grade = row.grade.map { number($0) + " / " + number(row.maximum) } ?? "–"
      let time = row.timestamp.map { Instant(seconds: $0).rfc3339 } ?? ""
      let done = row.completion.flatMap { completion[$0]?.stringValue } ?? ""
      let cells = [row.name, row.label, row.comment ?? "", time, done].map { "<td>\(HTML.text($0))</td>" }
      return "<tr>" + cells[0] + cells[1] + "<td class=\"grade\">\(HTML.text(grade))</td>" + cells[2...].joined()
        + "</tr>"
    }.joined(separator: "\n")
    return """
      <section aria-live="polite"><h2>\(frame.say("Carnet de notes", "Gradebook"))</h2>
      <table id="gradebook"><thead><tr>\(headings.map { "<th scope=\"col\">\(HTML.text($0))</th>" }.joined())</tr></thead>
      <tbody>\(body)</tbody></table></section>
      <script>const completionWords = \(HTML.scriptJSON(.object(completion)));
      \(script)</script>
      """
  }

  private static func completionWords(_ frame: Frame) -> JSONObject {
    [
      "INCOMPLETE": .string(frame.say("à faire", "to do")), "COMPLETE": .string(frame.say("terminé", "done")),
      "COMPLETE_PASS": .string(frame.say("réussi", "passed")), "COMPLETE_FAIL": .string(frame.say("échoué", "failed")),
    ]
  }

  private static func number(_ value: Double) -> String { JSONValue.number(value).encoded }

  /// Asks for the rows once a second; a row whose grade, comment or time changed is lit for a moment.
  private static let script = """
    (() => {
      const body = document.querySelector("#gradebook tbody");
      const texts = r => [r.name, r.label, r.grade === null ? "–" : r.grade + " / " + r.maximum,
        r.comment || "", r.timestamp || "", completionWords[r.completion] || ""];
      async function refresh() {
        try {
          const rows = await (await fetch("/demo/gradebook", {cache: "no-store"})).json();
          rows.forEach((row, i) => {
            let line = body.rows[i];
            if (!line) { line = body.insertRow(); for (let c = 0; c < 6; c++) line.insertCell(); line.cells[2].className = "grade"; }
            let changed = false;
            texts(row).forEach((text, c) => {
              if (line.cells[c].textContent !== text) { line.cells[c].textContent = text; changed = true; }
            });
            line.className = changed ? "fresh" : "";
          });
          while (body.rows.length > rows.length) body.deleteRow(-1);
        } catch (e) { /* the site may be restarting: try again */ }
        setTimeout(refresh, 1000);
      }
      setTimeout(refresh, 1000);
    })();
    """
}
