// Runs scripts that read standard input and write standard output, one after the other, in one
// process: what they import is read and compiled once. A line is asked, a line is answered.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const read = fs.readFileSync;
const write = process.stdout.write.bind(process.stdout);
let [input, output, count] = ["", "", 0];

fs.readFileSync = (place, ...rest) => (place === 0 ? input : read(place, ...rest));
syncBuiltinESMExports();
process.stdout.write = (text) => (output += text) !== undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const [script, asked] = JSON.parse(line);
  [input, output, count] = [asked, "", count + 1];
  try {
    await import(`${pathToFileURL(script)}?${count}`);
    write(`=${output}\n`);
  } catch (error) {
    write(`!${JSON.stringify(error.stack ?? String(error))}\n`);
  }
}
