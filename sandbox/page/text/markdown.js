// Standard Markdown as Slack's markdown block takes it: headings, lists, code, quotations, tables, rules, emphasis, links.
import { h } from "../dom.js";
import { emoji, link, plain } from "./inline.js";

/** Nodes of a Markdown text; raw HTML in it stays visible text. */
export function markdown(text) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  return blocks(lines, 0);
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const DASHES = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function blocks(lines, depth) {
  const out = [];
  let at = 0;
  const take = (while_) => {
    const from = at;
    while (at < lines.length && while_(lines[at])) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) at += 1;
    else if (FENCE.test(line)) {
      const mark = FENCE.exec(line)[1];
      at += 1;
      out.push(h("pre", { dir: "auto" }, take((l) => !l.trim().startsWith(mark)).join("\n")));
      at += 1;
    } else if (RULE.test(line)) {
      out.push(h("hr"));
      at += 1;
    } else if (HEADING.test(line)) {
      const [, marks, words] = HEADING.exec(line);
      out.push(h(`h${Math.min(marks.length + 2, 6)}`, { class: `md h${marks.length}`, dir: "auto" }, spans(words)));
      at += 1;
    } else if (/^\s{0,3}>/.test(line) && depth < 6) {
      out.push(
        h(
          "blockquote",
          { dir: "auto" },
          blocks(
            take((l) => /^\s{0,3}>/.test(l)).map((l) => l.replace(/^\s{0,3}> ?/, "")),
            depth + 1,
          ),
        ),
      );
    } else if (ITEM.test(line) && depth < 6) {
      out.push(
        list(
          take((l) => ITEM.test(l) || /^\s+\S/.test(l)),
          depth,
        ),
      );
    } else if (line.includes("|") && DASHES.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      out.push(table(take((l) => l.includes("|"))));
    } else {
      const from = at;
      at += 1;
      take(
        (l) => l.trim() && !FENCE.test(l) && !HEADING.test(l) && !RULE.test(l) && !ITEM.test(l) && !/^\s{0,3}>/.test(l),
      );
      out.push(h("p", { dir: "auto" }, spans(lines.slice(from, at).join("\n"))));
    }
  }
  return out;
}

function list(lines, depth) {
  const margin = ITEM.exec(lines[0])[1].length;
  const ordered = /\d/.test(ITEM.exec(lines[0])[2]);
  const items = [];
  for (const line of lines) {
    const found = ITEM.exec(line);
    if (found && found[1].length <= margin + 1) items.push([found[3]]);
    else items.at(-1).push(line.slice(Math.min(margin + 2, /^\s*/.exec(line)[0].length)));
  }
  return h(
    ordered ? "ol" : "ul",
    { start: ordered ? ITEM.exec(lines[0])[2].slice(0, -1) : undefined },
    items.map(([first, ...rest]) => {
      const task = /^\[([ xX])\]\s+(.*)$/.exec(first);
      const box = task && h("input", { type: "checkbox", checked: task[1] !== " ", disabled: true });
      return h(
        "li",
        { dir: "auto", class: task ? "task" : undefined },
        box,
        spans(task ? task[2] : first),
        rest.length ? blocks(rest, depth + 1) : null,
      );
    }),
  );
}

function table(lines) {
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
  const [head, dashes, ...rows] = lines;
  const sides = cells(dashes).map((cell) =>
    cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left",
  );
  const row = (line, tag) =>
    h(
      "tr",
      {},
      cells(line).map((cell, column) => h(tag, { class: sides[column], dir: "auto" }, spans(cell))),
    );
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      {},
      h("thead", {}, row(head, "th")),
      h(
        "tbody",
        {},
        rows.map((line) => row(line, "td")),
      ),
    ),
  );
}

const SPANS = [
  [/^`([^`\n]+)`/, (m) => h("code", {}, m[1])],
  [/^!\[([^\]\n]*)\]\(([^()\s]+)\)/, (m) => link(m[2], m[1] || m[2])],
  [/^\[([^\]\n]+)\]\(([^()\s]+)(?:\s+"[^"\n]*")?\)/, (m) => link(m[2], spans(m[1]))],
  [/^<((?:https?|mailto):[^<>\s]+)>/, (m) => link(m[1])],
  [/^\*\*(?=\S)([\s\S]+?\S?)\*\*/, (m) => h("b", {}, spans(m[1]))],
  [/^__(?=\S)([\s\S]+?\S?)__(?![\p{L}\p{N}])/u, (m) => h("b", {}, spans(m[1]))],
  [/^~~(?=\S)([\s\S]+?)~~/, (m) => h("s", {}, spans(m[1]))],
  [/^\*(?=[^\s*])([^*\n]*[^\s*])\*/, (m) => h("i", {}, spans(m[1]))],
  [/^_(?=[^\s_])([^_\n]*[^\s_])_(?![\p{L}\p{N}])/u, (m) => h("i", {}, spans(m[1]))],
  [/^:([a-z0-9_+'-]+):/, (m) => emoji(m[1])],
  [/^\\([\\`*_{}[\]()#+\-.!|<>~])/, (m) => m[1]],
];
const OPENERS = /[`![<*_~:\\]/;

function spans(text) {
  const out = [];
  let loose = "";
  for (let at = 0; at < text.length;) {
    const rest = OPENERS.test(text[at]) ? text.slice(at) : "";
    const after = /[\p{L}\p{N}]/u.test(text[at - 1] ?? "");
    const hit = rest && SPANS.find(([pattern]) => pattern.test(rest) && !(after && text[at] === "_"));
    if (hit) {
      if (loose) out.push(...plain(loose, { links: true }));
      loose = "";
      const found = hit[0].exec(rest);
      out.push(hit[1](found));
      at += found[0].length;
    } else {
      loose += text[at];
      at += 1;
    }
  }
  if (loose) out.push(...plain(loose, { links: true }));
  return out;
}
