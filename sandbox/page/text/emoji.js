// Emoji by Slack's short names: which picture a name means and which names a few letters could mean.
import { EMOJI_NAMES } from "./emoji-names.js";

const pictures = new Map();
const order = [];
for (const entry of EMOJI_NAMES.trim().split(/,\s+/)) {
  const [picture, ...names] = entry.split(" ");
  order.push({ picture, names });
  for (const name of names) if (!pictures.has(name)) pictures.set(name, picture);
}

const TONES = {
  "skin-tone-2": "\u{1F3FB}",
  "skin-tone-3": "\u{1F3FC}",
  "skin-tone-4": "\u{1F3FD}",
  "skin-tone-5": "\u{1F3FE}",
  "skin-tone-6": "\u{1F3FF}",
};

/** The picture of "eyes" or "wave::skin-tone-3"; null for a name nobody knows. */
export function picture(name) {
  const [plain, tone] = name.split("::");
  const found = pictures.get(plain);
  if (!found) return null;
  return tone in TONES ? found.replace("\uFE0F", "") + TONES[tone] : found;
}

/** At most `most` [name, picture] pairs whose name has these letters, names that begin with them first. */
export function emojiLike(letters, most = 48) {
  const wanted = letters.toLowerCase().replaceAll(":", "").trim();
  const begins = [],
    within = [];
  for (const { picture: shown, names } of order) {
    const hit = names.find((name) => name.startsWith(wanted));
    if (hit) begins.push([hit, shown]);
    else if (names.some((name) => name.includes(wanted))) within.push([names[0], shown]);
    if (begins.length >= most) break;
  }
  return [...begins, ...within].slice(0, most);
}

export const OFTEN = [
  "eyes",
  "white_check_mark",
  "+1",
  "heart",
  "raised_hands",
  "tada",
  "rotating_light",
  "lock",
  "globe_with_meridians",
  "pray",
  "thinking_face",
  "joy",
  "slightly_smiling_face",
  "hourglass_flowing_sand",
  "ticket",
  "bell",
];
