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
  summary: ["En bref", "In short"],
  caption: [
    "Apprenants et grains. Les boutons des titres trient le tableau.",
    "Learners and grains. The buttons in the headings sort the table.",
  ],
  name: ["Nom", "Name"],
  seen: ["Vu le", "Last seen"],
  never: ["Jamais ouvert", "Never opened"],
  unnamed: ["Sans nom", "No name"],
  search: ["Chercher", "Search"],
  searchHint: ["Nom ou courriel", "Name or e-mail"],
  show: ["Afficher", "Show"],
  all: ["Tout le monde", "Everybody"],
  absent: ["Jamais ouvert", "Never opened"],
  underWay: ["En cours", "In progress"],
  done: ["Terminé", "Finished"],
  trouble: ["Note en attente ou non transmise", "Grade waiting or not delivered"],
  matches: [
    (n, total) => (n === total ? `${n} apprenant${n > 1 ? "s" : ""}` : `${n} sur ${total} apprenant${total > 1 ? "s" : ""}`),
    (n, total) => (n === total ? `${n} learner${n === 1 ? "" : "s"}` : `${n} of ${total} learner${total > 1 ? "s" : ""}`),
  ],
  nobody: ["Personne n’a encore ouvert l’activité.", "Nobody has opened the activity yet."],
  noMatch: ["Personne ne correspond à cette recherche.", "Nobody matches this search."],
  csv: ["Télécharger (CSV)", "Download CSV"],
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
  oldMembers: [(date) => `La liste des inscrits date du ${date}.`, (date) => `The list of members is from ${date}.`],
});

const wanted = () => new URLSearchParams(location.search).get("learner");
const stateOf = ({ launched, completed, total }) => (!launched ? "absent" : total && completed >= total ? "done" : "underWay");
const isTrouble = ({ grade }) => grade.status === "pending" || grade.status === "failed";
const plain = (text) => (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

let roster, known, columns, order = { by: "name", down: false };
let rows = [];

// MARK: The table of everybody

// By name is as the server lists them, by family name where it knows that.
const keys = {
  progress: ({ launched, ratio, completed }) => (launched ? completed + ratio / 2 : null),
  grade: ({ grade }) => grade.score,
  seen: ({ lastSeenAt }) => lastSeenAt && Date.parse(lastSeenAt),
};
// Who has no value comes last, whichever way; ties go by name.
const compare = (one, other) => {
  const turn = order.down ? -1 : 1;
  if (order.by === "name") return turn * (one.place - other.place);
  const [a, b] = [keys[order.by](one.learner) ?? null, keys[order.by](other.learner) ?? null];
  if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
  return turn * (a - b) || one.place - other.place;
};

const heading = (name) => {
  const sort = () => {
    order = { by: name, down: order.by === name ? !order.down : name !== "name" };
    arrange();
  };
  return make("th", { scope: "col", class: name, "data-sort": name },
    make("button", { type: "button", onclick: sort }, say(name)));
};

const row = (learner) => {
  const { id, name, email, launched, lastSeenAt, completed, total, grains, grade } = learner;
  const title = name ?? say("unnamed");
  const cells = roster.grains.map(({ slug }) => make("td", { class: "cell" }, mark(grains[slug] ?? "none")));
  return make("tr", { class: stateOf(learner) },
    make("th", { scope: "row", class: "name" }, id ? make("a", { href: `?learner=${encodeURIComponent(id)}` }, title) : title,
      email && make("small", { title: email }, email)),
    make("td", { class: "progress" }, ...(launched
      ? [bar(learner), make("span", {}, make("span", { "aria-hidden": "true" }, `${completed}/${total}`),
        make("span", { class: "unseen" }, say("count", completed, total)))]
      : [make("span", { class: "state absent" }, say("never"))])),
    make("td", { class: "grade" }, ...(launched ? gradeOf(grade) : [make("span", { class: "quiet" }, "–")])),
    make("td", { class: "seen" }, moment(lastSeenAt)), ...cells);
};

const search = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
const choice = make("select", {});
const matches = make("span", { class: "matches quiet" });
const tiles = make("dl", { class: "tiles" });
const members = make("p", { class: "members quiet" });
const table = make("table", { class: "roster" });
const region = make("div", { class: "scroll", role: "region", tabindex: 0 }, table);
const list = make("div", {});
const person = make("div", { hidden: true });

// The rows in their order, those that nobody asked for hidden.
const arrange = (isAsked = true) => {
  const terms = plain(search.value).split(/\s+/).filter(Boolean);
  rows.sort(compare);
  let count = 0;
  for (const { learner, element } of rows) {
    const text = plain(`${learner.name ?? ""} ${learner.email ?? ""}`);
    const isState = { all: true, trouble: isTrouble(learner) }[choice.value] ?? stateOf(learner) === choice.value;
    element.hidden = !(isState && terms.every((term) => text.includes(term)));
    count += !element.hidden;
  }
  const body = table.tBodies[0];
  if (rows.some(({ element }, index) => body.children[index] !== element)) body.prepend(...rows.map(({ element }) => element));
  const empty = body.lastChild;
  empty.hidden = count > 0;
  empty.firstChild.textContent = say(rows.length ? "noMatch" : "nobody");
  matches.textContent = say("matches", count, rows.length);
  if (isAsked) spoken.textContent = matches.textContent;
  for (const th of table.querySelectorAll("[data-sort]")) {
    if (th.dataset.sort === order.by) th.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    else th.removeAttribute("aria-sort");
  }
};

// What stands around the rows, anew when the module or its grains have changed.
const frame = () => {
  const { activity, module, grains } = roster;
  const label = (text, control) => make("label", {}, make("span", {}, text), control);
  const options = ["all", "absent", "underWay", "done", "trouble"].map((value) => make("option", { value }, say(value)));
  choice.replaceChildren(...options);
  search.placeholder = say("searchHint");
  search.oninput = choice.onchange = () => arrange();
  const many = grains.length > 6;
  table.classList.toggle("many", many);
  table.replaceChildren(make("caption", { class: "unseen", id: "caption" }, say("caption")),
    make("thead", {}, make("tr", {}, ...["name", "progress", "grade", "seen"].map(heading),
      ...grains.map(({ title }) => make("th", { scope: "col", class: "cell", title }, make("span", {}, title))))),
    make("tbody", {}, make("tr", { class: "empty", hidden: true }, make("td", { colspan: 4 + grains.length }))));
  region.setAttribute("aria-labelledby", "caption");
  const place = [activity.context, module.title].filter((text) => text && text !== activity.title).join(" · ");
  list.replaceChildren(
    head(say("title"), activity.title ?? module.title, [place], button("minisite", openMinisite), button("csv", download),
      button("refresh", () => load(true))),
    tiles, members,
    make("form", { class: "filters", role: "search", onsubmit: () => false }, label(say("search"), search),
      label(say("show"), choice), matches, updated),
    region);
};

const summarize = () => {
  const { learners, membershipsAt } = roster;
  const count = (test) => learners.filter(test).length;
  const graded = (status) => count(({ grade }) => grade.status === status);
  const numbers = {
    learners: learners.length, opened: count(({ launched }) => launched),
    finished: count((learner) => stateOf(learner) === "done"), delivered: graded("delivered"),
    pending: graded("pending"), failed: graded("failed"),
  };
  tiles.replaceChildren(...Object.entries(numbers).map(([name, value]) =>
    make("div", { class: value ? name : `${name} zero` }, make("dt", {}, say(name)), make("dd", {}, number(value)))));
  const age = membershipsAt ? Date.now() - Date.parse(membershipsAt) : null;
  members.textContent = age === null ? say("noMembers")
    : age > 15 * 60000 ? say("oldMembers", moment(membershipsAt).textContent) : "";
};

// Rows that are as they were stay, and keep the focus.
const showRoster = (answer) => {
  roster = answer;
  const outline = JSON.stringify([roster.activity, roster.module, roster.grains]);
  const focused = document.activeElement?.closest?.(".roster a")?.getAttribute("href");
  const kept = new Map();
  if (outline === columns) for (const { json, element } of rows) kept.set(json, [...(kept.get(json) ?? []), element]);
  else frame();
  columns = outline;
  const before = rows;
  rows = roster.learners.map((learner, place) => {
    const json = JSON.stringify(learner);
    return { learner, place, json, element: kept.get(json)?.pop() ?? row(learner) };
  });
  const stay = new Set(rows.map(({ element }) => element));
  for (const { element } of before) if (!stay.has(element)) element.remove();
  summarize();
  arrange(false);
  if (focused) link(focused)?.focus({ preventScroll: true });
};
const link = (href) => [...table.querySelectorAll("a")].find((a) => a.getAttribute("href") === href);

// MARK: One learner

let shownPerson;
const showLearner = ({ activity, module, learners: [learner] }) => {
  // A refresh without news leaves everything, and the focus, where it is; one with news gives the focus back.
  const outline = JSON.stringify([activity, module, learner]);
  if (outline === shownPerson) return;
  shownPerson = outline;
  const held = ["h1", ".back", ".refresh", ".scroll"].find((name) => document.activeElement === person.querySelector(name));
  const place = [activity.title, activity.context, module.title].filter(Boolean).join(" · ");
  const back = make("p", { class: "way" }, make("a", { href: location.pathname, class: "back" }, say("back")));
  const refresh = button("refresh", () => load(true));
  if (!learner?.id) {
    person.replaceChildren(back, head(place, say("learner"), [], refresh), make("p", { class: "empty" }, say("notYet")));
  } else {
    const seen = learner.lastSeenAt ? [say("lastSeen"), moment(learner.lastSeenAt)] : [];
    const below = [learner.email, learner.email && seen.length ? " · " : null, ...seen].filter(Boolean);
    person.replaceChildren(back, head(place, learner.name ?? say("unnamed"), below, refresh), overview(learner),
      learner.details ? grainTable(learner.details) : make("p", { class: "quiet" }, "…"), make("p", {}, updated));
  }
  if (held) person.querySelector(held)?.focus({ preventScroll: true });
};

// MARK: What is shown, and when it is asked for

// Two characters a grain: `--` none, `ss` started, anything else completed.
const statusOf = (cell) => ({ "--": "none", ss: "started" })[cell] ?? "completed";
// A learner as the other answers have them: what is empty was left out, what is the same for everybody stands once.
const unpack = ({ grains, total, maximum }, { cells = "", grade, ...learner }) => ({
  name: null, email: null, lastSeenAt: null, id: null, launched: learner.id !== undefined, total, ...learner,
  grains: Object.fromEntries(grains.map(({ slug }, index) => [slug, statusOf(cells.slice(2 * index, 2 * index + 2))])),
  grade: { status: "none", score: learner.ratio * maximum, maximum, ...grade },
});
// Everybody; what is there already when the server says that nothing has changed.
const everybody = async () => {
  const response = await send("GET", "roster?cells=compact", undefined, known?.tag);
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
  else summarize();
  const name = id && (answer.learners[0]?.name ?? say("learner"));
  titled(name ? `${name} – ${say("title")}` : `${answer.activity.title ?? answer.module.title} – ${say("title")}`);
  if (!root.contains(notice)) root.replaceChildren(notice, list, person, spoken);
  fresh(isAsked);
};

let scroll = { top: 0, left: 0, page: 0, href: null };
const route = () => {
  const id = wanted();
  if (id && !list.hidden) {
    scroll = { top: region.scrollTop, left: region.scrollLeft, page: scrollY, href: `?learner=${encodeURIComponent(id)}` };
  }
  list.hidden = !!id;
  person.hidden = !id;
  if (id) {
    // What the table knows is there at once; the rest comes with the answer.
    const learner = roster?.learners.find((other) => other.id === id);
    shownPerson = null;
    if (learner) showLearner({ ...roster, learners: [learner] });
    else person.replaceChildren();
    scrollTo(0, 0);
    person.querySelector("h1")?.focus();
  } else if (roster) {
    list.querySelector(".filters").append(updated);
    scrollTo(0, scroll.page);
    region.scrollTo(scroll);
    link(scroll.href)?.focus({ preventScroll: true });
  }
  if (session) load().catch(report);
};
const go = (event) => {
  const target = event.target.closest("a[href]");
  if (!target || !root.contains(target) || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(history.state, "", target.getAttribute("href"));
  route();
};

// A spreadsheet takes the text for UTF-8 only when it begins with a byte order mark.
const download = async () => {
  const response = await send("GET", "roster?format=csv");
  const text = await response.text();
  const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition"))?.[1] ?? "passerelle.csv";
  const href = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv" }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
};

// A tab that opens later than the click would be taken for an advertisement, so it opens empty, and gets its address.
const openMinisite = async () => {
  const tab = open("", "_blank");
  try {
    const address = await minisite();
    if (!tab) return notice.replaceChildren(make("a", { href: address, target: "_blank", rel: "noopener" }, say("follow")));
    tab.opener = null;
    tab.location.replace(address);
  } catch (error) {
    tab?.close();
    throw error;
  }
};

openSession().then(() => {
  addEventListener("popstate", route);
  root.addEventListener("click", go);
  list.hidden = !!wanted();
  person.hidden = !wanted();
  keepFresh(load);
  return load();
}).catch(fail);
