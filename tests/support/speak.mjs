// Speaks MathML with speech-rule-engine: a JSON list of elements comes in, a list of sentences goes out.
import { readFileSync } from "node:fs";
import engine from "speech-rule-engine";

const given = JSON.parse(readFileSync(0, "utf8"));
await engine.setupEngine({ locale: "en", domain: "clearspeak", modality: "speech" });
console.log(JSON.stringify(given.map((math) => engine.toSpeech(math))));
