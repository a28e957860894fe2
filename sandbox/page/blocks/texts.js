// Block Kit's text objects: plain_text shows what it says, mrkdwn is read.
import { mrkdwn } from "../text/mrkdwn.js";
import { plain } from "../text/inline.js";

export function textOf(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, { verbatim: object.verbatim });
  return plain(object.text, { pictures: object.emoji !== false });
}
