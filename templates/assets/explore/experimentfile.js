/** "Make this my experiment": the what-if as the text of an experiment file, to be copied or kept. */

import { experimentText, leftOut, NoLabelError } from "./toml.js";

/** @typedef {import("./state.js").State} State */

export class ExperimentFile {
  /** @param {HTMLElement} bar @param {(state: State) => import("./trainer.js").Start} moment @param {import("./network.js").Program} program @param {Record<string, string>} words */
  constructor(bar, moment, program, words) {
    this.box = /** @type {HTMLElement} */ (bar.querySelector(".tr-explorer-toml"));
    this.text = /** @type {HTMLTextAreaElement} */ (this.box.querySelector("textarea"));
    this.file = /** @type {HTMLAnchorElement} */ (this.box.querySelector("a"));
    this.moment = moment;
    this.program = program;
    this.words = words;
    /** @type {string[]} */ this.notes = []; // what it cannot say of the moment, in sentences
    this.address = "";
  }

  /** Show it, or hide it again. @param {State} state @returns {boolean} whether a table can say it */
  toggle(state) {
    this.box.hidden = !this.box.hidden;
    return this.box.hidden || this.fill(state);
  }

  /** The file of what is shown now. @param {State} state */
  fill(state) {
    if (this.box.hidden) return true;
    const moment = this.moment(state);
    this.notes = leftOut(this.program, moment).map((name) => this.words[name]);
    try {
      this.text.value = experimentText(this.program, moment, this.notes);
    } catch (error) {
      if (!(error instanceof NoLabelError)) throw error;
      this.box.hidden = true;
      return false;
    }
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(new Blob([this.text.value], { type: "application/toml" }));
    this.file.href = this.address;
    return true;
  }

  /** Into the clipboard, or, where the browser has none for pages, marked for the reader to copy. @returns {Promise<string>} which of both, as a word */
  async copy() {
    try {
      await window.navigator.clipboard.writeText(this.text.value);
      return "copied";
    } catch {
      this.text.focus();
      this.text.select();
      return "marked";
    }
  }
}
