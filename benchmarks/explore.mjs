// Times opening a run and setting its cycles: the file of a run in, milliseconds out.

import { readFileSync } from "node:fs";
import { LineSetter } from "../templates/assets/explore/lines.js";
import { openRun } from "../templates/assets/explore/run.js";

const { held, cycles } = JSON.parse(readFileSync(0, "utf8"));
const began = performance.now();
const run = await openRun(held);
const setter = new LineSetter(run.score);
const opened = performance.now() - began;

/** What a cycle's lines and numbers say. */
function set(k) {
  const values = run.values(k);
  setter.numberTexts(values);
  return setter.texts(values, { scene: run.scene(k), rows: run.of(k).rows });
}

const times = [];
let printed = 0;
for (let j = 0; j < cycles; j += 1) {
  const start = performance.now();
  const texts = set(Math.floor((j * run.cycles) / cycles));
  times.push(performance.now() - start);
  for (const { parts } of texts.values()) {
    for (const { name, html } of parts) {
      if (name !== "tr-formula") printed += (html.match(/<mn/g) ?? []).length / cycles;
    }
  }
}
times.sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ opened, changed: times[times.length >> 1], printed }));
