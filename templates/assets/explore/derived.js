/**
 * Numbers that only a page computes, and training does not: each is the result of a line, and follows from the
 * numbers of that line, in the order of the page.
 */

import * as dec from "./decimal.js";
import * as rat from "./rational.js";
import { evaluateAt } from "./values.js";

/** @typedef {import("./lines.js").LineSetter} LineSetter */
/** @typedef {import("./lines.js").LineReader} LineReader */

/** The float64 nearest to a value. @param {import("./decimal.js").Decimal} value */
function nearest(value) {
  return Number(`${value.negative ? "-" : ""}${value.digits}e${value.exponent}`);
}

/** The lines whose result nothing else computes. */
export class Derived {
  /** @param {LineSetter} setter @param {(k: number) => boolean} isKnown whether a number comes from elsewhere */
  constructor(setter, isKnown) {
    const lines = setter.lines.filter((line) => "ways" in line);
    this.lines = /** @type {LineReader[]} */ (lines).filter((line) => !isKnown(line.ways.value));
  }

  /** Compute them anew. @param {Float64Array} values changed in place */
  fill(values) {
    for (const { ways } of this.lines) values[ways.value] = result(ways.of(values), values);
  }
}

/** @param {{at: (values: Float64Array, typed: undefined) => import("./settled.js").Bound}[]} ways @param {Float64Array} values */
function result(ways, values) {
  const bound = ways[0].at(values, undefined);
  const numbers = bound.operands.map(({ value }) => value);
  if (!numbers.every(Number.isFinite)) return NaN;
  const found = evaluateAt(bound, numbers.map(rat.fromFloat));
  return found ? nearest(dec.normalized(found.decimal())) : NaN;
}
