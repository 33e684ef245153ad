// The part that keeps a small value for each grain, here until the server has it (GET and PUT /api/state).
Passerelle.parts.state = ({ lasting, base, warn, failure }) => {
  const boxes = {};
  const limit = 65536;
  const quiet = () => {};
  let gone = false;
  const bytes = (text) => new Blob([text]).size;
  // Where a learner's values of this module lie until they are sent; then come the run and the grain.
  const shelf = ({ shelf }) => shelf.replace("unsent", "state");

  const box = (name, grain) => {
    // An entry that is there already was left by an earlier page: it loses against what came after it.
    let stale = !!lasting(name);
    let self, known, tag, timer, sending, wait = 0;
    const call = (method, body, fields) => {
      const { token, over } = self.record;
      if (over || !token) throw failure("session_expired", 401);
      return fetch(`${base()}api/state?run=${self.record.run ?? 0}&grain=${encodeURIComponent(grain)}`, {
        method, body, cache: "no-store", keepalive: !body || bytes(body) < 60000,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...fields },
        signal: AbortSignal.timeout?.(20000),
      });
    };
    const problem = async (response) => /problem/.test(response.headers.get("Content-Type")) ? response.json() : {};
    const later = (pause) => {
      clearTimeout(timer);
      timer = setTimeout(() => flush().catch(quiet), pause);
    };
    const send = async () => {
      const entry = lasting(name);
      if (!entry) return;
      const text = JSON.stringify(entry.value);
      // A page that goes does not hear whether it was heard.
      const { sent } = entry;
      lasting(name, { ...entry, sent: text });
      const fields = !stale ? {} : entry.tag ? { "If-Match": entry.tag } : { "If-None-Match": "*" };
      const response = await call("PUT", text, fields);
      const { code, detail, value } = response.ok ? {} : await problem(response);
      if (response.ok) tag = response.headers.get("ETag");
      else if (!code || /401|408|422|429|5../.test(response.status)) {
        if (response.status === 422) warn(`the state of "${grain}" is kept: ${code}`);
        throw failure(code ?? "refused", response.status, detail, true);
      } else if (code === "state_changed" && [sent, text].includes(JSON.stringify(value))) {
        // What is there came from here: this goes on from it.
        lasting(name, { ...lasting(name), tag: response.headers.get("ETag") });
        if (JSON.stringify(value) !== text) return send();
      } else warn(`the state of "${grain}" is dropped: ${code}`);
      wait = 0;
      stale = false;
      // Something newer may have come meanwhile.
      if (JSON.stringify(lasting(name)?.value) === text) lasting.drop(name);
      else later(0);
    };
    // One request at a time, but for a page that goes.
    const flush = () => {
      clearTimeout(timer);
      timer = null;
      return (sending = (gone ? send() : Promise.resolve(sending).catch(quiet).then(send)).catch((error) => {
        if (error.status !== 401) later((wait = Math.min(wait * 2 || 15000, 600000)));
        throw error;
      }));
    };
    const get = async () => {
      if (self.stage) return known;
      if (stale) await flush().catch(quiet);
      const entry = lasting(name);
      if (entry) return entry.value;
      const response = await call("GET").catch((error) => {
        throw error.code ? error : failure("network", 0, "", true);
      });
      if (response.ok) {
        tag = response.headers.get("ETag");
        return response.json();
      }
      const { code, detail } = await problem(response);
      if (code !== "no_state") throw failure(code ?? "refused", response.status, detail, !code);
    };
    // Kept at once, sent a second later with what came meanwhile.
    const put = (value) => {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError(`no state of "${grain}"`);
      if (bytes(text) > limit) throw new RangeError(`the state of "${grain}" is longer than ${limit} bytes`);
      known = value;
      if (self.stage) return;
      stale = false;
      lasting(name, { value, tag, sent: lasting(name)?.sent });
      if (gone) hurry();
      else if (!timer) later(1000);
    };
    const hurry = () => lasting(name) && flush().catch(quiet);
    return {
      get, put, hurry,
      set: async (value) => put(value),
      of(owner) {
        self = owner;
        return this;
      },
    };
  };

  // A page that goes sends without waiting for anybody.
  const all = () => Object.values(boxes).forEach(({ hurry }) => hurry());
  const leave = (isGone) => {
    gone = isGone;
    all();
  };
  addEventListener("online", all);
  addEventListener("pagehide", () => leave(true));
  addEventListener("pageshow", () => leave(false));
  document.addEventListener("visibilitychange", () => document.hidden && all());

  const open = (self, grain) => {
    const name = `${shelf(self)}${self.record.run ?? 0} ${grain}`;
    return (boxes[name] ??= box(name, grain)).of(self);
  };
  // What earlier pages could not send: of this run it is sent, of one that was ended it is dropped.
  open.drain = (self) => {
    const start = shelf(self);
    for (const name of lasting.names(start)) {
      const [run, ...grain] = name.slice(start.length).split(" ");
      if (Number(run) < (self.record.run ?? 0)) lasting.drop(name);
      else open(self, grain.join(" ")).hurry();
    }
  };
  return open;
};
