/* What the pages of lessons share: words in two languages, colours of the style, and canvases. Needs numbers.js. */
const find = (id) => document.getElementById(id);
const given = JSON.parse(find("data").textContent);
const still = matchMedia("(prefers-reduced-motion: reduce)"), dark = matchMedia("(prefers-color-scheme: dark)");
document.documentElement.classList.add("js");

// --- Words ---------------------------------------------------------------------------------------------------------
let language = given.chosen.language, words = given.words[language], said = () => say("intro");
const say = (name, holes = {}) => words[name].replace(/\{(\w+)\}/g, (_, hole) => holes[hole]);
/** Says something to everybody: what is read aloud, and again if the language changes. */
function tell(what) {
  said = what;
  find("status").textContent = what();
}

/** The words of the language, wherever the page names them; and on the button, the other language. */
function translatePage() {
  words = given.words[language];
  document.documentElement.lang = language;
  document.title = say("title");
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = say(each.dataset.word);
  for (const each of document.querySelectorAll("[data-name]")) each.setAttribute("aria-label", say(each.dataset.name));
  const other = language === "ja" ? "en" : "ja";
  find("language").textContent = given.words[other].this_language;
  find("language").lang = other;
}

/** The button that starts and pauses. */
function showPlaying(on, word) {
  find("play").classList.toggle("playing", on);
  find("play").querySelector("span").textContent = word;
  find("play").title = `${word} (Space)`;
}

// --- Canvases ------------------------------------------------------------------------------------------------------
/** Colours that the style has under these names. */
function coloursOf(names) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The red, green and blue of a colour written as #rrggbb. */
const partsOf = (colour) => [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16));

/** A canvas of as many pixels as it has on the screen, its context in CSS pixels, empty. */
function cleared(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas, dense = Math.min(3, devicePixelRatio || 1);
  const [columns, rows] = [Math.round(width * dense), Math.round(height * dense)];
  if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d");
  context.setTransform(dense, 0, 0, dense, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Where a number is 0 on a grid of side × side points that fills a box: straight in each square. */
function zeroPath(at, side, box) {
  const path = new Path2D(), [wide, high] = [box.width / (side - 1), box.height / (side - 1)];
  for (let row = 0; row + 1 < side; row++)
    for (let column = 0; column + 1 < side; column++) {
      const corners = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      const sides = corners.map((x) => x > 0);
      if (sides.every(Boolean) || !sides.some(Boolean)) continue;
      const ends = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = [corners[k], corners[(k + 1) % 4]];
        if (a > 0 === b > 0) continue;
        const t = a / (a - b), [x, y] = [[t, 0], [1, t], [1 - t, 1], [0, 1 - t]][k];
        ends.push([box.x + (column + x) * wide, box.y + (row + y) * high]);
      }
      for (let k = 0; k + 1 < ends.length; k += 2) {
        path.moveTo(...ends[k]);
        path.lineTo(...ends[k + 1]);
      }
    }
  return path;
}

/** Round numbers along an axis, five or so. */
function ticksOf([low, high]) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].map((k) => k * power).find((each) => each >= rough);
  const found = [];
  for (let k = Math.ceil(low / gap); k * gap <= high; k++) found.push(k * gap);
  return found;
}
const fontOf = (size) => `${size}px ${getComputedStyle(document.body).fontFamily}`;

/** Frame, marks and names of two axes around a box; gives the places of numbers in it. */
function axes(context, box, across, up, names, colours) {
  const X = (x) => box.x + (box.width * (x - across[0])) / (across[1] - across[0]);
  const Y = (y) => box.y + box.height - (box.height * (y - up[0])) / (up[1] - up[0]);
  const written = (x) => general(x, 3), bottom = box.y + box.height;
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.strokeRect(box.x, box.y, box.width, box.height);
  context.fillStyle = colours.ink;
  context.font = fontOf(12);
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const x of ticksOf(across)) {
    context.fillText(written(x), X(x), bottom + 6);
    context.fillRect(X(x), bottom, 1, 4);
  }
  context.fillText(names[0], box.x + box.width / 2, bottom + 22, box.width);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const y of ticksOf(up)) {
    context.fillText(written(y), box.x - 7, Y(y));
    context.fillRect(box.x - 4, Y(y), 4, 1);
  }
  context.save();
  context.translate(9, box.y + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(names[1], 0, 0, box.height);
  context.restore();
  return { X, Y };
}
