// The part that hears what players say in xAPI statements: H5P on this page, and frames of other sites.
Passerelle.parts.xapi = ({ current, warn, base }) => {
  const quiet = () => {};
  const verbs = /\/(answered|completed|passed|failed)$/;
  const number = (value) => typeof value === "number" && isFinite(value);

  // The score of a result, 0 to 1; undefined where it has none: 0 of 0, null.
  const scoreOf = ({ raw, min, max, scaled } = {}) => {
    const low = number(min) ? min : 0;
    if (max === null || raw === null || number(max) && max <= low) return undefined;
    const score = number(scaled) ? scaled : number(raw) && number(max) ? (raw - low) / (max - low) : undefined;
    return score === undefined ? score : Math.min(Math.max(score, 0), 1);
  };
  // One player: the grain that it earns, what it has reported, whether it has said how it ended.
  const player = () => {
    let best = -1, ended = false;
    const earn = async (grain, score) => {
      if ((score ?? 1) <= best) return;
      best = score ?? 1;
      await (await current()).complete(grain, score);
    };
    const hear = async (grain, statement) => {
      const [, verb] = verbs.exec(statement?.verb?.id) ?? [];
      const { result, object, context } = statement ?? {};
      const session = await current();
      document.dispatchEvent(new CustomEvent("passerelle:statement", { detail: {
        id: crypto.randomUUID?.(), timestamp: new Date().toISOString(), ...statement,
        actor: { objectType: "Agent", account: { homePage: base(), name: session.learner.id } },
      } }));
      // A part of a whole: the whole counts.
      if (!verb || context?.contextActivities?.parent?.length || /[?&]subContentId=/.test(object?.id)) return;
      if (verb === "answered" && ended) return;
      ended ||= verb !== "answered";
      if (!grain) return warn(`"${verb}" of ${object?.id} names no grain: data-passerelle-grain is missing`);
      await earn(grain, scoreOf(result?.score) ?? (verb === "failed" ? 0 : undefined));
    };
    return { earn, hear };
  };

  const containers = new Map();
  const dispatchers = new WeakSet();
  const local = "http://h5p.org/x-api/h5p-local-content-id";
  const listen = (dispatcher) => {
    if (!dispatcher || dispatchers.has(dispatcher)) return;
    dispatchers.add(dispatcher);
    dispatcher.on("xAPI", ({ data: { statement } }) => {
      const id = statement.object?.definition?.extensions?.[local];
      const shown = [...containers].filter(([{ isConnected }]) => isConnected);
      const [container, { hear } = {}] = shown.find(([each]) => shown.length === 1
        || [...each.querySelectorAll("[data-content-id]")].some(({ dataset }) => dataset.contentId === String(id))) ?? [];
      hear?.(container.dataset.passerelleGrain, statement).catch(quiet);
    });
  };
  // Players come when they have loaded, in the page itself or in a frame of it.
  const look = (container) => {
    listen(globalThis.H5P?.externalDispatcher);
    for (const frame of container.querySelectorAll("iframe")) {
      try {
        listen(frame.contentWindow.H5P?.externalDispatcher);
      } catch {}
    }
    if (container.isConnected) setTimeout(look, 300, container);
  };

  const frames = new Map();
  addEventListener("message", ({ origin, source, data }) => {
    const frame = source && [...frames.keys()].find(({ contentWindow }) => contentWindow === source);
    const allowed = frame?.dataset.passerelleMessages.split(/\s+/).some((each) => each.replace(/\/$/, "") === origin);
    if (!allowed) return;
    let message = data;
    try {
      if (typeof data === "string") message = JSON.parse(data);
    } catch {
      return;
    }
    const grain = frame.dataset.passerelleGrain;
    const { earn, hear } = frames.get(frame);
    const { passerelle, statement } = message ?? {};
    if (passerelle) {
      const { grain: named = grain, score } = passerelle;
      if (typeof named !== "string" || grain && named !== grain) return warn(`a frame may not earn grain "${named}"`);
      if (score !== undefined && !(number(score) && score >= 0 && score <= 1)) return warn(`score "${score}" of "${named}"`);
      earn(named, score).catch(quiet);
    } else if (statement?.verb || message?.verb) hear(grain, statement ?? message).catch(quiet);
  });

  return {
    h5p(container) {
      containers.set(container, player());
      look(container);
    },
    messages(frame) {
      frames.set(frame, player());
    },
  };
};
