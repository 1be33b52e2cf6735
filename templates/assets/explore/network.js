/** The passes of one sample through the network. As tracer/network.py and tracer/training/step.py. */

import { Tape } from "./tape.js";

/** @typedef {import("./tape.js").TapeData} TapeData */
/** @typedef {{vector: boolean, kernel: TapeData, slope: TapeData | null, rule: TapeData}} ActivationData */
/** @typedef {{kernel: TapeData, slope: TapeData, watched?: TapeData, fused: boolean}} LossData */
/**
 * @typedef {{eta: number, epochs: number, mean: boolean, batch: number, l2: number,
 *   l2_per_batch: boolean, train_biases: boolean}} Training
 */
/**
 * @typedef {{variables: string[], carried: string[], remembered: string[], counted: boolean, plain: boolean,
 *   tape: TapeData}} OptimizerData `remembered` are the carried ones whose old value counts; `counted`: t does
 */
/**
 * @typedef {{count: TapeData, rate: TapeData, unrolled: TapeData[], on_plateau: boolean,
 *   is_constant: boolean, least: number}} ScheduleData
 */
/**
 * @typedef {object} Program what tracer/explore/program.py exports
 * @property {number[]} sizes n_0, …, n_L
 * @property {ActivationData[]} activations
 * @property {LossData} loss
 * @property {OptimizerData} optimizer
 * @property {ScheduleData} schedule
 * @property {{tolerance: number, patience: number} | null} stop
 * @property {Training} training
 * @property {number[][]} x
 * @property {number[][]} y
 * @property {number[][]} orders rows (from 0) of each epoch; one for all of them if they are alike
 * @property {{W: number[][][], b: number[][]}} start
 * @property {{first: number}} [terms] of a batch of too many rows only the `first` ones and the last are written out
 * @property {any} document the experiment file, without the rows of its table
 */
/**
 * @typedef {{z: Float64Array[], a: Float64Array[], dL_da: Float64Array[], dL_dz: Float64Array[]}} Pass
 *   the numbers of a sample, layer by layer
 */

/** Where the parameters stand in a row: all weights layer by layer, then all biases. */
export class Flat {
  /** @param {number[]} sizes */
  constructor(sizes) {
    this.sizes = sizes;
    /** @type {number[]} */
    this.W = [];
    /** @type {number[]} */
    this.b = [];
    let place = 0;
    for (let l = 1; l < sizes.length; l += 1) {
      this.W.push(place);
      place += sizes[l - 1] * sizes[l];
    }
    this.weights = place;
    for (let l = 1; l < sizes.length; l += 1) {
      this.b.push(place);
      place += sizes[l];
    }
    this.count = place;
  }

  /** The place of a weight or a bias; layer and units count from 1. @param {string} kind @param {number} layer @param {number[]} index */
  place(kind, layer, index) {
    const n = this.sizes[layer];
    if (kind === "b") return this.b[layer - 1] + index[0] - 1;
    return this.W[layer - 1] + (index[0] - 1) * n + index[1] - 1;
  }

  /** @param {{W: number[][][], b: number[][]}} given */
  join(given) {
    return Float64Array.from([...given.W.flat(2), ...given.b.flat()]);
  }
}

/** One network: forward, loss, backward. */
export class Network {
  /** @param {Program} program */
  constructor(program) {
    this.sizes = program.sizes;
    this.layers = program.sizes.length - 1;
    this.flat = new Flat(program.sizes);
    this.fused = program.loss.fused;
    this.vector = program.activations.map((each) => each.vector);
    this.kernels = program.activations.map((each) => new Tape(each.kernel));
    this.slopeTapes = program.activations.map((each) => each.slope && new Tape(each.slope));
    this.rules = program.activations.map((each) => new Tape(each.rule));
    this.lossTape = new Tape(program.loss.kernel);
    this.slopeTape = new Tape(program.loss.slope);
    this.watchedTape = program.loss.watched && new Tape(program.loss.watched);
  }

  /** Room for the numbers of a sample. @returns {Pass} */
  pass() {
    const made = () => this.sizes.slice(1).map((n) => new Float64Array(n));
    return { z: made(), a: made(), dL_da: made(), dL_dz: made() };
  }

  /** z = a W + b, a = f(z). @param {Float64Array} w @param {ArrayLike<number>} x @param {Pass} pass */
  forward(w, x, pass) {
    let signal = x;
    for (let l = 0; l < this.layers; l += 1) {
      this.#sums(w, l, signal, pass.z[l]);
      this.#map(this.kernels[l], this.vector[l], [pass.z[l]], pass.a[l]);
      signal = pass.a[l];
    }
  }

  /** @param {Float64Array} w @param {number} l @param {ArrayLike<number>} signal @param {Float64Array} z */
  #sums(w, l, signal, z) {
    const [W, b, n] = [this.flat.W[l], this.flat.b[l], z.length];
    for (let j = 0; j < n; j += 1) {
      let sum = signal[0] * w[W + j];
      for (let i = 1; i < signal.length; i += 1) sum += signal[i] * w[W + i * n + j];
      z[j] = sum + w[b + j];
    }
  }

  /**
   * What a tape makes of arrays: unit by unit, or of all units at once.
   * @param {Tape} tape @param {boolean} whole @param {Float64Array[]} given @param {Float64Array} into
   */
  #map(tape, whole, given, into) {
    const { registers, results } = tape;
    if (whole) {
      for (let k = 0; k < given.length; k += 1) registers.set(given[k], k * into.length);
      tape.run();
      for (let j = 0; j < into.length; j += 1) into[j] = registers[results[j]];
      return;
    }
    for (let j = 0; j < into.length; j += 1) {
      for (let k = 0; k < given.length; k += 1) registers[k] = given[k][j];
      tape.run();
      into[j] = registers[results[0]];
    }
  }

  /** da/dz of each layer whose units are not mixed. @param {Pass} pass @param {Float64Array[]} into */
  slopes({ z, a }, into) {
    this.slopeTapes.forEach((tape, l) => tape && this.#map(tape, false, [z[l], a[l]], into[l]));
  }

  /** @param {Tape} tape @param {Pass} pass @param {ArrayLike<number>} y */
  #ends(tape, pass, y) {
    const { registers } = tape;
    const [a, z] = [pass.a[this.layers - 1], pass.z[this.layers - 1]];
    const n = a.length;
    for (let k = 0; k < n; k += 1) {
      registers[k] = y[k];
      registers[n + k] = a[k];
      registers[2 * n + k] = z[k];
    }
    tape.run();
  }

  /** L. @param {Pass} pass @param {ArrayLike<number>} y */
  loss(pass, y) {
    this.#ends(this.lossTape, pass, y);
    return this.lossTape.registers[this.lossTape.results[0]];
  }

  /** L as the stop rule sees it. @param {Pass} pass @param {ArrayLike<number>} y */
  watched(pass, y) {
    if (!this.watchedTape) return this.loss(pass, y);
    this.#ends(this.watchedTape, pass, y);
    return this.watchedTape.registers[this.watchedTape.results[0]];
  }

  /** ∂L/∂ŷ. @param {Pass} pass @param {ArrayLike<number>} y */
  slope(pass, y) {
    const { registers, results } = this.slopeTape;
    this.#ends(this.slopeTape, pass, y);
    const into = pass.dL_da[this.layers - 1];
    for (let j = 0; j < into.length; j += 1) into[j] = registers[results[j]];
  }

  /**
   * ∂L/∂a and ∂L/∂z, from the output back. Where ∂L/∂z of the output is ŷ − y, ∂L/∂ŷ is left to `slope`.
   * @param {Float64Array} w @param {Pass} pass @param {ArrayLike<number>} y
   */
  backward(w, pass, y) {
    const last = this.layers - 1;
    if (this.fused) {
      for (let j = 0; j < y.length; j += 1) pass.dL_dz[last][j] = pass.a[last][j] - y[j];
    } else {
      this.slope(pass, y);
      this.#error(last, pass);
    }
    for (let l = last - 1; l >= 0; l -= 1) {
      this.#signal(w, l, pass);
      this.#error(l, pass);
    }
  }

  /** @param {Float64Array} w @param {number} l @param {Pass} pass */
  #signal(w, l, pass) {
    const [errors, W] = [pass.dL_dz[l + 1], this.flat.W[l + 1]];
    const n = errors.length;
    const into = pass.dL_da[l];
    for (let i = 0; i < into.length; i += 1) {
      let sum = errors[0] * w[W + i * n];
      for (let j = 1; j < n; j += 1) sum += errors[j] * w[W + i * n + j];
      into[i] = sum;
    }
  }

  /** @param {number} l @param {Pass} pass */
  #error(l, pass) {
    this.#map(this.rules[l], this.vector[l], [pass.z[l], pass.a[l], pass.dL_da[l]], pass.dL_dz[l]);
  }

  /**
   * ∂L/∂w of the sample into a row of parameters, or added to it.
   * @param {Pass} pass @param {ArrayLike<number>} x @param {Float64Array} into @param {boolean} added
   */
  gradients(pass, x, into, added) {
    for (let l = 0; l < this.layers; l += 1) {
      const [signal, errors] = [l ? pass.a[l - 1] : x, pass.dL_dz[l]];
      const [W, b, n] = [this.flat.W[l], this.flat.b[l], errors.length];
      for (let j = 0; j < n; j += 1) {
        for (let i = 0; i < signal.length; i += 1) {
          const product = signal[i] * errors[j];
          into[W + i * n + j] = added ? into[W + i * n + j] + product : product;
        }
        into[b + j] = added ? into[b + j] + errors[j] : errors[j];
      }
    }
  }
}
