// The part that answers a SCORM package: the data models of SCORM 1.2 and of SCORM 2004 (4th edition), for one SCO.
Passerelle.parts.cmi = ({ warn }) => {
  // The data models: elements by version, each with how it may be used (r: only read, w: only written, k: not kept) and
  // what it may hold. `n` stands for an index.
  const score = (name, kinds) => kinds.split(" ").map((kind) => `${name}score.${kind}:${kind === "scaled" ? "u" : "n"}`).join(" ");
  const models = {
    1.2: {
      prefix: "LMS", status: "core.lesson_status", score: "core.score.", time: "core.session_time", place: "core.lesson_location",
      full: { "core.lesson_location": 255, suspend_data: 4096 },
      elements: "core.student_id:r core.student_name:r core.lesson_location core.credit:r core.lesson_status:s core.entry:r "
        + `${score("core.", "raw min max")} core.total_time:r core.lesson_mode:r core.exit:wke core.session_time:wkt suspend_data `
        + "launch_data:r comments comments_from_lms:r student_data.mastery_score:r student_data.max_time_allowed:r "
        + "student_data.time_limit_action:r student_preference.audio:n student_preference.language student_preference.speed:n "
        + `student_preference.text:n objectives.n.id ${score("objectives.n.", "raw min max")} objectives.n.status:s `
        + "id objectives.n.id time type correct_responses.n.pattern weighting student_response result latency"
          .split(" ").map((name) => `interactions.n.${name}:${name === "id" ? "w" : "wk"}`).join(" "),
      types: {
        s: /^(passed|completed|failed|incomplete|browsed|not attempted)$/, e: /^(time-out|suspend|logout|)$/,
        t: /^\d{2,4}:\d\d:\d\d(\.\d+)?$/,
      },
      codes: { twice: 101, early: 301, late: 301, read: 403, write: 404, type: 405, range: 405,
        keyword: 402, children: 202, count: 203, index: 201, unset: 0, order: 201 },
    },
    2004: {
      prefix: "", status: "completion_status", score: "score.", time: "session_time", place: "location",
      full: { location: 1000, suspend_data: 64000 },
      elements: "learner_id:r learner_name:r location completion_status:c success_status:s credit:r entry:r mode:r exit:wke "
        + `session_time:wkt total_time:r suspend_data launch_data:r completion_threshold:r scaled_passing_score:r `
        + `max_time_allowed:r time_limit_action:r progress_measure:p ${score("", "scaled raw min max")} `
        + "learner_preference.audio_level:n learner_preference.language learner_preference.delivery_speed:n "
        + `learner_preference.audio_captioning objectives.n.id ${score("objectives.n.", "scaled raw min max")} `
        + "objectives.n.success_status:s objectives.n.completion_status:c objectives.n.progress_measure:p objectives.n.description "
        + "id type objectives.n.id timestamp correct_responses.n.pattern weighting:n learner_response result latency description"
          .split(" ").map((name) => `interactions.n.${name}`).join(" ")
        + " comment location timestamp".replace(/ (\w+)/g, " comments_from_learner.n.$1 comments_from_lms.n.$1:r"),
      types: {
        s: /^(passed|failed|unknown)$/, c: /^(completed|incomplete|not attempted|unknown)$/,
        e: /^(time-out|suspend|logout|normal|)$/, t: /^P(?=.)(\d+[YMD])*(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/,
      },
      codes: { twice: 103, early: { G: 122, S: 132, C: 142, T: 112 }, late: { I: 104, G: 123, S: 133, C: 143, T: 113 },
        read: 404, write: 405, type: 406, range: 407, keyword: 404, children: 301, count: 301, index: 301, unset: 403, order: 351 },
    },
  };
  const texts = {
    0: "No error", 101: "General exception", 103: "Already initialized", 104: "Content instance terminated",
    112: "Termination before initialization", 113: "Termination after termination", 122: "Retrieve data before initialization",
    123: "Retrieve data after termination", 132: "Store data before initialization", 133: "Store data after termination",
    142: "Commit before initialization", 143: "Commit after termination", 201: "Invalid argument",
    202: "Element cannot have children", 203: "Element is not an array", 301: "Not initialized, or no such value",
    351: "Out of order", 401: "Undefined element", 402: "Element is a keyword", 403: "Read only, or not initialized",
    404: "Read or write only", 405: "Incorrect type, or write only", 406: "Type mismatch", 407: "Out of range", 408: "Id first",
  };

  // Times in seconds: 0000:00:02.54, PT0H0M6.21S.
  const seconds = (text = "") => {
    const [h, m, s] = text.split(":").map(Number);
    if (text.includes(":")) return h * 3600 + m * 60 + s;
    const units = { D: 86400, H: 3600, M: 60, S: 1 };
    const [date, time = ""] = text.split("T");
    return [...`${date.replace(/M/, "")}T${time}`.matchAll(/([\d.]+)([DHMS])/g)].reduce((all, [, n, unit]) => all + n * units[unit], 0);
  };
  const clock = (total, version) => {
    const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, (total % 60).toFixed(2)];
    return version === "2004" ? `PT${h}H${m}M${s}S` : [String(h).padStart(4, 0), String(m).padStart(2, 0), s.padStart(5, 0)].join(":");
  };

  // One package's API of one version. `kept` is what earlier visits left; `changed(isUrgent)` hears of what is new.
  const runtime = (version, { kept, preset, person, touched, page, changed }) => {
    const { prefix, elements, types, codes, full: limits, status, score, time } = models[version];
    const model = Object.fromEntries(elements.split(" ").map((each) => each.split(":")));
    const names = Object.keys(model);
    const is2004 = version === "2004";
    const head = is2004 ? "" : "core.";
    const resumes = Object.keys(kept?.cmi ?? {}).length > 0;
    const data = {
      ...(is2004 ? { learner_id: person.id, learner_name: person.name, mode: "normal", completion_status: "unknown",
        success_status: "unknown", location: "", suspend_data: "", completion_threshold: "", scaled_passing_score: "" }
        : { "core.student_id": person.id, "core.student_name": person.name, "core.lesson_mode": "normal",
          "core.lesson_status": "not attempted" }),
      launch_data: "", ...preset, ...kept?.cmi,
      [`${head}credit`]: "credit", [`${head}entry`]: resumes ? "resume" : "ab-initio",
    };
    // What the content has set, now or before.
    const mine = { ...kept?.cmi };
    const verdict = is2004 ? "success_status" : status;
    let before = kept?.time ?? 0;
    let phase = "early", error = 0, opening = !!kept?.opening, ended;
    const told = new Set();
    const fail = (code, value = "false") => {
      error = code;
      return value;
    };
    const once = (text) => told.has(text) || (told.add(text), warn(text));
    const count = (name) => Math.max(-1, ...Object.keys(data).map((each) =>
      each.startsWith(`${name}.`) ? parseInt(each.slice(name.length + 1)) : -1).filter((index) => index >= 0)) + 1;
    // The element of a name: its pattern, and what is known of it.
    const element = (full) => {
      const name = String(full).replace(/^cmi\./, "");
      const pattern = name.replace(/\.\d+(?=\.|$)/g, ".n");
      return { name, pattern, use: /^(cmi\.|adl\.nav)/.test(full) ? model[pattern] ?? (pattern in model ? "" : undefined) : undefined };
    };
    const children = (name) => [...new Set(names.filter((each) => each.startsWith(`${name}.`))
      .map((each) => each.slice(name.length + 1).replace(/^n\./, "").split(".")[0]))].join();
    // What the specification has the system work out itself.
    const judged = {
      completion_status: () => data.completion_threshold && data.progress_measure !== undefined
        && (Number(data.progress_measure) >= Number(data.completion_threshold) ? "completed" : "incomplete"),
      success_status: () => data.scaled_passing_score && data["score.scaled"] !== undefined
        && (Number(data["score.scaled"]) >= Number(data.scaled_passing_score) ? "passed" : "failed"),
    };
    const value = (name) => (is2004 && judged[name]?.()) || data[name];
    const running = (letter) => {
      const code = phase === "on" ? 0 : codes[phase]?.[letter] ?? codes[phase];
      error = code;
      return !code;
    };
    const plain = (text) => text === undefined || text === null || text === "";

    const get = (full) => {
      if (!running("G")) return "";
      if (full === "cmi._version") return is2004 ? "1.0" : "3.4";
      if (/^adl\.nav\.request_valid\./.test(full)) return "unknown";
      const { name, pattern, use } = element(full);
      const [, list, word] = /^(.*)\._(children|count)$/.exec(name) ?? [];
      if (word) {
        const base = list.replace(/\.\d+(?=\.|$)/g, ".n");
        if (word === "count") {
          return names.some((each) => each.startsWith(`${base}.n.`)) ? String(count(list)) : fail(names.includes(base) ? codes.count : 401, "");
        }
        return children(base) || fail(names.includes(base) ? codes.children : 401, "");
      }
      if (use === undefined) {
        if (data[name] !== undefined) return data[name];
        // Content of 1.2 that found the API of 2004 asks so.
        return fail(is2004 && /^core\./.test(name) ? 403 : 401, "");
      }
      if (/w/.test(use)) return fail(codes.write, "");
      const index = /^(.*?)\.(\d+)\./.exec(name);
      if (index && Number(index[2]) >= count(index[1])) return fail(codes.index, "");
      if (pattern === `${head}total_time`) return clock(before, version);
      return value(name) ?? fail(codes.unset, "");
    };
    const set = (full, given) => {
      if (!running("S")) return "false";
      const text = String(given);
      const { name, pattern, use } = element(full);
      if (/\._(children|count|version)$/.test(name)) return fail(codes.keyword);
      if (use === undefined) once(`SCORM ${version} has no element "${full}"`);
      else {
        if (/r/.test(use)) return fail(codes.read);
        const type = use.replace(/[wk]/g, "");
        if (types[type] && !types[type].test(text)) return fail(codes.type);
        if (/[nup]/.test(type)) {
          if (!(text.trim() && isFinite(text)) && (is2004 || text)) return fail(codes.type);
          if (type === "u" && Math.abs(text) > 1 || type === "p" && !(text >= 0 && text <= 1)) return fail(codes.range);
        }
        const [, list, index] = /^(.*?)\.(\d+)\./.exec(name) ?? [];
        if (list && Number(index) > count(list)) return fail(codes.order);
        if (is2004 && list && !/comments/.test(list) && !/\.n\.id$/.test(pattern) && data[`${list}.${index}.id`] === undefined) return fail(408);
        if (text.length > limits[pattern]) once(`"${full}" is longer than SCORM ${version} allows, and kept all the same`);
      }
      data[name] = text;
      if (use !== undefined && !use.includes("k")) mine[name] = text;
      // A `failed` with nothing, said before the learner has touched anything, is no attempt.
      if (name === verdict) opening = text === "failed" && !touched();
      changed();
      return "true";
    };
    const initialize = (argument) => {
      if (phase === "on") return fail(codes.twice);
      // A page of the package that is left may be followed by another one.
      if (phase === "late" && is2004 && ended === page()) return fail(104);
      if (!plain(argument)) return fail(201);
      before += seconds(data[time]);
      delete data[time];
      phase = "on";
      error = 0;
      changed();
      return "true";
    };
    const commit = (argument) => {
      if (!running("C")) return "false";
      if (!plain(argument)) return fail(201);
      changed(true);
      return "true";
    };
    const finish = (argument) => {
      if (!running("T")) return "false";
      if (!plain(argument)) return fail(201);
      phase = "late";
      ended = page();
      changed(true);
      return "true";
    };
    const api = {
      [`${prefix}Initialize`]: initialize, [is2004 ? "Terminate" : "LMSFinish"]: finish, [`${prefix}Commit`]: commit,
      [`${prefix}GetValue`]: (name) => String(get(name)), [`${prefix}SetValue`]: set,
      [`${prefix}GetLastError`]: () => String(error),
      [`${prefix}GetErrorString`]: (code) => (plain(code) ? "" : texts[code] ?? `Error ${code}`),
      [`${prefix}GetDiagnostic`]: (code) => (plain(code) ? texts[error] : texts[code] ?? `Error ${code}`),
    };

    return {
      api,
      started: () => phase !== "early",
      // What the next visit goes on from; without interactions where it would be too much.
      snapshot: (isShort) => ({
        scorm: version, time: before + seconds(data[time]), ...(opening && { opening }),
        cmi: Object.fromEntries(Object.entries(mine).filter(([name]) => !isShort || !name.startsWith("interactions."))),
      }),
      // Whether the grain is done, and with which score, 0 to 1.
      outcome: () => {
        const states = is2004 ? [value("success_status"), value("completion_status")] : [data[status]];
        const [scaled, raw, min, max] = ["scaled", "raw", "min", "max"].map((kind) => data[score + kind]).map((each) => (each ? Number(each) : undefined));
        const low = min ?? 0;
        const high = max ?? 100;
        const part = scaled ?? (raw !== undefined && high > low ? (raw - low) / (high - low) : undefined);
        const points = part === undefined ? part : Math.min(Math.max(part, 0), 1);
        const failed = states.includes("failed");
        if (failed ? opening && !points : !states.some((each) => /^(passed|completed)$/.test(each))) return undefined;
        return { score: failed ? points ?? 0 : points };
      },
    };
  };

  return runtime;
};
