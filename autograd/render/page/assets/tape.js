/** A recorded graph that is computed again, forward and backward, with other numbers in its leaves. */
class Tape {
  /** `data` as tape.py gives it; `operations`: how each operation is computed, and what it passes back. */
  constructor(data, operations) {
    Object.assign(this, data);
    this.operations = operations;
    this.leaves = this.codes.flatMap((code, k) => (code < 0 ? [k] : []));
    this.constants = new Set(this.leaves.filter((k) => data.kinds[k] === "c"));
    this.recorded = new Map(this.leaves.map((k, i) => [k, this.numbers[i]]));
    this.values = new Float64Array(this.codes.length);
    this.totals = new Float64Array(this.codes.length);
    this.passed = this.inputs.map((inputs) => inputs.map(() => 0));
    for (const [k, x] of this.recorded) this.values[k] = x;
    this.compute();
  }

  /** All values and gradients anew; `faults` says at which nodes there are none, `broken` which comparison changed. */
  compute() {
    this.faults = new Map();
    this.forward();
    this.broken = this.comparisons.find((each) => this.goesAnotherWay(each)) ?? null;
    this.backward();
  }

  operands(k) {
    return this.inputs[k].map((i) => this.values[i]);
  }

  forward() {
    this.codes.forEach((code, k) => {
      if (code < 0) return;
      const x = this.operands(k), y = this.operations[code][0](...x);
      const usual = Number.isFinite(y) || (!Number.isNaN(y) && !x.every(Number.isFinite));
      if (!usual && !x.some(Number.isNaN)) this.faults.set(k, this.isPole(code, x, y) ? "undefined" : "too large");
      this.values[k] = usual ? y : NaN;
    });
  }

  /** Whether an operation has no value there, or else one that is too large; for the message alone. */
  isPole(code, x, y) {
    return Number.isNaN(y) || (!this.ops[code][2] && x.some((each) => [0, 1].includes(Math.abs(each))));
  }

  goesAnotherWay([sign, left, right, number, outcome]) {
    const a = this.values[left], b = right === null ? number : this.values[right];
    if (Number.isNaN(a) || Number.isNaN(b)) return false; // a fault says so already
    const found = { "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a === b, "!=": a !== b }[sign];
    return found !== outcome;
  }

  backward() {
    const reached = new Set(this.seeds.map(([k]) => k));
    this.totals.fill(0);
    for (const [k, seed] of this.seeds) this.totals[k] += Number.isNaN(this.values[k]) ? NaN : seed;
    for (let k = this.codes.length - 1; k >= 0; k--) {
      if (this.codes[k] < 0) continue;
      const g = this.totals[k];
      const flowing = reached.has(k) ? this.rule(k, g) : this.inputs[k].map(() => null);
      flowing.forEach((each, slot) => {
        if (each === null) return;
        const source = this.inputs[k][slot];
        if (!Number.isFinite(each) && Number.isFinite(g) && this.leads(source)) this.faults.set(k, "no derivative");
        reached.add(source);
        this.totals[source] += Number.isFinite(each) ? each : NaN;
      });
      this.passed[k] = flowing.map((each) => each ?? 0);
    }
  }

  /** Whether anybody asks for the gradient there: of a constant nobody does. */
  leads(k) {
    return this.codes[k] >= 0 || !this.constants.has(k);
  }

  /** What a node passes to each operand; null where nothing flows. */
  rule(k, g) {
    return this.operations[this.codes[k]][1](g, this.values[k], ...this.operands(k));
  }

  /** The derivative of one node by another, through these nodes alone. */
  through(output, source, inside) {
    const totals = new Map([[output, 1]]);
    for (const k of [...inside].sort((a, b) => b - a)) {
      if (this.codes[k] < 0 || !totals.has(k)) continue;
      this.rule(k, totals.get(k)).forEach((each, slot) => {
        const x = this.inputs[k][slot];
        totals.set(x, (totals.get(x) ?? 0) + (each ?? 0));
      });
    }
    return totals.get(source) ?? 0;
  }

  /** The number that a hole asks for; see holes.py. */
  read(name) {
    const parts = name.slice(1).split("+").map((part) => part.split(".").map(Number));
    const [[k, slot, box]] = parts;
    switch (name[0]) {
      case "v": return this.values[k];
      case "t": return this.totals[k];
      case "e": return parts.reduce((sum, [node, at]) => sum + this.passed[node][at], 0);
      case "l": return this.rule(k, 1)[slot] ?? 0;
      default: return this.through(k, slot, this.modules[box]);
    }
  }
}
