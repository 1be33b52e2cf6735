/**
 * The value of a formula for its printed operands, exact or to as many digits as it takes. As
 * tracer/typeset/values.py.
 */

import { absorbed } from "./absorbing.js";
import * as big from "./big.js";
import { relationOf } from "./bounded.js";
import { DIGITS, highPrecision, isBig, isZero, PRECISION } from "./calculation.js";
import * as dec from "./decimal.js";
import * as rat from "./rational.js";

/** @typedef {import("./big.js").Big} Big */
/** @typedef {import("./calculation.js").Value} Value */
/** @typedef {import("./compiled.js").Branch} Branch */
/** @typedef {import("./decimal.js").Decimal} Decimal */
/** @typedef {import("./numerals.js").Numeral} Numeral */
/** @typedef {import("./rational.js").Rational} Rational */
/** @typedef {import("./settled.js").Bound} Bound */

const SPARE = 15;
export const WIDE_DIGITS = 2 * DIGITS;
const BEYOND = 10000;
const BEYOND_BITS = 30000n;
export const FLOAT_LEAST = dec.fromText("2.47e-324");
export const FLOAT_LARGEST = dec.exactly(Number.MAX_VALUE);
const HALF = rat.rational(1n, 2n);

/** What a bound form is for its printed operands: the branch that holds and its value. */
export class Evaluated {
  /** @param {Branch} branch @param {Rational[]} operands @param {Value} value @param {number} digits */
  constructor(branch, operands, value, digits) {
    this.branch = branch;
    this.operands = operands;
    this.value = value;
    this.digits = digits;
  }

  /** Whether the value is no larger than what float64 loses in the terms of the sum. */
  isWithinNoise() {
    if (isZero(this.value)) return false;
    const limit = noiseLimit(this.branch, this.operands);
    const twice = big.times(limit, big.fromFloat(2), PRECISION);
    return big.compare(big.size(highPrecision(this.value)), twice) <= 0;
  }

  /** The value as a Decimal of many digits. @returns {Decimal} */
  decimal() {
    return isBig(this.value) ? decimalOf(this.value) : rat.toDecimal(this.value, WIDE_DIGITS);
  }

  /** "=" if the value is `shown`, "≈" if it rounds to it, null if neither. @param {Decimal} shown @param {number} quantum @returns {string | null} */
  relation(shown, quantum) {
    const { same, far } = this.closeness(shown, quantum);
    if (same) return "=";
    if (far) return null;
    return dec.compare(this.rounded(quantum), shown) === 0 ? "≈" : null;
  }

  /** Rounded half away from zero to a multiple of 10^quantum. @param {number} quantum @returns {Decimal} */
  rounded(quantum) {
    if (isBig(this.value)) return dec.roundTo(decimalOf(this.value, this.digits), quantum);
    const share = rat.over(rat.size(this.value), rat.powerOfTen(quantum));
    const steps = rat.floor(rat.add(share, HALF));
    const found = dec.withDigits(dec.decimal(steps, quantum), WIDE_DIGITS, false);
    return this.value.n < 0n ? dec.negated(found) : found;
  }

  /** Whether the value is `shown`, and whether it is far from it. @param {Decimal} shown @param {number} quantum */
  closeness(shown, quantum) {
    if (isBig(this.value)) return this.nearness(this.value, shown, quantum);
    const apart = rat.size(rat.less(rat.fromDecimal(shown), this.value));
    return { same: apart.n === 0n, far: rat.compare(apart, rat.powerOfTen(quantum)) > 0 };
  }

  /** @param {Big} value @param {Decimal} shown @param {number} quantum */
  nearness(value, shown, quantum) {
    const prec = big.precisionOf(this.digits);
    const distance = big.size(big.less(value, big.fromDecimal(shown, prec), prec));
    const unit = big.powerOf(big.fromFloat(10), SPARE - this.digits, prec);
    let same = big.compare(distance, big.times(unit, big.size(value), prec)) <= 0;
    if (this.digits >= this.branch.mostDigits) {
      same = same && this.branch.isExactly(rat.fromDecimal(shown), this.operands);
    }
    const far = big.compare(distance, big.fromDecimal(dec.decimal(1n, quantum), prec)) > 0;
    return { same, far };
  }
}

/**
 * A number of so many digits as a Decimal, less a few that its making may have lost.
 * @param {Big} value @param {number} digits @returns {Decimal}
 */
export function decimalOf(value, digits = DIGITS) {
  const large = value.man ? big.magnitude(value) : 0n;
  if (large > BEYOND_BITS) return dec.decimal(BigInt(big.sign(value)), BEYOND);
  if (large < -BEYOND_BITS) return dec.decimal(BigInt(big.sign(value)), -BEYOND);
  return big.toDecimal(big.rounded(value, big.precisionOf(digits)), digits - 5);
}

/** @param {() => T} make @param {T} otherwise @returns {T} @template T */
function orElse(make, otherwise) {
  try {
    return make();
  } catch (error) {
    if (error instanceof rat.NoValueError) return otherwise;
    throw error;
  }
}

/** The bound form for these printed operands; null where it has no finite value. @param {Bound} bound @param {Numeral[]} texts */
export function evaluate(bound, texts) {
  const values = [];
  for (const text of texts) {
    if (text.value === null) return null;
    values.push(text.fraction);
  }
  return evaluateAt(bound, values);
}

/**
 * The branch, and what `relation` would say, if that can be told sooner; null where it cannot.
 * @param {Bound} bound @param {Numeral[]} texts @param {{value: Decimal, quantum: number, near: number}} goal
 * @returns {{branch: Branch, relation: "≈" | null} | null}
 */
export function quickRelation(bound, texts, goal) {
  if (texts.some((text) => text.value === null)) return null;
  const branch = bound.form.branch ?? bound.form.at(texts.map((text) => text.fraction));
  if (!branch?.bounded) return null;
  const found = branch.bounded(texts.map((text) => text.near));
  const relation = relationOf(found, goal.near, quantumOf(goal.quantum));
  return relation === undefined ? null : { branch, relation };
}

/** @type {Map<number, number>} */
const QUANTA = new Map();

/** @param {number} exponent */
function quantumOf(exponent) {
  let found = QUANTA.get(exponent);
  if (found === undefined) QUANTA.set(exponent, (found = Number(`1e${exponent}`)));
  return found;
}

/** @param {Bound} bound @param {Rational[]} values @returns {Evaluated | null} */
export function evaluateAt(bound, values) {
  const branch = branchAt(bound, values);
  const digits = branch.digits(values);
  const value = orElse(() => branch.value.at(values, big.precisionOf(digits)), null);
  if (value === null || (isBig(value) && !big.isFinite(value))) return null;
  return new Evaluated(branch, values, value, digits);
}

/** The branch of the form whose condition these operands meet. @param {Bound} bound @param {Rational[]} values */
export function branchAt(bound, values) {
  const found = bound.form.at(values);
  if (!found) throw new RangeError("finite operands meet one condition");
  return found;
}

/** @param {Numeral} text @returns {Big} */
function real(text) {
  if (text.value !== null) return big.fromDecimal(text.value, PRECISION);
  return text.mantissa === "nan" ? big.NAN : text.isNegative ? big.MINUS_INF : big.INF;
}

/**
 * Branch and value where ∞ and nan are numbers too, as in float64; null where 0 divides.
 * @param {Bound} bound @param {Numeral[]} texts @param {boolean} absorbing
 * @returns {{branch: Branch, value: Big} | null}
 */
export function beyondFloat64(bound, texts, absorbing) {
  const values = texts.map(real);
  const branch = bound.form.at(values);
  if (!branch) return null;
  const make = () => (absorbing ? absorbed(branch.value.tree, values) : branch.value.at(values));
  const value = orElse(make, null);
  return value === null ? null : { branch, value: highPrecision(value) };
}

/** How much float64 may lose in the sums of a formula; 0 for a formula without one. @param {Branch} branch @param {Rational[]} values @returns {Big} */
export function noiseLimit(branch, values) {
  const { noise } = branch;
  return noise ? orElse(() => noise(values), big.ZERO) : big.ZERO;
}

