/**
 * Puts the lines, matrices and numbers of a cycle into the page, and only what changed. As
 * tracer/typeset/setting.py, which sets them into the page first.
 */

import { LineSetter } from "./lines.js";
import { openRun } from "./run.js";
import { Said } from "./said.js";
import { factsOf } from "./choices.js";

/** @typedef {import("./fill.js").Part} Part */
/** @typedef {import("./lines.js").Told} Told */
/** @typedef {import("./run.js").Run} Run */

const FILLED = ["tr-formula", "tr-numbers", "tr-result", "tr-branch"];
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

  /** @param {Part} part */
  part({ name, html }) {
    const because = `<span class="tr-because">${this.because}</span> `;
    return `<span class="${name}">${name === "tr-branch" ? because : ""}${html}</span>`;
  }
}

/** A line in the page: a block of its own, or a row of a table. */
class Place {
  /** @param {HTMLElement} element @param {Words} words */
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.isRow = element instanceof HTMLTableRowElement;
    this.shown = "";
  }

  /** @param {Told} told */
  put(told) {
    const notes = this.words.notes(told);
    const shown = [...told.parts.map(({ html }) => html), notes, told.kept].join("\n");
    if (shown === this.shown) return;
    this.shown = shown;
    if (this.isRow) this.putRow(told, notes);
    else this.putBlock(told, notes);
    if (told.kept === told.result) this.element.removeAttribute("data-kept");
    else this.element.setAttribute("data-kept", told.kept);
  }

  /** @param {Told} told @param {string} notes */
  putBlock(told, notes) {
    const math = this.element.querySelector(".tr-math");
    if (!math) return;
    for (const name of FILLED) math.querySelector(`:scope > .${name}`)?.remove();
    for (const each of Array.from(math.childNodes)) if (each.nodeType === Node.TEXT_NODE) each.remove();
    const parts = told.parts.map((part) => this.words.part(part)).join(" ");
    math.insertAdjacentHTML("beforeend", ` ${parts} `);
    for (const each of Array.from(this.element.querySelectorAll(":scope > .tr-remark"))) each.remove();
    math.insertAdjacentHTML("afterend", notes);
  }

  /** @param {Told} told @param {string} notes */
  putRow(told, notes) {
    const [, middle, result] = Array.from(this.element.children);
    const kept = middle.querySelector("noscript");
    const formula = told.parts.filter(({ name }) => name === "tr-formula");
    if (kept) kept.textContent = `${named(kept)}${formula.map((part) => this.words.part(part)).join("")}`;
    const putIn = told.parts.filter(({ name }) => name === "tr-numbers" || name === "tr-branch");
    const html = putIn.map((part) => this.words.part(part)).join(" ") + notes;
    for (const each of Array.from(middle.childNodes)) if (each !== kept) each.remove();
    middle.insertAdjacentHTML("beforeend", html);
    const found = told.parts.find(({ name }) => name === "tr-result");
    if (found) result.innerHTML = found.html;
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
    this.said = new Said(root, run.score.choices);
    this.numbers = Array.from(root.querySelectorAll("[data-of]"));
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
      place.element.hidden = !found;
      if (found) place.put(found);
    }
    this.putNumbers(told, numbers);
  }

  /** Tell quantities in sentences, with what their lines say. @param {Float64Array} values @param {Map<string, Told>} lines @param {import("./choices.js").Which} cycle */
  say(values, lines, cycle) {
    const printed = (/** @type {string} */ anchor) => lines.get(anchor)?.result ?? "";
    this.said.put({ values, facts: factsOf(cycle), printed, decimals: this.run.score.decimals });
  }

  /** @param {Map<string, Told>} told @param {Map<string, string>} numbers */
  putNumbers(told, numbers) {
    for (const each of this.numbers) {
      const name = each.getAttribute("data-of") ?? "";
      const isResult = name.startsWith(RESULT);
      const text = isResult ? told.get(name.slice(RESULT.length))?.result : numbers.get(name);
      if (text !== undefined && each.textContent !== text) each.textContent = text;
    }
  }
}
