// Answers what the tests ask of the scripts that settle digits: JSON in, JSON out.

import { readFileSync } from "node:fs";
import { Telling } from "../../templates/assets/explore/choices.js";
import { Form } from "../../templates/assets/explore/compiled.js";
import * as big from "../../templates/assets/explore/big.js";
import { fromText, plain } from "../../templates/assets/explore/decimal.js";
import * as fill from "../../templates/assets/explore/fill.js";
import { FUNCTIONS } from "../../templates/assets/explore/functions.js";
import { LineSetter } from "../../templates/assets/explore/lines.js";
import { exactNumeral, numeral } from "../../templates/assets/explore/numerals.js";
import { openRun } from "../../templates/assets/explore/run.js";
import { operandNumeral } from "../../templates/assets/explore/settled.js";
import { settle, settleMatrix } from "../../templates/assets/explore/truth.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
const forms = (asked.forms ?? []).map((form) => new Form(form));
const decimals = (line) => line.decimals;
const told = (text) => [text.mantissa, text.exponent, text.quantum];

function operand([value, exact, href]) {
  return { value: Number(value), exact, href };
}

function bound([form, operands]) {
  return { form: forms[form], operands: operands.map(operand) };
}

function lineOf({ value, bounds }) {
  return { value: Number(value), bounds: bounds.map(bound) };
}

function ofNumeral([value, places, extra, binary]) {
  const number = Number(value);
  return places === null ? told(exactNumeral(number)) : told(numeral(number, places, extra, binary));
}

function ofFunction([name, text, digits]) {
  const prec = big.precisionOf(digits);
  const value = FUNCTIONS[name](big.fromDecimal(fromText(text), prec), prec);
  return plain(big.toDecimal(value, digits));
}

function ofLine(asking) {
  const line = lineOf(asking);
  const found = settle(line, decimals(asking));
  return {
    bound: line.bounds.indexOf(found.bound),
    operands: found.operands.map((text) => text.text),
    result: found.result.text,
    relation: found.relation,
    remarks: [...found.remarks].sort(),
    parts: fill.lineParts(found).map(({ name, html }) => [name, html]),
  };
}

function ofMatrix(asking) {
  const { digits, relation, results, remarks } = settleMatrix(asking.lines.map(lineOf), decimals(asking));
  const rows = [];
  for (let k = 0; k < results.length; k += asking.width) rows.push(results.slice(k, k + asking.width));
  const grids = asking.grids.map((grid) => ({
    ...grid,
    texts: grid.rows.map((row) => row.map((each) => operandNumeral(operand(each), decimals(asking), digits))),
    hrefs: grid.rows.map((row) => row.map(([, , href]) => href)),
  }));
  return {
    digits: [digits.extra, digits.binary],
    relation,
    results: rows.map((row) => row.map((text) => text.text)),
    remarks: [...remarks].sort(),
    parts: fill.matrixParts(grids, relation, rows).map(({ name, html }) => [name, html]),
  };
}

function ofCycle(choices, { values, facts, printed, decimals }) {
  const told = { values: values.map(Number), facts, printed: (anchor) => printed[anchor], decimals };
  const telling = new Telling(choices, told);
  const sections = Object.keys(choices.sections).filter((name) => telling.shows(name));
  return { said: Object.fromEntries(telling.all()), sections };
}

/** The row that a tree stands for, with numbers as text. */
function ofTree([tree, values]) {
  const told = { values: values.map(Number), facts: {}, printed: String, decimals: 4 };
  return new Telling({ regions: {}, sections: {} }, told).row(tree).map((value) => {
    return typeof value === "number" ? String(value + 0) : value;
  });
}

/** What the explorer's page would show of some cycles, each with its own number of decimals. */
async function ofRun({ held, cycles }) {
  const run = await openRun(held);
  return cycles.map(([k, places]) => {
    const setter = new LineSetter({ ...run.score, decimals: places });
    const [values, info] = [run.values(k), run.of(k)];
    const texts = setter.texts(values, { scene: run.scene(k), rows: info.rows });
    const told = ([anchor, { parts, ...rest }]) => {
      return [anchor, { ...rest, parts: parts.map(({ name, html }) => [name, html]) }];
    };
    return {
      cycle: [info.epoch, info.row, info.update, run.find(info.epoch, info.row)],
      lines: Object.fromEntries(Array.from(texts, told)),
      numbers: Object.fromEntries(setter.numberTexts(values)),
    };
  });
}

process.stdout.write(
  JSON.stringify({
    numerals: (asked.numerals ?? []).map(ofNumeral),
    functions: (asked.functions ?? []).map(ofFunction),
    lines: (asked.lines ?? []).map(ofLine),
    trees: (asked.trees ?? []).map(ofTree),
    cycles: (asked.cycles ?? []).map((cycle) => ofCycle(asked.choices[cycle.of], cycle)),
    matrices: (asked.matrices ?? []).map(ofMatrix),
    runs: await Promise.all((asked.runs ?? []).map(ofRun)),
  }),
);
