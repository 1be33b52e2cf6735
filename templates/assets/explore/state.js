/**
 * What the reader chose: the moment that is shown, what it is compared with, what was changed. A choice is
 * a new object, never a changed one, so that it can be gone back to.
 */

/**
 * @typedef {object} State
 * @property {number} cycle which cycle of the run, from 0
 * @property {number | null} compared the cycle it is compared with
 * @property {ReadonlyMap<string, number>} changes numbers that were put in, by their anchor
 * @property {number} steps updates that were gone on from there with the changed numbers
 */
/** @typedef {{epoch: number, row: number, update: number}} Moment */
/**
 * @typedef {object} Cycles
 * @property {number} cycles how many there are
 * @property {(k: number) => Moment} of
 * @property {(epoch: number, row: number) => number} find −1 where there is none
 */

export const MOST_STEPS = 200_000; // updates of a what-if: a second or two of training in the page
const MOST_KEPT = 200; // choices that can be undone: more than anybody goes back, and little memory

/** @type {State} */
export const START = { cycle: 0, compared: null, changes: new Map(), steps: 0 };

/** @param {number} value @param {number} low @param {number} high */
function within(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** Whether it shows the run as it was. @param {State} state */
export function isRun(state) {
  return state.changes.size === 0 && state.steps === 0;
}

/** The same run at another cycle; what was gone on from the old one is left. @param {State} state @param {number} cycle @param {Cycles} run @returns {State} */
export function at(state, cycle, run) {
  const place = within(cycle, 0, run.cycles - 1);
  return place === state.cycle && !state.steps ? state : { ...state, cycle: place, steps: 0 };
}

/** So many cycles on, or back. @param {State} state @param {number} by @param {Cycles} run */
export function byCycles(state, by, run) {
  return at(state, state.cycle + by, run);
}

/** The first cycle from 0 for which something holds, of which all later ones hold too. @param {Cycles} run @param {(moment: Moment) => boolean} holds */
function first(run, holds) {
  let low = 0;
  let high = run.cycles;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(run.of(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The cycle of an epoch, or of the next one that there is in that direction: at the same row, or the epoch's first.
 * @param {State} state @param {number} epoch @param {Cycles} run @param {number} step 1 or −1
 */
export function atEpoch(state, epoch, run, step = 1) {
  const { row } = run.of(state.cycle);
  const found = first(run, (moment) => moment.epoch >= (step > 0 ? epoch : epoch + 1));
  const near = within(step > 0 ? found : found - 1, 0, run.cycles - 1);
  const there = run.of(near).epoch;
  const same = run.find(there, row);
  return at(state, same >= 0 ? same : first(run, (moment) => moment.epoch >= there), run);
}

/** So many epochs on, or back, at the same row. @param {State} state @param {number} by @param {Cycles} run */
export function byEpochs(state, by, run) {
  return atEpoch(state, run.of(state.cycle).epoch + by, run, Math.sign(by));
}

/** The cycle of a row in the same epoch; the same choice where the epoch has not that row. @param {State} state @param {number} row @param {Cycles} run */
export function atRow(state, row, run) {
  const { epoch } = run.of(state.cycle);
  const found = run.find(epoch, row);
  return found >= 0 ? at(state, found, run) : state;
}

/** What a move along the run leads to. @param {State} state @param {string} name @param {number} value @param {Cycles} run @returns {State} */
export function moved(state, name, value, run) {
  switch (name) {
    case "back": return byCycles(state, -1, run);
    case "on": return byCycles(state, 1, run);
    case "epoch-back": return byEpochs(state, -1, run);
    case "epoch-on": return byEpochs(state, 1, run);
    case "first": return at(state, 0, run);
    case "last": return at(state, run.cycles - 1, run);
    case "epoch":
    case "epochs": return atEpoch(state, value, run);
    case "row": return atRow(state, value, run);
    case "update": return atUpdate(state, value, run);
    default: return state;
  }
}

/** @param {State} state @param {number | null} cycle @returns {State} */
export function compared(state, cycle) {
  return { ...state, compared: cycle };
}

/** The first cycle of an update. @param {State} state @param {number} update @param {Cycles} run */
export function atUpdate(state, update, run) {
  return at(state, first(run, (moment) => moment.update >= update), run);
}

/** With a number put in, or (null) as the run had it. @param {State} state @param {string} name @param {number | null} value @returns {State} */
export function changed(state, name, value) {
  const changes = new Map(state.changes);
  if (value === null) changes.delete(name);
  else changes.set(name, value);
  return { ...state, changes };
}

/** @param {State} state @param {number} steps @returns {State} */
export function goneOn(state, steps) {
  return { ...state, steps: within(state.steps + steps, 0, MOST_STEPS) };
}

/** Back to what the run had. @param {State} state @returns {State} */
export function asRun(state) {
  return { ...state, changes: new Map(), steps: 0 };
}

/** @param {State} one @param {State} other */
export function sameChanges(one, other) {
  return (
    one.steps === other.steps &&
    one.changes.size === other.changes.size &&
    [...one.changes].every(([name, value]) => Object.is(other.changes.get(name), value))
  );
}

/** The choices that can be undone and done again. */
export class History {
  constructor() {
    /** @type {State[]} */ this.past = [];
    /** @type {State[]} */ this.future = [];
  }

  /** @param {State} before what is left for another choice */
  keep(before) {
    this.past.push(before);
    if (this.past.length > MOST_KEPT) this.past.shift();
    this.future = [];
  }

  /** @param {State} now @returns {State} */
  undo(now) {
    const before = this.past.pop();
    if (!before) return now;
    this.future.push(now);
    return before;
  }

  /** @param {State} now @returns {State} */
  redo(now) {
    const after = this.future.pop();
    if (!after) return now;
    this.past.push(now);
    return after;
  }
}
