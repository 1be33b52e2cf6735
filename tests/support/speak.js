// Speaks MathML with speech-rule-engine: a JSON list of elements comes in, a list of sentences goes out.
const engine = require(require.resolve("speech-rule-engine", { paths: [process.argv[2]] }));
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
engine
  .setupEngine({ locale: "en", domain: "clearspeak", modality: "speech" })
  .then(() => console.log(JSON.stringify(given.map((math) => engine.toSpeech(math)))));
