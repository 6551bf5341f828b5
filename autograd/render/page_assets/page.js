
"use strict";
{
  const find = (id) => document.getElementById(id);
  const { steps, hints, words } = JSON.parse(find("data").textContent);
  const stage = find("stage"), picture = stage.querySelector("svg"), graph = picture.querySelector("g.graph");
  const SVG = "http://www.w3.org/2000/svg";
  const PACE = 1600; // milliseconds of a step when playing
  const READABLE = 0.6, CLOSE = 0.9; // pixels to a point: below the first, look closer, with the second
  document.documentElement.classList.add("js");

  // --- Steps: each number of the picture appears at one of them ---------------------------------------------
  const appears = new Map();
  steps.forEach((step, i) => {
    for (const name of step.shows)
      for (const text of find(name)?.querySelectorAll("text") ?? [])
        if ((text.getAttribute("font-weight") === "bold") === (step.phase === "backward") && !appears.has(text))
          appears.set(text, i + 1);
  });

  let current = 0, timer = 0;
  function go(to) {
    current = Math.max(0, Math.min(steps.length, to));
    const step = steps[current - 1];
    for (const [text, when] of appears) text.classList.toggle("later", when > current);
    for (const element of graph.querySelectorAll(".now, .used")) element.classList.remove("now", "used");
    if (step) {
      for (const name of step.looks) find(name)?.classList.add("used");
      for (const name of [step.at, ...step.shows]) find(name)?.classList.add("now");
    }
    tell(step);
    look();
    draw(step);
  }

  function tell(step) {
    find("phase").textContent = step ? words[step.phase] : "";
    find("phase").className = step?.phase ?? "";
    find("says").textContent = step ? step.says : steps.length ? words.intro : "";
    find("count").textContent = `${current} / ${steps.length}`;
    find("position").value = current;
    find("position").setAttribute("aria-valuetext", `${current} / ${steps.length}`);
    for (const [id, end] of [["first", 0], ["previous", 0], ["next", steps.length], ["last", steps.length]])
      find(id).setAttribute("aria-disabled", String(current === end));
  }

  function play(on) {
    clearInterval(timer);
    timer = 0;
    if (on && steps.length) {
      if (current === steps.length) go(0);
      timer = setInterval(() => { go(current + 1); if (current === steps.length) play(false); }, PACE);
    }
    const word = timer ? words.pause : words.play, button = find("play");
    button.classList.toggle("playing", Boolean(timer));
    button.querySelector("span").textContent = word;
    button.title = `${word} (Space)`;
    button.setAttribute("aria-label", word);
  }
  const move = (to) => { play(false); go(to); };

  // --- The calculation beside the circle, where it covers least ---------------------------------------------
  const boxOf = (element) => element.getBBox();
  const shapes = [...graph.querySelectorAll(".leaf, .op, .module")].map(boxOf);
  const lines = [...graph.querySelectorAll(".edge path, .edge > a path")].flatMap((path) => {
    const long = path.getTotalLength();
    return [0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => path.getPointAtLength(part * long));
  });
  const overlap = (a, b) =>
    Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
    Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

  function draw(step) {
    find("box")?.remove();
    const at = step?.box && find(step.at);
    if (!at) return;
    const [group, line, frame, text] = ["g", "line", "rect", "text"].map((name) => document.createElementNS(SVG, name));
    group.id = "box";
    group.setAttribute("aria-hidden", "true"); // the status line says it
    text.textContent = step.box;
    group.append(line, frame, text);
    graph.append(group);
    const node = boxOf(at), width = boxOf(text).width + 14, height = 25;
    const best = place(width, height, node);
    const set = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
    const middle = { x: best.x + width / 2, y: best.y + height / 2 };
    const near = (value, from, size) => Math.max(from, Math.min(from + size, value));
    set(frame, { x: best.x, y: best.y, width, height, rx: 5 });
    set(text, { x: middle.x, y: best.y + 17.5 });
    set(line, {
      x1: middle.x, y1: middle.y, x2: near(middle.x, node.x, node.width), y2: near(middle.y, node.y, node.height),
    });
  }

  function place(width, height, node) {
    const texts = [...graph.querySelectorAll("text:not(.later)")].filter((text) => !text.closest("#box")).map(boxOf);
    const middle = node.x + node.width / 2, choices = [];
    const ground = boxOf(graph.querySelector(":scope > polygon") ?? graph);
    for (const away of [9, 22, 38, 56, 80])
      for (const aside of [0, -0.3, 0.3, -0.6, 0.6, -0.9, 0.9])
        for (const y of [node.y - away - height, node.y + node.height + away])
          choices.push({ x: middle - width / 2 + aside * width, y, width, height, far: away + 40 * Math.abs(aside) });
    const cost = (box) => {
      const wide = { x: box.x - 3, y: box.y - 3, width: width + 6, height: height + 6 };
      const out = width * height - overlap(box, ground);
      const covered = [...texts, ...shapes].reduce((sum, other) => sum + overlap(wide, other), 0);
      const crossed = lines.filter(({ x, y }) => overlap(wide, { x: x - 1, y: y - 1, width: 2, height: 2 })).length;
      return 20 * out + 10 * covered + 25 * crossed + box.far;
    };
    return choices.map((box) => [cost(box), box]).reduce((a, b) => (b[0] < a[0] ? b : a))[1];
  }

  // --- Zoom and pan: the view is the picture's viewBox ------------------------------------------------------
  const whole = picture.getAttribute("viewBox").split(/\s+/).map(Number);
  let view = whole, own = false; // own: the reader has chosen the view
  const scale = ([, , width, height]) => Math.min(stage.clientWidth / width, stage.clientHeight / height);
  const setView = (to) => { view = to; picture.setAttribute("viewBox", view.map((x) => x.toFixed(2)).join(" ")); };

  function look() {
    const at = find(steps[current - 1]?.at ?? "");
    if (!own && (scale(whole) >= READABLE || !at)) return setView(whole);
    if (!at) return undefined;
    const to = own ? view : [0, 0, stage.clientWidth / CLOSE, stage.clientHeight / CLOSE];
    const seen = stage.getBoundingClientRect(), there = at.getBoundingClientRect();
    const inside = there.left > seen.left && there.right < seen.right && there.top > seen.top && there.bottom < seen.bottom;
    return own && inside ? undefined : setView(centred(sceneOf(at, to), to));
  }

  /** The box with all arrows of the step, as far as the view can show them together. */
  function sceneOf(at, [, , width, height]) {
    const { shows, looks } = steps[current - 1], boxes = [at, ...[...shows, ...looks].map(find)].filter(Boolean).map(boxOf);
    const x = Math.min(...boxes.map((box) => box.x)), y = Math.min(...boxes.map((box) => box.y));
    const right = Math.max(...boxes.map((box) => box.x + box.width)), low = Math.max(...boxes.map((box) => box.y + box.height));
    return right - x < width && low - y < height ? { x, y, width: right - x, height: low - y } : boxes[0];
  }

  function centred(box, [, , width, height]) {
    const matrix = graph.transform.baseVal.consolidate().matrix;
    const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2).matrixTransform(matrix);
    const held = (x, size, from, room) => size >= room ? from + (room - size) / 2 : Math.max(from, Math.min(from + room - size, x));
    return [held(middle.x - width / 2, width, whole[0], whole[2]), held(middle.y - height / 2, height, whole[1], whole[3]), width, height];
  }

  function zoom(factor, around) {
    const now = scale(view) * factor;
    if (now < 0.05 || now > 20) return;
    const [x, y] = around ?? [view[0] + view[2] / 2, view[1] + view[3] / 2];
    own = true;
    setView([x - (x - view[0]) / factor, y - (y - view[1]) / factor, view[2] / factor, view[3] / factor]);
  }
  const fit = () => { own = true; setView(whole); };
  const inPicture = (x, y) => {
    const point = new DOMPoint(x, y).matrixTransform(picture.getScreenCTM().inverse());
    return [point.x, point.y];
  };

  const fingers = new Map();
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    stage.setPointerCapture(event.pointerId);
    stage.classList.add("held");
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const after = [event.clientX, event.clientY], others = [...fingers].filter(([id]) => id !== event.pointerId);
    const [a, b] = [inPicture(...before), inPicture(...after)];
    fingers.set(event.pointerId, after);
    if (others.length) {
      const still = others[0][1], far = (point) => Math.hypot(point[0] - still[0], point[1] - still[1]);
      return void (far(before) && zoom(far(after) / far(before), inPicture(...still)));
    }
    own = true;
    setView([view[0] - b[0] + a[0], view[1] - b[1] + a[1], view[2], view[3]]);
  });
  for (const name of ["pointerup", "pointercancel"])
    stage.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      stage.classList.toggle("held", fingers.size > 0);
    });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0015), inPicture(event.clientX, event.clientY));
  }, { passive: false });

  // --- Hints: the local derivative, by pointer or by focus --------------------------------------------------
  const tip = find("tip");
  function showTip(text, element) {
    const box = element.getBoundingClientRect();
    tip.textContent = text;
    tip.hidden = false;
    const left = Math.max(4, Math.min(innerWidth - tip.offsetWidth - 4, box.left + box.width / 2 - tip.offsetWidth / 2));
    const top = box.bottom + 6 + tip.offsetHeight < innerHeight ? box.bottom + 6 : box.top - 6 - tip.offsetHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${Math.max(4, top)}px`;
  }
  picture.setAttribute("role", "group");
  for (const [name, hint] of Object.entries(hints)) {
    const element = find(name), title = element?.querySelector("title");
    if (!element) continue;
    const text = element.classList.contains("value") || !title ? hint : `${title.textContent}\n${hint}`;
    title?.remove(); // or there would be two
    const reach = document.createElementNS(SVG, "rect"), box = boxOf(element); // also between the lines and letters
    for (const side of ["x", "y", "width", "height"]) reach.setAttribute(side, box[side]);
    reach.classList.add("reach");
    element.prepend(reach);
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", text);
    for (const event of ["pointerenter", "focus"]) element.addEventListener(event, () => showTip(text, element));
    for (const event of ["pointerleave", "blur"]) element.addEventListener(event, () => { tip.hidden = true; });
  }

  // --- Buttons and keys -------------------------------------------------------------------------------------
  const acts = {
    first: () => move(0), previous: () => move(current - 1), play: () => play(!timer), next: () => move(current + 1),
    last: () => move(steps.length), "zoom-in": () => zoom(1.25), "zoom-out": () => zoom(0.8), fit,
  };
  for (const [id, act] of Object.entries(acts)) find(id).addEventListener("click", act);
  find("position").max = steps.length;
  find("position").addEventListener("input", (event) => move(Number(event.target.value)));
  const keys = {
    ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", " ": "play", "+": "zoom-in", "=": "zoom-in",
    "-": "zoom-out", "−": "zoom-out", 0: "fit",
  };
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key], { target } = event;
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && target instanceof HTMLButtonElement) return; // it presses the button
    if (target === find("position") && /^(Arrow|Home|End)/.test(event.key)) return; // it moves the slider
    if (event.key === "Escape") tip.hidden = true;
    event.preventDefault();
    acts[act]();
  });
  addEventListener("resize", () => look());
  go(0);
}
