/** A what-if as the text of an experiment file, which tracer reads. As tracer/experiment/save.py. */

/** @typedef {import("./network.js").Program} Program */
/** @typedef {import("./trainer.js").Start} Start */

const BARE = /^[A-Za-z0-9_-]+$/;
const WIDE = 100; // characters: a list that fits a line of an editor stays on one

/** A float64 that TOML reads back as the same float64. */
class Float {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }

  toString() {
    if (!Number.isFinite(this.value)) return String(this.value).replace("Infinity", "inf").toLowerCase();
    const text = Object.is(this.value, -0) ? "-0" : String(this.value);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
}

/** What a table cannot say of a changed target: a share of a class. */
export class NoLabelError extends RangeError {}

/**
 * What a run from this moment has here and an experiment file has no place for, as names of the page's sentences.
 * @param {Program} program @param {Start} start @returns {string[]}
 */
export function leftOut(program, start) {
  const { optimizer, schedule, stop } = program;
  const { update = 0, state = {} } = start;
  const [, first, goesOn] = place(program, update);
  const isMemory = optimizer.counted || optimizer.remembered.some((name) => state[name]?.some((value) => value !== 0));
  const found = {
    forgets: isMemory,
    "schedule-anew": !schedule.is_constant,
    "stop-anew": stop !== null && !schedule.on_plateau,
    "other-batches": first > 0 && !goesOn,
  };
  return update ? Object.entries(found).flatMap(([name, is]) => (is ? [name] : [])) : [];
}

/**
 * An experiment that begins at this moment: its parameters, data, learning rate and next row, all else as
 * before. What the optimizer keeps begins at 0, as in every experiment.
 * @param {Program} program @param {Start & {epochs?: number}} start @param {string[]} [notes] sentences above it
 * @returns {string}
 * Throws NoLabelError where a target is no class.
 */
export function experimentText(program, start, notes = []) {
  const { name: _name, record: _record, ...document } = program.document;
  const { training } = document;
  const epochs = start.epochs ?? training.epochs;
  const { templates: _folder, ...pages } = document.pages;
  const shown = pages.epochs.filter((/** @type {number} */ epoch) => epoch <= epochs);
  const text = tomlText({
    ...document,
    data: { ...document.data, columns: document.data.columns, rows: rowsOf(program, start) },
    init: given(program, start),
    training: {
      ...training,
      epochs,
      learning_rate: new Float(start.eta ?? start.eta0 ?? training.learning_rate),
      ...orders(program, start.update ?? 0, epochs),
    },
    pages: { ...pages, epochs: shown.length ? shown : [1] },
  });
  return [...notes.map((note) => `# ${note}\n`), text].join("");
}

/**
 * Where a run stands: epochs that are over, the place of the next row, and whether a file that begins with it
 * goes on in the same batches.
 * @param {Program} program @param {number} updates @returns {[number, number, boolean]}
 */
function place({ orders: [order, ...others], document, training: { batch } }, updates) {
  const batches = Math.ceil(order.length / batch);
  const isDrawn = others.length > 0 || document.training.shuffle;
  return [Math.floor(updates / batches), (updates % batches) * batch, !isDrawn && order.length % batch === 0];
}

/**
 * The rows of each epoch where they are not those of the file: from an epoch on, and beginning with the next
 * row. Later epochs do so too where the run then goes on in the same batches.
 * @param {Program} program @param {number} updates @param {number} epochs
 */
function orders(program, updates, epochs) {
  const { orders: known, document } = program;
  const [epoch, first, goesOn] = place(program, updates);
  if (!first && known.length === 1 && !document.training.shuffle) return {};
  const order = Array.from({ length: epochs }, (_, k) => {
    const rows = known[(epoch + k) % known.length].map((row) => row + 1);
    const turn = k === 0 || goesOn ? first : 0;
    return [...rows.slice(turn), ...rows.slice(0, turn)];
  });
  return { shuffle: false, order };
}

/** @param {Program} program @param {Start} start */
function given({ sizes, start: begun, document }, { w }) {
  const seed = { seed: document.init.seed ?? 0 };
  const values = w ? split(sizes, w) : begun;
  const floats = (/** @type {number[]} */ row) => row.map((value) => new Float(value));
  const weights = values.W.map((matrix) => matrix.map(floats));
  return { ...seed, scheme: "given", weights, biases: values.b.map(floats) };
}

/** @param {number[]} sizes @param {Float64Array} w */
function split(sizes, w) {
  let place = 0;
  const taken = (/** @type {number} */ count) => [...w.slice(place, (place += count))];
  const layers = sizes.slice(1);
  const W = layers.map((n, l) => Array.from({ length: sizes[l] }, () => taken(n)));
  return { W, b: layers.map(taken) };
}

/** @param {Program} program @param {Start} start */
function rowsOf({ x, y, document }, { data }) {
  const { classes, target } = document.data;
  return x.map((inputs, row) => {
    const changed = data?.get(row);
    const floats = [...(changed?.x ?? inputs)].map((value) => new Float(value));
    const ends = [...(changed?.y ?? y[row])];
    const labelled = classes && !Array.isArray(target);
    return [...floats, ...(labelled ? [labelOf(ends, classes)] : ends.map((end) => new Float(end)))];
  });
}

/** The class of a target: 0 or 1 for two classes, else a share of 1 of one of them. @param {number[]} ends @param {(string | number)[]} classes */
function labelOf(ends, classes) {
  const shares = ends.length === 1 ? [1 - ends[0], ends[0]] : ends;
  const place = shares.indexOf(1);
  if (place < 0 || shares.some((share, k) => share !== (k === place ? 1 : 0))) throw new NoLabelError(String(ends));
  return classes[place];
}

/** A document of numbers, texts, lists and tables as TOML. @param {Record<string, any>} document */
export function tomlText(document) {
  const entries = Object.entries(document);
  const parts = [pairs(entries.filter(([, value]) => !isSection(value)))];
  for (const [name, value] of entries) {
    if (!isSection(value)) continue;
    const list = Array.isArray(value);
    const head = list ? `[[${key(name)}]]` : `[${key(name)}]`;
    for (const table of list ? value : [value]) parts.push(`${head}\n${pairs(Object.entries(table))}`);
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** @param {any} value */
function isTable(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Float);
}

/** @param {any} value */
function isSection(value) {
  return Array.isArray(value) ? value.length > 0 && value.every(isTable) : isTable(value);
}

/** @param {[string, any][]} entries */
function pairs(entries) {
  return entries.map(([name, value]) => `${key(name)} = ${long(value)}`).join("\n");
}

/** A value; a list that is too wide, or holds lists, goes over several lines. @param {any} value */
function long(value) {
  const text = short(value);
  const deep = Array.isArray(value) && Array.isArray(value[0]);
  if (!Array.isArray(value) || !(deep || text.length > WIDE)) return text;
  return `[\n${value.map((item) => `  ${short(item)},\n`).join("")}]`;
}

/** @param {any} value @returns {string} */
function short(value) {
  if (isTable(value)) {
    return `{ ${Object.entries(value).map(([name, each]) => `${key(name)} = ${short(each)}`).join(", ")} }`;
  }
  if (Array.isArray(value)) return `[${value.map(short).join(", ")}]`;
  return typeof value === "string" ? quoted(value) : String(value);
}

/** @param {string} name */
function key(name) {
  return BARE.test(name) ? name : quoted(name);
}

/** JSON escapes as TOML does, but for the one control character that TOML forbids as well. @param {string} text */
function quoted(text) {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}
