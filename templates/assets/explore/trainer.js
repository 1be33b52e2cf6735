/** Training in the page, from any moment on. As tracer/training/recorder.py. */

import { Rhythm } from "./rhythm.js";
import { Updater } from "./update.js";

/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./update.js").State} State */
/** @typedef {import("./update.js").Outcome} Outcome */
/** @typedef {import("./rhythm.js").Watch} Watch */
/**
 * @typedef {object} Start a moment to begin at; what is left out is as before the first update
 * @property {Float64Array} [w] weights layer by layer, then biases
 * @property {State} [state]
 * @property {number} [update] updates so far
 * @property {number} [eta0] the learning rate that the schedule starts with
 * @property {number} [eta] that of the next update, which a file of its own starts with
 * @property {number} [plateaus]
 * @property {Map<number, {x?: number[], y?: number[]}>} [data] rows (from 0) that are changed
 */
/**
 * @typedef {{epoch: number, update: number, name: string, row: number}} Trouble all from 1; what belongs
 *   to a batch is placed at its last row */
/** @typedef {{epoch: number, loss: number}} Point */

export const MOST_POINTS = 4096; // of a loss curve: more than a screen has columns
const nothing = () => ({ loss: 0, watched: 0, penalty: 0, updates: 0 });
const EMPTY = /** @type {Start} */ ({});

export class Trainer {
  /** @param {Program} program @param {Start} [start] */
  constructor(program, start = EMPTY) {
    this.program = program;
    this.updater = new Updater(program);
    this.rhythm = new Rhythm(program);
    const { flat } = this.updater.network;
    this.w = start.w ? start.w.slice() : flat.join(program.start);
    this.state = this.updater.start();
    for (const [name, values] of Object.entries(start.state ?? {})) this.state[name]?.set(values);
    this.samples = program.x.map((x, row) => ({ x, y: program.y[row], ...start.data?.get(row) }));
    this.eta0 = start.eta0 ?? program.training.eta;
    this.batches = Math.ceil(this.rhythm.rows / program.training.batch);
    this.updates = start.update ?? 0;
    this.watch = { ...this.rhythm.start(), plateaus: start.plateaus ?? 0 };
    /** @type {Point[]} losses of whole epochs; every second is forgotten when there are too many */
    this.curve = [];
    this.apart = 1;
    /** @type {Trouble | null} the first number that is not finite */
    this.trouble = null;
    this.ended = false;
    this.last = NaN;
    this.sums = nothing();
    /** @type {number[]} */
    this.order = [];
    this.eta = NaN;
    this.k = 0; // what the schedule has counted
    this.#epoch();
  }

  /** What is the same for a whole epoch: the order of its rows, and η. */
  #epoch() {
    this.order = this.rhythm.order(this.epochs);
    this.eta = this.rhythm.eta(this.eta0, this.epochs, this.watch.plateaus);
    this.k = this.rhythm.k(this.epochs, this.watch.plateaus);
  }

  /** Learn at another rate from now on. @param {number} eta that of the next update */
  learnAt(eta) {
    if (this.eta && this.eta !== eta) this.eta0 *= eta / this.eta;
    this.eta = eta;
  }

  /** Epochs that are over. */
  get epochs() {
    return Math.floor(this.updates / this.batches);
  }

  /** The rows of the next update, from 0. */
  get rows() {
    const { batch } = this.program.training;
    const first = (this.updates % this.batches) * batch;
    return this.order.slice(first, first + batch);
  }

  /** One update. @returns {{done: Outcome, eta: number, rows: number[], t: number}} */
  update() {
    const { rows, eta, epochs } = this;
    const t = this.updates + 1;
    const batch = rows.map((row) => this.samples[row]);
    const done = this.updater.step(this.w, this.state, batch, eta, t);
    this.#add(done);
    this.trouble ??= this.#trouble(done, rows, epochs);
    this.updates = t;
    if (t % this.batches === 0) this.#end(eta);
    return { done, eta, rows, t };
  }

  /** Train to the end of the epoch. @returns {number} its loss; nan if it was not begun here */
  epoch() {
    do this.update();
    while (this.updates % this.batches);
    return this.last;
  }

  /** Train so many epochs, or until the rule or a number that is not finite ends it. @param {number} count */
  train(count) {
    for (let k = 0; k < count && !this.trouble && !this.ended; k += 1) this.epoch();
    return this.curve;
  }

  /** A copy of the moment, to begin another run at. @returns {Start} */
  moment() {
    const state = Object.fromEntries(
      Object.entries(this.state).map(([name, values]) => [name, values.slice()]),
    );
    return {
      w: this.w.slice(),
      state,
      update: this.updates,
      eta0: this.eta0,
      eta: this.eta,
      plateaus: this.watch.plateaus,
      data: new Map(this.samples.map((sample, row) => [row, sample])),
    };
  }

  /** @param {Outcome} done */
  #add({ losses, watched, penalty }) {
    const { sums } = this;
    const { mean } = this.program.training;
    sums.updates += 1;
    if (!mean) sums.penalty += penalty;
    for (let k = 0; k < losses.length; k += 1) {
      sums.loss += mean ? losses[k] + penalty : losses[k];
      sums.watched += mean ? watched[k] + penalty : watched[k];
    }
  }

  /** @param {number} eta */
  #end(eta) {
    const { mean } = this.program.training;
    const [whole, rows] = [this.sums.updates === this.batches, this.rhythm.rows];
    const of = (/** @type {number} */ sum) => (mean ? sum / rows : sum + this.sums.penalty);
    this.last = whole ? of(this.sums.loss) : NaN;
    if (whole) {
      this.#keep({ epoch: this.updates / this.batches, loss: this.last });
      [this.watch, this.ended] = this.rhythm.next(this.watch, of(this.sums.watched), eta);
    }
    this.sums = nothing();
    this.#epoch();
  }

  /** @param {Point} point */
  #keep(point) {
    if (point.epoch % this.apart) return;
    this.curve.push(point);
    if (this.curve.length < MOST_POINTS) return;
    this.apart *= 2;
    this.curve = this.curve.filter(({ epoch }) => epoch % this.apart === 0);
  }

  /** The first number of an update that is not finite, in the order of its computation. @param {Outcome} done @param {number[]} rows @param {number} epochs @returns {Trouble | null} */
  #trouble({ passes, losses, gradient }, rows, epochs) {
    const at = { epoch: epochs + 1, update: this.updates + 1 };
    const isFine = allFinite(losses) && allFinite(gradient) && allFinite(this.w);
    if (isFine && passes.every(isPassFinite)) return null;
    for (let k = 0; k < passes.length; k += 1) {
      const name = firstOf(passes[k], losses[k]);
      if (name) return { ...at, name, row: rows[k] + 1 };
    }
    const { flat } = this.updater.network;
    const bad = gradient.findIndex((value) => !Number.isFinite(value));
    const name = bad < 0 ? nameOf(flat, this.w, "_after", "") : nameOf(flat, gradient, "", "grad_");
    return { ...at, name, row: rows[rows.length - 1] + 1 };
  }
}

/** @param {Float64Array} values */
function allFinite(values) {
  let probe = 0; // nan as soon as one is not finite
  for (let k = 0; k < values.length; k += 1) probe += values[k] * 0;
  return probe === 0;
}

/** @param {import("./network.js").Pass} pass */
function isPassFinite({ z, a, dL_da: signals, dL_dz: errors }) {
  for (let l = 0; l < z.length; l += 1) {
    if (!(allFinite(z[l]) && allFinite(a[l]) && allFinite(signals[l]) && allFinite(errors[l]))) return false;
  }
  return true;
}

/** The first number of a pass that is not finite, in the order of its computation. @param {import("./network.js").Pass} pass @param {number} loss */
function firstOf({ z, a, dL_da: signals, dL_dz: errors }, loss) {
  const bad = (/** @type {Float64Array} */ values) => values.findIndex((v) => !Number.isFinite(v));
  for (let l = 0; l < z.length; l += 1) {
    if (bad(z[l]) >= 0) return `z-${l + 1}-${bad(z[l]) + 1}`;
    if (bad(a[l]) >= 0) return `a-${l + 1}-${bad(a[l]) + 1}`;
  }
  if (!Number.isFinite(loss)) return "loss";
  for (let l = z.length - 1; l >= 0; l -= 1) {
    if (bad(signals[l]) >= 0) return `dL_da-${l + 1}-${bad(signals[l]) + 1}`;
    if (bad(errors[l]) >= 0) return `dL_dz-${l + 1}-${bad(errors[l]) + 1}`;
  }
  return "";
}

/** The name of the first parameter whose number is not finite. @param {import("./network.js").Flat} flat @param {Float64Array} values @param {string} after @param {string} before */
function nameOf(flat, values, after, before) {
  const place = values.findIndex((value) => !Number.isFinite(value));
  const kind = place < flat.weights ? "W" : "b";
  const starts = kind === "W" ? flat.W : flat.b;
  const layer = starts.findLastIndex((start) => start <= place) + 1;
  const [own, n] = [place - starts[layer - 1], flat.sizes[layer]];
  const index = kind === "W" ? [Math.floor(own / n) + 1, (own % n) + 1] : [own + 1];
  return [`${before}${kind}${after}`, layer, ...index].join("-");
}
