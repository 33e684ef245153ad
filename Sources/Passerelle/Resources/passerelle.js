// Passerelle's client library: joins a static mini-site to the learner whom Moodle sent.
//
//   <script src="https://lti.example.org/passerelle/passerelle.js" defer></script>      global `Passerelle`
//   import { connect } from "https://lti.example.org/passerelle/passerelle.js";         ES module
//
// One URL serves both. No text is at once a classic script and a module with exports, so the file is a classic
// script, and for a browser that asks for a module the server turns the comment of the last line into code.
//
//   const session = await Passerelle.connect();
//   await session.complete("moodle");            // or complete("quiz", 0.75): a score from 0 to 1
//
// session: { learner, module, role, returnUrl, expiresAt, progress, complete(grain, score?), start(grain), refresh(),
//   me(), end(), on(event, listener), request(method, path, body?) }
// Events: "progress" (the progress), "error" (the error), "end". An error has `code`, `status` and a `message` for the
// person, in the learner's language (or `Passerelle.locale`); `away` says that the server has not judged the call: a
// completed grain is then kept, and sent later.
//
// The same without a line of script:
//   <button data-passerelle-grain="moodle">     completes on click, with data-passerelle-score="0.75" if there is one
//   <li data-passerelle-grain="moodle">         gets, as the button does, data-passerelle-status="none", "started", …
//   <progress data-passerelle-progress>         follows the completed grains
//   <p data-passerelle-progress>                reads "2 grains sur 4 — note envoyée"
//   <p data-passerelle-message>                 says what went wrong
//   <b data-passerelle-learner>                 is the learner's name
//   <a href="#" data-passerelle-me>             opens the learner's own page, with every grain and the grade
(() => {
  if (globalThis.Passerelle) return;

  const s = (count) => (count > 1 ? "s" : "");
  const words = {
    no_session: ["Retournez dans Moodle et ouvrez l’activité.", "Go back to Moodle and open the activity."],
    again: ["Session terminée. Retournez dans Moodle et ouvrez de nouveau l’activité.",
      "Session ended. Go back to Moodle and open the activity again."],
    away: ["Le serveur ne répond pas. Réessayez.", "The server does not answer. Try again."],
    kept: ["Le serveur ne répond pas. Votre travail est gardé et partira tout seul.",
      "The server does not answer. Your work is kept and will be sent by itself."],
    count: [(n, total) => `${n} grain${s(n)} sur ${total}`, (n, total) => `${n} of ${total} grain${s(total)}`],
    unsent: ["pas encore envoyé", "not sent yet"],
    delivered: ["note envoyée", "grade sent"],
    pending: ["note en attente", "grade on its way"],
    failed: ["note non transmise", "grade not delivered"],
  };
  const page = globalThis.document;
  const quiet = () => {};
  let base, key, id, record, session, connecting, begun, locale, timer, wait;
  let sending = Promise.resolve();

  const say = (name) => {
    return words[name]?.[/^fr/i.test(locale || session?.learner.locale || page.documentElement.lang) ? 0 : 1];
  };
  const failure = (code, status, detail) => {
    const away = !status || status >= 500;
    const ended = status === 401 || code === "invalid_code";
    const message = say(away ? "away" : ended ? "again" : code) ?? detail ?? code;
    return Object.assign(new Error(message), { code, status, away });
  };
  const emit = (name, detail) => page.dispatchEvent(new CustomEvent(`passerelle:${name}`, { detail }));
  const on = (name, listener) => page.addEventListener(`passerelle:${name}`, ({ detail }) => listener(detail));
  const report = (error) => {
    render(error.message);
    emit("error", error);
    throw error;
  };

  // sessionStorage lives as long as the tab; where the browser refuses it, a plain object lives as long as the page.
  let store = {};
  try {
    store = sessionStorage ?? store;
  } catch {}
  const read = (name) => JSON.parse(store[key + name] ?? "null");
  const write = (name, value) => (store[key + name] = JSON.stringify(value));
  const forget = () => {
    delete store[key + id];
    connecting = null;
    clearTimeout(timer);
  };

  const request = async (method, path, body) => {
    const headers = { "Content-Type": "application/json" };
    if (record.token) headers.Authorization = `Bearer ${record.token}`;
    const send = () => fetch(`${base}api/${path}`, {
      method, headers, body: body && JSON.stringify(body), keepalive: true, cache: "no-store",
      signal: AbortSignal.timeout?.(20000),
    });
    let response, answer;
    try {
      // A broken connection is a TypeError, and worth a second try: every call may be repeated.
      response = await send().catch((error) => {
        if (error.name !== "TypeError") throw error;
        return new Promise((resume) => setTimeout(resume, 1000)).then(send);
      });
      const text = await response.text();
      answer = text && /json/.test(response.headers.get("Content-Type")) ? JSON.parse(text) : {};
    } catch {
      throw failure("network");
    }
    if (response.ok) return answer;
    if (response.status === 401) forget();
    throw failure(answer.code ?? "refused", response.status, answer.detail);
  };

  const update = (progress) => {
    session.progress = record.progress = progress;
    write(id, record);
    if (progress?.grade.status === "pending") later();
    else wait = 0;
    render();
    emit("progress", progress);
    return progress;
  };
  const refresh = () => request("GET", "progress").then(update).catch(report);

  // While something is owed, to the server or to Moodle, the page looks again after 15 s, 30 s, 1 min …
  const later = () => {
    clearTimeout(timer);
    wait = wait * 2 || 15000;
    timer = setTimeout(sync, wait);
  };
  const sync = () => session && (queue().length ? flush() : refresh()).catch(quiet);

  // What waits to be sent belongs to the person: their next launch sends it, somebody else's does not.
  const queueName = () => `unsent ${session.learner.id} ${session.module?.slug}`;
  const queue = () => read(queueName()) ?? [];
  // One sender at a time, oldest first. What the server refuses is dropped and told; what it never judged stays.
  const drain = async () => {
    let refusal, items;
    while ((items = queue()).length) {
      const answer = await request("POST", "progress", items[0]).catch((error) => {
        if (error.away) {
          error.message = say("kept");
          later();
        }
        if (error.away || error.status === 401) throw error;
        refusal ??= error;
      });
      write(queueName(), queue().slice(1));
      if (answer) update(answer);
    }
    if (refusal) throw refusal;
    return session.progress;
  };
  const flush = () => (sending = sending.catch(quiet).then(drain).catch(report));
  const put = (status) => (grain, score) => {
    write(queueName(), [...queue(), { grain, status, score }]);
    return flush();
  };
  const complete = put("completed");
  // The tab opens in the click, before its address is known: later it would be taken for an advertisement.
  const me = async () => {
    const tab = globalThis.open("", "_blank");
    const { me: address } = await connect().then(() => request("POST", "code").catch(report)).catch((error) => {
      tab?.close();
      throw error;
    });
    if (!tab) return location.assign(address);
    tab.opener = null;
    tab.location.replace(address);
  };
  const end = () => request("DELETE", "session").then(forget).then(() => emit("end")).catch(report);

  const open = async ({ api } = {}) => {
    base = new URL(".", api ? `${api}/` : Passerelle.src).href;
    key = `passerelle ${base} `;
    // The launch is tied to the history entry: two activities opened in one tab do not take each other's place.
    id = history.state?.passerelle ?? read("last");
    const code = /[#&]passerelle=([^&]*)/.exec(location.hash)?.[1];
    if (code) {
      id = Math.random();
      write(id, { code });
      write("last", id);
    }
    const url = new URL(location);
    url.hash = url.hash.replace(/#passerelle=[^&]*&?|&passerelle=[^&]*/, "");
    history.replaceState({ ...history.state, passerelle: id }, "", url);
    record = read(id);
    if (!record) throw failure("no_session", 400);

    // A code that the server never saw stays in the record: the next connect(), or a reload, tries it again.
    const resumed = !record.code;
    if (!resumed) {
      record = await request("POST", "session", record).catch((error) => {
        if (!error.away) forget();
        throw error;
      });
    }
    session = { ...record, complete, start: put("started"), refresh, me, end, on, request };
    delete session.token;
    update(record.progress);
    if (resumed && session.module) {
      await refresh().catch((error) => {
        if (!error.away) throw error;
      });
    }
    if (queue().length) flush().catch(quiet);
    return session;
  };
  const connect = (options) => (connecting ??= open(options).catch((error) => {
    connecting = null;
    report(error);
  }));

  const attributes = ["grain", "progress", "message", "learner", "me"].map((name) => `[data-passerelle-${name}]`).join(",");
  const each = (name, act) => page.querySelectorAll(`[data-passerelle-${name}]`).forEach(act);
  const tell = (element, text) => {
    element.setAttribute("role", "status");
    if (element.textContent !== text) element.textContent = text;
  };
  const render = (message = "") => {
    each("message", (element) => tell(element, message));
    if (!session?.progress) return;
    const { grains, completed, total, grade } = session.progress;
    const state = say(queue().length ? "unsent" : grade.status);
    const count = say("count")(completed, total);
    each("learner", (element) => (element.textContent = session.learner.name ?? ""));
    each("grain", ({ dataset }) => {
      dataset.passerelleStatus = grains.find(({ slug }) => slug === dataset.passerelleGrain)?.status;
    });
    each("progress", (element) => {
      if (element.localName === "progress") Object.assign(element, { max: total || 1, value: completed });
      else tell(element, state ? `${count} — ${state}` : count);
    });
  };

  const anyScript = page?.querySelector("script[src*='/passerelle.js']");
  globalThis.Passerelle = {
    connect,
    on,
    src: page?.currentScript?.src ?? anyScript?.src,
    set locale(language) {
      locale = language;
      render();
    },
  };
  page?.addEventListener("click", (event) => {
    const { target } = event;
    if (target.closest?.("[data-passerelle-me]")) {
      event.preventDefault();
      me().catch(quiet);
    }
    const button = target.closest?.(":is(button, a)[data-passerelle-grain]");
    if (!button) return;
    const { passerelleGrain: grain, passerelleScore: score } = button.dataset;
    button.setAttribute("aria-busy", true);
    connect().then(() => complete(grain, score && Number(score))).catch(quiet)
      .then(() => button.removeAttribute("aria-busy"));
  });
  // "load" is for a script tag with `async`, which may come after "DOMContentLoaded".
  const begin = () => {
    if (!begun && page.querySelector(attributes)) connect().catch(quiet);
    begun = true;
  };
  page?.addEventListener("DOMContentLoaded", begin);
  globalThis.addEventListener?.("load", begin);
  globalThis.addEventListener?.("online", sync);
})();
//export const { connect } = Passerelle; Passerelle.src ??= import.meta.url; export default Passerelle;
