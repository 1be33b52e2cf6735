/** Every number of one cycle: what training computed of it, and what its page computes of that. */

import { SINGLE } from "./places.js";

/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./places.js").Numbers} Numbers */
/** @typedef {import("./update.js").Updater} Updater */
/** @typedef {import("./update.js").Outcome} Outcome */
/** @typedef {import("./update.js").Sample} Sample */
/** @typedef {{done: Outcome, batch: Sample[], place: number, t: number}} Found an update, and the sample's place in its batch */

const at = Object.fromEntries(SINGLE.map((name, k) => [name, k]));

/** Room for the numbers of a cycle. @param {Program} program @param {Updater} updater @returns {Numbers} */
export function room(program, updater) {
  const { network } = updater;
  const row = () => new Float64Array(network.flat.count);
  return {
    x: new Float64Array(network.sizes[0]),
    y: new Float64Array(network.sizes[network.layers]),
    w: network.flat.join(program.start),
    state: updater.start(),
    pass: network.pass(),
    slopes: row(),
    gradient: row(),
    left: row(),
    da_dz: network.pass().a,
    square: new Float64Array(network.layers),
    gain: new Float64Array(network.layers),
    w_after: row(),
    state_after: updater.start(),
    again: network.pass(),
    single: new Float64Array(SINGLE.length),
  };
}

/** Takes what an update computed for one of its samples. */
export class Taker {
  /** @param {Program} program @param {Updater} updater @param {string[]} names what is asked for */
  constructor(program, updater, names) {
    this.program = program;
    this.updater = updater;
    this.last = new Float64Array(updater.network.flat.count);
    const asks = (/** @type {RegExp} */ pattern) => names.some((name) => pattern.test(name));
    this.asksSlopes = asks(/^da_dz/);
    this.asksLeft = asks(/^rest_/);
    this.asksParts = asks(/^(?:square|gain|predicted_change)/);
  }

  /** Of the sample itself: its passes, its loss, its own slopes. @param {Numbers} numbers @param {Outcome} done @param {number} place */
  sample(numbers, done, place) {
    const { network } = this.updater;
    copy(done.passes[place], numbers.pass);
    network.gradients(numbers.pass, numbers.x, numbers.slopes, false);
    if (this.asksSlopes) network.slopes(numbers.pass, numbers.da_dz);
    numbers.single[at.loss] = done.losses[place];
  }

  /** All numbers of the cycle; those of its update belong to the last row of the batch. @param {Numbers} numbers @param {Found} found */
  cycle(numbers, { done, batch, place, t }) {
    const { network } = this.updater;
    const { single } = numbers;
    const last = batch.length - 1;
    this.sample(numbers, done, place);
    numbers.gradient.set(done.gradient);
    network.forward(numbers.w_after, batch[last].x, numbers.again);
    single[at.t] = t;
    single[at.penalty] = done.penalty;
    single[at.batch_loss] = this.#whole(done.losses) + done.penalty;
    single[at.loss_after] = network.loss(numbers.again, batch[last].y);
    single[at.loss_change] = single[at.loss_after] - done.losses[last];
    if (this.asksLeft) this.#left(numbers, done, batch);
    if (this.asksParts) this.#predicted(numbers, done, batch);
  }

  /** What the rows of a long batch add up to that are not written out. As tracer/explain/terms.py. @param {Numbers} numbers @param {Outcome} done @param {Sample[]} batch */
  #left({ left, single }, done, batch) {
    const { first } = this.program.terms ?? { first: Infinity };
    left.fill(0);
    single[at.rest_loss] = 0;
    for (let k = first; k < batch.length - 1; k += 1) {
      this.updater.network.gradients(done.passes[k], batch[k].x, left, true);
      single[at.rest_loss] += done.losses[k];
    }
  }

  /** @param {Float64Array} losses */
  #whole(losses) {
    let sum = 0;
    for (let k = 0; k < losses.length; k += 1) sum += losses[k];
    return this.program.training.mean ? sum / losses.length : sum;
  }

  /** What the slopes of the last row say of its loss. As tracer/explore/columns.py. @param {Numbers} numbers @param {Outcome} done @param {Sample[]} batch */
  #predicted(numbers, done, batch) {
    const { square, gain, single } = numbers;
    const { network } = this.updater;
    const last = batch.length - 1;
    network.gradients(done.passes[last], batch[last].x, this.last, false);
    [single[at.square_all], single[at.gain_all]] = [0, 0];
    for (let l = 0; l < network.layers; l += 1) {
      this.#part(numbers, l);
      single[at.square_all] += square[l];
      single[at.gain_all] += gain[l];
    }
    const { training, optimizer } = this.program;
    const isStep = batch.length === 1 && optimizer.plain && training.l2 === 0;
    single[at.predicted_change] = isStep ? -single[at.eta] * single[at.square_all] : single[at.gain_all];
  }

  /** @param {Numbers} numbers @param {number} l */
  #part({ square, gain, w, w_after: after }, l) {
    const { flat, sizes } = this.updater.network;
    const [n, m] = [sizes[l], sizes[l + 1]];
    [square[l], gain[l]] = [0, 0];
    const add = (/** @type {number} */ first, /** @type {number} */ count) => {
      for (let k = first; k < first + count; k += 1) {
        square[l] += this.last[k] * this.last[k];
        gain[l] += this.last[k] * (after[k] - w[k]);
      }
    };
    add(flat.W[l], n * m);
    if (this.program.training.train_biases) add(flat.b[l], m);
  }
}

/** @param {import("./network.js").Pass} from @param {import("./network.js").Pass} into */
function copy(from, into) {
  for (const name of /** @type {("z" | "a" | "dL_da" | "dL_dz")[]} */ (Object.keys(into))) {
    into[name].forEach((layer, l) => layer.set(from[name][l]));
  }
}
