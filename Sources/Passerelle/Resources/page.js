// What the pages for people have in common. The server puts it before a page's own script, in one function: a session
// from the code in the fragment, calls of the API, words in the person's language, and elements made of text alone.
const root = document.querySelector("[data-api]");

// Each page adds its own: French, then English; or a function of what the sentence is about.
const words = {
  away: ["Le serveur ne répond pas. Réessayez.", "The server does not answer. Try again."],
  again: [
    "Retournez dans Moodle et ouvrez de nouveau l’activité.", "Go back to Moodle and open the activity again.",
  ],
  retry: ["Réessayer", "Try again"],
  noMinisite: ["Aucun mini-site n’est indiqué pour ce module.", "No mini-site is named for this module."],
  follow: ["Ouvrir le mini-site dans un nouvel onglet", "Open the mini-site in a new tab"],
  home: ["Retourner dans Moodle", "Back to Moodle"],
};
const say = (name, ...values) => {
  const word = words[name][document.documentElement.lang === "en" ? 1 : 0];
  return typeof word === "function" ? word(...values) : word;
};

// A title as Moodle's filter for several languages would show it, which sends it as it was typed: the reader's part, else that
// for `other`, else the first; what stands outside is for everybody.
const titleIn = (text) => {
  const parts = [];
  let end = 0;
  for (const match of (text ?? "").matchAll(/\{mlang ([^}]+)\}([\s\S]*?)\{mlang\}/gi)) {
    parts.push({ text: text.slice(end, match.index) }, { tags: match[1].toLowerCase().split(/[\s,]+/), text: match[2] });
    end = match.index + match[0].length;
  }
  if (!parts.length) return text;
  parts.push({ text: text.slice(end) });
  const has = (name) => ({ tags }) => tags?.some((tag) => tag === name || tag.startsWith(`${name}_`) || tag.startsWith(`${name}-`));
  const wanted = [document.documentElement.lang, "other"].find((name) => parts.some(has(name))) ?? parts[1].tags[0];
  return parts.filter((part) => !part.tags || has(wanted)(part)).map((part) => part.text).join("").trim();
};

// Text becomes text, never HTML. An attribute that is null, undefined or false is left out.
const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element[key] = value;
    else if (value != null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

// sessionStorage lives as long as the tab, so that a reload needs no second code; where the browser refuses it, a plain
// object lives as long as the page.
let store = {};
try {
  store = sessionStorage ?? store;
} catch {}
const key = `passerelle ${location.pathname} `;
let id, session;
// The way back to the course: a session that is over leaves it behind.
let home;
const wayHome = () => home && make("a", { href: home, target: "_top" }, say("home"));

// An error's message is for the person. `away`: the server has not judged the call. `ended`: the session is over.
const failure = (status, message) =>
  Object.assign(Error(message ?? say("away")), { away: !status || status >= 500, ended: status === 401 });

const send = async (method, path, body, known) => {
  const headers = { "Content-Type": "application/json" };
  if (known) headers["If-None-Match"] = known;
  if (session?.token) headers.Authorization = `Bearer ${session.token}`;
  let response, problem;
  try {
    response = await fetch(root.dataset.api + path, {
      method, headers, body: body && JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout?.(20000),
    });
    problem = response.ok || response.status === 304 ? null : await response.json().catch(() => ({}));
  } catch {
    throw failure();
  }
  if (!problem) return response;
  if (response.status === 401) store[key + id] = JSON.stringify({ home });
  throw failure(response.status, problem.detail);
};
// A connection that breaks in the middle of an answer is a server that is away, too.
const call = async (method, path, body) => {
  const response = await send(method, path, body);
  return response.json().catch(() => {
    throw failure();
  });
};

// The session of the code in the fragment, or the one that was opened in this history entry, or last in this tab.
const openSession = async () => {
  const code = /[#&]passerelle=([^&]*)/.exec(location.hash)?.[1];
  id = history.state?.passerelle ?? store[`${key}last`];
  if (code) {
    id = store[`${key}last`] = String(Math.random());
    store[key + id] = JSON.stringify({ code });
  }
  history.replaceState({ ...history.state, passerelle: id }, "", location.pathname + location.search);
  let kept = JSON.parse(store[key + id] ?? "null");
  home = kept?.home ?? kept?.returnUrl;
  if (!kept?.code && !kept?.token) throw Object.assign(Error(say("again")), { ended: true });
  // A code that the server never saw stays: a reload tries it again.
  if (kept.code) {
    kept = await call("POST", "session", kept).catch((error) => {
      if (!error.away) delete store[key + id];
      throw Object.assign(error, { ended: !error.away });
    });
    store[key + id] = JSON.stringify({ ...kept, progress: null });
  }
  session = kept;
  home = session.returnUrl;
  // Moodle knows the person's language better than the browser does.
  const { locale } = session.learner;
  if (locale) document.documentElement.lang = /^fr/i.test(locale) ? "fr" : "en";
};

const titled = (title) => (document.title = `${title} – Passerelle`);

// Nothing can be shown: the reason, and what to do about it.
const fail = ({ message, away, ended }) => {
  root.replaceChildren(make("h1", {}, say("title")), make("p", { role: "alert" }, message));
  if (ended && !message.includes(say("again"))) root.append(make("p", {}, say("again")));
  if (home) root.append(make("p", {}, wayHome()));
  if (away) root.append(make("button", { type: "button", onclick: () => location.reload() }, say("retry")));
};
