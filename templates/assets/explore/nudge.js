/** A number that is typed or moved with ↑ and ↓: by one of its last digit, or by ten. */

import { plainNumber } from "./address.js";
import * as dec from "./decimal.js";

const MOST_DIGITS = 40;

/** The decimal number that a text says, or null. @param {string} text */
function read(text) {
  const plain = plainNumber(text);
  return plain === null ? null : dec.fromText(plain);
}

/**
 * The text of a number that is `by` units of its last digit larger; the same text where it is none.
 * @param {string} text @param {number} by @returns {string}
 */
export function nudged(text, by) {
  const value = read(text);
  if (!value || dec.width(value.digits) > MOST_DIGITS) return text;
  const moved = dec.signed(value) + BigInt(by);
  if (/e/i.test(text) || value.exponent > 0) return scientific(moved, value.exponent);
  return dec.plain(dec.decimal(moved, value.exponent));
}

/** @param {bigint} digits @param {number} exponent */
function scientific(digits, exponent) {
  const [, sign, first, rest] = /^(-?)(\d)(\d*)$/.exec(String(digits)) ?? ["", "", "0", ""];
  return `${sign}${first}${rest ? `.${rest}` : ""}e${exponent + rest.length}`;
}

/**
 * By how much a printed number is more than another, with all their digits: texts with plain or true minus
 * signs, and powers of ten as × 10⁻⁷; null where one is no number.
 * @param {import("./numerals.js").Numeral} now @param {import("./numerals.js").Numeral} before
 */
export function apart(now, before) {
  if (!now.value || !before.value) return null;
  const exponent = Math.min(now.value.exponent, before.value.exponent);
  const digits =
    dec.signed(now.value) * dec.tenTo(now.value.exponent - exponent) -
    dec.signed(before.value) * dec.tenTo(before.value.exponent - exponent);
  return dec.normalized(dec.decimal(digits, exponent));
}
