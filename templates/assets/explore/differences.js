/**
 * What differs from another moment, or from the run: each line whose result is another one is marked, and
 * says what stood there and by how much it is more or less now.
 */

import * as dec from "./decimal.js";
import { apart } from "./nudge.js";
import { said } from "./words.js";

/** @typedef {import("./numerals.js").Numeral} Numeral */
/** @typedef {{was: string, apart: string}} Words sentences with {was} and {apart} */

/** A difference with its sign. @param {Numeral} now @param {Numeral} before */
export function difference(now, before) {
  const found = apart(now, before);
  if (!found) return "";
  const text = dec.plain(found);
  return text.startsWith("-") ? text.replace("-", "−") : `+${text}`;
}

/** The marks in a page; each stands at the end of its line. */
export class Differences {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    /** @type {Map<string, HTMLElement>} */
    this.shown = new Map();
  }

  /**
   * @param {Map<string, {now: Numeral, before: Numeral, text: string}>} found by anchor
   * @param {string} from words for the other moment
   */
  show(found, from) {
    for (const [name, mark] of this.shown) {
      if (found.has(name)) continue;
      mark.closest(".tr-changed")?.classList.remove("tr-changed");
      mark.remove();
      this.shown.delete(name);
    }
    for (const [name, { now, before, text }] of found) this.mark(name, now, before, text, from);
  }

  /** @param {string} name @param {Numeral} now @param {Numeral} before @param {string} text @param {string} from */
  mark(name, now, before, text, from) {
    const mark = this.shown.get(name) ?? this.place(name);
    if (!mark) return;
    const by = difference(now, before);
    const words = said(by ? this.words.apart : this.words.was, { was: text, apart: by, from });
    if (mark.textContent !== words) mark.textContent = words;
  }

  /** @param {string} name */
  place(name) {
    const line = document.getElementById(name);
    const box = line?.matches(".tr-line") ? line.querySelector("td.tr-result, .tr-math") : line;
    if (!line || !box) return null;
    const mark = document.createElement("small");
    mark.className = "tr-was";
    box.append(" ", mark);
    line.classList.add("tr-changed");
    this.shown.set(name, mark);
    return mark;
  }
}
