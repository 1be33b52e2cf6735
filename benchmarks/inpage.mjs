// Times training, a cycle and a proof in one process of Node: {program, names, cycles, values} in, milliseconds out.

import { readFileSync } from "node:fs";
import { Engine } from "../templates/assets/explore/engine.js";
import { Trainer } from "../templates/assets/explore/trainer.js";

const { program, names, cycles, values, epochs, repeat } = JSON.parse(readFileSync(0, "utf8"));
const opening = performance.now();
const engine = new Engine(program, names);
const opened = performance.now() - opening;
const vectors = values.map((each) => Float64Array.from(each, Number));
const run = {
  cycles: cycles.length,
  of: (k) => ({ epoch: cycles[k][0], row: cycles[k][1], update: cycles[k][2] }),
  values: (k, into) => into.set(vectors[k]),
};

function timed(work) {
  const times = [];
  for (let k = 0; k <= repeat; k += 1) {
    const began = performance.now();
    work();
    times.push(performance.now() - began);
  }
  return times.slice(1).sort((a, b) => a - b)[Math.floor((times.length - 1) / 2)];
}

const vector = vectors[0].slice();
process.stdout.write(
  JSON.stringify({
    opened,
    trained: timed(() => new Trainer(program).train(epochs)),
    changed: timed(() => engine.compute(vector, run.of(0))),
    proved: timed(() => engine.prove(run)),
  }),
);
