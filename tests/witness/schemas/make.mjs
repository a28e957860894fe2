// Writes slack.json: JSON Schemas made from Slack's own TypeScript types, compact, without descriptions.
import { readFileSync, writeFileSync } from "node:fs";
import { createGenerator } from "ts-json-schema-generator";

const SENT = ["SentBlocks", "SentModal", "SentHome", "SentManifest"];
const RECEIVED = ["ToldEventEnvelope", "ToldEvent", "ToldBlockActions", "ToldSuggestion", "ToldViewSubmission", "ToldViewClosed",
  "ToldShortcut", "ToldMessageAction", "ToldCommand"];
const versions = JSON.parse(readFileSync("package.json", "utf8")).dependencies;

// What the product sends must name nothing that Slack does not know; what Slack sends may say more than its types do.
function definitions(types, additionalProperties) {
  const found = {};
  for (const type of types) {
    const generator = createGenerator({
      path: "roots.ts", tsconfig: "tsconfig.json", type, additionalProperties,
      expose: "all", topRef: true, jsDoc: "none", skipTypeCheck: true, encodeRefs: false,
    });
    Object.assign(found, generator.createSchema(type).definitions);
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const schema = {
  $comment: `made by make.mjs from ${Object.entries(versions).map(([name, version]) => `${name}@${version}`).join(", ")}; the types are MIT-licensed by Slack Technologies, LLC`,
  $schema: "http://json-schema.org/draft-07/schema#",
  sent: { definitions: definitions(SENT, false) },
  received: { definitions: definitions(RECEIVED, true) },
};
writeFileSync("slack.json", `${JSON.stringify(schema)}\n`);
