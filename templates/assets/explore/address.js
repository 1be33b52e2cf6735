/**
 * The address of what is shown: `#epoch=37&row=3&W-1-2-3=0.5`. Whatever it says that is not understood is
 * left out, and told.
 */

import { MOST_STEPS } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Cycles} Cycles */
/** @typedef {{state: State, place: string, nonsense: string[]}} Read `place`: the anchor to go to */

const WHOLE = /^[1-9]\d{0,8}$/;
const MOMENT = /^([1-9]\d{0,8})-([1-9]\d{0,8})$/;
const NUMBER = /^([-+]?)(\d{0,40})(?:\.(\d{0,40}))?(e[-+]?\d{1,3})?$/i;
const ANCHOR = /^[\w.:-]+$/;

/** Whether an address speaks of a moment, and not only of a place in the page. @param {string} hash */
export function speaks(hash) {
  return hash.includes("=");
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A number as it is typed (.5, 5., +4, −0,3), written out; null where it is none. @param {string} text */
export function plainNumber(text) {
  const [, sign, whole, rest = "", power = ""] = NUMBER.exec(text.trim().replace("−", "-").replace(",", ".")) ?? [];
  if (!whole && !rest) return null;
  return `${sign === "-" ? "-" : ""}${whole || "0"}${rest && `.${rest}`}${power}`;
}

/** The float64 that a text says, or null. @param {string} text */
export function readNumber(text) {
  const value = Number(plainNumber(text) ?? NaN);
  return Number.isFinite(value) ? value : null;
}

/** The shortest text that is read back as the same float64. @param {number} value */
export function writeNumber(value) {
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * What an address says, beside a state that says the rest.
 * @param {string} hash @param {State} state @param {Cycles} run @param {(name: string) => boolean} mayChange
 * @returns {Read}
 */
export function readAddress(hash, state, run, mayChange) {
  /** @type {Map<string, string>} */
  const said = new Map();
  /** @type {string[]} */
  const nonsense = [];
  for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const cut = part.indexOf("=");
    const name = cut > 0 ? decoded(part.slice(0, cut)) : null;
    const value = cut > 0 ? decoded(part.slice(cut + 1)) : null;
    if (name === null || value === null || said.has(name)) nonsense.push(part);
    else said.set(name, value);
  }
  return new Reading(said, nonsense, run, mayChange).read(state);
}

class Reading {
  /** @param {Map<string, string>} said @param {string[]} nonsense @param {Cycles} run @param {(name: string) => boolean} mayChange */
  constructor(said, nonsense, run, mayChange) {
    this.said = said;
    this.nonsense = nonsense;
    this.run = run;
    this.mayChange = mayChange;
  }

  /** @param {State} state @returns {Read} */
  read(state) {
    const cycle = this.cycle(state.cycle);
    const compared = this.compared();
    const steps = this.steps();
    const place = this.place();
    const changes = this.changes();
    return { state: { cycle, compared, changes, steps }, place, nonsense: this.nonsense };
  }

  /** @param {string} name */
  take(name) {
    const value = this.said.get(name) ?? null;
    this.said.delete(name);
    return value;
  }

  /** @param {string} name @param {string | null} value */
  refuse(name, value) {
    if (value !== null) this.nonsense.push(`${name}=${value}`);
  }

  /** @param {number} otherwise */
  cycle(otherwise) {
    const epoch = this.whole("epoch");
    const row = this.whole("row");
    const now = this.run.of(otherwise);
    const found = this.run.find(epoch ?? now.epoch, row ?? now.row);
    if (found >= 0) return found;
    if (epoch) this.refuse("epoch", String(epoch));
    if (row) this.refuse("row", String(row));
    return otherwise;
  }

  /** A count that the address says; null where it says none. @param {string} name */
  whole(name) {
    const text = this.take(name);
    if (text !== null && WHOLE.test(text)) return Number(text);
    this.refuse(name, text);
    return null;
  }

  compared() {
    const text = this.take("with");
    const parts = MOMENT.exec(text ?? "");
    const found = parts ? this.run.find(Number(parts[1]), Number(parts[2])) : -1;
    if (found < 0) this.refuse("with", text);
    return found < 0 ? null : found;
  }

  steps() {
    const text = this.take("steps");
    const steps = WHOLE.test(text ?? "") ? Number(text) : NaN;
    if (steps <= MOST_STEPS) return steps;
    this.refuse("steps", text);
    return 0;
  }

  place() {
    const text = this.take("at");
    if (text !== null && ANCHOR.test(text)) return text;
    this.refuse("at", text);
    return "";
  }

  changes() {
    /** @type {Map<string, number>} */
    const changes = new Map();
    for (const [name, text] of this.said) {
      const value = this.mayChange(name) ? readNumber(text) : null;
      if (value === null) this.refuse(name, text);
      else changes.set(name, value);
    }
    return changes;
  }
}

/** @param {State} state @param {Cycles} run @param {string} place @returns {string} */
export function writeAddress(state, run, place = "") {
  const { epoch, row } = run.of(state.cycle);
  const parts = [`epoch=${epoch}`, `row=${row}`];
  if (state.compared !== null) {
    const other = run.of(state.compared);
    parts.push(`with=${other.epoch}-${other.row}`);
  }
  for (const [name, value] of state.changes) parts.push(`${encodeURIComponent(name)}=${writeNumber(value)}`);
  if (state.steps) parts.push(`steps=${state.steps}`);
  if (place) parts.push(`at=${encodeURIComponent(place)}`);
  return `#${parts.join("&")}`;
}
