// Times training, a cycle and a proof in one process: a program and the file of its run in, milliseconds out.

import { readFileSync } from "node:fs";
import { Engine } from "../templates/assets/explore/engine.js";
import { openRun } from "../templates/assets/explore/run.js";
import { Trainer } from "../templates/assets/explore/trainer.js";

const { program, held, epochs, repeat } = JSON.parse(readFileSync(0, "utf8"));
const run = await openRun(held);
const { names } = run.score;
const began = performance.now();
const engine = new Engine(program, names);
const opened = performance.now() - began;

/** The median of some times, after one that does not count. */
function timed(work) {
  const times = [];
  for (let k = 0; k <= repeat; k += 1) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  const counted = times.slice(1).sort((a, b) => a - b);
  return counted[Math.floor((counted.length - 1) / 2)];
}

const vector = new Float64Array(names.length);
const changed = timed(() => engine.compute(run.values(0, vector), run.of(0)));
const trained = timed(() => new Trainer(program).train(epochs));
const proved = timed(() => engine.prove(run));
process.stdout.write(JSON.stringify({ opened, changed, trained, proved }));
