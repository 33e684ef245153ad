// What the dashboard and a learner's own page both show: grains, a progress bar, a grade with its reason, dates. It comes
// after page.js and before the page's own script.
Object.assign(words, {
  grain: ["Grain", "Grain"],
  status: ["État", "Status"],
  score: ["Score", "Score"],
  weight: ["Poids", "Weight"],
  date: ["Terminé le", "Completed on"],
  grade: ["Note", "Grade"],
  none: ["Pas commencé", "Not started"],
  started: ["Commencé", "Started"],
  completed: ["Terminé", "Completed"],
  gradeNone: ["Pas de note", "No grade"],
  gradeDelivered: ["Envoyée à Moodle", "Sent to Moodle"],
  gradePending: ["En attente", "Waiting"],
  gradeFailed: ["Non transmise", "Not delivered"],
  gradeEmptied: ["Effacée dans Moodle", "Emptied in Moodle"],
  gradeGone: ["Activité supprimée", "Activity deleted"],
  moodleHas: [
    (grade) => `Moodle : ${grade}, remplacée par l’enseignant.`, (grade) => `Moodle: ${grade}, overridden by the teacher.`,
  ],
  moodleMade: [(grade) => `Moodle : ${grade}, selon son barème.`, (grade) => `Moodle: ${grade}, by its scale.`],
  outOf: [(score, maximum) => `${score} sur ${maximum}`, (score, maximum) => `${score} out of ${maximum}`],
  count: [
    (n, total) => `${n} grain${n > 1 ? "s" : ""} sur ${total}`,
    (n, total) => `${n} of ${total} grain${total > 1 ? "s" : ""}`,
  ],
  progress: ["Progression", "Progress"],
  result: [(share) => `Résultat : ${share}`, (share) => `Result: ${share}`],
  grains: ["Les grains du module", "The grains of the module"],
  noGrains: ["Ce module n’a encore aucun grain.", "This module has no grains yet."],
  minisite: ["Ouvrir le mini-site", "Open the mini-site"],
  corrected: [(by, reason) => `Corrigé par ${by} : ${reason}`, (by, reason) => `Corrected by ${by}: ${reason}`],
  refresh: ["Actualiser", "Refresh"],
  updated: [(time) => `À jour à ${time}`, (time) => `Up to date at ${time}`],
  stale: [(time) => `Ce qui est affiché date de ${time}.`, (time) => `What is shown is from ${time}.`],
});

// Numbers and dates as the person's region writes them, as long as that is in the page's language.
let region_ = {};
const languageTag = () => {
  const { lang } = document.documentElement;
  const locale = session?.learner.locale ?? "";
  if (region_.lang === lang && region_.locale === locale) return region_.tag;
  const tag = locale.replaceAll("_", "-");
  region_ = { lang, locale, tag: lang };
  try {
    if (tag.slice(0, 2).toLowerCase() === lang) region_.tag = new Intl.Locale(tag).toString();
  } catch {}
  return region_.tag;
};
const formats = {};
const format = (type, options) =>
  (formats[type + languageTag() + JSON.stringify(options)] ??= new Intl[type](languageTag(), options));
const number = (value) => format("NumberFormat", { maximumFractionDigits: 2 }).format(value);
const percent = (ratio) => format("NumberFormat", { style: "percent", maximumFractionDigits: 0 }).format(ratio);
const moment = (value) => {
  if (!value) return make("span", { class: "quiet" }, "–");
  const date = new Date(value);
  const text = format("DateTimeFormat", { dateStyle: "medium", timeStyle: "short" }).format(date);
  return make("time", { datetime: date.toISOString() }, text);
};
const clock = (value) => format("DateTimeFormat", { timeStyle: "short" }).format(value);

// A mark tells a status by its shape; its words, out of sight, are for those who do not see it. There can be ten thousand
// of them in a table: one element each.
const mark = (status) => make("span", { class: `mark ${status}` }, say(status));

// How many of the grains are completed; a number beside it says the same.
const bar = ({ completed, total }) => {
  const filled = make("span", {});
  filled.style.width = `${total ? (completed / total) * 100 : 0}%`;
  return make("span", { class: completed >= total && total ? "bar whole" : "bar", "aria-hidden": "true" }, filled);
};

// The grade: what it is, where it stands, and for one that is not in Moodle why; where Moodle has another, which. Where the
// maximum is a guess it is a share.
const gradeOf = ({ status, score, maximum, message, lastError, moodle, isPercent }) => {
  if (status === "none") return [make("span", { class: "quiet" }, say("gradeNone"))];
  const state = `grade${status[0].toUpperCase()}${status.slice(1)}`;
  const value = score == null ? null : isPercent ? make("b", {}, percent(score / maximum))
    : make("b", {}, make("span", { class: "unseen" }, say("outOf", number(score), number(maximum))),
      make("span", { "aria-hidden": "true" }, number(score), make("small", {}, ` / ${number(maximum)}`)));
  const reason = status === "delivered" ? moodle && say(moodle.isScale ? "moodleMade" : "moodleHas", say("outOf", number(moodle.score), number(moodle.maximum)))
    : lastError ?? message;
  return [value, value && " ", make("span", { class: `state ${status}` }, say(state)), " ",
    reason && make("span", { class: "reason" }, reason)];
};

// One learner's grains, a row each; `more` makes what stands at a row's end.
const grainTable = (grains, more) => {
  if (!grains.length) return make("p", { class: "quiet" }, say("noGrains"));
  const weighted = grains.some(({ weight }) => weight !== 1);
  const heading = (name) => make("th", { scope: "col" }, say(name));
  const rows = grains.map((grain) => {
    const { title, weight, status, score, completedAt, correctedBy, correctionReason } = grain;
    return make("tr", {}, make("th", { scope: "row" }, titleIn(title),
      correctedBy && make("small", { class: "quiet corrected" }, say("corrected", correctedBy, correctionReason))),
      make("td", { class: `status ${status}` }, make("span", { class: `mark ${status}` }), make("span", { class: "word" }, say(status))),
      make("td", { class: "number" }, score == null ? make("span", { class: "quiet" }, "–") : percent(score)),
      make("td", { class: "date" }, moment(completedAt)), weighted ? make("td", { class: "number" }, number(weight)) : null,
      more && make("td", { class: "more" }, more(grain)));
  });
  return make("div", { class: "scroll", role: "region", "aria-label": say("grains"), tabindex: 0 },
    make("table", { class: "grains" }, make("caption", { class: "unseen" }, say("grains")),
      make("thead", {}, make("tr", {}, heading("grain"), heading("status"), heading("score"), heading("date"),
        weighted ? heading("weight") : null, more && make("td", {}))),
      make("tbody", {}, ...rows)));
};

// How far somebody is: the grains, what they are worth where scores or weights make that another share, the grade.
const overview = ({ completed, total, ratio, grade }) => {
  const [share, worth] = [percent(total ? completed / total : 0), percent(ratio)];
  return make("dl", { class: "overview" },
    make("div", {}, make("dt", {}, say("progress")),
      make("dd", {}, make("b", {}, share), bar({ completed, total }), make("span", {}, say("count", completed, total)),
        share === worth ? null : make("span", { class: "quiet" }, say("result", worth)))),
    make("div", {}, make("dt", {}, say("grade")), make("dd", { class: "grade" }, ...gradeOf(grade))));
};

// The head of a page: what it is, its name, what belongs to it, what can be done.
const head = (over, title, below, ...tools) =>
  make("header", { class: "head" },
    make("div", {}, make("p", { class: "over" }, over), make("h1", { tabindex: -1, title }, title),
      make("p", { class: "quiet" }, ...below)),
    make("p", { class: "tools" }, ...tools));

// A button that does one thing at a time.
const button = (name, act) =>
  make("button", { type: "button", class: name, onclick: async ({ currentTarget: self }) => {
    if (self.getAttribute("aria-busy") === "true") return;
    self.setAttribute("aria-busy", "true");
    await act().catch(report);
    self.setAttribute("aria-busy", "false");
  } }, say(name));

// What went wrong while something is shown: that stays, and the words say from when it is. A session that is over is not
// asked again.
const notice = make("p", { role: "alert" });
const updated = make("span", { class: "updated quiet" });
const spoken = make("p", { role: "status", class: "unseen" });
let shownAt;
const report = (error) => {
  if (!shownAt) return fail(error);
  session.over ||= error.ended;
  const next = error.ended ? say("again") : error.away ? say("stale", clock(shownAt)) : "";
  notice.textContent = error.message.includes(next) ? error.message : `${error.message} ${next}`;
  if (error.ended && home) notice.append(" ", wayHome());
};
const fresh = (isAsked) => {
  shownAt = Date.now();
  notice.textContent = "";
  updated.textContent = say("updated", clock(shownAt));
  if (isAsked) spoken.textContent = updated.textContent;
};

// The address of the mini-site, with a code that opens it once.
const minisite = async () => {
  const { minisite } = await call("POST", "code");
  if (!minisite) throw Error(say("noMinisite"));
  return minisite;
};

// Looks again every minute while somebody can see it, and at once when they come back after longer than that.
const keepFresh = (load) => {
  let last = Date.now();
  const look = () => {
    if (document.hidden || session.over || Date.now() - last < 59000) return;
    last = Date.now();
    load().catch(report);
  };
  setInterval(look, 60000);
  document.addEventListener("visibilitychange", look);
};
