/** Computes cycles anew in the page, proves the run, and finds slopes by differences. */

import { placeOf, SINGLE } from "./places.js";
import { Rhythm } from "./rhythm.js";
import { Trainer } from "./trainer.js";
import { Updater } from "./update.js";

/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./places.js").Numbers} Numbers */
/** @typedef {import("./places.js").Place} Place */
/** @typedef {{epoch: number, row: number, update: number}} Where all from 1 */
/** @typedef {Map<number, {x?: number[], y?: number[]}>} Data rows (from 0) that are changed */
/**
 * @typedef {{cycles: number, of: (k: number) => Where,
 *   values: (k: number, into: Float64Array) => void}} Run
 */
/** @typedef {{cycle: number, name: string, mine: number, theirs: number, apart: number}} Difference */
/**
 * @typedef {object} Proof
 * @property {Difference | null} largest in terms of the largest number of its matrix or vector
 * @property {Difference | null} own in terms of the number itself, of which a sum may leave little
 * @property {Difference | null} first where the two part, by one digit of 16 even
 * @property {Difference | null} beyond the first that is more than TOLERANCE
 * @property {number} cycles how many were compared
 * @property {number} numbers
 */

export const TOLERANCE = 1e-9; // what a proof grants, of each number: six digits more than pages show
const OF_ROW = /^(.+)@(\d+)$/; // of another row of the batch, by its place: tracer/explore/quantities.py
const OFTEN = 64; // cycles of a proof between two looks at whether the page wants something
const [ETA, T, LOSS, PENALTY, LOSS_AFTER, LOSS_CHANGE] = SINGLE.keys();

/** How far two numbers are apart, in terms of the larger, or of a number that is larger still. @param {number} one @param {number} other @param {number} [scale] */
export function apart(one, other, scale = 0) {
  if (Object.is(one, other) || one === other) return 0;
  const found = Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other), scale);
  return Number.isNaN(found) ? Infinity : found;
}

/** The engine of one experiment, whose vectors of a cycle have these names. */
export class Engine {
  /** @param {Program} program @param {string[]} names */
  constructor(program, names) {
    this.program = program;
    this.names = names;
    this.updater = new Updater(program);
    this.rhythm = new Rhythm(program);
    this.numbers = this.#room();
    const { flat } = this.updater.network;
    this.places = names.map((name) => placeOf(name, program, flat, this.numbers));
    this.rest = this.#room();
    this.others = names.flatMap((name, k) => {
      const [, own, row] = OF_ROW.exec(name) ?? [];
      const place = own ? placeOf(own, program, flat, this.rest) : null;
      return place ? [{ k, row: Number(row), place }] : [];
    });
    this.groups = grouped(this.places);
  }

  /** @returns {Numbers} */
  #room() {
    const { network } = this.updater;
    const row = () => new Float64Array(network.flat.count);
    return {
      x: new Float64Array(network.sizes[0]),
      y: new Float64Array(network.sizes[network.layers]),
      w: network.flat.join(this.program.start),
      state: this.updater.start(),
      pass: network.pass(),
      slopes: row(),
      gradient: row(),
      w_after: row(),
      state_after: this.updater.start(),
      again: network.pass(),
      single: new Float64Array(SINGLE.length),
    };
  }

  /** Whether a number of the vector is computed here from others. @param {number} k */
  computes(k) {
    const place = this.places[k];
    return place !== null && !place.given;
  }

  /**
   * Compute a cycle anew from what is given of it in `values`: inputs, targets, parameters, η, and
   * what the optimizer keeps. The other rows of its batch are those of the data.
   * @param {Float64Array} values changed in place @param {Where} where @param {Data} [data]
   */
  compute(values, where, data = new Map()) {
    this.#read(values);
    this.#tell(this.#cycle(where, data), values);
    return values;
  }

  /** @param {Float64Array} values */
  #read(values) {
    for (let k = 0; k < this.places.length; k += 1) {
      const place = this.places[k];
      if (place?.given) place.array[place.at] = values[k];
    }
  }

  /** @param {Float64Array} values */
  #write(values) {
    for (let k = 0; k < this.places.length; k += 1) {
      const place = this.places[k];
      if (place) values[k] = place.array[place.at];
    }
  }

  /** The rows (from 0) of the update of a cycle. @param {Where} where */
  rows({ epoch, update }) {
    const { batch } = this.program.training;
    const batches = Math.ceil(this.rhythm.rows / batch);
    const first = ((update - 1) % batches) * batch;
    return this.rhythm.order(epoch - 1).slice(first, first + batch);
  }

  /** @param {Where} where @param {Data} data */
  #cycle(where, data) {
    const { numbers, program, updater } = this;
    const own = where.row - 1;
    const batch = this.rows(where).map((row) =>
      row === own ? numbers : { x: program.x[row], y: program.y[row], ...data.get(row) },
    );
    numbers.w_after.set(numbers.w);
    for (const name of updater.variables) numbers.state_after[name].set(numbers.state[name]);
    const { w_after: w, state_after: state, single } = numbers;
    const done = updater.step(w, state, batch, single[ETA], where.update, true);
    this.#take(done, batch.indexOf(numbers), where.update);
    return { done, batch };
  }

  /**
   * Write down a cycle that was computed, and what of the other rows of its batch is shown.
   * @param {{done: import("./update.js").Outcome, batch: {x: ArrayLike<number>, y: ArrayLike<number>}[]}} found
   * @param {Float64Array} values
   */
  #tell({ done, batch }, values) {
    this.#write(values);
    const { rest } = this;
    let read = -1;
    for (const { k, row, place } of this.others) {
      if (row !== read && row < batch.length) {
        copy(done.passes[row], rest.pass);
        rest.x.set(batch[row].x);
        rest.y.set(batch[row].y);
        this.updater.network.gradients(rest.pass, rest.x, rest.slopes, false);
        rest.single[LOSS] = done.losses[row];
        read = row;
      }
      values[k] = row < batch.length ? place.array[place.at] : NaN;
    }
  }

  /** What an update computed for the sample at a place of its batch. @param {import("./update.js").Outcome} done @param {number} place @param {number} t */
  #take(done, place, t) {
    const { numbers, updater } = this;
    const { network } = updater;
    const { single } = numbers;
    copy(done.passes[place], numbers.pass);
    network.gradients(numbers.pass, numbers.x, numbers.slopes, false);
    numbers.gradient.set(done.gradient);
    network.forward(numbers.w_after, numbers.x, numbers.again);
    single[T] = t;
    single[LOSS] = done.losses[place];
    single[PENALTY] = done.penalty;
    single[LOSS_AFTER] = network.loss(numbers.again, numbers.y);
    single[LOSS_CHANGE] = single[LOSS_AFTER] - single[LOSS];
  }

  /** A trainer from the start of a cycle's update, with what is given of it in `values`. @param {Float64Array} values @param {Where} where @param {Data} [data] */
  trainer(values, where, data = new Map()) {
    this.#read(values);
    const { numbers, program } = this;
    const own = { x: [...numbers.x], y: [...numbers.y] };
    const trainer = new Trainer(program, {
      w: numbers.w,
      state: numbers.state,
      update: where.update - 1,
      data: new Map([...data, [where.row - 1, own]]),
    });
    trainer.learnAt(numbers.single[ETA]);
    return trainer;
  }

  /**
   * The cycle of a row (from 1) of the update that a trainer makes next, into `values`.
   * @param {Trainer} trainer @param {number} row @param {Float64Array} values @returns {Where}
   */
  next(trainer, row, values) {
    const { numbers } = this;
    this.#before(trainer);
    numbers.single[ETA] = trainer.eta;
    numbers.x.set(trainer.samples[row - 1].x);
    numbers.y.set(trainer.samples[row - 1].y);
    const where = { epoch: trainer.epochs + 1, row, update: trainer.updates + 1 };
    const data = new Map(trainer.samples.map((sample, k) => [k, sample]));
    this.#tell(this.#cycle(where, data), values);
    return where;
  }

  /** What the network makes of other inputs, with the parameters of these numbers. @param {Float64Array} values */
  asked(values) {
    this.#read(values);
    const { network } = this.updater;
    const pass = network.pass();
    return (/** @type {ArrayLike<number>} */ x) => {
      network.forward(this.numbers.w, x, pass);
      return pass;
    };
  }

  /** Train the whole experiment again and compare every cycle of the run. @param {Run} run @returns {Proof} */
  prove(run) {
    const steps = this.proving(run);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** The same in steps, each of which gives how many cycles are compared. @param {Run} run @returns {Generator<number, Proof, void>} */
  *proving(run) {
    const trainer = new Trainer(this.program);
    const mine = new Float64Array(this.names.length);
    const theirs = mine.slice();
    const proof = unproved(run);
    for (let k = 0; k < run.cycles; ) {
      const { update } = run.of(k);
      while (trainer.updates < update - 1) trainer.update();
      this.#before(trainer);
      const done = trainer.update();
      this.#after(trainer, done.eta);
      for (; k < run.cycles && run.of(k).update === update; k += 1) {
        this.#visit(done, run.of(k));
        this.#write(mine);
        run.values(k, theirs);
        this.#compare(proof, k, mine, theirs);
        if (k % OFTEN === 0) yield k;
      }
    }
    return proof;
  }

  /** @param {Trainer} trainer */
  #before({ w, state }) {
    this.numbers.w.set(w);
    for (const name of this.updater.variables) this.numbers.state[name].set(state[name]);
  }

  /** @param {Trainer} trainer @param {number} eta */
  #after({ w, state }, eta) {
    this.numbers.w_after.set(w);
    this.numbers.single[ETA] = eta;
    for (const name of this.updater.variables) this.numbers.state_after[name].set(state[name]);
  }

  /** @param {ReturnType<Trainer["update"]>} done @param {Where} where */
  #visit({ done, rows, t }, { row }) {
    const { numbers, program, updater } = this;
    const place = rows.indexOf(row - 1);
    numbers.x.set(program.x[row - 1]);
    numbers.y.set(program.y[row - 1]);
    if (updater.network.fused) updater.network.slope(done.passes[place], numbers.y);
    this.#take(done, place, t);
  }

  /** Compare every cycle of a run with what `mine` gives for it. @param {Run} run @param {Run["values"]} mine @returns {Proof} */
  compare(run, mine) {
    const [ours, theirs] = [new Float64Array(this.names.length), new Float64Array(this.names.length)];
    const proof = unproved(run);
    for (let k = 0; k < run.cycles; k += 1) {
      mine(k, ours);
      run.values(k, theirs);
      this.#compare(proof, k, ours, theirs);
    }
    return proof;
  }

  /** @param {Proof} proof @param {number} cycle @param {Float64Array} mine @param {Float64Array} theirs */
  #compare(proof, cycle, mine, theirs) {
    for (const group of this.groups) {
      let scale = 0;
      for (const k of group) {
        const size = Math.abs(theirs[k]);
        if (size > scale && size < Infinity) scale = size;
      }
      for (const k of group) {
        if (mine[k] !== theirs[k]) this.#note(proof, cycle, k, [mine[k], theirs[k], scale]);
      }
      proof.numbers += group.length;
    }
  }

  /** @param {Proof} proof @param {number} cycle @param {number} k @param {[number, number, number]} found */
  #note(proof, cycle, k, [mine, theirs, scale]) {
    const own = apart(mine, theirs);
    if (!own) return;
    const found = { cycle, name: this.names[k], mine, theirs, apart: own };
    const scaled = apart(mine, theirs, scale);
    proof.first ??= found;
    if (scaled > TOLERANCE) proof.beyond ??= { ...found, apart: scaled };
    if (scaled > (proof.largest?.apart ?? 0)) proof.largest = { ...found, apart: scaled };
    if (own > (proof.own?.apart ?? 0)) proof.own = found;
  }

  /**
   * The slope of the sample's loss by a weight, a bias, an input or a target, from differences of
   * the loss alone: each step is a quarter of the one before, and the slope that changed least counts.
   * @param {Float64Array} values @param {number} k which of them @param {Where} where
   * @returns {{slope: number, step: number, traced: number, apart: number}}
   */
  slopeByDifference(values, k, where) {
    const place = this.places[k];
    if (!place?.given) throw new RangeError(this.names[k]);
    this.compute(values.slice(), where);
    const traced = this.#traced(place);
    const scale = Math.max(Math.abs(values[k]), 1);
    let best = { slope: NaN, step: 0, change: Infinity };
    let former = NaN;
    for (let step = scale / 16; step > scale * SMALLEST; step /= 4) {
      const slope = this.#slope(place, values[k], step);
      const change = Math.abs(slope - former);
      if (change < best.change) best = { slope, step, change };
      former = slope;
    }
    place.array[place.at] = values[k];
    const { slope, step } = best;
    return { slope, step, traced, apart: Math.abs(slope - traced) / Math.max(Math.abs(traced), 1) };
  }

  /** The slope that the backward pass gave. @param {Place} place */
  #traced({ name }) {
    const [, kind, rest] = /** @type {RegExpExecArray} */ (/^(\w+?)(-.*)$/.exec(name));
    const { network } = this.updater;
    const found = placeOf(`dL_d${kind}${rest}`, this.program, network.flat, this.numbers);
    return found ? found.array[found.at] : NaN;
  }

  /** By four values of the loss around a place, exact for polynomials up to the fourth power. @param {Place} place @param {number} at @param {number} step */
  #slope({ array, at: index }, at, step) {
    const loss = (/** @type {number} */ value) => {
      array[index] = value;
      const { numbers, updater } = this;
      updater.network.forward(numbers.w, numbers.x, numbers.again);
      return updater.network.loss(numbers.again, numbers.y);
    };
    const [near, far] = [step, 2 * step].map((h) => (loss(at + h) - loss(at - h)) / (2 * h));
    return (4 * near - far) / 3;
  }
}

const SMALLEST = 1e-7; // of the scale: below it the digits that a difference loses outweigh all else

/** @param {Run} run @returns {Proof} */
function unproved({ cycles }) {
  return { largest: null, own: null, first: null, beyond: null, cycles, numbers: 0 };
}

/** The numbers of a vector that stand in one matrix or vector; of a loss and its change. @param {(Place | null)[]} places @returns {number[][]} */
function grouped(places) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  places.forEach((place, k) => {
    if (!place) return;
    const key = place.name.replace(/^(loss)_\w+$/, "$1").replace(/^(.*?-\d+)-.*$/, "$1");
    found.set(key, [...(found.get(key) ?? []), k]);
  });
  return [...found.values()];
}

/** @param {import("./network.js").Pass} from @param {import("./network.js").Pass} into */
function copy(from, into) {
  for (const name of /** @type {("z" | "a" | "dL_da" | "dL_dz")[]} */ (Object.keys(into))) {
    into[name].forEach((layer, l) => layer.set(from[name][l]));
  }
}
