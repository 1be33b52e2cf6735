/**
 * The network's pictures at another moment: the numbers at their places, the edges as thick as their weights
 * are large, the units that give 0. As tracer/pictures/network/layout.py.
 */

import { said } from "./words.js";

/** @typedef {{edges: Record<string, string[]>, dead: [string, number, number][], words: string}} Drawn */
/** @typedef {(name: string) => number} Value */
/** @typedef {(name: string) => string} Text */

const THINNEST = 0.8;
const THICKEST = 3.2;
const LETTER = 6.9; // px: a digit of 12 px letters
const BESIDE = 22; // px: the sign, and the air at both sides

const SIGNS = ["tr-pos", "tr-neg", "tr-zero"];

/** @param {number} value */
function signOf(value) {
  return value > 0 ? "tr-pos" : value < 0 ? "tr-neg" : "tr-zero";
}

/** The width of an edge beside the largest of its layer. @param {number} value @param {number} largest */
export function thickness(value, largest) {
  if (!Number.isFinite(value)) return THICKEST;
  const part = largest > 0 && Number.isFinite(largest) ? Math.abs(value) / largest : 0;
  return Math.round((THINNEST + (THICKEST - THINNEST) * part) * 10) / 10;
}

/** One picture of the network. */
export class NetworkPicture {
  /** @param {Element} figure @param {Drawn} drawn @param {string} id */
  constructor(figure, drawn, id) {
    this.drawn = drawn;
    this.svg = /** @type {SVGSVGElement} */ (figure.querySelector("svg"));
    this.desc = figure.querySelector(`[id="${id}-desc"]`);
    this.described = (this.desc?.textContent ?? "").trim();
    /** @type {Map<string, SVGLineElement[]>} */
    this.lines = new Map();
    for (const layer of Object.keys(drawn.edges)) {
      const found = this.svg.querySelectorAll(`.tr-edges-of[data-layer="${layer}"] line.tr-edge`);
      this.lines.set(layer, /** @type {SVGLineElement[]} */ ([...found]));
    }
  }

  /** @param {Value} value @param {Text} text */
  show(value, text) {
    for (const [layer, names] of Object.entries(this.drawn.edges)) this.edges(layer, names, value, text);
    this.dead(value);
  }

  /** @param {string} layer @param {string[]} names @param {Value} value @param {Text} text */
  edges(layer, names, value, text) {
    const values = names.map(value);
    const largest = Math.max(...values.map(Math.abs));
    (this.lines.get(layer) ?? []).forEach((line, k) => {
      line.setAttribute("stroke-width", String(thickness(values[k], largest)));
      line.classList.remove(...SIGNS);
      line.classList.add(signOf(values[k]));
      const title = line.querySelector("title");
      if (title) title.textContent = `${(title.textContent ?? "").replace(/[^ ]*( × 10[^ ]*)?$/, "")}${text(names[k])}`;
    });
  }

  /** @param {Value} value */
  dead(value) {
    const found = this.drawn.dead.filter(([name]) => value(name) === 0);
    const names = new Set(found.map(([, layer, unit]) => `${layer}-${unit}`));
    for (const [, layer, unit] of this.drawn.dead) {
      const nodes = this.svg.querySelectorAll(`.tr-node[data-layer="${layer}"]`);
      nodes[unit - 1]?.classList.toggle("tr-dead", names.has(`${layer}-${unit}`));
    }
    const words = found.map(([, layer, unit]) => said(this.drawn.words, { layer, unit }));
    if (this.desc) this.desc.textContent = [this.described, ...words].join(" ");
  }
}

/**
 * A number in a picture, in the room that its box has: what is too long is set closer.
 * @param {SVGTextElement} node @param {string} text @param {number} value whose sign a number at an edge shows
 */
export function setNumber(node, text, value) {
  if (node.textContent === text) return;
  if (SIGNS.some((sign) => node.classList.contains(sign))) {
    node.classList.remove(...SIGNS);
    node.classList.add(signOf(value));
  }
  node.textContent = text;
  const room = roomOf(node);
  const long = text.length * LETTER > room;
  if (long) node.setAttribute("textLength", String(room));
  else node.removeAttribute("textLength");
  if (long) node.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

/** Between the sign at the left of a number's box and its right side; a number at an edge has all it needs. @param {SVGTextElement} node */
function roomOf(node) {
  const y = Number(node.getAttribute("y"));
  const boxes = node.closest(".tr-node")?.querySelectorAll("rect") ?? [];
  const box = [...boxes].find((each) => {
    const top = Number(each.getAttribute("y"));
    return top <= y && y <= top + Number(each.getAttribute("height"));
  });
  return box ? Number(box.getAttribute("width")) - BESIDE : Infinity;
}
