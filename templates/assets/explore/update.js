/** The update of a batch: gradient, penalty, the optimizer's program. As tracer/training/step.py. */

import { Network } from "./network.js";
import { Tape } from "./tape.js";

/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./network.js").Pass} Pass */
/** @typedef {Record<string, Float64Array>} State a number of each variable for each parameter */
/** @typedef {{x: ArrayLike<number>, y: ArrayLike<number>}} Sample */
/**
 * @typedef {object} Outcome
 * @property {Pass[]} passes of the samples; the next update writes over all of this
 * @property {Float64Array} losses L of each of them
 * @property {Float64Array} watched the same as the stop rule sees it
 * @property {number} penalty
 * @property {Float64Array} gradient what the optimizer receives
 */

/** Updates of one experiment, in memory that is used again and again. */
export class Updater {
  /** @param {Program} program */
  constructor(program) {
    this.network = new Network(program);
    this.training = program.training;
    const { variables, carried, tape } = program.optimizer;
    this.variables = variables;
    this.carried = carried;
    this.tape = new Tape(tape, [2, 3]);
    const { weights, count } = this.network.flat;
    this.trained = this.training.train_biases ? count : weights;
    this.gradient = new Float64Array(count);
    this.losses = new Float64Array(0);
    this.watched = this.losses;
    /** @type {Pass[]} */
    this.passes = [];
  }

  /** What the optimizer keeps before the first update. @returns {State} */
  start() {
    return Object.fromEntries(
      this.variables.map((name) => [name, new Float64Array(this.network.flat.count)]),
    );
  }

  /** λ of a batch. @param {number} size */
  decay(size) {
    return this.training.l2_per_batch ? this.training.l2 / size : this.training.l2;
  }

  /** ½·λ·Σ w² over the weights. @param {Float64Array} w @param {number} size */
  penalty(w, size) {
    if (!this.training.l2) return 0;
    let squares = 0;
    for (let k = 0; k < this.network.flat.weights; k += 1) squares += w[k] * w[k];
    return 0.5 * this.decay(size) * squares;
  }

  /**
   * Update parameters and state in place.
   * @param {Float64Array} w @param {State} state @param {Sample[]} batch
   * @param {number} eta @param {number} t the number of the update, from 1
   * @param {boolean} slopes whether ∂L/∂ŷ is wanted where nothing needs it
   * @returns {Outcome}
   */
  step(w, state, batch, eta, t, slopes = false) {
    const { network, gradient } = this;
    this.#room(batch.length);
    const { passes, losses, watched } = this;
    const single = this.training.batch === 1;
    if (!single) gradient.fill(0);
    batch.forEach(({ x, y }, k) => {
      const pass = passes[k];
      network.forward(w, x, pass);
      losses[k] = network.loss(pass, y);
      if (network.watchedTape) watched[k] = network.watched(pass, y);
      network.backward(w, pass, y);
      if (slopes && network.fused) network.slope(pass, y);
      network.gradients(pass, x, gradient, !single);
    });
    const penalty = this.penalty(w, batch.length);
    this.#finish(w, batch.length);
    this.#apply(w, state, eta, t);
    return { passes, losses, watched, penalty, gradient };
  }

  /** Memory for a batch of this size; most have the same. @param {number} size */
  #room(size) {
    if (this.passes.length === size) return;
    this.passes = Array.from({ length: size }, () => this.network.pass());
    this.losses = new Float64Array(size);
    this.watched = this.network.watchedTape ? new Float64Array(size) : this.losses;
  }

  /** The gradient of the batch from the sums over it. @param {Float64Array} w @param {number} size */
  #finish(w, size) {
    const { gradient, training, network } = this;
    if (training.mean && size > 1) for (let k = 0; k < gradient.length; k += 1) gradient[k] /= size;
    if (!training.l2) return;
    const decay = this.decay(size);
    for (let k = 0; k < network.flat.weights; k += 1) gradient[k] += decay * w[k];
  }

  /** The optimizer's program, parameter by parameter. @param {Float64Array} w @param {State} state @param {number} eta @param {number} t */
  #apply(w, state, eta, t) {
    const { tape, gradient, variables } = this;
    const { registers, results } = tape;
    const carried = this.carried.map((name) => state[name]);
    const kept = variables.map((name) => state[name]);
    registers[2] = eta;
    registers[3] = t;
    tape.begin();
    for (let p = 0; p < this.trained; p += 1) {
      registers[0] = w[p];
      registers[1] = gradient[p];
      for (let k = 0; k < carried.length; k += 1) registers[4 + k] = carried[k][p];
      tape.run();
      for (let k = 0; k < kept.length; k += 1) kept[k][p] = registers[results[k]];
      w[p] = registers[results[kept.length]];
    }
  }
}
