/**
 * Which digits make a printed line true. As tracer/typeset/truth.py.
 *
 * The printed result must be the correct rounding of the value of the printed operands. Operands
 * start with the digits they are shown with everywhere and get more, all together, until that holds.
 */

import { beyond } from "./beyond.js";
import * as big from "./big.js";
import * as dec from "./decimal.js";
import { lastDigit, Numeral, numeral, written } from "./numerals.js";
import * as rat from "./rational.js";
import { isFinite, PLAIN, printed } from "./settled.js";
import { branchAt, evaluate, evaluateAt, FLOAT_LARGEST, FLOAT_LEAST, noiseLimit, quickRelation } from "./values.js";

/** @typedef {import("./decimal.js").Decimal} Decimal */
/** @typedef {import("./settled.js").Bound} Bound */
/** @typedef {import("./settled.js").Digits} Digits */
/** @typedef {import("./settled.js").Line} Line */
/** @typedef {import("./settled.js").Settled} Settled */
/** @typedef {import("./values.js").Evaluated} Evaluated */
/** @typedef {import("./compiled.js").Branch} Branch */
/** @typedef {{value: Decimal, quantum: number, near: number, noise: boolean}} Goal the result a line should show */
/** @typedef {(bound: Bound, digits: Digits, decimals: number, goal: Goal) => Settled | null} Way */

const AGREEMENT = rat.rational(1n, 100n);
const SUBNORMAL = dec.times(32, FLOAT_LEAST);
const MOST_LOST = big.fromFloat(64);
const SHORTEST = Array.from({ length: 18 }, (_, extra) => ({ extra, binary: false }));
const BINARY = Array.from({ length: 22 }, (_, k) => ({ extra: k + 4, binary: true }));
const OF_MATRICES = ["absorbed"];
const LONGER = [1, 2, 3];
const LESS = [nearby, cancelled, own];

/** Choose form and digits for a line. @param {Line} line @param {number} decimals @returns {Settled} */
export function settle(line, decimals) {
  const goal = goalOf(line, decimals);
  const found =
    goal &&
    (tried(line, decimals, goal, SHORTEST, attempt) ??
      longer(line, decimals, goal) ??
      tried(line, decimals, goal, BINARY, attempt) ??
      first(LESS, (way) => tried(line, decimals, goal, SHORTEST, way)));
  return found ?? beyond(line, decimals);
}

/** @template S, T @param {Iterable<S>} all @param {(each: S) => T | null} make @returns {T | null} */
function first(all, make) {
  for (const each of all) {
    const found = make(each);
    if (found !== null) return found;
  }
  return null;
}

/** The first form with the fewest digits that one way makes true. @param {Line} line @param {number} decimals @param {Goal} goal @param {Digits[]} choices @param {Way} way */
function tried(line, decimals, goal, choices, way) {
  const bounds = line.bounds.filter(isFinite);
  return first(bounds, (bound) => first(choices, (digits) => way(bound, digits, decimals, goal)));
}

/** More digits in the result: rounding may have decided a tie the other way. @param {Line} line @param {number} decimals @param {Goal} goal */
function longer(line, decimals, goal) {
  if (goal.noise) return null;
  return first(LONGER, (more) => {
    const next = goalOf(line, decimals, more);
    return next && tried(line, decimals, next, SHORTEST, attempt);
  });
}

/** @param {Line} line @param {number} decimals @param {number} more @returns {Goal | null} */
function goalOf(line, decimals, more = 0) {
  if (!Number.isFinite(line.value)) return null;
  if (!more && isNoise(line)) return nothing(decimals);
  const shown = numeral(line.value, decimals, more);
  const { near } = shown;
  return { value: shown.value ?? dec.ZERO, quantum: shown.quantum ?? 0, near, noise: false };
}

/** 0, for what rounding left. @param {number} decimals @returns {Goal} */
function nothing(decimals) {
  return { value: dec.ZERO, quantum: lastDigit(dec.ZERO, decimals), near: 0, noise: true };
}

/** Whether the value is only what float64's rounding left of a sum whose terms cancel. @param {Line} line */
export function isNoise(line) {
  const [bound] = line.bounds;
  if (line.value === 0 || !isFinite(bound)) return false;
  const values = bound.operands.map((operand) => operand.value);
  const only = bound.form.branch;
  if (only && Math.abs(line.value) > only.noiseBound(values)) return false;
  const operands = atFullDigits(bound);
  const limit = noiseLimit(branchAt(bound, operands), operands);
  if (big.compare(big.fromFloat(Math.abs(line.value)), limit) > 0) return false;
  const ways = line.bounds.filter(isFinite).map((each) => evaluateAt(each, atFullDigits(each)));
  return !ways.some((found) => found !== null && agrees(found, line.value));
}

/** @param {Bound} bound */
function atFullDigits(bound) {
  return bound.operands.map((operand) => rat.fromDecimal(dec.shortest(operand.value)));
}

/** @param {Evaluated} found @param {number} value */
function agrees(found, value) {
  const kept = rat.fromFloat(value);
  const apart = rat.size(rat.less(rat.fromDecimal(found.decimal()), kept));
  return rat.compare(apart, rat.times(AGREEMENT, rat.size(kept))) <= 0;
}

/** The line with the trace's own digits as its result, if that is true. @type {Way} */
function attempt(bound, digits, decimals, goal) {
  const texts = printed(bound, decimals, digits);
  const soon = quickRelation(bound, texts, goal);
  if (soon && (soon.relation === null || !dec.isZero(goal.value))) {
    return soon.relation && stated(bound, soon.branch, texts, soon.relation, goal);
  }
  const found = evaluate(bound, texts);
  const relation = found && found.relation(goal.value, goal.quantum);
  if (!found || !relation) return null;
  if (dec.isZero(goal.value) && relation === "≈") return vanishing(bound, texts, found);
  return stated(bound, found.branch, texts, relation, goal);
}

/** @param {Bound} bound @param {Branch} branch @param {Numeral[]} texts @param {string} relation @param {Goal} goal @returns {Settled} */
function stated(bound, branch, texts, relation, goal) {
  const padded = relation === "=" ? goal.value : dec.roundTo(goal.value, goal.quantum);
  const result = written(padded, goal.quantum);
  const remarks = goal.noise ? ["noise"] : [];
  return { bound, branch, operands: texts, result, relation, remarks };
}

/** 0 for what is not 0: too small for float64, or lost in the rounding of a sum. @param {Bound} bound @param {Numeral[]} texts @param {Evaluated} found @returns {Settled | null} */
function vanishing(bound, texts, found) {
  const tiny = dec.compare(dec.size(found.decimal()), FLOAT_LEAST) < 0;
  if (!tiny && !found.isWithinNoise()) return null;
  const result = new Numeral("0", null, dec.ZERO);
  const remarks = [tiny ? "underflow" : "noise"];
  return { bound, branch: found.branch, operands: texts, result, relation: "≈", remarks };
}

/** The line that the printed operands give, if only its last digit is not the trace's. @type {Way} */
function nearby(bound, digits, decimals, goal) {
  const texts = printed(bound, decimals, digits);
  const found = evaluate(bound, texts);
  if (!found) return null;
  const quantum = lastDigit(found.decimal(), decimals);
  const rounded = found.rounded(quantum);
  if (dec.isZero(rounded)) return null;
  const apart = dec.size(dec.minus(rounded, goal.value));
  const limits = [dec.decimal(1n, quantum), dec.decimal(1n, goal.quantum), SUBNORMAL];
  if (limits.every((limit) => dec.compare(apart, limit) > 0)) return null;
  return given(bound, texts, found, quantum);
}

/** The line as the printed operands give it. @param {Bound} bound @param {Numeral[]} texts @param {Evaluated} found @param {number} quantum @returns {Settled} */
function given(bound, texts, found, quantum) {
  const rounded = found.rounded(quantum);
  const relation = found.relation(rounded, quantum) ?? "≈";
  const result = written(relation === "=" ? dec.normalized(rounded) : rounded, quantum);
  return { bound, branch: found.branch, operands: texts, result, relation, remarks: ["kept"] };
}

/** 0 for a few units of rounding that a sum of much larger terms left. @type {Way} */
function cancelled(bound, digits, decimals, goal) {
  if (digits.extra) return null;
  const operands = atFullDigits(bound);
  const limit = noiseLimit(branchAt(bound, operands), operands);
  const size = big.fromFloat(Math.abs(Number(dec.plain(goal.value))));
  const most = big.times(MOST_LOST, limit, 203);
  if (big.isZero(size) || big.compare(size, most) > 0) return null;
  return attempt(bound, digits, decimals, nothing(decimals));
}

/** The line as its operands give it with all their digits. @type {Way} */
function own(bound, digits, decimals) {
  if (digits !== SHORTEST[SHORTEST.length - 1]) return null;
  const texts = printed(bound, decimals, digits);
  const found = evaluate(bound, texts);
  if (!found || dec.compare(dec.size(found.decimal()), FLOAT_LARGEST) > 0) return null;
  return given(bound, texts, found, lastDigit(found.decimal(), decimals));
}

/** @typedef {{digits: Digits, relation: string, results: Numeral[], remarks: string[]}} SettledMatrix */

/** One number of digits for the operands of all entries, and the results. @param {Line[]} lines @param {number} decimals @returns {SettledMatrix} */
export function settleMatrix(lines, decimals) {
  const { digits, found } = settleAll(lines, decimals);
  const relation = found.every((entry) => entry.relation === "=") ? "=" : "≈";
  const told = new Set(found.flatMap((entry) => entry.remarks));
  const remarks = OF_MATRICES.filter((remark) => told.has(remark));
  return { digits, relation, results: found.map((entry) => entry.result), remarks };
}

/** @type {[number[], Way[], Digits[]][]} */
const PLANS = [
  [[0], [attempt], SHORTEST],
  [[0, ...LONGER], [attempt], SHORTEST],
  [[0], [attempt], BINARY],
  [[0], [attempt, nearby], SHORTEST],
  [[0], [attempt, nearby, cancelled], SHORTEST],
  [[0], [attempt, nearby, own], SHORTEST],
];

/** @param {Line[]} lines @param {number} decimals @returns {{digits: Digits, found: Settled[]}} */
function settleAll(lines, decimals) {
  for (const [more, ways, choices] of PLANS) {
    const wanted = lines.map((line) => goals(line, decimals, more));
    for (const digits of choices) {
      const found = together(lines, (line, k) => entry(line, wanted[k], ways, digits, decimals));
      if (found) return { digits, found };
    }
  }
  return { digits: PLAIN, found: lines.map((line) => beyond(line, decimals)) };
}

/** All of them, or null as soon as one is none. @param {Line[]} lines @param {(line: Line, k: number) => Settled | null} make */
function together(lines, make) {
  const found = [];
  for (const [k, line] of lines.entries()) {
    const one = make(line, k);
    if (!one) return null;
    found.push(one);
  }
  return found;
}

/** What an entry should show, with so many digits more; nothing for ∞ and nan. @param {Line} line @param {number} decimals @param {number[]} more */
function goals(line, decimals, more) {
  if (!isFinite(line.bounds[0])) return [];
  return more.map((each) => goalOf(line, decimals, each)).filter((goal) => goal !== null);
}

/** @param {Line} line @param {Goal[]} wanted @param {Way[]} ways @param {Digits} digits @param {number} decimals */
function entry(line, wanted, ways, digits, decimals) {
  if (!wanted.length) return beyond(line, decimals);
  const [bound] = line.bounds;
  return first(wanted, (goal) => first(ways, (way) => way(bound, digits, decimals, goal)));
}
