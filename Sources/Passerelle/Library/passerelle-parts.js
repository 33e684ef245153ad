// The first part: knows the others with their hashes, and holds what is short and rarely needed.
Passerelle.parts = (tools) => {
  const { words, failure, load, tellOf } = tools;
  Object.assign(words, {
    wrong_module: ["Cette page est celle d’une autre activité. Ouvrez-la dans Moodle.",
      "This page is another activity’s. Open it in Moodle."],
    unreadable: ["Score illisible, rien n’est enregistré : dites-le à votre enseignant.",
      "Unreadable score, nothing is recorded: tell your teacher."],
    restarted: ["L’activité a été recommencée : le travail d’avant ne compte plus.",
      "The activity was restarted: earlier work no longer counts."],
    failed: ["note non transmise", "grade not delivered"],
    emptied: ["Moodle n’a plus la note", "Moodle no longer has the grade"],
    gone: ["l’activité n’existe plus dans Moodle", "the activity no longer exists in Moodle"],
  });

  // 0.8, 0,8, 80%, 4/5.
  const score = (text, grain) => {
    const [, number, percent, whole] = /^\s*([\d.,]+)\s*(?:(%)|\/\s*([\d.,]+))?\s*$/.exec(text) ?? [];
    const value = (digits) => Number(digits?.replace(",", "."));
    const read = value(number) / (percent ? 100 : whole ? value(whole) : 1);
    if (read <= 1) return read;
    const error = Object.assign(failure("unreadable", 400), { reason: `score "${text}" of "${grain}"` });
    tellOf(error);
    throw error;
  };
  // The tab opens in the click, before its address is known: later it would be taken for an advertisement.
  const me = async (request) => {
    const opened = open("", "_blank");
    const { me: address } = await request("POST", "code").catch((error) => {
      opened?.close();
      tellOf(error);
      throw error;
    });
    if (!opened) return location.assign(address);
    opened.opener = null;
    opened.location.replace(address);
  };

  const own = { score, me, words };
  const hashes = {
    preview: "HASH-preview", state: "HASH-state", scorm: "HASH-scorm", cmi: "HASH-cmi", xapi: "HASH-xapi", media: "HASH-media",
    quiz: "HASH-quiz",
  };
  const files = { h5p: "xapi", messages: "xapi", watch: "media", read: "media" };
  const loaded = {};
  const known = {};
  const part = (file) => (loaded[file] ??= load(file, hashes[file]).then(() => Passerelle.parts[file]({ ...tools, part }))
    .catch((error) => {
      setTimeout(() => delete loaded[file], 9999);
      throw error;
    }));

  // A part by its name; with an element, what the part does for that, once.
  return async (name, element) => {
    if (own[name]) return own[name];
    const opened = await part(files[name] ?? name);
    if (!element) return opened;
    const elements = (known[name] ??= new WeakSet());
    if (elements.has(element)) return;
    elements.add(element);
    opened[name](element);
  };
};
