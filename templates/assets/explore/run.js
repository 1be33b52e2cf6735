/**
 * A run as Python packed it: its score, and the numbers of any of its cycles. As
 * tracer/explore/runfile.py and quantities.py.
 */

/** @typedef {{name: string, layer: number, over: string, offset: number, shape: number[]}} ArrayPlace */
/** @typedef {[array: number, entry: number, shift: number, start: number]} Place */
/** @typedef {{epochs: number, rows: number, visits: number, updates: number, carried: number[]}} Counts */
/**
 * @typedef {import("./lines.js").LineScore & {arrays: ArrayPlace[], places: Place[], counts: Counts,
 *   choices: import("./choices.js").Choices}} Score
 */
/** @typedef {{score: string, arrays: string}} Held what the run's file holds: packed, as base64 */
/**
 * @typedef {{epoch: number, row: number, update: number, isLast: boolean, rows: number[]}} CycleInfo
 * counted from 1; `rows` are those of its batch, `isLast` says that the update follows
 */

const BYTES = 8;

/** @param {string} text @returns {Promise<ArrayBuffer>} */
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** The numbers of an array, whose bytes lie apart: all the first ones, then all the second ones. @param {Uint8Array} bytes @param {number} start @param {number} count @returns {Float64Array} */
function together(bytes, start, count) {
  const found = new Uint8Array(count * BYTES);
  for (let place = 0; place < BYTES; place += 1) {
    const from = start + place * count;
    for (let k = 0; k < count; k += 1) found[k * BYTES + place] = bytes[from + k];
  }
  return new Float64Array(found.buffer);
}

/** @param {number[]} shape */
function sizeOf(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/** Open what the run's file holds. @param {Held} held @returns {Promise<Run>} */
export async function openRun(held) {
  const [score, arrays] = await Promise.all([unpacked(held.score), unpacked(held.arrays)]);
  return new Run(JSON.parse(new TextDecoder().decode(score)), new Uint8Array(arrays));
}

/** The numbers of the carried cycles. */
export class Run {
  /** @param {Score} score @param {Uint8Array} bytes */
  constructor(score, bytes) {
    this.score = score;
    this.arrays = score.arrays.map(({ offset, shape }) => {
      return together(bytes, offset * BYTES, sizeOf(shape));
    });
    this.widths = score.arrays.map(({ shape }) => sizeOf(shape.slice(1)));
    this.cycles = this.array("epoch").length;
  }

  /** An array by its name; of a quantity of layers, that of a layer. @param {string} name @param {number} layer @returns {Float64Array} */
  array(name, layer = 0) {
    const found = this.score.arrays.findIndex((each) => each.name === name && each.layer === layer);
    if (found < 0) throw new RangeError(`the run has no ${name} of layer ${layer}`);
    return this.arrays[found];
  }

  /** What a cycle (from 0) is. @param {number} k @returns {CycleInfo} */
  of(k) {
    const row = this.array("row");
    const [first, end] = this.batch(k);
    return {
      epoch: this.array("epoch")[k] + 1,
      row: row[k] + 1,
      update: this.array("number")[this.array("update")[k]] + 1,
      isLast: k === end - 1,
      rows: Array.from(row.slice(first, end), (each) => each + 1),
    };
  }

  /** The first cycle of a cycle's batch, and the one after its last. @param {number} k @returns {[number, number]} */
  batch(k) {
    const first = this.array("first");
    const update = this.array("update")[k];
    return [first[update], update + 1 < first.length ? first[update + 1] : this.cycles];
  }

  /** The cycle of a row in an epoch (both from 1); −1 where it is not carried. @param {number} epoch @param {number} row @returns {number} */
  find(epoch, row) {
    const [epochs, rows] = [this.array("epoch"), this.array("row")];
    return epochs.findIndex((each, k) => each === epoch - 1 && rows[k] === row - 1);
  }

  /** The scene of a cycle: the size of its batch, 0 where no update follows. @param {number} k @returns {string} */
  scene(k) {
    const [first, end] = this.batch(k);
    return String(k === end - 1 ? end - first : 0);
  }

  /** All quantities of a cycle, in the order of the score's names; nan for those it has not. @param {number} k @param {Float64Array} into @returns {Float64Array} */
  values(k, into = new Float64Array(this.score.places.length)) {
    const at = this.positions(k);
    for (const [quantity, [array, entry, shift, start]] of this.score.places.entries()) {
      const position = (start ? at.start : at[this.score.arrays[array].over]) + shift;
      into[quantity] = this.arrays[array][position * this.widths[array] + entry] ?? NaN;
    }
    return into;
  }

  /** Which entry of an array is that of a cycle, by what the array runs over. @param {number} k @returns {Record<string, number>} */
  positions(k) {
    const update = this.array("update")[k];
    return {
      visits: k,
      rows: this.array("row")[k],
      updates: update,
      moments: this.array("moment")[update],
      start: this.array("first")[update],
    };
  }
}
