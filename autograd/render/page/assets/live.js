// --- Every leaf is a field: what is typed or dragged there goes through the whole graph ---------------------------
const fields = new Map(); // the field over each leaf of the picture, and its place on the tape
const layer = find("fields"), past = []; // what there was before each change, to go back to
const nameOf = (k) => live.names[k] || `${words[live.kinds[k] === "c" ? "constant" : "input"]} ${tape.recorded.get(k)}`;
const shown = (x) => general(x, digits);
const [[output]] = live.seeds, outputs = live.seeds.map(([k]) => k).slice(0, live.network ? 4 : 1);
const result = () => outputs.map((k) => `${live.names[k] || words.output} = ${shown(tape.values[k])}`).join(", ");

/** Numbers of the picture as they are now. */
function renew() {
  writePairs(live.pairs, tape, find);
  for (const [field, k] of fields) {
    const box = find(field.dataset.of), text = box.querySelector("text");
    if (!live.names[k] && text) write(text, `${text.textContent.match(/^.* = /) ?? ""}${shown(tape.values[k])}`, box);
    if (field !== document.activeElement) field.value = tape.values[k];
    field.setAttribute("aria-valuetext", shown(tape.values[k]));
  }
  find("result").textContent = result();
  uncover();
  const title = graph.querySelector(":scope > text"); // a formula may have numbers in it, which were recorded
  const gone = tape.leaves.filter((k) => !live.names[k] && tape.values[k] !== tape.recorded.get(k));
  title?.classList.toggle("gone", gone.some((k) => title.textContent.includes(shown(tape.recorded.get(k)))));
  for (const element of graph.querySelectorAll(".node.fault, .node.gone")) element.classList.remove("fault", "gone");
  for (const k of tape.faults.keys()) elementsOf(k).forEach((element) => element.classList.add("fault"));
  const [, , , , , , at] = tape.broken ?? [];
  if (tape.broken) tape.codes.forEach((code, k) => {
    if (code >= 0 && k >= at) elementsOf(k).forEach((element) => element.classList.add("gone"));
  });
  document.documentElement.classList.toggle("broken", Boolean(tape.broken));
  find("undo").disabled = !past.length;
  find("reset").disabled = isRecorded();
  dispatchEvent(new Event("renewed"));
}
const isRecorded = () => [...tape.recorded].every(([k, x]) => Object.is(tape.values[k], x));

/** The numbers at the arrows of a graph, as its tape has them. */
function writePairs(pairs, from, element) {
  for (const [name, [above, below, local]] of Object.entries(pairs)) {
    const texts = [...(element(name)?.querySelectorAll("text") ?? [])];
    const gradient = texts.filter((text) => text.getAttribute("font-weight") === "bold");
    const [value, slope] = texts.filter((text) => !gradient.includes(text));
    for (const [text, hole] of [[value, above], [gradient[0], below], [slope, local]])
      if (text && hole) write(text, numbered(hole, from), element(name));
    element(name)?.querySelector("title")?.remove(); // which says what was recorded
  }
}
/** The result is a number of the picture: it appears with it. */
function uncover() {
  const number = elementsOf(output).map((element) => element.matches(".value") && element.querySelector("text")).find(Boolean);
  find("result").classList.toggle("later", number?.classList.contains("later") ?? false);
}
addEventListener("step", uncover);
const elementsOf = (k) => (live.drawn[k] ?? []).map(find).filter(Boolean);

/** A text of the picture; of what has no value no sum is shown. */
const numbered = (hole, from) => { const text = fill(hole, (name) => from.read(name), digits); return text.startsWith("— = ") ? "—" : text; };

/** A text that may have become wider than the place it stands in. */
function write(text, content, group) {
  text.textContent = content;
  text.removeAttribute("textLength");
  const room = boxOf(group.querySelector("polygon, path") ?? group).width;
  const shafts = [...group.querySelectorAll("polygon")].map(boxOf), wide = Math.max(room, ...shafts.map((box) => box.width));
  if (text.getComputedTextLength() > wide + 4) {
    text.setAttribute("textLength", wide + 4);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

/** What cannot be computed, or was recorded only because a comparison came out otherwise; empty if all is well. */
function trouble() {
  const [[k, fault] = []] = tape.faults;
  if (fault) {
    const [name, domain] = live.ops[tape.codes[k]];
    const operands = tape.inputs[k].map((i) => (live.names[i] ? `${live.names[i]} = ` : "") + shown(tape.values[i]));
    const called = `${name}(${operands.slice(0, 4).join(", ")}${operands.length > 4 ? ", …" : ""})`;
    return put(words[fault], { called, name, domain, up: shown(tape.totals[k]) });
  }
  if (!tape.broken) return "";
  const [sign, left, right, number, outcome, where] = tape.broken;
  const sides = [tape.values[left], right === null ? number : tape.values[right]].map(shown);
  return put(words.branch, { where, comparison: `${sides[0]} ${sign} ${sides[1]}`, was: words[outcome] });
}
const put = (text, parts) => text.replace(/\{(\w+)\}/g, (_, name) => parts[name]);

/** Everything computed again, and said. */
function change(says) {
  tape.compute();
  play(false);
  renew();
  go(current || steps.length);
  if (current === steps.length) unmark(); // all is shown: no step is the subject
  const wrong = trouble();
  find("phase").className = wrong ? "backward" : "changed";
  find("phase").textContent = wrong ? words.problem : words.changed;
  find("says").textContent = wrong || `${says} → ${result()}`;
}
const keep = () => past.push({ numbers: tape.leaves.map((k) => tape.values[k]), path: [...path] });
function set(k, x) {
  tape.values[k] = x;
  change(`${nameOf(k)} = ${shown(x)}`);
}
/** A step that suits a number: 1 for a count, else a tenth of its first digit; by it arrow keys and drags change it. */
function stepOf(k) {
  const x = Math.abs(tape.recorded.get(k));
  return Number.isInteger(x) && x < 1000 ? (x >= 100 ? 10 : 1) : 10 ** (Math.floor(Math.log10(x || 1)) - 1);
}
const moved = (x, by) => Number((x + by).toPrecision(12)); // 1.1 + 0.1 = 1.2 for a reader

for (const [name, k] of Object.entries(live.fields)) {
  const leaf = find(name), shape = leaf.querySelector("ellipse, path, polygon") ?? leaf, box = boxOf(shape);
  fieldOver(name, k, shape.matches("ellipse") ? { ...box, y: box.y + box.height / 2 - 14, height: 28 } : box);
  leaf.classList.add("open");
}
function fieldOver(name, k, box) {
  const field = document.createElement("input");
  const width = Math.max(box.width, 64);
  Object.assign(field, { type: "number", step: "any", value: tape.values[k], autocomplete: "off" });
  field.dataset.of = name;
  field.setAttribute("aria-label", nameOf(k));
  field.title = words.field;
  Object.assign(field.style, {
    left: `${box.x + (box.width - width) / 2}px`, top: `${box.y}px`, width: `${width}px`, height: `${box.height}px`,
  });
  layer.append(field);
  fields.set(field, k);
  wire(field, k);
  return field;
}

function wire(field, k) {
  let fresh = true, from = null; // fresh: the next change begins a new one for undo; from: where a drag began
  const begin = () => { if (fresh) keep(); fresh = false; };
  const take = (x) => { begin(); field.removeAttribute("aria-invalid"); set(k, x); };
  const to = (x) => { field.value = x; take(x); };
  const now = () => tape.values[k];
  const shift = (from, count, event) => to(moved(from, count * stepOf(k) * (event.shiftKey ? 0.1 : 1)));
  field.addEventListener("focus", () => { reveal(find(field.dataset.of)); field.select(); });
  field.addEventListener("blur", () => { fresh = true; field.value = now(); field.removeAttribute("aria-invalid"); });
  field.addEventListener("input", () => {
    const x = field.valueAsNumber;
    if (!Number.isFinite(x)) return field.setAttribute("aria-invalid", "true");
    return take(x); // and leave the text as it is: after "0." comes a digit
  });
  field.addEventListener("keydown", (event) => {
    const far = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (far) shift(now(), far, event);
    else if (event.key === "Enter") { fresh = true; field.value = now(); field.select(); }
    else if (event.key === "Escape") { to(tape.recorded.get(k)); field.select(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("wheel", (event) => { if (field === document.activeElement) event.preventDefault(); }, { passive: false });
  field.addEventListener("pointerdown", (event) => {
    if (event.button || field === document.activeElement) return;
    event.preventDefault(); // a click opens the field at its end; a drag never does
    field.setPointerCapture(event.pointerId);
    from = { x: event.clientX, number: now(), moved: false };
  });
  field.addEventListener("pointermove", (event) => {
    if (!from) return;
    const far = event.clientX - from.x;
    if (Math.abs(far) < 4 && !from.moved) return;
    from.moved = true;
    shift(from.number, Math.round(far / 6), event);
  });
  field.addEventListener("pointerup", () => {
    if (from && !from.moved) field.focus();
    if (from?.moved) fresh = true;
    from = null;
  });
  field.addEventListener("pointercancel", () => { from = null; fresh = true; });
}

/** The fields lie over the picture, and move with it. */
function lay() {
  const matrix = graph.getScreenCTM(), { left, top } = stage.getBoundingClientRect();
  const { a, d, e, f } = matrix;
  layer.style.transform = `matrix(${a}, 0, 0, ${d}, ${e - left - stage.clientLeft}, ${f - top - stage.clientTop})`;
}
for (const event of ["view", "resize", "scroll"]) addEventListener(event, lay);

// --- Descend: a step of gradient descent on the parameters, or on all inputs with a label --------------------------
const path = [tape.values[output]]; // the output after each step
const first = { numbers: [...tape.recorded.values()], path: [...path] };
function descend() {
  const rate = find("rate").valueAsNumber, slopes = live.moved.map((k) => tape.totals[k]);
  if (!Number.isFinite(rate)) return find("rate").focus();
  if (tape.broken || !slopes.every(Number.isFinite)) return change("");
  keep();
  live.moved.forEach((k, i) => { tape.values[k] -= rate * slopes[i]; });
  change(put(words.descended, { rate: String(rate), names: listOf(live.moved) }));
  path.push(tape.values[output]);
  return line();
}
const listOf = (places) => places.slice(0, 3).map(nameOf).join(", ") + (places.length > 3 ? ", …" : "");
function line() {
  const seen = path.slice(-200).filter(Number.isFinite), low = Math.min(...seen), high = Math.max(...seen);
  const point = (y, i) => `${(2 + (96 * i) / Math.max(1, seen.length - 1)).toFixed(1)},${(26 - (24 * (y - low)) / (high - low || 1)).toFixed(1)}`;
  find("path").toggleAttribute("hidden", path.length < 2);
  find("path").querySelector("polyline").setAttribute("points", seen.map(point).join(" "));
}
function restore({ numbers, path: was }, says) {
  tape.leaves.forEach((k, i) => { tape.values[k] = numbers[i]; });
  for (const [field, k] of fields) field.value = tape.values[k];
  path.splice(0, path.length, ...was);
  line();
  change(says);
}
const undo = () => past.length && restore(past.pop(), words.undone);
const reset = () => { keep(); restore(first, words.restored); };

let holding = 0;
const release = () => { clearTimeout(holding); clearInterval(holding); holding = 0; };
find("descend").addEventListener("pointerdown", (event) => {
  if (!event.button) holding = setTimeout(() => { holding = setInterval(descend, 80); }, 400);
});
for (const event of ["pointerup", "pointerleave", "pointercancel", "blur"]) find("descend").addEventListener(event, release);
for (const [id, act] of Object.entries({ descend, undo, reset })) find(id).addEventListener("click", act);
Object.assign(acts, { descend, undo, reset });
Object.assign(keys, { d: "descend", u: "undo", r: "reset" });
find("live").hidden = false;
find("result").hidden = false;
document.documentElement.classList.add("live");
renew();
look();
lay();
