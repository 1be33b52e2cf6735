/**
 * The lines, matrices and numbers of a cycle as text, from its score and its quantities. As
 * tracer/explore/score.py, read the other way.
 */

import { Form } from "./compiled.js";
import { lineParts, matrixParts } from "./fill.js";
import { exactNumeral } from "./numerals.js";
import { operandNumeral } from "./settled.js";
import { settle, settleMatrix } from "./truth.js";

/** @typedef {import("./settled.js").Operand} Operand */
/** @typedef {import("./settled.js").Bound} Bound */
/** @typedef {import("./settled.js").Line} Line */
/** @typedef {import("./fill.js").Part} Part */
/** @typedef {[quantity: number | {value: number}, exact: boolean | number, href?: string]} OperandScore */
/** @typedef {{form: number, operands: OperandScore[], formulas?: (number | null)[]}} BoundScore */
/** @typedef {{bounds: BoundScore[]} | {choices: BoundScore[][], largest: number[], above: number}} WaysScore */
/** @typedef {{anchor: string, value: number, finite?: boolean} & WaysScore} OneLine */
/** @typedef {{rows: OperandScore[][], sign: string, name: string, scalar: boolean}} GridScore */
/** @typedef {{anchor: string, formula: number, lines: OneLine[], width: number, grids: GridScore[]}} MatrixScore */
/** @typedef {{lines: number[], matrices: number[], finite: number[]}} SceneScore */
/**
 * @typedef {{format: number, decimals: number, names: string[],
 *   forms: import("./compiled.js").ExportedNode[], formulas: string[],
 *   lines: (OneLine | MatrixScore)[], scenes: Record<string, SceneScore>,
 *   numbers: Record<string, OperandScore>}} LineScore
 */
/**
 * @typedef {{parts: Part[], result: string, kept: string, remarks: string[]}} Told
 * the parts of a line that depend on its numbers; `kept` is the value with all its digits
 */
/** @typedef {{scene: string, rows: number[], typed?: ReadonlySet<number>}} Situation of a cycle: its scene, the rows of its batch, the quantities that a reader typed, which are exact */

/** An operand whose value is taken from a cycle. */
class Taken {
  /** @param {OperandScore} score @param {string[]} names */
  constructor([quantity, exact, href], names) {
    this.quantity = typeof quantity === "number" ? quantity : -1;
    this.start = typeof exact === "number" ? exact : null;
    this.always = exact === true;
    /** @type {Operand} */
    this.operand = {
      value: typeof quantity === "number" ? NaN : quantity.value,
      exact: this.always,
      href: href ?? `#${names[this.quantity]}`,
    };
  }

  /** @param {Float64Array} values @param {ReadonlySet<number> | undefined} typed @returns {Operand} */
  at(values, typed) {
    const { operand, quantity } = this;
    if (quantity < 0) return operand;
    operand.value = values[quantity];
    operand.exact =
      this.always || operand.value === this.start || (typed !== undefined && typed.has(quantity));
    return operand;
  }
}

/** A way to write a line. */
class Way {
  /** @param {BoundScore} score @param {Form[]} forms @param {LineScore} all */
  constructor({ form, operands, formulas }, forms, all) {
    this.operands = operands.map((each) => new Taken(each, all.names));
    this.formulas = (formulas ?? []).map((each) => (each === null ? "" : all.formulas[each]));
    /** @type {Bound} */
    this.bound = { form: forms[form], operands: this.operands.map((each) => each.operand) };
  }

  /** @param {Float64Array} values @param {ReadonlySet<number> | undefined} typed @returns {Bound} */
  at(values, typed) {
    for (const each of this.operands) each.at(values, typed);
    return this.bound;
  }
}

/** The ways to write a line, of which its numbers may choose. */
class Ways {
  /** @param {OneLine} score @param {Form[]} forms @param {LineScore} all */
  constructor(score, forms, all) {
    const made = (/** @type {BoundScore[]} */ each) => each.map((way) => new Way(way, forms, all));
    this.value = score.value;
    this.largest = "choices" in score ? score.largest : [];
    this.above = "choices" in score ? score.above : Infinity;
    this.choices = "choices" in score ? score.choices.map(made) : [made(score.bounds)];
  }

  /** @param {Float64Array} values @returns {Way[]} */
  of(values) {
    if (!this.largest.length) return this.choices[0];
    const numbers = this.largest.map((k) => values[k]);
    const sizes = numbers.map(Math.abs);
    const isLarge = Math.max(...sizes) > this.above; // nan is not
    return this.choices[2 * placeOfLargest(numbers) + (isLarge ? 1 : 0)];
  }
}

/** As NumPy's argmax: nan is larger than any number. @param {number[]} numbers */
function placeOfLargest(numbers) {
  const lost = numbers.findIndex(Number.isNaN);
  return lost >= 0 ? lost : numbers.indexOf(Math.max(...numbers));
}

/** Formulas in which the rows of the batch are named. @param {string} formula @param {number[]} rows */
function withRows(formula, rows) {
  if (!formula.includes("{row:")) return formula;
  return formula.replace(/\{row:(\d+)\}/g, (_, place) => String(rows[Number(place)]));
}

/** Sets lines, matrices and numbers of any cycle. */
export class LineSetter {
  /** @param {LineScore} score */
  constructor(score) {
    this.score = score;
    this.forms = score.forms.map((each) => new Form(each));
    this.lines = score.lines.map((each) => this.read(each));
    this.numbers = Object.entries(score.numbers).map(([name, each]) => {
      return { name, taken: new Taken(each, score.names) };
    });
  }

  /** @param {OneLine | MatrixScore} one */
  read(one) {
    if ("lines" in one) return new MatrixReader(one, this);
    return new LineReader(one, this);
  }

  /** The lines and matrices that a cycle has. @param {Float64Array} values @param {Situation} situation @returns {(LineReader | MatrixReader)[]} */
  shown(values, situation) {
    const { lines, matrices, finite } = this.score.scenes[situation.scene];
    const isFinite = finite.length > 0 && finite.every((k) => Number.isFinite(values[k]));
    const found = lines.map((k) => this.lines[k]).filter((line) => isFinite || !line.asksFinite);
    return [...found, ...matrices.map((k) => this.lines[k])];
  }

  /** What the lines and matrices of a cycle say, by anchor. @param {Float64Array} values @param {Situation} situation @returns {Map<string, Told>} */
  texts(values, situation) {
    const told = this.shown(values, situation).map((line) => /** @type {const} */ ([line.anchor, line.told(values, situation)]));
    return new Map(told);
  }

  /** The numbers that stand alone, by name. @param {Float64Array} values @param {ReadonlySet<number>} [typed] @returns {Map<string, string>} */
  numberTexts(values, typed) {
    const { decimals } = this.score;
    return new Map(this.numbers.map(({ name, taken }) => {
      return [name, operandNumeral(taken.at(values, typed), decimals).text];
    }));
  }
}

/** One line of a score. */
export class LineReader {
  /** @param {OneLine} score @param {LineSetter} setter */
  constructor(score, setter) {
    this.anchor = score.anchor;
    this.asksFinite = score.finite === true;
    this.decimals = setter.score.decimals;
    this.ways = new Ways(score, setter.forms, setter.score);
  }

  /** @param {Float64Array} values @param {Situation} situation @returns {Told} */
  told(values, { rows, typed }) {
    const ways = this.ways.of(values);
    const bounds = ways.map((way) => way.at(values, typed));
    const value = values[this.ways.value];
    const settled = settle({ value, bounds }, this.decimals);
    const way = ways[bounds.indexOf(settled.bound)];
    const formula = withRows(way.formulas[settled.branch.place], rows);
    const named = formula ? [{ name: "tr-formula", html: formula }] : [];
    const lost = settled.result.mantissa === "nan" ? ["nan"] : [];
    return {
      parts: [...named, ...lineParts(settled)],
      result: settled.result.text,
      kept: exactNumeral(value).text,
      remarks: [...settled.remarks, ...lost].sort(),
    };
  }
}

/** One line of matrices of a score. */
export class MatrixReader {
  /** @param {MatrixScore} score @param {LineSetter} setter */
  constructor(score, setter) {
    this.anchor = score.anchor;
    this.asksFinite = false;
    this.width = score.width;
    this.decimals = setter.score.decimals;
    this.formula = setter.score.formulas[score.formula];
    this.entries = score.lines.map((line) => new Ways(line, setter.forms, setter.score));
    this.grids = score.grids.map((grid) => ({
      ...grid,
      taken: grid.rows.map((row) => row.map((each) => new Taken(each, setter.score.names))),
    }));
  }

  /** @param {Float64Array} values @param {Situation} situation @returns {Told} */
  told(values, { typed }) {
    const lines = this.entries.map((entry) => {
      return { value: values[entry.value], bounds: entry.of(values).map((way) => way.at(values, typed)) };
    });
    const { digits, relation, results, remarks } = settleMatrix(lines, this.decimals);
    const rows = [];
    for (let k = 0; k < results.length; k += this.width) rows.push(results.slice(k, k + this.width));
    const grids = this.grids.map((grid) => ({
      ...grid,
      texts: grid.taken.map((row) => row.map((each) => operandNumeral(each.at(values, typed), this.decimals, digits))),
      hrefs: grid.taken.map((row) => row.map((each) => each.operand.href ?? "")),
    }));
    const formula = { name: "tr-formula", html: this.formula };
    return { parts: [formula, ...matrixParts(grids, relation, rows)], result: "", kept: "", remarks };
  }
}
