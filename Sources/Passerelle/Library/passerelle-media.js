// The part for what is watched, heard and read.
Passerelle.parts.media = ({ current, here, part, warn }) => {
  const quiet = () => {};
  const complete = (element) => current().then(({ complete }) => complete(element.dataset.passerelleGrain)).catch(quiet);

  // Stretches of time, in order, none of which overlaps another.
  const union = (list) => list.map(([start, end]) => [start, end]).sort(([a], [b]) => a - b).reduce((all, [start, end]) => {
    const last = all.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else all.push([start, end]);
    return all;
  }, []);

  return {
    // Distinct seconds count, not the position: what was played, however often, at this visit and at earlier ones.
    watch(element) {
      const { passerelleWatch: text = "", passerelleGrain: grain } = element.dataset;
      const share = Number((text || "90%").replace("%", "").replace(",", ".")) / (/%|^$/.test(text) ? 100 : 1);
      if (!(share > 0 && share <= 1)) return warn(`data-passerelle-watch="${text}" is no share`);
      let stretches = [];
      let isDone = false, saved = 0, opening, box;
      const keep = () => {
        if (!box || isDone || !stretches.length) return;
        saved = Date.now();
        try {
          box.put({ watched: stretches.map((each) => each.map((time) => Math.round(time * 10) / 10)), duration: element.duration });
        } catch ({ message }) {
          warn(message);
        }
      };
      const look = () => {
        const { played, duration } = element;
        for (let index = 0; index < played.length; index += 1) stretches.push([played.start(index), played.end(index)]);
        stretches = union(stretches);
        const seconds = stretches.reduce((all, [start, end]) => all + end - start, 0);
        // The last moments of a recording may never be played.
        if (!isDone && duration > 0 && duration < Infinity && seconds >= Math.min(share * duration, duration - 0.5)) {
          isDone = true;
          complete(element);
        } else if (Date.now() - saved > 15000) keep();
      };
      // What earlier visits saw lies in the grain's state; a page that uses it for something else keeps that.
      const open = async () => {
        const { start, progress } = await current();
        const status = progress.grains.find(({ slug }) => slug === grain)?.status;
        if (status === "none") start(grain).catch(quiet);
        if (!status || status === "completed") return;
        const found = (await part("state"))(here(), grain);
        const kept = await found.get();
        if (kept !== undefined && !Array.isArray(kept?.watched)) {
          return warn(`the state of "${grain}" is the page's own: what was watched is not kept`);
        }
        if (Math.abs(kept?.duration - element.duration) < 1) stretches.push(...kept.watched.filter(Array.isArray));
        saved = Date.now();
        box = found;
        look();
        if (element.paused) keep();
      };
      const leave = () => {
        look();
        keep();
      };
      element.addEventListener("timeupdate", look);
      element.addEventListener("ended", look);
      element.addEventListener("pause", leave);
      addEventListener("pagehide", leave);
      element.addEventListener("play", () => (opening ??= open().catch(() => (opening = null))));
    },

    // The end was on screen for a moment.
    read(element) {
      let times = 0;
      const watcher = new IntersectionObserver(([{ isIntersecting, intersectionRect, boundingClientRect }]) => {
        watcher.unobserve(element);
        const isSeen = isIntersecting && intersectionRect.bottom >= boundingClientRect.bottom - 1 && !document.hidden;
        times = isSeen ? times + 1 : 0;
        if (times > 2) complete(element);
        else if (element.isConnected) setTimeout(() => watcher.observe(element), 500);
      });
      watcher.observe(element);
    },
  };
};
