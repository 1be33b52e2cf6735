/**
 * Puts the lines, matrices and numbers of a cycle into the page, and only what changed. As
 * tracer/typeset/setting.py, which sets them into the page first.
 */

import { hideEmpty, holdersOf } from "./holders.js";
import { Filled, setText } from "./inplace.js";
import { LineSetter } from "./lines.js";
import { openRun } from "./run.js";
import { Said } from "./said.js";
import { factsOf } from "./choices.js";

/** @typedef {import("./fill.js").Part} Part */
/** @typedef {import("./lines.js").Told} Told */
/** @typedef {import("./run.js").Run} Run */

const BRANCH = "tr-branch";
const IN_LINE = ":scope > :is(.tr-formula, .tr-numbers, .tr-result, .tr-branch)";
const RESULT = "=";

/** Load the file of the run: a script that sets a global, so that files can do it too. @param {string} address @returns {Promise<Run>} */
export async function loadRun(address) {
  const whole = /** @type {{tracerRun?: import("./run.js").Held}} */ (globalThis);
  if (!whole.tracerRun) await loaded(address);
  if (!whole.tracerRun) throw new Error(`${address} holds no run`);
  return openRun(whole.tracerRun);
}

/** @param {string} address @returns {Promise<void>} */
function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${address} cannot be loaded`));
    document.head.append(script);
  });
}

/** The words of a page that the script puts in: remarks by their flag, and "because". */
class Words {
  /** @param {Element} root */
  constructor(root) {
    const told = root.querySelector(".tr-live-words");
    this.because = told?.getAttribute("data-because") ?? "";
    const remarks = Array.from(told?.querySelectorAll("[data-flag]") ?? []);
    this.flags = remarks.map((each) => each.getAttribute("data-flag") ?? "");
    this.remarks = new Map(remarks.map((each, k) => [this.flags[k], each.innerHTML]));
  }

  /** The remarks on a line as HTML, in the order that they have on every page. @param {Told} told */
  notes(told) {
    const found = this.flags.filter((flag) => told.remarks.includes(flag));
    const text = (/** @type {string} */ flag) => (this.remarks.get(flag) ?? "").replace("{kept}", told.kept);
    return found.map((flag) => `<p class="tr-remark">${text(flag)}</p>`).join(" ");
  }

  /** What stands in the element of a part. @param {Part} part */
  inside({ name, html }) {
    return name === BRANCH ? `<span class="tr-because">${this.because}</span> ${html}` : html;
  }

  /** @param {Part} part */
  whole(part) {
    return `<span class="${part.name}">${this.inside(part)}</span>`;
  }
}

/** A line in the page: a block of its own, or a row of a table. */
class Place {
  /** @param {HTMLElement} element @param {Words} words */
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.isRow = element instanceof HTMLTableRowElement;
    /** @type {Map<string, Filled>} what stands in its parts, by their names */
    this.parts = new Map();
    this.notes = /** @type {string | null} */ (null); // what the page itself says is not known
    this.formula = "";
  }

  /** @param {Told} told */
  put(told) {
    if (this.isRow) this.putRow(told);
    else this.putBlock(told);
    const kept = told.kept === told.result ? null : told.kept;
    if (kept === this.element.getAttribute("data-kept")) return;
    if (kept === null) this.element.removeAttribute("data-kept");
    else this.element.setAttribute("data-kept", kept);
  }

  /** @param {Told} told */
  putBlock(told) {
    const math = this.element.querySelector(".tr-math");
    if (!math) return;
    this.fill(math, told.parts);
    this.remark(told, (notes) => math.insertAdjacentHTML("afterend", notes));
  }

  /** @param {Told} told */
  putRow(told) {
    const [, middle, result] = Array.from(this.element.children);
    this.name(middle, told.parts.filter(({ name }) => name === "tr-formula"));
    this.fill(middle, told.parts.filter(({ name }) => name === "tr-numbers" || name === BRANCH));
    this.remark(told, (notes) => middle.insertAdjacentHTML("beforeend", notes));
    const found = told.parts.find(({ name }) => name === "tr-result");
    if (found) this.into(result, found);
  }

  /** The formula of a row waits until somebody asks for it. @param {Element} box @param {Part[]} parts */
  name(box, parts) {
    const formula = parts.map((part) => this.words.whole(part)).join("");
    const kept = formula === this.formula ? null : box.querySelector("noscript");
    this.formula = formula;
    if (kept) kept.textContent = `${named(kept)}${formula}`;
  }

  /** Parts at the end of an element, in which they have an element each. @param {Element} box @param {Part[]} parts */
  fill(box, parts) {
    const held = box.querySelectorAll(IN_LINE);
    const isSame = held.length === parts.length && parts.every(({ name }, k) => held[k].className === name);
    if (!isSame || !parts.every(({ name }) => this.parts.has(name))) this.make(box, parts);
    else for (const part of parts) this.parts.get(part.name)?.put(this.words.inside(part));
  }

  /** @param {Element} box @param {Part[]} parts */
  make(box, parts) {
    for (const each of Array.from(box.querySelectorAll(IN_LINE))) each.remove();
    for (const each of Array.from(box.childNodes)) if (each.nodeType === Node.TEXT_NODE) each.remove();
    for (const part of parts) {
      const made = document.createElement("span");
      made.className = part.name;
      this.parts.set(part.name, new Filled(made, this.words.inside(part)));
      box.append(" ", made);
    }
  }

  /** @param {Element} element @param {Part} part */
  into(element, { name, html }) {
    const held = this.parts.get(name);
    if (held) held.put(html);
    else this.parts.set(name, new Filled(element, html));
  }

  /** @param {Told} told @param {(notes: string) => void} put */
  remark(told, put) {
    const notes = this.words.notes(told);
    if (notes === this.notes) return;
    this.notes = notes;
    for (const each of Array.from(this.element.querySelectorAll(".tr-remark"))) each.remove();
    put(notes);
  }
}

/** What stands before the formula in a row: the short name of it. @param {Element} kept */
function named(kept) {
  const [before] = (kept.textContent ?? "").split('<span class="tr-formula">');
  return before.includes("tr-named") ? before : "";
}

/** The page of any cycle. */
export class Page {
  /** @param {Element} root @param {Run} run */
  constructor(root, run) {
    this.root = root;
    this.run = run;
    this.setter = new LineSetter(run.score);
    this.values = new Float64Array(run.score.names.length);
    const words = new Words(root);
    const lines = Array.from(root.querySelectorAll(".tr-line[id], .tr-line[data-matrix]"));
    this.places = new Map(lines.map((each) => {
      const name = each.id || (each.getAttribute("data-matrix") ?? "");
      return [name, new Place(/** @type {HTMLElement} */ (each), words)];
    }));
    this.holders = holdersOf(root);
    this.said = new Said(root, run.score.choices);
    this.numbers = Array.from(root.querySelectorAll("[data-of]"), (each) => {
      return { element: each, name: each.getAttribute("data-of") ?? "" };
    });
  }

  /** Show a cycle (from 0) of the run. @param {number} k */
  show(k) {
    this.run.values(k, this.values);
    const cycle = this.run.of(k);
    const lines = this.set(this.values, { scene: this.run.scene(k), rows: cycle.rows });
    this.say(this.values, lines, cycle);
  }

  /** Show quantities, whatever they come from. @param {Float64Array} values @param {import("./lines.js").Situation} situation */
  set(values, situation) {
    const lines = this.setter.texts(values, situation);
    this.put(lines, this.setter.numberTexts(values, situation.typed));
    return lines;
  }

  /** Put texts into the page. @param {Map<string, Told>} told @param {Map<string, string>} numbers */
  put(told, numbers) {
    for (const [anchor, place] of this.places) {
      const found = told.get(anchor);
      if (place.element.hidden === Boolean(found)) place.element.hidden = !found;
      if (found) place.put(found);
    }
    hideEmpty(this.holders);
    this.putNumbers(told, numbers);
  }

  /** Tell quantities in sentences, with what their lines say. @param {Float64Array} values @param {Map<string, Told>} lines @param {import("./choices.js").Which} cycle */
  say(values, lines, cycle) {
    const printed = (/** @type {string} */ anchor) => lines.get(anchor)?.result ?? "";
    this.said.put({ values, facts: factsOf(cycle), printed, decimals: this.run.score.decimals });
  }

  /** @param {Map<string, Told>} told @param {Map<string, string>} numbers */
  putNumbers(told, numbers) {
    for (const { element, name } of this.numbers) {
      const isResult = name.startsWith(RESULT);
      const text = isResult ? told.get(name.slice(RESULT.length))?.result : numbers.get(name);
      if (text !== undefined) setText(element, text);
    }
  }
}
