// What is known of a class, reckoned from the rows of the roster; and its pictures, each with a table behind it. It comes after
// progress.js and before dashboard.js.
Object.assign(words, {
  learners: ["Apprenants", "Learners"],
  week: ["Semaine", "Week"],
  weekAgo: [(n) => (n ? `il y a ${n} semaine${n > 1 ? "s" : ""}` : "ces sept jours"), (n) => (n ? `${n} week${n > 1 ? "s" : ""} ago` : "these seven days")],
  overWeeks: ["Grains terminés par semaine", "Grains completed a week"],
  wholeClass: ["toute la classe", "the whole class"],
  distribution: ["Répartition des résultats", "Distribution of results"],
  result2: ["Résultat", "Result"],
  grainFigures: ["Les grains en chiffres", "The grains in numbers"],
  mean: ["Moyenne", "Mean"],
  // What those hear who listen, after a grain's name and its mean.
  grainSummary: [
    (f) => `${f.mean == null ? "" : "de moyenne, "}${f.completed} terminé${f.completed > 1 ? "s" : ""}, ${f.started} commencé${f.started > 1 ? "s" : ""}, ${f.none} pas commencé${f.none > 1 ? "s" : ""}. Trier.`,
    (f) => `${f.mean == null ? "" : "mean, "}${f.completed} completed, ${f.started} started, ${f.none} not started. Sort.`,
  ],
});

const stateOf = ({ launched, completed, total }) => (!launched ? "absent" : total && completed >= total ? "done" : "underWay");
const isTrouble = ({ grade }) => ["pending", "failed", "emptied"].includes(grade.status);
const plain = (text) => (text ?? "").normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

// Two characters a grain: `--` none, `ss` started, `cc` completed without a score, `XX` whole, else per cent.
const statusOf = (cell) => ({ "--": "none", ss: "started" })[cell] ?? "completed";
const scoreOf = (cell) => (cell === "cc" || cell === "XX" ? 100 : /^\d\d$/.test(cell) ? Number(cell) : null);
const cellsOf = (text, count) => Array.from({ length: count }, (_, index) => text.slice(2 * index, 2 * index + 2) || "--");

// What the server reckons in the same way for a table of who is on screen (rosters.sql): nothing new for so many days; the first
// grain that somebody has not finished, where three or more have stood still; the mean of what they did finish.
const reckon = (rows, days) => {
  const since = Date.now() - days * 86400000;
  const stops = new Map();
  for (const row of rows) {
    row.still = row.state === "underWay" && row.moved < since;
    if (row.still) stops.set(row.stop, (stops.get(row.stop) ?? 0) + 1);
  }
  for (const row of rows) row.stuck = row.still && stops.get(row.stop) >= 3;
  return [...stops].filter(([, count]) => count >= 3).sort((a, b) => b[1] - a[1]);
};

// What of a row does not change: it is reckoned once.
const readRow = (learner, json, count) => {
  const cells = cellsOf(learner.cells, count);
  const scores = cells.map(scoreOf);
  const done = scores.filter((score) => score != null);
  return {
    learner, json, cells, scores, state: stateOf(learner), moved: Date.parse(learner.progressedAt ?? learner.since ?? ""),
    stop: scores.indexOf(null), mean: done.length ? done.reduce((sum, score) => sum + score, 0) / done.length : null,
  };
};

// How a class stands at each grain.
const figures = (rows, count) =>
  Array.from({ length: count }, (_, index) => {
    const figure = { completed: 0, started: 0, none: 0, mean: null };
    let sum = 0;
    for (const { cells, scores } of rows) {
      if (scores[index] != null) {
        figure.completed += 1;
        sum += scores[index];
      } else figure[cells[index] === "ss" ? "started" : "none"] += 1;
    }
    if (figure.completed) figure.mean = sum / figure.completed / 100;
    return figure;
  });

// MARK: Pictures

const svg = (name, attributes, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
// A picture that those hear as a table who do not see it.
const picture = (name, drawing, heads, rows) =>
  make("figure", { class: "picture" }, make("figcaption", {}, name), drawing,
    // A table by itself is never narrower than its words.
    make("div", { class: "unseen" }, make("table", {}, make("caption", {}, name),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows.map(([head, value]) =>
        make("tr", {}, make("th", { scope: "row" }, head), make("td", {}, value)))))));

// The weeks are the whole class's, whichever group is looked at.
const weeksPicture = (weeks, isPart) => {
  const most = Math.max(1, ...weeks);
  const points = weeks.map((value, index) => `${(index * 200) / (weeks.length - 1)},${44 - (value / most) * 40}`);
  const drawing = svg("svg", { viewBox: "-4 0 208 48", class: "line", "aria-hidden": "true" },
    svg("polyline", { points: points.join(" "), fill: "none" }),
    ...points.map((point) => svg("circle", { cx: point.split(",")[0], cy: point.split(",")[1], r: 2.5 })));
  return picture(isPart ? `${say("overWeeks")} (${say("wholeClass")})` : say("overWeeks"), drawing, [say("week"), say("completed")],
    weeks.map((value, index) => [say("weekAgo", weeks.length - 1 - index), number(value)]));
};

const distributionPicture = (rows) => {
  const bins = Array(10).fill(0);
  for (const { learner } of rows) if (learner.launched && learner.completed) bins[Math.min(9, Math.floor(learner.ratio * 10))] += 1;
  const most = Math.max(1, ...bins);
  const drawing = svg("svg", { viewBox: "0 0 200 48", class: "columns", "aria-hidden": "true" },
    ...bins.map((value, index) => svg("rect", { x: index * 20 + 2, width: 16, y: 44 - (value / most) * 40, height: (value / most) * 40 + 1 })));
  return picture(say("distribution"), drawing, [say("result2"), say("learners")],
    bins.map((value, index) => [`${percent(index / 10)} – ${percent((index + 1) / 10)}`, number(value)]));
};

const grainFigures = (grains, all) =>
  make("details", { class: "figures" }, make("summary", {}, say("grainFigures")),
    make("table", {}, make("caption", { class: "unseen" }, say("grainFigures")), make("thead", {}, make("tr", {},
      ...["grain", "completed", "started", "none", "mean"].map((name) => make("th", { scope: "col" }, say(name))))),
      make("tbody", {}, ...grains.map(({ title }, index) => make("tr", {}, make("th", { scope: "row" }, titleIn(title)),
        ...["completed", "started", "none"].map((name) => make("td", { class: "number" }, number(all[index][name]))),
        make("td", { class: "number" }, all[index].mean == null ? "–" : percent(all[index].mean)))))));

const grainBar = ({ completed, started, none }) => {
  const whole = Math.max(1, completed + started + none);
  const part = (name, count) => {
    const element = make("span", { class: name });
    element.style.width = `${(count / whole) * 100}%`;
    return element;
  };
  return make("span", { class: "share", "aria-hidden": "true" }, part("completed", completed), part("started", started));
};
