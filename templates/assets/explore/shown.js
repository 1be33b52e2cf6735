/** What is on the page: the numbers of a choice in lines, tables, sentences and pictures, and what differs from others. */

import { Differences } from "./differences.js";
import { Engine } from "./engine.js";
import { ExperimentFile } from "./experimentfile.js";
import { numeral } from "./numerals.js";
import { Page } from "./page.js";
import { Pictures } from "./pictures.js";
import { isRun, START } from "./state.js";
import { RunAlone, WhatIf } from "./whatif.js";
import { said } from "./words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./engine.js").Where} Where */
/**
 * @typedef {import("./run.js").Score & {program: import("./network.js").Program | null,
 *   pictures: import("./pictures.js").PictureData, symbols: string[]}} Score
 */
/** @typedef {Record<string, string | number | import("./words.js").Symbol>} Values */
/** @typedef {{lines: Map<string, import("./lines.js").Told>, numbers: Map<string, string>}} Texts */
/** @typedef {{name: string, values: Values, where: Where}} Said */

const NAMED = "[data-of], a[href^='#'], a[href$='#eta'], td[id]"; // η may lead to the page that states it
const OFTEN = 12; // ms of a proof between two looks at whether the page wants something
const PLACES = 8; // digits of a slope by differences, which has about ten that are right

/** The page as a choice has it. */
export class Shown {
  /** @param {HTMLElement} bar @param {HTMLElement} article @param {Run} run @param {Record<string, string>} words */
  constructor(bar, article, run, words) {
    this.words = words;
    this.article = article;
    this.run = run;
    const score = /** @type {Score} */ (run.score);
    this.score = score;
    this.page = new Page(article, run);
    this.engine = score.program && new Engine(score.program, score.names);
    this.whatIf = this.engine ? new WhatIf(this.engine, run) : new RunAlone(run, score.names);
    this.pictures = new Pictures(article, score.pictures, this.words["gives-nothing"]);
    this.differences = new Differences(this.words["was"], this.words["apart"]);
    this.values = new Float64Array(score.names.length);
    this.others = new Float64Array(score.names.length);
    /** @type {Texts | null} */ this.texts = null;
    /** @type {State} */ this.state = START;
    /** @type {Where} */ this.where = run.of(0);
    /** @type {import("./trainer.js").Trouble | null} */ this.trouble = null;
    this.file = score.program && new ExperimentFile(bar, (state) => this.moment(state), score.program, words);
    article.addEventListener("toggle", () => window.setTimeout(() => this.opened()), true);
    this.first = Math.max(0, run.find(Number(bar.dataset.epoch), Number(bar.dataset.row)));
  }

  /** The moment of the run that is compared with. */
  get compared() {
    return this.state.compared === null ? null : this.run.of(this.state.compared);
  }

  /** @param {string} name */
  valueOf(name) {
    const place = this.whatIf.places.get(name);
    return place === undefined ? NaN : this.values[place];
  }

  /** What stands on the page for a number. @param {string} name */
  textOf(name) {
    const { texts } = this;
    return texts?.numbers.get(name) ?? texts?.lines.get(name)?.result ?? "";
  }

  /** How a number is written. @param {string} name */
  symbolOf(name) {
    const math = this.score.symbols[this.score.names.indexOf(name)];
    return math === undefined ? name : { math };
  }

  /** The number at a place of the page, if it may be changed. @param {Element} node */
  nameAt(node) {
    const named = node.closest(NAMED);
    const name = named?.getAttribute("data-of") ?? named?.getAttribute("href")?.replace(/^.*#/, "") ?? named?.id ?? "";
    return this.whatIf.mayChange(name) ? name : null;
  }

  /** Mark what may be changed, while it may be. @param {boolean} on */
  mayChange(on) {
    for (const node of this.article.querySelectorAll(NAMED)) {
      node.classList.toggle("tr-may-change", on && this.nameAt(node) !== null);
    }
  }

  /** Show a choice. @param {State} state @returns {Said} */
  show(state) {
    const shown = this.whatIf.values(state, this.values);
    this.state = state;
    this.where = shown.where;
    this.trouble = shown.trouble;
    this.texts = this.told(this.values, shown.where, state);
    this.page.put(this.texts.lines, this.texts.numbers);
    const { rows } = this.situation(shown.where, state);
    const typed = [...state.changes.keys()].some((name) => /^[Wb]-/.test(name));
    const changed = { typed, rowChanged: this.isRowChanged(state), trained: state.steps > 0 };
    this.page.say(this.values, this.texts.lines, { ...shown.where, rows, ...changed });
    this.picture();
    this.compare(state);
    this.pictures.mark(shown.where.epoch, this.compared?.epoch ?? null, shown.curve);
    return { ...this.wordsFor(shown), where: shown.where };
  }

  /** Whether the row that is shown has other inputs or targets than in the table. @param {State} state */
  isRowChanged(state) {
    const { row } = this.where;
    const program = this.run.of(state.cycle).row === row ? this.score.program : null;
    const own = (/** @type {string} */ name) => program?.[name.startsWith("x") ? "x" : "y"][row - 1][Number(name.slice(2)) - 1];
    return !!program && [...state.changes].some(([name, value]) => /^[xy]-/.test(name) && value !== own(name));
  }

  /** What a cycle with these numbers says. @param {Float64Array} values @param {Where} where @param {State} state */
  told(values, where, state) {
    const typed = new Set([...state.changes.keys()].map((name) => this.whatIf.places.get(name) ?? -1));
    const situation = { ...this.situation(where, state), typed };
    const { setter } = this.page;
    return { lines: setter.texts(values, situation), numbers: setter.numberTexts(values, typed) };
  }

  /** Its scene, and the rows of its batch. @param {Where} where @param {State} state */
  situation(where, state) {
    if (!this.engine || !state.steps) {
      const cycle = this.run.find(where.epoch, where.row);
      return { scene: this.run.scene(cycle), rows: this.run.of(cycle).rows };
    }
    const rows = this.engine.rows(where).map((row) => row + 1);
    const isLast = rows[rows.length - 1] === where.row;
    return { scene: String(isLast ? rows.length : 0), rows };
  }

  /** What is said of the pictures in words is put there when somebody opens it. */
  opened() {
    this.pictures.look();
    this.picture();
  }

  /** The pictures, and what is said of them. */
  picture() {
    if (!this.texts) return;
    this.pictures.show({ value: (name) => this.valueOf(name), text: (name) => this.textOf(name) });
    if (this.engine) this.decide(this.engine);
  }

  /** @param {Engine} engine */
  decide(engine) {
    const { plane } = this.score.pictures;
    if (!plane) return;
    const ask = engine.asked(this.values);
    const last = engine.updater.network.layers - 1;
    const input = new Float64Array(2);
    this.pictures.decide(
      (first, second) => {
        input[0] = first;
        input[1] = second;
        const { z, a } = ask(input);
        if (plane.weighted) return z[last];
        return plane.exclusive ? a[last] : a[last].map((value) => value - 0.5);
      },
      this.valueOf("x-1"),
      this.valueOf("x-2"),
    );
  }

  /** Mark what differs from the moment that is compared with, or from the run. @param {State} state */
  compare(state) {
    const same = this.run.find(this.where.epoch, this.where.row); // of the run, where it has come so far
    const cycle = state.compared ?? (isRun(state) ? -1 : same);
    if (cycle < 0) {
      this.differences.show(new Map(), "");
      return;
    }
    this.run.values(cycle, this.others);
    const moment = this.run.of(cycle);
    const before = this.told(this.others, moment, START);
    const { epoch, row } = moment;
    const from = state.compared === null ? this.words["run-had"] : said(this.words["then"], { epoch, row });
    this.differences.show(this.different(before), from ?? "");
  }

  /** The lines and numbers whose text is another one. @param {Texts} before */
  different(before) {
    /** @type {Map<string, import("./differences.js").Difference>} */
    const found = new Map();
    const add = (/** @type {string} */ name, /** @type {string | undefined} */ was, /** @type {string} */ is) => {
      if (was === undefined || was === is) return;
      const place = this.whatIf.places.get(name);
      const [now, then] = place === undefined ? [NaN, NaN] : [this.values[place], this.others[place]];
      const { decimals } = this.score;
      found.set(name, { was, is, now: numeral(now, decimals), before: numeral(then, decimals) });
    };
    for (const [name, told] of this.texts?.lines ?? []) add(name, before.lines.get(name)?.result, told.result);
    for (const [name, text] of this.texts?.numbers ?? []) add(name, before.numbers.get(name), text);
    return found;
  }

  /** What the live region says. @param {import("./whatif.js").Shown} shown @returns {{name: string, values: Values}} */
  wordsFor({ where, trouble }) {
    const { steps } = this.state;
    const loss = this.textOf("loss");
    if (trouble) return { name: "diverged", values: { ...trouble, name: this.symbolOf(trouble.name) } };
    if (steps) return { name: "went", values: { ...where, steps, loss } };
    return { name: isRun(this.state) ? "said" : "changed", values: { ...where, loss } };
  }

  /** From where a run with these numbers begins. @param {State} state */
  moment(state) {
    const { where } = this.whatIf.values(state, this.others);
    const trainer = state.steps ? this.whatIf.kept?.trainer : this.engine?.trainer(this.others, where);
    return trainer ? trainer.moment() : {};
  }

  /** What finite differences say of a number's slope. @param {string} name */
  slope(name) {
    const place = this.whatIf.places.get(name);
    if (place === undefined || name === "eta" || !this.engine) return "";
    const { slope, traced } = this.engine.slopeByDifference(this.values, place, this.where);
    if (!Number.isFinite(traced)) return "";
    const text = (/** @type {number} */ value) => numeral(value, PLACES).text;
    return said(this.words["slope"], { slope: text(slope), own: text(traced) });
  }

  /** Train the whole experiment again; the page stays awake. @returns {Promise<{name: string, values: Values} | null>} */
  async prove() {
    if (!this.engine) return null;
    const steps = this.engine.proving(this.run);
    let rest = window.performance.now() + OFTEN;
    for (;;) {
      const { done, value } = steps.next();
      if (done) return this.proved(value);
      if (window.performance.now() < rest) continue;
      await new Promise((resolve) => window.setTimeout(resolve));
      rest = window.performance.now() + OFTEN;
    }
  }

  /** @param {import("./proof.js").Proof} proof */
  proved({ largest, own, first, numbers }) {
    const many = numbers.toLocaleString(document.documentElement.lang || "en");
    if (!largest || !own || !first) return { name: "equal", values: { numbers: many } };
    const at = (/** @type {{cycle: number}} */ { cycle }) => {
      const { epoch, row } = this.run.of(cycle);
      return said(this.words["then"], { epoch, row });
    };
    const size = (/** @type {{apart: number}} */ { apart }) => numeral(apart, 2).text;
    const symbol = (/** @type {{name: string}} */ { name }) => this.symbolOf(name);
    const found = { first: symbol(first), first_at: at(first), name: symbol(largest), largest: size(largest), at: at(largest) };
    const alone = { own_name: symbol(own), own: size(own), own_at: at(own) };
    return { name: "proved", values: { ...found, ...alone, numbers: many } };
  }
}
