/**
 * The numbers of what the reader chose: those of the run, or computed anew from numbers that were put in, or
 * trained further from there.
 */

import { isRun } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./engine.js").Where} Where */
/** @typedef {import("./engine.js").Run} Run */
/** @typedef {import("./trainer.js").Trainer} Trainer */
/**
 * @typedef {object} Shown
 * @property {Where} where
 * @property {import("./trainer.js").Trouble | null} trouble
 * @property {import("./trainer.js").Point[]} curve losses of whole epochs that were trained here
 */

/** The run as it was, where no script knows how it was trained. */
export class RunAlone {
  /** @param {Run} run @param {string[]} names */
  constructor(run, names) {
    this.run = run;
    this.places = new Map(names.map((name, k) => [name, k]));
    this.kept = null;
  }

  mayChange() {
    return false;
  }

  stepsOf() {
    return 0;
  }

  /** @param {State} state @param {Float64Array} into @returns {Shown} */
  values(state, into) {
    this.run.values(state.cycle, into);
    return { where: this.run.of(state.cycle), trouble: null, curve: [] };
  }
}

const MAY_CHANGE = /^(?:[xyWb]-|eta$)/;

export class WhatIf {
  /** @param {Engine} engine @param {Run} run */
  constructor(engine, run) {
    this.engine = engine;
    this.run = run;
    /** @type {Map<string, number>} */
    this.places = new Map(engine.names.map((name, k) => [name, k]));
    /** @type {{key: string, first: number, trainer: Trainer} | null} */
    this.kept = null;
  }

  /** Whether a number can be put in. @param {string} name */
  mayChange(name) {
    const place = this.places.get(name);
    return place !== undefined && MAY_CHANGE.test(name) && !!this.engine.places[place]?.given;
  }

  /** The numbers of a choice. @param {State} state @param {Float64Array} into @returns {Shown} */
  values(state, into) {
    const where = this.run.of(state.cycle);
    this.run.values(state.cycle, into);
    if (isRun(state)) return { where, trouble: null, curve: [] };
    this.putIn(state, into);
    return state.steps ? this.further(state, into, where) : this.anew(into, where);
  }

  /** @param {Float64Array} into @param {Where} where @returns {Shown} */
  anew(into, where) {
    this.engine.compute(into, where);
    return { where, trouble: null, curve: [] };
  }

  /** @param {State} state @param {Float64Array} into */
  putIn(state, into) {
    for (const [name, value] of state.changes) into[/** @type {number} */ (this.places.get(name))] = value;
  }

  /** @param {State} state @param {Float64Array} into @param {Where} where @returns {Shown} */
  further(state, into, where) {
    const trainer = this.trainer(state, into, where);
    const { rows } = trainer;
    const row = rows.includes(where.row - 1) ? where.row : rows[0] + 1;
    const { trouble, curve } = trainer;
    return { where: this.engine.next(trainer, row, into), trouble, curve };
  }

  /** The trainer that has gone on so far; the one before goes on where it can. @param {State} state @param {Float64Array} values @param {Where} where */
  trainer(state, values, where) {
    const key = JSON.stringify([state.cycle, ...state.changes]);
    const first = where.update - 1;
    const last = first + state.steps;
    if (this.kept?.key !== key || this.kept.trainer.updates > last) {
      this.kept = { key, first, trainer: this.engine.trainer(values, where) };
    }
    const { trainer } = this.kept;
    while (trainer.updates < last && !trainer.trouble) trainer.update();
    return trainer;
  }

  /** How many updates there are from a choice on to the end of so many epochs. @param {State} state @param {number} epochs */
  stepsOf(state, epochs) {
    const { update } = this.run.of(state.cycle);
    const batches = Math.ceil(this.engine.rhythm.rows / this.engine.program.training.batch);
    const done = update - 1 + state.steps;
    return (Math.floor(done / batches) + epochs) * batches - done;
  }
}
