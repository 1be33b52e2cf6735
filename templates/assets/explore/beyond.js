/**
 * Lines in which ∞, nan or a division by 0 take part: the trace's value, and why it is that. As
 * tracer/typeset/beyond.py.
 */

import * as big from "./big.js";
import { numeral } from "./numerals.js";
import * as rat from "./rational.js";
import { isFinite, printed } from "./settled.js";
import { beyondFloat64, decimalOf, evaluate } from "./values.js";

/** @typedef {import("./big.js").Big} Big */
/** @typedef {import("./numerals.js").Numeral} Numeral */
/** @typedef {import("./settled.js").Bound} Bound */
/** @typedef {import("./settled.js").Line} Line */
/** @typedef {import("./settled.js").Settled} Settled */

const LARGEST = big.fromFloat(Number.MAX_VALUE);

/** The line whose formula gives the trace's value with ∞ and nan, else the value as it is. @param {Line} line @param {number} decimals @returns {Settled} */
export function beyond(line, decimals) {
  for (const absorbing of [false, true]) {
    for (const bound of line.bounds) {
      const found = byRules(line, bound, decimals, absorbing);
      if (found) return found;
    }
  }
  return stated(line, line.bounds[0], decimals);
}

/** @param {Line} line @param {Bound} bound @param {number} decimals @param {boolean} absorbing @returns {Settled | null} */
function byRules(line, bound, decimals, absorbing) {
  const texts = printed(bound, decimals);
  const found = beyondFloat64(bound, texts, absorbing);
  if (!found) return null;
  const { branch, value } = found;
  const result = numeral(line.value, decimals);
  const overflows = isFinite(bound) && big.compare(big.size(value), LARGEST) > 0;
  const kept = overflows ? big.fromFloat(big.sign(value) * Infinity) : value;
  const agrees = overflows && big.toFloat(kept) === line.value;
  const relation = agrees ? "≈" : relationOf(kept, result);
  if (relation === null) return null;
  const remarks = [...(overflows ? ["overflow"] : []), ...(absorbing ? ["absorbed"] : [])];
  return { bound, branch, operands: texts, result, relation, remarks };
}

/** The sign between a value and the result that is shown; null where it is another number. @param {Big} value @param {Numeral} result */
function relationOf(value, result) {
  if (result.value === null) {
    const own = numeral(big.toFloat(value), 1);
    return own.value === null && own.mantissa === result.mantissa ? "=" : null;
  }
  if (!big.isFinite(value)) return null;
  const shown = rat.fromDecimal(result.value);
  const apart = rat.size(rat.less(rat.fromDecimal(decimalOf(value)), shown));
  if (apart.n === 0n) return "=";
  const unit = rat.powerOfTen(result.quantum ?? 0);
  return rat.compare(rat.times(apart, rat.rational(2n)), unit) <= 0 ? "≈" : null;
}

/** The trace's value beside a formula that does not give it. @param {Line} line @param {Bound} bound @param {number} decimals @returns {Settled} */
function stated(line, bound, decimals) {
  const branch = bound.form.first.unconditional();
  const result = numeral(line.value, decimals);
  const operands = printed(bound, decimals);
  const plain = { bound, branch, operands, result };
  if (!isFinite(bound) || Number.isNaN(line.value)) return { ...plain, relation: "=", remarks: [] };
  return { ...plain, relation: "≈", remarks: [reason(line, bound, operands)] };
}

/** Why float64 keeps another number than the formula of finite operands has. @param {Line} line @param {Bound} bound @param {Numeral[]} texts */
function reason(line, bound, texts) {
  if (Number.isFinite(line.value)) return "kept";
  return evaluate(bound, texts) ? "step" : "division";
}
