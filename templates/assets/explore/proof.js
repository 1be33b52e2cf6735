/** How far numbers that were computed in the page are from those of a run. */

/** @typedef {import("./places.js").Place} Place */
/** @typedef {{epoch: number, row: number, update: number}} Where all from 1 */
/**
 * @typedef {{cycles: number, of: (k: number) => Where,
 *   values: (k: number, into: Float64Array) => void}} Run
 */
/** @typedef {{cycle: number, name: string, mine: number, theirs: number, apart: number}} Difference */

export const TOLERANCE = 1e-9; // what a proof grants, of each number: six digits more than pages show

/** How far two numbers are apart, in terms of the larger, or of a number that is larger still. @param {number} one @param {number} other @param {number} [scale] */
export function apart(one, other, scale = 0) {
  if (Object.is(one, other) || one === other) return 0;
  const found = Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other), scale);
  return Number.isNaN(found) ? Infinity : found;
}

/** What is found of a run, cycle by cycle. */
export class Proof {
  /** @param {(Place | null)[]} places of the numbers of a vector; those without one are not compared @param {Run} run */
  constructor(places, run) {
    this.places = places;
    this.groups = grouped(places);
    this.run = run;
    this.theirs = new Float64Array(places.length);
    this.cycles = run.cycles;
    this.numbers = 0;
    /** @type {Difference | null} in terms of the largest number of its matrix or vector */
    this.largest = null;
    /** @type {Difference | null} in terms of the number itself, of which a sum may leave little */
    this.own = null;
    /** @type {Difference | null} where the two part, by one digit of 16 even */
    this.first = null;
    /** @type {Difference | null} the first that is more than TOLERANCE */
    this.beyond = null;
  }

  /** Compare a cycle of the run; what is of rows that its batch has not is no number of it. @param {number} cycle @param {Float64Array} mine @param {number} rows of the batch */
  compare(cycle, mine, rows) {
    const { theirs } = this;
    this.run.values(cycle, theirs);
    for (const all of this.groups) {
      const group = (this.places[all[0]]?.row ?? 0) < rows ? all : [];
      let scale = 0;
      for (const k of group) {
        const size = Math.abs(theirs[k]);
        if (size > scale && size < Infinity) scale = size;
      }
      for (const k of group) if (mine[k] !== theirs[k]) this.#note(cycle, k, mine[k], scale);
      this.numbers += group.length;
    }
  }

  /** @param {number} cycle @param {number} k @param {number} mine @param {number} scale */
  #note(cycle, k, mine, scale) {
    const theirs = this.theirs[k];
    const own = apart(mine, theirs);
    if (!own) return;
    const name = /** @type {Place} */ (this.places[k]).name;
    const found = { cycle, name, mine, theirs, apart: own };
    const scaled = apart(mine, theirs, scale);
    this.first ??= found;
    if (scaled > TOLERANCE) this.beyond ??= { ...found, apart: scaled };
    if (scaled > (this.largest?.apart ?? 0)) this.largest = { ...found, apart: scaled };
    if (own > (this.own?.apart ?? 0)) this.own = found;
  }
}

const LOSSES = /^(?:loss|batch_loss|loss_after|loss_change|predicted_change|square|gain|rest_loss)/;

/** The numbers of a vector that stand in one matrix or vector; of losses and what changes them. @param {(Place | null)[]} places @returns {number[][]} */
function grouped(places) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  places.forEach((place, k) => {
    if (!place) return;
    const { name } = place;
    const row = name.split("@")[1] ?? "";
    const key = LOSSES.test(name) ? `loss@${row}` : `${name.replace(/^(.*?-\d+)-.*$/, "$1")}@${row}`;
    found.set(key, [...(found.get(key) ?? []), k]);
  });
  return [...found.values()];
}
