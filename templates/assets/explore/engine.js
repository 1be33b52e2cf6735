/** Computes cycles anew in the page, proves the run, and finds slopes by differences. */

import { room, Taker } from "./moment.js";
import { placeOf, SINGLE } from "./places.js";
import { Proof } from "./proof.js";
import { Rhythm } from "./rhythm.js";
import { slopeAt } from "./slopes.js";
import { Trainer } from "./trainer.js";
import { Updater } from "./update.js";

/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./places.js").Place} Place */
/** @typedef {import("./proof.js").Where} Where */
/** @typedef {import("./proof.js").Run} Run */
/** @typedef {import("./moment.js").Found} Found */
/** @typedef {Map<number, {x?: number[], y?: number[]}>} Data rows (from 0) that are changed */

const OF_ROW = /^(.+)@(\d+)$/; // of another row of the batch, by its place: tracer/explore/quantities.py
const OFTEN = 64; // cycles of a proof between two looks at whether the page wants something
const [ETA, K] = [SINGLE.indexOf("eta"), SINGLE.indexOf("k")];

/** The engine of one experiment, whose vectors of a cycle have these names. */
export class Engine {
  /** @param {Program} program @param {string[]} names */
  constructor(program, names) {
    this.program = program;
    this.names = names;
    this.updater = new Updater(program);
    this.rhythm = new Rhythm(program);
    this.taker = new Taker(program, this.updater, names);
    this.numbers = room(program, this.updater);
    this.rest = room(program, this.updater);
    this.spare = this.updater.network.pass();
    const { flat } = this.updater.network;
    this.places = names.map((name) => placeOf(name, program, flat, this.numbers));
    this.others = names.flatMap((name, k) => {
      const [, own, row] = OF_ROW.exec(name) ?? [];
      const place = own ? placeOf(own, program, flat, this.rest) : null;
      return place ? [{ k, row: Number(row), place: { ...place, name, given: false, row: Number(row) } }] : [];
    });
    /** Places of all numbers that are computed here, those of other rows too. */
    this.compared = this.places.slice();
    for (const { k, place } of this.others) this.compared[k] = place;
  }

  /** Whether a number of the vector is computed here from others. @param {number} k */
  computes(k) {
    const place = this.compared[k];
    return place !== null && !place.given;
  }

  /**
   * Compute a cycle anew from what is given of it in `values`: inputs, targets, parameters, η, and
   * what the optimizer keeps. The other rows of its batch are those of the data.
   * @param {Float64Array} values changed in place @param {Where} where @param {Data} [data]
   */
  compute(values, where, data = new Map()) {
    this.#read(values, where);
    this.#tell(this.#cycle(where, data), values);
    return values;
  }

  /** Take what is given; η is the schedule's where no number of the vector is. @param {Float64Array} values @param {Where} where */
  #read(values, { epoch }) {
    const { single } = this.numbers;
    single[ETA] = this.rhythm.eta(this.program.training.eta, epoch - 1, 0);
    single[K] = this.rhythm.k(epoch - 1, 0);
    for (let k = 0; k < this.places.length; k += 1) {
      const place = this.places[k];
      if (place?.given) place.array[place.at] = values[k];
    }
  }

  /** The rows (from 0) of the update of a cycle. @param {Where} where */
  rows({ epoch, update }) {
    const { batch } = this.program.training;
    const batches = Math.ceil(this.rhythm.rows / batch);
    const first = ((update - 1) % batches) * batch;
    return this.rhythm.order(epoch - 1).slice(first, first + batch);
  }

  /** @param {Where} where @param {Data} data @returns {Found} */
  #cycle(where, data) {
    const { numbers, program, updater } = this;
    const rows = this.rows(where);
    const batch = rows.map((row) =>
      row === where.row - 1 ? numbers : { x: program.x[row], y: program.y[row], ...data.get(row) },
    );
    numbers.w_after.set(numbers.w);
    for (const name of updater.variables) numbers.state_after[name].set(numbers.state[name]);
    const { w_after: w, state_after: state, single } = numbers;
    const done = updater.step(w, state, batch, single[ETA], where.update, true);
    const found = { done, batch, place: rows.indexOf(where.row - 1), t: where.update };
    this.taker.cycle(numbers, found);
    return found;
  }

  /** Write down a cycle that was computed, and what of the other rows of its batch is shown. @param {Found} found @param {Float64Array} values */
  #tell({ done, batch }, values) {
    const { places, others, rest } = this;
    for (let k = 0; k < places.length; k += 1) {
      const place = places[k];
      if (place) values[k] = place.array[place.at];
    }
    let read = -1;
    for (const { k, row, place } of others) {
      if (row !== read && row < batch.length) {
        rest.x.set(batch[row].x);
        rest.y.set(batch[row].y);
        this.taker.sample(rest, done, row);
        read = row;
      }
      values[k] = row < batch.length ? place.array[place.at] : NaN;
    }
  }

  /** A trainer from the start of a cycle's update, with what is given of it in `values`. @param {Float64Array} values @param {Where} where @param {Data} [data] */
  trainer(values, where, data = new Map()) {
    this.#read(values, where);
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
    this.#put(trainer.samples[row - 1]);
    numbers.single[ETA] = trainer.eta;
    const where = { epoch: trainer.epochs + 1, row, update: trainer.updates + 1 };
    const data = new Map(trainer.samples.map((sample, k) => [k, sample]));
    this.#tell(this.#cycle(where, data), values);
    return where;
  }

  /** What the network makes of other inputs, with the parameters of these numbers. @param {Float64Array} values */
  asked(values) {
    this.places.forEach((place, k) => {
      if (place?.array === this.numbers.w) place.array[place.at] = values[k];
    });
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
    const proof = new Proof(this.compared, run);
    for (let k = 0; k < run.cycles; ) {
      const { update } = run.of(k);
      while (trainer.updates < update - 1) trainer.update();
      this.#before(trainer);
      const { done, eta, rows, t } = trainer.update();
      this.#after(trainer, eta);
      const batch = rows.map((row) => trainer.samples[row]);
      if (this.updater.network.fused) {
        batch.forEach(({ y }, place) => this.updater.network.slope(done.passes[place], y));
      }
      for (; k < run.cycles && run.of(k).update === update; k += 1) {
        const place = rows.indexOf(run.of(k).row - 1);
        this.#put(batch[place]);
        const found = { done, batch, place, t };
        this.taker.cycle(this.numbers, found);
        this.#tell(found, mine);
        proof.compare(k, mine, batch.length);
        if (k % OFTEN === 0) yield k;
      }
    }
    return proof;
  }

  /** Compare every cycle of a run with what `mine` gives for it. @param {Run} run @param {Run["values"]} mine */
  compare(run, mine) {
    const ours = new Float64Array(this.names.length);
    const proof = new Proof(this.compared, run);
    for (let k = 0; k < run.cycles; k += 1) {
      mine(k, ours);
      proof.compare(k, ours, this.rows(run.of(k)).length);
    }
    return proof;
  }

  /** @param {import("./update.js").Sample} sample */
  #put({ x, y }) {
    this.numbers.x.set(x);
    this.numbers.y.set(y);
  }

  /** @param {Trainer} trainer */
  #before({ w, state, k }) {
    this.numbers.w.set(w);
    this.numbers.single[K] = k;
    for (const name of this.updater.variables) this.numbers.state[name].set(state[name]);
  }

  /** @param {Trainer} trainer @param {number} eta */
  #after({ w, state }, eta) {
    this.numbers.w_after.set(w);
    this.numbers.single[ETA] = eta;
    for (const name of this.updater.variables) this.numbers.state_after[name].set(state[name]);
  }

  /** The slope of the sample's loss by a number of the cycle (the k-th), from differences of the loss alone. @param {Float64Array} values @param {number} k @param {Where} where */
  slopeByDifference(values, k, where) {
    const place = this.places[k];
    if (!place?.given) throw new RangeError(this.names[k]);
    this.compute(values.slice(), where);
    return slopeAt(this, place);
  }
}
