/* What is seen of the network, and what the reader does with it. Needs `programs`, learning.js and canvas.js. */
const { sets, chosen } = given;
const SVG = "http://www.w3.org/2000/svg";
const GRID = 60; // points along a side at which the field is computed
const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10], L2 = [0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1];
const PACES = [1, 2, 5, 10, 20, 50];
const SPOKEN = 5000, CALM = 500; // milliseconds between two reports, and between frames where motion is unwanted
const BESIDE = 100; // … and, as it learns, between pictures of what changes little: weights, curves and numbers
const MOST = 800; // numbers of a curve; of a longer one every other is left out

let set, network, seed = chosen.seed, count = 0, shown = null, running = false; // shown: [layer, neuron], null for the output
let course, spoken = 0, drawn = 0, beside = 0;
const settings = { rate: RATES.indexOf(chosen.rate), l2: 0, pace: 0 };
const number = (x) => general(x, 3);

// --- Data: standardised for the network, in their own units on the axes --------------------------------------------
const samplesOf = (rows) => ({ rows: rows.length, numbers: Float64Array.from(rows.flat()) });
const scaled = (k, x) => (x - set.shift[k]) / set.scale[k];

function take(name) {
  set = sets[name];
  for (const part of ["learned", "held"])
    set[`${part}Samples`] ??= samplesOf(set[part].map(([x, y, side]) => [scaled(0, x), scaled(1, y), side]));
  const all = [...set.learned, ...set.held];
  set.range = [0, 1].map((k) => {
    const each = all.map((row) => row[k]), low = Math.min(...each), high = Math.max(...each), more = 0.08 * (high - low || 1);
    return [low - more, high + more];
  });
  set.points = Float64Array.from(all.flatMap(([x, y]) => [scaled(0, x), scaled(1, y)]));
  set.grid = new Float64Array(2 * GRID * GRID);
  const along = (k, at) => scaled(k, set.range[k][0] + (set.range[k][1] - set.range[k][0]) * (at / (GRID - 1)));
  for (let row = 0, at = 0; row < GRID; row++)
    for (let column = 0; column < GRID; column++) {
      set.grid[at++] = along(0, column);
      set.grid[at++] = along(1, GRID - 1 - row);
    }
}

// --- The network anew ----------------------------------------------------------------------------------------------
const widths = () => {
  const asked = [0, 1, 2].map((k) => Number(find(`width-${k}`).value));
  return asked.slice(0, asked.includes(0) ? asked.indexOf(0) : 3);
};
let field, marks; // outputs on the grid, and of the data

function begin() {
  network = new Network(find("activation").value, widths(), seed);
  field = new Float64Array(network.count * GRID * GRID);
  marks = new Float64Array(network.count * (set.points.length / 2));
  [count, shown] = [0, null];
  course = { every: 1, learned: [], held: [] };
  note();
  buildNetwork();
  paint();
}

/** What the curves get of this step. */
function note() {
  if (count % course.every) return;
  course.learned.push(network.loss(set.learnedSamples));
  course.held.push(network.loss(set.heldSamples));
  if (course.learned.length <= MOST) return;
  for (const name of ["learned", "held"]) course[name] = course[name].filter((_, k) => k % 2 === 0);
  course.every *= 2;
}

function step() {
  if (!network.step(set.learnedSamples, RATES[settings.rate], L2[settings.l2])) {
    const at = count;
    play(false);
    tell(() => say("diverged", { count: at }));
    return false;
  }
  count += 1;
  note();
  return true;
}

function frame(now) {
  if (!running) return;
  requestAnimationFrame(frame);
  if (still.matches && now - drawn < CALM) return;
  drawn = now;
  for (let k = 0; k < PACES[settings.pace]; k++) if (!step()) break;
  paintPlane();
  if (now - beside >= BESIDE) {
    beside = now;
    paintBeside();
  }
  if (running && now - spoken > SPOKEN) {
    spoken = now;
    tell(report);
  }
}

function play(on) {
  if (on === running) return;
  running = on;
  button();
  if (on) {
    [spoken, drawn] = [performance.now(), 0];
    requestAnimationFrame(frame);
    tell(() => say("running"));
  } else {
    tell(report);
    paint();
  }
}

function button() {
  showPlaying(running, running ? say("pause") : say("start"));
}

// --- Words ---------------------------------------------------------------------------------------------------------
/** Of how many points the network says the class, as far as it was asked last. */
const rightOf = (part) => {
  const from = part === "held" ? set.learned.length : 0, rows = set[part];
  const at = network.count - 1;
  return rows.filter(([, , side], k) => marks[(from + k) * network.count + at] > 0 === (side === 1)).length;
};
const share = (right, all) => say("share", { right, all, part: Math.round((100 * right) / all) });
const report = () => {
  network.outputs(set.points.length / 2, set.points, marks);
  const loss = { learned: network.loss(set.learnedSamples), held: network.loss(set.heldSamples) };
  return say("report", {
    count, learned: number(loss.learned), held: number(loss.held), right: rightOf("held"), all: set.held.length,
  });
};
const nameOf = (layer, neuron) =>
  layer === network.widths.length ? say("output") : say("neuron", { layer: layer + 1, neuron: neuron + 1 });
const sourceOf = (layer, k) => (layer ? nameOf(layer - 1, k) : set.names[k]);

function translate() {
  translatePage();
  for (const option of find("data-set").options) option.textContent = sets[option.value].title ?? say(option.value);
  [0, 1, 2].forEach((k) => find(`width-${k}`).setAttribute("aria-label", say("width", { layer: k + 1 })));
  for (const option of document.querySelectorAll("fieldset option[value='0']")) option.textContent = say("none");
  find("step").title = `${say("step")} (→)`;
  find("step").setAttribute("aria-label", say("step"));
  find("anew").title = `${say("anew")} (N)`;
  find("anew").setAttribute("aria-label", say("anew"));
  button();
  slide();
}

function slide() {
  const texts = { rate: number(RATES[settings.rate]), l2: number(L2[settings.l2]), pace: String(PACES[settings.pace]) };
  for (const [name, text] of Object.entries(texts)) {
    find(name).value = settings[name];
    find(name).setAttribute("aria-valuetext", text);
    find(`${name}-said`).textContent = text;
  }
}

// --- Colours -------------------------------------------------------------------------------------------------------
let colours, shades; // by name; and of a number from −1 to 1, in 255 parts, its red, green and blue on the field
function readColours() {
  colours = coloursOf(["first", "second", "ground", "ink", "line", "edge", "halo", "field", "course", "held"]);
  const [first, second, ground] = ["first", "second", "field"].map((name) => partsOf(colours[name])), most = dark.matches ? 0.5 : 0.55;
  shades = new Uint8ClampedArray(3 * 511);
  for (let k = 0; k < 511; k++) {
    const t = (k - 255) / 255, part = most * Math.abs(t), to = t < 0 ? first : second;
    for (let c = 0; c < 3; c++) shades[3 * k + c] = ground[c] + part * (to[c] - ground[c]);
  }
}

/** How a neuron's output is turned into a shade: what is in the middle, and how far from it is deepest. */
function spanOf(layer, gives) {
  if (layer === network.widths.length) return [(z) => 2 / (1 + Math.exp(-z)) - 1];
  if (network.activation === "tanh") return [(a) => a];
  if (network.activation === "sigmoid") return [(a) => 2 * a - 1];
  let most = 1e-9;
  for (let at = gives; at < field.length; at += network.count) if (field[at] > most) most = field[at];
  return [(a) => a / most];
}

/** The shades of a neuron at every n-th point of the grid. */
function shade(image, layer, gives, every) {
  const [toShade] = spanOf(layer, gives), { data } = image, stride = network.count;
  let at = 0;
  for (let row = 0; row < GRID; row += every)
    for (let column = 0; column < GRID; column += every) {
      const k = 3 * Math.max(0, Math.min(510, Math.round(255 + 255 * toShade(field[(row * GRID + column) * stride + gives]))));
      data[at] = shades[k];
      data[at + 1] = shades[k + 1];
      data[at + 2] = shades[k + 2];
      data[at + 3] = 255;
      at += 4;
    }
  return image;
}

// --- The plane -----------------------------------------------------------------------------------------------------
const small = document.createElement("canvas");
small.width = small.height = GRID;
const image = new ImageData(GRID, GRID), thumb = new ImageData(GRID / 2, GRID / 2);
const LEFT = 46, BELOW = 40, GAP = 8;
const frameOf = (width, height) => ({ x: LEFT, y: GAP, width: width - LEFT - GAP, height: height - BELOW - GAP });

function drawField() {
  const { context, width, height } = cleared(find("field")), box = frameOf(width, height);
  const [layer, neuron] = shown ?? [network.widths.length, 0], { gives, sum } = network.outputsOf(layer, neuron);
  small.getContext("2d").putImageData(shade(image, layer, gives, 1), 0, 0);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.imageSmoothingQuality = "low";
  const [wide, high] = [box.width / (GRID - 1), box.height / (GRID - 1)]; // from point to point, the middles of pixels
  context.drawImage(small, box.x - wide / 2, box.y - high / 2, GRID * wide, GRID * high);
  const edge = zeroPath((row, column) => field[(row * GRID + column) * network.count + sum], GRID, box);
  for (const [colour, thick] of [[colours.halo, 6], [colours.edge, 2.5]]) {
    context.strokeStyle = colour;
    context.globalAlpha = thick > 3 ? 0.6 : 1;
    context.lineWidth = thick;
    context.lineCap = context.lineJoin = "round";
    context.stroke(edge);
  }
  context.restore();
}


function drawPoints() {
  const { context, width, height } = cleared(find("points")), box = frameOf(width, height), [across, up] = set.range;
  const { X, Y } = axes(context, box, across, up, set.names, colours);
  const size = width < 420 ? 3.6 : 4.6;
  for (const [part, hollow] of [["learned", false], ["held", true]])
    for (const [x, y, side] of set[part]) mark(context, X(x), Y(y), side, hollow, size);
}

function mark(context, x, y, side, hollow, size) {
  const colour = side ? colours.second : colours.first;
  context.beginPath();
  if (side) context.rect(x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
  else context.arc(x, y, size, 0, 2 * Math.PI);
  context.lineWidth = hollow ? 2 : 1.2;
  context.strokeStyle = hollow ? colour : colours.halo;
  context.fillStyle = hollow ? colours.halo : colour;
  context.fill();
  context.stroke();
}

// --- The network as a diagram --------------------------------------------------------------------------------------
let wires = [], neurons = []; // what is drawn again and again

const made = (name, values = {}) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
  return element;
};

function buildNetwork() {
  const room = find("network"), svg = find("wires"), { clientWidth: width, clientHeight: height } = room;
  for (const each of room.querySelectorAll("button, .input")) each.remove();
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  [wires, neurons] = [[], []];
  const columns = [2, ...network.widths, 1], size = width < 420 ? 33 : 38, top = 22;
  const x = (k) => size / 2 + 4 + ((width - size - 8) * k) / (columns.length - 1);
  const y = (k, j) => top + ((height - top) * (j + 0.5)) / columns[k];
  columns.forEach((_, k) => {
    const text = made("text", { x: x(k), y: 13 });
    text.textContent = k === 0 ? say("inputs") : k === columns.length - 1 ? say("output_short") : say("layer", { layer: k });
    svg.append(text);
  });
  network.layers.forEach((layer, k) => layer.forEach(({ weights }, j) => {
    const [endX, endY] = [x(k + 1) - size / 2, y(k + 1, j)];
    weights.forEach((place, i) => {
      const [startX, startY] = [x(k) + size / 2, y(k, i)], middle = (startX + endX) / 2;
      wire(svg, place, `M${startX} ${startY}C${middle} ${startY} ${middle} ${endY} ${endX} ${endY}`, sourceOf(k, i), nameOf(k, j));
    });
    addNeuron(room, k, j, x(k + 1) - size / 2, endY - size / 2);
  }));
  [0, 1].forEach((k) => {
    const box = document.createElement("div"), canvas = thumbnail();
    box.className = "input";
    box.title = set.names[k];
    box.style.left = `${x(0) - size / 2}px`;
    box.style.top = `${y(0, k) - size / 2}px`;
    box.append(canvas);
    room.append(box);
    const span = Math.max(...set.grid.filter((_, at) => at % 2 === k).map(Math.abs));
    const { data } = thumb;
    for (let row = 0, at = 0; row < GRID; row += 2)
      for (let column = 0; column < GRID; column += 2, at += 4) {
        const shadeAt = 3 * Math.round(255 + (255 * set.grid[2 * (row * GRID + column) + k]) / span);
        data.set([shades[shadeAt], shades[shadeAt + 1], shades[shadeAt + 2], 255], at);
      }
    canvas.getContext("2d").putImageData(thumb, 0, 0);
    const text = made("text", { x: x(0) - size / 2, y: y(0, k) + size / 2 + 15, class: "name" }), name = [...set.names[k]];
    text.textContent = name.length > 14 ? `${name.slice(0, 13).join("")}…` : set.names[k];
    svg.append(text);
  });
}

function thumbnail() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = GRID / 2;
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

function wire(svg, place, d, from, to) {
  const path = made("path", { d }), title = made("title");
  path.append(title);
  path.addEventListener("pointerenter", () => {
    title.textContent = `${from} → ${to}: ${number(network.parameters[place])}`;
  });
  svg.append(path);
  wires.push({ path, place, negative: null, wide: "" });
}

function addNeuron(room, layer, neuron, left, top) {
  const element = document.createElement("button"), canvas = thumbnail();
  element.type = "button";
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
  element.append(canvas);
  element.addEventListener("click", () => show(layer, neuron));
  room.append(element);
  neurons.push({ element, layer, neuron, context: canvas.getContext("2d"), ...network.outputsOf(layer, neuron) });
}

/** Puts a neuron on the plane; the one that is there gives way to the output. */
function show(layer, neuron) {
  const is = shown && shown[0] === layer && shown[1] === neuron;
  shown = is || layer === network.widths.length ? null : [layer, neuron];
  tell(() => (shown ? say("showing", { name: nameOf(...shown) }) : say("showing_output")));
  paint();
}

function drawNetwork() {
  for (const each of wires) {
    const weight = network.parameters[each.place], negative = weight < 0;
    if (negative !== each.negative) {
      each.path.setAttribute("class", negative ? "minus" : "plus");
      each.negative = negative;
    }
    const wide = Math.min(8, 0.4 + 1.6 * Math.abs(weight)).toFixed(1);
    if (wide !== each.wide) {
      each.path.style.strokeWidth = `${wide}px`;
      each.wide = wide;
    }
  }
  for (const { context, layer, gives } of neurons) context.putImageData(shade(thumb, layer, gives, 2), 0, 0);
}

/** What is heard of a neuron: its name, its bias and its weights. */
function describe({ element, layer, neuron }) {
  const { weights, bias } = network.layers[layer][neuron], at = (place) => number(network.parameters[place]);
  const all = weights.map((place, k) => `${sourceOf(layer, k)} ${at(place)}`).join(", ");
  const text = say("described", { name: nameOf(layer, neuron), bias: at(bias), weights: all });
  element.setAttribute("aria-label", text);
  element.title = text;
  const [shownLayer, shownNeuron] = shown ?? [network.widths.length, 0];
  element.setAttribute("aria-pressed", String(shownLayer === layer && shownNeuron === neuron));
}

// --- The curves of the loss ----------------------------------------------------------------------------------------
function drawCourse() {
  const { context, width, height } = cleared(find("curve")), box = { x: 52, y: 8, width: width - 64, height: height - 34 };
  const all = [...course.learned, ...course.held].map((x) => Math.max(1e-12, x)).filter(Number.isFinite);
  let low = Math.log10(Math.min(...all)), high = Math.log10(Math.max(...all));
  [low, high] = [Math.min(low, high - 0.9) - 0.05, high + 0.05];
  const long = Math.max(20, course.every * (course.learned.length - 1));
  const X = (k) => box.x + (box.width * k) / long;
  const Y = (x) => box.y + (box.height * (high - Math.log10(Math.max(1e-12, x)))) / (high - low);
  context.font = fontOf(12);
  context.fillStyle = colours.ink;
  context.strokeStyle = colours.line;
  context.textAlign = "right";
  context.textBaseline = "middle";
  let last = Infinity;
  const marked = [];
  for (let power = Math.floor(low); power <= high; power++) for (const k of [1, 2, 5]) marked.push(k * 10 ** power);
  for (const x of marked.filter((each) => Math.log10(each) >= low && Math.log10(each) <= high)) {
    const y = Y(x);
    if (last - y < 18) continue;
    last = y;
    context.globalAlpha = 0.4;
    context.fillRect(box.x, Math.round(y), box.width, 0.7);
    context.globalAlpha = 1;
    context.fillText(number(x), box.x - 7, y);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const k of ticksOf([0, long]).filter(Number.isInteger)) context.fillText(String(k), X(k), box.y + box.height + 7);
  context.strokeRect(box.x, box.y, box.width, box.height);
  for (const [name, dashes] of [["held", [6, 4]], ["learned", []]]) {
    context.beginPath();
    course[name].forEach((x, k) => context.lineTo(X(k * course.every), Y(x)));
    context.setLineDash(dashes);
    context.strokeStyle = name === "held" ? colours.held : colours.course;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.stroke();
    const last = course[name].length - 1;
    context.setLineDash([]);
    context.beginPath();
    context.arc(X(last * course.every), Y(course[name][last]), 3, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle;
    context.fill();
  }
  context.fillStyle = colours.ink;
  context.textAlign = "right";
  context.fillText(say("steps_axis"), box.x - 7, box.y + box.height + 7);
}

// --- Everything that a step changes --------------------------------------------------------------------------------
function paintPlane() {
  network.outputs(GRID * GRID, set.grid, field);
  drawField();
  find("count").textContent = say("counted", { count, seed });
}

function paintBeside() {
  network.outputs(set.points.length / 2, set.points, marks);
  drawNetwork();
  drawCourse();
  for (const part of ["learned", "held"]) {
    find(`${part}-loss`).textContent = number(network.loss(set[`${part}Samples`]));
    find(`${part}-right`).textContent = share(rightOf(part), set[part].length);
  }
}

function paint() {
  paintPlane();
  paintBeside();
  paintRest();
}

/** What steps do not change, and what is heard only at rest. */
function paintRest() {
  drawPoints();
  neurons.forEach(describe);
  const name = shown ? nameOf(...shown) : say("output");
  find("shown").textContent = shown ? say("plane_of", { name }) : say("plane_of_output");
  find("edge-said").textContent = shown ? say("edge_of_neuron") : say("edge_of_output");
  [0, 1].forEach((k) => { find(`class-${k}`).textContent = say("class", { name: set.classes[k] }); });
  find("learned-name").textContent = say("learned", { all: set.learned.length });
  find("held-name").textContent = say("held", { all: set.held.length });
  find("field").setAttribute("aria-label", `${find("shown").textContent}. ${report()}`);
  find("wires").setAttribute("aria-label", say("wires", { layers: [2, ...network.widths, 1].join("-") }));
  find("curve").setAttribute("aria-label", say("curve"));
}

// --- Controls ------------------------------------------------------------------------------------------------------
const acts = {
  play: () => play(!running),
  step: () => { play(false); if (step()) { paint(); tell(report); } },
  anew: () => { play(false); seed += 1; begin(); tell(() => say("begun", { seed })); },
  language: () => {
    language = language === "ja" ? "en" : "ja";
    translate();
    buildNetwork();
    tell(said);
    paint();
  },
};
for (const [id, act] of Object.entries(acts)) find(id).addEventListener("click", act);
const keys = { " ": "play", ArrowRight: "step", n: "anew", N: "anew" };
document.addEventListener("keydown", (event) => {
  const { target, key } = event, act = keys[key];
  if (event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLSelectElement) return;
  if (key === "Escape" && shown) show(network.widths.length, 0);
  if (!act || (key === " " && target instanceof HTMLButtonElement)) return; // space presses the button
  if (target instanceof HTMLInputElement && key.startsWith("Arrow")) return; // arrows move the slider
  event.preventDefault();
  if (!event.repeat || act === "step") acts[act]();
});
for (const [name, numbers] of [["rate", RATES], ["l2", L2], ["pace", PACES]]) {
  find(name).max = numbers.length - 1;
  find(name).addEventListener("input", () => { settings[name] = Number(find(name).value); slide(); });
}

/** Widths behind a layer that is not there are of no use. */
function restrict() {
  const first = widths().length;
  [0, 1, 2].forEach((k) => { find(`width-${k}`).disabled = k > first; });
}
const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
find("data-set").append(...Object.keys(sets).map((name) => option(name, name)));
find("activation").append(...chosen.activations.map((name) => option(name, name)));
find("data-set").value = chosen.data;
find("activation").value = chosen.activation;
[0, 1, 2].forEach((k) => {
  find(`width-${k}`).append(...Array.from({ length: WIDE + 1 }, (_, width) => option(String(width), String(width))));
  find(`width-${k}`).value = String(chosen.hidden[k] ?? 0);
});
for (const select of document.querySelectorAll("select"))
  select.addEventListener("change", () => {
    play(false);
    restrict();
    take(find("data-set").value);
    begin();
    tell(() => say("changed", { layers: [2, ...network.widths, 1].join("-") }));
  });

let measured = 0;
new ResizeObserver(() => {
  if (measured !== document.documentElement.clientWidth) buildNetwork();
  measured = document.documentElement.clientWidth;
  paint();
}).observe(document.querySelector("main"));
dark.addEventListener("change", () => { readColours(); buildNetwork(); paint(); });

readColours();
take(chosen.data);
restrict();
translate();
begin();
tell(said);
