/**
 * A formula in pieces whose slots are filled with numbers, as MathML. As fill_mathml of
 * tracer/typeset/pieces.py, and tracer/typeset/markup.py.
 */

/** @typedef {import("./compiled.js").Piece} Piece */
/** @typedef {import("./numerals.js").Numeral} Numeral */
/** @typedef {import("./settled.js").Settled} Settled */
/** @typedef {{bare: string, wrapped: string}} Filling as it is, and as it stands beside an operator */
/** @typedef {{mathml: string, width: number}} Sized MathML that does not break; 0: no matter */
/** @typedef {{name: string, html: string}} Part */
/** @typedef {{sign: string, name: string, scalar: boolean, texts: Numeral[][], hrefs: string[][]}} Grid */

const FIRST_SLOT = 0xe000;
const FIRST_BARE = 0xec00;
const SLOT = /(<msup>)?<mi>([\ue000-\uf7ff])<\/mi>/g;
const DIGIT = 0.56;
const GAP = 0.8;
const FENCES = 2.8;
const NAME = 3.5;
const ALWAYS_FITS = 16;
/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/** @param {string} character @param {Filling[]} fillings */
function fill(character, fillings) {
  const number = character.charCodeAt(0);
  if (number < FIRST_BARE) return fillings[number - FIRST_SLOT].wrapped;
  return fillings[number - FIRST_BARE].bare;
}

/** MathML with the fillings in its slots. @param {string} mathml @param {Filling[]} fillings */
export function fillMathml(mathml, fillings) {
  return mathml.replace(SLOT, (_, power, character) => {
    const filled = fill(character, fillings);
    const isFraction = power && filled.includes("<mfrac>");
    return (power ?? "") + (isFraction ? `<mrow><mo>(</mo>${filled}<mo>)</mo></mrow>` : filled);
  });
}

/** @param {Piece[]} pieces @param {Filling[]} fillings @returns {string[]} */
export function filled(pieces, fillings) {
  return pieces.map(({ sign, mathml }) => {
    const body = fillMathml(mathml, fillings);
    return sign ? infix(sign) + body : body;
  });
}

/** An operator that keeps its infix spacing where a line may break before it. @param {string} sign */
export function infix(sign) {
  return `<mo form="infix">${sign.replace("-", "−")}</mo>`;
}

/** Stretches of MathML, so that a line may break between them. @param {string[]} inside */
export function formula(inside) {
  return inside.map((part) => `<math>${part}</math>`).join(" ");
}

/** The same with a relation in front. @param {string} sign @param {string[]} pieces */
export function stretches(sign, pieces) {
  return formula([infix(sign) + pieces[0], ...pieces.slice(1)]);
}

/** A number as MathML, linked to `href` if there is one. @param {Numeral} text @param {string} href */
export function number(text, href = "") {
  const label = ` aria-label="${text.mantissa}"`;
  const link = `<a href="${escaped(href)}"${label} tabindex="-1">${text.mantissa}</a>`;
  const named = !href && text.mantissa.startsWith("−") ? label : "";
  const shown = `<mn${named}>${href ? link : text.mantissa}</mn>`;
  if (text.exponent === null) return shown;
  const power = String(text.exponent).replace("-", "−");
  return `<mrow>${shown}<mo>×</mo><msup><mn>10</mn><mn>${power}</mn></msup></mrow>`;
}

/** What goes into a slot; a negative number stands in parentheses unless alone. @param {string} shown @param {Numeral} text @param {boolean} lone @returns {Filling} */
export function filling(shown, text, lone) {
  if (lone || !text.needsParentheses) return { bare: shown, wrapped: shown };
  const fence = (/** @type {string} */ sign) => `<mo stretchy="false">${sign}</mo>`;
  return { bare: shown, wrapped: `<mrow>${fence("(")}${shown}${fence(")")}</mrow>` };
}

/** A matrix as MathML. @param {string[][]} cells */
export function table(cells) {
  const row = (/** @type {string[]} */ each) => each.map((cell) => `<mtd>${cell}</mtd>`).join("");
  const rows = cells.map((each) => `<mtr>${row(each)}</mtr>`).join("");
  return `<mrow><mo>[</mo><mtable>${rows}</mtable><mo>]</mo></mrow>`;
}

/** About how many ems wide a matrix of such numbers is. @param {string[][]} texts */
function width(texts) {
  const columns = texts[0].map((_, k) => Math.max(...texts.map((row) => row[k].length)));
  return FENCES + columns.reduce((sum, most) => sum + (GAP + DIGIT * most), 0);
}

/** @param {Numeral[][]} texts @param {string[][]} hrefs @returns {Sized} */
function matrix(texts, hrefs) {
  const cells = texts.map((row, i) => row.map((text, j) => number(text, hrefs[i]?.[j] ?? "")));
  return { mathml: table(cells), width: width(texts.map((row) => row.map((text) => text.text))) };
}

/** Terms of matrices with a relation in front; what is wide says so. @param {string} sign @param {Sized[][]} terms */
function inTerms(sign, terms) {
  const [[first, ...others], ...rest] = terms;
  const whole = [[{ ...first, mathml: infix(sign) + first.mathml }, ...others], ...rest];
  return whole.map((term) => ofFactors(term.map(sized))).join(" ");
}

/** @param {string[]} parts */
function ofFactors(parts) {
  return parts.length === 1 ? parts[0] : `<span class="tr-term">${parts.join(" ")}</span>`;
}

/** @param {Sized} part */
function sized(part) {
  const wide = part.width > ALWAYS_FITS ? ` style="--tr-ems:${part.width.toFixed(1)}"` : "";
  return `<math${wide}>${part.mathml}</math>`;
}

/** Whether the result only repeats the one operand of the formula. @param {Settled} settled */
export function isCopy(settled) {
  return settled.branch.isLone && settled.operands[0].text === settled.result.text;
}

/** What of a line depends on its numbers: the numbers put in, the result, the condition. @param {Settled} settled @param {string} home @returns {Part[]} */
export function lineParts(settled, home = "") {
  const { bound, branch, operands, result, relation } = settled;
  const hrefs = bound.operands.map((operand) => operand.href ?? "");
  const fillings = operands.map((text, k) => {
    return filling(number(text, hrefs[k]), text, branch.isLone);
  });
  const copy = isCopy(settled);
  const parts = [];
  if (!branch.isConstant && !copy) {
    const html = stretches("=", filled(branch.numeric, fillings));
    parts.push({ name: "tr-numbers", html });
  }
  const href = copy && !home ? hrefs[0] : home;
  parts.push({ name: "tr-result", html: stretches(relation, [number(result, href)]) });
  if (branch.condition.length) {
    parts.push({ name: "tr-branch", html: formula(filled(branch.condition, fillings)) });
  }
  return parts;
}

/** The same of a line of matrices. @param {Grid[]} grids @param {string} relation @param {Numeral[][]} results @returns {Part[]} */
export function matrixParts(grids, relation, results) {
  /** @type {Sized[][]} */
  const terms = [];
  for (const grid of grids) {
    const own = named(grid);
    if (grid.sign && terms.length) {
      terms.push([{ ...own, mathml: grid.sign + own.mathml }]);
    } else if (terms.length) terms[terms.length - 1].push(own);
    else terms.push([own]);
  }
  return [
    { name: "tr-numbers", html: inTerms("=", terms) },
    { name: "tr-result", html: inTerms(relation, [[matrix(results, [])]]) },
  ];
}

/** @param {Grid} grid @returns {Sized} */
function named(grid) {
  const own = ofGrid(grid);
  return grid.name ? { mathml: grid.name + own.mathml, width: own.width + NAME } : own;
}

/** @param {Grid} grid @returns {Sized} */
function ofGrid(grid) {
  if (!grid.scalar) return matrix(grid.texts, grid.hrefs);
  const [[text]] = grid.texts;
  return { mathml: filling(number(text, grid.hrefs[0][0]), text, false).wrapped, width: 0 };
}
