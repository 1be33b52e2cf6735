/**
 * Numbers as text: which digits are shown, and how they are written. As tracer/numerals.py.
 *
 * A unit of a last digit is a power of ten, named by its exponent; null where nothing is rounded.
 */

import * as dec from "./decimal.js";
import { fromDecimal } from "./rational.js";

/** @typedef {import("./decimal.js").Decimal} Decimal */

const SIGNIFICANT = 3;
const SMALL = dec.decimal(1n, -6);
const LARGE = dec.decimal(1n, 6);
const EXACT_WITHIN_ULPS = 16;
const SHORT_DIGITS = 12;
const WHOLE_BELOW = dec.decimal(1n, 15);
const SUPERSCRIPTS = /** @type {Record<string, string>} */ ({ "-": "⁻", 1: "¹", 2: "²", 3: "³" });

/** A number as it is printed; `value` is exactly what the text says, null for nan and ±∞. */
export class Numeral {
  /**
   * @param {string} mantissa with a true minus sign
   * @param {number | null} exponent the power of ten, if there is one
   * @param {Decimal | null} value
   * @param {number | null} quantum the unit of the last digit that rounding kept
   */
  constructor(mantissa, exponent = null, value = null, quantum = 0) {
    this.mantissa = mantissa;
    this.exponent = exponent;
    this.value = value;
    this.quantum = quantum;
    /** @type {import("./rational.js").Rational | null} */
    this.known = null;
    this.nearest = NaN;
  }

  /** The value as a quotient; of a number that is finite. */
  get fraction() {
    return (this.known ??= fromDecimal(this.value ?? dec.ZERO));
  }

  /** The float64 next to the value. */
  get near() {
    if (this.value && Number.isNaN(this.nearest)) {
      this.nearest = Number(`${this.mantissa.replace("−", "-")}e${this.exponent ?? 0}`);
    }
    return this.nearest;
  }

  /** Plain text, such as −0.1235 or 1.23 × 10⁻⁷. */
  get text() {
    return this.exponent === null ? this.mantissa : `${this.mantissa} × ${powerOfTen(this.exponent)}`;
  }

  get isNegative() {
    return this.mantissa.startsWith("−");
  }

  /** Whether it must be wrapped where an operator stands beside it. */
  get needsParentheses() {
    return this.isNegative || this.exponent !== null;
  }
}

/** Plain text such as 10⁻⁷. @param {number} exponent */
export function powerOfTen(exponent) {
  const raised = Array.from(String(exponent), (c) => {
    return SUPERSCRIPTS[c] ?? String.fromCharCode(0x2070 + Number(c));
  });
  return `10${raised.join("")}`;
}

/** The text of a computed value, where it stands alone. @param {number} value @param {number} decimals */
export function show(value, decimals) {
  return numeral(value, decimals).text;
}

/**
 * A computed value with `decimals` digits after the point and `extra` more.
 *
 * `binary` takes the float64 for exactly the number that it is, unless that is shown otherwise.
 * @param {number} value @param {number} decimals @param {number} extra @param {boolean} binary
 * @returns {Numeral}
 */
export function numeral(value, decimals, extra = 0, binary = false) {
  if (!Number.isFinite(value)) return notFinite(value);
  if (binary) return numeralAnew(value, decimals, extra, binary);
  return remembered(decimals * 32 + extra, value, () => numeralAnew(value, decimals, extra, false));
}

/** @type {Map<number, Map<number, Numeral>>} */
const KNOWN = new Map();
const REMEMBERED = 2 ** 14; // the numbers of some cycles, each met a few times
const EXACT = -1;

/** A numeral that was made already: most numbers stand in several lines. @param {number} kind @param {number} value @param {() => Numeral} make */
function remembered(kind, value, make) {
  let known = KNOWN.get(kind);
  if (!known || known.size > REMEMBERED) KNOWN.set(kind, (known = new Map()));
  let found = Object.is(value, -0) ? undefined : known.get(value);
  if (!found) known.set(value, (found = make()));
  return found;
}

/** @param {number} value @param {number} decimals @param {number} extra @param {boolean} binary @returns {Numeral} */
function numeralAnew(value, decimals, extra, binary) {
  let exact = meant(value);
  const usual = lastDigit(exact, decimals);
  const own = binary ? dec.exactly(value) : exact;
  const asItIs = binary && dec.compare(dec.roundTo(own, usual), dec.roundTo(exact, usual)) === 0;
  if (asItIs) exact = own;
  let quantum = lastDigit(exact, decimals, extra);
  let rounded = dec.roundTo(exact, quantum);
  if (isLarge(rounded) && !isLarge(exact)) {
    quantum = lastDigit(rounded, decimals, extra);
    rounded = dec.roundTo(rounded, quantum);
  }
  if (extra && misleads(rounded, exact, usual)) return numeral(value, decimals, extra + 1, binary);
  const apart = dec.size(dec.minus(exact, rounded));
  const reach = asItIs ? dec.ZERO : dec.ulps(value, EXACT_WITHIN_ULPS);
  return written(dec.compare(apart, reach) <= 0 ? dec.normalized(rounded) : rounded, quantum);
}

/** @param {Decimal} d */
function isLarge(d) {
  return dec.compare(dec.size(d), LARGE) >= 0;
}

/** @param {Decimal} d */
function isUsual(d) {
  return dec.compare(SMALL, dec.size(d)) <= 0 && !isLarge(d);
}

/**
 * Whether rounding made a tie that would be rounded up again, to a multiple of `quantum`.
 * @param {Decimal} rounded @param {Decimal} exact @param {number} quantum
 */
function misleads(rounded, exact, quantum) {
  if (dec.compare(dec.size(rounded), dec.size(exact)) <= 0) return false;
  const { digits, exponent } = dec.normalized(rounded);
  return digits % 10n === 5n && exponent < quantum;
}

/** The decimal number that a computed value stands for. @param {number} value @returns {Decimal} */
function meant(value) {
  const exact = dec.shortest(value);
  if (dec.isZero(exact)) return exact;
  const short = dec.roundTo(exact, dec.adjusted(exact) + 1 - SHORT_DIGITS);
  const apart = dec.size(dec.minus(exact, short));
  const reach = dec.ulps(value, EXACT_WITHIN_ULPS);
  return dec.compare(apart, reach) <= 0 ? dec.normalized(short) : exact;
}

/** A value that is exact as it stands. @param {number} value @returns {Numeral} */
export function exactNumeral(value) {
  if (!Number.isFinite(value)) return notFinite(value);
  return remembered(EXACT, value, () => written(dec.normalized(dec.shortest(value)), null));
}

/**
 * The unit of the last digit that a value of this size is shown with.
 * @param {Decimal} value @param {number} decimals @param {number} extra @returns {number}
 */
export function lastDigit(value, decimals, extra = 0) {
  if (dec.isZero(value)) return -decimals;
  const leading = dec.adjusted(value);
  if (!isUsual(value)) return leading - (SIGNIFICANT - 1) - extra;
  return -(Math.max(decimals, SIGNIFICANT - 1 - leading) + extra);
}

/**
 * The numeral that writes exactly the digits of `value`.
 * @param {Decimal} value @param {number | null} quantum @returns {Numeral}
 */
export function written(value, quantum) {
  if (dec.isZero(value)) return new Numeral("0", null, dec.ZERO, quantum);
  const whole = quantum === null && dec.isWhole(value) && dec.compare(dec.size(value), WHOLE_BELOW) < 0;
  if (whole || isUsual(value)) return new Numeral(minusSign(dec.plain(value)), null, value, quantum);
  const exponent = dec.adjusted(value);
  const mantissa = { ...value, exponent: value.exponent - exponent };
  return new Numeral(minusSign(dec.plain(mantissa)), exponent, value, quantum);
}

/** @param {string} text */
function minusSign(text) {
  return text.replace("-", "−");
}

/** @param {number} value */
function notFinite(value) {
  if (Number.isNaN(value)) return new Numeral("nan");
  return new Numeral(value > 0 ? "∞" : "−∞");
}
