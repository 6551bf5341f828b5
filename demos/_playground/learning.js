/* How a network learns: everything about it that is not drawn.
 *
 * A network is one of the printed programs, whose hidden layers have WIDE neurons each. A narrower layer is the first
 * few of them: the weights and biases of the others are 0, and stay so, and what is multiplied with 0 adds nothing.
 */
const WIDE = 8;
const HOPELESS = 1e12; // times the first loss (or 1): no run comes back from there

/** Gives numbers from 0 to below 1, the same for the same seed: mulberry32, by Tommy Ettinger. */
function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The neurons of a network, layer by layer: where in the parameters its weights and its bias are. */
function neuronsOf(widths) {
  const layers = [];
  let start = 0, inputs = 2, room = 2;
  for (const [k, width] of [...widths, 1].entries()) {
    layers.push(Array.from({ length: width }, (_, j) => {
      const first = start + j * (room + 1);
      return { weights: Array.from({ length: inputs }, (_, i) => first + i), bias: first + room };
    }));
    start += (k < widths.length ? WIDE : 1) * (room + 1);
    [inputs, room] = [width, WIDE];
  }
  return layers;
}

class Network {
  /** Weights are uniform between −1 and 1 and biases 0, as those of nn.MLP; neuron by neuron they come off the generator. */
  constructor(activation, widths, seed) {
    Object.assign(this, { activation, widths, layers: neuronsOf(widths) });
    this.program = programs[widths.length ? `${activation} ${widths.length}` : "line"];
    this.parameters = new Float64Array(this.program.parameters);
    this.gradient = new Float64Array(this.program.parameters);
    this.places = this.layers.flat().flatMap(({ weights, bias }) => [...weights, bias]);
    this.count = 2 * WIDE * widths.length + 1; // outputs of a point
    const next = generator(seed);
    for (const place of this.layers.flat().flatMap(({ weights }) => weights)) this.parameters[place] = 2 * next() - 1;
  }

  /** Where among the outputs of a point a neuron is: what it gives, and its weighted sum before the activation. */
  outputsOf(layer, neuron) {
    if (layer === this.widths.length) return { gives: this.count - 1, sum: this.count - 1 };
    return { gives: (2 * layer + 1) * WIDE + neuron, sum: 2 * layer * WIDE + neuron };
  }

  /** Of so many points, x₁ and x₂ side by side, what every neuron gives: `count` numbers of each point. */
  outputs(rows, points, found) {
    this.program.outputs(rows, points, this.parameters, found);
  }

  /** The mean loss of samples, `numbers` of which are x₁, x₂ and the class; `gradient` is then that of their sum. */
  loss({ rows, numbers }) {
    return this.program.loss(rows, numbers, this.parameters, this.gradient) / rows;
  }

  /** One step of gradient descent on the mean loss + l2·Σθ², as nn.fit and nn.SGD do it.
   *
   * False where the loss runs away: then the parameters are as before.
   */
  step(samples, rate, l2) {
    const loss = this.loss(samples), theta = this.parameters, before = theta.slice();
    this.first ??= Math.max(1, loss);
    for (const k of this.places) theta[k] -= rate * (this.gradient[k] / samples.rows + 2 * l2 * theta[k]);
    if (loss < HOPELESS * this.first && this.places.every((k) => Number.isFinite(theta[k]))) return true;
    theta.set(before);
    return false;
  }
}
