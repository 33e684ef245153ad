// Passerelle's client library: joins a static mini-site to the learner whom Moodle sent. The first script in the head,
// so that no router reads the address before it:
//
//   <script src="https://lti.example.org/passerelle/passerelle.js"></script>            global `Passerelle`
//   import { connect } from "https://lti.example.org/passerelle/passerelle.mjs";        ES module
//
// passerelle.js is a classic script, and a module that exports nothing; passerelle.mjs has exports. What is sent is
// ../Resources/passerelle.js, made from this by ./minify.
//
// session: { learner, module, role, returnUrl, expiresAt, progress, complete(grain, score?), start(grain), refresh(),
//   state(grain), me(), end(), on(event, listener), request(method, path, body?) }
// Events: "progress" (the progress), "error" (the error), "end". An error has `code`, `status` and a `message` for the
// person, in the learner's language (or `Passerelle.locale`); `away` says that the server has not judged the call.
//
// The same without a line of script, for elements that are there or come later:
//   data-passerelle-grain="slug"       on a button or link: a click completes it, with data-passerelle-score="4/5" if
//                                      there is one; all get data-passerelle-status and data-passerelle-next
//   data-passerelle-start="slug"       marks it as started; on a button or link, at the click
//   data-passerelle-progress, data-passerelle-message, data-passerelle-learner, data-passerelle-me
//   data-passerelle-module="slug"      insists on the module; data-passerelle-moodle="URL" is the way for visitors
// Parts of their own, loaded where they stand: data-passerelle-scorm, data-passerelle-h5p, data-passerelle-messages,
//   data-passerelle-watch, data-passerelle-read, data-passerelle-quiz with data-passerelle-right
(() => {
  const page = globalThis.document;
  if (globalThis.Passerelle || !page) return;

  const s = (count) => (count > 1 ? "s" : "");
  const words = {
    lang: ["fr", "en"],
    no_session: ["Pour que votre travail compte, ouvrez l’activité dans Moodle.",
      "For your work to count, open the activity in Moodle."],
    again: ["Session terminée. Retournez dans Moodle et ouvrez de nouveau l’activité.",
      "Session ended. Go back to Moodle and open the activity again."],
    away: ["Le serveur ne répond pas.", "The server does not answer."],
    kept: [" Votre travail est gardé et partira tout seul.", " Your work is kept and will be sent by itself."],
    stay: [" Ne fermez pas cette page.", " Do not close this page."],
    count: [(n, total) => `${n} grain${s(n)} sur ${total}`, (n, total) => `${n} of ${total} grain${s(total)}`],
    next: ["À suivre : ", "Next: "],
    unsent: ["pas encore envoyé", "not sent yet"],
    delivered: ["note envoyée", "grade sent"],
    pending: ["note en attente", "grade on its way"],
    moodle: ["Ouvrir dans Moodle", "Open in Moodle"],
  };
  const quiet = () => {};
  const version = "VERSION";
  const { src, nonce } = page.currentScript ?? page.querySelector("script[src*='/passerelle.js'],script[src*='/passerelle-']") ?? {};
  const create = (name, fields) => Object.assign(page.createElement(name), fields);
  const tab = Math.random();
  const pattern = /([#&/?])passerelle(?:=|%3D)([\w-]{9,})&?/;
  let base, key, first, channel, answered, here, connecting, code, landed, tried, locale, ready, settled, looking;
  let message = "";
  let hint = "";
  let rehearses = /[?&]passerelle=preview/.test(location.search);

  const say = (name) =>
    words[name]?.[/^fr/i.test(locale || here?.session.learner.locale || page.documentElement.lang) ? 0 : 1];
  // `away`: nobody has judged the call.
  const failure = (code, status, detail = code, away = false) => {
    const name = away ? "away" : status === 401 || code === "invalid_code" ? "again" : code;
    return Object.assign(new Error(say(name) ?? detail), { code, status, away });
  };
  const emit = (name, detail) => page.dispatchEvent(new CustomEvent(`passerelle:${name}`, { detail }));
  const on = (name, listener) => page.addEventListener(`passerelle:${name}`, ({ detail }) => listener(detail));
  const warn = (text) => console.warn(`Passerelle: ${text}`);
  const tellOf = (error) => {
    message = error.message;
    warn(`${error.code} ${error.reason ?? message}`);
    render();
    emit("error", error);
  };
  const report = (error) => {
    tellOf(error);
    throw error;
  };

  // Where the browser refuses storage, or it is full, a plain object lives as long as the page.
  const area = (name) => {
    const memory = {};
    let real;
    try {
      real = globalThis[name];
    } catch {}
    const store = (name, value) => {
      const text = JSON.stringify(value);
      try {
        if (!text) return JSON.parse(memory[name] ?? real?.[name]);
        memory[name] = text;
        real[name] = text;
        delete memory[name];
      } catch {}
    };
    store.names = (start) => Object.keys({ ...real, ...memory }).filter((name) => name.startsWith(start)).sort();
    store.drop = (name) => {
      delete memory[name];
      delete real?.[name];
    };
    store.fleeting = () => Object.keys(memory).length;
    return store;
  };
  // Tokens lie in `brief`, which ends with the tab; finished work, and who came last, in `lasting`.
  const brief = area("sessionStorage");
  const lasting = area("localStorage");
  const records = () => brief(key) ?? [];
  const save = (change) => brief(key, change(records()).sort((a, b) => a.id - b.id).slice(-20));
  const drop = (record, ...more) => save((list) => [...list.filter(({ id }) => id !== record.id), ...more]);
  const keep = (record) => drop(record, record);
  const landings = () => lasting(`${key}landings`) ?? {};

  // A place is a path, and the route of a hash router.
  const where = () => location.pathname + (/^#\/./.test(location.hash) ? location.hash : "");
  // How closely a session's landing page covers a place: by itself, or by its folder. 0: not at all.
  const covers = (path, place) => {
    if (!path.includes("#") || !place.includes("#")) [path, place] = [path, place].map((each) => each.split("#")[0]);
    return [`${path}/`, path.replace(/[^/]*$/, "")].find((start) => `${place}/`.startsWith(start))?.length ?? 0;
  };
  // The session of a place: the longest path wins, then the launch of this history entry, then the latest. What another
  // module's landing page covers more closely is that module's.
  const pick = (place, asked, tied) => {
    let best, most = 1;
    for (const record of [...records(), here?.record]) {
      const { id, path, over, module } = record ?? {};
      const own = path ? covers(path, place) : 0;
      const fits = module && asked ? module.slug === asked : own && !(module && Object.entries(landings())
        .some(([other, [, slug]]) => slug !== module.slug && covers(other, place) > own));
      const rank = path && fits ? 1 + own + (id === tied) / 2 + (over ? 0 : 9999) : 0;
      if (rank >= most) [most, best] = [rank, record];
    }
    return best;
  };
  const given = (name) => page.querySelector(`[data-passerelle-${name}]`)?.getAttribute(`data-passerelle-${name}`);
  const mine = () => pick(where(), given("module"), landed?.id ?? history.state?.passerelle);

  // Tabs speak on a channel: a new one asks for the session of its place; one that has reported says so. A session is
  // lent while its learner is the last who came there, a teacher's never.
  const lends = (record) => record?.token && record.role === "learner" && !record.preview
    && landings()[record.path]?.[0] === record.learner.id;
  const listen = ({ data: { done, ask, from, give, to } }) => {
    if (done && done === here?.shelf) here.refresh().catch(quiet);
    const lent = ask && pick(ask);
    if (lends(lent)) channel.postMessage({ give: lent, to: from });
    if (to === tab && lends(give)) {
      keep(give);
      setTimeout(answered, 100);
    }
  };
  const ask = () => new Promise((resume) => {
    answered = resume;
    channel?.postMessage({ ask: where(), from: tab });
    setTimeout(resume, channel ? 1000 : 0);
  });
  const locate = (address) => {
    base = new URL(".", address).href;
    if (key === `passerelle ${base} `) return;
    key = `passerelle ${base} `;
    channel?.close();
    try {
      channel = new BroadcastChannel(key);
      channel.onmessage = listen;
    } catch {}
  };

  // The code, wherever a router has put it; at the latest, in the address with which the navigation began.
  const take = () => {
    const found = pattern.exec(location.hash);
    const [, , text] = found ?? pattern.exec(performance.getEntriesByType("navigation")[0]?.name) ?? [];
    if (found) {
      const clean = location.href.replace(pattern, (all, lead) => (/[#/]/.test(lead) || all.endsWith("&") ? lead : ""));
      history.replaceState(history.state, "", clean.replace(/#$/, ""));
    }
    if (!text || text === code) return;
    if (here) leave();
    code = text;
    landed = { id: Date.now() + tab, path: where(), code };
    if (key) keep(landed);
  };

  // What few pages need comes when it is needed. The first part knows the others, and their hashes.
  const load = (name, integrity) => new Promise((onload, refuse) => page.head.append(create("script", {
    src: new URL(`passerelle-${name}-${version}.js`, Passerelle.src), integrity, crossOrigin: "", nonce, onload,
    onerror: () => refuse(failure("network", 0, "", true)),
  })));
  const part = (name, element) => (first ??= load("parts", "HASH").then(() => Passerelle.parts({
    words, say, failure, each, given, load, lasting, create, warn, tellOf, current, attend, on, base: () => base, here: () => here,
  })).catch((error) => {
    setTimeout(() => (first = null), 9999);
    throw error;
  })).then((open) => open(name, element));

  const caller = (record) => async (method, path, body) => {
    const { token, over } = record;
    if (over) throw failure("session_expired", 401);
    const text = JSON.stringify(body);
    // A body is judged before the server knows whose it is, so the page says in which language.
    const headers = { "Content-Type": "application/json", "Accept-Language": say("lang") };
    if (token) headers.Authorization = `Bearer ${token}`;
    const send = (keepalive) => fetch(`${base}api/${path}`, {
      method, headers, body: text, keepalive, cache: "no-store", signal: AbortSignal.timeout?.(20000),
    });
    let response, type, answer;
    try {
      // Browsers let at most 64 KiB outlive the page. A broken connection is a TypeError, and worth a second try: every
      // call may be repeated.
      response = await send(new Blob([text]).size < 60000).catch((error) => {
        if (error.name !== "TypeError") throw error;
        return new Promise((resume) => setTimeout(resume, 1000)).then(() => send(false));
      });
      type = response.headers.get("Content-Type");
      answer = /json/.test(type) ? await response.json() : response.status === 204 && {};
    } catch {
      throw failure("network", 0, "", true);
    }
    const { status, ok } = response;
    if (ok && answer) return answer;
    // Only a problem of ours has a code; whatever stands in front of us knows nothing of it.
    const { code, detail, reason } = (/problem/.test(type) && answer) || {};
    // The page still knows whose work it is, and keeps it for the next launch.
    if (code && status === 401 && token) {
      delete record.token;
      record.over = true;
      keep(record);
    }
    throw Object.assign(failure(code ?? "refused", status, detail, !code || /408|429|5../.test(status)), { reason });
  };

  const make = (record, stage) => {
    const { token, id, path, over, ...fields } = record;
    const { learner, module, scope, activity, run } = record;
    const call = caller(record);
    const shelf = `${key}unsent ${learner.id} ${module?.slug} ${scope === "activity" ? activity?.id : "-"} `;
    const outcomes = {};
    const tired = {};
    let lost = "";
    let timer, wait, sending, queued;

    const update = (progress) => {
      session.progress = record.progress = progress;
      if (!stage) keep(record);
      if (here !== self) return progress;
      message = lost;
      if (progress?.grade.status === "pending" && !stage) later();
      else wait = 0;
      render();
      emit("progress", progress);
      return progress;
    };
    const request = async (method, path, body) =>
      stage && path === "progress" ? stage.answer(record, body) : call(method, path, body);
    const refresh = () => request("GET", "progress").then(update).catch(report);
    // While something is owed, to the server or to Moodle, the page looks again after 15 s, 30 s … 10 min.
    const later = () => {
      clearTimeout(timer);
      wait = Math.min(wait * 2 || 15000, 600000);
      timer = setTimeout(self.sync, wait);
    };

    // Each piece of work is an entry of its own: tabs never write over each other's. It belongs to the person: their next
    // launch sends it, somebody else's does not.
    const waiting = () => lasting.names(`${shelf}${run} `);
    const deliver = (names) => request("POST", "progress", { grains: names.map((name) => lasting(name)), run });
    const batch = (most) => {
      let size = 0;
      return waiting().filter((name) => !tired[name])
        .filter((name, index) => index < most && (size += JSON.stringify(lasting(name)).length) < 60000);
    };
    const drain = async () => {
      let refusal, most = 500;
      for (let names; (names = batch(most)).length;) {
        const [name] = names;
        try {
          const answer = await deliver(names);
          for (const name of names) {
            lasting.drop(name);
            outcomes[name] = true;
          }
          update(answer);
          channel?.postMessage({ done: shelf });
        } catch (error) {
          const { status, away } = error;
          const judged = !away && /400|403|41[35]/.test(status);
          const unknown = !away && status === 422;
          if (!judged && !unknown) {
            if (status !== 401) later();
            const fleeting = lasting.fleeting();
            if (!fleeting || status !== 401) error.message += say("kept") + (fleeting ? say("stay") : "");
            throw error;
          }
          // One of them is to blame: each by itself.
          if (names.length > 1) {
            most = 1;
            continue;
          }
          outcomes[name] = error;
          // A grain may be renamed for an hour.
          if (judged || Date.now() - name.split(" ").at(-2) > 2592e6) lasting.drop(name);
          else {
            tired[name] = setTimeout(() => delete tired[name], 600000);
            error.message += say("kept");
          }
          refusal = error;
        }
      }
      if (refusal) tellOf(refusal);
    };
    // One sender at a time, in all tabs; who comes while another waits goes with it.
    const flush = () => (queued ??= sending = Promise.resolve(sending).catch(quiet).then(() => {
      const act = () => {
        queued = null;
        return drain();
      };
      // Where storage is refused, so are locks.
      return navigator.locks && !lasting.fleeting() ? navigator.locks.request(shelf, act) : act();
    }).catch(report));
    const put = async (status, grain, score) => {
      const work = { grain, status, score };
      if (stage) return request("POST", "progress", work).then(update).catch(report);
      const name = `${shelf}${run} ${Date.now()} ${Math.random()}`;
      lasting(name, work);
      lost = "";
      render();
      await flush();
      const outcome = outcomes[name];
      if (outcome?.message) throw outcome;
      return outcome ? session.progress : refresh();
    };
    const complete = (grain, score) => {
      if (score !== undefined && !(typeof score === "number" && score >= 0 && score <= 1)) {
        throw new TypeError(`score "${score}" of "${grain}"`);
      }
      return put("completed", grain, score);
    };
    const me = async () => (await part("me"))(request);
    const state = (grain) => {
      const act = (name) => async (value) => (await part("state"))(self, grain)[name](value);
      return { get: act("get"), set: act("set") };
    };
    const end = () => request("DELETE", "session").then(() => {
      drop(record);
      leave();
      emit("end");
    }).catch(report);

    const session = { ...fields, complete, start: (grain) => put("started", grain), refresh, state, me, end, on, request };
    const self = {
      record, session, shelf, stage, waiting, refresh, flush, update,
      stop: () => clearTimeout(timer),
      sync: () => (batch(1).length ? flush() : refresh()).catch(quiet),
      // The page goes: what waits is sent without waiting for anybody.
      part: () => waiting().length && deliver(batch(99)).catch(quiet),
      // Work of an attempt that somebody has ended is not this attempt's, which is told until there is new work.
      clear() {
        const old = lasting.names(shelf).filter((name) => parseInt(name.slice(shelf.length)) < run);
        old.forEach(lasting.drop);
        if (old.length) {
          part("words").then(() => {
            tellOf(failure("restarted", 409));
            lost = message;
          });
        }
      },
    };
    return self;
  };

  const leave = () => {
    here?.stop();
    here?.stage?.leave();
    here = connecting = null;
  };
  // The session of the place where the page is now: routes change without a load. A real one wins over a preview.
  const ensure = () => {
    const best = here && mine();
    if (here && (best ? best.id !== here.record.id : here.record.path)) leave();
    return here;
  };
  const refuse = async (name) => {
    if (!words[name]) await part("words");
    throw failure(name, 400);
  };
  const enter = async ({ api } = {}) => {
    locate(api ? `${api}/` : Passerelle.src);
    if (landed?.code) keep(landed);
    let record = mine();
    if (!record || record.over) {
      await ask();
      record = mine();
    }
    if (!record && !rehearses) await refuse(pick(where()) ? "wrong_module" : "no_session");
    record ??= (await part("preview")).record();
    // A code that the server never saw stays in the record: the next connect(), or a reload, tries it again.
    const { code } = record;
    if (code) {
      if (landed?.code === code) delete landed.code;
      Object.assign(record, await caller(record)("POST", "session", { code }).catch((error) => {
        if (!error.away) drop(record);
        throw error;
      }));
      delete record.code;
      // Somebody else's sessions in this tab are over.
      save((list) => list.filter(({ learner }) => learner?.id === record.learner.id));
      keep(record);
      lasting(`${key}landings`, { ...landings(), [record.path]: [record.learner.id, record.module?.slug] });
      if (mine()?.id !== record.id) await refuse("wrong_module");
    }
    here = make(record, record.role === "learner" && !record.preview ? null : await part("preview"));
    if (record.over) throw failure("session_expired", 401);
    here.update(record.progress);
    if (!code && record.module) {
      await here.refresh().catch((error) => {
        if (!error.away) throw error;
      });
    }
    here.clear();
    if (here.waiting().length) here.flush().catch(quiet);
    if (lasting.names(here.shelf.replace("unsent", "state")).length) part("state").then(({ drain }) => drain(here)).catch(quiet);
    look();
    return here.session;
  };
  const connect = (options) => {
    ensure();
    return (connecting ??= enter(options).catch((error) => {
      connecting = null;
      report(error);
    }));
  };

  const roots = new Set([page]);
  const each = (name, act) => roots.forEach((root) => root.querySelectorAll(`[data-passerelle-${name}]`).forEach(act));
  const set = (element, name, value) => {
    if (value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== `${value}`) element.setAttribute(name, value);
  };
  const tell = (element, text, href) => {
    set(element, "role", "status");
    const label = say("moodle");
    if (element.textContent === (href ? `${text} ${label}` : text)) return;
    element.textContent = text;
    if (href) element.append(" ", create("a", { href, target: "_top", textContent: label }));
  };
  // Elements of the library's own: beside what was clicked, and at the foot of the page.
  const own = (name) => {
    const element = create(name);
    element.dataset.passerelleOwn = name;
    return element;
  };
  const aside = own("span");
  const bar = own("div");

  const render = () => {
    const link = message && !here && given("moodle");
    tell(aside, message || hint, link);
    if (!settled) return;
    let told = aside.isConnected || !message;
    each("message", (element) => {
      tell(element, message, link);
      told = true;
    });
    if (told) bar.remove();
    else {
      tell(bar, message, link);
      if (!bar.isConnected) page.body.append(bar);
    }
    const { learner, progress } = here?.session ?? {};
    if (!progress) return;
    const { grains, completed: value, total, grade: { status: moodle } } = progress;
    // How a grade has failed is rarely said: another part knows the words.
    if (!words[moodle] && moodle !== "none") part("words").then(() => words[moodle] && render(), quiet);
    const max = total || 1;
    const name = learner.name ?? "";
    const state = say(here.waiting().length ? "unsent" : moodle);
    const count = say("count")(value, total);
    const next = grains.find(({ status }) => status !== "completed");
    each("learner", (element) => element.textContent === name || (element.textContent = name));
    each("grain", (element) => {
      const grain = grains.find(({ slug }) => slug === element.dataset.passerelleGrain);
      set(element, "data-passerelle-status", grain?.status);
      set(element, "data-passerelle-next", grain && grain === next ? "" : undefined);
      if (element.matches("button")) set(element, "aria-pressed", grain && grain.status === "completed");
    });
    each("progress", (element) => {
      if (!element.matches("progress")) tell(element, state ? `${count} — ${state}` : count);
      else if (element.max !== max || element.value !== value) Object.assign(element, { max, value });
    });
  };

  // What is on the page now: elements come and go after the load, and so do routes.
  const seen = new Set();
  const once = (slug, act) => seen.has(slug) || (seen.add(slug), act());
  const look = () => {
    if (ensure()?.session.progress && !here.record.over) {
      here.stage?.show(here);
      const { grains } = here.session.progress;
      for (const name of ["grain", "start"]) {
        each(name, (element) => {
          const slug = element.getAttribute(`data-passerelle-${name}`);
          if (!grains.some((grain) => grain.slug === slug)) {
            once(slug, () => warn(`no grain "${slug}", but ${grains.map(({ slug }) => slug).join(", ")}`));
          } else if (name === "start" && !element.matches("a, button")) begin(slug);
        });
      }
    } else if (!here && !connecting && tried !== where()) {
      for (const name of ["grain", "progress", "message", "learner", "me", "start"]) each(name, () => (tried = where()));
      if (tried === where()) connect().catch(quiet);
    }
    for (const name of ["me", "score", "scorm", "h5p", "messages", "watch", "read", "quiz"]) {
      each(name, (element) => part(name, element).catch(quiet));
    }
    render();
  };
  const begin = (slug) => {
    const fresh = here.session.progress.grains.find((grain) => grain.slug === slug)?.status === "none";
    if (fresh) once(`start ${slug}`, () => here.session.start(slug).catch(quiet));
  };
  const soon = () => (looking ??= setTimeout(() => {
    looking = null;
    look();
  }, 30));
  const observer = new MutationObserver(soon);
  const scan = (root = page) => {
    roots.add(root);
    observer.observe(root, {
      childList: true, subtree: true, attributeFilter: ["data-passerelle-grain", "data-passerelle-start"],
    });
    look();
  };
  const sync = async () => {
    if (here?.record.over) await ask();
    tried = 0;
    if (here && !here.record.over) here.sync();
    else if (ready) look();
  };

  const current = async () => (ensure() ?? (await connect(), here)).session;
  // Works for a button: it is busy meanwhile, and what there is to say appears beside it.
  const attend = async (button, work) => {
    if (aside.previousSibling !== button) button.after(aside);
    message = hint = "";
    render();
    const focused = page.activeElement === button;
    set(button, "aria-busy", "true");
    // Not in the click itself, which may have something else to do.
    const hold = setTimeout(() => (button.disabled = true));
    try {
      const { grains } = await work(await current());
      const next = grains.find(({ status }) => status !== "completed");
      hint = next ? say("next") + next.title : "";
    } catch (error) {
      message ||= error.message;
    }
    render();
    clearTimeout(hold);
    button.removeAttribute("aria-busy");
    button.disabled = false;
    if (focused && page.activeElement === page.body) button.focus({ preventScroll: true });
  };
  const act = (button) => attend(button, async ({ complete }) => {
    const { passerelleGrain: grain, passerelleScore: text } = button.dataset;
    return complete(grain, text === undefined || /^(0(\.\d+)?|1)$/.test(text) ? text && Number(text) : (await part("score"))(text, grain));
  });
  addEventListener("click", (event) => {
    const find = (selector) => event.composedPath()[0].closest?.(selector);
    if (find("[data-passerelle-me]")) {
      event.preventDefault();
      current().then(({ me }) => me()).catch(quiet);
    }
    const start = find(":is(button, a)[data-passerelle-start]");
    if (start) current().then(() => begin(start.dataset.passerelleStart)).catch(quiet);
    const button = find(":is(button, a)[data-passerelle-grain]");
    if (button && !button.matches("[aria-busy]")) act(button);
    const link = find("a[href]");
    if (link) here?.stage?.follow(here, link);
  });

  const preview = () => {
    rehearses = true;
    return connect().catch(() => connect());
  };
  globalThis.Passerelle = {
    connect,
    on,
    scan,
    preview,
    version,
    src,
    set locale(language) {
      locale = language;
      render();
    },
  };
  if (src) locate(src);
  take();

  try {
    const sheet = new CSSStyleSheet();
    // In a layer, so that any rule of the page's own has the last word.
    sheet.replaceSync("@layer passerelle{:is(button,a)[data-passerelle-status=completed]::before{content:'✓ '}"
      + "[data-passerelle-own]{padding:.5em}"
      + "div[data-passerelle-own]{position:sticky;bottom:0;background:#222;color:#fff}"
      + "div[data-passerelle-own] a{color:#fff}}");
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
  } catch {}

  // Frameworks compare the page's text with their own before they take it over: nothing is written until then.
  const settle = () => {
    if (landed) history.replaceState({ ...history.state, passerelle: landed.id }, "");
    landed = null;
    settled = true;
    look();
  };
  // "load" is for a script tag with `async`, which may come after "DOMContentLoaded".
  const start = () => {
    if (!ready) setTimeout(settle, 3000);
    ready = true;
    scan();
  };
  const loaded = () => {
    start();
    setTimeout(settle, 200);
  };
  addEventListener("DOMContentLoaded", start);
  if (page.readyState === "complete") setTimeout(loaded);
  else addEventListener("load", loaded);
  addEventListener("online", sync);
  addEventListener("pageshow", ({ persisted }) => persisted && sync());
  page.addEventListener("visibilitychange", () => page.hidden || sync());
  addEventListener("popstate", () => {
    take();
    soon();
  });
  addEventListener("pagehide", () => here?.part());
  addEventListener("beforeunload", (event) => {
    if (here?.waiting().length && lasting.fleeting()) event.preventDefault();
  });
})();
