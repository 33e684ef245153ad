import Testing

/// A tool's first visit, its second one, and what each leaves: progress, and words in the state.
struct ScormTool: Sendable, CustomTestStringConvertible {
  let name: String
  let first: String
  let second: String?
  /// Of the whole course: what the first grain is after each visit.
  let progress: [String]
  let kept: String
  var item = ""
  var testDescription: String { name }

  static let all: [ScormTool] = [
    ScormTool(
      name: "LiaScript 1.2", first: "liascript-exporter-3.3.5-scorm1.2-first-visit-wrong-then-right",
      second: "liascript-exporter-3.3.5-scorm1.2-second-visit-finish-close-tab",
      progress: ["started -", "started -"], kept: "objectives.0.id"),
    ScormTool(
      name: "LiaScript 1.2 with a mastery score",
      first: "liascript-exporter-3.3.5-scorm1.2-mastery-score-80-all-right", second: nil, progress: ["completed 1"],
      kept: "passed", item: "<adlcp:masteryscore>80</adlcp:masteryscore>"),
    ScormTool(
      name: "LiaScript 2004", first: "liascript-exporter-3.3.5-scorm2004-first-visit-wrong-then-right",
      second: "liascript-exporter-3.3.5-scorm2004-second-visit-finish-close-tab",
      progress: ["started -", "completed 1"], kept: "learner_response"),
    ScormTool(
      name: "eXeLearning", first: "exelearning-4-nightly-20260528-scorm12-first-visit-wrong-close-tab",
      second: "exelearning-4-nightly-20260528-scorm12-second-visit-right-nav-away",
      progress: ["completed 0", "completed 0.5"], kept: "Verdadero"),
    ScormTool(
      name: "Articulate Rise", first: "articulate-rise-2022-scorm12-first-visit-wrong-close-tab",
      second: "articulate-rise-2022-scorm12-second-visit-failed-frame-removed",
      progress: ["started -", "completed 0.5"], kept: "index.html#/lessons"),
    ScormTool(
      name: "Articulate Storyline", first: "articulate-storyline-360-3.40-scorm2004-first-visit-close-tab",
      second: "articulate-storyline-360-3.40-scorm2004-second-visit-frame-removed",
      progress: ["started -", "started -"], kept: "suspend_data"),
    ScormTool(
      name: "Adobe Captivate", first: "adobe-captivate-11.5.5-scorm2004-first-visit-close-tab",
      second: "adobe-captivate-11.5.5-scorm2004-second-visit-frame-removed", progress: ["started -", "started -"],
      kept: "%24nP1A"),
    ScormTool(
      name: "iSpring", first: "ispring-11.11.9-scorm12-first-visit-six-slides-close-tab", second: nil,
      progress: ["started -"], kept: "N4IgJiBcC"),
    ScormTool(
      name: "iSpring to the end", first: "ispring-11.11.9-scorm12-second-visit-to-the-end-frame-removed", second: nil,
      progress: ["completed -"], kept: "completed"),
    ScormTool(
      name: "Adapt", first: "adapt-framework-2017-scorm12-open-close-tab", second: nil, progress: ["started -"],
      kept: "incomplete"),
    ScormTool(
      name: "Rustici golf", first: "rustici-golf-2004-3rd-advanced-first-visit-objectives-preset-close-tab",
      second: nil, progress: ["started -"], kept: "objectives.4.progress_measure",
      item: """
        <imsss:sequencing><imsss:objectives><imsss:primaryObjective objectiveID="PRIMARYOBJ"/>
        <imsss:objective objectiveID="obj_etiquette"/><imsss:objective objectiveID="obj_handicapping"/>
        <imsss:objective objectiveID="obj_havingfun"/><imsss:objective objectiveID="obj_playing"/>
        </imsss:objectives></imsss:sequencing>
        """),
    ScormTool(
      name: "Rustici golf to its test", first: "rustici-golf-2004-3rd-advanced-first-visit-close-tab", second: nil,
      progress: ["started -"], kept: "location"),
    ScormTool(
      name: "the pipwerks wrapper", first: "pipwerks-1.1.20180906-scorm12-completed-close-tab", second: nil,
      progress: ["completed -"], kept: "completed"),
  ]
}
