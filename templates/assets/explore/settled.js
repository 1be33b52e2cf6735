/** A line whose digits are settled, and how its operands are printed. As tracer/typeset/settled.py. */

import { exactNumeral, numeral } from "./numerals.js";

/** @typedef {import("./numerals.js").Numeral} Numeral */
/** @typedef {import("./compiled.js").Form} Form */
/** @typedef {import("./compiled.js").Branch} Branch */
/** @typedef {{value: number, exact: boolean, href?: string}} Operand */
/** @typedef {{form: Form, operands: Operand[]}} Bound a form with an operand for each slot */
/** @typedef {{value: number, bounds: Bound[]}} Line the ways to write a value, the preferred first */
/** @typedef {{extra: number, binary: boolean}} Digits */
/**
 * @typedef {{bound: Bound, branch: Branch, operands: Numeral[], result: Numeral,
 *   relation: string, remarks: string[]}} Settled
 */

export const PLAIN = { extra: 0, binary: false };

/** @param {Operand} operand @param {number} decimals @param {Digits} digits @returns {Numeral} */
export function operandNumeral(operand, decimals, digits = PLAIN) {
  if (operand.exact) return exactNumeral(operand.value);
  return numeral(operand.value, decimals, digits.extra, digits.binary);
}

/** The operands of a form as they are printed. @param {Bound} bound @param {number} decimals @param {Digits} digits */
export function printed(bound, decimals, digits = PLAIN) {
  return bound.operands.map((operand) => operandNumeral(operand, decimals, digits));
}

/** Whether no operand is ∞ or nan. @param {Bound} bound */
export function isFinite(bound) {
  return bound.operands.every((operand) => Number.isFinite(operand.value));
}
