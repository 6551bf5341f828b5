const find = (id) => document.getElementById(id);
const { steps, hints, words, digits, live } = JSON.parse(find("data").textContent);
const tape = live && new Tape(live, operations);
const filled = (text) => tape ? fill(text, (name) => tape.read(name), digits) : text;
const stage = find("stage"), picture = stage.querySelector("svg"), graph = picture.querySelector("g.graph");
const SVG = "http://www.w3.org/2000/svg";
const PACE = 1600; // milliseconds of a step when playing
const READABLE = innerWidth < 600 ? 0.91 : 0.67; // pixels to a point: below it letters are smaller than 10 pixels
const CLOSE = 0.95; // then look closer
document.documentElement.classList.add("js");
document.documentElement.classList.toggle("still", !steps.length);

// --- Steps: each number of the picture appears at one of them ---------------------------------------------
const appears = new Map();
steps.forEach((step, i) => {
  for (const name of step.shows)
    for (const text of find(name)?.querySelectorAll("text") ?? [])
      if ((text.getAttribute("font-weight") === "bold") === (step.phase === "backward") && !appears.has(text))
        appears.set(text, i + 1);
});

const named = new Map(); // arrows, and what is to be heard of them besides the numbers that can be seen
const numbersOf = (element) => [...element.querySelectorAll("text:not(.later)")].map((text, i) => {
  const word = text.getAttribute("font-weight") === "bold" ? words.gradient : i ? "" : words.value;
  return `${word} ${text.textContent}`.trim();
});

let current = 0, timer = 0;
function go(to) {
  current = Math.max(0, Math.min(steps.length, to));
  const step = steps[current - 1];
  for (const [text, when] of appears) text.classList.toggle("later", when > current);
  unmark();
  if (step) {
    for (const name of step.looks) find(name)?.classList.add("used");
    for (const name of [step.at, ...step.shows]) find(name)?.classList.add("now");
  }
  tell(step);
  nameArrows();
  look();
  draw(step);
  dispatchEvent(new Event("step"));
}
function unmark() {
  for (const element of graph.querySelectorAll(".now, .used")) element.classList.remove("now", "used");
  find("box")?.remove();
}
const nameArrows = () => named.forEach((hint, element) =>
  element.setAttribute("aria-label", [...numbersOf(element), filled(hint)].join(", ")));

/** What a step says, and its calculation; where nothing arrives there is less to say. */
function told(step) {
  const nothing = tape && step.upstream?.length && step.upstream.every((name) => tape.read(name) === 0);
  const [says, box] = nothing ? step.otherwise : [step.says, step.box];
  return { says: filled(says), box: filled(box) };
}

function tell(step) {
  find("phase").textContent = step ? words[step.phase] : "";
  find("phase").className = step?.phase ?? "";
  find("says").textContent = step ? told(step).says : [steps.length && words.intro, tape && words.live].filter(Boolean).join(" ");
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
  const calculation = step && told(step).box, at = calculation && find(step.at);
  if (!at) return;
  const [group, line, frame, text] = ["g", "line", "rect", "text"].map((name) => document.createElementNS(SVG, name));
  group.id = "box";
  group.setAttribute("aria-hidden", "true"); // the status line says it
  text.textContent = calculation;
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
  for (const away of [9, 22, 38, 56, 80, 110, 150, 200])
    for (const aside of [0, -0.3, 0.3, -0.6, 0.6, -0.9, 0.9, -1.3, 1.3, -1.8, 1.8])
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
const setView = (to) => {
  view = to;
  picture.setAttribute("viewBox", view.map((x) => x.toFixed(2)).join(" "));
  dispatchEvent(new Event("view"));
};

function look() {
  const at = find(steps[current - 1]?.at ?? "");
  if (!own && scale(whole) >= READABLE) return setView(whole);
  const to = own ? view : [0, 0, stage.clientWidth / CLOSE, stage.clientHeight / CLOSE];
  if (!at) return own ? undefined : setView(centred(boxOf(graph.querySelector(".leaf, .neuron") ?? graph), to));
  return own && isSeen(at) ? undefined : setView(centred(sceneOf(at, to), to));
}

function isSeen(element) {
  const seen = stage.getBoundingClientRect(), there = element.getBoundingClientRect();
  return there.left > seen.left && there.right < seen.right && there.top > seen.top && there.bottom < seen.bottom;
}
const reveal = (element) => { if (!isSeen(element)) setView(centred(boxOf(element), view)); };

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
  if (!(now >= 0.05 && now <= 20)) return;
  const [x, y] = around ?? [view[0] + view[2] / 2, view[1] + view[3] / 2];
  own = true;
  setView([x - (x - view[0]) / factor, y - (y - view[1]) / factor, view[2] / factor, view[3] / factor]);
}
const fit = () => { own = true; setView(whole); };
const inPicture = (x, y) => {
  const point = new DOMPoint(x, y).matrixTransform(picture.getScreenCTM().inverse());
  return [point.x, point.y];
};

/** Moves and scales the view so that what was under the fingers (one or two) stays under them. */
function drag(before, after) {
  const middle = (points) => [0, 1].map((k) => points.reduce((sum, point) => sum + point[k], 0) / points.length);
  const apart = ([a, b]) => (b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 1);
  const held = inPicture(...middle(before));
  own = true;
  if (apart(before) > 1) zoom(apart(after) / apart(before), held);
  const there = inPicture(...middle(after));
  setView([view[0] + held[0] - there[0], view[1] + held[1] - there[1], view[2], view[3]]);
}

const fingers = new Map();
stage.addEventListener("pointerdown", (event) => {
  if (event.button || event.target.closest("input")) return;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  stage.setPointerCapture(event.pointerId);
  stage.classList.add("held");
});
stage.addEventListener("pointermove", (event) => {
  if (!fingers.has(event.pointerId)) return;
  const before = [...fingers.values()].slice(0, 2);
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  tip.hidden = true;
  drag(before, [...fingers.values()].slice(0, 2));
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
/** The hint, beside everything it speaks of: below it, above it, right or left, where it covers least. */
function showTip(text, elements) {
  const boxes = elements.map((element) => element.getBoundingClientRect());
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const [right, bottom] = [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
  tip.textContent = text;
  tip.hidden = false;
  tip.style.left = tip.style.top = "0px"; // at an edge of the window it would be narrow
  const width = tip.offsetWidth, height = tip.offsetHeight, { x, y } = centreOf(boxes.at(-1));
  const inside = (at, size, room) => Math.max(4, Math.min(room - size - 4, at));
  const places = [
    [x - width / 2, bottom + 6], [x - width / 2, top - 6 - height], [right + 6, y - height / 2], [left - 6 - width, y - height / 2],
  ].map(([at, under]) => ({ x: inside(at, width, innerWidth), y: inside(under, height, innerHeight), width, height }));
  const sum = (place, others) => others.reduce((all, box) => all + overlap(place, box), 0);
  const parts = [...graph.querySelectorAll(".value text:not(.later), .leaf, .op, .module.node, #box")];
  const numbers = parts.map((part) => part.getBoundingClientRect());
  const cost = (place) => 1000 * sum(place, boxes) + sum(place, numbers);
  const best = places.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  tip.style.left = `${best.x}px`;
  tip.style.top = `${best.y}px`;
}
const centreOf = (box) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
picture.setAttribute("role", "group");
picture.removeAttribute("aria-label"); // the heading says it
for (const [name, { says: hint, of }] of Object.entries(hints)) {
  const element = find(name), title = element?.querySelector("title");
  if (!element) continue;
  const about = element.classList.contains("value") || !title ? "" : `${title.textContent}\n`;
  const text = () => about + filled(hint);
  title?.remove(); // or there would be two
  const reach = document.createElementNS(SVG, "rect"), box = boxOf(element); // also between the lines and letters
  for (const side of ["x", "y", "width", "height"]) reach.setAttribute(side, box[side]);
  reach.classList.add("reach");
  element.prepend(reach);
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "img");
  if (element.classList.contains("value")) named.set(element, hint);
  else element.setAttribute("aria-label", text());
  const speaksOf = [...of.map(find).filter(Boolean), element];
  element.addEventListener("pointerenter", () => showTip(text(), speaksOf));
  element.addEventListener("focus", () => { reveal(element); showTip(text(), speaksOf); });
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
  if (event.key === "Escape") tip.hidden = true;
  if (!act || event.ctrlKey || event.metaKey || event.altKey || target.matches("input[type=number]")) return;
  if (event.key === " " && target instanceof HTMLButtonElement) return; // it presses the button
  if (target === find("position") && /^(Arrow|Home|End)/.test(event.key)) return; // it moves the slider
  event.preventDefault();
  acts[act]();
});
addEventListener("resize", () => look());

// --- Printing: the step that is shown, or the whole picture where no step has begun ------------------------
let before = null;
addEventListener("beforeprint", () => {
  before = view;
  setView(whole);
  document.documentElement.classList.toggle("begun", current > 0);
});
addEventListener("afterprint", () => before && setView(before));
go(0);
