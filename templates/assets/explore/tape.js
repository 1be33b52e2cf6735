/** Runs tapes, the steps that kernels of the catalog take, on float64. As tracer/explore/tapes.py. */

import { erf, erfc, floordiv, pow } from "./ieee.js";
import { exp, log } from "./twofold.js";

/**
 * @typedef {{inputs: number, constants: (number | string)[], steps: (string | number)[][],
 *   results: number[]}} TapeData inputs, constants and steps are registers, in this order
 */

const OPERATIONS = [
  ..."+ - * / neg where == != < <= > >= and or not abs exp expm1 log log1p sqrt pow".split(" "),
  ..."tanh sinh cosh sin cos arctan erf erfc floordiv".split(" "),
];
const WIDTH = 5; // numbers of a step: its operation, up to three registers, and the result's
const { abs, atan, cos, cosh, expm1, log1p, sin, sinh, sqrt, tanh } = Math;

/** An operation on registers. @param {number} operation @param {number} x @param {number} y @param {number} z */
function value(operation, x, y, z) {
  switch (operation) {
    case 0: return x + y;
    case 1: return x - y;
    case 2: return x * y;
    case 3: return x / y;
    case 4: return -x;
    case 5: return x !== 0 ? y : z;
    case 6: return x === y ? 1 : 0;
    case 7: return x !== y ? 1 : 0;
    case 8: return x < y ? 1 : 0;
    case 9: return x <= y ? 1 : 0;
    case 10: return x > y ? 1 : 0;
    case 11: return x >= y ? 1 : 0;
    case 12: return x !== 0 && y !== 0 ? 1 : 0;
    case 13: return x !== 0 || y !== 0 ? 1 : 0;
    case 14: return x !== 0 ? 0 : 1;
    case 15: return abs(x);
    case 16: return exp(x);
    case 17: return expm1(x);
    case 18: return log(x);
    case 19: return log1p(x);
    case 20: return sqrt(x);
    case 21: return pow(x, y);
    case 22: return tanh(x);
    case 23: return sinh(x);
    case 24: return cosh(x);
    case 25: return sin(x);
    case 26: return cos(x);
    case 27: return atan(x);
    case 28: return erf(x);
    case 29: return erfc(x);
    default: return floordiv(x, y);
  }
}

/** A tape with its registers: fill the inputs, run, and read the results. */
export class Tape {
  /** @param {TapeData} data @param {number[]} [uniform] inputs that stay the same for many runs */
  constructor(data, uniform = []) {
    const first = data.inputs + data.constants.length;
    this.registers = new Float64Array(first + data.steps.length);
    this.registers.set(data.constants.map(Number), data.inputs);
    this.results = data.results;
    const same = new Set([...uniform, ...data.constants.map((_, k) => data.inputs + k)]);
    /** @type {number[]} */
    const once = [];
    /** @type {number[]} */
    const each = [];
    data.steps.forEach(([name, ...parts], k) => {
      const operation = OPERATIONS.indexOf(String(name));
      if (operation < 0) throw new Error(`no operation ${name}`);
      const read = parts.map(Number);
      const isSame = read.every((part) => same.has(part));
      if (isSame) same.add(first + k);
      (isSame ? once : each).push(operation, ...[...read, 0, 0].slice(0, 3), first + k);
    });
    this.once = Int32Array.from(once);
    this.each = Int32Array.from(each);
    this.#run(this.once);
  }

  /** Run what depends on uniform inputs alone; then `run` does the rest. */
  begin() {
    this.#run(this.once);
  }

  /** Run all else. */
  run() {
    this.#run(this.each);
  }

  /** @param {Int32Array} code */
  #run(code) {
    const r = this.registers;
    for (let k = 0; k < code.length; k += WIDTH) {
      r[code[k + 4]] = value(code[k], r[code[k + 1]], r[code[k + 2]], r[code[k + 3]]);
    }
  }
}

/** What a tape of single numbers gives. @param {Tape} tape @param {number[]} inputs */
export function called(tape, inputs) {
  tape.registers.set(inputs);
  tape.run();
  return tape.registers[tape.results[0]];
}
