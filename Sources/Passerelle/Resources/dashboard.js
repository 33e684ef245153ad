// The page on which a teacher sees how far everybody is, and one learner's progress at `?learner=ID`. page.js and
// progress.js come before it.
Object.assign(words, {
  title: ["Tableau de bord", "Dashboard"],
  learner: ["Progression de l’apprenant", "Learner’s progress"],
  learners: ["Apprenants", "Learners"],
  opened: ["Ont ouvert", "Opened"],
  finished: ["Ont terminé", "Finished"],
  delivered: ["Notes envoyées", "Grades sent"],
  pending: ["En attente", "Waiting"],
  failed: ["Non transmises", "Not delivered"],
  emptied: ["Effacées dans Moodle", "Emptied in Moodle"],
  summary: ["En bref", "In short"],
  caption: [
    "Apprenants et grains. Les boutons des titres trient le tableau.",
    "Learners and grains. The buttons in the headings sort the table.",
  ],
  name: ["Nom", "Name"],
  seen: ["Vu le", "Last seen"],
  never: ["Jamais ouvert", "Never opened"],
  search: ["Chercher", "Search"],
  searchHint: ["Nom ou courriel", "Name or e-mail"],
  show: ["Afficher", "Show"],
  all: ["Tout le monde", "Everybody"],
  absent: ["Jamais ouvert", "Never opened"],
  underWay: ["En cours", "In progress"],
  done: ["Terminé", "Finished"],
  trouble: ["Note en attente, non transmise ou effacée", "Grade waiting, not delivered or emptied"],
  resend: ["Renvoyer les notes", "Send grades again"],
  resendAsk: [
    (emptied, waiting, all) => [
      emptied && `Moodle n’a plus ${emptied} note${emptied > 1 ? "s" : ""} de cette activité, sur ${all}.`,
      waiting && `En attente ou non transmises : ${waiting}, sur ${all}.`,
      !emptied && !waiting && (all ? `Moodle a reçu les ${all} notes de cette activité. Les renvoyer toutes ?` : "Il n’y a aucune note à renvoyer."),
    ].filter(Boolean).join(" "),
    (emptied, waiting, all) => [
      emptied && `Moodle no longer has ${emptied} of the ${all} grades of this activity.`,
      waiting && `Waiting or not delivered: ${waiting} of ${all}.`,
      !emptied && !waiting && (all ? `Moodle was given the ${all} grades of this activity. Send all of them again?` : "There is no grade to send again."),
    ].filter(Boolean).join(" "),
  ],
  resendOne: ["Renvoyer la note", "Send the grade again"],
  resendOneAsk: [(name) => `Renvoyer à Moodle la note de ${name} ?`, (name) => `Send the grade of ${name} to Moodle again?`],
  onScreen: ["Seules les personnes affichées sont concernées.", "Only the people on screen are concerned."],
  resendLost: [(n) => `Renvoyer celles qui manquent (${n})`, (n) => `Send those that are missing (${n})`],
  resendAll: [(n) => `Les renvoyer toutes (${n})`, (n) => `Send all again (${n})`],
  cancel: ["Annuler", "Cancel"],
  resent: [
    (done, refused) => `${done} note${done > 1 ? "s partiront" : " partira"} dans la minute.`
      + (refused ? ` ${refused} personne${refused > 1 ? "s" : ""} sans rien à envoyer, ou plus inscrite${refused > 1 ? "s" : ""} au cours.` : ""),
    (done, refused) => `${done} grade${done === 1 ? "" : "s"} will leave within the minute.`
      + (refused ? ` ${refused} with nothing to send, or no longer enrolled in the course.` : ""),
  ],
  matches: [
    (n, total) => (n === total ? `${n} apprenant${n > 1 ? "s" : ""}` : `${n} sur ${total} apprenant${total > 1 ? "s" : ""}`),
    (n, total) => (n === total ? `${n} learner${n === 1 ? "" : "s"}` : `${n} of ${total} learner${total > 1 ? "s" : ""}`),
  ],
  nobody: ["Personne n’a encore ouvert l’activité.", "Nobody has opened the activity yet."],
  noMatch: ["Personne ne correspond à cette recherche.", "Nobody matches this search."],
  xlsx: ["Tableur (.xlsx)", "Spreadsheet (.xlsx)"],
  csv: ["CSV", "CSV"],
  progressed: ["Dernier progrès", "Last progress"],
  groups: ["Groupes", "Groups"],
  group: ["Groupe", "Group"],
  mine: ["Mes groupes", "My groups"],
  groupless: ["Sans groupe connu", "No known group"],
  numbered: [(id) => `Groupe ${id}`, (id) => `Group ${id}`],
  nameGroup: ["Nommer ce groupe", "Name this group"],
  stillShort: ["Rien de nouveau", "Nothing new"],
  stuckShort: ["Bloqué au même grain", "Stuck at the same grain"],
  belowShort: ["Sous la moyenne fixée", "Below the pass mark"],
  toHelp: ["À relancer", "To follow up"],
  absentees: [(n) => `${n} jamais venu${n > 1 ? "s" : ""}`, (n) => `${n} never came`],
  still: [(n, days) => `${n} sans rien de nouveau depuis ${days} jours`, (n, days) => `${n} with nothing new for ${days} days`],
  stuckAt: [(n, title) => `${n} bloqués à « ${title} »`, (n, title) => `${n} stuck at “${title}”`],
  below: [(n, pass) => `${n} sous ${pass}`, (n, pass) => `${n} below ${pass}`],
  nobodyToHelp: ["Personne : tout le monde avance.", "Nobody: everybody is getting on."],
  sort: ["Trier", "Sort"],
  toTable: ["Aller au tableau", "Skip to the table"],
  days: ["Jours sans rien de nouveau", "Days with nothing new"],
  pass: ["Note de passage (%)", "Pass mark (%)"],
  copy: ["Copier les adresses", "Copy addresses"],
  copied: [(n) => `${n} adresse${n > 1 ? "s" : ""} copiée${n > 1 ? "s" : ""}.`, (n) => `${n} address${n === 1 ? "" : "es"} copied.`],
  notCopied: ["Le navigateur n’a pas permis la copie : sélectionnez ces adresses.", "The browser did not allow copying: select these addresses."],
  write: ["Écrire", "Write"],
  writePart: [(n, all) => `Écrire (${n} sur ${all})`, (n, all) => `Write (${n} of ${all})`],
  writeMany: [(n) => `Écrire, en ${n} lettres`, (n) => `Write, in ${n} letters`],
  noAddress: ["Aucune adresse connue.", "No address is known."],
  scores: ["Montrer les scores", "Show scores"],
  pictures: ["La classe en images", "The class in pictures"],
  previous: ["← Précédent", "← Previous"],
  next: ["Suivant →", "Next →"],
  person: [(id) => `Apprenant ${id}`, (id) => `Learner ${id}`],
  correct: ["Corriger", "Correct"],
  correctGrain: [(title) => `Corriger « ${title} »`, (title) => `Correct “${title}”`],
  reason: ["Motif (visible de l’équipe)", "Reason (seen by staff)"],
  scoreHint: ["Score en % (vide : le grain compte en entier)", "Score in % (empty: the grain counts whole)"],
  correctHint: [
    "Un grain d’une personne est remplacé, et sa note repart vers Moodle. La correction vaut jusqu’à ce que la personne refasse ce grain.",
    "One grain of one person is replaced, and the grade goes to Moodle again. The correction stands until the person does this grain again.",
  ],
  apply: ["Corriger", "Correct"],
  correctedNow: [
    (grades) => `Corrigé.${grades ? ` Notes : ${grades}.` : ""}`, (grades) => `Corrected.${grades ? ` Grades: ${grades}.` : ""}`,
  ],
  notCorrected: ["Cette personne n’est plus dans l’activité : rien n’a été changé.", "This person is not in the activity any more: nothing was changed."],
  cell: [(status, score) => (score == null ? status : `${status}, ${score}`), (status, score) => (score == null ? status : `${status}, ${score}`)],
  back: ["Tous les apprenants", "All learners"],
  notYet: [
    "Cette personne n’a pas encore ouvert l’activité : il n’y a rien à montrer.",
    "This person has not opened the activity yet: there is nothing to show.",
  ],
  lastSeen: ["Vu le ", "Last seen "],
  noMembers: [
    "Moodle n’a pas donné la liste des inscrits : seules les personnes qui ont ouvert l’activité sont affichées.",
    "Moodle has not given the list of members: only people who have opened the activity are shown.",
  ],
  copyOf: [(course) => `copie de « ${course} »`, (course) => `copy of “${course}”`],
  gone: ["N’est plus dans la liste de Moodle", "No longer in Moodle’s list"],
  restart: ["Recommencer à zéro", "Start over"],
  restartOne: [
    "Remettre à zéro la progression de cette personne dans l’activité ? Ce qui était fait est mis de côté : gardé, mais plus compté.",
    "Let this person begin the activity anew? What was done is set aside: kept, but no longer counted.",
  ],
  restartAll: [
    (n) => `Remettre à zéro la progression de ${n} apprenant${n > 1 ? "s" : ""} ? Ce qui était fait est mis de côté : gardé, mais plus compté.`,
    (n) => `Let ${n} learner${n === 1 ? "" : "s"} begin the activity anew? What was done is set aside: kept, but no longer counted.`,
  ],
  withdraw: ["Recommencer, vider les notes dans Moodle", "Start over, empty the grades in Moodle"],
  keep: ["Recommencer, garder les notes jusqu’aux prochaines", "Start over, keep the grades until the next ones"],
  restarted: [
    (done, refused) => `Remis à zéro : ${done}${refused ? ` ; pas possible : ${refused}` : ""}.`,
    (done, refused) => `Begun anew: ${done}${refused ? `; not possible: ${refused}` : ""}.`,
  ],
  oldMembers: [(date) => `La liste des inscrits date du ${date}.`, (date) => `The list of members is from ${date}.`],
});

const params = () => new URLSearchParams(location.search);
const wanted = () => params().get("learner");
// The address of what is shown, with some items changed; null takes one away.
const address = (changes) => {
  const items = params();
  items.delete("learner");
  for (const [name, value] of Object.entries(changes)) {
    if (value == null || value === "") items.delete(name);
    else items.set(name, value);
  }
  const text = items.toString();
  return location.pathname + (text ? `?${text}` : "");
};
const personAddress = (id) => {
  const items = params();
  items.set("learner", id);
  return `?${items}`;
};

let roster, known, columns;
let rows = [], shown = [], reckoned;
let order = { by: "name", down: false };

// Who has neither name nor address is called by the number that Moodle shows, too: always the same, never a blank.
const labelOf = ({ name, email, subject, id }) => name || email || say("person", subject ?? (id ?? "").slice(0, 8));

// MARK: The order and the choice, which live in the address

const keys = {
  progress: ({ learner: { launched, ratio, completed } }) => (launched ? completed + ratio / 2 : null),
  grade: ({ learner: { launched, grade } }) => (launched ? grade.score : null),
  seen: ({ learner: { lastSeenAt } }) => lastSeenAt && Date.parse(lastSeenAt),
  progressed: ({ learner: { progressedAt } }) => progressedAt && Date.parse(progressedAt),
};
const keyOf = (row) => {
  if (keys[order.by]) return keys[order.by](row) ?? null;
  const index = roster.grains.findIndex(({ slug }) => `grain.${slug}` === order.by);
  return row.scores[index] ?? (row.cells[index] === "ss" ? -1 : null);
};
// By name is as the server lists them, by family name where it knows that. Who has no value comes last, whichever way; ties go by name.
const sorted = (list) => {
  const turn = order.down ? -1 : 1;
  if (order.by === "name") return list.sort((one, other) => turn * (one.place - other.place));
  const values = new Map(list.map((row) => [row, keyOf(row)]));
  return list.sort((one, other) => {
    const [a, b] = [values.get(one), values.get(other)];
    if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
    return turn * (a - b) || one.place - other.place;
  });
};
const readOrder = () => {
  const text = params().get("sort") ?? "name";
  order = { by: text.replace(/^-/, ""), down: text.startsWith("-") };
  if (order.by !== "name" && !keys[order.by] && !roster?.grains.some(({ slug }) => `grain.${slug}` === order.by)) order = { by: "name", down: false };
};
const limit = (name, standard, most) => Math.min(most, Math.max(1, parseInt(params().get(name), 10) || standard));
const daysWanted = () => limit("days", 7, 365);
const passWanted = () => limit("pass", 50, 100);

const chooseSort = (name) => {
  const down = order.by === name ? !order.down : name !== "name";
  history.replaceState(history.state, "", address({ sort: name === "name" && !down ? null : `${down ? "-" : ""}${name}` }));
  readOrder();
  arrange();
};
// Where there is no room for headings.
const sortBy = make("select", { class: "sort" });
const sortHeading = (key, className, ...content) =>
  make("th", { scope: "col", class: className, "data-sort": key },
    make("button", { type: "button", onclick: () => chooseSort(key) }, ...content));

// MARK: A row

// The same for everybody who has the same: made once, and copied.
const marks = new Map();
const cellMark = (cell) => {
  const key = document.documentElement.lang + cell;
  if (!marks.has(key)) marks.set(key, make("td", { class: "cell" }, makeMark(cell)));
  return marks.get(key).cloneNode(true);
};
const makeMark = (cell) => {
  const status = statusOf(cell);
  const score = status === "completed" && cell !== "cc" ? scoreOf(cell) : null;
  const element = make("span", { class: `mark ${status}` }, say("cell", say(status), score == null ? null : percent(score / 100)));
  if (status === "completed") {
    element.dataset.score = scoreOf(cell);
    if (score != null && score < 100) element.classList.add(score < 50 ? "low" : "middling");
  } else element.dataset.score = status === "started" ? "…" : "";
  return element;
};
// The grains need the room: a day, and the time where one asks for it.
const dayOf = (value) => {
  const element = moment(value);
  if (!value) return element;
  element.title = element.textContent;
  element.textContent = format("DateTimeFormat", { dateStyle: "medium" }).format(new Date(value));
  return element;
};
const groupName = (id) => roster.groups.find((group) => group.id === id)?.name ?? say("numbered", id);

const makeRow = ({ learner, cells, state }) => {
  const { id, email, launched, lastSeenAt, progressedAt, completed, total, grade, groups } = learner;
  const label = labelOf(learner);
  return make("tr", { class: state, "data-id": id },
    make("th", { scope: "row", class: "name" }, id ? make("a", { href: personAddress(id) }, label) : label,
      email && email !== label && make("small", { title: email }, email), learner.gone && make("small", { class: "gone" }, say("gone"))),
    make("td", { class: "progress" }, ...(launched
      ? [bar(learner), make("span", {}, make("span", { "aria-hidden": "true" }, `${completed}/${total}`),
        make("span", { class: "unseen" }, say("count", completed, total)))]
      : [make("span", { class: "state absent" }, say("never"))])),
    make("td", { class: "grade" }, ...(launched ? gradeOf(grade) : [make("span", { class: "quiet" }, "–")])),
    make("td", { class: "progressed" }, dayOf(progressedAt)),
    make("td", { class: "seen" }, dayOf(lastSeenAt)),
    roster.groups.length ? make("td", { class: "groups" }, (groups ?? []).map(groupName).join(", ")) : null,
    ...cells.map(cellMark));
};

// MARK: The table of everybody: up to so many rows stand there at once; of more, those in sight with some around them

const whole = 300;
const around = 8;
let height = 44;

const search = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
const choice = make("select", { class: "only" });
const groupChoice = make("select", { class: "group" });
const days = make("input", { type: "number", min: 1, max: 365 });
const pass = make("input", { type: "number", min: 1, max: 100 });
const naming = make("button", { type: "button", class: "naming", hidden: true }, "");
const matches = make("span", { class: "matches quiet" });
const letters = make("span", { class: "letters" });
const toHelp = make("p", { class: "help" });
const pictures = make("details", { class: "pictures" });
const tiles = make("dl", { class: "tiles" });
const members = make("p", { class: "members quiet" });
const table = make("table", { class: "roster" });
const region = make("div", { class: "scroll", role: "region", tabindex: 0 }, table);
const list = make("div", { class: "everybody" });
const person = make("div", { class: "person", hidden: true });

const elementOf = (row) => (row.element ??= makeRow(row));
// Who scrolls: the table, where there is room around it; all of the page's main part in a low frame; the page on a telephone.
const main = root.closest("main");
const scrollers = [document.scrollingElement, main, region];
// From where to where the rows are in sight, counted from the first.
const inSight = () => {
  const boxes = [region, main].filter((box) => getComputedStyle(box).overflowY !== "visible").map((box) => box.getBoundingClientRect());
  const { top } = table.tBodies[0].getBoundingClientRect();
  const from = Math.max(0, ...boxes.map((box) => box.top)) - top;
  return [from, Math.max(from, Math.min(innerHeight, ...boxes.map((box) => box.bottom)) - top)];
};
const paint = () => {
  const body = table.tBodies[0];
  if (!body) return;
  const [before, after, empty] = ["before", "after", "empty"].map((name) => body.querySelector(`tr.${name}`));
  let [first, last] = [0, shown.length];
  if (shown.length > whole && !printing) {
    const [from, to] = inSight();
    first = Math.min(Math.max(0, Math.floor(from / height) - around), Math.max(0, shown.length - 1));
    last = Math.min(shown.length, Math.max(Math.ceil(to / height), first + around) + around);
  }
  const wantedRows = shown.slice(first, last).map(elementOf);
  // The row that has the focus is never taken away.
  const focused = document.activeElement?.closest?.("tbody tr[class]");
  if (focused && body.contains(focused) && !wantedRows.includes(focused) && shown.some(({ element }) => element === focused)) {
    (shown.findIndex(({ element }) => element === focused) < first ? wantedRows.unshift : wantedRows.push).call(wantedRows, focused);
  }
  const now = [...body.rows].filter((row) => row !== before && row !== after && row !== empty);
  if (now.length !== wantedRows.length || now.some((row, index) => row !== wantedRows[index])) {
    const stay = new Set(wantedRows);
    for (const row of now) if (!stay.has(row)) row.remove();
    let place = before.nextSibling;
    for (const row of wantedRows) {
      if (place === row) place = row.nextSibling;
      else body.insertBefore(row, place);
    }
  }
  before.hidden = !first;
  after.hidden = last >= shown.length;
  before.firstChild.style.height = `${first * height}px`;
  after.firstChild.style.height = `${(shown.length - last) * height}px`;
  wantedRows.forEach((row, index) => row.setAttribute("aria-rowindex", first + index + 2));
  if (shown.length > whole && wantedRows.length > 10) {
    const measured = wantedRows.reduce((sum, row) => sum + row.offsetHeight, 0) / wantedRows.length;
    if (measured > 10 && Math.abs(measured - height) > 2) height = measured;
  }
};
let printing = false;
addEventListener("beforeprint", () => {
  printing = true;
  paint();
});
addEventListener("afterprint", () => {
  printing = false;
  paint();
});
let painting = false;
document.addEventListener("scroll", () => {
  if (painting || shown.length <= whole || list.hidden) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    paint();
  });
}, true);

const inGroup = ({ learner: { groups } }, wish) =>
  wish === "all" ? true : wish === "none" ? !groups?.length
    : wish === "mine" ? groups?.some((id) => roster.teacher.groups.includes(id)) : groups?.includes(wish);
const groupWanted = () => {
  const asked = params().get("group");
  if (asked) return asked;
  // Where a teacher has groups and learners of them are here, theirs come first.
  return !roster.teacher.isBound && roster.teacher.groups.some((id) => roster.groups.some((group) => group.id === id)) ? "mine" : "all";
};

// The rows in their order, as far as they are asked for.
const arrange = (isAsked = true) => {
  const terms = plain(search.value).split(/\s+/).filter(Boolean);
  const group = groupWanted();
  const only = params().get("only") ?? "all";
  const at = params().get("at");
  // What it comes to is reckoned again when it is another class, another limit, or another minute's news.
  const limits = [group, daysWanted(), passWanted(), params().get("only"), at].join();
  const isKnown = reckoned?.rows === rows && reckoned.limits === limits;
  const class_ = isKnown ? reckoned.class_ : rows.filter((row) => inGroup(row, group));
  const stops = isKnown ? reckoned.stops : reckon(class_, daysWanted());
  const passMark = passWanted();
  const tests = {
    all: () => true, trouble: ({ learner }) => isTrouble(learner), still: ({ still }) => still,
    stuck: ({ stuck, stop }) => stuck && (!at || roster.grains[stop]?.slug === at),
    below: ({ mean }) => mean != null && mean < passMark,
  };
  const test = tests[only] ?? (({ state }) => state === only);
  shown = sorted(class_.filter((row) => {
    if (!test(row)) return false;
    if (terms.length) row.text ??= plain(`${row.learner.name ?? ""} ${row.learner.email ?? ""}`);
    return terms.every((term) => row.text.includes(term));
  }));
  // Another table is looked at from its top.
  if (isAsked) region.scrollTop = 0;
  paint();
  const empty = table.querySelector("tr.empty");
  empty.hidden = shown.length > 0;
  empty.firstChild.textContent = say(rows.length ? "noMatch" : "nobody");
  table.setAttribute("aria-rowcount", shown.length + 1);
  matches.textContent = say("matches", shown.length, class_.length);
  if (isAsked) spoken.textContent = matches.textContent;
  sortBy.value = order.by;
  for (const th of table.querySelectorAll("[data-sort]")) {
    if (th.dataset.sort === order.by) th.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    else th.removeAttribute("aria-sort");
  }
  if (!isKnown) showFirstScreen(class_, stops);
  reckoned = { rows, limits, class_, stops };
  write();
};

// MARK: What stands above the table

const showFirstScreen = (class_, stops) => {
  const count = (test) => class_.filter(test).length;
  const [quiet, passMark] = [daysWanted(), passWanted()];
  const links = [
    ["absent", count(({ state }) => state === "absent"), (n) => say("absentees", n)],
    ["still", count(({ still }) => still), (n) => say("still", n, quiet)],
    ...stops.slice(0, 2).filter(([index]) => roster.grains[index]).map(([index, n]) =>
      ["stuck", n, () => say("stuckAt", n, titleIn(roster.grains[index].title)), roster.grains[index].slug]),
    ["below", count(({ mean }) => mean != null && mean < passMark), (n) => say("below", n, percent(passMark / 100))],
  ].filter(([, n]) => n);
  const only = params().get("only");
  toHelp.replaceChildren(make("b", {}, `${say("toHelp")} `), ...(links.length ? links.map(([name, n, words, at]) =>
    make("a", { href: address({ only: name, at }), class: name, "aria-current": only === name && (params().get("at") ?? undefined) === at ? "true" : null }, words(n)))
    : [make("span", { class: "quiet" }, say("nobodyToHelp"))]));
  const graded = (status) => count(({ learner: { grade } }) => grade.status === status);
  const numbers = {
    learners: class_.length, opened: count(({ learner: { launched } }) => launched), finished: count(({ state }) => state === "done"),
    delivered: graded("delivered"), pending: graded("pending"), failed: graded("failed"),
    ...(graded("emptied") && { emptied: graded("emptied") }),
  };
  const filters = { learners: null, opened: undefined, finished: "done", pending: "trouble", failed: "trouble", emptied: "trouble" };
  tiles.replaceChildren(...Object.entries(numbers).map(([name, value]) => {
    const text = say(name);
    const to = filters[name];
    return make("div", { class: value ? name : `${name} zero` },
      make("dt", {}, to === undefined ? text : make("a", { href: address({ only: to, at: null }) }, text)), make("dd", {}, number(value)));
  }));
  const all = figures(class_, roster.grains.length);
  for (const [index, th] of [...table.querySelectorAll("thead .cell")].entries()) {
    th.querySelector(".share").replaceWith(grainBar(all[index]));
    th.querySelector(".mean").textContent = all[index].mean == null ? "" : percent(all[index].mean);
    th.querySelector(".unseen").textContent = ` ${say("grainSummary", all[index])}`;
  }
  if (pictures.open) showPictures(class_, all);
  pictures.ontoggle = () => pictures.open && showPictures(class_, all);
  const { membershipsAt } = roster;
  const age = membershipsAt ? Date.now() - Date.parse(membershipsAt) : null;
  members.textContent = age === null ? say("noMembers")
    : age > 15 * 60000 ? say("oldMembers", moment(membershipsAt).textContent) : "";
};
const showPictures = (class_, all) => {
  const wasOpen = pictures.querySelector(".figures")?.open;
  const table = grainFigures(roster.grains, all);
  table.open = wasOpen;
  pictures.replaceChildren(pictures.firstChild, weeksPicture(roster.weeks, groupWanted() !== "all"), distributionPicture(class_), table);
};

// Letters to those who are shown, in blind copy; parts that no mail program cuts.
const addresses = () => [...new Set(shown.map(({ learner: { email } }) => email).filter(Boolean))];
let written;
const write = () => {
  const all = addresses();
  if (written === all.slice().sort().join()) return;
  written = all.slice().sort().join();
  const parts = [];
  let length = Infinity;
  for (const one of all) {
    length += one.length + 1;
    if (length > 1500) {
      parts.push([]);
      length = one.length;
    }
    parts.at(-1).push(one);
  }
  const links = parts.map((part, index) =>
    make("a", { href: `mailto:?bcc=${part.map(encodeURIComponent).join(",")}`, class: "mail" },
      parts.length === 1 ? say("write") : say("writePart", index + 1, parts.length)));
  letters.replaceChildren(make("button", { type: "button", class: "copy", onclick: copy, disabled: !parts.length }, say("copy")),
    ...(links.length > 4 ? [make("details", {}, make("summary", {}, say("writeMany", links.length)), ...links)] : links));
};
const copy = async () => {
  const all = addresses();
  if (!all.length) return void (spoken.textContent = say("noAddress"));
  try {
    await navigator.clipboard.writeText(all.join(", "));
    notice.textContent = "";
    spoken.textContent = say("copied", all.length);
  } catch {
    // Moodle's frame may not allow it.
    const text = make("textarea", { readonly: true, rows: 3 }, all.join(", "));
    notice.replaceChildren(say("notCopied"), " ", text);
    text.select();
  }
};

// MARK: What stands around the rows, anew when the module or its grains have changed

const only = ["all", "absent", "underWay", "done", "trouble", "still", "stuck", "below"];
const onlyWords = { still: "stillShort", stuck: "stuckShort", below: "belowShort" };
const frame = () => {
  const { activity, module, grains, groups, teacher } = roster;
  const label = (text, control, name) => make("label", { class: name }, make("span", {}, text), control);
  choice.replaceChildren(...only.map((value) => make("option", { value }, say(onlyWords[value] ?? value))));
  const options = [["all", say("all")], ...(teacher.groups.length && !teacher.isBound ? [["mine", say("mine")]] : []),
    ...groups.map(({ id }) => [id, groupName(id)]), ...(teacher.isBound ? [] : [["none", say("groupless")]])];
  groupChoice.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  search.placeholder = say("searchHint");
  const replace = (changes) => {
    history.replaceState(history.state, "", address(changes));
    arrange();
  };
  search.oninput = () => replace({ q: search.value.trim() });
  choice.onchange = () => {
    replace({ only: choice.value === "all" ? null : choice.value, at: null });
    readAddress();
  };
  days.onchange = () => replace({ days: days.value === "7" ? null : days.value });
  sortBy.replaceChildren(...["name", "progress", "grade", "progressed", "seen"].map((value) => make("option", { value }, say(value))),
    ...grains.map(({ slug, title }) => make("option", { value: `grain.${slug}` }, titleIn(title))));
  sortBy.onchange = () => chooseSort(sortBy.value);
  pass.onchange = () => replace({ pass: pass.value === "50" ? null : pass.value });
  groupChoice.onchange = () => {
    // What the page would choose by itself is chosen in so many words, too: a link is then the same for everybody.
    replace({ group: groupChoice.value });
    naming.hidden = !groups.some(({ id }) => id === groupChoice.value);
  };
  naming.textContent = say("nameGroup");
  naming.onclick = () => nameGroup(groupChoice.value);
  table.classList.toggle("many", grains.length > 6);
  table.classList.toggle("vast", grains.length > 24);
  table.replaceChildren(make("caption", { class: "unseen", id: "caption" }, say("caption")),
    make("thead", {}, make("tr", {}, ...["name", "progress", "grade", "progressed", "seen"].map((name) => sortHeading(name, name, say(name))),
      groups.length ? make("th", { scope: "col", class: "groups" }, say("groups")) : null,
      ...grains.map(({ slug, title }) => sortHeading(`grain.${slug}`, "cell", make("span", { class: "title", title: titleIn(title) }, titleIn(title)),
        make("span", { class: "share" }), " ", make("span", { class: "mean" }), make("span", { class: "unseen" }))))),
    make("tbody", {}, ...["before", "after"].map((name) => make("tr", { class: name, hidden: true, "aria-hidden": "true" }, make("td", { colspan: 6 + grains.length }))),
      make("tr", { class: "empty", hidden: true }, make("td", { colspan: 6 + grains.length }))));
  region.setAttribute("aria-labelledby", "caption");
  pictures.replaceChildren(make("summary", {}, say("pictures")));
  // Where there is room for them and for the table.
  pictures.open = innerHeight >= 800 && innerWidth >= 900;
  const place = [titleIn(activity.context), activity.copyOf && say("copyOf", titleIn(activity.copyOf)), titleIn(module.title)]
    .filter((text) => text && text !== titleIn(activity.title)).join(" · ");
  const scores = make("input", { type: "checkbox", class: "scores", onchange: ({ target }) => table.classList.toggle("numbers", target.checked) });
  list.replaceChildren(
    head(say("title"), titleIn(activity.title ?? module.title), [place], button("minisite", openMinisite), button("xlsx", () => download("xlsx")),
      button("csv", () => download("csv")),
      button("restart", restartShown), button("resend", resend), button("refresh", () => load(true))),
    make("a", { href: "#caption", class: "skip", onclick: toTable }, say("toTable")), toHelp, tiles, pictures, members,
    make("form", { class: "filters", role: "search", onsubmit: () => false }, label(say("search"), search),
      label(say("show"), choice), label(say("sort"), sortBy, "sortBy"), label(say("days"), days, "limit"), label(say("pass"), pass, "limit"), groups.length ? label(say("group"), groupChoice) : "", groups.length ? naming : "",
      make("label", { class: "check" }, scores, make("span", {}, say("scores"))), matches, letters, updated),
    region);
};
const toTable = (event) => {
  event.preventDefault();
  region.focus();
};
// The controls as the address has them.
const readAddress = () => {
  const items = params();
  readOrder();
  if (document.activeElement !== search) search.value = items.get("q") ?? "";
  choice.value = only.includes(items.get("only")) ? items.get("only") : "all";
  groupChoice.value = groupWanted();
  days.value = daysWanted();
  pass.value = passWanted();
  days.parentNode.hidden = !["still", "stuck"].includes(choice.value);
  pass.parentNode.hidden = choice.value !== "below";
  naming.hidden = !roster.groups.some(({ id }) => id === groupChoice.value);
};

// Rows that are as they were stay, and keep the focus.
const showRoster = (answer) => {
  roster = answer;
  const outline = JSON.stringify([roster.activity, roster.module, roster.grains, roster.groups, roster.teacher]);
  const kept = new Map();
  if (outline === columns) for (const row of rows) kept.set(row.json, [...(kept.get(row.json) ?? []), row]);
  else frame();
  columns = outline;
  const focused = document.activeElement?.closest?.(".roster tr")?.dataset.id;
  rows = roster.learners.map(({ json, ...learner }, place) => {
    const row = kept.get(json)?.pop() ?? readRow(learner, json, roster.grains.length);
    row.place = place;
    return row;
  });
  table.classList.toggle("huge", rows.length > whole);
  readAddress();
  arrange(false);
  if (focused && !table.contains(document.activeElement)) link(focused)?.focus({ preventScroll: true });
};
const link = (id) => table.querySelector(`tr[data-id="${CSS.escape(id ?? "")}"] a`);

// What somebody chooses in a dialog of the page: a frame of another site may not use the browser's own. The answer
// is null when nothing is to change.
const choose = (text, choices) =>
  new Promise((resolve) => {
    const box = make("dialog", { "aria-label": text }, make("p", {}, text), make("form", { method: "dialog" },
      make("p", { class: "tools" }, ...Object.entries(choices).map(([value, label]) => make("button", { value }, label)),
        make("button", { value: "", autofocus: true }, say("cancel")))));
    box.onclose = () => {
      box.remove();
      resolve(box.returnValue || null);
    };
    root.append(box);
    box.showModal();
  });
// A question in a box of its own; answers the form's values, or null.
const ask = (title, apply, ...content) =>
  new Promise((resolve) => {
    const form = make("form", { method: "dialog" }, make("h2", {}, title), ...content,
      make("p", { class: "tools" }, make("button", { class: "apply" }, apply),
        make("button", { type: "button", class: "cancel", onclick: () => box.close() }, say("cancel"))));
    const box = make("dialog", { "aria-label": title }, form);
    let answer = null;
    form.onsubmit = () => (answer = new FormData(form));
    box.onclose = () => {
      box.remove();
      resolve(answer);
    };
    root.append(box);
    box.showModal();
  });
const field = (text, control) => make("label", {}, make("span", {}, text), control);

const nameGroup = async (id) => {
  const current = roster.groups.find((group) => group.id === id)?.name ?? "";
  const answer = await ask(say("nameGroup"), say("nameGroup"), field(say("numbered", id), make("input", { name: "name", maxlength: 100, value: current })));
  if (!answer) return;
  await send("POST", "group", { group: id, name: answer.get("name") }).then(() => load(true)).catch(report);
};

// MARK: What changes grades

// Those on screen who came; null for all of them, whom the server knows.
const shownLearners = () => {
  const came = (row) => row.learner.id;
  const ids = shown.filter(came).map(({ learner }) => learner.id);
  return ids.length < rows.filter(came).length ? ids : null;
};
const asking = (learners, text) => (learners ? `${text} ${say("onScreen")}` : text);

const restartShown = () => {
  const learners = shownLearners();
  return restart(learners, asking(learners, say("restartAll", (learners ?? roster.learners.filter(({ id }) => id)).length)));
};
const restart = async (learners, text) => {
  const grade = await choose(text, { withdraw: say("withdraw"), keep: say("keep") });
  if (!grade) return;
  const { done, refused } = await call("POST", "activity/restart", { ...(learners && { learners }), grade });
  await load(true);
  spoken.textContent = say("restarted", done, refused.length);
  notice.textContent = spoken.textContent;
};

// A course that was reset has nothing in its gradebook until somebody says that the grades are to come again.
const resend = async () => {
  const learners = shownLearners();
  const among = learners ? shown.map(({ learner }) => learner) : roster.learners;
  const having = (...states) => among.filter(({ grade }) => states.includes(grade.status)).map(({ id }) => id);
  const waiting = having("pending", "failed");
  const [lost, all] = [[...having("emptied"), ...waiting], having("pending", "delivered", "failed", "emptied")];
  const choice = await choose(asking(learners, say("resendAsk", lost.length - waiting.length, waiting.length, all.length)),
    { ...(lost.length && { lost: say("resendLost", lost.length) }), ...(all.length && { all: say("resendAll", all.length) }) });
  if (!choice) return;
  const some = learners && { learners: choice === "lost" ? lost : all };
  await sendAgain(choice === "lost" ? { ...some, statuses: ["emptied", "pending", "failed"] } : { ...some });
};
const resendOne = async (learner) => {
  if (await choose(say("resendOneAsk", labelOf(learner)), { one: say("resendOne") })) await sendAgain({ learners: [learner.id] });
};
const sendAgain = async (body) => {
  const { done, refused } = await call("POST", "grades/resend", body);
  await load();
  notice.textContent = say("resent", done, refused.length);
};

// MARK: One learner

let shownPerson;
const correct = async (learner, grain) => {
  const select = make("select", { name: "status" }, ...["none", "started", "completed"].map((value) =>
    make("option", { value, selected: value === grain.status }, say(value))));
  const score = make("input", { name: "score", type: "number", min: 0, max: 100, step: "any",
    value: grain.score == null ? "" : String(Math.round(grain.score * 1000) / 10) });
  const answer = await ask(say("correctGrain", titleIn(grain.title)), say("apply"), make("p", {}, say("correctHint")),
    field(say("status"), select), field(say("scoreHint"), score),
    field(say("reason"), make("input", { name: "reason", maxlength: 500, required: true })));
  if (!answer) return;
  const body = { learner: learner.id, grain: grain.slug, status: answer.get("status"), reason: answer.get("reason") };
  if (body.status === "completed" && answer.get("score") !== "") body.score = Number(answer.get("score")) / 100;
  try {
    const { done, grades } = await call("POST", "progress/correct", body);
    await load(true);
    const words = Object.entries(grades).map(([status, count]) => `${say(`grade${status[0].toUpperCase()}${status.slice(1)}`)} ${number(count)}`);
    notice.textContent = done ? say("correctedNow", words.join(", ")) : say("notCorrected");
  } catch (error) {
    report(error);
  }
};

const neighbours = (id) => {
  const place = shown.findIndex(({ learner }) => learner.id === id);
  const step = (name, index) => {
    const other = place < 0 ? null : shown.slice(...(index < 0 ? [0, place] : [place + 1])).filter(({ learner }) => learner.id)
      .at(index < 0 ? -1 : 0);
    return other && make("a", { href: personAddress(other.learner.id), class: name, title: labelOf(other.learner) }, say(name));
  };
  return [step("previous", -1), step("next", 1)];
};
const showLearner = ({ activity, module, isPercent, learners: [learner] }) => {
  // Where the maximum is a guess, as in the other answers.
  if (learner && isPercent) learner.grade.isPercent = true;
  // A refresh without news leaves everything, and the focus, where it is; one with news gives the focus back.
  const outline = JSON.stringify([activity, module, learner, !!roster]);
  if (outline === shownPerson) return;
  shownPerson = outline;
  const held = ["h1", ".back", ".refresh", ".scroll"].find((name) => document.activeElement === person.querySelector(name));
  const place = [activity.title, activity.context, module.title].filter(Boolean).map(titleIn).join(" · ");
  const back = make("p", { class: "way" }, make("a", { href: address({}), class: "back" }, say("back")),
    ...neighbours(wanted()).filter(Boolean));
  const refresh = button("refresh", () => load(true));
  if (!learner?.id) {
    person.replaceChildren(back, head(place, say("learner"), [], refresh), make("p", { class: "empty" }, say("notYet")));
  } else {
    const seen = learner.lastSeenAt ? [say("lastSeen"), moment(learner.lastSeenAt)] : [];
    const below = [learner.email, learner.email && seen.length ? " · " : null, ...seen, learner.gone && ` · ${say("gone")}`].filter(Boolean);
    const more = (grain) => make("button", { type: "button", class: "correct", "aria-label": say("correctGrain", titleIn(grain.title)),
      onclick: () => correct(learner, grain) }, say("correct"));
    const anew = button("restart", () => restart([learner.id], say("restartOne")));
    const again = isTrouble(learner) ? button("resendOne", () => resendOne(learner)) : null;
    person.replaceChildren(back, head(place, labelOf(learner), below, again, anew, refresh), overview(learner),
      learner.details ? grainTable(learner.details, more) : make("p", { class: "quiet" }, "…"), make("p", {}, updated));
  }
  if (held) person.querySelector(held)?.focus({ preventScroll: true });
};

// MARK: What is shown, and when it is asked for

// A learner as the other answers have them: what is empty was left out, what is the same for everybody stands once.
const unpack = ({ total, maximum, isPercent }, learner) => ({
  name: null, email: null, lastSeenAt: null, id: null, launched: learner.id !== undefined, total, cells: "", ...learner,
  grade: { status: "none", score: learner.ratio * maximum, maximum, isPercent, ...learner.grade }, json: JSON.stringify(learner),
});
// Everybody; what is there already when the server says that nothing has changed.
const everybody = async () => {
  const response = await send("GET", "roster?cells=page", undefined, known?.tag);
  if (response.status === 304) return known.answer;
  const answer = await response.json().catch(() => {
    throw failure();
  });
  const learners = answer.learners.map((learner) => unpack(answer, learner));
  known = { tag: response.headers.get("ETag"), answer: { ...answer, learners } };
  return known.answer;
};

const load = async (isAsked = false) => {
  const id = wanted();
  const answer = !id ? await everybody() : id === "none" ? { ...(await everybody()), learners: [] }
    : await call("GET", `roster?learner=${encodeURIComponent(id)}`);
  // Somebody has gone on meanwhile.
  if (wanted() !== id) return;
  if (id) showLearner(answer);
  else if (answer !== roster) showRoster(answer);
  else {
    reckoned = null;
    arrange(false);
  }
  const name = id && (answer.learners[0] ? labelOf(answer.learners[0]) : say("learner"));
  const activity = titleIn(answer.activity.title ?? answer.module.title);
  titled(`${name || activity} – ${say("title")}`);
  if (!root.contains(notice)) root.replaceChildren(notice, list, person, spoken);
  fresh(isAsked);
  performance.mark("rows");
  tellHeight();
  // The others are there for the next one, once this one is.
  if (id && id !== "none" && !roster) {
    roster = await everybody();
    showRoster(roster);
    shownPerson = null;
    if (wanted() === id) showLearner(answer);
  }
};

// A platform that listens makes the frame as high as this (Canvas, and others after it).
const tellHeight = () => {
  if (parent === window) return;
  parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height: Math.max(600, Math.min(1400, Math.max(document.documentElement.scrollHeight, main.scrollHeight))) }), "*");
};

let left = { places: [], id: null };
const route = () => {
  const id = wanted();
  if (id && !list.hidden) left = { places: scrollers.map(({ scrollTop, scrollLeft }) => [scrollLeft, scrollTop]), id };
  const was = list.hidden;
  list.hidden = !!id;
  person.hidden = !id;
  if (id) {
    // What the table knows is there at once; the rest comes with the answer.
    const row = rows.find(({ learner }) => learner.id === id);
    shownPerson = null;
    if (row) showLearner({ ...roster, learners: [row.learner] });
    else person.replaceChildren();
    for (const scroller of scrollers) scroller.scrollTo(0, 0);
    person.querySelector("h1")?.focus();
  } else if (roster) {
    list.querySelector(".filters")?.append(updated);
    readAddress();
    arrange(!was);
    if (was) {
      left.places.forEach((place, index) => scrollers[index].scrollTo(...place));
      paint();
      link(left.id)?.focus({ preventScroll: true });
    }
  }
  if (session) load().catch(report);
};
const linkOf = (event) => {
  const target = event.target.closest("a[href]");
  if (!target || !root.contains(target) || target.target || target.matches(".skip") || target.origin !== location.origin || target.pathname !== location.pathname) return null;
  // The choice may be another one than when the row was drawn.
  const learner = target.closest(".roster") && new URL(target.href).searchParams.get("learner");
  if (learner) target.setAttribute("href", personAddress(learner));
  return target;
};
const go = (event) => {
  const target = linkOf(event);
  if (!target) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey || event.shiftKey) return void openApart(target.href).catch(report);
  history.pushState(history.state, "", target.getAttribute("href"));
  route();
};
// A middle click wants a tab, too.
const goApart = (event) => {
  const target = event.button === 1 && linkOf(event);
  if (!target) return;
  event.preventDefault();
  openApart(target.href).catch(report);
};

// A tab that opens later than the click would be taken for an advertisement, so it opens empty, and gets its address.
const openTab = async (find) => {
  const tab = open("", "_blank");
  try {
    const address = await find();
    if (!tab) return notice.replaceChildren(make("a", { href: address, target: "_blank", rel: "noopener" }, say("follow")));
    tab.opener = null;
    tab.location.replace(address);
  } catch (error) {
    tab?.close();
    throw error;
  }
};
const openMinisite = () => openTab(minisite);
// A session stays in its tab: another one opens its own, with a code that serves once.
const openApart = (href) => openTab(async () => `${href}#passerelle=${(await call("POST", "code")).code}`);

// Who is on screen, as a file. A spreadsheet takes values for UTF-8 only when they begin with a byte order mark.
const download = async (format) => {
  const items = new URLSearchParams({ format });
  const isFrench = format === "csv" && document.documentElement.lang === "fr";
  if (isFrench) items.set("for", "fr");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && (isFrench || format === "xlsx")) items.set("zone", zone);
  for (const name of ["q", "only", "at", "days", "pass"]) if (params().get(name)) items.set(name, params().get(name));
  const group = groupWanted();
  if (group !== "all") items.set("group", group);
  const response = await send("GET", `roster?${items}`);
  const bytes = await response.blob();
  const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition"))?.[1] ?? `passerelle.${format}`;
  const parts = format === "csv" && !isFrench ? ["\uFEFF", bytes] : [bytes];
  const href = URL.createObjectURL(new Blob(parts, { type: bytes.type }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
};

openSession().then(() => {
  addEventListener("popstate", route);
  addEventListener("resize", () => paint());
  root.addEventListener("click", go);
  root.addEventListener("auxclick", goApart);
  list.hidden = !!wanted();
  person.hidden = !wanted();
  keepFresh(load);
  return load();
}).catch(fail);
