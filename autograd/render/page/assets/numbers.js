/** A number as Python's `%.4g` writes it, with the sign −; "—" where there is none. */
function general(x, digits) {
  if (Number.isNaN(x)) return "—";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  let [shown, power] = Math.abs(x).toExponential(digits + 40).split("e"); // all of it: where it ends in 5, even wins
  shown = shown.replace(".", "");
  power = Number(power);
  const tail = shown.slice(digits).replace(/0+$/, "");
  let head = BigInt(shown.slice(0, digits));
  if (tail > "5" || (tail === "5" && head % 2n)) head += 1n;
  head = String(head);
  if (head.length > digits) power += 1;
  head = head.slice(0, digits);
  const pointed = (text, at) => `${text.slice(0, at)}.${text.slice(at)}`.replace(/\.?0*$/, "");
  let text = "";
  if (power < -4 || power >= digits) {
    const far = String(Math.abs(power)).padStart(2, "0");
    text = `${pointed(head, 1)}e${power < 0 ? "−" : "+"}${far}`;
  } else {
    text = power < 0 ? pointed("0".repeat(-power) + head, 1) : pointed(head, power + 1);
  }
  return x < 0 ? `−${text}` : text;
}

/** The least and the greatest of several; once where both are written alike. */
function range(name, read) {
  const [digits, names] = name.split(":"), numbers = names.split(",").map(read);
  if (numbers.some(Number.isNaN)) return "—";
  const ends = [Math.min(...numbers), Math.max(...numbers)].map((x) => general(x, Number(digits)));
  return [...new Set(ends)].join(" … ");
}

/** A text with its holes filled, each with the number that `read` gives for it; see holes.py. */
function fill(text, read, digits) {
  return text.replace(/\ufdd0([^\ufdd1]*?)([nsab]?)\ufdd1/g, (_, name, how) => {
    if (name[0] === "m") return range(name.slice(1), read);
    const shown = general(read(name), digits), negative = shown.startsWith("−");
    if (how === "a") return negative ? ` − ${shown.slice(1)}` : ` + ${shown}`;
    if (how === "b") return negative ? shown : `+${shown}`;
    const held = how && (negative || (how === "s" && shown.includes("e")));
    return held ? `(${shown})` : shown;
  });
}
