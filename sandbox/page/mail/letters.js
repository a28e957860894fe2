// What a mail program knows of mails: who wrote to whom, which belong together, what of a text is quoted from before.
import { world } from "../world.js";
import { readUntil } from "../where.js";
import { mailMoment } from "../text/dates.js";

/** {name, address} of "Carla Gómez <carla@example.com>" or a bare address. */
export function party(written) {
  const text = Array.isArray(written) ? (written[0] ?? "") : (written ?? "");
  const found = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<]*?))\s*<([^<>]*)>/.exec(text);
  if (!found) return { name: text.split(",")[0].trim(), address: text.split(",")[0].trim() };
  const name = (found[1]?.replace(/\\(.)/g, "$1") ?? found[2] ?? "").trim();
  return { name: name || found[3], address: found[3] };
}

export const written = (field) => (Array.isArray(field) ? field.join(", ") : (field ?? ""));

let sorted = { mails: null, boxes: new Map() };

// The mails by mailbox, worked out once for each state of them: with hundreds of mailboxes everybody asks.
function mailsOf(address) {
  if (sorted.mails !== world.mails) {
    sorted = { mails: world.mails, boxes: new Map() };
    for (const mail of world.mails) {
      if (!sorted.boxes.has(mail.mailbox)) sorted.boxes.set(mail.mailbox, []);
      sorted.boxes.get(mail.mailbox).push(mail);
    }
  }
  return sorted.boxes.get(address) ?? [];
}

/** When something last came or went in a mailbox; "" when nothing did. */
export const newestIn = (address) => mailsOf(address).at(-1)?.date ?? "";

/** A mailbox's conversations, the one with the newest mail first: {id, mails, subject, at, unread, refused}. */
export function conversations(address) {
  const groups = new Map();
  for (const mail of mailsOf(address)) {
    if (!groups.has(mail.conversation)) groups.set(mail.conversation, []);
    groups.get(mail.conversation).push(mail);
  }
  return [...groups].map(([id, mails]) => summary(id, mails)).sort((a, b) => (a.at < b.at ? 1 : -1));
}

function summary(id, mails) {
  const received = mails.filter((mail) => mail.direction === "received").length;
  return {
    id,
    mails,
    subject: mails[0].subject.replace(/^(?:(?:re|aw|sv|fwd?|wg)\s*:\s*)+/i, "") || "(no subject)",
    at: mails.at(-1).date,
    last: mails.at(-1),
    refused: mails.at(-1).status === "refused",
    unread: received - Number(readUntil(markOf(mails[0].mailbox, id)) || 0),
  };
}

export const markOf = (address, conversation) => `mail/${address}/${conversation}`;
export const unreadIn = (address) => conversations(address).reduce((sum, one) => sum + Math.max(0, one.unread), 0);

/** Whether anybody has mail they have not read. */
export const newMail = () => world.mailboxes.some((box) => unreadIn(box.address) > 0);

/** Split a text where only quoted lines and their introduction follow: [said, quoted]. */
export function unquoted(text) {
  const lines = text.replace(/\s+$/, "").split("\n");
  let at = lines.length;
  while (at > 0 && (/^\s*>/.test(lines[at - 1]) || !lines[at - 1].trim())) at -= 1;
  if (!lines.slice(at).some((line) => /^\s*>/.test(line))) return [lines.join("\n"), ""];
  const start = at;
  for (let back = 1; back <= 3 && start - back >= 0; back += 1) {
    const line = lines[start - back];
    if (!line.trim()) break;
    if (back === 1 && !/[:：]\s*$/.test(line)) break;
    if (back === 1 || /^(on|am|le|el|il|em|op|den)\b/i.test(line)) at = start - back;
  }
  return [lines.slice(0, at).join("\n").replace(/\s+$/, ""), lines.slice(at).join("\n").replace(/^\n+/, "")];
}

/** What an answer to a mail starts from: to, subject and the two headers that thread it (RFC 5322 section 3.6.4). */
function answerTo(mail) {
  const to = mail.direction === "sent" ? written(mail.to) : written(mail.reply_to) || written(mail.from);
  const known = Array.isArray(mail.references) ? mail.references : ((mail.references ?? "").match(/<[^<>\s]+>/g) ?? []);
  return {
    to,
    subject: /^(re|aw|sv)\s*:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`,
    in_reply_to: mail.message_id,
    references: [...known.filter((id) => id !== mail.message_id), mail.message_id],
  };
}

/** The earlier mail as a mail program quotes it. */
function quoted(mail) {
  return `On ${mailMoment(mail.date)}, ${party(mail.from).name} wrote:\n${mail.text
    .replace(/\s+$/, "")
    .split("\n")
    .map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`))
    .join("\n")}`;
}

/** Plain words as the simple HTML that a mail program sends beside them. */
export function asHtml(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<!doctype html><html><body style="font-family:sans-serif">${escaped
    .split(/\n{2,}/)
    .map((part) => `<p>${part.replaceAll("\n", "<br>")}</p>`)
    .join("")}</body></html>`;
}

/** The newest mail one can answer in a conversation: what the answer starts from and what it would quote. */
export function answerable(one) {
  const mail = one.mails.filter((each) => each.direction === "received").at(-1) ?? one.last;
  return { start: answerTo(mail), quote: quoted(mail) };
}
