// --- A network: circles and lines follow the numbers, and each neuron shows its own graph --------------------------
if (live?.network) {
  const { circles, lines, room, thinnest, widest, most, colours, graphs, own } = live.network;
  const [NEGATIVE, ZERO, POSITIVE] = colours;
  const colourOf = (x) => (x > 0 ? POSITIVE : x < 0 ? NEGATIVE : ZERO);
  const spell = (x) => String(x).replace("-", "−");
  const say = (element, text) => {
    const title = element.querySelector("title") ?? element.insertBefore(document.createElementNS(SVG, "title"), element.firstChild);
    title.textContent = text;
    if (element.hasAttribute("tabindex")) element.setAttribute("aria-label", text);
  };
  let recorded = true; // gradients of a loss that the page does not know: they hold as long as nothing is changed

  /** A number with as many digits as a circle has room for. */
  function fitted(text, x) {
    for (let count = digits; count > 0; count--) {
      text.textContent = general(x, count);
      if (text.getComputedTextLength() <= room) return;
    }
  }
  function arrow(element, wide, colour) {
    const line = element.querySelector("path:not(.grip)"), head = element.querySelector("polygon");
    const [x, start] = line.getAttribute("d").slice(1).split(/[,L]/).map(Number);
    const tip = Number(head.getAttribute("points").split(" ")[0].split(",")[1]), long = 6 + wide;
    line.setAttribute("d", `M${x},${start}L${x},${tip - long + 1}`);
    head.setAttribute("points", `${x},${tip} ${x + 0.45 * long},${tip - long} ${x - 0.45 * long},${tip - long}`);
    head.setAttribute("fill", colour);
  }
  const thickness = [...graph.querySelectorAll(".legend text")].find((text) => text.textContent.includes(most));
  const [before, after] = thickness?.textContent.split(most) ?? [];
  function paint() {
    const largest = Math.max(...Object.values(lines).map((k) => Math.abs(tape.values[k])));
    if (thickness) thickness.textContent = before + shown(largest) + after;
    for (const [name, k] of Object.entries(lines)) {
      const element = find(name), x = tape.values[k], wide = thinnest + (largest ? (widest * Math.abs(x)) / largest : 0);
      const numbers = find(`n.${name}`)?.querySelectorAll("text");
      if (numbers) numbers[1].textContent = shown(x);
      if (!element) continue;
      const line = element.querySelector("path:not(.grip)");
      line.setAttribute("stroke", colourOf(x));
      line.setAttribute("stroke-width", wide);
      if (x < 0) line.setAttribute("stroke-dasharray", `${5 + wide},${3 + wide}`);
      else line.removeAttribute("stroke-dasharray");
      if (element.classList.contains("bias")) arrow(element, wide, colourOf(x));
      if (!recorded) say(element, `${nameOf(k)} = ${spell(x)}`);
    }
    for (const [name, k] of Object.entries(circles)) {
      const text = find(name)?.querySelector("text");
      if (!text) continue;
      fitted(text, tape.values[k]);
      if (!recorded) say(find(name), `${nameOf(k)} = ${spell(tape.values[k])}`);
    }
  }
  addEventListener("renewed", () => {
    recorded = recorded && isRecorded();
    paint();
    for (const each of graph.querySelectorAll(".gradient, .number text[font-weight=bold], .legend text[font-weight=bold]")) each.classList.toggle("later", !isRecorded());
  });

  // --- A line opens a field; arrow keys go from line to line --------------------------------------------------------
  const order = Object.keys(lines).map(find).filter(Boolean);
  order.forEach((element, i) => {
    const grip = element.querySelector("path").cloneNode();
    grip.removeAttribute("stroke-dasharray");
    grip.setAttribute("class", "grip");
    for (const look of ["stroke", "stroke-width", "fill"]) grip.removeAttribute(look);
    element.append(grip);
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", i ? "-1" : "0");
    element.setAttribute("aria-label", element.querySelector("title").textContent);
    element.setAttribute("aria-description", words.weights);
    element.addEventListener("focus", () => { reveal(element); showTip(element.querySelector("title").textContent, [element]); });
    element.addEventListener("blur", () => { tip.hidden = true; });
    element.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (by) turnTo(order[(i + by + order.length) % order.length]);
      else if (event.key === "Enter" || event.key === " ") edit(element);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  });
  function turnTo(element) {
    for (const each of order) each.setAttribute("tabindex", each === element ? "0" : "-1");
    element.focus();
  }
  const middleOf = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  function edit(element) {
    const path = element.querySelector("path:not(.grip)"), number = find(`n.${element.id}`)?.querySelectorAll("text")[1];
    const { x, y } = number ? middleOf(boxOf(number)) : path.getPointAtLength(path.getTotalLength() / 2);
    const field = fieldOver(element.id, lines[element.id], { x: x - 42, y: y - 14, width: 84, height: 28 });
    const leave = (event) => {
      field.removeEventListener("blur", leave);
      fields.delete(field);
      field.remove();
      if (!event) turnTo(element);
    };
    field.addEventListener("blur", leave);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") leave();
    });
    tip.hidden = true;
    field.focus();
  }

  // --- A neuron opens its graph -------------------------------------------------------------------------------------
  const dialog = document.createElement("dialog"), head = document.createElement("header");
  const heading = document.createElement("span"), close = document.createElement("button"), sheet = document.createElement("div");
  Object.assign(dialog, { id: "own" });
  Object.assign(close, { type: "button", textContent: words.close });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  head.append(heading, close);
  dialog.append(head, sheet);
  document.body.append(dialog);
  function open(element) {
    const [which, leaves] = own[element.id], { svg, prefix, tape: data, pairs, fields: boxes } = graphs[which];
    const its = new Tape({ ...data, ops: live.ops, comparisons: [] }, operations);
    its.leaves.forEach((leaf, i) => { if (leaves[i][0] !== null) its.values[leaf] = tape.values[leaves[i][0]]; });
    its.compute();
    sheet.innerHTML = svg;
    const { width } = sheet.firstElementChild.viewBox.baseVal;
    Object.assign(sheet.firstElementChild.style, { minWidth: `${READABLE * width}px`, maxWidth: `${1.4 * width}px` });
    heading.textContent = `${nameOf(circles[element.id])} = ${shown(tape.values[circles[element.id]])}`;
    dialog.setAttribute("aria-label", heading.textContent);
    dialog.showModal();
    const part = (name) => find(prefix + name);
    for (const [name, k] of Object.entries(boxes)) {
      const box = part(name), label = leaves[its.leaves.indexOf(k)][1];
      if (!box || !label) continue;
      box.querySelector("text").textContent = label;
      box.querySelector("title")?.remove();
    }
    writePairs(pairs, its, part);
  }
  for (const name of Object.keys(own)) {
    const element = find(name);
    if (!element) continue;
    element.classList.add("open");
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.setAttribute("aria-haspopup", "dialog");
    element.setAttribute("aria-label", element.querySelector("title").textContent);
    element.addEventListener("focus", () => reveal(element));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      open(element);
    });
  }
  let pressed = null; // where: the stage holds the pointer, so what was clicked is found by its place
  stage.addEventListener("pointerdown", (event) => { pressed = event.target.closest("input") ? null : [event.clientX, event.clientY]; });
  stage.addEventListener("pointerup", (event) => {
    if (!pressed || Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const neuron = under?.closest(".neuron"), line = under?.closest(".edge");
    if (neuron && own[neuron.id]) open(neuron);
    else if (line && line.id in lines) edit(line);
  });

  for (const each of [find("descend"), find("rate").parentElement]) each.hidden = true;
  paint();
}
