/**
 * Which sentences a cycle tells, and with which numbers. As tracer/conditions/.
 *
 * Every value is a row of numbers, of truths or of texts; a single one goes with each of another row.
 */

import { exactNumeral, show } from "./numerals.js";

/** @typedef {number | boolean | string} Value */
/** @typedef {Value[]} Row */
/** @typedef {{op: string, args?: Tree[], of?: Value[], at?: number[], exact?: boolean}} Tree */
/** @typedef {string | Tree} Piece */
/** An inner region only stands in another. @typedef {{key: Tree, variants: Record<string, Piece[]>, inner?: boolean}} Region */
/**
 * @typedef {{regions: Record<string, Region>, sections: Record<string, Tree>}} Choices
 */
/**
 * What is told of a cycle: its numbers, which one it is (as `factsOf` says it), the printed result of a line by its anchor, digits after the point.
 * @typedef {{values: ArrayLike<number>, facts: Record<string, number | number[]>,
 *   printed: (anchor: string) => string, decimals: number}} Told
 */

/**
 * All from 1; the rows are those of its batch. A reader may have typed parameters, or inputs and targets, or trained on from the run.
 * @typedef {{epoch: number, row: number, update: number, rows: number[], typed?: boolean, rowChanged?: boolean, trained?: boolean}} Which
 */

/** Which cycle it is, as trees ask. @param {Which} cycle */
export function factsOf({ epoch, row, update, rows, typed, rowChanged, trained }) {
  const last = Number(rows[rows.length - 1] === row);
  const changed = { typed: Number(typed ?? false), row_changed: Number(rowChanged ?? false), trained: Number(trained ?? false) };
  return { epoch, row, update: update - 1, batch: rows.length, last, rows, ...changed };
}

/** @param {(one: any, other: any) => Value} of @returns {(one: Row, other: Row) => Row} */
function each(of) {
  return (one, other) => {
    const size = one.length === 1 ? other.length : one.length;
    const from = (/** @type {Row} */ row, /** @type {number} */ k) => row[row.length === 1 ? 0 : k];
    return Array.from({ length: size }, (_, k) => of(from(one, k), from(other, k)));
  };
}

/** @type {Record<string, (...rows: any[]) => Row>} */
const OPERATIONS = {
  minus: each((p, q) => p - q),
  plus: each((p, q) => p + q),
  times: each((p, q) => p * q),
  less: each((p, q) => p < q),
  at_most: each((p, q) => p <= q),
  equal: each((p, q) => (typeof p === "string" ? p === q : Number(p) === Number(q))),
  and: each((p, q) => Boolean(p) && Boolean(q)),
  or: each((p, q) => Boolean(p) || Boolean(q)),
  larger: each((p, q) => Math.max(p, q)),
  not: (row) => row.map((/** @type {Value} */ p) => !p),
  finite: (row) => row.map((/** @type {number} */ p) => Number.isFinite(p)),
  size: (row) => row.map((/** @type {number} */ p) => Math.abs(p)),
  text: (row) => row.map((/** @type {number} */ p) => String(Number(p))),
  select: (holds, one, other) => {
    const pairs = each((p, q) => /** @type {any} */ ([p, q]))(one, other);
    return each((holding, pair) => pair[holding ? 0 : 1])(holds, pairs);
  },
  any: (row) => [row.some(Boolean)],
  all: (row) => [row.every(Boolean)],
  count: (row) => [row.filter(Boolean).length],
  length: (row) => [row.length],
  largest: (row) => [row.indexOf(row.reduce((/** @type {number} */ p, /** @type {number} */ q) => (q > p ? q : p)))],
  last: (row) => [row.lastIndexOf(true)],
  at: (row, places) => places.map((/** @type {number} */ k) => row[k]),
  where: (row, holds) => row.filter((/** @type {Value} */ _, /** @type {number} */ k) => holds[holds.length === 1 ? 0 : k]),
  distinct: (row) => [...new Set(row)].sort((p, q) => p - q),
  reads: (texts, [number]) => texts.map((/** @type {string} */ text) => text !== "" && Number(text) === number),
  joined: (...rows) => [rows.flat().join("")],
  beside: (...rows) => rows.reduce(each((p, q) => `${p}${q}`)),
  listed: (texts, [comma]) => [texts.join(comma)],
};

/** Sentences of a page whose numbers change. */
export class Telling {
  /** @param {Choices} choices @param {Told} told */
  constructor(choices, told) {
    this.choices = choices;
    this.told = told;
    /** @type {Map<Tree, Row>} what was decided of this cycle */
    this.known = new Map();
  }

  /** The HTML of a region for this cycle. @param {string} name @returns {string} */
  say(name) {
    const { key, variants } = this.choices.regions[name];
    const chosen = String(this.row(key)[0]);
    const pieces = variants[chosen];
    if (pieces === undefined) throw new Error(`${name} has no words for ${chosen}`);
    return this.fill(pieces);
  }

  /** Every region by its name. @returns {Map<string, string>} */
  all() {
    const { regions } = this.choices;
    const names = Object.keys(regions).filter((name) => !regions[name].inner);
    return new Map(names.map((name) => [name, this.say(name)]));
  }

  /** Whether this cycle has a part of the page. @param {string} section */
  shows(section) {
    const tree = this.choices.sections[section];
    return tree === undefined || Boolean(this.row(tree)[0]);
  }

  /** @param {Piece[]} pieces */
  fill(pieces) {
    return pieces.map((piece) => (typeof piece === "string" ? piece : this.row(piece).join(""))).join("");
  }

  /** The row that a tree stands for. @param {Tree} tree @returns {Row} */
  row(tree) {
    let found = this.known.get(tree);
    if (found === undefined) {
      found = this.decided(tree);
      this.known.set(tree, found);
    }
    return found;
  }

  /** @param {Tree} tree @returns {Row} */
  decided(tree) {
    const { values, facts, printed, decimals } = this.told;
    const of = /** @type {any[]} */ (tree.of ?? []);
    const numbers = (tree.at ?? []).map((k) => values[k]);
    switch (tree.op) {
      case "given":
        return of;
      case "fact":
        return [facts[of[0]]].flat();
      case "of":
        return numbers;
      case "shown":
        return numbers.map((value) => (tree.exact ? exactNumeral(value).text : show(value, decimals)));
      case "printed":
        return of.map(printed);
      case "say":
        return [this.say(of[0])];
      case "choose":
        return this.chosen(tree.args ?? []);
      default:
        return OPERATIONS[tree.op](...(tree.args ?? []).map((part) => this.row(part)));
    }
  }

  /** What follows from the first condition that holds. @param {Tree[]} parts @returns {Row} */
  chosen(parts) {
    for (let k = 0; k + 1 < parts.length; k += 2) {
      if (this.row(parts[k])[0]) return this.row(parts[k + 1]);
    }
    return this.row(parts[parts.length - 1]);
  }
}
