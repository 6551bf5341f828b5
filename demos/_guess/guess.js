/* A line by hand, or by the program. Needs `program`, printed by the engine, and canvas.js. */
const { samples, chosen, reach, view, levels, rates, best: exact } = given;
const n = samples.length, numbers = Float64Array.from(samples.flat()), each = samples.map((sample) => Float64Array.from(sample));
const SIDE = 241, NAMES = ["w0", "w1"]; // points of the map along a side; the parameters
const NEAR = 1e-3, FAR = 1e6; // the length of a gradient that is as good as 0, and an error from which none returns
const PALETTE = ["#22447f", "#2a5aa8", "#1d91c0", "#41b6c4", "#7fcdbb", "#c7e9b4", "#edf8b1", "#ffffd9"].map(partsOf);

const w = Float64Array.from(chosen.w), g = new Float64Array(2), answer = new Float64Array(1);
let way = [], count = 0, running = false, best = Infinity, colours, rate = rates.indexOf(chosen.rate);

// --- What the engine's program says --------------------------------------------------------------------------------
/** The error of a line, and its gradient into `slope`. */
const lossOf = (line, slope = new Float64Array(2)) => program.loss(n, numbers, line, slope);
const along = (k) => reach[0] + ((reach[1] - reach[0]) * k) / (SIDE - 1);
const heights = Float64Array.from({ length: SIDE * SIDE }, (_, k) =>
  lossOf([along(k % SIDE), along(SIDE - 1 - Math.floor(k / SIDE))]));
function predicted(x) {
  program.f(1, [x], w, answer);
  return answer[0];
}

/** One step against the gradient; false at the bottom, or where the error runs away. */
function descend() {
  const loss = lossOf(w, g);
  if (Math.hypot(...g) < NEAR) {
    tell(() => say("arrived", { count, ...shown() }));
    return false;
  }
  if (loss > FAR) {
    tell(() => say("diverged", { count }));
    return false;
  }
  if (!way.length) way.push([...w]);
  w.forEach((x, k) => { w[k] = x - rates[rate] * g[k]; });
  way.push([...w]);
  count += 1;
  return true;
}

// --- By hand -------------------------------------------------------------------------------------------------------
/** The line that the reader chose: what the program walked is gone. */
function choose(w0, w1) {
  play(false);
  [w0, w1].forEach((x, k) => { w[k] = Math.round(100 * Math.min(reach[1], Math.max(reach[0], x))) / 100; });
  [way, count] = [[], 0];
  best = Math.min(best, lossOf(w));
  paint();
}
const judged = () => tell(() => say("judged", { ...shown(), more: number(lossOf(w) - exact) }));

// --- Pictures ------------------------------------------------------------------------------------------------------
const number = (x) => general(x, 4), two = (x) => x.toFixed(2).replace("-", "−");
const shown = () => ({ w0: number(w[0]), w1: number(w[1]), loss: number(lossOf(w)) });
const COLOURS = ["ink", "line", "datum", "fit", "residual", "here", "walked", "downhill"];
const boxOf = (width, height, beside) => ({ x: 46, y: 8, width: width - 54 - beside, height: height - 48 });

/** The colour of a height: the number of levels below it, on the palette. */
function shadeOf(height) {
  const at = (levels.filter((level) => height >= level).length / levels.length) * (PALETTE.length - 1), k = Math.min(PALETTE.length - 2, Math.floor(at));
  return PALETTE[k].map((part, c) => Math.round(part + (at - k) * (PALETTE[k + 1][c] - part)));
}

function drawData() {
  const { context, width, height } = cleared(find("data-plane")), box = boxOf(width, height, 0);
  const { X, Y } = axes(context, box, view[0], view[1], ["x", "y"], colours);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  stroke(context, colours.fit, 2.5, [[view[0][0], predicted(view[0][0])], [view[0][1], predicted(view[0][1])]], X, Y);
  for (const [x, y] of samples) stroke(context, colours.residual, 2.5, [[x, y], [x, predicted(x)]], X, Y);
  for (const [x, y] of samples) dot(context, X(x), Y(y), 5.5, colours.datum);
  context.restore();
}

function stroke(context, colour, thick, points, X, Y) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(X(x), Y(y));
  context.strokeStyle = colour;
  context.lineWidth = thick;
  context.lineJoin = "round";
  context.stroke();
}

function dot(context, x, y, size, colour) {
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.fill();
  context.stroke();
}

const small = document.createElement("canvas");
small.width = small.height = SIDE;
const image = new ImageData(SIDE, SIDE);
heights.forEach((height, k) => image.data.set([...shadeOf(height), 255], 4 * k));
small.getContext("2d").putImageData(image, 0, 0);

/** Where the map is on its canvas, which is square. */
function mapBox(width, height) {
  const box = boxOf(width, height, 64), side = Math.min(box.width, box.height);
  return { ...box, y: box.y + 14, width: side - 14, height: side - 14 }; // below the L of the scale
}

let paths = [], pathsSide = 0; // the contours, kept until the map has another size
function pathsIn(box) {
  if (pathsSide !== box.width)
    paths = levels.map((level) => zeroPath((row, column) => heights[row * SIDE + column] - level, SIDE, box));
  pathsSide = box.width;
  return paths;
}

function drawMap() {
  const { context, width, height } = cleared(find("map")), box = mapBox(width, height);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, box.x, box.y, box.width, box.height);
  context.strokeStyle = "rgba(255, 255, 255, 0.7)";
  context.lineWidth = 0.8;
  for (const path of pathsIn(box)) context.stroke(path);
  const { X, Y } = axes(context, box, reach, reach, ["w₀", "w₁"], colours);
  drawScale(context, box);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  if (way.length) {
    stroke(context, "#ffffff", 4, way, X, Y);
    stroke(context, colours.walked, 2, way, X, Y);
    context.fillStyle = colours.walked;
    for (const [x, y] of way) context.fillRect(X(x) - 2, Y(y) - 2, 4, 4);
  }
  drawArrow(context, X(w[0]), Y(w[1]));
  dot(context, X(w[0]), Y(w[1]), 7.5, colours.here);
  context.restore();
}

/** Where −∇L goes; how long it is tells how steep it is, by its logarithm. */
function drawArrow(context, x, y) {
  lossOf(w, g);
  const steep = Math.hypot(...g);
  if (steep < NEAR) return;
  const long = 14 + 14 * Math.log10(1 + steep), [dx, dy] = [(-g[0] / steep) * long, (g[1] / steep) * long];
  const tip = [x + dx, y + dy], side = (turn) => [tip[0] - 0.32 * (dx - turn * dy), tip[1] - 0.32 * (dy + turn * dx)];
  for (const [colour, thick] of [["#ffffff", 6], [colours.downhill, 3]]) {
    const same = (place) => place;
    stroke(context, colour, thick, [[x, y], tip], same, same);
    stroke(context, colour, thick, [side(0.8), tip, side(-0.8)], same, same);
  }
}

/** What the colours mean, beside the map. */
function drawScale(context, box) {
  const x = box.x + box.width + 14, part = box.height / (levels.length + 1);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = fontOf(11);
  for (let k = 0; k <= levels.length; k++) {
    const y = box.y + box.height - (k + 1) * part;
    context.fillStyle = `rgb(${shadeOf(k ? levels[k - 1] : 0).join()})`;
    context.fillRect(x, y, 12, part + 0.5);
    context.fillStyle = colours.ink;
    if (k < levels.length) context.fillText(number(levels[k]), x + 17, y);
  }
  context.fillText("L", x + 2, box.y - 10);
}

function paint() {
  const loss = lossOf(w, g);
  for (const [k, name] of NAMES.entries()) {
    find(name).value = w[k];
    find(name).setAttribute("aria-valuetext", `${two(w[k])}, L = ${number(loss)}`);
    find(`${name}-said`).textContent = two(w[k]);
  }
  find("rate").value = rate;
  find("rate").setAttribute("aria-valuetext", number(rates[rate]));
  find("rate-said").textContent = number(rates[rate]);
  find("formula").textContent = `y′ = ${number(w[0])} ${w[1] < 0 ? "−" : "+"} ${number(Math.abs(w[1]))} x`;
  find("loss").textContent = number(loss);
  find("gradient").textContent = `(${number(g[0])}, ${number(g[1])})`;
  find("best").textContent = number(best);
  find("count").textContent = String(count);
  drawData();
  drawMap();
  fillRows();
  find("data-plane").setAttribute("aria-label", say("judged", { ...shown(), more: number(loss - exact) }));
  find("map").setAttribute("aria-label", say("map_of", shown()));
}

function fillRows() {
  find("body").replaceChildren(...samples.map(([x, y], k) => {
    const row = document.createElement("tr"), cells = [x, y, predicted(x), y - predicted(x), program.loss(1, each[k], w, new Float64Array(2))];
    row.append(...cells.map((cell) => Object.assign(document.createElement("td"), { textContent: number(cell) })));
    return row;
  }));
  find("sum").textContent = number(lossOf(w));
}

// --- Controls ------------------------------------------------------------------------------------------------------
function frame() {
  if (!running) return;
  for (let k = 0; k < (still.matches ? 5000 : 1); k++) // all at once where motion is unwanted
    if (!descend()) {
      running = false;
      break;
    }
  showButton();
  paint();
  requestAnimationFrame(frame);
}
const showButton = () => showPlaying(running, say(running ? "pause" : "find"));

function play(on) {
  if (on === running) return;
  running = on;
  if (on) {
    tell(() => say("searching"));
    requestAnimationFrame(frame);
  } else judged();
  showButton();
}
function translate() {
  translatePage();
  showButton();
  find("map").setAttribute("aria-roledescription", say("map_role"));
  tell(said);
}
const acts = {
  play: () => play(!running),
  step: () => { play(false); if (descend()) judged(); paint(); },
  back: () => { choose(...chosen.w); tell(() => say("intro")); },
  language: () => { language = language === "ja" ? "en" : "ja"; translate(); paint(); },
};
for (const [id, act] of Object.entries(acts)) find(id).addEventListener("click", act);
const keys = { " ": "play", ArrowRight: "step", r: "back", R: "back" };
document.addEventListener("keydown", (event) => {
  const { target, key } = event, act = keys[key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === " " && target instanceof HTMLButtonElement) return; // space presses the button
  if ((target instanceof HTMLInputElement || target === find("map")) && key.startsWith("Arrow")) return;
  event.preventDefault();
  if (!event.repeat || act === "step") acts[act]();
});
for (const name of NAMES) {
  Object.assign(find(name), { min: reach[0], max: reach[1], step: 0.01 });
  find(name).addEventListener("input", () => choose(Number(find("w0").value), Number(find("w1").value)));
  find(name).addEventListener("change", judged);
}
find("rate").max = rates.length - 1;
find("rate").addEventListener("input", () => { rate = Number(find("rate").value); paint(); });

// --- The point on the map, by pointer and by arrow keys ------------------------------------------------------------
let pulled = false;
function pull(event) {
  const { left, top } = find("map").getBoundingClientRect(), box = mapBox(find("map").clientWidth, find("map").clientHeight);
  const part = (at, from, long) => reach[0] + ((reach[1] - reach[0]) * (at - from)) / long;
  choose(part(event.clientX - left, box.x, box.width), part(box.y + box.height, event.clientY - top, box.height));
}
find("map").addEventListener("pointerdown", (event) => {
  pulled = true;
  find("map").setPointerCapture(event.pointerId);
  pull(event);
});
find("map").addEventListener("pointermove", (event) => { if (pulled) pull(event); });
for (const ended of ["pointerup", "pointercancel"])
  find("map").addEventListener(ended, () => { if (pulled) judged(); pulled = false; });
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
find("map").addEventListener("keydown", (event) => {
  const move = MOVES[event.key];
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const far = event.shiftKey ? 0.01 : 0.1;
  choose(w[0] + far * move[0], w[1] + far * move[1]);
  judged();
});

const recolour = () => { colours = coloursOf(COLOURS); };
dark.addEventListener("change", () => { recolour(); paint(); });
new ResizeObserver(paint).observe(document.querySelector("main"));
recolour();
choose(...chosen.w);
translate();
tell(() => say("intro"));
